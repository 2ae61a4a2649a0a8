/* Names that no taxonomy knows, and labels from anybody's file: the search for what is like them.
 * Lines of names, the last one is the text that is looked for; the first byte chooses the manner.
 */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "haihectl/unknown_names.h"

/* A search of the taxonomy costs a millisecond. */
enum { NAME_LIMIT = 200, SEARCHED_LIMIT = 2, HIT_LIMIT = 8, OUTPUT_LIMIT_BYTES = 1024 * 1024 };

struct names {
    struct str folded[NAME_LIMIT];
    struct str written[NAME_LIMIT];
    size_t count;
};

static void split(struct str text, struct arena *arena, struct names *names)
{
    for (names->count = 0; text.length > 0 && names->count < NAME_LIMIT;) {
        const char *line_feed = memchr(text.data, '\n', text.length);
        uint32_t length = line_feed ? (uint32_t)(line_feed - text.data) : text.length;
        struct str name = {text.data, length};
        struct str folded = text_fold(arena, name);
        length += line_feed != NULL;
        text = (struct str){text.data + length, text.length - length};
        if (!folded.data || folded.length == 0)
            continue;
        names->written[names->count] = name;
        names->folded[names->count++] = folded;
    }
}

/* The last name among the others. Three owners, so that each has many names. */
static void look_up(const struct names *names, enum name_manner manner)
{
    struct name_match hits[HIT_LIMIT];
    struct name_index *index = name_index_new();
    assert(index);
    size_t last = names->count - 1;
    bool is_there = false;
    for (size_t i = 0; i < last; i++) {
        bool added = name_index_add(index, names->folded[i], (uint32_t)(i % 3));
        assert(added);
        is_there = is_there || str_equal(names->folded[i], names->folded[last]);
    }
    bool built = name_index_build(index);
    assert(built);
    size_t count = name_index_find(index, names->folded[last], manner, hits, HIT_LIMIT);
    assert(count <= (last < 3 ? last : 3));
    for (size_t i = 0; i < count; i++) {
        assert(hits[i].likeness_bp > 0 && hits[i].likeness_bp <= 10000);
        assert(i == 0 || hits[i].likeness_bp <= hits[i - 1].likeness_bp);
        for (size_t j = 0; j < i; j++)
            assert(hits[i].owner != hits[j].owner);
    }
    if (is_there)
        assert(count > 0 && hits[0].likeness_bp == 10000);
    name_index_free(index);
}

/* What load reports: for people, and as one JSON object a name. */
static void report(const struct names *names, struct taxonomy_search *search)
{
    struct unknown_names unknown;
    struct buffer shown;
    char *written = NULL;
    size_t written_bytes = 0;
    unknown_names_init(&unknown);
    buffer_init(&shown, OUTPUT_LIMIT_BYTES);
    size_t limit = search ? SEARCHED_LIMIT : NAME_LIMIT;
    for (size_t i = 0; i < names->count && unknown.count < limit; i++)
        unknown_names_add(&unknown, names->written[i]);
    unknown_names_sort(&unknown);
    if (search)
        unknown_names_show(&unknown, search, 5, &shown);
    FILE *file = open_memstream(&written, &written_bytes);
    assert(file);
    unknown_names_write(&unknown, search, file);
    fclose(file);
    size_t lines = 0;
    for (const char *at = written; at < written + written_bytes; lines++) {
        const char *end = memchr(at, '\n', (size_t)(written + written_bytes - at));
        assert(end);
        json_t *line = json_loadb(at, (size_t)(end - at), JSON_ALLOW_NUL, NULL);
        assert(line && json_is_string(json_object_get(line, "skill")));
        json_decref(line);
        at = end + 1;
    }
    assert(lines == unknown.count);
    free(written);
    buffer_release(&shown);
    unknown_names_release(&unknown);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static struct taxonomy_search *search; /* of the built-in taxonomy; made once */
    static struct names names;
    struct error error = {0};
    struct arena arena;
    if (size_bytes == 0)
        return 0;
    if (!search)
        search = taxonomy_search_new(fuzz_model()->taxonomy, true, false, &error);
    assert(search);
    arena_init(&arena, FUZZ_ARENA_BYTES);
    split((struct str){(const char *)bytes + 1, (uint32_t)size_bytes - 1}, &arena, &names);
    if (names.count > 0) {
        look_up(&names, bytes[0] & 1 ? NAME_CONTAINING : NAME_NEAREST);
        report(&names, bytes[0] & 2 && bytes[0] & 4 ? search : NULL);
    }
    arena_release(&arena);
    return 0;
}
