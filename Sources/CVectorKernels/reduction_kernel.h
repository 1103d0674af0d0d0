// Sums in double precision, weighted sums of lines, and the step of gradient ascent. In every table, element i of a
// vector is added to partial sum i % 8, so that all tables give the same bits. (The square of a float is exact in
// double precision.)
#pragma once

#include "elements.h"

enum { partial_sums = 8 };
typedef double partials __attribute__((ext_vector_type(8)));
typedef float octet_floats __attribute__((ext_vector_type(8)));
typedef octet_floats unaligned_octet_floats __attribute__((aligned(4), may_alias));

VK_INLINE partials load_octet(const float *from) {
    return __builtin_convertvector((octet_floats) * (const unaligned_octet_floats *)from, partials);
}
VK_INLINE partials load_some_of_octet(const float *from, int count) {
    partials values = 0;
    for (int index = 0; index < count; index++) values[index] = from[index];
    return values;
}
VK_INLINE double total(partials sums) {
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

VK_INLINE void channel_totals(const void *row, ptrdiff_t pixel, int width, int channels, const int squares,
                              double *sums) {
    for (int channel = 0; channel < channels; channel += VK_LANES) {
        const int count = smaller(VK_LANES, channels - channel);
        partials found[VK_LANES / partial_sums];
        for (int octet = 0; octet < VK_LANES / partial_sums; octet++) found[octet] = 0;
        for (int x = 0; x < width; x++) {
            float lanes[VK_LANES] __attribute__((aligned(64)));
            store(lanes, load_elements((const element *)row + x * pixel + channel, count));
            for (int octet = 0; octet < VK_LANES / partial_sums; octet++) {
                const partials values = load_octet(lanes + octet * partial_sums);
                found[octet] += squares ? values * values : values;
            }
        }
        for (int lane = 0; lane < count; lane++) sums[channel + lane] = found[lane / partial_sums][lane % partial_sums];
    }
}

static void channel_sums(const void *row, ptrdiff_t pixel, int width, int channels, double *sums) {
    channel_totals(row, pixel, width, channels, 0, sums);
}
static void channel_squares(const void *row, ptrdiff_t pixel, int width, int channels, double *sums) {
    channel_totals(row, pixel, width, channels, 1, sums);
}

static void moments(const float *values, size_t count, double *sum, double *sum_of_squares) {
    partials sums = 0, squares = 0;
    size_t index = 0;
    for (; index + partial_sums <= count; index += partial_sums) {
        const partials octet = load_octet(values + index);
        sums += octet;
        squares += octet * octet;
    }
    const partials rest = load_some_of_octet(values + index, (int)(count - index));
    *sum = total(sums + rest);
    *sum_of_squares = total(squares + rest * rest);
}

VK_INLINE vector ascended(vector x, vector g, float scale, float low, float high) {
    x += g * scale;
    x = x > low ? x : (vector)(low);
    return x < high ? x : (vector)(high);
}

// Elements are independent, so `output` may be one of the lines.
static void weighted_sum(const float *const *lines, const float *weights, int line_count, float *output, size_t count) {
    // Several vectors at a time, because each addition to one sum has to wait for the one before.
    enum { block = 4 };
    size_t index = 0;
    for (; index + block * VK_LANES <= count; index += block * VK_LANES) {
        vector sums[block];
        VK_UNROLLED(v, block) sums[v] = 0;
        for (int line = 0; line < line_count; line++)
            VK_UNROLLED(v, block) sums[v] += load(lines[line] + index + v * VK_LANES) * weights[line];
        VK_UNROLLED(v, block) store(output + index + v * VK_LANES, sums[v]);
    }
    for (; index < count; index += VK_LANES) {
        const int lanes = count - index < VK_LANES ? (int)(count - index) : VK_LANES;
        vector sum = 0;
        for (int line = 0; line < line_count; line++) sum += load_some(lines[line] + index, lanes) * weights[line];
        store_some(output + index, sum, lanes);
    }
}

static void ascend(float *x, const float *g, float scale, float low, float high, size_t count) {
    size_t index = 0;
    for (; index + VK_LANES <= count; index += VK_LANES)
        store(x + index, ascended(load(x + index), load(g + index), scale, low, high));
    const int rest = (int)(count - index);
    store_some(x + index, ascended(load_some(x + index, rest), load_some(g + index, rest), scale, low, high), rest);
}
