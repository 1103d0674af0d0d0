// The kernels with the vector length and block sizes of AVX-512, compiled for any CPU, so that tests reach them where
// AVX-512 is missing.
#pragma once

#include <vector_kernels.h>

const vk_kernels *wide_kernels(void);
