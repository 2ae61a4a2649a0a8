/* The occupations file, and what both files of a taxonomy share. See taxonomy.h.
 *
 *   occupations file -> entries in the file's order, skills by id
 *
 * All texts lie in the taxonomy's arena. Thread: the loader's, then any reader.
 */
#include <assert.h>

#include "base/memory.h"
#include "model/limits.h"
#include "model/taxonomy.h"
#include "model/taxonomy_internal.h"

#include "base/banned.h"

bool taxonomy_no_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the taxonomy");
}

bool taxonomy_reserve_one(void **items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return true;
    size_t larger = *capacity ? *capacity * 2 : 256;
    void *grown = memory_try_resize(*items, larger * item_bytes);
    if (!grown)
        return false;
    *items = grown;
    *capacity = larger;
    return true;
}

/* --- Labels --------------------------------------------------------------------------------- */

bool label_languages_add(struct label_languages *languages, struct arena *arena, struct str column,
                         struct error *error)
{
    const struct str prefix = STR("label:");
    if (!str_starts_with(column, prefix) || column.length == prefix.length)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "line 1: unknown column '%.*s' in the header", STR_ARG(column));
    if (languages->count == TAXONOMY_LANGUAGE_LIMIT)
        return error_set(error, ERROR_INVALID_ARGUMENT, "line 1: more than %d languages",
                         TAXONOMY_LANGUAGE_LIMIT);
    struct str language = {column.data + prefix.length, column.length - prefix.length};
    for (size_t i = 0; i < languages->count; i++)
        if (str_equal(language, languages->names[i]))
            return error_set(error, ERROR_INVALID_ARGUMENT,
                             "line 1: column '%.*s' is a second one for that language",
                             STR_ARG(column));
    struct str kept = arena_copy(arena, language);
    if (!kept.data)
        return taxonomy_no_memory(error);
    languages->names[languages->count++] = kept;
    return true;
}

struct str label_languages_choose(const struct label_languages *languages, const struct str *labels,
                                  const char *language, struct str code)
{
    struct str wanted = str_of(language);
    for (size_t i = 0; i < languages->count; i++)
        if (labels[i].length > 0 && str_equal(languages->names[i], wanted))
            return labels[i];
    for (size_t i = 0; i < languages->count; i++)
        if (labels[i].length > 0)
            return labels[i];
    return code;
}

const struct str *label_languages_read(const struct label_languages *languages, struct arena *arena,
                                       const struct csv_row *row, size_t zh_column)
{
    struct str *labels = arena_alloc_zeroed(arena, languages->count, sizeof *labels);
    for (size_t i = 0; labels && i < languages->count; i++) {
        labels[i] =
            arena_copy(arena, i < 2 ? row->values[zh_column + i] : row->extra_values[i - 2]);
        if (!labels[i].data)
            labels = NULL;
    }
    return labels;
}

/* --- Codes ---------------------------------------------------------------------------------- */

bool taxonomy_check_code(const struct csv_row *row, size_t column, uint32_t limit_bytes,
                         struct error *error)
{
    struct str code = row->values[column];
    if (code.length == 0)
        return csv_row_fail(row, column, error, "must not be empty");
    if (code.length > limit_bytes)
        return csv_row_fail(row, column, error, "longer than %u bytes", limit_bytes);
    for (uint32_t i = 0; i < code.length; i++)
        if (code.data[i] <= ' ' || code.data[i] > '~' || code.data[i] == '|')
            return csv_row_fail(row, column, error, "must be visible ASCII without '|'");
    return true;
}

uint32_t taxonomy_find_code(const struct taxonomy *taxonomy, struct str code)
{
    size_t low = 0, high = taxonomy->skill_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_compare(taxonomy->codes[middle], code);
        if (order == 0)
            return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SKILL_UNKNOWN;
}

/* --- The occupations file ------------------------------------------------------------------- */

enum occupation_column {
    OCCUPATION_CODE,
    OCCUPATION_ZH,
    OCCUPATION_EN,
    OCCUPATION_ALTERNATIVE,
    OCCUPATION_ESSENTIAL,
    OCCUPATION_OPTIONAL
};

static const struct csv_column occupation_columns[] = {
    [OCCUPATION_CODE] = {"code", true},
    [OCCUPATION_ZH] = {"zh", false},
    [OCCUPATION_EN] = {"en", false},
    [OCCUPATION_ALTERNATIVE] = {"alternative", false},
    [OCCUPATION_ESSENTIAL] = {"essential", false},
    [OCCUPATION_OPTIONAL] = {"optional", false},
};
enum { OCCUPATION_COLUMN_COUNT = sizeof occupation_columns / sizeof occupation_columns[0] };

struct occupation_loader {
    struct taxonomy *taxonomy;
    struct str_map codes; /* code -> index */
};

/* The ids of a list of skill codes, in the arena. */
static bool read_skill_list(struct taxonomy *taxonomy, const struct csv_row *row, size_t column,
                            const uint32_t **ids, size_t *count, struct error *error)
{
    struct str rest = row->values[column], item;
    size_t capacity = 1;
    for (uint32_t i = 0; i < rest.length; i++)
        capacity += rest.data[i] == '|';
    uint32_t *list = arena_alloc_zeroed(&taxonomy->arena, capacity, sizeof *list);
    if (!list)
        return taxonomy_no_memory(error);
    *ids = list;
    while (csv_next_item(&rest, &item)) {
        uint32_t id = taxonomy_find_code(taxonomy, item);
        const char *name = row->columns[column].name;
        if (id == SKILL_UNKNOWN)
            return csv_fail(row->line, name, item, error, "no skill has this code");
        for (size_t i = 0; i < *count; i++)
            if (list[i] == id)
                return csv_fail(row->line, name, item, error, "stands twice in the list");
        list[(*count)++] = id;
    }
    return true;
}

static bool on_occupation_row(void *context, const struct csv_row *row, struct error *error)
{
    struct occupation_loader *loader = context;
    struct taxonomy *taxonomy = loader->taxonomy;
    if (!taxonomy_check_code(row, OCCUPATION_CODE, OCCUPATION_LIMIT_BYTES, error))
        return false;
    struct occupation_entry entry = {
        .code = arena_copy(&taxonomy->arena, row->values[OCCUPATION_CODE]),
        .labels = label_languages_read(&taxonomy->occupation_languages, &taxonomy->arena, row,
                                       OCCUPATION_ZH),
        .alternative = arena_copy(&taxonomy->arena, row->values[OCCUPATION_ALTERNATIVE]),
    };
    void *items = taxonomy->occupations;
    bool room = taxonomy_reserve_one(&items, taxonomy->occupation_count,
                                     &taxonomy->occupation_capacity, sizeof *taxonomy->occupations);
    taxonomy->occupations = items;
    uint32_t index = (uint32_t)taxonomy->occupation_count, holder = index;
    if (!room || !entry.code.data || !entry.labels || !entry.alternative.data ||
        !str_map_insert(&loader->codes, entry.code, &holder))
        return taxonomy_no_memory(error);
    entry.label_zh = entry.labels[0];
    entry.label_en = entry.labels[1];
    if (holder != index)
        return csv_row_fail(row, OCCUPATION_CODE, error, "a second occupation with this code");
    if (!read_skill_list(taxonomy, row, OCCUPATION_ESSENTIAL, &entry.essential_ids,
                         &entry.essential_count, error) ||
        !read_skill_list(taxonomy, row, OCCUPATION_OPTIONAL, &entry.optional_ids,
                         &entry.optional_count, error))
        return false;
    taxonomy->occupations[taxonomy->occupation_count++] = entry;
    return true;
}

static bool on_language_column(void *context, struct str name, struct error *error)
{
    struct taxonomy *taxonomy = ((struct occupation_loader *)context)->taxonomy;
    return label_languages_add(&taxonomy->occupation_languages, &taxonomy->arena, name, error);
}

bool taxonomy_load_occupations(struct taxonomy *taxonomy, struct str csv, struct error *error)
{
    if (csv.length == 0)
        return true;
    struct occupation_loader loader = {.taxonomy = taxonomy};
    str_map_init(&loader.codes);
    const struct csv_handler handler = {.columns = occupation_columns,
                                        .column_count = OCCUPATION_COLUMN_COUNT,
                                        .extra_column = on_language_column,
                                        .row = on_occupation_row,
                                        .context = &loader};
    bool well = csv_read_text(&handler, csv, error);
    str_map_release(&loader.codes);
    if (!well)
        csv_name_file(error, "occupations");
    return well;
}

/* --- Look-ups ------------------------------------------------------------------------------- */

size_t taxonomy_occupation_count(const struct taxonomy *taxonomy)
{
    return taxonomy->occupation_count;
}

const struct occupation_entry *taxonomy_occupation_at(const struct taxonomy *taxonomy, size_t index)
{
    assert(index < taxonomy->occupation_count);
    return &taxonomy->occupations[index];
}

struct str taxonomy_occupation_label(const struct taxonomy *taxonomy, size_t index,
                                     const char *language)
{
    const struct occupation_entry *entry = taxonomy_occupation_at(taxonomy, index);
    return label_languages_choose(&taxonomy->occupation_languages, entry->labels, language,
                                  entry->code);
}

size_t taxonomy_occupation_language_count(const struct taxonomy *taxonomy)
{
    return taxonomy->occupation_languages.count;
}
