// Vector kernels of the CNN core: one implementation, compiled for several instruction sets, chosen at run time.
//
// Tensors are NHWC with N = 1. A tensor is described by the address of an element and two distances in elements:
// address(row, column, channel) = origin + row * row_stride + column * pixel_stride + channel. The pixel stride may
// exceed the channel count (a slice of a concatenation).
//
// Elements are floats. In a table of reduced precision they are bfloat16, the upper half of a float, with rows and pixels
// an even number of elements apart; arithmetic stays in floats, but products may take bfloat16 factors.
// Sums and biases are floats in every table, and where a function says so its input or output.
//
// Bits: `signs` hold one bit for each channel, bit c % 8 of byte c / 8 of a pixel; strides in bytes. The unused bits of
// a pixel's last byte are written as zeros.
//
// Results are deterministic: an element is summed in one order, however rows, tiles and panels are split over calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The functions of one instruction set.
typedef struct vk_kernels vk_kernels;

// The fastest table that this CPU can run; with a name ("avx512", "avx2", "neon", "generic") that one, or NULL
// where this CPU or build lacks it.
const vk_kernels *vk_select(const char *name);
const char *vk_name(const vk_kernels *kernels);
// The table of reduced precision with the same vectors, or NULL where this CPU has no products of bfloat16.
const vk_kernels *vk_reduced(const vk_kernels *kernels);

// What happens to an output element between its sum and memory, in this order:
//   value = sum + (bias ? bias[c] : 0) + (accumulate ? output : 0)
//   signs_out: bit = value > (floor ? floor[c] : -infinity) and value < (ceiling ? ceiling[c] : infinity)
//   floor:     value = max(value, floor[c])        (0: ReLU; -infinity: linear)
//   ceiling:   value = min(value, ceiling[c])      (6: ReLU6; infinity: none)
//   signs_in:  value = bit ? value : 0
typedef struct {
    const float *bias;       // or NULL
    const float *floor;      // or NULL
    const float *ceiling;    // or NULL
    uint8_t *signs_out;      // or NULL
    const uint8_t *signs_in; // or NULL
    ptrdiff_t sign_row, sign_pixel; // bytes between rows and pixels of the signs, in steps of this output
    int accumulate;
} vk_epilogue;

// ---- Convolution as an implicit matrix product ----
// output[y][x][o] = epilogue(sum over taps t, channels i of
//                            input[y * input_row + x * input_pixel + tap_offsets[t] + i] * weights[t][i][o])
// A stride is folded into input_row and input_pixel, a padding into `input` and zero borders.
typedef struct {
    const void *input;
    ptrdiff_t input_row, input_pixel;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int taps;
    const ptrdiff_t *tap_offsets; // elements
    int inputs, outputs;          // channels; any number from 1, inputs of bfloat16 an even one
    const float *weights;         // packed by vk_pack; paired where the input is bfloat16
    int reads_floats, writes_floats; // whether input or output are floats in a table of reduced precision too
    vk_epilogue epilogue;
} vk_convolution;

#define VK_PANEL 16 // output channels of one weight panel

// Floats that the packed form takes: panels * taps * inputs * VK_PANEL.
size_t vk_packed_length(int taps, int inputs, int outputs);
// weights[t][i][o] at weights[(t * inputs + i) * outputs + o] -> [panel][tap][input][VK_PANEL], zero-filled.
void vk_pack(const float *weights, int taps, int inputs, int outputs, float *packed);
// Packed weights, also those of vk_winograd_pack, as pairs of bfloat16 in place of floats: [...][input / 2][VK_PANEL]
// [input % 2], in half as many floats. The number of inputs is even.
void vk_pair_weights(const float *packed, size_t length, float *pairs);
// Computes output rows [row_begin, row_end) of panels [panel_begin, panel_end).
void vk_convolve(const vk_kernels *, const vk_convolution *, int row_begin, int row_end, int panel_begin,
                 int panel_end);

// ---- Depthwise convolution: every channel has a kernel of its own ----
// output[y][x][c] = epilogue(sum over taps t of input[y * input_row + x * input_pixel + tap_offsets[t] + c] * weights[t][c])
// The taps, strides and borders are those of vk_convolution.
typedef struct {
    const void *input;
    ptrdiff_t input_row, input_pixel;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int taps;
    const ptrdiff_t *tap_offsets; // elements
    int channels;
    const float *weights;            // [tap][channel]
    int reads_floats, writes_floats; // whether input or output are floats in a table of reduced precision too
    vk_epilogue epilogue;
} vk_depthwise;

// Computes the output rows [row_begin, row_end).
void vk_convolve_depthwise(const vk_kernels *, const vk_depthwise *, int row_begin, int row_end);

// ---- Winograd convolution, stride 1 (Cook-Toom; Lavin & Gray 2016, arXiv:1509.09308) ----
// Same result as vk_convolve with kernel_height x kernel_width taps; the input is padded with zeros:
// output[y][x] sees input rows y - pad_top ... y - pad_top + kernel_height - 1. Nothing outside
// [0, input_height) x [0, input_width) is read.
//
// Rounding errors (root mean square relative to the output's; a direct sum has 3e-7):
//   F(2x2, 3x3) 3e-7   F(4x4, 3x3) 7e-7   F(5x5, 3x3) 2e-6   F(6x6, 3x3) 3e-6   F(4x4, 5x5) 2e-6
//   F(3x3, 2x2) 5e-7   F(4x4, 2x2) 1e-6   F(2, 7) 9e-7       F(4, 7) 2e-6
typedef struct {
    const void *input; // pixel (0, 0)
    ptrdiff_t input_row, input_pixel;
    int input_height, input_width;
    int pad_top, pad_left;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int kernel_height, kernel_width;
    int tile_height, tile_width; // outputs of one tile, F(tile, kernel) in each direction
    int inputs, outputs;
    const float *weights; // by vk_winograd_pack; paired where pairs are multiplied
    // Only in a table of reduced precision: whether the products too take bfloat16. Errors grow with the transform's: about
    // F(4x4, 3x3) 1 %, F(4, 7) 3 %, F(4x4, 5x5) 4.5 %, F(6x6, 3x3) 5 %. The input channels are then an even number.
    int multiplies_pairs;
    vk_epilogue epilogue;
} vk_winograd;

// Whether a transform exists for F(tile, kernel) in one direction (F(1,1) included).
int vk_winograd_supports(int tile, int kernel);
size_t vk_winograd_packed_length(int kernel_height, int kernel_width, int tile_height, int tile_width, int inputs,
                                 int outputs);
// weights[ky][kx][i][o], transformed in double precision.
void vk_winograd_pack(const float *weights, int kernel_height, int kernel_width, int tile_height, int tile_width,
                      int inputs, int outputs, float *packed);
// Bytes of scratch memory that one call of vk_winograd_convolve needs at most (64-byte aligned, one per thread).
size_t vk_winograd_scratch_length(const vk_winograd *);
// Number of tiles, ceil(height / tile_height) * ceil(width / tile_width).
int vk_winograd_tiles(const vk_winograd *);
// Computes the tiles [begin, end), counted in row-major order.
void vk_winograd_convolve(const vk_kernels *, const vk_winograd *, int tile_begin, int tile_end, void *scratch);

// ---- Pooling ----
// Max pooling, 'valid'. positions: 4 bits for each output element, the window's first largest element in row-major
// order (TensorFlow's choice), two channels a byte (the even one in the low half), rows of
// width * ((channels + 1) / 2) bytes. The window has at most 16 elements.
typedef struct {
    void *input; // forward: read; backward: its gradient, written
    ptrdiff_t input_row, input_pixel;
    int input_height, input_width;
    void *output; // forward: written; backward: its gradient, read
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int channels;
    int window, stride;
    uint8_t *positions;
    int reads_floats;     // whether the input of the forward pass is floats in a table of reduced precision too
    vk_epilogue epilogue; // forward: of the output; backward: of the input's gradient
} vk_max_pool;
void vk_max_pool_forward(const vk_kernels *, const vk_max_pool *, int row_begin, int row_end);
// Rows of the *input*: each gathers from the windows that chose it.
void vk_max_pool_backward(const vk_kernels *, const vk_max_pool *, int row_begin, int row_end);

#define VK_LARGEST_AVERAGE 15 // rows and columns of an average pooling's window

// Average pooling, stride 1, 'same', odd window; the padding does not count. Input and output have one size.
// The backward pass reads `input` as the output's gradient and writes the input's to `output`.
typedef struct {
    const void *input;
    ptrdiff_t input_row, input_pixel;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width, channels;
    int window;
    vk_epilogue epilogue;
} vk_average_pool;
void vk_average_pool_forward(const vk_kernels *, const vk_average_pool *, int row_begin, int row_end);
void vk_average_pool_backward(const vk_kernels *, const vk_average_pool *, int row_begin, int row_end);

// ---- Rows of pixels ----
// Applies an epilogue to `width` pixels of `channels` that another library computed: output = epilogue(sums).
void vk_apply_epilogue(const vk_kernels *, const float *sums, ptrdiff_t sum_pixel, void *output,
                       ptrdiff_t output_pixel, int width, int channels, const vk_epilogue *row_epilogue);
// sums[c] = sum over a row's pixels of channel c, in double precision, in their order.
void vk_channel_sums(const vk_kernels *, const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
// The same of the squares.
void vk_channel_squares(const vk_kernels *, const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
// Contiguous vectors of floats: sum and sum of squares in double precision; x = min(max(x + scale * g, low), high).
void vk_moments(const vk_kernels *, const float *values, size_t count, double *sum, double *sum_of_squares);
// output[i] = sum over the lines of weights[line] * lines[line][i]; the output may be one of the lines.
void vk_weighted_sum(const vk_kernels *, const float *const *lines, const float *weights, int line_count,
                     float *output, size_t count);
void vk_ascend(const vk_kernels *, float *x, const float *g, float scale, float low, float high, size_t count);
