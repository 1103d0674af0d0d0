// Any CPU: the compiler splits vectors into the registers of its baseline (SSE2 on x86-64). The sums of 3 pixels times
// 1 panel fit into 16 registers of 4 floats.
#define VK_LANES 8
#define VK_PIXELS 3
#define VK_PANELS 1
#include "kernel_table.h"
VK_TABLE(vk_kernels_generic, "generic");
