// Convolution as a product of matrices that are never built: rows are pixels, columns output channels, and the sum
// runs over taps and input channels.
#pragma once

#include "epilogue_kernel.h"
#include "product_kernel.h"

// Floats of input that one block of pixels may touch: they stay in the second-level cache while all panels pass.
#define CONVOLUTION_BLOCK_FLOATS (48 * 1024)

// Pixels of a block, at least a few groups, so that a panel of weights is loaded for more than one product.
static int pixels_per_block(const vk_convolution *convolution) {
    const ptrdiff_t fitting = CONVOLUTION_BLOCK_FLOATS / convolution->input_pixel;
    const int least = 8 * VK_PIXELS;
    return fitting > least ? (int)fitting : least;
}

static void convolve(const vk_convolution *convolution, int row_begin, int row_end, int panel_begin, int panel_end) {
    const int width = convolution->width;
    const ptrdiff_t panel_length = (ptrdiff_t)convolution->taps * convolution->inputs * VK_PANEL;
    const int first = row_begin * width, last = row_end * width; // pixels in row-major order
    const int block = pixels_per_block(convolution);
    const vk_epilogue *epilogue = &convolution->epilogue;

    for (int block_begin = first; block_begin < last; block_begin += block) {
        const int block_end = last - block_begin < block ? last : block_begin + block;
        const int groups = group_count(block_end - block_begin);

        for (int panel = panel_begin, panels; panel < panel_end; panel += panels) {
            panels = panel_end - panel < VK_PANELS ? panel_end - panel : VK_PANELS;
            const product product = {
                .tap_offsets = convolution->tap_offsets,
                .taps = convolution->taps,
                .inputs = convolution->inputs,
                .weights = convolution->weights + panel * panel_length,
                .panel_length = panel_length,
            };
            const int channel = panel * VK_PANEL;
            const int channel_end = channel + panels * VK_PANEL < convolution->outputs ? channel + panels * VK_PANEL
                                                                                       : convolution->outputs;
            int y = block_begin / width, x = block_begin % width;
            for (int group = 0; group < groups; group++) {
                const int pixels = group_size(block_end - block_begin, groups, group);
                const float *inputs[VK_PIXELS];
                float *outputs[VK_PIXELS];
                ptrdiff_t signs[VK_PIXELS];
                for (int pixel = 0; pixel < pixels; pixel++) {
                    inputs[pixel] = convolution->input + y * convolution->input_row + x * convolution->input_pixel;
                    outputs[pixel] = convolution->output + y * convolution->output_row + x * convolution->output_pixel;
                    signs[pixel] = y * epilogue->sign_row + x * epilogue->sign_pixel;
                    if (++x == width) x = 0, y++;
                }
                float sums[VK_PIXELS * VK_PANELS * VK_PANEL];
                multiply(&product, panels, pixels, inputs, sums, panels * VK_PANEL);
                for (int pixel = 0; pixel < pixels; pixel++)
                    finish_pixel(epilogue, sums + pixel * panels * VK_PANEL, channel, channel_end, outputs[pixel],
                                 signs[pixel]);
            }
        }
    }
}
