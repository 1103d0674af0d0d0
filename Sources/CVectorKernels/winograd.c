// The parts of the Winograd convolution that need no vectors: its sizes and its weights.
#include "cook_toom.h"
#include "winograd_plan.h"

enum {
    // Transformed inputs and sums of a block should stay in the second-level cache together.
    block_bytes = 384 * 1024,
    // But a block has at least two groups of pixels in every table, so that loaded weights are used twice.
    least_tiles = 12,
    // Frequencies a multiple of 4096 bytes apart would fall into one set of the first-level cache.
    frequency_padding_bytes = 64,
};

static int divide_up(int dividend, int divisor) { return (dividend + divisor - 1) / divisor; }

vk_winograd_plan vk_plan_winograd(const vk_winograd *convolution) {
    vk_winograd_plan plan = {
        .patch_height = convolution->tile_height + convolution->kernel_height - 1,
        .patch_width = convolution->tile_width + convolution->kernel_width - 1,
        .tile_rows = divide_up(convolution->height, convolution->tile_height),
        .tile_columns = divide_up(convolution->width, convolution->tile_width),
        .tile_inputs = (ptrdiff_t)divide_up(convolution->inputs, VK_PANEL) * VK_PANEL,
    };
    plan.frequencies = plan.patch_height * plan.patch_width;

    plan.input_bytes = convolution->multiplies_pairs ? sizeof(uint16_t) : sizeof(float);
    const ptrdiff_t sums = most_panels * VK_PANEL;
    const ptrdiff_t tile_bytes =
        plan.frequencies * (plan.tile_inputs * plan.input_bytes + sums * (ptrdiff_t)sizeof(float));
    const int tiles = plan.tile_rows * plan.tile_columns;
    plan.block_tiles = (int)(block_bytes / tile_bytes);
    if (plan.block_tiles < least_tiles) plan.block_tiles = least_tiles;
    if (plan.block_tiles > tiles) plan.block_tiles = tiles;
    plan.input_frequency = plan.block_tiles * plan.tile_inputs + frequency_padding_bytes / plan.input_bytes;
    plan.inputs_bytes = divide_up((int)(plan.frequencies * plan.input_frequency * plan.input_bytes), 64) * 64;
    plan.sum_frequency = plan.block_tiles * sums + frequency_padding_bytes / (ptrdiff_t)sizeof(float);
    return plan;
}

int vk_winograd_tiles(const vk_winograd *convolution) {
    const vk_winograd_plan plan = vk_plan_winograd(convolution);
    return plan.tile_rows * plan.tile_columns;
}

size_t vk_winograd_scratch_length(const vk_winograd *convolution) {
    const vk_winograd_plan plan = vk_plan_winograd(convolution);
    return (size_t)(plan.inputs_bytes + plan.frequencies * plan.sum_frequency * (ptrdiff_t)sizeof(float));
}

int vk_winograd_supports(int tile, int kernel) {
#define IS(supported_tile, supported_kernel) (tile == (supported_tile) && kernel == (supported_kernel)) ||
    return VK_EACH_TRANSFORM(IS) 0;
#undef IS
}

size_t vk_winograd_packed_length(int kernel_height, int kernel_width, int tile_height, int tile_width, int inputs,
                                 int outputs) {
    const size_t frequencies = (size_t)(tile_height + kernel_height - 1) * (size_t)(tile_width + kernel_width - 1);
    return frequencies * (size_t)inputs * (size_t)divide_up(outputs, VK_PANEL) * VK_PANEL;
}

// The weights of one input and one panel at every tap.
typedef struct {
    double taps[largest_kernel * largest_kernel][VK_PANEL];
} panel_weights;

// Transforms the weights. Those of successive frequencies are written `frequency` floats apart.
static void transform_weights(const panel_weights *weights, const double *row_factors, int rows, int kernel_height,
                              const double *column_factors, int columns, int kernel_width, float *to,
                              ptrdiff_t frequency) {
    for (int row = 0; row < rows; row++) {
        double transformed[largest_kernel][VK_PANEL] = {0}; // the columns of the weights, evaluated at this row's point
        for (int x = 0; x < kernel_width; x++)
            for (int y = 0; y < kernel_height; y++)
                for (int lane = 0; lane < VK_PANEL; lane++)
                    transformed[x][lane] +=
                        row_factors[row * kernel_height + y] * weights->taps[y * kernel_width + x][lane];
        for (int column = 0; column < columns; column++, to += frequency) {
            double sum[VK_PANEL] = {0};
            for (int x = 0; x < kernel_width; x++)
                for (int lane = 0; lane < VK_PANEL; lane++)
                    sum[lane] += column_factors[column * kernel_width + x] * transformed[x][lane];
            for (int lane = 0; lane < VK_PANEL; lane++) to[lane] = (float)sum[lane];
        }
    }
}

// Packed: [panel][frequency][input][VK_PANEL].
void vk_winograd_pack(const float *weights, int kernel_height, int kernel_width, int tile_height, int tile_width,
                      int inputs, int outputs, float *packed) {
    const int rows = tile_height + kernel_height - 1, columns = tile_width + kernel_width - 1;
    double row_factors[largest_size * largest_kernel], column_factors[largest_size * largest_kernel];
    vk_cook_toom_weight_factors(tile_height, kernel_height, row_factors);
    vk_cook_toom_weight_factors(tile_width, kernel_width, column_factors);
    const ptrdiff_t tap_length = (ptrdiff_t)inputs * outputs, frequency = (ptrdiff_t)inputs * VK_PANEL;

    for (int first = 0; first < outputs; first += VK_PANEL, packed += rows * columns * frequency) {
        const int lanes = outputs - first < VK_PANEL ? outputs - first : VK_PANEL;
        for (int input = 0; input < inputs; input++) {
            panel_weights panel;
            for (int tap = 0; tap < kernel_height * kernel_width; tap++) {
                const float *from = weights + tap * tap_length + (ptrdiff_t)input * outputs + first;
                for (int lane = 0; lane < VK_PANEL; lane++) panel.taps[tap][lane] = lane < lanes ? from[lane] : 0;
            }
            transform_weights(&panel, row_factors, rows, kernel_height, column_factors, columns, kernel_width,
                              packed + input * VK_PANEL, frequency);
        }
    }
}
