// Kernels compiled for any CPU, so that tests reach them where an instruction set is missing, and the size of the
// errors that they may make.
#pragma once

#include <vector_kernels.h>

// The vector length and block sizes of AVX-512.
const vk_kernels *wide_kernels(void);
// Reduced precision whose bfloat16 are converted and multiplied in integer arithmetic and floats, with the sizes of
// AVX-512 and of the generic table.
const vk_kernels *wide_reduced_kernels(void);
const vk_kernels *narrow_reduced_kernels(void);

// How many times F(tile, kernel) in one direction enlarges independent relative errors of its products: the root mean
// square of the result's relative errors over that of the products', where inputs and weights are independent numbers
// around zero. Two directions multiply their factors.
double transform_error_growth(int tile, int kernel);
