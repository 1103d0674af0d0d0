// The vector type and its few operations, written with clang's vector extensions: the same source becomes AVX-512,
// AVX2, NEON or SSE2 code. The including file defines VK_LANES, the number of floats in a vector (8 or 16), and
// VK_HAS_AVX512 if the target has its masked loads and stores. Where a register is shorter, the compiler uses several.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The functions below take and return vectors, but are always inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

// Lets a multiplication and an addition become one instruction where the instruction set has it (FMA).
#pragma STDC FP_CONTRACT ON

#define VK_INLINE static inline __attribute__((always_inline))
// A fully unrolled loop over 0 ... count - 1; `count` is a constant once the function is inlined.
#define VK_UNROLLED(index, count) _Pragma("clang loop unroll(full)") for (int index = 0; index < (count); index++)

typedef float vector __attribute__((ext_vector_type(VK_LANES)));
typedef int mask __attribute__((ext_vector_type(VK_LANES))); // a lane is 0 or -1; `mask ? a : b` selects
typedef vector unaligned_vector __attribute__((aligned(4), may_alias));

// One bit for each lane, the first lane in the lowest bit.
typedef _Bool lane_bits __attribute__((ext_vector_type(VK_LANES)));
#if VK_LANES == 8
typedef uint8_t sign_bits;
#elif VK_LANES == 16
typedef uint16_t sign_bits;
#endif
typedef sign_bits unaligned_sign_bits __attribute__((aligned(1), may_alias));
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bit c % 8 of byte c / 8 holds lane c");

VK_INLINE int larger(int a, int b) { return a > b ? a : b; }
VK_INLINE int smaller(int a, int b) { return a < b ? a : b; }

VK_INLINE vector load(const float *from) { return *(const unaligned_vector *)from; }
VK_INLINE void store(float *to, vector value) { *(unaligned_vector *)to = value; }

// Load or store the first `count` lanes; memory beyond them is neither read nor written.
VK_INLINE vector load_some(const float *from, int count) {
    if (count == VK_LANES) return load(from);
#ifdef VK_HAS_AVX512
    return __builtin_ia32_loadups512_mask(from, (vector)(0.0f), (uint16_t)((1u << count) - 1));
#else
    vector value = 0;
    for (int lane = 0; lane < count; lane++) value[lane] = from[lane];
    return value;
#endif
}
VK_INLINE void store_some(float *to, vector value, int count) {
    if (count == VK_LANES) {
        store(to, value);
        return;
    }
#ifdef VK_HAS_AVX512
    __builtin_ia32_storeups512_mask(to, value, (uint16_t)((1u << count) - 1));
#else
    for (int lane = 0; lane < count; lane++) to[lane] = value[lane];
#endif
}

VK_INLINE sign_bits bits_of(mask value) {
    return __builtin_bit_cast(sign_bits, __builtin_convertvector(value, lane_bits));
}
VK_INLINE mask mask_of(sign_bits bits) { return -__builtin_convertvector(__builtin_bit_cast(lane_bits, bits), mask); }
VK_INLINE sign_bits load_some_bits(const uint8_t *from, int count) {
    if (count == VK_LANES) return *(const unaligned_sign_bits *)from;
    sign_bits bits = 0;
    for (int byte = 0; byte < (count + 7) / 8; byte++) bits |= (sign_bits)(from[byte] << 8 * byte);
    return bits;
}
VK_INLINE void store_some_bits(uint8_t *to, sign_bits bits, int count) {
    if (count == VK_LANES) {
        *(unaligned_sign_bits *)to = bits;
        return;
    }
    bits &= (sign_bits)((1u << count) - 1);
    for (int byte = 0; byte < (count + 7) / 8; byte++) to[byte] = (uint8_t)(bits >> 8 * byte);
}
