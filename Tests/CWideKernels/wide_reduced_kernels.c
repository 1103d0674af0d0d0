#include "wide_kernels.h"

#define VK_LANES 16
#define VK_PIXELS 12
#define VK_PANELS 2
#define VK_BFLOAT16
#include "../../Sources/CVectorKernels/kernel_table.h"

static VK_TABLE(table, "wide reduced");

const vk_kernels *wide_reduced_kernels(void) { return &table; }
