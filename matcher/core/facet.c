/* See facet.h. */
#include "core/facet.h"

#include <xxhash.h>

#include "base/memory.h"
#include "model/area.h"
#include "model/taxonomy.h"

#include "base/banned.h"

/* --- Facets ----------------------------------------------------------------------------------- */

static struct facet facet_of_hash(uint64_t hash)
{
    struct facet facet;
    for (int i = 0; i < FACET_HASHES; i++, hash >>= 20)
        facet.rows[i] = (uint16_t)(hash % FACET_ROWS);
    return facet;
}

static uint64_t hash_of(uint64_t seed, struct str text)
{
    return XXH3_64bits_withSeed(text.data ? text.data : "", text.length, seed);
}

struct facet facet_of_text(enum facet_kind kind, struct str text)
{
    return facet_of_hash(hash_of(kind, text));
}

struct facet facet_of_type(int type)
{
    const char byte = (char)type;
    return facet_of_text(FACET_TYPE, (struct str){&byte, 1});
}

static bool is_six_digits(struct str code)
{
    bool is_digits = code.length == AREA_CODE_DIGITS;
    for (uint32_t i = 0; i < code.length && is_digits; i++)
        is_digits = code.data[i] >= '0' && code.data[i] <= '9';
    return is_digits;
}

static struct facet facet_of_pairs(struct str code, uint32_t pairs)
{
    return facet_of_hash(hash_of(FACET_AREA_PAIRS + pairs, (struct str){code.data, pairs * 2}));
}

bool facet_of_area(struct str code, struct facet *out)
{
    uint32_t pairs = AREA_CODE_DIGITS / 2;
    *out = facet_of_text(FACET_AREA, code);
    if (!is_six_digits(code))
        return true;
    while (pairs > 0 && code.data[pairs * 2 - 1] == '0' && code.data[pairs * 2 - 2] == '0')
        pairs--;
    if (pairs > 0 && pairs < AREA_CODE_DIGITS / 2)
        *out = facet_of_pairs(code, pairs);
    return pairs > 0;
}

/* Hashes of the first 1, 2, .. levels of a code; returns how many there are. */
static size_t hash_levels(struct occupation_code occupation,
                          uint64_t hashes[FACET_OCCUPATION_LEVELS])
{
    struct str levels[FACET_OCCUPATION_LEVELS];
    size_t count =
        occupation_levels(occupation.system, occupation.code, levels, FACET_OCCUPATION_LEVELS);
    uint64_t hash = hash_of(FACET_OCCUPATION, occupation.system);
    for (size_t i = 0; i < count; i++)
        hashes[i] = hash = hash_of(hash, levels[i]);
    return count;
}

bool facet_of_occupation(struct occupation_code upper, struct facet *out)
{
    uint64_t hashes[FACET_OCCUPATION_LEVELS];
    size_t count = hash_levels(upper, hashes);
    if (count > 0)
        *out = facet_of_hash(hashes[count - 1]);
    return count > 0;
}

/* --- A tile's column -------------------------------------------------------------------------- */

static void add(struct facet_column *column, struct facet facet, uint16_t block_bit)
{
    for (int i = 0; i < FACET_HASHES; i++)
        column->blocks[facet.rows[i]] |= block_bit;
}

static void add_list(struct facet_column *column, enum facet_kind kind, struct str_list list,
                     uint16_t block_bit)
{
    for (uint32_t i = 0; i < list.count; i++)
        add(column, facet_of_text(kind, list.items[i]), block_bit);
}

/* All workplaces: a vacancy passes by any, whichever of them a document is. */
static void add_areas(struct facet_column *column, const struct place *places, size_t count,
                      uint16_t block_bit)
{
    for (size_t i = 0; i < count; i++) {
        struct str code = places[i].area_code;
        if (code.length == 0)
            continue;
        add(column, facet_of_text(FACET_AREA, code), block_bit);
        for (uint32_t pairs = 1; pairs < AREA_CODE_DIGITS / 2 && is_six_digits(code); pairs++)
            add(column, facet_of_pairs(code, pairs), block_bit);
    }
}

static void add_occupations(struct facet_column *column, const struct occupation_code *codes,
                            size_t count, uint16_t block_bit)
{
    uint64_t hashes[FACET_OCCUPATION_LEVELS];
    for (size_t i = 0; i < count; i++) {
        size_t levels = codes[i].code.length > 0 ? hash_levels(codes[i], hashes) : 0;
        for (size_t level = 0; level < levels; level++)
            add(column, facet_of_hash(hashes[level]), block_bit);
    }
}

static void add_types(struct facet_column *column, employment_types types, uint16_t block_bit)
{
    if (types == 0)
        add(column, facet_of_type(-1), block_bit);
    for (unsigned left = types; left; left &= left - 1)
        add(column, facet_of_type(__builtin_ctz(left)), block_bit);
}

void facet_column_add_vacancy(struct facet_column *column, const struct vacancy *vacancy,
                              size_t block)
{
    uint16_t bit = (uint16_t)(1u << block);
    add(column, facet_of_text(FACET_PLATFORM, vacancy->key.platform), bit);
    if (vacancy->hiring_organization_folded.length > 0)
        add(column, facet_of_text(FACET_ORGANIZATION, vacancy->hiring_organization_folded), bit);
    add_list(column, FACET_TAG, vacancy->tags, bit);
    add_areas(column, vacancy->sites, vacancy->site_count, bit);
    add_occupations(column, &vacancy->occupation, 1, bit);
    add_types(column, vacancy->types, bit);
}

void facet_column_add_applicant(struct facet_column *column, const struct applicant *applicant,
                                size_t block)
{
    uint16_t bit = (uint16_t)(1u << block);
    add(column, facet_of_text(FACET_PLATFORM, applicant->key.platform), bit);
    add_list(column, FACET_TAG, applicant->tags, bit);
    add_list(column, FACET_PRIORITY_GROUP, applicant->priority_groups, bit);
    add_areas(column, &applicant->home, 1, bit);
    add_occupations(column, applicant->desired_occupations, applicant->occupation_count, bit);
    add_types(column, applicant->types, bit);
}

/* --- The matrix ------------------------------------------------------------------------------- */

struct facet_matrix *facet_matrix_new(void)
{
    struct facet_matrix *matrix = memory_try_aligned(64, sizeof *matrix);
    if (matrix)
        memset(matrix, 0, sizeof *matrix);
    return matrix;
}

static void put(struct facet_matrix *matrix, size_t row, unsigned tile, uint64_t blocks)
{
    _Atomic uint64_t *word = &matrix->words[row][tile / FACET_WORD_TILES];
    unsigned shift = tile % FACET_WORD_TILES * 16;
    uint64_t old = atomic_load_explicit(word, memory_order_relaxed);
    uint64_t new = (old & ~(UINT64_C(0xFFFF) << shift)) | blocks << shift;
    if (new != old)
        atomic_store_explicit(word, new, memory_order_relaxed);
}

void facet_matrix_fill(struct facet_matrix *matrix, unsigned tile,
                       const struct facet_column *column)
{
    for (size_t row = 0; row < FACET_ROWS; row++)
        if (column->blocks[row] != 0)
            put(matrix, row, tile, column->blocks[row]);
}

void facet_matrix_empty(struct facet_matrix *matrix, unsigned tile)
{
    for (size_t row = 0; row < FACET_ROWS; row++)
        put(matrix, row, tile, 0);
}

void facet_matrix_find(const struct facet_matrix *matrix, const struct facet *facet,
                       uint64_t blocks[FACET_WORDS])
{
    for (size_t i = 0; i < FACET_WORDS; i++) {
        uint64_t all = UINT64_MAX;
        for (int j = 0; j < FACET_HASHES; j++)
            all &= atomic_load_explicit(&matrix->words[facet->rows[j]][i], memory_order_relaxed);
        blocks[i] |= all;
    }
}
