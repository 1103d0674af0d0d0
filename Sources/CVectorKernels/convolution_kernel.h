// Convolution as a product of matrices that are never built: rows are pixels, columns output channels, and the sum
// runs over taps and input channels.
#pragma once

#include "epilogue_kernel.h"
#include "product_kernel.h"

// Bytes of input that one block of pixels may take: they stay in the second-level cache while all panels pass.
enum { convolution_block_bytes = 192 * 1024 };

// Pixels of a block, at least a few groups, so that a panel of weights is loaded for more than one product.
VK_INLINE int pixels_per_block(const vk_convolution *convolution, const factor_kind kind) {
    const ptrdiff_t fitting = convolution_block_bytes / (convolution->input_pixel * factor_bytes(kind));
    const int least = 8 * VK_PIXELS;
    return fitting > least ? (int)fitting : least;
}

// Inputs from which on a tap is long enough to be summed on its own.
enum { long_tap = 16 };

// How many short taps at a time are neighbours in memory (such as three pixels of three channels, if nothing lies
// between them): they are summed as one tap with more inputs.
static int neighbouring_taps(const vk_convolution *convolution) {
    if (convolution->inputs >= long_tap) return 1;
    for (int run = convolution->taps; run > 1; run--) {
        if (convolution->taps % run) continue;
        int tap = 0;
        while (tap < convolution->taps &&
               (tap % run == 0 || convolution->tap_offsets[tap] ==
                                      convolution->tap_offsets[tap - 1] + convolution->inputs))
            tap++;
        if (tap == convolution->taps) return run;
    }
    return 1;
}

VK_INLINE const void *input_at(const vk_convolution *convolution, const factor_kind kind, int y, int x) {
    return (const char *)convolution->input +
           (y * convolution->input_row + x * convolution->input_pixel) * factor_bytes(kind);
}

VK_INLINE void convolve_kinds(const factor_kind input_kind, const tensor_kind output_kind,
                              const vk_convolution *convolution, int row_begin, int row_end, int panel_begin,
                              int panel_end) {
    const int width = convolution->width;
    const int run = neighbouring_taps(convolution);
    const int inputs = convolution->inputs * run / (input_kind == of_pairs ? 2 : 1), taps = convolution->taps / run;
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
                    inputs[pixel] = input_at(convolution, input_kind, y, x);
                    const ptrdiff_t output = y * convolution->output_row + x * convolution->output_pixel;
                    outputs[pixel] = tensor_at(convolution->output, output, output_kind);
                    sign_offsets[pixel] = y * epilogue->sign_row + x * epilogue->sign_pixel;
                    if (++x == width) x = 0, y++;
                }
                float sums[VK_PIXELS * VK_PANELS * VK_PANEL];
                multiply(input_kind, &product, panels, pixels, inputs, sums, panels * VK_PANEL);
                finish_pixels(epilogue, channel, channel_end, pixels, sums, panels * VK_PANEL, outputs, output_kind,
                              sign_offsets);
            }
        }
    }
}

static void convolve(const vk_convolution *convolution, int row_begin, int row_end, int panel_begin, int panel_end) {
#ifdef VK_BFLOAT16
    if (!convolution->reads_floats) {
        if (convolution->writes_floats)
            convolve_kinds(of_pairs, holds_floats, convolution, row_begin, row_end, panel_begin, panel_end);
        else
            convolve_kinds(of_pairs, holds_elements, convolution, row_begin, row_end, panel_begin, panel_end);
        return;
    }
    if (convolution->writes_floats) {
        convolve_kinds(of_floats, holds_floats, convolution, row_begin, row_end, panel_begin, panel_end);
        return;
    }
#endif
    convolve_kinds(of_floats, holds_elements, convolution, row_begin, row_end, panel_begin, panel_end);
}
