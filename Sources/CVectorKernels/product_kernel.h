// The product at the bottom of every convolution: a few pixels times one or two panels of weights, all sums in
// registers. The including file sets VK_PIXELS and VK_PANELS, the largest such block that its registers hold.
#pragma once

#include "elements.h"

// What is multiplied: floats, or pairs of bfloat16, which take the place of floats. An `input` below is one of either.
typedef enum { of_floats, of_pairs } factor_kind;

typedef struct {
    const ptrdiff_t *tap_offsets; // elements from a pixel to its inputs; every `tap_step`-th is used
    int taps, tap_step, inputs;
    const float *weights;   // [panel][tap][input][VK_PANEL]
    ptrdiff_t panel_length; // floats from one panel to the next
} product;

enum { panel_vectors = VK_PANEL / VK_LANES };

VK_INLINE ptrdiff_t factor_bytes(const factor_kind kind) { return kind == of_pairs ? sizeof(uint16_t) : sizeof(float); }

VK_INLINE vector add_products(const factor_kind kind, vector sum, vector input, vector weight) {
#ifdef VK_BFLOAT16
    if (kind == of_pairs) return add_pair_products(sum, input, weight);
#endif
    return input * weight + sum;
}

// For floats: sums[p * sum_pixel + o] = sum over taps t and inputs i of
//                                       pixels[p][tap_offsets[t * tap_step] + i] * weights[t][i][o].
// The first three arguments are constants at every call, so that the loops over them vanish.
VK_INLINE void multiply_block(const factor_kind kind, const int panel_count, const int pixel_count,
                              const product *product, const void *const *pixels, float *sums, ptrdiff_t sum_pixel) {
    vector sum[VK_PIXELS][VK_PANELS * panel_vectors];
    VK_UNROLL for (int p = 0; p < pixel_count; p++)
        VK_UNROLL for (int v = 0; v < panel_count * panel_vectors; v++) sum[p][v] = 0;

    const float *weights = product->weights;
    const ptrdiff_t panel_length = product->panel_length, inputs = product->inputs;
    for (int tap = 0; tap < product->taps; tap++) {
        const ptrdiff_t offset = product->tap_offsets[tap * product->tap_step] * factor_bytes(kind);
        const float *pixel[VK_PIXELS];
        VK_UNROLL for (int p = 0; p < pixel_count; p++)
            pixel[p] = (const float *)((const char *)pixels[p] + offset);

#pragma clang loop unroll_count(2)
        for (ptrdiff_t input = 0; input < inputs; input++) {
            vector weight[VK_PANELS * panel_vectors];
            VK_UNROLL for (int v = 0; v < panel_count * panel_vectors; v++)
                weight[v] = load(weights + v / panel_vectors * panel_length + v % panel_vectors * VK_LANES);
            weights += VK_PANEL;
            VK_UNROLL for (int p = 0; p < pixel_count; p++) {
                const vector value = pixel[p][input];
                VK_UNROLL for (int v = 0; v < panel_count * panel_vectors; v++)
                    sum[p][v] = add_products(kind, sum[p][v], value, weight[v]);
            }
        }
    }

    VK_UNROLL for (int p = 0; p < pixel_count; p++)
        VK_UNROLL for (int v = 0; v < panel_count * panel_vectors; v++)
            store(sums + p * sum_pixel + v * VK_LANES, sum[p][v]);
}

// One function for each size of block: 1 ... VK_PANELS panels, 1 ... VK_PIXELS pixels.
#define VK_TO_3_PIXELS(X, panels) X(panels, 1) X(panels, 2) X(panels, 3)
#define VK_TO_6_PIXELS(X, panels) VK_TO_3_PIXELS(X, panels) X(panels, 4) X(panels, 5) X(panels, 6)
#define VK_TO_12_PIXELS(X, panels)                                                                                    \
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

typedef void multiply_function(const product *, const void *const *inputs, float *sums, ptrdiff_t sum_pixel);

#define VK_BLOCK(kind, panels, pixels)                                                                                \
    static void multiply_##kind##_##panels##x##pixels(const product *product, const void *const *inputs, float *sums,  \
                                                      ptrdiff_t sum_pixel) {                                          \
        multiply_block(kind, panels, pixels, product, inputs, sums, sum_pixel);                                       \
    }
#define VK_BLOCK_ENTRY(kind, panels, pixels) [panels - 1][pixels - 1] = multiply_##kind##_##panels##x##pixels,

#define VK_FLOAT_BLOCK(panels, pixels) VK_BLOCK(of_floats, panels, pixels)
#define VK_FLOAT_ENTRY(panels, pixels) VK_BLOCK_ENTRY(of_floats, panels, pixels)
VK_EACH_BLOCK(VK_FLOAT_BLOCK)
static multiply_function *const multiply_floats[VK_PANELS][VK_PIXELS] = {VK_EACH_BLOCK(VK_FLOAT_ENTRY)};

#ifdef VK_BFLOAT16
#define VK_PAIR_BLOCK(panels, pixels) VK_BLOCK(of_pairs, panels, pixels)
#define VK_PAIR_ENTRY(panels, pixels) VK_BLOCK_ENTRY(of_pairs, panels, pixels)
VK_EACH_BLOCK(VK_PAIR_BLOCK)
static multiply_function *const multiply_pairs[VK_PANELS][VK_PIXELS] = {VK_EACH_BLOCK(VK_PAIR_ENTRY)};
#endif

VK_INLINE void multiply(const factor_kind kind, const product *product, int panels, int pixels,
                        const void *const *inputs, float *sums, ptrdiff_t sum_pixel) {
#ifdef VK_BFLOAT16
    if (kind == of_pairs) {
        multiply_pairs[panels - 1][pixels - 1](product, inputs, sums, sum_pixel);
        return;
    }
#endif
    multiply_floats[panels - 1][pixels - 1](product, inputs, sums, sum_pixel);
}

// `count` pixels are divided into the fewest groups of at most VK_PIXELS, as even as possible: a small block wastes
// part of the units that a large one fills.
VK_INLINE int group_count(int count) { return (count + VK_PIXELS - 1) / VK_PIXELS; }
VK_INLINE int group_size(int count, int groups, int group) { return count / groups + (group < count % groups); }
