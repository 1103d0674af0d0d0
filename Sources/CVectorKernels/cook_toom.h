// The Cook-Toom construction of F(tile, kernel): `tile` outputs of a correlation with `kernel` weights from
// size = tile + kernel - 1 products.
//
// Inputs and weights are the coefficients of polynomials; their product is evaluated at size - 1 points and at
// infinity and interpolated. Transposed (Winograd), with the points a and M_a(x) = product of (x - b) over the finite
// points b other than a:
//   inputs:  at point a, the coefficients of M_a times the inputs; at infinity, those of the product over all points;
//   weights: at point a, (1, a, a^2, ...) / M_a(a); at infinity, the last weight;
//   outputs: the j-th is the sum over a of a^j times a's product, and for the last one infinity's is added.
//
// The points are 0, pairs +p and -p, a single point s if the size is odd, and infinity. The two points of a pair share
// the even and odd parts of a polynomial, which halves the arithmetic. Positions: 0, +p1, -p1, +p2, -p2, ..., infinity,
// and s last.
#pragma once

enum {
    largest_tile = 6,
    largest_kernel = 7,
    largest_size = 10,
    most_pairs = largest_size / 2 - 1,
};

// Every F(tile, kernel) that has a transform. F(1, 1) transforms nothing; it is for the direction in which a kernel has
// one tap.
#define VK_EACH_TRANSFORM(X)                                                                                           \
    X(1, 1) X(2, 2) X(3, 2) X(4, 2) X(2, 3) X(3, 3) X(4, 3) X(5, 3) X(6, 3) X(2, 5) X(3, 5) X(4, 5) X(2, 7) X(4, 7)

typedef struct {
    int pairs;
    float pair[most_pairs], single;
    // Coefficients of x^0, x^2, x^4, ... of the product of (x^2 - p^2) over all pairs, and over all but one.
    float all[most_pairs + 1], without[most_pairs][most_pairs];
    // pair^j and single^j.
    float pair_power[most_pairs][largest_tile], single_power[largest_tile];
} vk_cook_toom;

// `size` is the tile + kernel - 1 of a transform above.
vk_cook_toom vk_cook_toom_of_size(int size);
// Computes what each weight is multiplied by at each position: factors[position * kernel + index].
void vk_cook_toom_weight_factors(int tile, int kernel, double *factors);
