/* What the parts of the taxonomy share; for taxonomy*.c only.
 *
 *   taxonomy.c              skills, names, closeness, look-ups
 *   taxonomy_occupations.c  occupations
 */
#ifndef HAIHE_MODEL_TAXONOMY_INTERNAL_H
#define HAIHE_MODEL_TAXONOMY_INTERNAL_H

#include "model/closeness.h"
#include "model/csv_reader.h"
#include "model/str_map.h"

enum {
    TAXONOMY_LANGUAGE_LIMIT = 32, /* ESCO has 28 */
    /* ESCO in English takes less than 36 MiB; it has 28 languages, and no more is known to be
       needed. */
    TAXONOMY_CONTENT_LIMIT_BYTES = 512 * 1024 * 1024,
};

/* The languages of a file's labels: "zh", "en", then its columns label:<language> in their order.
 */
struct label_languages {
    struct str names[TAXONOMY_LANGUAGE_LIMIT];
    size_t count;
};

struct taxonomy {
    struct arena arena;        /* owns all texts and arrays below */
    struct str *codes;         /* by id, ascending */
    const struct str **labels; /* by id; then by language */
    uint32_t skill_count;
    struct label_languages languages, occupation_languages;
    struct str_map names; /* folded code or label -> id */
    struct closeness_table closeness;
    struct occupation_entry *occupations; /* owned (memory_free) */
    size_t occupation_count, occupation_capacity;
    uint64_t version;
};

/* False with the error that says so. */
bool taxonomy_no_memory(struct error *error);
/* Room for one more in a growing array of the heap. */
bool taxonomy_reserve_one(void **items, size_t count, size_t *capacity, size_t item_bytes);
/* A column's name becomes the next language; its text is kept in the arena. */
bool label_languages_add(struct label_languages *languages, struct arena *arena, struct str column,
                         struct error *error);
/* The label in a language, else any, else the code. */
struct str label_languages_choose(const struct label_languages *languages, const struct str *labels,
                                  const char *language, struct str code);
/* A row's labels in that order, copied into the arena; its columns zh and en stand at `zh_column`
 * and behind it. NULL when there is no memory. */
const struct str *label_languages_read(const struct label_languages *languages, struct arena *arena,
                                       const struct csv_row *row, size_t zh_column);
bool taxonomy_check_code(const struct csv_row *row, size_t column, uint32_t limit_bytes,
                         struct error *error);
/* The id of a code, exactly as written; SKILL_UNKNOWN when there is none. */
uint32_t taxonomy_find_code(const struct taxonomy *taxonomy, struct str code);
/* Reads the file of occupations; nothing when it is empty. */
bool taxonomy_load_occupations(struct taxonomy *taxonomy, struct str csv, struct error *error);

#endif
