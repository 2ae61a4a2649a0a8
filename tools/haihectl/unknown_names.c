/* See unknown_names.h. */
#include "haihectl/unknown_names.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/memory.h"
#include "haihectl/progress.h"

#include "base/banned.h"

enum { TEXT_LIMIT_BYTES = 64 * 1024 * 1024 };

void unknown_names_init(struct unknown_names *names)
{
    *names = (struct unknown_names){0};
    arena_init(&names->texts, TEXT_LIMIT_BYTES);
    str_map_init(&names->map);
}

void unknown_names_release(struct unknown_names *names)
{
    str_map_release(&names->map);
    memory_free(names->items);
    arena_release(&names->texts);
}

/* Room for one more; what finds none is left out, as beyond the limit. */
static bool reserve(struct unknown_names *names)
{
    if (names->count == UNKNOWN_NAME_LIMIT)
        return false;
    if (names->count < names->capacity)
        return true;
    size_t larger = names->capacity ? names->capacity * 2 : 64;
    struct unknown_name *grown = memory_try_resize(names->items, larger * sizeof(*grown));
    if (!grown)
        return false;
    names->items = grown;
    names->capacity = larger;
    return true;
}

void unknown_names_add(struct unknown_names *names, struct str name)
{
    uint32_t index = str_map_find(&names->map, name);
    if (index != STR_MAP_NONE) {
        names->items[index].count++;
        return;
    }
    index = (uint32_t)names->count;
    struct str kept = {NULL, 0};
    if (name.length > 0 && reserve(names))
        kept = arena_copy(&names->texts, name);
    if (kept.data && str_map_insert(&names->map, kept, &index))
        names->items[names->count++] = (struct unknown_name){kept, 1};
}

static int compare_names(const void *left, const void *right)
{
    const struct unknown_name *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_compare(a->name, b->name);
}

void unknown_names_sort(struct unknown_names *names)
{
    /* The map's numbers are those of arrival: nothing can be added any more. */
    str_map_release(&names->map);
    if (names->count > 0)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
}

void unknown_names_show(const struct unknown_names *names, struct taxonomy_search *search,
                        size_t limit, struct buffer *out)
{
    for (size_t i = 0; i < names->count && i < limit; i++) {
        struct taxonomy_hit hits[UNKNOWN_NEAREST_COUNT];
        char count[32];
        size_t found = taxonomy_search_find(search, names->items[i].name, NAME_NEAREST, hits,
                                            UNKNOWN_NEAREST_COUNT);
        buffer_printf(out, "    %s x '%.*s': %s", count_text(names->items[i].count, count),
                      STR_ARG(names->items[i].name), found == 0 ? "no label is like it" : "");
        for (size_t j = 0; j < found; j++)
            buffer_printf(out, "%s'%.*s' %d %%", j ? ", " : "", STR_ARG(hits[j].name),
                          hits[j].likeness_bp / 100);
        buffer_append_str(out, STR("\n"));
    }
}

static json_t *text_of(struct str text)
{
    return json_stringn(text.data ? text.data : "", text.length);
}

static json_t *nearest_of(struct taxonomy_search *search, struct str name)
{
    const struct taxonomy *taxonomy = taxonomy_search_taxonomy(search);
    struct taxonomy_hit hits[UNKNOWN_NEAREST_COUNT];
    size_t found = taxonomy_search_find(search, name, NAME_NEAREST, hits, UNKNOWN_NEAREST_COUNT);
    json_t *nearest = json_array();
    for (size_t i = 0; i < found; i++) {
        json_t *hit = json_object();
        json_object_set_new(hit, "code", text_of(taxonomy_skill_code(taxonomy, hits[i].index)));
        json_object_set_new(hit, "label",
                            text_of(taxonomy_skill_label(taxonomy, hits[i].index, "zh")));
        json_object_set_new(hit, "name", text_of(hits[i].name));
        json_object_set_new(hit, "alike", json_integer(hits[i].likeness_bp / 100));
        json_array_append_new(nearest, hit);
    }
    return nearest;
}

void unknown_names_write(const struct unknown_names *names, struct taxonomy_search *search,
                         FILE *file)
{
    for (size_t i = 0; i < names->count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "skill", text_of(names->items[i].name));
        json_object_set_new(object, "count", json_integer((json_int_t)names->items[i].count));
        if (search)
            json_object_set_new(object, "nearest", nearest_of(search, names->items[i].name));
        json_dumpf(object, file, JSON_COMPACT);
        fputc('\n', file);
        json_decref(object);
    }
}
