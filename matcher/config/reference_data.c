#include "config/reference_data.h"

#include <errno.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/text.h"

#include "base/banned.h"

/* The largest list we know, ESCO's relations, has 21 MB. */
enum { FILE_LIMIT_BYTES = 256 * 1024 * 1024, TEXTS_LIMIT_BYTES = 16 * 1024 * 1024 };

/* The whole file; the buffer must be empty and initialised. */
static bool read_file(const char *path, struct buffer *out, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, ERROR_NOT_FOUND, "file '%s': %s", path, strerror(errno));
    for (size_t got = 1; got > 0;) {
        char *room = buffer_reserve(out, 64 * 1024);
        got = room ? fread(room, 1, 64 * 1024, file) : 0;
        buffer_commit(out, got);
    }
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken)
        return error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' can't be read", path);
    if (out->failed)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED,
                         "file '%s' is above %d MB, or there is no memory for it", path,
                         FILE_LIMIT_BYTES / (1024 * 1024));
    return true;
}

/* Puts the file's name in front of an error about its content. */
static bool name_file(const char *path, struct error *error)
{
    struct error inner = *error;
    error_set(error, inner.code, "file '%s': %s", path, inner.text);
    return false;
}

static bool load_taxonomy(struct reference_data *data, const struct options *options,
                          struct error *error)
{
    if (options->skills[0] == '\0' && options->occupations[0] == '\0') {
        data->taxonomy = taxonomy_builtin(error);
        return data->taxonomy != NULL;
    }
    if (options->skills[0] == '\0')
        return error_field(error, "required", "occupations", options->occupations,
                           "needs the skills that it names: give --skills as well");
    struct buffer skills, occupations;
    buffer_init(&skills, FILE_LIMIT_BYTES);
    buffer_init(&occupations, FILE_LIMIT_BYTES);
    bool read =
        read_file(options->skills, &skills, error) &&
        (options->occupations[0] == '\0' || read_file(options->occupations, &occupations, error));
    if (read) {
        data->taxonomy = taxonomy_load(buffer_borrow(&skills), buffer_borrow(&occupations), error);
        if (!data->taxonomy)
            name_file(options->skills, error);
    }
    buffer_release(&skills);
    buffer_release(&occupations);
    return data->taxonomy != NULL;
}

static bool load_areas(struct reference_data *data, const struct options *options,
                       struct error *error)
{
    if (options->areas[0] == '\0') {
        data->areas = area_table_builtin(error);
        return data->areas != NULL;
    }
    struct buffer text;
    buffer_init(&text, FILE_LIMIT_BYTES);
    if (read_file(options->areas, &text, error)) {
        data->areas_hash = XXH3_64bits(text.data, text.length_bytes);
        data->areas = area_table_load(buffer_borrow(&text), error);
        if (!data->areas)
            name_file(options->areas, error);
    }
    buffer_release(&text);
    return data->areas != NULL;
}

static bool load_minimum_wages(struct reference_data *data, const struct options *options,
                               struct error *error)
{
    if (options->minimum_wages[0] == '\0') {
        data->minimum_wages = minimum_wage_builtin(error);
        return data->minimum_wages != NULL;
    }
    struct buffer text;
    buffer_init(&text, FILE_LIMIT_BYTES);
    if (read_file(options->minimum_wages, &text, error)) {
        data->minimum_wages_hash = XXH3_64bits(text.data, text.length_bytes);
        data->minimum_wages = minimum_wage_load(buffer_borrow(&text), error);
        if (!data->minimum_wages)
            name_file(options->minimum_wages, error);
    }
    buffer_release(&text);
    return data->minimum_wages != NULL;
}

static uint32_t count_pieces(struct str text, char separator)
{
    uint32_t count = 1;
    for (uint32_t index = 0; index < text.length; index++)
        count += text.data[index] == separator;
    return count;
}

/* Cuts text at the separator; each piece is folded into the arena, empty ones are dropped. */
static bool split_folded(struct str text, char separator, struct arena *arena, struct str_list *out,
                         struct error *error)
{
    struct str *items = arena_alloc_zeroed(arena, count_pieces(text, separator), sizeof *items);
    uint32_t count = 0;
    for (uint32_t start = 0; items && start <= text.length;) {
        uint32_t end = start;
        while (end < text.length && text.data[end] != separator)
            end++;
        struct str folded = text_fold(arena, (struct str){text.data + start, end - start});
        if (!folded.data)
            return error_set(error, ERROR_INVALID_ARGUMENT, "'%.*s' is not valid UTF-8",
                             (int)(end - start), text.data + start);
        if (folded.length > 0)
            items[count++] = folded;
        start = end + 1;
    }
    if (!items)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED,
                         "the list is above %d MB, or there is no memory for it",
                         TEXTS_LIMIT_BYTES / (1024 * 1024));
    *out = (struct str_list){.items = count > 0 ? items : NULL, .count = count};
    return true;
}

static bool load_banned_terms(struct reference_data *data, const char *path, struct error *error)
{
    if (path[0] == '\0')
        return true;
    struct buffer text;
    buffer_init(&text, FILE_LIMIT_BYTES);
    bool loaded = read_file(path, &text, error);
    data->banned_terms_hash = XXH3_64bits(text.data, text.length_bytes);
    if (loaded &&
        !split_folded(buffer_borrow(&text), '\n', &data->texts, &data->model.banned_terms, error))
        loaded = name_file(path, error);
    buffer_release(&text);
    return loaded;
}

bool reference_data_load(struct reference_data *data, const struct options *options,
                         struct error *error)
{
    memset(data, 0, sizeof *data);
    arena_init(&data->texts, TEXTS_LIMIT_BYTES);
    bool loaded = load_taxonomy(data, options, error) && load_areas(data, options, error) &&
                  load_minimum_wages(data, options, error) &&
                  load_banned_terms(data, options->banned_terms, error) &&
                  split_folded(str_of(options->priority_groups), ',', &data->texts,
                               &data->model.priority_groups, error);
    if (loaded && strlen(options->currency) != 3)
        loaded = error_field(error, "unknown_currency", "currency", options->currency,
                             "expected three letters of ISO 4217");
    if (!loaded) {
        reference_data_release(data);
        return false;
    }
    memcpy(data->model.currencies.home, options->currency, 4);
    data->model.taxonomy = data->taxonomy;
    data->model.areas = data->areas;
    data->model.minimum_wages = data->minimum_wages;
    return true;
}

void reference_data_release(struct reference_data *data)
{
    minimum_wage_free(data->minimum_wages);
    area_table_free(data->areas);
    taxonomy_free(data->taxonomy);
    arena_release(&data->texts);
    *data = (struct reference_data){0};
}
