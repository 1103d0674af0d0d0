// The innermost product of every convolution: a few pixels times one or two panels of weights, with all sums in
// registers. The including file defines VK_PIXELS and VK_PANELS: the largest block whose sums fit into the registers.
#pragma once

#include "epilogue_kernel.h"

// Factors are floats or, in their place, pairs of bfloat16; then an `input` below is a pair.
typedef struct {
    const ptrdiff_t *tap_offsets; // elements from a pixel to each tap's inputs; every `tap_step`-th is used
    int taps, tap_step, inputs;
    const float *weights;   // [panel][tap][input][VK_PANEL]
    ptrdiff_t panel_length; // floats from one panel to the next
} product;

enum { panel_vectors = VK_PANEL / VK_LANES };

VK_INLINE int elements_of_factor(const tensor_kind kind) {
    return (int)((ptrdiff_t)sizeof(float) / element_bytes(kind));
}

VK_INLINE vector add_products(const tensor_kind kind, vector sum, vector input, vector weight) {
#ifdef VK_BFLOAT16
    if (kind == holds_elements) return add_pair_products(sum, input, weight);
#else
    (void)kind;
#endif
    return input * weight + sum;
}

// Where the sums of a block go: to `sums`, or through an epilogue into pixels whose channels fill the panels.
typedef struct {
    float *sums; // or NULL
    ptrdiff_t sum_pixel;
    const vk_epilogue *epilogue;
    int channel; // the first panel's
    int writes_floats;
    void *const *outputs; // channel 0 of each pixel
    const ptrdiff_t *sign_offsets;
} product_target;

VK_INLINE void finish_column_of(const product_target *target, int channel, const int pixels, vector *values) {
#ifdef VK_BFLOAT16
    if (!target->writes_floats) {
        finish_column(target->epilogue, channel, pixels, values, target->outputs, holds_elements, target->sign_offsets);
        return;
    }
#endif
    finish_column(target->epilogue, channel, pixels, values, target->outputs, holds_floats, target->sign_offsets);
}

// For floats: sums[p * sum_pixel + o] = sum over taps t and inputs i of
//                                       pixels[p][tap_offsets[t * tap_step] + i] * weights[t][i][o].
// The first three arguments are constants at every call, so the loops over panels and pixels are unrolled.
VK_INLINE void multiply_block(const tensor_kind kind, const int panel_count, const int pixel_count,
                              const product *product, const void *const *pixels, const product_target *target) {
    vector sum[VK_PANELS * panel_vectors][VK_PIXELS];
    VK_UNROLLED(v, panel_count * panel_vectors)
        VK_UNROLLED(p, pixel_count) sum[v][p] = 0;

    const float *weights = product->weights;
    const ptrdiff_t panel_length = product->panel_length, inputs = product->inputs;
    for (int tap = 0; tap < product->taps; tap++) {
        const ptrdiff_t offset = product->tap_offsets[tap * product->tap_step] * element_bytes(kind);
        const float *pixel[VK_PIXELS];
        VK_UNROLLED(p, pixel_count) pixel[p] = (const float *)((const char *)pixels[p] + offset);

#pragma clang loop unroll_count(2)
        for (ptrdiff_t input = 0; input < inputs; input++) {
            vector weight[VK_PANELS * panel_vectors];
            VK_UNROLLED(v, panel_count * panel_vectors)
                weight[v] = load(weights + v / panel_vectors * panel_length + v % panel_vectors * VK_LANES);
            weights += VK_PANEL;
            VK_UNROLLED(p, pixel_count) {
                const vector value = pixel[p][input];
                VK_UNROLLED(v, panel_count * panel_vectors) sum[v][p] = add_products(kind, sum[v][p], value, weight[v]);
            }
        }
    }

    if (target->sums) {
        VK_UNROLLED(p, pixel_count)
            VK_UNROLLED(v, panel_count * panel_vectors)
                store(target->sums + p * target->sum_pixel + v * VK_LANES, sum[v][p]);
    } else {
        VK_UNROLLED(v, panel_count * panel_vectors)
            finish_column_of(target, target->channel + v * VK_LANES, pixel_count, sum[v]);
    }
}

// One function for each size of block: 1 ... VK_PANELS panels, 1 ... VK_PIXELS pixels.
#define VK_TO_3_PIXELS(X, panels) X(panels, 1) X(panels, 2) X(panels, 3)
#define VK_TO_6_PIXELS(X, panels) VK_TO_3_PIXELS(X, panels) X(panels, 4) X(panels, 5) X(panels, 6)
#define VK_TO_12_PIXELS(X, panels)                                                                                     \
    VK_TO_6_PIXELS(X, panels) X(panels, 7) X(panels, 8) X(panels, 9) X(panels, 10) X(panels, 11) X(panels, 12)
#if VK_PIXELS == 3
#define VK_EACH_SIZE VK_TO_3_PIXELS
#elif VK_PIXELS == 6
#define VK_EACH_SIZE VK_TO_6_PIXELS
#elif VK_PIXELS == 12
#define VK_EACH_SIZE VK_TO_12_PIXELS
#endif
#if VK_PANELS == 1
#define VK_EACH_BLOCK(X) VK_EACH_SIZE(X, 1)
#elif VK_PANELS == 2
#define VK_EACH_BLOCK(X) VK_EACH_SIZE(X, 1) VK_EACH_SIZE(X, 2)
#endif

typedef void multiply_function(const product *, const void *const *inputs, const product_target *);

#define VK_BLOCK(kind, panels, pixels)                                                                                 \
    static void multiply_##kind##_##panels##x##pixels(const product *product, const void *const *inputs,               \
                                                      const product_target *target) {                                  \
        multiply_block(kind, panels, pixels, product, inputs, target);                                                 \
    }
#define VK_BLOCK_ENTRY(kind, panels, pixels) [panels - 1][pixels - 1] = multiply_##kind##_##panels##x##pixels,

#define VK_FLOAT_BLOCK(panels, pixels) VK_BLOCK(holds_floats, panels, pixels)
#define VK_FLOAT_ENTRY(panels, pixels) VK_BLOCK_ENTRY(holds_floats, panels, pixels)
VK_EACH_BLOCK(VK_FLOAT_BLOCK)
static multiply_function *const multiply_floats[VK_PANELS][VK_PIXELS] = {VK_EACH_BLOCK(VK_FLOAT_ENTRY)};

#ifdef VK_BFLOAT16
#define VK_ELEMENT_BLOCK(panels, pixels) VK_BLOCK(holds_elements, panels, pixels)
#define VK_ELEMENT_ENTRY(panels, pixels) VK_BLOCK_ENTRY(holds_elements, panels, pixels)
VK_EACH_BLOCK(VK_ELEMENT_BLOCK)
static multiply_function *const multiply_elements[VK_PANELS][VK_PIXELS] = {VK_EACH_BLOCK(VK_ELEMENT_ENTRY)};
#else
#define multiply_elements multiply_floats
#endif

VK_INLINE void multiply(const tensor_kind kind, const product *product, int panels, int pixels,
                        const void *const *inputs, const product_target *target) {
    multiply_function *const *const functions =
        (kind == holds_elements ? multiply_elements : multiply_floats)[panels - 1];
    functions[pixels - 1](product, inputs, target);
}

// Divides `count` pixels into the fewest groups of at most VK_PIXELS, as even as possible, because a small group leaves
// part of the CPU's units idle.
VK_INLINE int group_count(int count) { return (count + VK_PIXELS - 1) / VK_PIXELS; }
VK_INLINE int group_size(int count, int groups, int group) { return count / groups + (group < count % groups); }
