/* The taxonomy: skills and occupations with labels, and how close two skills are.
 *
 * Loaded once from our simple CSV (the built-in one, or files), immutable then; readers need no
 * lock.
 *   skills:      code,zh,en,alternative,broader,related         lists are joined by '|'
 *   occupations: code,zh,en,alternative,essential,optional      codes of the skills file
 * Only `code` is mandatory, and columns stand in any order. Both may have more label columns,
 * named `label:<language>`. No two skills may share a code or label after folding; labels of
 * occupations are for people and may repeat.
 *
 * Closeness, in basis points, of a held skill s to an asked skill t (10000 = the same), the best of
 *   s narrower than t (t is a broader of s)     9000   who can do the special can do the general
 *   s and t related (either names the other)    7000
 *   s broader than t                            5000
 *   s and t siblings under a parent with n children, n <= 16: 6000 - 250 * n, at least 2000
 * and 0 otherwise. At most CLOSENESS_NEIGHBOUR_LIMIT neighbours are kept for each asked skill, the
 * closest first, equal ones by code. One link only, never chains: closeness is not transitive.
 *
 * A skill id is the row number in code order, stable for one taxonomy version only and never
 * written anywhere; SKILL_UNKNOWN stands for every skill outside the taxonomy.
 */
#ifndef HAIHE_MODEL_TAXONOMY_H
#define HAIHE_MODEL_TAXONOMY_H

#include "base/arena.h"
#include "base/error.h"

#define SKILL_UNKNOWN UINT32_MAX
enum { CLOSENESS_SAME_BP = 10000, CLOSENESS_NEIGHBOUR_LIMIT = 16 };

struct taxonomy;

/* One end of a pair of different skills, in a list of the other end's. */
struct closeness {
    uint32_t skill_id; /* the held skill in a list of an asked one's, else the asked skill */
    int32_t bp;        /* 1..9999, of the held skill to the asked one */
};

/* `occupations_csv` may be empty. NULL with file, line, column, value when a file is wrong: unknown
 * or duplicate code, duplicate label, cycle in broader. */
struct taxonomy *taxonomy_load(struct str skills_csv, struct str occupations_csv,
                               struct error *error);
struct taxonomy *taxonomy_builtin(struct error *error);
void taxonomy_free(struct taxonomy *taxonomy);

size_t taxonomy_skill_count(const struct taxonomy *taxonomy);
size_t taxonomy_occupation_count(const struct taxonomy *taxonomy);
/* XXH3-64 of the content. */
uint64_t taxonomy_version(const struct taxonomy *taxonomy);

/* By code or by any label, exact after folding; SKILL_UNKNOWN when there is none. `folded` must
 * come from text_fold. */
uint32_t taxonomy_find_skill(const struct taxonomy *taxonomy, struct str folded);
struct str taxonomy_skill_code(const struct taxonomy *taxonomy, uint32_t skill_id);
/* Label in a language ("zh", "en", ..), falling back to any label, then the code. */
struct str taxonomy_skill_label(const struct taxonomy *taxonomy, uint32_t skill_id,
                                const char *language);

/* "zh", "en", then the file's order. */
size_t taxonomy_language_count(const struct taxonomy *taxonomy);
struct str taxonomy_language(const struct taxonomy *taxonomy, size_t index);
/* Whether a skill has a label in the language of that index: without falling back. */
bool taxonomy_has_label(const struct taxonomy *taxonomy, uint32_t skill_id, size_t language_index);
/* Every name that taxonomy_find_skill knows, in no order. */
size_t taxonomy_name_count(const struct taxonomy *taxonomy);
void taxonomy_each_name(const struct taxonomy *taxonomy,
                        void (*found)(void *context, struct str folded, uint32_t skill_id),
                        void *context);

/* The neighbours of an asked skill, closest first; *count is 0..16. */
const struct closeness *taxonomy_neighbours(const struct taxonomy *taxonomy, uint32_t asked_id,
                                            size_t *count);
/* The transpose: the asked skills that a held one is a neighbour of, closest first, equal ones by
 * code. The list may be long: a general skill is the broader one of many. */
const struct closeness *taxonomy_asked_neighbours(const struct taxonomy *taxonomy, uint32_t held_id,
                                                  size_t *count);
/* Basis points of held s for asked t: 10000 when equal, 0 when neither related nor equal. Ids must
 * not be SKILL_UNKNOWN. */
int32_t taxonomy_closeness_bp(const struct taxonomy *taxonomy, uint32_t held_id, uint32_t asked_id);

/* Occupations, in the file's order. */
struct occupation_entry {
    struct str code;
    struct str label_zh, label_en;
    const struct str *labels; /* all of them: zh, en, then the file's columns label:<language> */
    struct str alternative;   /* names joined by '|' */
    const uint32_t *essential_ids, *optional_ids; /* skill ids, owned by the taxonomy */
    size_t essential_count, optional_count;
};
const struct occupation_entry *taxonomy_occupation_at(const struct taxonomy *taxonomy,
                                                      size_t index);
/* As taxonomy_skill_label. */
struct str taxonomy_occupation_label(const struct taxonomy *taxonomy, size_t index,
                                     const char *language);
/* Length of every entry's `labels`. */
size_t taxonomy_occupation_language_count(const struct taxonomy *taxonomy);

/* Levels that two codes of one system share, counted from the top:
 *   isco-08, esco   one a character up to the first dot, then one a dot: 2 5 1 2 . 4
 *   onet-soc        major, minor, broad, detailed, O*NET: "15-1252.01" is 15, 12, 5, 2, 01; levels
 *                   of zeros at the end only pad: "15-0000" is 15, "15-1252.00" is "15-1252"
 *   others          cut at '-' and '.': "2-02-10-03"
 * Codes may differ below four shared levels, where DESIGN's 2500 a level reach 10000. */
size_t occupation_shared_levels(struct str system, struct str code_a, struct str code_b);
/* The first levels of a code, at most `limit` of them, as views of it; returns how many. */
size_t occupation_levels(struct str system, struct str code, struct str *levels, size_t limit);
/* True when `upper` is `code` or stands above it in that system; an empty one holds nothing. */
bool occupation_holds(struct str system, struct str upper, struct str code);

#endif
