// The Cook-Toom transforms of inputs and outputs (see cook_toom.h), each lane a channel.
#pragma once

#include "cook_toom.h"
#include "elements.h"

// `size` and `tile` are constants at every call, so that all loops over points vanish.

// The transform of an even size: 0, the pairs, infinity.
VK_INLINE void transform_even_inputs(const int size, const vk_cook_toom *points, const vector *input,
                                     vector *transformed) {
    const int pairs = size / 2 - 1;
    vector zero = input[2 * pairs], infinity = input[2 * pairs + 1];
    VK_UNROLL for (int power = 0; power < pairs; power++) {
        zero += points->all[power] * input[2 * power];
        infinity += points->all[power] * input[2 * power + 1];
    }
    transformed[0] = zero;
    transformed[size - 1] = infinity;
    VK_UNROLL for (int pair = 0; pair < pairs; pair++) {
        vector even = input[2 * pairs], odd = input[2 * pairs - 1];
        VK_UNROLL for (int power = 0; power < pairs - 1; power++) {
            even += points->without[pair][power] * input[2 * power + 2];
            odd += points->without[pair][power] * input[2 * power + 1];
        }
        transformed[2 * pair + 1] = even + points->pair[pair] * odd;
        transformed[2 * pair + 2] = even - points->pair[pair] * odd;
    }
}

// An odd size has a point s more: all other polynomials have a factor x - s more.
VK_INLINE void transform_inputs(const int size, const vk_cook_toom *points, const vector *input,
                                vector *transformed) {
    if (size == 1) {
        transformed[0] = input[0];
    } else if (size % 2 == 0) {
        transform_even_inputs(size, points, input, transformed);
    } else {
        const int pairs = (size - 1) / 2 - 1;
        vector difference[largest_size], single = input[2 * pairs + 1];
        VK_UNROLL for (int index = 0; index < size - 1; index++)
            difference[index] = input[index + 1] - points->single * input[index];
        VK_UNROLL for (int power = 0; power < pairs; power++)
            single += points->all[power] * input[2 * power + 1];
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
    vector sum[most_pairs], difference[most_pairs]; // of the two products of a pair: its even and odd powers
    VK_UNROLL for (int pair = 0; pair < pairs; pair++) {
        sum[pair] = product[2 * pair + 1] + product[2 * pair + 2];
        difference[pair] = product[2 * pair + 1] - product[2 * pair + 2];
    }
    VK_UNROLL for (int index = 0; index < tile; index++) {
        vector value = 0;
        if (index == 0) value = product[0];
        if (index == tile - 1) value = index == 0 ? value + product[infinity] : product[infinity];
        VK_UNROLL for (int pair = 0; pair < pairs; pair++)
            value += points->pair_power[pair][index] * (index % 2 == 0 ? sum[pair] : difference[pair]);
        if (size % 2 == 1) value += points->single_power[index] * product[size - 1];
        output[index] = value;
    }
}

// A transform of `lines` lines; distances between the values of a line and between lines.
typedef void transform_lines(const vk_cook_toom *points, const float *from, ptrdiff_t from_element,
                             ptrdiff_t from_line, float *to, ptrdiff_t to_element, ptrdiff_t to_line, int lines);

#define VK_TRANSFORM(tile, kernel)                                                                                    \
    static void transform_elements_##tile##_##kernel(const vk_cook_toom *points, const element *from,                 \
                                                     ptrdiff_t from_element, ptrdiff_t from_line, float *to,          \
                                                     ptrdiff_t to_element, ptrdiff_t to_line, int lines) {            \
        enum { size = tile + kernel - 1 };                                                                            \
        for (; lines > 0; lines--, from += from_line, to += to_line) {                                                \
            vector input[size], transformed[size];                                                                    \
            VK_UNROLL for (int index = 0; index < size; index++)                                                      \
                input[index] = load_elements(from + index * from_element, VK_LANES);                                  \
            transform_inputs(size, points, input, transformed);                                                       \
            VK_UNROLL for (int index = 0; index < size; index++) store(to + index * to_element, transformed[index]);  \
        }                                                                                                             \
    }                                                                                                                 \
    static void transform_inputs_##tile##_##kernel(const vk_cook_toom *points, const float *from,                     \
                                                   ptrdiff_t from_element, ptrdiff_t from_line, float *to,            \
                                                   ptrdiff_t to_element, ptrdiff_t to_line, int lines) {              \
        enum { size = tile + kernel - 1 };                                                                            \
        for (; lines > 0; lines--, from += from_line, to += to_line) {                                                \
            vector input[size], transformed[size];                                                                    \
            VK_UNROLL for (int index = 0; index < size; index++) input[index] = load(from + index * from_element);    \
            transform_inputs(size, points, input, transformed);                                                       \
            VK_UNROLL for (int index = 0; index < size; index++) store(to + index * to_element, transformed[index]);  \
        }                                                                                                             \
    }                                                                                                                 \
    static void transform_outputs_##tile##_##kernel(const vk_cook_toom *points, const float *from,                    \
                                                    ptrdiff_t from_element, ptrdiff_t from_line, float *to,           \
                                                    ptrdiff_t to_element, ptrdiff_t to_line, int lines) {             \
        enum { size = tile + kernel - 1 };                                                                            \
        for (; lines > 0; lines--, from += from_line, to += to_line) {                                                \
            vector product[size], output[tile];                                                                       \
            VK_UNROLL for (int index = 0; index < size; index++) product[index] = load(from + index * from_element);  \
            transform_outputs(tile, size, points, product, output);                                                   \
            VK_UNROLL for (int index = 0; index < tile; index++) store(to + index * to_element, output[index]);       \
        }                                                                                                             \
    }
VK_EACH_TRANSFORM(VK_TRANSFORM)

// The same from the elements of a tensor.
typedef void transform_element_lines(const vk_cook_toom *points, const element *from, ptrdiff_t from_element,
                                     ptrdiff_t from_line, float *to, ptrdiff_t to_element, ptrdiff_t to_line,
                                     int lines);

typedef struct {
    transform_element_lines *elements;
    transform_lines *inputs, *outputs;
} transform_set;

static const transform_set transforms[largest_tile + 1][largest_kernel + 1] = {
#define VK_ENTRY(tile, kernel)                                                                                        \
    [tile][kernel] = {transform_elements_##tile##_##kernel, transform_inputs_##tile##_##kernel,                       \
                      transform_outputs_##tile##_##kernel},
    VK_EACH_TRANSFORM(VK_ENTRY)
#undef VK_ENTRY
};
