// The sizes that packing, scratch memory and kernel of a Winograd convolution share; private to this target.
#pragma once

#include "vector_kernels.h"

typedef struct {
    int patch_height, patch_width; // rows and columns of input that a tile is computed from
    int frequencies;               // patch_height * patch_width: products of a tile
    int tile_rows, tile_columns;   // the grid of tiles
    int block_tiles;               // tiles that are transformed, multiplied and transformed back together
    ptrdiff_t tile_inputs;         // transformed inputs of a tile at one frequency, rounded up to whole vectors
    ptrdiff_t input_frequency;     // transformed inputs from one frequency to the next
    ptrdiff_t sum_frequency;       // sums from one frequency to the next
    ptrdiff_t input_bytes;         // size of a transformed input: a float or a bfloat16
    ptrdiff_t inputs_bytes;        // size of all transformed inputs, rounded up to cache lines; the sums follow
} vk_winograd_plan;

enum { most_panels = 2 }; // the most that any table multiplies at once

vk_winograd_plan vk_plan_winograd(const vk_winograd *);
