/* Sixteen floats, thirty-two halves: the few vector operations that the kernels are made of.
 *
 * Included by kernel_body.h only, which is compiled once for each instruction set: with AVX-512BW,
 * with AVX2, and as plain C that any compiler takes. All three round alike (no fused multiply-add),
 * so the twins agree bit for bit.
 * Lane i of a mask is its bit i.
 */
#ifndef HAIHE_CORE_SIMD_H
#define HAIHE_CORE_SIMD_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "core/code.h"

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

/* --- AVX-512 ----------------------------------------------------------------------------------- */

typedef __m512 floats;
typedef __m512i halves;

INLINE floats f_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void f_store(float *p, floats a) { _mm512_storeu_ps(p, a); }
INLINE floats f_all(float a) { return _mm512_set1_ps(a); }
INLINE floats f_add(floats a, floats b) { return _mm512_add_ps(a, b); }
INLINE floats f_sub(floats a, floats b) { return _mm512_sub_ps(a, b); }
INLINE floats f_mul(floats a, floats b) { return _mm512_mul_ps(a, b); }
INLINE floats f_div(floats a, floats b) { return _mm512_div_ps(a, b); }
INLINE floats f_min(floats a, floats b) { return _mm512_min_ps(a, b); }
INLINE floats f_max(floats a, floats b) { return _mm512_max_ps(a, b); }
INLINE floats f_root(floats a) { return _mm512_sqrt_ps(a); }
INLINE floats f_abs(floats a) { return _mm512_abs_ps(a); }
INLINE uint16_t f_ge(floats a, floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
INLINE floats f_choose(uint16_t m, floats yes, floats no) { return _mm512_mask_mov_ps(no, m, yes); }
INLINE floats f_add_where(floats a, uint16_t m, float b)
{
    return _mm512_mask_add_ps(a, m, a, _mm512_set1_ps(b));
}
INLINE floats f_max_where(floats a, uint16_t m, float b)
{
    return _mm512_mask_max_ps(a, m, a, _mm512_set1_ps(b));
}
INLINE floats f_of_u16(const uint16_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)));
}
INLINE floats f_of_code(const uint16_t *p, uint32_t bias, float offset)
{
    __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    bits = _mm512_add_epi32(_mm512_slli_epi32(bits, 23 - CODE_MANTISSA_BITS),
                            _mm512_set1_epi32((int)bias));
    return _mm512_sub_ps(_mm512_castsi512_ps(bits), _mm512_set1_ps(offset));
}
INLINE floats f_lookup(const float table[16], const uint8_t *p, int shift)
{
    __m512i index = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
    index = _mm512_and_si512(_mm512_srli_epi32(index, (unsigned)shift), _mm512_set1_epi32(15));
    return _mm512_permutexvar_ps(index, _mm512_loadu_ps(table));
}
INLINE uint16_t u16_equal(const uint16_t *p, uint16_t value)
{
    return _mm256_cmpeq_epi16_mask(_mm256_loadu_si256((const __m256i *)p),
                                   _mm256_set1_epi16((short)value));
}
INLINE uint16_t u16_any(const uint16_t *p, uint16_t bits)
{
    return _mm256_test_epi16_mask(_mm256_loadu_si256((const __m256i *)p),
                                  _mm256_set1_epi16((short)bits));
}
INLINE uint16_t u32_any(const uint32_t *p, uint32_t bits)
{
    return _mm512_test_epi32_mask(_mm512_loadu_si512(p), _mm512_set1_epi32((int)bits));
}
INLINE uint16_t u8_any(const uint8_t *p)
{
    __m128i a = _mm_loadu_si128((const __m128i *)p);
    return _mm_test_epi8_mask(a, a);
}
/* How many of the four bytes of each lane equal the value's. */
INLINE floats u32_equal_bytes(const uint32_t *p, uint32_t value)
{
    __mmask64 equal =
        _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi32((int)value));
    __m512i ones = _mm512_maskz_set1_epi8(equal, 1);
    ones = _mm512_maddubs_epi16(ones, _mm512_set1_epi8(1));
    return _mm512_cvtepi32_ps(_mm512_madd_epi16(ones, _mm512_set1_epi16(1)));
}
INLINE halves h_zero(void) { return _mm512_setzero_si512(); }
INLINE halves h_load(const uint16_t *p) { return _mm512_loadu_si512(p); }
INLINE void h_store(uint16_t *p, halves a) { _mm512_storeu_si512(p, a); }
INLINE halves h_all(uint16_t a) { return _mm512_set1_epi16((short)a); }
INLINE halves h_add(halves a, halves b) { return _mm512_adds_epu16(a, b); }
INLINE halves h_max(halves a, halves b) { return _mm512_max_epu16(a, b); }
INLINE halves h_min(halves a, halves b) { return _mm512_min_epu16(a, b); }
INLINE halves h_shift_left(halves a, int n) { return _mm512_slli_epi16(a, (unsigned)n); }
INLINE halves h_mul_high(halves a, halves b) { return _mm512_mulhi_epu16(a, b); }
INLINE uint32_t h_ge(halves a, halves b) { return _mm512_cmpge_epu16_mask(a, b); }
INLINE halves h_of_u8(const uint8_t *p)
{
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)p));
}
/* (bytes * factor + 255) >> 8; factor at most 256. */
INLINE halves h_scale_u8(const uint8_t *p, uint16_t factor)
{
    halves a = _mm512_mullo_epi16(h_of_u8(p), _mm512_set1_epi16((short)factor));
    return _mm512_srli_epi16(_mm512_add_epi16(a, _mm512_set1_epi16(255)), 8);
}
INLINE halves h_lookup_u8(const uint8_t table[16], const uint8_t *p)
{
    __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return _mm512_cvtepu8_epi16(_mm256_shuffle_epi8(t, _mm256_loadu_si256((const __m256i *)p)));
}
typedef __m512i lookup_table;
INLINE lookup_table lookup_load(const uint16_t table[32]) { return _mm512_loadu_si512(table); }
INLINE halves h_lookup(lookup_table table, const uint8_t *p)
{
    return _mm512_permutexvar_epi16(h_of_u8(p), table);
}
INLINE uint64_t u8_nonzero(const uint8_t *p)
{
    __m512i a = _mm512_loadu_si512(p);
    return _mm512_test_epi8_mask(a, a);
}

#elif defined(__AVX2__)

/* --- AVX2: two registers for each vector ---------------------------------------------------------- */

typedef struct {
    __m256 a, b;
} floats;
typedef struct {
    __m256i a, b;
} halves;

INLINE floats f_load(const float *p)
{
    return (floats){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
INLINE void f_store(float *p, floats v)
{
    _mm256_storeu_ps(p, v.a);
    _mm256_storeu_ps(p + 8, v.b);
}
INLINE floats f_all(float v) { return (floats){_mm256_set1_ps(v), _mm256_set1_ps(v)}; }
#define FLOATS_OF_TWO(name, operation)                                                             \
    INLINE floats name(floats x, floats y)                                                         \
    {                                                                                              \
        return (floats){operation(x.a, y.a), operation(x.b, y.b)};                                 \
    }
FLOATS_OF_TWO(f_add, _mm256_add_ps)
FLOATS_OF_TWO(f_sub, _mm256_sub_ps)
FLOATS_OF_TWO(f_mul, _mm256_mul_ps)
FLOATS_OF_TWO(f_div, _mm256_div_ps)
FLOATS_OF_TWO(f_min, _mm256_min_ps)
FLOATS_OF_TWO(f_max, _mm256_max_ps)
INLINE floats f_root(floats x) { return (floats){_mm256_sqrt_ps(x.a), _mm256_sqrt_ps(x.b)}; }
INLINE floats f_abs(floats x)
{
    __m256 sign = _mm256_set1_ps(-0.0f);
    return (floats){_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
INLINE uint16_t f_ge(floats x, floats y)
{
    return (uint16_t)(_mm256_movemask_ps(_mm256_cmp_ps(x.a, y.a, _CMP_GE_OQ)) |
                      _mm256_movemask_ps(_mm256_cmp_ps(x.b, y.b, _CMP_GE_OQ)) << 8);
}
/* All bits of the lanes whose bit is set. */
INLINE __m256i lanes8(unsigned m)
{
    __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)m), bit), bit);
}
INLINE floats f_choose(uint16_t m, floats yes, floats no)
{
    return (floats){_mm256_blendv_ps(no.a, yes.a, _mm256_castsi256_ps(lanes8(m))),
                    _mm256_blendv_ps(no.b, yes.b, _mm256_castsi256_ps(lanes8(m >> 8)))};
}
INLINE floats f_add_where(floats x, uint16_t m, float y)
{
    return f_choose(m, f_add(x, f_all(y)), x);
}
INLINE floats f_max_where(floats x, uint16_t m, float y)
{
    return f_choose(m, f_max(x, f_all(y)), x);
}
INLINE __m256i ints_of_u16(const uint16_t *p)
{
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
}
INLINE floats f_of_u16(const uint16_t *p)
{
    return (floats){_mm256_cvtepi32_ps(ints_of_u16(p)), _mm256_cvtepi32_ps(ints_of_u16(p + 8))};
}
INLINE __m256 f8_of_code(const uint16_t *p, uint32_t bias, float offset)
{
    __m256i bits = _mm256_add_epi32(_mm256_slli_epi32(ints_of_u16(p), 23 - CODE_MANTISSA_BITS),
                                    _mm256_set1_epi32((int)bias));
    return _mm256_sub_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(offset));
}
INLINE floats f_of_code(const uint16_t *p, uint32_t bias, float offset)
{
    return (floats){f8_of_code(p, bias, offset), f8_of_code(p + 8, bias, offset)};
}
INLINE __m256 f8_lookup(const float table[16], const uint8_t *p, int shift)
{
    __m256i index = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
    index = _mm256_and_si256(_mm256_srli_epi32(index, shift), _mm256_set1_epi32(15));
    return _mm256_i32gather_ps(table, index, 4);
}
INLINE floats f_lookup(const float table[16], const uint8_t *p, int shift)
{
    return (floats){f8_lookup(table, p, shift), f8_lookup(table, p + 8, shift)};
}
/* A bit for each of 16 halves that are all ones or all zeros. */
INLINE uint16_t mask_of_halves(__m256i v)
{
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return (uint16_t)_mm_movemask_epi8(bytes);
}
INLINE uint16_t u16_equal(const uint16_t *p, uint16_t value)
{
    return mask_of_halves(_mm256_cmpeq_epi16(_mm256_loadu_si256((const __m256i *)p),
                                             _mm256_set1_epi16((short)value)));
}
INLINE uint16_t u16_any(const uint16_t *p, uint16_t bits)
{
    __m256i v = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)p),
                                 _mm256_set1_epi16((short)bits));
    return (uint16_t)~mask_of_halves(_mm256_cmpeq_epi16(v, _mm256_setzero_si256()));
}
INLINE unsigned u32_any8(const uint32_t *p, uint32_t bits)
{
    __m256i v = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)p),
                                 _mm256_set1_epi32((int)bits));
    v = _mm256_cmpeq_epi32(v, _mm256_setzero_si256());
    return ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(v)) & 0xFF;
}
INLINE uint16_t u32_any(const uint32_t *p, uint32_t bits)
{
    return (uint16_t)(u32_any8(p, bits) | u32_any8(p + 8, bits) << 8);
}
INLINE uint16_t u8_any(const uint8_t *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    return (uint16_t)~_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128()));
}
INLINE __m256 f8_equal_bytes(const uint32_t *p, uint32_t value)
{
    __m256i equal = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p),
                                      _mm256_set1_epi32((int)value));
    __m256i ones = _mm256_maddubs_epi16(_mm256_abs_epi8(equal), _mm256_set1_epi8(1));
    return _mm256_cvtepi32_ps(_mm256_madd_epi16(ones, _mm256_set1_epi16(1)));
}
INLINE floats u32_equal_bytes(const uint32_t *p, uint32_t value)
{
    return (floats){f8_equal_bytes(p, value), f8_equal_bytes(p + 8, value)};
}
INLINE halves h_zero(void) { return (halves){_mm256_setzero_si256(), _mm256_setzero_si256()}; }
INLINE halves h_load(const uint16_t *p)
{
    return (halves){_mm256_loadu_si256((const __m256i *)p),
                    _mm256_loadu_si256((const __m256i *)(p + 16))};
}
INLINE void h_store(uint16_t *p, halves v)
{
    _mm256_storeu_si256((__m256i *)p, v.a);
    _mm256_storeu_si256((__m256i *)(p + 16), v.b);
}
INLINE halves h_all(uint16_t v)
{
    return (halves){_mm256_set1_epi16((short)v), _mm256_set1_epi16((short)v)};
}
#define HALVES_OF_TWO(name, operation)                                                             \
    INLINE halves name(halves x, halves y)                                                         \
    {                                                                                              \
        return (halves){operation(x.a, y.a), operation(x.b, y.b)};                                 \
    }
HALVES_OF_TWO(h_add, _mm256_adds_epu16)
HALVES_OF_TWO(h_max, _mm256_max_epu16)
HALVES_OF_TWO(h_min, _mm256_min_epu16)
HALVES_OF_TWO(h_mul_high, _mm256_mulhi_epu16)
INLINE halves h_shift_left(halves v, int n)
{
    return (halves){_mm256_slli_epi16(v.a, n), _mm256_slli_epi16(v.b, n)};
}
INLINE uint32_t h_ge(halves x, halves y)
{
    halves most = h_max(x, y);
    return mask_of_halves(_mm256_cmpeq_epi16(most.a, x.a)) |
           (uint32_t)mask_of_halves(_mm256_cmpeq_epi16(most.b, x.b)) << 16;
}
INLINE halves h_of_u8(const uint8_t *p)
{
    return (halves){_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p)),
                    _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(p + 16)))};
}
INLINE halves h_scale_u8(const uint8_t *p, uint16_t factor)
{
    halves v = h_of_u8(p);
    __m256i f = _mm256_set1_epi16((short)factor), up = _mm256_set1_epi16(255);
    return (halves){_mm256_srli_epi16(_mm256_add_epi16(_mm256_mullo_epi16(v.a, f), up), 8),
                    _mm256_srli_epi16(_mm256_add_epi16(_mm256_mullo_epi16(v.b, f), up), 8)};
}
INLINE halves h_lookup_u8(const uint8_t table[16], const uint8_t *p)
{
    __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    __m256i v = _mm256_shuffle_epi8(t, _mm256_loadu_si256((const __m256i *)p));
    return (halves){_mm256_cvtepu8_epi16(_mm256_castsi256_si128(v)),
                    _mm256_cvtepu8_epi16(_mm256_extracti128_si256(v, 1))};
}
typedef const uint16_t *lookup_table;
INLINE lookup_table lookup_load(const uint16_t table[32]) { return table; }
INLINE halves h_lookup(lookup_table table, const uint8_t *p)
{
    uint16_t found[32];
    for (int i = 0; i < 32; i++)
        found[i] = table[p[i]];
    return h_load(found);
}
INLINE uint64_t u8_nonzero(const uint8_t *p)
{
    uint64_t zero = 0;
    for (int i = 0; i < 2; i++) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(p + 32 * i));
        v = _mm256_cmpeq_epi8(v, _mm256_setzero_si256());
        zero |= (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << 32 * i;
    }
    return ~zero;
}

#else

/* --- Plain C -------------------------------------------------------------------------------------- */

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
typedef const uint16_t *lookup_table;
INLINE lookup_table lookup_load(const uint16_t table[32]) { return table; }
INLINE halves h_lookup(lookup_table table, const uint8_t *p)
{
    halves v;
    EACH(i, 32) v.lane[i] = table[p[i]];
    return v;
}
INLINE uint64_t u8_nonzero(const uint8_t *p)
{
    uint64_t m = 0;
    EACH(i, 64) m |= (uint64_t)(p[i] != 0) << i;
    return m;
}

#endif
#endif
