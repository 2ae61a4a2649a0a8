/* Small codes for large values: what the columns of a tile hold.
 *
 * A code may be coarser than the value, but only to the side that keeps a bound true: each function
 * says to which side it rounds. Decoding is one shift, so that a vector of codes becomes a vector
 * of floats in two instructions:
 *
 *     pay       15..0   4 bits exponent, 12 bits mantissa of (cents + 2^14): 0.024 % apart
 *     distance  15..0   the same of (metres + 2^9)
 *
 * Values beyond the range take the last code, which decodes to infinity when it was rounded up.
 * Thread: any; nothing is kept.
 */
#ifndef HAIHE_CORE_CODE_H
#define HAIHE_CORE_CODE_H

#include "model/record.h"

enum {
    PAY_CODE_EXPONENT = 14,
    DISTANCE_CODE_EXPONENT = 9,
    CODE_MANTISSA_BITS = 12,
    CODE_LAST = 0xFFFE,    /* "this or more" */
    CODE_UNKNOWN = 0xFFFF, /* pay that is not known, a wish that is not stated */
};

/* Adding this to (code << 11) gives the bits of a float with exponent e at code 0. */
#define CODE_FLOAT_BIAS(exponent) ((uint32_t)((exponent) + 127) << 23)

/* The code of a value >= 0 that does not exceed it. */
uint16_t code_down(uint64_t value, int exponent);
/* The code of a value >= 0 that is not below it; CODE_LAST stands for infinity. */
uint16_t code_up(uint64_t value, int exponent);
/* The value of a code that was rounded down. Exact in float; at CODE_LAST a lower limit. */
float code_value(uint16_t code, int exponent);

/* Months of experience in 16 buckets: 0..14 by floor or ceiling, 15 is unknown. */
enum { EXPERIENCE_BUCKET_COUNT = 15, EXPERIENCE_BUCKET_UNKNOWN = 15 };
extern const uint16_t EXPERIENCE_BUCKET_MONTHS[EXPERIENCE_BUCKET_COUNT];
/* The last bucket that does not exceed the months (what a vacancy needs). */
uint8_t experience_bucket_down(uint16_t months);
/* The first bucket that reaches them (what an applicant has); the last bucket reaches everything.
 */
uint8_t experience_bucket_up(uint16_t months);

/* An occupation as four bytes, lowest first: hashes of its first one, two, three levels, and of the
 * whole code. Codes that share n levels share n bytes; others seldom do, which only loosens a
 * bound. 0 when there is no code. */
uint32_t occupation_bytes(struct occupation_code occupation);

/* One bit of 12 for a licence, one of the upper 4 of 16 for a language. */
enum { NEED_LICENCE_BITS = 0x0FFF, NEED_LANGUAGE_BITS = 0xF000 };
uint16_t need_bit_of_licence(struct str folded);
uint16_t need_bit_of_language(struct str tag);
/* One bit of 32 for a skill's row. */
uint32_t skill_bit(uint32_t row);
/* Up to three bits of 32 for a tag or a priority group: a record has those of all its own. */
uint32_t tag_bits(struct str folded);
/* A whole text in 16 bits, in 8; never 0. */
uint16_t text_hash16(struct str text);
uint8_t text_hash8(struct str text);
/* An area code as four bytes: hashes of itself cut to one, two, three pairs of digits as area_holds
 * compares them, and of the whole code. 0 when there is none. */
uint32_t area_path(struct str code);

/* Where a position is on a Hilbert curve over the globe: 48 bits, 24 each for longitude and
 * latitude in steps of 360/2^24 degrees (2.4 m). Neighbours on the curve are neighbours on Earth.
 */
uint64_t hilbert_of(struct position position);

#endif
