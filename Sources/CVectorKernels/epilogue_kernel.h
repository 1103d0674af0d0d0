// The epilogue of the sums: bias, accumulation, sign bits, floor, mask (see vk_epilogue).
#pragma once

#include "vectors.h"

// The epilogue's value of `count` channels from `channel` on; `output` is their address, `sign_pixel` the offset of
// their pixel's sign bits.
VK_INLINE vector finish(const vk_epilogue *epilogue, vector value, int channel, int count, const float *output,
                        ptrdiff_t sign_pixel) {
    value += epilogue->constant;
    if (epilogue->bias) value += load_some(epilogue->bias + channel, count);
    if (epilogue->accumulate) value += load_some(output, count);
    if (epilogue->floor || epilogue->signs_out) {
        const vector floor = epilogue->floor ? load_some(epilogue->floor + channel, count) : (vector)(-__builtin_inff());
        const mask above = value > floor;
        if (epilogue->signs_out)
            store_some_bits(epilogue->signs_out + sign_pixel + channel / 8, bits_of(above), count);
        value = above ? value : floor;
    }
    if (epilogue->signs_in) {
        const mask kept = mask_of(load_some_bits(epilogue->signs_in + sign_pixel + channel / 8, count));
        value = kept ? value : (vector)(0.0f);
    }
    return value;
}

// Finishes and stores `count` channels from `channel` on of one pixel, whose channel 0 is at `output`.
VK_INLINE void finish_into(const vk_epilogue *epilogue, vector value, int channel, int count, float *output,
                           ptrdiff_t sign_pixel) {
    if (count == VK_LANES)
        store(output + channel, finish(epilogue, value, channel, VK_LANES, output + channel, sign_pixel));
    else
        store_some(output + channel, finish(epilogue, value, channel, count, output + channel, sign_pixel), count);
}

// Finishes the channels [begin, end) of one pixel; `sums` starts at channel `begin`.
VK_INLINE void finish_pixel(const vk_epilogue *epilogue, const float *sums, int begin, int end, float *output,
                            ptrdiff_t sign_pixel) {
    int channel = begin;
    for (; channel + VK_LANES <= end; channel += VK_LANES)
        finish_into(epilogue, load(sums + channel - begin), channel, VK_LANES, output, sign_pixel);
    if (channel < end)
        finish_into(epilogue, load_some(sums + channel - begin, end - channel), channel, end - channel, output,
                    sign_pixel);
}

static void apply_epilogue(const float *sums, ptrdiff_t sum_pixel, float *output, ptrdiff_t output_pixel, int width,
                           int channels, const vk_epilogue *epilogue) {
    for (int x = 0; x < width; x++)
        finish_pixel(epilogue, sums + x * sum_pixel, 0, channels, output + x * output_pixel, x * epilogue->sign_pixel);
}
