// Puts weights into the order in which the kernels read them.
#include "vector_kernels.h"

#include <string.h>

static int panels_of(int outputs) { return (outputs + VK_PANEL - 1) / VK_PANEL; }

size_t vk_packed_length(int taps, int inputs, int outputs) {
    return (size_t)panels_of(outputs) * (size_t)taps * (size_t)inputs * VK_PANEL;
}

void vk_pack(const float *weights, int taps, int inputs, int outputs, float *packed) {
    const size_t rows = (size_t)taps * (size_t)inputs;
    for (int panel = 0; panel < panels_of(outputs); panel++) {
        for (size_t row = 0; row < rows; row++) {
            for (int lane = 0; lane < VK_PANEL; lane++) {
                const int output = panel * VK_PANEL + lane;
                *packed++ = output < outputs ? weights[row * (size_t)outputs + (size_t)output] : 0;
            }
        }
    }
}

// The nearest bfloat16, ties to even. Weights are finite.
static uint16_t bfloat16_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void vk_pair_weights(const float *packed, size_t length, float *pairs) {
    for (size_t row = 0; row < length; row += 2 * VK_PANEL) {
        for (int lane = 0; lane < VK_PANEL; lane++) {
            const uint16_t pair[2] = {bfloat16_of(packed[row + lane]), bfloat16_of(packed[row + VK_PANEL + lane])};
            memcpy(pairs++, pair, sizeof pair);
        }
    }
}
