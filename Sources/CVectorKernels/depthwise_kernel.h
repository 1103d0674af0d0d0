// Depthwise convolution: the channels of a pixel lie together, so a vector holds some of them, each with its own
// weights.
#pragma once

#include "epilogue_kernel.h"

// Pixels that are computed together, so that a vector of weights is loaded once for all of them.
enum { depthwise_pixels = 8 };

// Sums `count` channels of a few pixels; `inputs` point to the first channel of the pixels' first tap.
VK_INLINE void sum_taps(const tensor_kind kind, const vk_depthwise *convolution, int channel, int count, int pixels,
                        void *const *inputs, vector *sums) {
    for (int pixel = 0; pixel < pixels; pixel++) sums[pixel] = 0;
    for (int tap = 0; tap < convolution->taps; tap++) {
        const vector weights =
            load_some(convolution->weights + (ptrdiff_t)tap * convolution->channels + channel, count);
        const ptrdiff_t offset = convolution->tap_offsets[tap] + channel;
        for (int pixel = 0; pixel < pixels; pixel++)
            sums[pixel] += load_kind(kind, tensor_at(inputs[pixel], offset, kind), count) * weights;
    }
}

VK_INLINE void convolve_depthwise_kinds(const tensor_kind input_kind, const tensor_kind output_kind,
                                        const vk_depthwise *convolution, int row_begin, int row_end) {
    const vk_epilogue *epilogue = &convolution->epilogue;
    const int channels = convolution->channels;
    for (int y = row_begin; y < row_end; y++) {
        for (int x = 0; x < convolution->width; x += depthwise_pixels) {
            const int pixels = smaller(depthwise_pixels, convolution->width - x);
            void *inputs[depthwise_pixels], *outputs[depthwise_pixels];
            ptrdiff_t sign_offsets[depthwise_pixels];
            for (int pixel = 0; pixel < pixels; pixel++) {
                const ptrdiff_t input = y * convolution->input_row + (x + pixel) * convolution->input_pixel;
                inputs[pixel] = tensor_at(convolution->input, input, input_kind);
                const ptrdiff_t output = y * convolution->output_row + (x + pixel) * convolution->output_pixel;
                outputs[pixel] = tensor_at(convolution->output, output, output_kind);
                sign_offsets[pixel] = y * epilogue->sign_row + (x + pixel) * epilogue->sign_pixel;
            }
            for (int channel = 0; channel < channels; channel += VK_LANES) {
                const int count = smaller(VK_LANES, channels - channel);
                vector sums[depthwise_pixels];
                if (pixels == depthwise_pixels && count == VK_LANES)
                    sum_taps(input_kind, convolution, channel, VK_LANES, depthwise_pixels, inputs, sums);
                else
                    sum_taps(input_kind, convolution, channel, count, pixels, inputs, sums);
                const channel_constants constants = constants_of(epilogue, channel, count);
                for (int pixel = 0; pixel < pixels; pixel++)
                    finish(epilogue, constants, sums[pixel], count, tensor_at(outputs[pixel], channel, output_kind),
                           output_kind, sign_offsets[pixel] + channel / 8);
            }
        }
    }
}

static void convolve_depthwise(const vk_depthwise *convolution, int row_begin, int row_end) {
    VK_CALL_WITH_KINDS(convolve_depthwise_kinds, convolution, row_begin, row_end);
}
