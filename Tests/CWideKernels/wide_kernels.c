#include "wide_kernels.h"

#define VK_LANES 16
#define VK_PIXELS 12
#define VK_PANELS 2
#include "../../Sources/CVectorKernels/kernel_table.h"

static VK_TABLE(table, "wide");

const vk_kernels *wide_kernels(void) { return &table; }
