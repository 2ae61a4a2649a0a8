/* The operations of simd.h in plain C. One to a line: included by it only. */
#ifndef HAIHE_CORE_SIMD_PLAIN_H
#define HAIHE_CORE_SIMD_PLAIN_H

#include <math.h>

#include "core/code.h"

#ifndef INLINE
#define INLINE static inline __attribute__((always_inline))
#endif

/* clang-format off */
typedef struct {
    float lane[16];
} floats;
typedef struct {
    uint16_t lane[32];
} halves;

#define EACH(i, count) for (int i = 0; i < (count); i++)

INLINE floats f_load(const float *p)
{
    floats v;
    memcpy(&v, p, sizeof v);
    return v;
}
INLINE void f_store(float *p, floats v) { memcpy(p, &v, sizeof v); }
INLINE floats f_all(float x)
{
    floats v;
    EACH(i, 16) v.lane[i] = x;
    return v;
}
#define FLOATS_OF_TWO(name, expression)                                                            \
    INLINE floats name(floats a, floats b)                                                         \
    {                                                                                              \
        EACH(i, 16)                                                                                \
        {                                                                                          \
            float x = a.lane[i], y = b.lane[i];                                                    \
            a.lane[i] = (expression);                                                              \
        }                                                                                          \
        return a;                                                                                  \
    }
FLOATS_OF_TWO(f_add, x + y)
FLOATS_OF_TWO(f_sub, x - y)
FLOATS_OF_TWO(f_mul, x *y)
FLOATS_OF_TWO(f_div, x / y)
FLOATS_OF_TWO(f_min, x < y ? x : y) /* as the instructions: the second one when either is NaN */
FLOATS_OF_TWO(f_max, x > y ? x : y)
INLINE floats f_root(floats a)
{
    EACH(i, 16) a.lane[i] = sqrtf(a.lane[i]);
    return a;
}
INLINE floats f_abs(floats a)
{
    EACH(i, 16) a.lane[i] = fabsf(a.lane[i]);
    return a;
}
INLINE uint16_t f_ge(floats a, floats b)
{
    unsigned m = 0;
    EACH(i, 16) m |= (unsigned)(a.lane[i] >= b.lane[i]) << i;
    return (uint16_t)m;
}
INLINE floats f_choose(uint16_t m, floats yes, floats no)
{
    EACH(i, 16) no.lane[i] = m >> i & 1 ? yes.lane[i] : no.lane[i];
    return no;
}
INLINE floats f_add_where(floats a, uint16_t m, float b)
{
    return f_choose(m, f_add(a, f_all(b)), a);
}
INLINE floats f_max_where(floats a, uint16_t m, float b)
{
    return f_choose(m, f_max(a, f_all(b)), a);
}
INLINE floats f_of_u16(const uint16_t *p)
{
    floats v;
    EACH(i, 16) v.lane[i] = p[i];
    return v;
}
INLINE floats f_of_code(const uint16_t *p, uint32_t bias, float offset)
{
    floats v;
    EACH(i, 16)
    {
        uint32_t bits = ((uint32_t)p[i] << (23 - CODE_MANTISSA_BITS)) + bias;
        memcpy(&v.lane[i], &bits, sizeof bits);
        v.lane[i] -= offset;
    }
    return v;
}
INLINE floats f_lookup(const float table[16], const uint8_t *p, int shift)
{
    floats v;
    EACH(i, 16) v.lane[i] = table[p[i] >> shift & 15];
    return v;
}
INLINE uint16_t u16_equal(const uint16_t *p, uint16_t value)
{
    unsigned m = 0;
    EACH(i, 16) m |= (unsigned)(p[i] == value) << i;
    return (uint16_t)m;
}
INLINE uint16_t u16_any(const uint16_t *p, uint16_t bits)
{
    unsigned m = 0;
    EACH(i, 16) m |= (unsigned)((p[i] & bits) != 0) << i;
    return (uint16_t)m;
}
INLINE uint16_t u32_any(const uint32_t *p, uint32_t bits)
{
    unsigned m = 0;
    EACH(i, 16) m |= (unsigned)((p[i] & bits) != 0) << i;
    return (uint16_t)m;
}
INLINE uint16_t u8_any(const uint8_t *p)
{
    unsigned m = 0;
    EACH(i, 16) m |= (unsigned)(p[i] != 0) << i;
    return (uint16_t)m;
}
INLINE floats u32_equal_bytes(const uint32_t *p, uint32_t value)
{
    floats v;
    EACH(i, 16)
    {
        uint32_t x = p[i] ^ value;
        v.lane[i] = (float)(((x & 0xFF) == 0) + ((x & 0xFF00) == 0) + ((x & 0xFF0000) == 0) +
                            ((x & 0xFF000000) == 0));
    }
    return v;
}
INLINE halves h_zero(void) { return (halves){{0}}; }
INLINE halves h_load(const uint16_t *p)
{
    halves v;
    memcpy(&v, p, sizeof v);
    return v;
}
INLINE void h_store(uint16_t *p, halves v) { memcpy(p, &v, sizeof v); }
INLINE halves h_all(uint16_t x)
{
    halves v;
    EACH(i, 32) v.lane[i] = x;
    return v;
}
#define HALVES_OF_TWO(name, expression)                                                            \
    INLINE halves name(halves a, halves b)                                                         \
    {                                                                                              \
        EACH(i, 32)                                                                                \
        {                                                                                          \
            uint32_t x = a.lane[i], y = b.lane[i];                                                 \
            a.lane[i] = (uint16_t)(expression);                                                    \
        }                                                                                          \
        return a;                                                                                  \
    }
HALVES_OF_TWO(h_add, x + y < UINT16_MAX ? x + y : UINT16_MAX)
HALVES_OF_TWO(h_max, x > y ? x : y)
HALVES_OF_TWO(h_min, x < y ? x : y)
HALVES_OF_TWO(h_mul_high, x *y >> 16)
INLINE halves h_shift_left(halves a, int n)
{
    EACH(i, 32) a.lane[i] = (uint16_t)(a.lane[i] << n);
    return a;
}
INLINE uint32_t h_ge(halves a, halves b)
{
    uint32_t m = 0;
    EACH(i, 32) m |= (uint32_t)(a.lane[i] >= b.lane[i]) << i;
    return m;
}
INLINE halves h_of_u8(const uint8_t *p)
{
    halves v;
    EACH(i, 32) v.lane[i] = p[i];
    return v;
}
INLINE halves h_scale_u8(const uint8_t *p, uint16_t factor)
{
    halves v;
    EACH(i, 32) v.lane[i] = (uint16_t)((p[i] * factor + 255) >> 8);
    return v;
}
INLINE halves h_lookup_u8(const uint8_t table[16], const uint8_t *p)
{
    halves v;
    EACH(i, 32) v.lane[i] = table[p[i] & 15];
    return v;
}
INLINE uint64_t u8_nonzero(const uint8_t *p)
{
    uint64_t m = 0;
    EACH(i, 64) m |= (uint64_t)(p[i] != 0) << i;
    return m;
}
/* clang-format on */

#endif
