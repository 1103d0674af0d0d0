// NEON, which every arm64 CPU has: 32 registers of 4 floats; a vector of 8 takes two. 6 pixels times 1 panel take 24
// registers for sums and 4 for weights.
#if defined(__aarch64__)
#define VK_LANES 8
#define VK_PIXELS 6
#define VK_PANELS 1
#include "kernel_table.h"
VK_TABLE(vk_kernels_neon, "neon");
#endif
