// The epilogue applied to sums: bias, accumulation, sign bits, floor, ceiling, mask (see vk_epilogue).
#pragma once

#include "elements.h"

// The bias and bounds of one vector of channels.
typedef struct {
    vector bias, floor, ceiling;
} channel_constants;

VK_INLINE channel_constants constants_of(const vk_epilogue *epilogue, int channel, int count) {
    // These change no value, not even the sign of a zero.
    channel_constants constants = {-0.0f, -__builtin_inff(), __builtin_inff()};
    if (epilogue->bias) constants.bias = load_some(epilogue->bias + channel, count);
    if (epilogue->floor) constants.floor = load_some(epilogue->floor + channel, count);
    if (epilogue->ceiling) constants.ceiling = load_some(epilogue->ceiling + channel, count);
    return constants;
}

// Applies the epilogue to `count` channels of one pixel and stores them. `output` is the address of the first channel,
// `sign_offset` the byte offset of its sign bit.
VK_INLINE void finish(const vk_epilogue *epilogue, channel_constants constants, vector value, int count, void *output,
                      const tensor_kind kind, ptrdiff_t sign_offset) {
    value += constants.bias;
    if (epilogue->accumulate) value += load_kind(kind, output, count);
    const mask above = value > constants.floor;
    if (epilogue->ceiling) {
        const mask below = value < constants.ceiling;
        if (epilogue->signs_out) store_some_bits(epilogue->signs_out + sign_offset, bits_of(above & below), count);
        value = below ? value : constants.ceiling;
    } else if (epilogue->signs_out) {
        store_some_bits(epilogue->signs_out + sign_offset, bits_of(above), count);
    }
    value = above ? value : constants.floor;
    if (epilogue->signs_in) {
        const mask kept = mask_of(load_some_bits(epilogue->signs_in + sign_offset, count));
        value = kept ? value : (vector)(0.0f);
    }
    if (kind == holds_floats)
        store_some(output, value, count);
    else
        store_elements(output, value, count);
}

// Applies the epilogue to whole vectors of the same channels of a few pixels and stores them, as `finish` does.
// `pixels` is a constant at every call and the sums are in registers. Every decision is made once for all pixels.
VK_INLINE void finish_column(const vk_epilogue *epilogue, int channel, const int pixels, vector *values,
                             void *const *outputs, const tensor_kind kind, const ptrdiff_t *sign_offsets) {
    const channel_constants constants = constants_of(epilogue, channel, VK_LANES);
    VK_UNROLLED(p, pixels) values[p] += constants.bias;
    if (epilogue->accumulate) {
        VK_UNROLLED(p, pixels) values[p] += load_kind(kind, tensor_at(outputs[p], channel, kind), VK_LANES);
    }
    uint8_t *const signs = epilogue->signs_out ? epilogue->signs_out + channel / 8 : NULL;
    if (epilogue->ceiling) {
        if (signs) {
            VK_UNROLLED(p, pixels)
                store_some_bits(signs + sign_offsets[p],
                                bits_of((values[p] > constants.floor) & (values[p] < constants.ceiling)), VK_LANES);
        }
        VK_UNROLLED(p, pixels) {
            values[p] = values[p] > constants.floor ? values[p] : constants.floor;
            values[p] = values[p] < constants.ceiling ? values[p] : constants.ceiling;
        }
    } else {
        if (signs) {
            VK_UNROLLED(p, pixels)
                store_some_bits(signs + sign_offsets[p], bits_of(values[p] > constants.floor), VK_LANES);
        }
        if (epilogue->floor) {
            VK_UNROLLED(p, pixels) values[p] = values[p] > constants.floor ? values[p] : constants.floor;
        }
    }
    if (epilogue->signs_in) {
        const uint8_t *const kept = epilogue->signs_in + channel / 8;
        VK_UNROLLED(p, pixels)
            values[p] = mask_of(load_some_bits(kept + sign_offsets[p], VK_LANES)) ? values[p] : (vector)(0.0f);
    }
    VK_UNROLLED(p, pixels) {
        void *const output = tensor_at(outputs[p], channel, kind);
        if (kind == holds_floats)
            store(output, values[p]);
        else
            store_elements(output, values[p], VK_LANES);
    }
}

// Finishes `count` channels, starting at `channel`, of a few pixels; `sums` points to channel `channel`.
VK_INLINE void finish_lanes(const vk_epilogue *epilogue, int channel, int count, int pixels, const float *sums,
                            ptrdiff_t sum_pixel, void *const *outputs, const tensor_kind kind,
                            const ptrdiff_t *sign_offsets) {
    const channel_constants constants = constants_of(epilogue, channel, count);
    for (int pixel = 0; pixel < pixels; pixel++)
        finish(epilogue, constants, load_some(sums + pixel * sum_pixel, count), count,
               tensor_at(outputs[pixel], channel, kind), kind, sign_offsets[pixel] + channel / 8);
}

// Finishes the channels [begin, end) of a few pixels: `sums` points to channel `begin`, `outputs` to channel 0.
VK_INLINE void finish_pixels(const vk_epilogue *epilogue, int begin, int end, int pixels, const float *sums,
                             ptrdiff_t sum_pixel, void *const *outputs, const tensor_kind kind,
                             const ptrdiff_t *sign_offsets) {
    int channel = begin;
    for (; channel + VK_LANES <= end; channel += VK_LANES)
        finish_lanes(epilogue, channel, VK_LANES, pixels, sums + channel - begin, sum_pixel, outputs, kind,
                     sign_offsets);
    if (channel < end)
        finish_lanes(epilogue, channel, end - channel, pixels, sums + channel - begin, sum_pixel, outputs, kind,
                     sign_offsets);
}

static void apply_epilogue(const float *sums, ptrdiff_t sum_pixel, void *output, ptrdiff_t output_pixel, int width,
                           int channels, const vk_epilogue *epilogue) {
    for (int x = 0; x < width; x++) {
        void *const pixel = tensor_at(output, x * output_pixel, holds_elements);
        const ptrdiff_t sign_offset = x * epilogue->sign_pixel;
        finish_pixels(epilogue, 0, channels, 1, sums + x * sum_pixel, sum_pixel, &pixel, holds_elements, &sign_offset);
    }
}
