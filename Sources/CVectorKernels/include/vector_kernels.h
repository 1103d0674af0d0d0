// The vector kernels of VisionNet: one implementation, compiled for several instruction sets, of which one is chosen at
// run time.
//
// Tensors are NHWC with N = 1. A tensor is described by the address of an element and two distances in elements:
// address(row, column, channel) = origin + row * row_stride + column * pixel_stride + channel. The pixel stride may
// exceed the channel count, as in a slice of a concatenation.
//
// Elements are floats. In a table of reduced precision they are bfloat16 (the upper half of a float), and rows and
// pixels are an even number of elements apart; arithmetic is in floats, but the factors of products may be bfloat16.
// Sums and biases are floats in every table, and so is an input or output where its description says so.
//
// `signs` hold one bit for each channel: bit c % 8 of byte c / 8 of a pixel. Their strides are in bytes. The unused
// bits of a pixel's last byte are written as zeros.
//
// Results are deterministic: an element is summed in one order, however rows, tiles and panels are split over calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The functions of one instruction set.
typedef struct vk_kernels vk_kernels;

// The table with this name ("avx512", "avx2", "neon", "generic"), or NULL if this CPU or build lacks it. If `name` is
// NULL: the fastest table that this CPU can run.
const vk_kernels *vk_select(const char *name);
const char *vk_name(const vk_kernels *kernels);
// The table of reduced precision for the same vectors, or NULL if this CPU cannot multiply bfloat16.
const vk_kernels *vk_reduced(const vk_kernels *kernels);

// What is done to a sum before it is stored as an output element, in this order:
//   value = sum + (bias ? bias[c] : 0) + (accumulate ? output : 0)
//   signs_out: bit = value > (floor ? floor[c] : -infinity) and value < (ceiling ? ceiling[c] : infinity)
//   floor:     value = max(value, floor[c])        (0: ReLU; -infinity: linear)
//   ceiling:   value = min(value, ceiling[c])      (6: ReLU6; infinity: none)
//   signs_in:  value = bit ? value : 0
typedef struct {
    const float *bias;              // or NULL
    const float *floor;             // or NULL
    const float *ceiling;           // or NULL
    uint8_t *signs_out;             // or NULL
    const uint8_t *signs_in;        // or NULL
    ptrdiff_t sign_row, sign_pixel; // bytes from one row, and from one pixel, to the next
    int accumulate;
} vk_epilogue;

// ---- Convolution as an implicit matrix product ----
// output[y][x][o] = epilogue(sum over taps t, channels i of
//                            input[y * input_row + x * input_pixel + tap_offsets[t] + i] * weights[t][i][o])
// A stride is part of input_row and input_pixel. For padding, the input has a border of zeros into which `input`
// points.
typedef struct {
    const void *input;
    ptrdiff_t input_row, input_pixel;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int taps;
    const ptrdiff_t *tap_offsets;    // elements
    int inputs, outputs;             // channels, at least 1; if the input is bfloat16, `inputs` is even
    const float *weights;            // packed by vk_pack; then paired if the input is bfloat16
    int reads_floats, writes_floats; // in a table of reduced precision: whether input or output is still floats
    vk_epilogue epilogue;
} vk_convolution;

#define VK_PANEL 16 // output channels of one weight panel

// How many floats the packed weights take: panels * taps * inputs * VK_PANEL.
size_t vk_packed_length(int taps, int inputs, int outputs);
// weights[t][i][o] at weights[(t * inputs + i) * outputs + o] -> [panel][tap][input][VK_PANEL], zero-filled.
void vk_pack(const float *weights, int taps, int inputs, int outputs, float *packed);
// Turns weights packed by vk_pack or vk_winograd_pack into pairs of bfloat16, [...][input / 2][VK_PANEL][input % 2],
// which take half as many floats. The number of inputs must be even.
void vk_pair_weights(const float *packed, size_t length, float *pairs);
// Computes output rows [row_begin, row_end) of panels [panel_begin, panel_end).
void vk_convolve(const vk_kernels *, const vk_convolution *, int row_begin, int row_end, int panel_begin,
                 int panel_end);

// ---- Depthwise convolution: every channel has a kernel of its own ----
// output[y][x][c] = epilogue(sum over taps t of input[y * input_row + x * input_pixel + tap_offsets[t] + c] *
// weights[t][c]) The taps, strides and borders are those of vk_convolution.
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
// Rounding errors (root mean square, relative to that of the output; a direct sum has 3e-7):
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
    const float *weights; // packed by vk_winograd_pack; then paired if multiplies_pairs
    // Only in a table of reduced precision, and with an even number of inputs: whether the products take bfloat16
    // factors. The transforms enlarge their errors, to about 1 % in F(4x4, 3x3), 3 % in F(4, 7), 4.5 % in F(4x4, 5x5)
    // and 5 % in F(6x6, 3x3).
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
// The most bytes of scratch memory that one call of vk_winograd_convolve needs. Each thread has its own, aligned to 64
// bytes.
size_t vk_winograd_scratch_length(const vk_winograd *);
// Number of tiles, ceil(height / tile_height) * ceil(width / tile_width).
int vk_winograd_tiles(const vk_winograd *);
// Computes the tiles [begin, end), counted in row-major order.
void vk_winograd_convolve(const vk_kernels *, const vk_winograd *, int tile_begin, int tile_end, void *scratch);

// ---- Pooling ----
// Max pooling; a window has at most 16 elements. Windows may reach beyond the input on every side, and what lies there
// is never the largest; each has at least one element inside. `positions` holds 4 bits for each output element: the
// row-major index in the window of the largest element, the first one in a tie as in TensorFlow. Two channels share a
// byte, the even one in the low half; a row takes width * ((channels + 1) / 2) bytes.
typedef struct {
    void *input; // forward: read; backward: its gradient, written
    ptrdiff_t input_row, input_pixel;
    int input_height, input_width;
    void *output; // forward: written; backward: its gradient, read
    ptrdiff_t output_row, output_pixel;
    int height, width; // of the output
    int channels;
    int window, stride;
    int rows_before, columns_before; // how far the first window reaches beyond the input's first row and column
    uint8_t *positions;
    int reads_floats;     // in a table of reduced precision: whether the forward input is still floats
    vk_epilogue epilogue; // forward: of the output; backward: of the input's gradient
} vk_max_pool;
void vk_max_pool_forward(const vk_kernels *, const vk_max_pool *, int row_begin, int row_end);
// Computes rows of the *input's* gradient: each element adds up the gradients of the windows that chose it.
void vk_max_pool_backward(const vk_kernels *, const vk_max_pool *, int row_begin, int row_end);

#define VK_LARGEST_AVERAGE 15 // the most rows or columns of an average pooling's window

// Average pooling with stride 1, 'same' padding and an odd window. The mean includes the padding's zeros only if
// `counts_padding` is set. Input and output have the same size. The backward pass reads the output's gradient from
// `input` and writes the input's gradient to `output`.
typedef struct {
    const void *input;
    ptrdiff_t input_row, input_pixel;
    void *output;
    ptrdiff_t output_row, output_pixel;
    int height, width, channels;
    int window;
    int counts_padding;
    vk_epilogue epilogue;
} vk_average_pool;
void vk_average_pool_forward(const vk_kernels *, const vk_average_pool *, int row_begin, int row_end);
void vk_average_pool_backward(const vk_kernels *, const vk_average_pool *, int row_begin, int row_end);

// ---- Rows of pixels ----
// Applies an epilogue to `width` pixels of `channels` sums that another library computed.
void vk_apply_epilogue(const vk_kernels *, const float *sums, ptrdiff_t sum_pixel, void *output, ptrdiff_t output_pixel,
                       int width, int channels, const vk_epilogue *row_epilogue);
// sums[c] = sum of channel c over a row's pixels, in double precision, from left to right.
void vk_channel_sums(const vk_kernels *, const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
// The same of the squares.
void vk_channel_squares(const vk_kernels *, const void *row, ptrdiff_t pixel, int width, int channels, double *sums);
// Sum and sum of squares of contiguous floats, in double precision.
void vk_moments(const vk_kernels *, const float *values, size_t count, double *sum, double *sum_of_squares);
// output[i] = sum over the lines of weights[line] * lines[line][i]; the output may be one of the lines.
void vk_weighted_sum(const vk_kernels *, const float *const *lines, const float *weights, int line_count, float *output,
                     size_t count);
// x[i] = min(max(x[i] + scale * g[i], low), high)
void vk_ascend(const vk_kernels *, float *x, const float *g, float scale, float low, float high, size_t count);
