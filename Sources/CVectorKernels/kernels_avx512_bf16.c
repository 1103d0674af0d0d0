// AVX-512 with bfloat16 tensors and products. Registers are used as in kernels_avx512.c.
#if defined(__x86_64__)
#define VK_TARGET "avx512bf16,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
#define VK_HAS_AVX512
#define VK_LANES 16
#define VK_PIXELS 12
#define VK_PANELS 2
#define VK_BFLOAT16
#define VK_HAS_AVX512_BF16
#include "kernel_table.h"
VK_TABLE(vk_kernels_avx512_bf16, "avx512_bf16");
#endif
