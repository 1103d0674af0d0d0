// NEON with bfloat16 tensors and products. Registers are used as in kernels_neon.c.
#if defined(__aarch64__)
#include <arm_neon.h> // before VK_TARGET, which must not apply to its functions
#define VK_TARGET "bf16"
#define VK_LANES 8
#define VK_PIXELS 6
#define VK_PANELS 1
#define VK_BFLOAT16
#define VK_HAS_NEON_BF16
#include "kernel_table.h"
VK_TABLE(vk_kernels_neon_bf16, "neon_bf16");
#endif
