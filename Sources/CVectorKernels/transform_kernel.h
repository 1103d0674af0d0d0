// The Cook-Toom transforms of inputs and outputs (see cook_toom.h), with a channel in each lane.
#pragma once

#include "cook_toom.h"
#include "epilogue_kernel.h"

// `size` and `tile` are constants at every call, so all loops over points are unrolled.

// Transforms inputs of an even size, whose points are 0, the pairs and infinity.
VK_INLINE void transform_even_inputs(const int size, const vk_cook_toom *points, const vector *input,
                                     vector *transformed) {
    const int pairs = size / 2 - 1;
    vector zero = input[2 * pairs], infinity = input[2 * pairs + 1];
    VK_UNROLLED(power, pairs) {
        zero += points->all[power] * input[2 * power];
        infinity += points->all[power] * input[2 * power + 1];
    }
    transformed[0] = zero;
    transformed[size - 1] = infinity;
    VK_UNROLLED(pair, pairs) {
        vector even = input[2 * pairs], odd = input[2 * pairs - 1];
        VK_UNROLLED(power, pairs - 1) {
            even += points->without[pair][power] * input[2 * power + 2];
            odd += points->without[pair][power] * input[2 * power + 1];
        }
        transformed[2 * pair + 1] = even + points->pair[pair] * odd;
        transformed[2 * pair + 2] = even - points->pair[pair] * odd;
    }
}

// An odd size has one point more, s, so the polynomials of all other points have one factor more, x - s.
VK_INLINE void transform_inputs(const int size, const vk_cook_toom *points, const vector *input, vector *transformed) {
    if (size == 1) {
        transformed[0] = input[0];
    } else if (size % 2 == 0) {
        transform_even_inputs(size, points, input, transformed);
    } else {
        const int pairs = (size - 1) / 2 - 1;
        vector difference[largest_size], single = input[2 * pairs + 1];
        VK_UNROLLED(index, size - 1) difference[index] = input[index + 1] - points->single * input[index];
        VK_UNROLLED(power, pairs) single += points->all[power] * input[2 * power + 1];
        transform_even_inputs(size - 1, points, difference, transformed);
        transformed[size - 1] = single;
    }
}

VK_INLINE void transform_outputs(const int tile, const int size, const vk_cook_toom *points, const vector *product,
                                 vector *output) {
    if (size == 1) {
        output[0] = product[0];
        return;
    }
    const int pairs = (size - size % 2) / 2 - 1, infinity = 2 * pairs + 1;
    vector sum[most_pairs], difference[most_pairs]; // of a pair's two products, for even and for odd powers
    VK_UNROLLED(pair, pairs) {
        sum[pair] = product[2 * pair + 1] + product[2 * pair + 2];
        difference[pair] = product[2 * pair + 1] - product[2 * pair + 2];
    }
    VK_UNROLLED(index, tile) {
        vector value = 0;
        if (index == 0) value = product[0];
        if (index == tile - 1) value = index == 0 ? value + product[infinity] : product[infinity];
        VK_UNROLLED(pair, pairs)
            value += points->pair_power[pair][index] * (index % 2 == 0 ? sum[pair] : difference[pair]);
        if (size % 2 == 1) value += points->single_power[index] * product[size - 1];
        output[index] = value;
    }
}

// Where a transform reads its values, and where it writes them; distances are counted in values of the given kind.
typedef struct {
    const void *values;
    tensor_kind kind;
    ptrdiff_t element, line; // between the values of a line, and between lines
} transform_source;
typedef struct {
    void *values;
    tensor_kind kind;
    ptrdiff_t element, line;
} transform_target;

VK_INLINE void load_line(const transform_source *from, int line, const int size, vector *values) {
    const ptrdiff_t first = line * from->line;
    if (from->kind == holds_floats)
        VK_UNROLLED(index, size) values[index] = load((const float *)from->values + first + index * from->element);
    else
        VK_UNROLLED(index, size)
            values[index] = load_elements((const element *)from->values + first + index * from->element, VK_LANES);
}
VK_INLINE void store_line(const transform_target *to, int line, const int size, const vector *values) {
    const ptrdiff_t first = line * to->line;
    if (to->kind == holds_floats)
        VK_UNROLLED(index, size) store((float *)to->values + first + index * to->element, values[index]);
    else
        VK_UNROLLED(index, size)
            store_elements((element *)to->values + first + index * to->element, values[index], VK_LANES);
}

typedef void transform_lines(const vk_cook_toom *points, const transform_source *, const transform_target *, int lines);

#define VK_TRANSFORM(tile, kernel)                                                                                     \
    static void transform_inputs_##tile##_##kernel(const vk_cook_toom *points, const transform_source *from,           \
                                                   const transform_target *to, int lines) {                            \
        enum { size = tile + kernel - 1 };                                                                             \
        for (int line = 0; line < lines; line++) {                                                                     \
            vector input[size], transformed[size];                                                                     \
            load_line(from, line, size, input);                                                                        \
            transform_inputs(size, points, input, transformed);                                                        \
            store_line(to, line, size, transformed);                                                                   \
        }                                                                                                              \
    }                                                                                                                  \
    static void transform_outputs_##tile##_##kernel(const vk_cook_toom *points, const transform_source *from,          \
                                                    const transform_target *to, int lines) {                           \
        enum { size = tile + kernel - 1 };                                                                             \
        for (int line = 0; line < lines; line++) {                                                                     \
            vector product[size], output[tile];                                                                        \
            load_line(from, line, size, product);                                                                      \
            transform_outputs(tile, size, points, product, output);                                                    \
            store_line(to, line, tile, output);                                                                        \
        }                                                                                                              \
    }
VK_EACH_TRANSFORM(VK_TRANSFORM)

typedef struct {
    transform_lines *inputs, *outputs;
} transform_pair;

static const transform_pair transforms[largest_tile + 1][largest_kernel + 1] = {
#define VK_ENTRY(tile, kernel)                                                                                         \
    [tile][kernel] = {transform_inputs_##tile##_##kernel, transform_outputs_##tile##_##kernel},
    VK_EACH_TRANSFORM(VK_ENTRY)
#undef VK_ENTRY
};
