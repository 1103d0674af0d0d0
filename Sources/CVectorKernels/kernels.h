// The table of functions that each instruction set fills; private to this target.
#pragma once

#include "vector_kernels.h"

struct vk_kernels {
    const char *name;
    void (*convolve)(const vk_convolution *, int row_begin, int row_end, int panel_begin, int panel_end);
    void (*convolve_depthwise)(const vk_depthwise *, int row_begin, int row_end);
    void (*winograd_convolve)(const vk_winograd *, int tile_begin, int tile_end, void *scratch);
    void (*max_pool_forward)(const vk_max_pool *, int row_begin, int row_end);
    void (*max_pool_backward)(const vk_max_pool *, int row_begin, int row_end);
    void (*average_pool_forward)(const vk_average_pool *, int row_begin, int row_end);
    void (*average_pool_backward)(const vk_average_pool *, int row_begin, int row_end);
    void (*apply_epilogue)(const float *sums, ptrdiff_t sum_pixel, void *output, ptrdiff_t output_pixel, int width,
                           int channels, const vk_epilogue *);
    void (*channel_sums)(const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
    void (*channel_squares)(const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
    void (*moments)(const float *values, size_t count, double *sum, double *sum_of_squares);
    void (*weighted_sum)(const float *const *lines, const float *weights, int line_count, float *output, size_t count);
    void (*ascend)(float *x, const float *g, float scale, float low, float high, size_t count);
};

#if defined(__x86_64__)
extern const vk_kernels vk_kernels_avx512, vk_kernels_avx512_bf16, vk_kernels_avx2;
#elif defined(__aarch64__)
extern const vk_kernels vk_kernels_neon, vk_kernels_neon_bf16;
#endif
extern const vk_kernels vk_kernels_generic;
