// AVX-512: 32 registers of 16 floats. 12 pixels times 2 panels take 24 of them for sums and 2 for weights.
#if defined(__x86_64__)
#define VK_TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
#define VK_HAS_AVX512
#define VK_LANES 16
#define VK_PIXELS 12
#define VK_PANELS 2
#include "kernel_table.h"
VK_TABLE(vk_kernels_avx512, "avx512");
#endif
