// The public functions: they choose a table and call its functions.
#include "kernels.h"

#include <string.h>
#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
// Whether this CPU and the operating system support the features that a table's kernels are compiled for.
static int runs_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
}
static int runs_avx512_bf16(void) { return runs_avx512() && __builtin_cpu_supports("avx512bf16"); }
static int runs_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#elif defined(__aarch64__) && defined(__linux__)
static int runs_neon_bf16(void) { return (getauxval(AT_HWCAP2) & HWCAP2_BF16) != 0; }
#elif defined(__aarch64__)
static int runs_neon_bf16(void) { return 0; }
#endif

// The `index`-th table of this CPU, the fastest first; NULL at the end.
static const vk_kernels *available(size_t index) {
    const vk_kernels *tables[4] = {0};
    size_t count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (runs_avx512()) tables[count++] = &vk_kernels_avx512;
    if (runs_avx2()) tables[count++] = &vk_kernels_avx2;
#elif defined(__aarch64__)
    tables[count++] = &vk_kernels_neon;
#endif
    tables[count++] = &vk_kernels_generic;
    return index < count ? tables[index] : NULL;
}

const vk_kernels *vk_select(const char *name) {
    for (size_t index = 0;; index++) {
        const vk_kernels *kernels = available(index);
        if (!kernels || !name || strcmp(kernels->name, name) == 0) return kernels;
    }
}

const vk_kernels *vk_reduced(const vk_kernels *kernels) {
#if defined(__x86_64__)
    if (kernels == &vk_kernels_avx512 && runs_avx512_bf16()) return &vk_kernels_avx512_bf16;
#elif defined(__aarch64__)
    if (kernels == &vk_kernels_neon && runs_neon_bf16()) return &vk_kernels_neon_bf16;
#else
    (void)kernels;
#endif
    return NULL;
}

const char *vk_name(const vk_kernels *kernels) { return kernels->name; }

void vk_convolve(const vk_kernels *kernels, const vk_convolution *convolution, int row_begin, int row_end,
                 int panel_begin, int panel_end) {
    kernels->convolve(convolution, row_begin, row_end, panel_begin, panel_end);
}

void vk_convolve_depthwise(const vk_kernels *kernels, const vk_depthwise *convolution, int row_begin, int row_end) {
    kernels->convolve_depthwise(convolution, row_begin, row_end);
}

void vk_winograd_convolve(const vk_kernels *kernels, const vk_winograd *convolution, int tile_begin, int tile_end,
                          void *scratch) {
    kernels->winograd_convolve(convolution, tile_begin, tile_end, scratch);
}

void vk_max_pool_forward(const vk_kernels *kernels, const vk_max_pool *pool, int row_begin, int row_end) {
    kernels->max_pool_forward(pool, row_begin, row_end);
}

void vk_max_pool_backward(const vk_kernels *kernels, const vk_max_pool *pool, int row_begin, int row_end) {
    kernels->max_pool_backward(pool, row_begin, row_end);
}

void vk_average_pool_forward(const vk_kernels *kernels, const vk_average_pool *pool, int row_begin, int row_end) {
    kernels->average_pool_forward(pool, row_begin, row_end);
}

void vk_average_pool_backward(const vk_kernels *kernels, const vk_average_pool *pool, int row_begin, int row_end) {
    kernels->average_pool_backward(pool, row_begin, row_end);
}

void vk_apply_epilogue(const vk_kernels *kernels, const float *sums, ptrdiff_t sum_pixel, void *output,
                       ptrdiff_t output_pixel, int width, int channels, const vk_epilogue *row_epilogue) {
    kernels->apply_epilogue(sums, sum_pixel, output, output_pixel, width, channels, row_epilogue);
}

void vk_channel_sums(const vk_kernels *kernels, const void *row, ptrdiff_t pixel, int width, int channels,
                     double *sums) {
    kernels->channel_sums(row, pixel, width, channels, sums);
}

void vk_channel_squares(const vk_kernels *kernels, const void *row, ptrdiff_t pixel, int width, int channels,
                        double *sums) {
    kernels->channel_squares(row, pixel, width, channels, sums);
}

void vk_moments(const vk_kernels *kernels, const float *values, size_t count, double *sum, double *sum_of_squares) {
    kernels->moments(values, count, sum, sum_of_squares);
}

void vk_weighted_sum(const vk_kernels *kernels, const float *const *lines, const float *weights, int line_count,
                     float *output, size_t count) {
    kernels->weighted_sum(lines, weights, line_count, output, count);
}

void vk_ascend(const vk_kernels *kernels, float *x, const float *g, float scale, float low, float high, size_t count) {
    kernels->ascend(x, g, scale, low, high, count);
}
