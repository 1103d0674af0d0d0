// Convolution as an implicit matrix product: rows are pixels, columns are output channels, and each sum runs over taps
// and input channels.
#pragma once

#include "epilogue_kernel.h"
#include "product_kernel.h"

// The most bytes of input in a block of pixels. A block stays in the second-level cache while it is multiplied with all
// panels.
enum { convolution_block_bytes = 192 * 1024 };

// How many pixels a block has: at least eight groups, so that a loaded panel of weights is used more than once.
VK_INLINE int pixels_per_block(const vk_convolution *convolution, const tensor_kind kind) {
    const ptrdiff_t fitting = convolution_block_bytes / (convolution->input_pixel * element_bytes(kind));
    const int least = 8 * VK_PIXELS;
    return fitting > least ? (int)fitting : least;
}

// A tap of at least this many inputs is summed on its own.
enum { long_tap = 16 };

// How many consecutive short taps lie side by side in memory, such as three pixels of three channels. They are summed
// as one tap with more inputs.
static int neighbouring_taps(const vk_convolution *convolution) {
    if (convolution->inputs >= long_tap) return 1;
    for (int run = convolution->taps; run > 1; run--) {
        if (convolution->taps % run) continue;
        int tap = 0;
        while (tap < convolution->taps &&
               (tap % run == 0 ||
                convolution->tap_offsets[tap] == convolution->tap_offsets[tap - 1] + convolution->inputs))
            tap++;
        if (tap == convolution->taps) return run;
    }
    return 1;
}

VK_INLINE void convolve_kinds(const tensor_kind input_kind, const tensor_kind output_kind,
                              const vk_convolution *convolution, int row_begin, int row_end, int panel_begin,
                              int panel_end) {
    const int width = convolution->width;
    const int run = neighbouring_taps(convolution);
    const int inputs = convolution->inputs * run / elements_of_factor(input_kind), taps = convolution->taps / run;
    const ptrdiff_t panel_length = (ptrdiff_t)taps * inputs * VK_PANEL;
    const int first = row_begin * width, last = row_end * width; // pixels in row-major order
    const int block = pixels_per_block(convolution, input_kind);
    const vk_epilogue *epilogue = &convolution->epilogue;

    for (int block_begin = first; block_begin < last; block_begin += block) {
        const int block_pixels = smaller(block, last - block_begin), groups = group_count(block_pixels);

        for (int panel = panel_begin, panels; panel < panel_end; panel += panels) {
            panels = smaller(VK_PANELS, panel_end - panel);
            const product product = {
                .tap_offsets = convolution->tap_offsets,
                .taps = taps,
                .tap_step = run,
                .inputs = inputs,
                .weights = convolution->weights + panel * panel_length,
                .panel_length = panel_length,
            };
            const int channel = panel * VK_PANEL;
            const int channel_end = smaller(channel + panels * VK_PANEL, convolution->outputs);

            int y = block_begin / width, x = block_begin % width;
            for (int group = 0; group < groups; group++) {
                const int pixels = group_size(block_pixels, groups, group);
                const void *inputs[VK_PIXELS];
                void *outputs[VK_PIXELS];
                ptrdiff_t sign_offsets[VK_PIXELS];
                for (int pixel = 0; pixel < pixels; pixel++) {
                    const ptrdiff_t input = y * convolution->input_row + x * convolution->input_pixel;
                    inputs[pixel] = tensor_at(convolution->input, input, input_kind);
                    const ptrdiff_t output = y * convolution->output_row + x * convolution->output_pixel;
                    outputs[pixel] = tensor_at(convolution->output, output, output_kind);
                    sign_offsets[pixel] = y * epilogue->sign_row + x * epilogue->sign_pixel;
                    if (++x == width) x = 0, y++;
                }
                product_target target = {
                    .epilogue = epilogue,
                    .channel = channel,
                    .writes_floats = output_kind == holds_floats || sizeof(element) == sizeof(float),
                    .outputs = outputs,
                    .sign_offsets = sign_offsets,
                };
                if (channel + panels * VK_PANEL <= convolution->outputs) {
                    multiply(input_kind, &product, panels, pixels, inputs, &target);
                    continue;
                }
                // The last panel is not full.
                float sums[VK_PIXELS * VK_PANELS * VK_PANEL];
                target.sums = sums;
                target.sum_pixel = panels * VK_PANEL;
                multiply(input_kind, &product, panels, pixels, inputs, &target);
                finish_pixels(epilogue, channel, channel_end, pixels, sums, panels * VK_PANEL, outputs, output_kind,
                              sign_offsets);
            }
        }
    }
}

static void convolve(const vk_convolution *convolution, int row_begin, int row_end, int panel_begin, int panel_end) {
    VK_CALL_WITH_KINDS(convolve_kinds, convolution, row_begin, row_end, panel_begin, panel_end);
}
