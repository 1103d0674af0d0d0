// Winograd convolution: blocks of tiles are transformed, multiplied frequency by frequency, and transformed back.
#pragma once

#include "epilogue_kernel.h"
#include "product_kernel.h"
#include "transform_kernel.h"
#include "winograd_plan.h"

typedef struct {
    const vk_winograd *convolution;
    vk_winograd_plan plan;
    transform_pair vertical, horizontal;
    vk_cook_toom row_points, column_points;
    void *inputs; // [frequency][tile of the block][input]
    tensor_kind input_kind;
    float *sums; // [frequency][tile][panels * VK_PANEL]
} winograd_work;

enum { largest_patch = largest_size * largest_size * VK_LANES };

VK_INLINE const element *input_at_pixel(const vk_winograd *convolution, int row, int column, int channel) {
    return (const element *)convolution->input + row * convolution->input_row + column * convolution->input_pixel +
           channel;
}

// Copies `count` channels of a patch, with zeros where it reaches beyond the input's edges.
static void copy_patch(const winograd_work *work, int top, int left, int channel, int count, element *patch) {
    const vk_winograd *convolution = work->convolution;
    for (int row = top; row < top + work->plan.patch_height; row++) {
        for (int column = left; column < left + work->plan.patch_width; column++, patch += VK_LANES) {
            const int inside =
                row >= 0 && row < convolution->input_height && column >= 0 && column < convolution->input_width;
            const vector values =
                inside ? load_elements(input_at_pixel(convolution, row, column, channel), count) : (vector)(0.0f);
            store_elements(patch, values, VK_LANES);
        }
    }
}

// Transforms one vector of channels of one patch. `to` is the index of its first frequency among the transformed
// inputs.
VK_INLINE void transform_patch(const winograd_work *work, const element *patch, ptrdiff_t patch_row,
                               ptrdiff_t patch_pixel, ptrdiff_t to) {
    const vk_winograd_plan *plan = &work->plan;
    const ptrdiff_t frequency = plan->input_frequency, frequency_row = plan->patch_width * frequency;
    void *const transformed = tensor_at(work->inputs, to, work->input_kind);
    const transform_source by_column = {patch, holds_elements, patch_row, patch_pixel};
    if (plan->patch_height == 1) {
        const transform_source by_row = {patch, holds_elements, patch_pixel, patch_row};
        const transform_target target = {transformed, work->input_kind, frequency, frequency_row};
        work->horizontal.inputs(&work->column_points, &by_row, &target, 1);
    } else if (plan->patch_width == 1) {
        const transform_target target = {transformed, work->input_kind, frequency_row, frequency};
        work->vertical.inputs(&work->row_points, &by_column, &target, 1);
    } else {
        float columns[largest_patch] __attribute__((aligned(64)));
        const ptrdiff_t columns_row = plan->patch_width * VK_LANES;
        const transform_target between = {columns, holds_floats, columns_row, VK_LANES};
        work->vertical.inputs(&work->row_points, &by_column, &between, plan->patch_width);
        const transform_source by_row = {columns, holds_floats, VK_LANES, columns_row};
        const transform_target target = {transformed, work->input_kind, frequency, frequency_row};
        work->horizontal.inputs(&work->column_points, &by_row, &target, plan->patch_height);
    }
}

static void transform_input_tile(const winograd_work *work, int tile, ptrdiff_t to) {
    const vk_winograd *convolution = work->convolution;
    const vk_winograd_plan *plan = &work->plan;
    const int top = tile / plan->tile_columns * convolution->tile_height - convolution->pad_top;
    const int left = tile % plan->tile_columns * convolution->tile_width - convolution->pad_left;
    const int inside = top >= 0 && top + plan->patch_height <= convolution->input_height && left >= 0 &&
                       left + plan->patch_width <= convolution->input_width;
    for (int channel = 0; channel < convolution->inputs; channel += VK_LANES) {
        const int count = smaller(VK_LANES, convolution->inputs - channel);
        if (inside && count == VK_LANES) {
            transform_patch(work, input_at_pixel(convolution, top, left, channel), convolution->input_row,
                            convolution->input_pixel, to + channel);
        } else {
            element patch[largest_patch] __attribute__((aligned(64)));
            if (count == VK_LANES)
                copy_patch(work, top, left, channel, VK_LANES, patch);
            else
                copy_patch(work, top, left, channel, count, patch);
            transform_patch(work, patch, plan->patch_width * VK_LANES, VK_LANES, to + channel);
        }
    }
}

// Multiplies the transformed inputs with `panels` panels of weights, starting at `panel`, for each frequency and tile.
VK_INLINE void multiply_frequencies(const tensor_kind kind, const winograd_work *work, int tiles, int panel,
                                    int panels) {
    static const ptrdiff_t no_offset = 0;
    const vk_winograd_plan *plan = &work->plan;
    const int inputs = work->convolution->inputs / elements_of_factor(kind), groups = group_count(tiles);
    const ptrdiff_t frequency_length = (ptrdiff_t)inputs * VK_PANEL;
    const ptrdiff_t panel_length = plan->frequencies * frequency_length;
    for (int frequency = 0; frequency < plan->frequencies; frequency++) {
        const product product = {
            .tap_offsets = &no_offset,
            .taps = 1,
            .tap_step = 1,
            .inputs = inputs,
            .weights = work->convolution->weights + panel * panel_length + frequency * frequency_length,
            .panel_length = panel_length,
        };
        const char *from = tensor_at(work->inputs, frequency * plan->input_frequency, kind);
        float *to = work->sums + frequency * plan->sum_frequency;
        for (int group = 0; group < groups; group++) {
            const int pixels = group_size(tiles, groups, group);
            const void *tile_inputs[VK_PIXELS];
            for (int pixel = 0; pixel < pixels; pixel++, from += plan->tile_inputs * element_bytes(kind))
                tile_inputs[pixel] = from;
            const product_target target = {.sums = to, .sum_pixel = panels * VK_PANEL};
            multiply(kind, &product, panels, pixels, tile_inputs, &target);
            to += pixels * panels * VK_PANEL;
        }
    }
}

// Transforms one vector of output channels of one tile, to output[row][column][lane].
VK_INLINE void transform_sums(const winograd_work *work, const float *sums, float *output) {
    const vk_winograd_plan *plan = &work->plan;
    const ptrdiff_t frequency = plan->sum_frequency, frequency_row = plan->patch_width * frequency;
    const int tile_height = work->convolution->tile_height;
    const ptrdiff_t output_row = work->convolution->tile_width * VK_LANES;
    const transform_source by_column = {sums, holds_floats, frequency_row, frequency};
    if (plan->patch_height == 1) {
        const transform_source by_row = {sums, holds_floats, frequency, frequency_row};
        const transform_target target = {output, holds_floats, VK_LANES, output_row};
        work->horizontal.outputs(&work->column_points, &by_row, &target, 1);
    } else if (plan->patch_width == 1) {
        const transform_target target = {output, holds_floats, output_row, VK_LANES};
        work->vertical.outputs(&work->row_points, &by_column, &target, 1);
    } else {
        float columns[largest_patch] __attribute__((aligned(64)));
        const ptrdiff_t columns_row = plan->patch_width * VK_LANES;
        const transform_target between = {columns, holds_floats, columns_row, VK_LANES};
        work->vertical.outputs(&work->row_points, &by_column, &between, plan->patch_width);
        const transform_source by_row = {columns, holds_floats, VK_LANES, columns_row};
        const transform_target target = {output, holds_floats, VK_LANES, output_row};
        work->horizontal.outputs(&work->column_points, &by_row, &target, tile_height);
    }
}

// Applies the epilogue to `count` channels, starting at `channel`, of those pixels of a tile that lie inside the
// output.
VK_INLINE void finish_tile(const winograd_work *work, const float *values, int top, int left, int channel, int count) {
    const vk_winograd *convolution = work->convolution;
    const vk_epilogue *epilogue = &convolution->epilogue;
    const channel_constants constants = constants_of(epilogue, channel, count);
    const int rows = smaller(convolution->tile_height, convolution->height - top);
    const int columns = smaller(convolution->tile_width, convolution->width - left);
    for (int row = 0; row < rows; row++) {
        element *output = (element *)convolution->output + (top + row) * convolution->output_row +
                          left * convolution->output_pixel + channel;
        ptrdiff_t sign_offset = (top + row) * epilogue->sign_row + left * epilogue->sign_pixel + channel / 8;
        for (int column = 0; column < columns; column++) {
            finish(epilogue, constants, load(values + (row * convolution->tile_width + column) * VK_LANES), count,
                   output, holds_elements, sign_offset);
            output += convolution->output_pixel;
            sign_offset += epilogue->sign_pixel;
        }
    }
}

static void transform_output_tile(const winograd_work *work, int tile, const float *sums, int channel,
                                  int channel_end) {
    const vk_winograd *convolution = work->convolution;
    const int top = tile / work->plan.tile_columns * convolution->tile_height;
    const int left = tile % work->plan.tile_columns * convolution->tile_width;
    for (; channel < channel_end; channel += VK_LANES, sums += VK_LANES) {
        float values[largest_tile * largest_tile * VK_LANES] __attribute__((aligned(64)));
        transform_sums(work, sums, values);
        if (channel + VK_LANES <= channel_end)
            finish_tile(work, values, top, left, channel, VK_LANES);
        else
            finish_tile(work, values, top, left, channel, channel_end - channel);
    }
}

static void winograd_convolve(const vk_winograd *convolution, int tile_begin, int tile_end, void *scratch) {
    winograd_work work = {
        .convolution = convolution,
        .plan = vk_plan_winograd(convolution),
        .vertical = transforms[convolution->tile_height][convolution->kernel_height],
        .horizontal = transforms[convolution->tile_width][convolution->kernel_width],
        .inputs = scratch,
        .input_kind = convolution->multiplies_pairs ? holds_elements : holds_floats,
    };
    const vk_winograd_plan *plan = &work.plan;
    work.row_points = vk_cook_toom_of_size(plan->patch_height);
    work.column_points = vk_cook_toom_of_size(plan->patch_width);
    work.sums = (float *)((char *)scratch + plan->inputs_bytes);

    const int tiles = tile_end - tile_begin, blocks = (tiles + plan->block_tiles - 1) / plan->block_tiles;
    const int all_panels = (convolution->outputs + VK_PANEL - 1) / VK_PANEL;
    int first = tile_begin;
    for (int block = 0; block < blocks; block++) {
        const int block_tiles = tiles / blocks + (block < tiles % blocks);
        for (int tile = 0; tile < block_tiles; tile++)
            transform_input_tile(&work, first + tile, tile * plan->tile_inputs);
        for (int panel = 0, panels; panel < all_panels; panel += panels) {
            panels = smaller(VK_PANELS, all_panels - panel);
            if (work.input_kind == holds_elements)
                multiply_frequencies(holds_elements, &work, block_tiles, panel, panels);
            else
                multiply_frequencies(holds_floats, &work, block_tiles, panel, panels);
            const int channel = panel * VK_PANEL;
            const int channel_end = smaller(channel + panels * VK_PANEL, convolution->outputs);
            for (int tile = 0; tile < block_tiles; tile++)
                transform_output_tile(&work, first + tile, work.sums + tile * panels * VK_PANEL, channel, channel_end);
        }
        first += block_tiles;
    }
}
