// The sizes that packing, scratch memory and kernel of the Winograd convolution agree on; private to this target.
#pragma once

#include "vector_kernels.h"

typedef struct {
    int patch_height, patch_width; // inputs that a tile sees
    int frequencies;               // patch_height * patch_width: products of a tile
    int tile_rows, tile_columns;   // the grid of tiles
    int block_tiles;               // tiles that are transformed, multiplied and transformed back together
    ptrdiff_t tile_inputs;         // of a tile's transformed inputs at one frequency, a whole number of vectors
    ptrdiff_t input_frequency;     // transformed inputs between the frequencies ...
    ptrdiff_t sum_frequency;       // ... and sums
    ptrdiff_t input_bytes;         // of a transformed input: a float's or a bfloat16's
    ptrdiff_t inputs_bytes;        // of all transformed inputs, a whole number of cache lines; the sums follow
} vk_winograd_plan;

enum { most_panels = 2 }; // that any table multiplies at once

vk_winograd_plan vk_plan_winograd(const vk_winograd *);
