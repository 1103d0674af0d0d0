// Max and average pooling.
#pragma once

#include "epilogue_kernel.h"

// A position takes four bits. The positions of eight channels make a 32-bit word, of which each lane uses the four bits
// of its own channel. A position to store or compare is repeated in all eight places of a word, so that no lane needs
// to shift.
typedef unsigned position_words __attribute__((ext_vector_type(VK_LANES)));
enum { word_channels = 8, words = VK_LANES / word_channels };
#define POSITION_BITS 0xf, 0xf << 4, 0xf << 8, 0xf << 12, 0xf << 16, 0xf << 20, 0xf << 24, 0xfu << 28
#if VK_LANES == 8
static const position_words position_bits = {POSITION_BITS};
#elif VK_LANES == 16
static const position_words position_bits = {POSITION_BITS, POSITION_BITS};
#endif
VK_INLINE unsigned repeated(int position) { return 0x11111111u * (unsigned)position; }

// The bytes that the positions of this many channels take.
VK_INLINE int position_bytes(int channels) { return (channels + 1) / 2; }

VK_INLINE void store_positions(uint8_t *to, position_words positions, int count) {
    const position_words placed = positions & position_bits;
    for (int word = 0; word < words; word++) {
        unsigned joined = 0;
        for (int lane = 0; lane < word_channels; lane++) joined |= placed[word * word_channels + lane];
        const int length = position_bytes(count - word * word_channels);
        if (length >= (int)sizeof joined)
            __builtin_memcpy(to + word * sizeof joined, &joined, sizeof joined);
        else
            for (int byte = 0; byte < length; byte++)
                to[word * (int)sizeof joined + byte] = (uint8_t)(joined >> 8 * byte);
    }
}

// The lanes whose position equals `wanted`, a position repeated in all places of a word.
VK_INLINE mask positions_equal(const uint8_t *from, int count, unsigned wanted) {
    position_words different;
    for (int word = 0; word < words; word++) {
        unsigned joined = 0;
        const int length = position_bytes(count - word * word_channels);
        if (length >= (int)sizeof joined)
            __builtin_memcpy(&joined, from + word * sizeof joined, sizeof joined);
        else
            for (int byte = 0; byte < length; byte++)
                joined |= (unsigned)from[word * (int)sizeof joined + byte] << 8 * byte;
        for (int lane = 0; lane < word_channels; lane++) different[word * word_channels + lane] = joined ^ wanted;
    }
    return (different & position_bits) == (position_words)(0u);
}

// How many windows ahead to prefetch. Pooling waits for memory more than it computes, and reads rows that lie far
// apart.
enum { prefetched_windows = 4 };

// Indices [first, last].
typedef struct {
    int first, last;
} window_range;

// The rows or columns of a max pool's window that lie inside the input, counted from the window's first.
VK_INLINE window_range inside_max_window(int output, int window, int stride, int before, int inputs) {
    const int start = output * stride - before;
    return (window_range){larger(0, -start), smaller(window, inputs - start) - 1};
}

VK_INLINE void max_pool_forward_lanes(const tensor_kind input_kind, const vk_max_pool *pool, int y, int x,
                                      window_range rows, window_range columns, int channel, int count) {
    const ptrdiff_t corner = (ptrdiff_t)(y * pool->stride - pool->rows_before) * pool->input_row +
                             (ptrdiff_t)(x * pool->stride - pool->columns_before) * pool->input_pixel + channel;
    const ptrdiff_t ahead = (ptrdiff_t)prefetched_windows * pool->stride * pool->input_pixel;
    const ptrdiff_t start = corner + rows.first * pool->input_row + columns.first * pool->input_pixel;
    vector best = load_kind(input_kind, tensor_at(pool->input, start, input_kind), count);
    position_words position = (position_words)(repeated(rows.first * pool->window + columns.first));
    for (int row = rows.first; row <= rows.last; row++) {
        for (int column = columns.first; column <= columns.last; column++) {
            const ptrdiff_t at = corner + row * pool->input_row + column * pool->input_pixel;
            const vector value = load_kind(input_kind, tensor_at(pool->input, at, input_kind), count);
            if (column < pool->stride) __builtin_prefetch(tensor_at(pool->input, at + ahead, input_kind));
            const mask better = value > best;
            best = better ? value : best;
            position = better ? (position_words)(repeated(row * pool->window + column)) : position;
        }
    }
    uint8_t *positions =
        pool->positions + ((ptrdiff_t)y * pool->width + x) * position_bytes(pool->channels) + channel / 2;
    store_positions(positions, position, count);
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, count), best, count,
           tensor_at(pool->output, y * pool->output_row + x * pool->output_pixel + channel, holds_elements),
           holds_elements, y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

VK_INLINE void max_pool_forward_kind(const tensor_kind input_kind, const vk_max_pool *pool, int row_begin,
                                     int row_end) {
    for (int y = row_begin; y < row_end; y++) {
        const window_range rows =
            inside_max_window(y, pool->window, pool->stride, pool->rows_before, pool->input_height);
        for (int x = 0; x < pool->width; x++) {
            const window_range columns =
                inside_max_window(x, pool->window, pool->stride, pool->columns_before, pool->input_width);
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                max_pool_forward_lanes(input_kind, pool, y, x, rows, columns, channel, VK_LANES);
            if (channel < pool->channels)
                max_pool_forward_lanes(input_kind, pool, y, x, rows, columns, channel, pool->channels - channel);
        }
    }
}

static void max_pool_forward(const vk_max_pool *pool, int row_begin, int row_end) {
    if (pool->reads_floats)
        max_pool_forward_kind(holds_floats, pool, row_begin, row_end);
    else
        max_pool_forward_kind(holds_elements, pool, row_begin, row_end);
}

// The output indices whose windows contain input index `at`, counted from where the first window starts.
VK_INLINE window_range windows_over(int at, int window, int stride, int outputs) {
    const int earliest = at - window + 1; // the first input index of the earliest such window
    return (window_range){larger(0, earliest > 0 ? (earliest + stride - 1) / stride : 0),
                          smaller(outputs - 1, at / stride)};
}

// A window that contains an input element, and (`wanted`) the element's position in it.
typedef struct {
    const uint8_t *positions;
    const element *gradient;
    unsigned wanted;
} chosen_window;
enum { most_windows = 16 }; // that contain one element: at most as many as a window has elements

VK_INLINE void max_pool_backward_lanes(const vk_max_pool *pool, int y, int x, const chosen_window *windows, int count,
                                       int channel, int lanes) {
    vector sum = 0;
    for (int window = 0; window < count; window++) {
        const mask chosen = positions_equal(windows[window].positions + channel / 2, lanes, windows[window].wanted);
        const vector gradient = load_elements(windows[window].gradient + channel, lanes);
        sum += chosen ? gradient : (vector)(0.0f);
    }
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, lanes), sum, lanes,
           tensor_at(pool->input, y * pool->input_row + x * pool->input_pixel + channel, holds_elements),
           holds_elements, y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

static void max_pool_backward(const vk_max_pool *pool, int row_begin, int row_end) {
    for (int y = row_begin; y < row_end; y++) {
        const int padded_y = y + pool->rows_before;
        const window_range rows = windows_over(padded_y, pool->window, pool->stride, pool->height);
        for (int x = 0; x < pool->input_width; x++) {
            const int padded_x = x + pool->columns_before;
            const window_range columns = windows_over(padded_x, pool->window, pool->stride, pool->width);
            chosen_window windows[most_windows];
            int count = 0;
            for (int row = rows.first; row <= rows.last; row++) {
                for (int column = columns.first; column <= columns.last; column++) {
                    const int position =
                        (padded_y - row * pool->stride) * pool->window + padded_x - column * pool->stride;
                    const ptrdiff_t pixel = (ptrdiff_t)row * pool->width + column;
                    windows[count++] = (chosen_window){
                        .positions = pool->positions + pixel * position_bytes(pool->channels),
                        .gradient =
                            (const element *)pool->output + row * pool->output_row + column * pool->output_pixel,
                        .wanted = repeated(position),
                    };
                }
            }
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                max_pool_backward_lanes(pool, y, x, windows, count, channel, VK_LANES);
            if (channel < pool->channels)
                max_pool_backward_lanes(pool, y, x, windows, count, channel, pool->channels - channel);
        }
    }
}

// The part of a window around `center` that lies inside [0, size).
VK_INLINE window_range inside_window(int center, int window, int size) {
    return (window_range){larger(0, center - window / 2), smaller(size - 1, center + window / 2)};
}
VK_INLINE int range_length(window_range range) { return range.last - range.first + 1; }

// The weights of a window's rows or columns. Forward, they give the mean of the window. Backward, the gradient of each
// output is divided by the number of elements in that output's own window, with the padding if that counts.
VK_INLINE void window_weights(window_range range, int window, int size, int counts_padding, const int backward,
                              float *weights) {
    for (int index = range.first; index <= range.last; index++) {
        const int length = range_length(backward ? inside_window(index, window, size) : range);
        weights[index - range.first] = 1.0f / (float)(counts_padding ? window : length);
    }
}

VK_INLINE void average_pool_lanes(const vk_average_pool *pool, int y, int x, window_range rows, window_range columns,
                                  const float *row_weights, const float *column_weights, int channel, int count) {
    vector sum = 0;
    for (int row = rows.first; row <= rows.last; row++) {
        const element *from = (const element *)pool->input + row * pool->input_row + channel;
        vector row_sum = 0;
        for (int column = columns.first; column <= columns.last; column++)
            row_sum += load_elements(from + column * pool->input_pixel, count) * column_weights[column - columns.first];
        sum += row_sum * row_weights[row - rows.first];
    }
    finish(&pool->epilogue, constants_of(&pool->epilogue, channel, count), sum, count,
           tensor_at(pool->output, y * pool->output_row + x * pool->output_pixel + channel, holds_elements),
           holds_elements, y * pool->epilogue.sign_row + x * pool->epilogue.sign_pixel + channel / 8);
}

VK_INLINE void average_pool(const vk_average_pool *pool, int row_begin, int row_end, const int backward) {
    float row_weights[VK_LARGEST_AVERAGE], column_weights[VK_LARGEST_AVERAGE];
    for (int y = row_begin; y < row_end; y++) {
        const window_range rows = inside_window(y, pool->window, pool->height);
        window_weights(rows, pool->window, pool->height, pool->counts_padding, backward, row_weights);
        for (int x = 0; x < pool->width; x++) {
            const window_range columns = inside_window(x, pool->window, pool->width);
            window_weights(columns, pool->window, pool->width, pool->counts_padding, backward, column_weights);
            int channel = 0;
            for (; channel + VK_LANES <= pool->channels; channel += VK_LANES)
                average_pool_lanes(pool, y, x, rows, columns, row_weights, column_weights, channel, VK_LANES);
            if (channel < pool->channels)
                average_pool_lanes(pool, y, x, rows, columns, row_weights, column_weights, channel,
                                   pool->channels - channel);
        }
    }
}

static void average_pool_forward(const vk_average_pool *pool, int row_begin, int row_end) {
    average_pool(pool, row_begin, row_end, 0);
}
static void average_pool_backward(const vk_average_pool *pool, int row_begin, int row_end) {
    average_pool(pool, row_begin, row_end, 1);
}
