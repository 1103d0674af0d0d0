#include "wide_kernels.h"

#define VK_LANES 8
#define VK_PIXELS 3
#define VK_PANELS 1
#define VK_BFLOAT16
#include "../../Sources/CVectorKernels/kernel_table.h"

static VK_TABLE(table, "narrow reduced");

const vk_kernels *narrow_reduced_kernels(void) { return &table; }
