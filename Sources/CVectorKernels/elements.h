// The elements of tensors in memory: floats, or bfloat16 (the upper half of a float) if VK_BFLOAT16 is defined.
#pragma once

#include "vectors.h"

#ifdef VK_BFLOAT16
typedef uint16_t element;
typedef element halves __attribute__((ext_vector_type(VK_LANES)));
typedef halves unaligned_halves __attribute__((aligned(2), may_alias));
typedef unsigned bit_patterns __attribute__((ext_vector_type(VK_LANES)));

VK_INLINE vector widened(halves values) {
    return __builtin_bit_cast(vector, __builtin_convertvector(values, bit_patterns) << 16);
}

#if defined(VK_HAS_AVX512_BF16) || defined(VK_HAS_NEON_BF16)
typedef __bf16 bfloat16s __attribute__((vector_size(VK_LANES * sizeof(__bf16))));

VK_INLINE halves narrowed(vector values) {
    return __builtin_bit_cast(halves, __builtin_convertvector(values, bfloat16s));
}
#else
// Rounds to nearest, ties to even.
VK_INLINE halves narrowed(vector values) {
    const bit_patterns bits = __builtin_bit_cast(bit_patterns, values);
    return __builtin_convertvector((bits + 0x7fff + (bits >> 16 & 1)) >> 16, halves);
}
#endif

#if defined(VK_HAS_AVX512_BF16)
typedef __bf16 bfloat16_pairs __attribute__((vector_size(2 * VK_LANES * sizeof(__bf16))));

// Adds both products of each lane's pair of bfloat16: sum + a[0] * b[0] + a[1] * b[1].
VK_INLINE vector add_pair_products(vector sum, vector pairs, vector other_pairs) {
    return __builtin_ia32_dpbf16ps_512(sum, __builtin_bit_cast(bfloat16_pairs, pairs),
                                       __builtin_bit_cast(bfloat16_pairs, other_pairs));
}
#elif defined(VK_HAS_NEON_BF16)
typedef struct {
    float32x4_t quads[2];
} quad_floats;
typedef struct {
    bfloat16x8_t quads[2];
} quad_pairs;

// Adds both products of each lane's pair of bfloat16; a vector takes two registers.
VK_INLINE vector add_pair_products(vector sum, vector pairs, vector other_pairs) {
    quad_floats sums = __builtin_bit_cast(quad_floats, sum);
    const quad_pairs factors = __builtin_bit_cast(quad_pairs, pairs);
    const quad_pairs others = __builtin_bit_cast(quad_pairs, other_pairs);
    VK_UNROLLED(quad, 2) sums.quads[quad] = vbfdotq_f32(sums.quads[quad], factors.quads[quad], others.quads[quad]);
    return __builtin_bit_cast(vector, sums);
}
#else
VK_INLINE vector first_of_pairs(vector pairs) {
    return __builtin_bit_cast(vector, __builtin_bit_cast(bit_patterns, pairs) << 16);
}
VK_INLINE vector second_of_pairs(vector pairs) {
    return __builtin_bit_cast(vector, __builtin_bit_cast(bit_patterns, pairs) & 0xffff0000u);
}
VK_INLINE vector add_pair_products(vector sum, vector pairs, vector other_pairs) {
    sum += second_of_pairs(pairs) * second_of_pairs(other_pairs);
    return first_of_pairs(pairs) * first_of_pairs(other_pairs) + sum;
}
#endif

VK_INLINE vector load_elements(const element *from, int count) {
    if (count == VK_LANES) return widened(*(const unaligned_halves *)from);
    halves values = 0;
    for (int lane = 0; lane < count; lane++) values[lane] = from[lane];
    return widened(values);
}
VK_INLINE void store_elements(element *to, vector value, int count) {
    const halves values = narrowed(value);
    if (count == VK_LANES) {
        *(unaligned_halves *)to = values;
        return;
    }
    for (int lane = 0; lane < count; lane++) to[lane] = values[lane];
}
#else
typedef float element;

VK_INLINE vector load_elements(const element *from, int count) { return load_some(from, count); }
VK_INLINE void store_elements(element *to, vector value, int count) { store_some(to, value, count); }
#endif

// What memory holds: elements of this table's format, or floats whatever the table.
typedef enum { holds_elements, holds_floats } tensor_kind;

VK_INLINE ptrdiff_t element_bytes(const tensor_kind kind) {
    return kind == holds_floats ? sizeof(float) : sizeof(element);
}
VK_INLINE void *tensor_at(const void *tensor, ptrdiff_t index, const tensor_kind kind) {
    return (char *)tensor + index * element_bytes(kind);
}
VK_INLINE vector load_kind(const tensor_kind kind, const void *from, int count) {
    return kind == holds_floats ? load_some(from, count) : load_elements(from, count);
}

// Calls `kinds(input kind, output kind, task, ...)` for what a task reads and writes, with constant kinds, so that the
// compiler makes a function of each pair.
#ifdef VK_BFLOAT16
#define VK_CALL_WITH_KINDS(kinds, task, ...)                                                                           \
    do {                                                                                                               \
        if ((task)->reads_floats && (task)->writes_floats)                                                             \
            kinds(holds_floats, holds_floats, task, __VA_ARGS__);                                                      \
        else if ((task)->reads_floats)                                                                                 \
            kinds(holds_floats, holds_elements, task, __VA_ARGS__);                                                    \
        else if ((task)->writes_floats)                                                                                \
            kinds(holds_elements, holds_floats, task, __VA_ARGS__);                                                    \
        else                                                                                                           \
            kinds(holds_elements, holds_elements, task, __VA_ARGS__);                                                  \
    } while (0)
#else
#define VK_CALL_WITH_KINDS(kinds, task, ...) kinds(holds_elements, holds_elements, task, __VA_ARGS__)
#endif
