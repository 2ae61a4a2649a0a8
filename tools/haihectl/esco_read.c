/* Rows of the Commission's files become concepts, labels and links. See esco.h.
 *
 * A concept is found by its URI in any file: the first file that has it makes it, later ones (other
 * languages) add labels. Links name concepts that are known by then; others are counted.
 */
#include <errno.h>

#include "base/memory.h"
#include "base/text.h"
#include "haihectl/esco_part.h"
#include "model/csv_reader.h"
#include "model/limits.h"

#include "base/banned.h"

enum {
    TEXT_LIMIT_BYTES = 1 << 30, /* far above the 68 MB of English and what it becomes */
    /* ESCO has 17,500 concepts, 130,000 links, and 110,000 labels a language. */
    CONCEPT_LIMIT = 1 << 20,
    LINK_LIMIT = 1 << 24,
    LABEL_LIMIT = 1 << 24,
    PIECE_BYTES = 64 * 1024,
};

bool esco_no_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "the classification is too large");
}

struct esco *esco_new(void)
{
    struct esco *esco = memory_try_zeroed(1, sizeof(*esco));
    if (!esco)
        return NULL;
    arena_init(&esco->arena, TEXT_LIMIT_BYTES);
    str_map_init(&esco->uris);
    esco->languages[0] = STR("zh");
    esco->languages[1] = STR("en");
    esco->language_count = 2;
    return esco;
}

void esco_free(struct esco *esco)
{
    if (!esco)
        return;
    str_map_release(&esco->uris);
    memory_free(esco->concepts);
    memory_free(esco->labels);
    memory_free(esco->links);
    memory_free(esco->order);
    arena_release(&esco->arena);
    memory_free(esco);
}

const struct esco_statistics *esco_statistics(const struct esco *esco)
{
    return &esco->statistics;
}

struct str esco_language(const struct esco *esco, size_t index)
{
    for (size_t i = 0; i < esco->language_count; i++)
        if (esco->language_seen[i] && index-- == 0)
            return esco->languages[i];
    return (struct str){NULL, 0};
}

/* A new last item of a growing array, not initialised; NULL when there is no room. */
static void *add_item(void **items, size_t *count, size_t *capacity, size_t limit,
                      size_t item_bytes)
{
    if (*count == limit)
        return NULL;
    if (*count == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : 1024;
        void *grown = memory_try_resize(*items, larger * item_bytes);
        if (!grown)
            return NULL;
        *items = grown;
        *capacity = larger;
    }
    return (char *)*items + (*count)++ * item_bytes;
}

/* --- Concepts and labels -------------------------------------------------------------------- */

struct file {
    struct esco *esco;
    enum esco_kind kind;
    uint8_t language;
};

enum concept_column {
    CONCEPT_URI,
    CONCEPT_PREFERRED,
    CONCEPT_ALTERNATIVE,
    CONCEPT_HIDDEN,
    CONCEPT_STATUS,
    CONCEPT_CODE,
    CONCEPT_ISCO_GROUP,
    CONCEPT_COLUMN_COUNT
};

static const struct csv_column CONCEPT_COLUMNS[CONCEPT_COLUMN_COUNT] = {
    [CONCEPT_URI] = {"conceptUri", true},         [CONCEPT_PREFERRED] = {"preferredLabel", true},
    [CONCEPT_ALTERNATIVE] = {"altLabels", false}, [CONCEPT_HIDDEN] = {"hiddenLabels", false},
    [CONCEPT_STATUS] = {"status", false},         [CONCEPT_CODE] = {"code", false},
    [CONCEPT_ISCO_GROUP] = {"iscoGroup", false},
};

static bool check_uri(const struct csv_row *row, size_t column, struct error *error)
{
    struct str uri = row->values[column];
    if (uri.length == 0 || uri.length > SKILL_LIMIT_BYTES)
        return csv_row_fail(row, column, error, "must have 1..%d bytes", SKILL_LIMIT_BYTES);
    for (uint32_t i = 0; i < uri.length; i++)
        if (uri.data[i] <= ' ' || uri.data[i] > '~' || uri.data[i] == '|')
            return csv_row_fail(row, column, error, "must be visible ASCII without '|'");
    return true;
}

/* The row's concept, new when no row before had its URI. */
static bool find_or_add_concept(struct file *file, const struct csv_row *row, uint32_t *found,
                                struct error *error)
{
    struct esco *esco = file->esco;
    *found = str_map_find(&esco->uris, row->values[CONCEPT_URI]);
    if (*found != STR_MAP_NONE)
        return true;
    *found = (uint32_t)esco->concept_count;
    struct concept made = {.uri = arena_copy(&esco->arena, row->values[CONCEPT_URI]),
                           .code = arena_copy(&esco->arena, row->values[CONCEPT_CODE]),
                           .isco_group = arena_copy(&esco->arena, row->values[CONCEPT_ISCO_GROUP]),
                           .kind = (enum concept_kind)(file->kind - ESCO_SKILLS)};
    void *items = esco->concepts;
    struct concept *concept = add_item(&items, &esco->concept_count, &esco->concept_capacity,
                                       CONCEPT_LIMIT, sizeof(*concept));
    esco->concepts = items;
    if (!concept)
        return esco_no_memory(error);
    *concept = made;
    if (!made.uri.data || !made.code.data || !made.isco_group.data ||
        !str_map_insert(&esco->uris, made.uri, found))
        return esco_no_memory(error);
    return true;
}

static bool add_label(struct file *file, uint32_t concept, enum label_rank rank, struct str text,
                      struct error *error)
{
    struct esco *esco = file->esco;
    struct str kept = arena_copy(&esco->arena, text);
    void *items = esco->labels;
    struct label *label =
        add_item(&items, &esco->label_count, &esco->label_capacity, LABEL_LIMIT, sizeof(*label));
    esco->labels = items;
    if (!label)
        return esco_no_memory(error);
    *label = (struct label){.text = kept,
                            .concept = concept,
                            .number = (uint32_t)esco->label_count,
                            .language = file->language,
                            .rank = (uint8_t)rank};
    return kept.data || esco_no_memory(error);
}

static struct str trim(struct str text)
{
    static const char blanks[] = " \t\r\n";
    while (text.length > 0 && memchr(blanks, text.data[0], sizeof(blanks) - 1))
        text = (struct str){text.data + 1, text.length - 1};
    while (text.length > 0 && memchr(blanks, text.data[text.length - 1], sizeof(blanks) - 1))
        text.length--;
    return text;
}

/* A value's labels stand one on a line. */
static bool add_alternatives(struct file *file, uint32_t concept, struct str lines,
                             struct error *error)
{
    while (lines.length > 0) {
        const char *line_feed = memchr(lines.data, '\n', lines.length);
        uint32_t length = line_feed ? (uint32_t)(line_feed - lines.data) : lines.length;
        struct str text = {lines.data, length};
        length += line_feed != NULL;
        lines = (struct str){lines.data + length, lines.length - length};
        text = trim(text);
        if (text.length > 0 && !add_label(file, concept, LABEL_ALTERNATIVE, text, error))
            return false;
    }
    return true;
}

static bool on_concept(void *context, const struct csv_row *row, struct error *error)
{
    struct file *file = context;
    struct esco *esco = file->esco;
    struct str status = row->values[CONCEPT_STATUS];
    uint32_t found;
    if (!check_uri(row, CONCEPT_URI, error))
        return false;
    if (status.length > 0 && !str_equal(status, STR("released"))) {
        esco->statistics.not_released_count++;
        return true;
    }
    if (!find_or_add_concept(file, row, &found, error))
        return false;
    struct concept *concept = &esco->concepts[found];
    if (concept->kind != (enum concept_kind)(file->kind - ESCO_SKILLS))
        return csv_row_fail(row, CONCEPT_URI, error, "stands in a file of another kind already");
    if (concept->file_number == esco->file_count)
        return csv_row_fail(row, CONCEPT_URI, error, "stands twice in the file");
    concept->file_number = esco->file_count;
    struct str preferred = trim(row->values[CONCEPT_PREFERRED]);
    return (preferred.length == 0 || add_label(file, found, LABEL_PREFERRED, preferred, error)) &&
           add_alternatives(file, found, row->values[CONCEPT_ALTERNATIVE], error) &&
           add_alternatives(file, found, row->values[CONCEPT_HIDDEN], error);
}

/* --- Links ---------------------------------------------------------------------------------- */

enum link_column { LINK_FROM, LINK_TO, LINK_TYPE, LINK_COLUMN_COUNT };

static const struct csv_column BROADER_COLUMNS[LINK_COLUMN_COUNT] = {
    [LINK_FROM] = {"conceptUri", true},
    [LINK_TO] = {"broaderUri", true},
    [LINK_TYPE] = {"relationType", false}, /* the file has none */
};
static const struct csv_column SKILL_COLUMNS[LINK_COLUMN_COUNT] = {
    [LINK_FROM] = {"originalSkillUri", true},
    [LINK_TO] = {"relatedSkillUri", true},
    [LINK_TYPE] = {"relationType", true},
};
static const struct csv_column OCCUPATION_COLUMNS[LINK_COLUMN_COUNT] = {
    [LINK_FROM] = {"occupationUri", true},
    [LINK_TO] = {"skillUri", true},
    [LINK_TYPE] = {"relationType", true},
};

/* *kind is LINK_BROADER before. */
static bool find_link_kind(const struct file *file, const struct csv_row *row, enum link_kind *kind,
                           struct error *error)
{
    struct str type = row->values[LINK_TYPE];
    bool essential = str_equal(type, STR("essential"));
    if (file->kind != ESCO_BROADER && !essential && !str_equal(type, STR("optional")))
        return csv_row_fail(row, LINK_TYPE, error, "must be essential or optional");
    if (file->kind == ESCO_SKILL_RELATIONS)
        *kind = LINK_RELATED;
    else if (file->kind == ESCO_OCCUPATION_RELATIONS)
        *kind = essential ? LINK_ESSENTIAL : LINK_OPTIONAL;
    return true;
}

/* Releases have a few of them; they must not hold up the rest. */
static bool skip_unknown(struct file *file, struct str uri, struct error *error)
{
    struct esco_statistics *statistics = &file->esco->statistics;
    if (statistics->unknown_count[file->kind]++ > 0)
        return true;
    statistics->first_unknown[file->kind] = arena_copy(&file->esco->arena, uri);
    return statistics->first_unknown[file->kind].data || esco_no_memory(error);
}

static bool on_link(void *context, const struct csv_row *row, struct error *error)
{
    struct file *file = context;
    struct esco *esco = file->esco;
    enum link_kind kind = LINK_BROADER;
    if (!check_uri(row, LINK_FROM, error) || !check_uri(row, LINK_TO, error) ||
        !find_link_kind(file, row, &kind, error))
        return false;
    uint32_t from = str_map_find(&esco->uris, row->values[LINK_FROM]);
    uint32_t to = str_map_find(&esco->uris, row->values[LINK_TO]);
    if (from == STR_MAP_NONE || to == STR_MAP_NONE)
        return skip_unknown(file, row->values[from == STR_MAP_NONE ? LINK_FROM : LINK_TO], error);
    if (from == to) {
        esco->statistics.self_count++;
        return true;
    }
    bool of_occupation = esco->concepts[from].kind == CONCEPT_OCCUPATION;
    if (of_occupation != (file->kind == ESCO_OCCUPATION_RELATIONS))
        return csv_row_fail(row, LINK_FROM, error, "is %s occupation", of_occupation ? "an" : "no");
    if (esco->concepts[to].kind == CONCEPT_OCCUPATION)
        return csv_row_fail(row, LINK_TO, error, "is an occupation");
    void *items = esco->links;
    struct link *link =
        add_item(&items, &esco->link_count, &esco->link_capacity, LINK_LIMIT, sizeof(*link));
    esco->links = items;
    if (!link)
        return esco_no_memory(error);
    *link = (struct link){from, to, kind};
    return true;
}

/* --- Files ---------------------------------------------------------------------------------- */

/* Releases differ in what else they tell. */
static bool ignore_column(void *context, struct str name, struct error *error)
{
    (void)context, (void)name, (void)error;
    return true;
}

static bool find_language(struct esco *esco, const char *name, uint8_t *index, struct error *error)
{
    struct str language = str_of(name);
    size_t i = 0;
    while (i < esco->language_count && !str_equal(esco->languages[i], language))
        i++;
    if (i == ESCO_LANGUAGE_LIMIT)
        return error_set(error, ERROR_INVALID_ARGUMENT, "more than %d languages",
                         ESCO_LANGUAGE_LIMIT);
    if (i == esco->language_count) {
        struct str kept = arena_copy(&esco->arena, language);
        if (!kept.data)
            return esco_no_memory(error);
        esco->languages[esco->language_count++] = kept;
    }
    esco->statistics.language_count += !esco->language_seen[i];
    esco->language_seen[i] = true;
    *index = (uint8_t)i;
    return true;
}

static bool feed(struct csv_reader *reader, FILE *file, struct error *error)
{
    char piece[PIECE_BYTES];
    size_t got;
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        if (!csv_reader_feed(reader, piece, got, error))
            return false;
    if (ferror(file))
        return error_set(error, ERROR_DATA_LOSS, "cannot be read: %s", strerror(errno));
    return csv_reader_finish(reader, error);
}

bool esco_read(struct esco *esco, const struct esco_name *name, FILE *file, struct error *error)
{
    static const struct csv_column *const link_columns[ESCO_KIND_COUNT] = {
        [ESCO_BROADER] = BROADER_COLUMNS,
        [ESCO_SKILL_RELATIONS] = SKILL_COLUMNS,
        [ESCO_OCCUPATION_RELATIONS] = OCCUPATION_COLUMNS,
    };
    struct file state = {.esco = esco, .kind = name->kind};
    bool of_concepts = name->kind <= ESCO_OCCUPATIONS;
    if (of_concepts && !find_language(esco, name->language, &state.language, error))
        return false;
    esco->file_count++;
    const struct csv_handler handler = {
        .columns = of_concepts ? CONCEPT_COLUMNS : link_columns[name->kind],
        .column_count = of_concepts ? CONCEPT_COLUMN_COUNT : LINK_COLUMN_COUNT,
        .extra_column = ignore_column,
        .row = of_concepts ? on_concept : on_link,
        .context = &state};
    struct csv_reader *reader = csv_reader_new(&handler);
    if (!reader)
        return esco_no_memory(error);
    bool well = feed(reader, file, error);
    csv_reader_free(reader);
    return well;
}
