/* Opens a file, finds its format, and hands the rows of the reader in charge on, with the platform
 * and the defaults put in where a record has none. */
#include "haihectl/source.h"

#include "base/memory.h"
#include "haihectl/lines.h"
#include "haihectl/load_csv.h"
#include "haihectl/load_json.h"

#include "base/banned.h"

struct source {
    struct source_options options;
    struct lines *lines;
    struct load_csv *csv; /* one of the two */
    struct load_json *json;
};

bool source_format_parse(const char *text, enum source_format *format)
{
    static const struct {
        const char *name;
        enum source_format format;
    } names[] = {{"csv", FORMAT_CSV}, {"jsonl", FORMAT_JSONL}, {"jobposting", FORMAT_JOBPOSTING}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i].name) == 0) {
            *format = names[i].format;
            return true;
        }
    }
    return false;
}

/* "x.csv.gz" ends with ".csv", too. */
static bool ends_with(const char *text, const char *ending)
{
    size_t text_bytes = strlen(text), ending_bytes = strlen(ending);
    if (text_bytes > 3 && strcasecmp(text + text_bytes - 3, ".gz") == 0)
        text_bytes -= 3;
    return text_bytes >= ending_bytes &&
           strncasecmp(text + text_bytes - ending_bytes, ending, ending_bytes) == 0;
}

/* By the name; else a file that begins with a bracket is JSON, and any other is CSV. */
static bool find_csv(struct source *source, bool *is_csv, struct error *error)
{
    static const char *const json_endings[] = {".json", ".jsonl", ".ndjson", ".jsonld"};
    struct str line = {NULL, 0};
    uint64_t number;
    *is_csv = source->options.format == FORMAT_CSV || ends_with(source->options.path, ".csv");
    if (source->options.format != FORMAT_AUTO || *is_csv) {
        *is_csv = source->options.format == FORMAT_CSV || source->options.format == FORMAT_AUTO;
        return true;
    }
    for (size_t i = 0; i < sizeof(json_endings) / sizeof(json_endings[0]); i++)
        if (ends_with(source->options.path, json_endings[i]))
            return true;
    enum lines_status status = lines_next(source->lines, &line, &number, error);
    if (status == LINES_FAILED)
        return false;
    if (status == LINES_LINE)
        lines_unread(source->lines);
    uint32_t at = 0;
    while (at < line.length && strchr(" \t\r\n", line.data[at]))
        at++;
    *is_csv = at < line.length && line.data[at] != '{' && line.data[at] != '[';
    return true;
}

struct source *source_open(const struct source_options *options, struct error *error)
{
    struct source *source = memory_try_zeroed(1, sizeof(*source));
    if (!source) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s': out of memory", options->path);
        return NULL;
    }
    source->options = *options;
    const struct input_options lines = {options->path, options->encoding, options->stop_fd,
                                        options->before_read, options->context};
    bool is_csv = false;
    source->lines = lines_open(&lines, error);
    if (source->lines && find_csv(source, &is_csv, error)) {
        if (is_csv)
            source->csv = load_csv_new(source->lines, &source->options);
        else
            source->json = load_json_new(source->lines, &source->options);
        if (source->csv || source->json)
            return source;
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s': out of memory", options->path);
    }
    source_close(source);
    return NULL;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    load_csv_free(source->csv);
    load_json_free(source->json);
    lines_close(source->lines);
    memory_free(source);
}

/* Values that a record without them gets. */
static void complete(const struct source *source, json_t *record)
{
    if (source->options.platform) {
        json_t *key = json_object_get(record, "key");
        if (!key) {
            key = json_object();
            json_object_set_new(record, "key", key);
        }
        const char *platform = json_string_value(json_object_get(key, "platform"));
        if (json_is_object(key) && (!platform || !*platform))
            json_object_set_new(key, "platform", json_string(source->options.platform));
    }
    if (source->options.defaults)
        json_object_update_missing(record, (json_t *)source->options.defaults);
}

enum source_status source_next(struct source *source, struct source_row *row, struct error *error)
{
    row->record = NULL;
    row->note = (struct str){NULL, 0};
    row->error.code = ERROR_OK;
    enum source_status status = source->csv ? load_csv_next(source->csv, row, error)
                                            : load_json_next(source->json, row, error);
    if (status == SOURCE_ROW && row->record)
        complete(source, row->record);
    return status;
}

enum source_format source_format(const struct source *source)
{
    return source->csv ? FORMAT_CSV : load_json_format(source->json);
}

uint64_t source_read_bytes(const struct source *source)
{
    return input_read_bytes(lines_input(source->lines));
}

void source_remark(const struct source *source, struct buffer *out)
{
    input_remark(lines_input(source->lines), out);
    if (source->csv)
        load_csv_remark(source->csv, out);
}
