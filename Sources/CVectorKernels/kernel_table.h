// Compiles all kernels for one instruction set and defines VK_TABLE, which makes their table. The including file
// defines VK_LANES (vectors.h), VK_PIXELS and VK_PANELS (product_kernel.h); VK_TARGET for instructions beyond the
// compiler's baseline; for a table of reduced precision VK_BFLOAT16 and, if the CPU has bfloat16 instructions,
// VK_HAS_AVX512_BF16 or VK_HAS_NEON_BF16 (elements.h).
#pragma once

#include "kernels.h"

#ifdef VK_TARGET
#pragma clang attribute push(__attribute__((target(VK_TARGET))), apply_to = function)
#endif

#include "convolution_kernel.h"
#include "depthwise_kernel.h"
#include "pooling_kernel.h"
#include "reduction_kernel.h"
#include "winograd_kernel.h"

#ifdef VK_TARGET
#pragma clang attribute pop
#endif

#define VK_TABLE(table, label)                                                                                         \
    const vk_kernels table = {                                                                                         \
        .name = label,                                                                                                 \
        .convolve = convolve,                                                                                          \
        .convolve_depthwise = convolve_depthwise,                                                                      \
        .winograd_convolve = winograd_convolve,                                                                        \
        .max_pool_forward = max_pool_forward,                                                                          \
        .max_pool_backward = max_pool_backward,                                                                        \
        .average_pool_forward = average_pool_forward,                                                                  \
        .average_pool_backward = average_pool_backward,                                                                \
        .apply_epilogue = apply_epilogue,                                                                              \
        .channel_sums = channel_sums,                                                                                  \
        .channel_squares = channel_squares,                                                                            \
        .moments = moments,                                                                                            \
        .weighted_sum = weighted_sum,                                                                                  \
        .ascend = ascend,                                                                                              \
    }
