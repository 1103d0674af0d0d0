// Max and average pooling.
#pragma once

#include "epilogue_kernel.h"

// Positions are four bits a channel. They are (un)packed eight channels at a time, as bytes of one integer.
typedef uint8_t lane_bytes __attribute__((ext_vector_type(VK_LANES)));
typedef int8_t lane_byte_masks __attribute__((ext_vector_type(VK_LANES)));
enum { octets = VK_LANES / 8 };
typedef struct {
    uint64_t octet[octets];
} packed_lanes;

// Moves the low halves of eight bytes together, the first byte lowest.
VK_INLINE uint32_t join_halves(uint64_t bytes) {
    bytes = (bytes | bytes >> 4) & 0x00ff00ff00ff00ff;
    bytes = (bytes | bytes >> 8) & 0x0000ffff0000ffff;
    return (uint32_t)(bytes | bytes >> 16);
}
VK_INLINE uint64_t split_halves(uint32_t halves) {
    uint64_t bytes = halves;
    bytes = (bytes | bytes << 16) & 0x0000ffff0000ffff;
    bytes = (bytes | bytes << 8) & 0x00ff00ff00ff00ff;
    return (bytes | bytes << 4) & 0x0f0f0f0f0f0f0f0f;
}

VK_INLINE void store_positions(uint8_t *to, mask position, int count) {
    const packed_lanes bytes = __builtin_bit_cast(packed_lanes, __builtin_convertvector(position, lane_bytes));
    for (int octet = 0; octet < octets; octet++) {
        const uint32_t halves = join_halves(bytes.octet[octet]);
        const int length = (count - octet * 8 + 1) / 2;
        if (length >= 4)
            __builtin_memcpy(to + octet * 4, &halves, 4);
        else
            for (int byte = 0; byte < length; byte++) to[octet * 4 + byte] = (uint8_t)(halves >> 8 * byte);
    }
}

// The lanes whose position is `wanted`.
VK_INLINE mask positions_equal(const uint8_t *from, int count, int wanted) {
    packed_lanes bytes;
    for (int octet = 0; octet < octets; octet++) {
        uint32_t halves = 0;
        const int length = (count - octet * 8 + 1) / 2;
        if (length >= 4)
            __builtin_memcpy(&halves, from + octet * 4, 4);
        else
            for (int byte = 0; byte < length; byte++) halves |= (uint32_t)from[octet * 4 + byte] << 8 * byte;
        bytes.octet[octet] = split_halves(halves);
    }
    // The comparison's lanes are `char`, which has no sign on some machines.
    const lane_byte_masks equal = __builtin_bit_cast(
        lane_byte_masks, __builtin_bit_cast(lane_bytes, bytes) == (lane_bytes)((uint8_t)wanted));
    return __builtin_convertvector(equal, mask);
}

VK_INLINE void max_pool_forward_lanes(const vk_max_pool *pool, int y, int x, int channel, int count) {
    const float *corner = pool->input + (ptrdiff_t)y * pool->stride * pool->input_row +
                          (ptrdiff_t)x * pool->stride * pool->input_pixel + channel;
    vector best = load_some(corner, count);
    mask position = 0;
    for (int row = 0, index = 0; row < pool->window; row++) {
        for (int column = 0; column < pool->window; column++, index++) {
            const vector value = load_some(corner + row * pool->input_row + column * pool->input_pixel, count);
            const mask better = value > best;
            best = better ? value : best;
            position = better ? (mask)(index) : position;
        }
    }
    const ptrdiff_t position_pixel = (pool->channels + 1) / 2;
    store_positions(pool->positions + ((ptrdiff_t)y * pool->width + x) * position_pixel + channel / 2, position, count);
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, count), best, count,
           pool->output + y * pool->output_row + x * pool->output_pixel + channel,
           y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

static void max_pool_forward(const vk_max_pool *pool, int row_begin, int row_end) {
    for (int y = row_begin; y < row_end; y++) {
        for (int x = 0; x < pool->width; x++) {
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                max_pool_forward_lanes(pool, y, x, channel, VK_LANES);
            if (channel < pool->channels) max_pool_forward_lanes(pool, y, x, channel, pool->channels - channel);
        }
    }
}

// The output indices [first, last] whose windows hold input index `at`.
typedef struct {
    int first, last;
} window_range;
VK_INLINE window_range windows_over(int at, int window, int stride, int outputs) {
    const int earliest = at - window + 1; // the first input index of the first such window
    return (window_range){larger(0, earliest > 0 ? (earliest + stride - 1) / stride : 0),
                          smaller(outputs - 1, at / stride)};
}

VK_INLINE void max_pool_backward_lanes(const vk_max_pool *pool, int y, int x, window_range rows, window_range columns,
                                       int channel, int count) {
    const ptrdiff_t position_pixel = (pool->channels + 1) / 2;
    vector sum = 0;
    for (int row = rows.first; row <= rows.last; row++) {
        for (int column = columns.first; column <= columns.last; column++) {
            const int position = (y - row * pool->stride) * pool->window + (x - column * pool->stride);
            const uint8_t *positions =
                pool->positions + ((ptrdiff_t)row * pool->width + column) * position_pixel + channel / 2;
            const float *gradient = pool->output + row * pool->output_row + column * pool->output_pixel + channel;
            sum += positions_equal(positions, count, position) ? load_some(gradient, count) : (vector)(0.0f);
        }
    }
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, count), sum, count,
           pool->input + y * pool->input_row + x * pool->input_pixel + channel,
           y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

static void max_pool_backward(const vk_max_pool *pool, int row_begin, int row_end) {
    for (int y = row_begin; y < row_end; y++) {
        const window_range rows = windows_over(y, pool->window, pool->stride, pool->height);
        for (int x = 0; x < pool->input_width; x++) {
            const window_range columns = windows_over(x, pool->window, pool->stride, pool->width);
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                max_pool_backward_lanes(pool, y, x, rows, columns, channel, VK_LANES);
            if (channel < pool->channels)
                max_pool_backward_lanes(pool, y, x, rows, columns, channel, pool->channels - channel);
        }
    }
}

// The part of a window around `center` that lies inside [0, size).
VK_INLINE window_range inside_window(int center, int window, int size) {
    return (window_range){larger(0, center - window / 2), smaller(size - 1, center + window / 2)};
}
VK_INLINE int range_length(window_range range) { return range.last - range.first + 1; }

// Forward: the mean of the window. Backward: each element of the window has passed on its gradient divided by the
// number of elements of its own window.
VK_INLINE void average_pool_lanes(const vk_average_pool *pool, int y, int x, window_range rows, window_range columns,
                                  int channel, int count, const int backward) {
    vector sum = 0;
    for (int row = rows.first; row <= rows.last; row++) {
        const int row_elements = range_length(inside_window(row, pool->window, pool->height));
        for (int column = columns.first; column <= columns.last; column++) {
            const vector value =
                load_some(pool->input + row * pool->input_row + column * pool->input_pixel + channel, count);
            if (backward) {
                const int elements = row_elements * range_length(inside_window(column, pool->window, pool->width));
                sum += value * (1.0f / (float)elements);
            } else {
                sum += value;
            }
        }
    }
    if (!backward) sum *= 1.0f / (float)(range_length(rows) * range_length(columns));
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, count), sum, count,
           pool->output + y * pool->output_row + x * pool->output_pixel + channel,
           y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

VK_INLINE void average_pool(const vk_average_pool *pool, int row_begin, int row_end, const int backward) {
    for (int y = row_begin; y < row_end; y++) {
        const window_range rows = inside_window(y, pool->window, pool->height);
        for (int x = 0; x < pool->width; x++) {
            const window_range columns = inside_window(x, pool->window, pool->width);
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                average_pool_lanes(pool, y, x, rows, columns, channel, VK_LANES, backward);
            if (channel < pool->channels)
                average_pool_lanes(pool, y, x, rows, columns, channel, pool->channels - channel, backward);
        }
    }
}

static void average_pool_forward(const vk_average_pool *pool, int row_begin, int row_end) {
    average_pool(pool, row_begin, row_end, 0);
}
static void average_pool_backward(const vk_average_pool *pool, int row_begin, int row_end) {
    average_pool(pool, row_begin, row_end, 1);
}
