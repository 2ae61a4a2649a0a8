/* A search request compiled for the index: what each list, column and bound is worth to it.
 *
 * Everything here makes upper bounds, in units of the score (0..10,000,000) as floats; score_pair
 * decides. A float has 24 bits, so sums of the six criteria are right to a few units; SLACK covers
 * that many times over. Lives in the search's arena. Thread: one search.
 *
 * Skills. A document's skill points are a sum over asked skills of importance * credit. Each list
 * that can contribute is a term; its table says what a code adds, in 1/CREDIT_UNIT of importance:
 *   vacancies ranked: a vacancy's asked skill stands in one list, so contributions add up, at most
 *     64 * 5 * CREDIT_UNIT = 38,400 < 2^16.
 *   applicants ranked: the lists of one asked skill and its neighbours are a group, of which the
 *     best counts, at most 5 * CREDIT_UNIT each; 64 groups are 38,400 again. Two names in one
 *     shared row may count twice: additions from such a list saturate, and 65,535 is above every
 *     true sum.
 */
#ifndef HAIHE_CORE_QUERY_H
#define HAIHE_CORE_QUERY_H

#include "core/code.h"
#include "core/query_filter.h"
#include "core/search.h"
#include "core/tile.h"

enum {
    CREDIT_UNIT = 120, /* credits by level are multiples of 1/120 but for level 7 */
    TILE_UNIT = 255,   /* tile and block bounds of skills */
    MATRIX_CODES = 16,
    QUERY_SITES = 20,
    QUERY_OCCUPATIONS = 16,
};

struct term {
    uint16_t table[CODE_COUNT];       /* posting code -> 1/CREDIT_UNIT */
    uint8_t tile_table[MATRIX_CODES]; /* applicants ranked: matrix byte -> 1/TILE_UNIT */
    uint32_t row;
    uint16_t group;
    uint16_t tile_factor; /* vacancies ranked: the most of the list's bound that counts, /256 */
    uint8_t held_class;   /* vacancies ranked: which bound of the list */
    bool is_alone;        /* in its group */
    bool is_shared;       /* several names have this row */
    bool is_essential;    /* applicants ranked: a document must be in this list .. */
    uint16_t essential_matrix;            /* .. and a tile's matrix byte is one of these */
    uint16_t essential_table[CODE_COUNT]; /* posting code -> 1 where it suffices, else 0 */
} __attribute__((aligned(64)));

/* One position that distances are taken from. */
struct query_site {
    struct position position;
    float lat, lon; /* 1e-7 degrees, rounded to nearest */
    float cosine_low;
};

struct query_location {
    float weight;
    float
        fixed[TILE_KIND_COUNT]; /* of a tile whose location is the same for all; < 0: by distance */
    bool is_gate;               /* too far removes */
    uint32_t site_count;
    struct query_site sites[QUERY_SITES];
    float radius_m; /* vacancies ranked: the subject's, rounded up */
};

struct query_pay {
    float weight;
    bool is_fixed; /* known pay has points that do not depend on it .. */
    float fixed;   /* .. these */
    float unknown; /* points of a document whose own side is not known */
    bool is_gate;
    bool by_midpoint; /* vacancies ranked */
    /* vacancies ranked: points rise from floor over span; minimum is the gate's. Rounded down.
     * applicants ranked: reference and top of the subject, rounded up. */
    float floor, span_inverse, minimum;
    float reference, top;
};

struct query_occupation {
    float weight;
    bool is_fixed; /* the subject states none: all get `unstated` */
    float unstated;
    uint32_t count;
    uint32_t paths[QUERY_OCCUPATIONS];
};

struct query {
    const struct search_request *request;
    enum ranking ranking;
    bool is_impossible; /* a gate that depends on the subject alone removes everybody */
    struct term *terms; /* by group */
    uint32_t term_count, group_count;
    uint32_t essential_count; /* documents must be in so many essential lists */
    bool skill_is_optional;   /* documents without any term are candidates too */
    float skill_base;         /* added to every document */
    float skill_limit;        /* the most that skills can give */
    float skill_tile_unit;    /* score of one TILE_UNIT-th */
    float skill_unit;         /* score of one contribution; vacancies ranked: times 1 / size */
    struct query_location location;
    struct query_pay pay;
    struct query_occupation occupation;
    float experience[16], education[16]; /* score by bucket and by level */
    float quality_limit;                 /* the most of both together */
    uint16_t types;                      /* wanted employment types, 0 = any; a hard gate */
    uint16_t required_bits;              /* DOCUMENT_AVAILABLE where it is a hard gate */
    uint16_t needs;           /* vacancies: bits that must be clear; applicants: must be set */
    uint32_t essential_clear; /* vacancies: bits of essential skills that must be clear */
    struct query_filter filter;
    bool has_filter;
    bool reads_bits; /* or midpoints: the first line of tile_group_more */
    float slack;     /* added to every bound: rounding of floats, and location's floor */
};

/* False when the arena is exhausted. */
bool query_compile(struct query *query, const struct search_request *request, struct arena *arena);

#endif
