#include "cook_toom.h"

// Small numbers of both sides of 1 keep the rounding errors low; all are exact in binary, and so are their squares.
static const double pair_points[most_pairs] = {1, 2, 0.5, 1.5};
static const double single_point = 0.5;      // beside at most two pairs
static const double only_single_point = 1;   // without a pair

static int pairs_of(int size) { return size > 1 ? (size - 2) / 2 : 0; }
static double single_of(int size) { return pairs_of(size) > 0 ? single_point : only_single_point; }

// The product of (x^2 - p^2) over the pairs other than `left_out`, as coefficients of x^0, x^2, ...
static void multiply_pairs(int pairs, int left_out, float *coefficients) {
    double product[most_pairs + 1] = {1};
    int degree = 0;
    for (int pair = 0; pair < pairs; pair++) {
        if (pair == left_out) continue;
        const double square = pair_points[pair] * pair_points[pair];
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
    vk_cook_toom transform = {.size = size, .pairs = pairs_of(size), .has_single = size > 1 && size % 2 == 1};
    multiply_pairs(transform.pairs, -1, transform.all);
    for (int pair = 0; pair < transform.pairs; pair++) {
        transform.pair[pair] = (float)pair_points[pair];
        multiply_pairs(transform.pairs, pair, transform.without[pair]);
        fill_powers(pair_points[pair], transform.pair_power[pair]);
    }
    transform.single = (float)single_of(size);
    fill_powers(single_of(size), transform.single_power);
    return transform;
}

void vk_cook_toom_weight_factors(int tile, int kernel, double *factors) {
    const int size = tile + kernel - 1, pairs = pairs_of(size);
    if (size == 1) {
        factors[0] = 1;
        return;
    }
    double points[largest_size]; // the finite ones, by position; infinity's place is skipped
    const int infinity = 2 * pairs + 1;
    points[0] = 0;
    for (int pair = 0; pair < pairs; pair++) {
        points[2 * pair + 1] = pair_points[pair];
        points[2 * pair + 2] = -pair_points[pair];
    }
    if (size % 2 == 1) points[infinity + 1] = single_of(size);

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
