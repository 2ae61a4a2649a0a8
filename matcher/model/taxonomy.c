/* Loading and looking up. See taxonomy.h for the files, closeness.c for the formula.
 *
 *   skills file -> drafts in the file's order -> sorted by code: the place is the id
 *               -> names (code, every label) folded into one hash map, links resolved by code
 *   occupations file -> entries in the file's order
 *
 * Everything that is kept lies in one arena; drafts lie in a second one that lives while loading.
 * Thread: load by one, then any reader. Cost: about 10 us a skill; a look-up one hash.
 */
#include "model/taxonomy.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <xxhash.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/limits.h"
#include "model/taxonomy_internal.h"

#include "base/banned.h"

enum skill_column {
    SKILL_CODE,
    SKILL_ZH,
    SKILL_EN,
    SKILL_ALTERNATIVE,
    SKILL_BROADER,
    SKILL_RELATED
};

static const struct csv_column skill_columns[] = {
    [SKILL_CODE] = {"code", true},        [SKILL_ZH] = {"zh", false},
    [SKILL_EN] = {"en", false},           [SKILL_ALTERNATIVE] = {"alternative", false},
    [SKILL_BROADER] = {"broader", false}, [SKILL_RELATED] = {"related", false},
};
enum { SKILL_COLUMN_COUNT = sizeof skill_columns / sizeof skill_columns[0] };

/* A row of the skills file, with what its errors need. */
struct skill_draft {
    struct str code;
    uint64_t line;
    const struct str *labels; /* languages.count; "" where there is none */
    struct str alternative, broader, related;
};

struct loader {
    struct taxonomy *taxonomy;
    struct arena scratch;       /* owns the drafts' texts */
    struct skill_draft *drafts; /* owned (memory_free) */
    size_t draft_count, draft_capacity;
    struct skill_links broader, related;
};

/* --- Rows of the skills file ---------------------------------------------------------------- */

static bool on_language_column(void *context, struct str name, struct error *error)
{
    struct taxonomy *taxonomy = ((struct loader *)context)->taxonomy;
    return label_languages_add(&taxonomy->languages, &taxonomy->arena, name, error);
}

static bool on_skill_row(void *context, const struct csv_row *row, struct error *error)
{
    struct loader *loader = context;
    struct taxonomy *taxonomy = loader->taxonomy;
    if (!taxonomy_check_code(row, SKILL_CODE, SKILL_LIMIT_BYTES, error))
        return false;
    void *items = loader->drafts;
    bool room = taxonomy_reserve_one(&items, loader->draft_count, &loader->draft_capacity,
                                     sizeof *loader->drafts);
    loader->drafts = items;
    const struct str *labels =
        label_languages_read(&taxonomy->languages, &taxonomy->arena, row, SKILL_ZH);
    struct str code = arena_copy(&taxonomy->arena, row->values[SKILL_CODE]);
    if (!room || !labels || !code.data || loader->draft_count == SKILL_UNKNOWN)
        return taxonomy_no_memory(error);

    struct skill_draft draft = {.code = code, .line = row->line, .labels = labels};
    struct {
        struct str from;
        struct str *to;
    } texts[] = {
        {row->values[SKILL_ALTERNATIVE], &draft.alternative},
        {row->values[SKILL_BROADER], &draft.broader},
        {row->values[SKILL_RELATED], &draft.related},
    };
    bool copied = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].to = arena_copy(&loader->scratch, texts[i].from);
        copied = copied && texts[i].to->data;
    }
    loader->drafts[loader->draft_count++] = draft;
    return copied || taxonomy_no_memory(error);
}

/* --- Ids, names, links ---------------------------------------------------------------------- */

static int compare_drafts(const void *left, const void *right)
{
    const struct skill_draft *a = left, *b = right;
    int order = str_compare(a->code, b->code);
    if (order != 0)
        return order;
    return a->line < b->line ? -1 : a->line > b->line;
}

static bool assign_ids(struct loader *loader, struct error *error)
{
    struct taxonomy *taxonomy = loader->taxonomy;
    size_t count = loader->draft_count;
    if (count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "line 2: no skills");
    qsort(loader->drafts, count, sizeof *loader->drafts, compare_drafts);
    for (size_t i = 1; i < count; i++)
        if (str_equal(loader->drafts[i].code, loader->drafts[i - 1].code))
            return csv_fail(loader->drafts[i].line, "code", loader->drafts[i].code, error,
                            "stands in line %llu already",
                            (unsigned long long)loader->drafts[i - 1].line);
    taxonomy->skill_count = (uint32_t)count;
    taxonomy->codes = arena_alloc_zeroed(&taxonomy->arena, count, sizeof(struct str));
    taxonomy->labels = arena_alloc_zeroed(&taxonomy->arena, count, sizeof *taxonomy->labels);
    if (!taxonomy->codes || !taxonomy->labels)
        return taxonomy_no_memory(error);
    for (size_t id = 0; id < count; id++) {
        taxonomy->codes[id] = loader->drafts[id].code;
        taxonomy->labels[id] = loader->drafts[id].labels;
    }
    return true;
}

static bool add_name(struct loader *loader, uint32_t id, const char *column, struct str name,
                     struct error *error)
{
    struct taxonomy *taxonomy = loader->taxonomy;
    struct str folded = text_fold(&taxonomy->arena, name);
    if (!folded.data)
        return taxonomy_no_memory(error);
    if (folded.length == 0)
        return true;
    uint32_t holder = id;
    if (!str_map_insert(&taxonomy->names, folded, &holder))
        return taxonomy_no_memory(error);
    if (holder != id)
        return csv_fail(loader->drafts[id].line, column, name, error,
                        "names skill '%.*s' in line %llu already", STR_ARG(taxonomy->codes[holder]),
                        (unsigned long long)loader->drafts[holder].line);
    return true;
}

static bool add_labels(struct loader *loader, uint32_t id, struct error *error)
{
    const struct taxonomy *taxonomy = loader->taxonomy;
    const struct skill_draft *draft = &loader->drafts[id];
    for (size_t i = 0; i < taxonomy->languages.count; i++) {
        char column[64];
        snprintf(column, sizeof column, "%s%.*s",
                 i < 2 ? "" : "label:", STR_ARG(taxonomy->languages.names[i]));
        if (!add_name(loader, id, column, draft->labels[i], error))
            return false;
    }
    struct str rest = draft->alternative, item;
    while (csv_next_item(&rest, &item))
        if (!add_name(loader, id, skill_columns[SKILL_ALTERNATIVE].name, item, error))
            return false;
    return true;
}

/* Codes before all labels, so that a label that is another skill's code is the one reported. */
static bool add_names(struct loader *loader, struct error *error)
{
    for (uint32_t id = 0; id < loader->taxonomy->skill_count; id++)
        if (!add_name(loader, id, skill_columns[SKILL_CODE].name, loader->drafts[id].code, error))
            return false;
    for (uint32_t id = 0; id < loader->taxonomy->skill_count; id++)
        if (!add_labels(loader, id, error))
            return false;
    return true;
}

static bool add_links(struct loader *loader, uint32_t id, enum skill_column column,
                      struct skill_links *links, struct error *error)
{
    const struct skill_draft *draft = &loader->drafts[id];
    const char *name = skill_columns[column].name;
    struct str rest = column == SKILL_BROADER ? draft->broader : draft->related, item;
    while (csv_next_item(&rest, &item)) {
        uint32_t other = taxonomy_find_code(loader->taxonomy, item);
        if (other == SKILL_UNKNOWN)
            return csv_fail(draft->line, name, item, error, "no skill has this code");
        if (other == id)
            return csv_fail(draft->line, name, item, error, "the skill names itself");
        if (!skill_links_add(links, id, other))
            return taxonomy_no_memory(error);
    }
    return true;
}

static bool link_skills(struct loader *loader, struct error *error)
{
    struct taxonomy *taxonomy = loader->taxonomy;
    for (uint32_t id = 0; id < taxonomy->skill_count; id++)
        if (!add_links(loader, id, SKILL_BROADER, &loader->broader, error) ||
            !add_links(loader, id, SKILL_RELATED, &loader->related, error))
            return false;
    uint32_t looped;
    if (!skill_links_find_cycle(&loader->broader, taxonomy->skill_count, &looped))
        return taxonomy_no_memory(error);
    if (looped != SKILL_UNKNOWN)
        return csv_fail(loader->drafts[looped].line, skill_columns[SKILL_BROADER].name,
                        loader->drafts[looped].broader, error,
                        "the broader skills of '%.*s' lead back to it",
                        STR_ARG(taxonomy->codes[looped]));
    return closeness_table_build(&taxonomy->closeness, taxonomy->skill_count, &loader->broader,
                                 &loader->related) ||
           taxonomy_no_memory(error);
}

static bool load_skills(struct taxonomy *taxonomy, struct str csv, struct error *error)
{
    struct loader loader = {.taxonomy = taxonomy};
    arena_init(&loader.scratch, TAXONOMY_CONTENT_LIMIT_BYTES);
    const struct csv_handler handler = {.columns = skill_columns,
                                        .column_count = SKILL_COLUMN_COUNT,
                                        .extra_column = on_language_column,
                                        .row = on_skill_row,
                                        .context = &loader};
    bool well = csv_read_text(&handler, csv, error) && assign_ids(&loader, error) &&
                add_names(&loader, error) && link_skills(&loader, error);
    skill_links_release(&loader.broader);
    skill_links_release(&loader.related);
    memory_free(loader.drafts);
    arena_release(&loader.scratch);
    if (!well)
        csv_name_file(error, "skills");
    return well;
}

/* --- The taxonomy --------------------------------------------------------------------------- */

static uint64_t hash_text(struct str text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.data ? text.data : "", text.length, seed);
}

struct taxonomy *taxonomy_load(struct str skills_csv, struct str occupations_csv,
                               struct error *error)
{
    struct taxonomy *taxonomy = memory_try_zeroed(1, sizeof *taxonomy);
    if (!taxonomy) {
        taxonomy_no_memory(error);
        return NULL;
    }
    arena_init(&taxonomy->arena, TAXONOMY_CONTENT_LIMIT_BYTES);
    str_map_init(&taxonomy->names);
    taxonomy->languages = (struct label_languages){.names = {STR("zh"), STR("en")}, .count = 2};
    taxonomy->occupation_languages = taxonomy->languages;
    taxonomy->version = hash_text(occupations_csv, hash_text(skills_csv, 0));
    if (!load_skills(taxonomy, skills_csv, error) ||
        !taxonomy_load_occupations(taxonomy, occupations_csv, error)) {
        taxonomy_free(taxonomy);
        return NULL;
    }
    return taxonomy;
}

/* Built into the program by tools/build/embed.sh. */
extern const char embedded_builtin_skills_csv[], embedded_builtin_skills_csv_end[];
extern const char embedded_builtin_occupations_csv[], embedded_builtin_occupations_csv_end[];

struct taxonomy *taxonomy_builtin(struct error *error)
{
    struct str skills = {embedded_builtin_skills_csv,
                         (uint32_t)(embedded_builtin_skills_csv_end - embedded_builtin_skills_csv)};
    struct str occupations = {
        embedded_builtin_occupations_csv,
        (uint32_t)(embedded_builtin_occupations_csv_end - embedded_builtin_occupations_csv)};
    return taxonomy_load(skills, occupations, error);
}

void taxonomy_free(struct taxonomy *taxonomy)
{
    if (!taxonomy)
        return;
    closeness_table_release(&taxonomy->closeness);
    str_map_release(&taxonomy->names);
    memory_free(taxonomy->occupations);
    arena_release(&taxonomy->arena);
    memory_free(taxonomy);
}

size_t taxonomy_skill_count(const struct taxonomy *taxonomy)
{
    return taxonomy->skill_count;
}

uint64_t taxonomy_version(const struct taxonomy *taxonomy)
{
    return taxonomy->version;
}

static_assert(SKILL_UNKNOWN == STR_MAP_NONE, "a name that is not found is an unknown skill");

uint32_t taxonomy_find_skill(const struct taxonomy *taxonomy, struct str folded)
{
    return str_map_find(&taxonomy->names, folded);
}

struct str taxonomy_skill_code(const struct taxonomy *taxonomy, uint32_t skill_id)
{
    assert(skill_id < taxonomy->skill_count);
    return taxonomy->codes[skill_id];
}

struct str taxonomy_skill_label(const struct taxonomy *taxonomy, uint32_t skill_id,
                                const char *language)
{
    assert(skill_id < taxonomy->skill_count);
    return label_languages_choose(&taxonomy->languages, taxonomy->labels[skill_id], language,
                                  taxonomy->codes[skill_id]);
}

size_t taxonomy_language_count(const struct taxonomy *taxonomy)
{
    return taxonomy->languages.count;
}

struct str taxonomy_language(const struct taxonomy *taxonomy, size_t index)
{
    assert(index < taxonomy->languages.count);
    return taxonomy->languages.names[index];
}

bool taxonomy_has_label(const struct taxonomy *taxonomy, uint32_t skill_id, size_t language_index)
{
    assert(skill_id < taxonomy->skill_count && language_index < taxonomy->languages.count);
    return taxonomy->labels[skill_id][language_index].length > 0;
}

size_t taxonomy_name_count(const struct taxonomy *taxonomy)
{
    return taxonomy->names.count;
}

void taxonomy_each_name(const struct taxonomy *taxonomy,
                        void (*found)(void *context, struct str folded, uint32_t skill_id),
                        void *context)
{
    str_map_each(&taxonomy->names, found, context);
}

const struct closeness *taxonomy_neighbours(const struct taxonomy *taxonomy, uint32_t asked_id,
                                            size_t *count)
{
    assert(asked_id < taxonomy->skill_count);
    const struct closeness_row *row = &taxonomy->closeness.rows[asked_id];
    *count = row->count;
    return taxonomy->closeness.neighbours + row->first;
}

const struct closeness *taxonomy_asked_neighbours(const struct taxonomy *taxonomy, uint32_t held_id,
                                                  size_t *count)
{
    assert(held_id < taxonomy->skill_count);
    const struct closeness_table *table = &taxonomy->closeness;
    *count = table->asked_first[held_id + 1] - table->asked_first[held_id];
    return table->asked + table->asked_first[held_id];
}

int32_t taxonomy_closeness_bp(const struct taxonomy *taxonomy, uint32_t held_id, uint32_t asked_id)
{
    assert(held_id < taxonomy->skill_count && asked_id < taxonomy->skill_count);
    if (held_id == asked_id)
        return CLOSENESS_SAME_BP;
    return closeness_table_find(&taxonomy->closeness, held_id, asked_id);
}
