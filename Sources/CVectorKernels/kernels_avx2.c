// AVX2 with FMA: 16 registers of 8 floats. 6 pixels times 1 panel take 12 of them for sums and 2 for weights.
#if defined(__x86_64__)
#define VK_TARGET "avx2,fma"
#define VK_LANES 8
#define VK_PIXELS 6
#define VK_PANELS 1
#include "kernel_table.h"
VK_TABLE(vk_kernels_avx2, "avx2");
#endif
