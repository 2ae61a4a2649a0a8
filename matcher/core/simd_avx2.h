/* The operations of simd.h with AVX2: two registers for each vector. One to a line: included by it
 * only. */
#ifndef HAIHE_CORE_SIMD_AVX2_H
#define HAIHE_CORE_SIMD_AVX2_H

#include <immintrin.h>
#include <math.h>

#include "core/code.h"

#ifndef INLINE
#define INLINE static inline __attribute__((always_inline))
#endif

#if defined(__AVX2__) /* elsewhere the header is empty */
/* clang-format off */
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
/* clang-format on */
#endif

#endif
