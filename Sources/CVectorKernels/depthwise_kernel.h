// Depthwise convolution: the channels of a pixel lie together, so a vector holds some of them, each with its own
// weights.
#pragma once

#include "epilogue_kernel.h"

// The most pixels that are computed together, so that a vector of weights is loaded once for all of them, and their
// sums stay in registers.
enum { depthwise_pixels = VK_PIXELS < 8 ? VK_PIXELS : 8 };

// Some pixels of a row that lie side by side.
typedef struct {
    const void *input; // the first pixel's first tap
    void *outputs[depthwise_pixels];
    ptrdiff_t sign_offsets[depthwise_pixels];
} depthwise_group;

// Computes all channels of `pixels` pixels, a constant.
VK_INLINE void convolve_group(const tensor_kind input_kind, const tensor_kind output_kind,
                              const vk_depthwise *convolution, const depthwise_group *group, const int pixels) {
    const vk_epilogue *epilogue = &convolution->epilogue;
    const int channels = convolution->channels, taps = convolution->taps;
    const ptrdiff_t *const tap_offsets = convolution->tap_offsets;
    const ptrdiff_t input_pixel = convolution->input_pixel * element_bytes(input_kind);
    for (int channel = 0; channel < channels; channel += VK_LANES) {
        const int count = smaller(VK_LANES, channels - channel);
        const float *weights = convolution->weights + channel;
        vector sums[depthwise_pixels];
        VK_UNROLLED(p, pixels) sums[p] = 0;
        if (count == VK_LANES) {
            for (int tap = 0; tap < taps; tap++, weights += channels) {
                const vector weight = load(weights);
                const char *input = tensor_at(group->input, tap_offsets[tap] + channel, input_kind);
                VK_UNROLLED(p, pixels) {
                    sums[p] += load_kind(input_kind, input, VK_LANES) * weight;
                    input += input_pixel;
                }
            }
            finish_column(epilogue, channel, pixels, sums, group->outputs, output_kind, group->sign_offsets);
        } else {
            for (int tap = 0; tap < taps; tap++, weights += channels) {
                const vector weight = load_some(weights, count);
                const char *input = tensor_at(group->input, tap_offsets[tap] + channel, input_kind);
                VK_UNROLLED(p, pixels) {
                    sums[p] += load_kind(input_kind, input, count) * weight;
                    input += input_pixel;
                }
            }
            const channel_constants constants = constants_of(epilogue, channel, count);
            VK_UNROLLED(p, pixels)
                finish(epilogue, constants, sums[p], count, tensor_at(group->outputs[p], channel, output_kind),
                       output_kind, group->sign_offsets[p] + channel / 8);
        }
    }
}

VK_INLINE void convolve_depthwise_kinds(const tensor_kind input_kind, const tensor_kind output_kind,
                                        const vk_depthwise *convolution, int row_begin, int row_end) {
    const vk_epilogue *epilogue = &convolution->epilogue;
    const int width = convolution->width;
    // As even as possible: a small group has too few sums to keep the CPU's units busy.
    const int groups = (width + depthwise_pixels - 1) / depthwise_pixels;
    for (int y = row_begin; y < row_end; y++) {
        int x = 0;
        for (int index = 0; index < groups; index++) {
            const int pixels = width / groups + (index < width % groups);
            depthwise_group group;
            const ptrdiff_t input = y * convolution->input_row + x * convolution->input_pixel;
            group.input = tensor_at(convolution->input, input, input_kind);
            for (int pixel = 0; pixel < pixels; pixel++, x++) {
                const ptrdiff_t output = y * convolution->output_row + x * convolution->output_pixel;
                group.outputs[pixel] = tensor_at(convolution->output, output, output_kind);
                group.sign_offsets[pixel] = y * epilogue->sign_row + x * epilogue->sign_pixel;
            }
            switch (pixels) {
#define VK_DEPTHWISE_CASE(count)                                                                                       \
    case count:                                                                                                        \
        convolve_group(input_kind, output_kind, convolution, &group, smaller(count, depthwise_pixels));                \
        break;
                VK_DEPTHWISE_CASE(1)
                VK_DEPTHWISE_CASE(2)
                VK_DEPTHWISE_CASE(3)
                VK_DEPTHWISE_CASE(4)
                VK_DEPTHWISE_CASE(5)
                VK_DEPTHWISE_CASE(6)
                VK_DEPTHWISE_CASE(7)
                VK_DEPTHWISE_CASE(8)
#undef VK_DEPTHWISE_CASE
                default:
                    break;
            }
        }
    }
}

static void convolve_depthwise(const vk_depthwise *convolution, int row_begin, int row_end) {
    VK_CALL_WITH_KINDS(convolve_depthwise_kinds, convolution, row_begin, row_end);
}
