/* Looking up four bits, for the dense lists of tiles (tile.h). Included by simd.h only.
 *
 *   nibble_table_of    16 entries: table[meanings[i]] for the four bits i
 *   h_lookup_nibbles   128 times four bits: lane w of out[k] is what bits 4 * k .. 4 * k + 3 of the
 *                      w-th half of p find
 */
#ifndef HAIHE_CORE_SIMD_NIBBLES_H
#define HAIHE_CORE_SIMD_NIBBLES_H

#include "core/simd.h"

/* clang-format off */
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
typedef __m512i nibble_table; /* its two halves are the same: the fifth bit of an index is another's */
INLINE nibble_table nibble_table_of(const uint16_t table[32], const uint8_t meanings[16])
{
    __m256i index = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)meanings));
    return _mm512_permutexvar_epi16(_mm512_cvtepu8_epi16(index), _mm512_loadu_si512(table));
}
INLINE void h_lookup_nibbles(const nibble_table *table, const uint8_t *p, halves out[4])
{
    __m512i v = _mm512_loadu_si512(p), t = *table;
    out[0] = _mm512_permutexvar_epi16(v, t);
    out[1] = _mm512_permutexvar_epi16(_mm512_srli_epi16(v, 4), t);
    out[2] = _mm512_permutexvar_epi16(_mm512_srli_epi16(v, 8), t);
    out[3] = _mm512_permutexvar_epi16(_mm512_srli_epi16(v, 12), t);
}
#elif defined(__AVX2__)
typedef struct {
    __m256i low, high; /* bytes of the 16 entries, twice */
} nibble_table;
INLINE nibble_table nibble_table_of(const uint16_t table[32], const uint8_t meanings[16])
{
    uint8_t low[16], high[16];
    for (int i = 0; i < 16; i++) {
        low[i] = (uint8_t)table[meanings[i]];
        high[i] = (uint8_t)(table[meanings[i]] >> 8);
    }
    return (nibble_table){_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low)),
                          _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high))};
}
INLINE __m256i h16_lookup_nibble(const nibble_table *table, __m256i v)
{
    __m256i index = _mm256_and_si256(v, _mm256_set1_epi16(15)); /* bit 7: that byte is 0 */
    __m256i low = _mm256_or_si256(index, _mm256_set1_epi16((short)0x8000));
    __m256i high = _mm256_or_si256(_mm256_slli_epi16(index, 8), _mm256_set1_epi16(0x80));
    return _mm256_or_si256(_mm256_shuffle_epi8(table->low, low),
                           _mm256_shuffle_epi8(table->high, high));
}
INLINE void h_lookup_nibbles(const nibble_table *table, const uint8_t *p, halves out[4])
{
    halves v = h_load((const uint16_t *)(const void *)p);
    for (int i = 0; i < 4; i++)
        out[i] = (halves){h16_lookup_nibble(table, _mm256_srli_epi16(v.a, 4 * i)),
                          h16_lookup_nibble(table, _mm256_srli_epi16(v.b, 4 * i))};
}
#else
typedef struct {
    uint16_t entry[16];
} nibble_table;
INLINE nibble_table nibble_table_of(const uint16_t table[32], const uint8_t meanings[16])
{
    nibble_table t;
    EACH(i, 16) t.entry[i] = table[meanings[i]];
    return t;
}
INLINE void h_lookup_nibbles(const nibble_table *table, const uint8_t *p, halves out[4])
{
    EACH(i, 128) out[i / 32].lane[i % 32] = table->entry[p[2 * (i % 32) + i / 64] >> i / 32 % 2 * 4 & 15];
}
#endif
/* clang-format on */

#endif
