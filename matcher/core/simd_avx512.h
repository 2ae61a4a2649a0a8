/* The operations of simd.h with AVX-512 F, BW, DQ and VL. One to a line: included by it only. */
#ifndef HAIHE_CORE_SIMD_AVX512_H
#define HAIHE_CORE_SIMD_AVX512_H

#include <immintrin.h>
#include <math.h>

#include "core/code.h"

#ifndef INLINE
#define INLINE static inline __attribute__((always_inline))
#endif

#if defined(__AVX512BW__) /* elsewhere the header is empty */
/* clang-format off */
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
INLINE uint64_t u8_nonzero(const uint8_t *p)
{
    __m512i a = _mm512_loadu_si512(p);
    return _mm512_test_epi8_mask(a, a);
}
/* clang-format on */
#endif

#endif
