/* The rows of the matrix: which row a skill has.
 *
 *   [ skills of the taxonomy, by id | SHARED_ROWS for all other names, by hash | none ]
 *
 * Names outside the taxonomy share a few hundred rows, so that typing errors cannot grow the
 * matrix: two of them in one row make a bound too high, never too low. The last row holds the
 * vacancies that ask for no skill at all. Thread: any.
 */
#ifndef HAIHE_CORE_ROW_H
#define HAIHE_CORE_ROW_H

#include <xxhash.h>

#include "model/taxonomy.h"

enum { SHARED_ROWS = 512 };

static inline size_t row_count(const struct taxonomy *taxonomy)
{
    return taxonomy_skill_count(taxonomy) + SHARED_ROWS + 1;
}

static inline uint32_t row_none(const struct taxonomy *taxonomy)
{
    return (uint32_t)taxonomy_skill_count(taxonomy) + SHARED_ROWS;
}

static inline bool row_is_shared(const struct taxonomy *taxonomy, uint32_t row)
{
    return row >= taxonomy_skill_count(taxonomy);
}

/* `folded` counts only where the id is SKILL_UNKNOWN. */
static inline uint32_t row_of(const struct taxonomy *taxonomy, uint32_t skill_id, struct str folded)
{
    if (skill_id != SKILL_UNKNOWN)
        return skill_id;
    uint64_t hash = XXH3_64bits(folded.data ? folded.data : "", folded.length);
    return (uint32_t)(taxonomy_skill_count(taxonomy) + hash % SHARED_ROWS);
}

#endif
