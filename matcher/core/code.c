/* See code.h. */
#include "core/code.h"

#include <xxhash.h>

#include "base/banned.h"

/* --- Values ------------------------------------------------------------------------------------*/

/* Code and whether it is exact. The offset 2^exponent makes the smallest value code 0. */
static uint32_t code_of(uint64_t value, int exponent, bool *is_exact)
{
    enum { CODES_IN_ALL = 16 << CODE_MANTISSA_BITS };
    *is_exact = true;
    if (value >= UINT64_C(1) << (exponent + 16)) /* with the offset: still below 2^63 */
        return CODES_IN_ALL;
    uint64_t shifted = value + (UINT64_C(1) << exponent);
    int log2 = 63 - __builtin_clzll(shifted);
    uint32_t mantissa;
    if (log2 >= CODE_MANTISSA_BITS) {
        int drop = log2 - CODE_MANTISSA_BITS;
        *is_exact = (shifted & ((UINT64_C(1) << drop) - 1)) == 0;
        mantissa = (uint32_t)(shifted >> drop) & ((1u << CODE_MANTISSA_BITS) - 1);
    } else {
        mantissa =
            (uint32_t)(shifted << (CODE_MANTISSA_BITS - log2)) & ((1u << CODE_MANTISSA_BITS) - 1);
    }
    return ((uint32_t)(log2 - exponent) << CODE_MANTISSA_BITS) + mantissa;
}

uint16_t code_down(uint64_t value, int exponent)
{
    bool is_exact;
    uint32_t code = code_of(value, exponent, &is_exact);
    return code < CODE_LAST ? (uint16_t)code : CODE_LAST;
}

uint16_t code_up(uint64_t value, int exponent)
{
    bool is_exact;
    uint32_t code = code_of(value, exponent, &is_exact) + !is_exact;
    return code < CODE_LAST ? (uint16_t)code : CODE_LAST;
}

float code_value(uint16_t code, int exponent)
{
    uint32_t bits = ((uint32_t)code << (23 - CODE_MANTISSA_BITS)) + CODE_FLOAT_BIAS(exponent);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value - (float)(1u << exponent);
}

/* --- Experience --------------------------------------------------------------------------------*/

const uint16_t EXPERIENCE_BUCKET_MONTHS[EXPERIENCE_BUCKET_COUNT] = {
    0, 1, 3, 6, 12, 18, 24, 36, 48, 60, 84, 96, 120, 180, 240};

uint8_t experience_bucket_down(uint16_t months)
{
    uint8_t bucket = EXPERIENCE_BUCKET_COUNT - 1;
    while (EXPERIENCE_BUCKET_MONTHS[bucket] > months)
        bucket--;
    return bucket;
}

uint8_t experience_bucket_up(uint16_t months)
{
    uint8_t bucket = 0;
    while (bucket < EXPERIENCE_BUCKET_COUNT - 1 && EXPERIENCE_BUCKET_MONTHS[bucket] < months)
        bucket++;
    return bucket;
}

/* --- Hashes ------------------------------------------------------------------------------------*/

static uint64_t hash_of(struct str text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.data ? text.data : "", text.length, seed);
}

/* Of a whole code: never 0, so that no path is 0, whatever the bytes of its levels are. */
static uint32_t whole_byte(uint64_t hash)
{
    return hash >> 56 != 0 ? (uint32_t)(hash >> 56) : 1;
}

uint32_t occupation_bytes(struct occupation_code occupation)
{
    enum { LEVELS = 3 };
    if (occupation.code.length == 0)
        return 0;
    struct str levels[LEVELS];
    size_t count = occupation_levels(occupation.system, occupation.code, levels, LEVELS);
    uint64_t hash = hash_of(occupation.system, 0);
    uint32_t path = 0;
    for (size_t i = 0; i < LEVELS; i++) { /* no level holds a '.' */
        hash = hash_of(i < count ? levels[i] : STR("."), hash);
        path |= (uint32_t)(hash >> 56) << 8 * i;
    }
    hash = hash_of(occupation.code, hash_of(occupation.system, 1));
    return path | whole_byte(hash) << 24;
}

uint16_t need_bit_of_licence(struct str folded)
{
    return (uint16_t)(1u << hash_of(folded, 2) % 12);
}

uint16_t need_bit_of_language(struct str tag)
{
    return (uint16_t)(1u << (12 + hash_of(tag, 3) % 4));
}

uint32_t skill_bit(uint32_t row)
{
    return 1u << (row * 2654435761u >> 27); /* Knuth's multiplicative hash */
}

uint32_t tag_bits(struct str folded)
{
    uint64_t hash = hash_of(folded, 4);
    return 1u << (hash & 31) | 1u << (hash >> 20 & 31) | 1u << (hash >> 40 & 31);
}

uint16_t text_hash16(struct str text)
{
    uint16_t hash = (uint16_t)(hash_of(text, 5) >> 48);
    return hash != 0 ? hash : 1;
}

uint8_t text_hash8(struct str text)
{
    return (uint8_t)(text_hash16(text) % UINT8_MAX + 1);
}

uint32_t area_path(struct str code)
{
    enum { PAIRS = 3, PAIR = 2 };
    uint32_t path = 0;
    if (code.length == 0)
        return 0;
    for (uint32_t i = 0; i < PAIRS; i++) {
        uint32_t length = (i + 1) * PAIR < code.length ? (i + 1) * PAIR : code.length;
        path |= (uint32_t)(hash_of((struct str){code.data, length}, 6 + i) >> 56) << 8 * i;
    }
    return path | whole_byte(hash_of(code, 9)) << 24;
}

/* --- Places ------------------------------------------------------------------------------------*/

enum { HILBERT_BITS = 24 };

/* Hilbert, "Ueber die stetige Abbildung einer Linie auf ein Flaechenstueck", 1891: quadrant by
 * quadrant from the top, each one turned as the curve runs through it. */
static uint64_t hilbert_index(uint32_t x, uint32_t y)
{
    const uint32_t last = (1u << HILBERT_BITS) - 1;
    uint64_t index = 0;
    for (uint32_t side = 1u << (HILBERT_BITS - 1); side > 0; side >>= 1) {
        uint32_t right = (x & side) != 0, up = (y & side) != 0;
        index = index << 2 | ((3 * right) ^ up);
        if (!up) {
            uint32_t swap = right ? last - x : x;
            x = right ? last - y : y;
            y = swap;
        }
    }
    return index;
}

uint64_t hilbert_of(struct position position)
{
    const uint64_t circle_e7 = UINT64_C(3600000001); /* +180 degrees stay below 2^24 steps */
    uint64_t x = ((uint64_t)((int64_t)position.lon_e7 + 1800000000) << HILBERT_BITS) / circle_e7;
    uint64_t y = ((uint64_t)((int64_t)position.lat_e7 + 900000000) << HILBERT_BITS) / circle_e7;
    return hilbert_index((uint32_t)x, (uint32_t)y);
}
