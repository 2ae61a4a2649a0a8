/* See taxonomy_search.h. An owner in the index is a skill's id or, behind all skills, an
 * occupation's index. */
#include "haihectl/taxonomy_search.h"

#include <assert.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/csv_reader.h"

#include "base/banned.h"

enum { TEXT_LIMIT_BYTES = 512 * 1024 * 1024, QUERY_LIMIT_BYTES = 64 * 1024, HIT_LIMIT = 64 };

struct taxonomy_search {
    const struct taxonomy *taxonomy;
    struct name_index *index;
    struct arena names, query;
    bool failed; /* an addition did */
};

static void add_skill_name(void *context, struct str folded, uint32_t skill_id)
{
    struct taxonomy_search *search = context;
    if (!search->failed)
        search->failed = !name_index_add(search->index, folded, skill_id);
}

static void add_occupation_name(struct taxonomy_search *search, struct str name, size_t index)
{
    uint32_t owner = (uint32_t)(taxonomy_skill_count(search->taxonomy) + index);
    struct str folded = text_fold(&search->names, name);
    if (!search->failed && (!folded.data || folded.length > 0))
        search->failed = !folded.data || !name_index_add(search->index, folded, owner);
}

static void add_occupation(struct taxonomy_search *search, size_t index)
{
    const struct occupation_entry *entry = taxonomy_occupation_at(search->taxonomy, index);
    struct str rest = entry->alternative, item;
    add_occupation_name(search, entry->code, index);
    for (size_t i = 0; i < taxonomy_occupation_language_count(search->taxonomy); i++)
        add_occupation_name(search, entry->labels[i], index);
    while (csv_next_item(&rest, &item))
        add_occupation_name(search, item, index);
}

struct taxonomy_search *taxonomy_search_new(const struct taxonomy *taxonomy, bool skills,
                                            bool occupations, struct error *error)
{
    struct taxonomy_search *search = memory_try_zeroed(1, sizeof(*search));
    if (search) {
        search->taxonomy = taxonomy;
        search->index = name_index_new();
        arena_init(&search->names, TEXT_LIMIT_BYTES);
        arena_init(&search->query, QUERY_LIMIT_BYTES);
        search->failed = !search->index;
        if (skills)
            taxonomy_each_name(taxonomy, add_skill_name, search);
        for (size_t i = 0; occupations && i < taxonomy_occupation_count(taxonomy); i++)
            add_occupation(search, i);
    }
    if (search && !search->failed && name_index_build(search->index))
        return search;
    taxonomy_search_free(search);
    error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to search the taxonomy");
    return NULL;
}

void taxonomy_search_free(struct taxonomy_search *search)
{
    if (!search)
        return;
    name_index_free(search->index);
    arena_release(&search->names);
    arena_release(&search->query);
    memory_free(search);
}

const struct taxonomy *taxonomy_search_taxonomy(const struct taxonomy_search *search)
{
    return search->taxonomy;
}

size_t taxonomy_search_find(struct taxonomy_search *search, struct str text,
                            enum name_manner manner, struct taxonomy_hit *out, size_t limit)
{
    struct name_match matches[HIT_LIMIT];
    size_t skill_count = taxonomy_skill_count(search->taxonomy);
    assert(limit <= HIT_LIMIT);
    arena_clear(&search->query);
    struct str folded = text_fold(&search->query, text);
    if (!folded.data || limit == 0)
        return 0;
    size_t count = name_index_find(search->index, folded, manner, matches, limit);
    for (size_t i = 0; i < count; i++) {
        bool is_occupation = matches[i].owner >= skill_count;
        out[i] = (struct taxonomy_hit){.is_occupation = is_occupation,
                                       .index = matches[i].owner -
                                                (is_occupation ? (uint32_t)skill_count : 0),
                                       .likeness_bp = matches[i].likeness_bp,
                                       .name = matches[i].name};
    }
    return count;
}
