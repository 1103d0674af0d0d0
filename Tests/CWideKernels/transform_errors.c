#include "wide_kernels.h"

#include "../../Sources/CVectorKernels/cook_toom.h"

#include <math.h>

// The finite points of a transform by their position, and the position of infinity (see cook_toom.h).
typedef struct {
    int size, infinity;
    double finite[largest_size];
} point_list;

static point_list points_of(int size) {
    const vk_cook_toom transform = vk_cook_toom_of_size(size);
    point_list points = {.size = size, .infinity = 2 * transform.pairs + 1};
    for (int pair = 0; pair < transform.pairs; pair++) {
        points.finite[2 * pair + 1] = transform.pair[pair];
        points.finite[2 * pair + 2] = -(double)transform.pair[pair];
    }
    if (size % 2 == 1) points.finite[size - 1] = transform.single;
    return points;
}

// Sums of the squares of what the inputs, the weights and the products are multiplied by at a position.
static double input_squares(const point_list *points, int position) {
    double product[largest_size + 1] = {1}, squares = 0; // of x - b over all finite points but the position's own
    int degree = 0;
    for (int point = 0; point < points->size; point++) {
        if (point == position || point == points->infinity) continue;
        degree++;
        for (int power = degree; power > 0; power--)
            product[power] = product[power - 1] - points->finite[point] * product[power];
        product[0] *= -points->finite[point];
    }
    for (int power = 0; power <= degree; power++) squares += product[power] * product[power];
    return squares;
}
static double weight_squares(const double *factors, int kernel, int position) {
    double squares = 0;
    for (int index = 0; index < kernel; index++) squares += pow(factors[position * kernel + index], 2);
    return squares;
}
static double output_squares(const point_list *points, int tile, int position) {
    if (position == points->infinity) return 1;
    double squares = 0;
    for (int output = 0; output < tile; output++) squares += pow(points->finite[position], 2 * output);
    return squares;
}

double transform_error_growth(int tile, int kernel) {
    const int size = tile + kernel - 1;
    if (size == 1) return 1;
    const point_list points = points_of(size);
    double factors[largest_size * largest_kernel], squares = 0;
    vk_cook_toom_weight_factors(tile, kernel, factors);
    for (int position = 0; position < size; position++)
        squares += input_squares(&points, position) * weight_squares(factors, kernel, position) *
                   output_squares(&points, tile, position);
    return sqrt(squares / (tile * kernel));
}
