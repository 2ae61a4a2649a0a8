/* A taxonomy's names by likeness: of skills, and if wanted of occupations, in all languages.
 * Thread: one owner. */
#ifndef HAIHE_HAIHECTL_TAXONOMY_SEARCH_H
#define HAIHE_HAIHECTL_TAXONOMY_SEARCH_H

#include "haihectl/name_index.h"
#include "model/taxonomy.h"

struct taxonomy_search;

/* `taxonomy` is borrowed. NULL and an error when there is no memory. */
struct taxonomy_search *taxonomy_search_new(const struct taxonomy *taxonomy, bool skills,
                                            bool occupations, struct error *error);
void taxonomy_search_free(struct taxonomy_search *search); /* NULL is allowed */

const struct taxonomy *taxonomy_search_taxonomy(const struct taxonomy_search *search);

struct taxonomy_hit {
    bool is_occupation;
    uint32_t index; /* skill id, or occupation */
    int32_t likeness_bp;
    struct str name; /* the folded name that is alike; it may be the code */
};

/* See name_index_find. 0 also when the text is not UTF-8. */
size_t taxonomy_search_find(struct taxonomy_search *search, struct str text,
                            enum name_manner manner, struct taxonomy_hit *out, size_t limit);

#endif
