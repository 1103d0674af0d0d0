// Any CPU that the compiler knows: vectors become what the baseline has (SSE2 on x86-64). 3 pixels times 1 panel fit
// into 16 registers of 4 floats.
#define VK_LANES 8
#define VK_PIXELS 3
#define VK_PANELS 1
#include "kernel_table.h"
VK_TABLE(vk_kernels_generic, "generic");
