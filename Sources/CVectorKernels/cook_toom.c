// The interpolation points, and coefficients computed from them in double precision.
#include "cook_toom.h"

// clang-format off The points of each size, chosen among all combinations of small binary fractions for the least
// rounding error: in F(4, 3), 0.625 and 1.5 have half the error of the usual 1 and 2.
static const struct {
    double pairs[most_pairs], single;
} points_of_size[largest_size + 1] = {
    [3] = {{0}, 1},
    [4] = {{1}, 0},
    [5] = {{1.5}, 0.5},
    [6] = {{0.625, 1.5}, 0},
    [7] = {{1, 2}, 0.375},
    [8] = {{0.5, 1, 2}, 0},
    [10] = {{0.375, 0.75, 1.5, 3}, 0},
};
// clang-format on

static int pairs_of(int size) { return size > 1 ? (size - 2) / 2 : 0; }

// The product of (x^2 - p^2) over the pairs other than `left_out`, as coefficients of x^0, x^2, ...
static void multiply_pairs(const double *points, int pairs, int left_out, float *coefficients) {
    double product[most_pairs + 1] = {1};
    int degree = 0;
    for (int pair = 0; pair < pairs; pair++) {
        if (pair == left_out) continue;
        const double square = points[pair] * points[pair];
        degree++;
        for (int power = degree; power > 0; power--) product[power] = product[power - 1] - square * product[power];
        product[0] *= -square;
    }
    for (int power = 0; power <= degree; power++) coefficients[power] = (float)product[power];
}

static void fill_powers(double point, float *powers) {
    double power = 1;
    for (int exponent = 0; exponent < largest_tile; exponent++, power *= point) powers[exponent] = (float)power;
}

vk_cook_toom vk_cook_toom_of_size(int size) {
    vk_cook_toom transform = {.pairs = pairs_of(size)};
    const double *points = points_of_size[size].pairs, single = points_of_size[size].single;
    multiply_pairs(points, transform.pairs, -1, transform.all);
    for (int pair = 0; pair < transform.pairs; pair++) {
        transform.pair[pair] = (float)points[pair];
        multiply_pairs(points, transform.pairs, pair, transform.without[pair]);
        fill_powers(points[pair], transform.pair_power[pair]);
    }
    transform.single = (float)single;
    fill_powers(single, transform.single_power);
    return transform;
}

void vk_cook_toom_weight_factors(int tile, int kernel, double *factors) {
    const int size = tile + kernel - 1, pairs = pairs_of(size);
    if (size == 1) {
        factors[0] = 1;
        return;
    }
    double points[largest_size]; // the finite points by position; the entry of infinity is unused
    const int infinity = 2 * pairs + 1;
    points[0] = 0;
    for (int pair = 0; pair < pairs; pair++) {
        points[2 * pair + 1] = points_of_size[size].pairs[pair];
        points[2 * pair + 2] = -points_of_size[size].pairs[pair];
    }
    if (size % 2 == 1) points[infinity + 1] = points_of_size[size].single;

    for (int position = 0; position < size; position++) {
        double *row = factors + position * kernel;
        if (position == infinity) {
            for (int index = 0; index < kernel; index++) row[index] = index == kernel - 1;
            continue;
        }
        double factor = 1;
        for (int other = 0; other < size; other++)
            if (other != position && other != infinity) factor /= points[position] - points[other];
        for (int index = 0; index < kernel; index++, factor *= points[position]) row[index] = factor;
    }
}
