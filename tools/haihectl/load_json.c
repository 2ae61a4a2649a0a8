/* Two steps: texts of values (next_text), and rows from values (next_row).
 *
 *   lines -> [ text of one value ] -> json_t -> list of rows still to be given -> row
 *
 * In a document the text of a value is found by counting brackets outside of strings, from
 * `base_depth`: 1 inside of a top-level array, else 0. Invariant: `depth` >= `base_depth`; `text`
 * holds the value in the making, which began on `text_line`.
 */
#include "haihectl/load_json.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "haihectl/jobposting.h"
#include "haihectl/json_text.h"

#include "base/banned.h"

enum mode { MODE_UNKNOWN, MODE_LINES, MODE_DOCUMENT };

struct load_json {
    struct lines *lines;
    const struct source_options *options;
    enum source_format format;
    enum mode mode;
    json_t *list; /* rows still to be given: list[list_index ..]; NULL = none */
    size_t list_index;
    uint64_t list_line;
    bool list_is_graph; /* things that are no JobPosting are passed over */
    struct buffer note;
    /* MODE_DOCUMENT */
    struct buffer text;
    uint64_t text_line;
    struct str rest; /* of the present line */
    uint64_t rest_line;
    int depth, base_depth;
    bool in_string, escaped;
};

struct load_json *load_json_new(struct lines *lines, const struct source_options *options)
{
    struct load_json *json = memory_try_zeroed(1, sizeof(*json));
    if (!json)
        return NULL;
    json->lines = lines;
    json->options = options;
    json->format = options->format;
    buffer_init(&json->text, LINE_LIMIT_BYTES);
    buffer_init(&json->note, 1024);
    return json;
}

void load_json_free(struct load_json *json)
{
    if (!json)
        return;
    json_decref(json->list);
    buffer_release(&json->text);
    buffer_release(&json->note);
    memory_free(json);
}

enum source_format load_json_format(const struct load_json *json)
{
    return json->format;
}

/* --- Texts of values ------------------------------------------------------------------------ */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_blank(struct str line)
{
    for (uint32_t i = 0; i < line.length; i++)
        if (!is_space(line.data[i]))
            return false;
    return true;
}

/* Moves the bracket count over one byte of a value. */
static void scan_byte(struct load_json *json, char c)
{
    if (json->in_string) {
        json->in_string = json->escaped || c != '"';
        json->escaped = !json->escaped && c == '\\';
    } else if (c == '"') {
        json->in_string = true;
    } else if (c == '{' || c == '[') {
        json->depth++;
    } else if (c == '}' || c == ']') {
        json->depth--;
    }
}

/* True when the brackets that open in the line close in it as well. */
static bool line_is_balanced(struct load_json *json, struct str line)
{
    json->depth = 0;
    json->in_string = json->escaped = false;
    for (uint32_t i = 0; i < line.length; i++)
        scan_byte(json, line.data[i]);
    bool balanced = json->depth <= 0;
    json->depth = 0;
    json->in_string = json->escaped = false;
    return balanced;
}

/* Takes bytes of the present line until a value of the document is complete; false when the line
 * ends first. */
static bool scan_line(struct load_json *json)
{
    for (uint32_t i = 0; i < json->rest.length; i++) {
        char c = json->rest.data[i];
        bool outside = json->text.length_bytes == 0;
        if (outside && (is_space(c) || c == ','))
            continue;
        if (outside && json->base_depth == 0 && c == '[') {
            json->base_depth = json->depth = 1;
            continue;
        }
        if (outside && json->base_depth == 1 && c == ']') {
            json->base_depth = json->depth = 0;
            continue;
        }
        if (outside)
            json->text_line = json->rest_line;
        scan_byte(json, c);
        buffer_append(&json->text, &c, 1);
        if (json->depth <= json->base_depth && !json->in_string && (c == '}' || c == ']')) {
            json->depth = json->base_depth;
            json->rest = (struct str){json->rest.data + i + 1, json->rest.length - i - 1};
            return true;
        }
    }
    json->rest.length = 0;
    return false;
}

/* The next value's text and line. SOURCE_END also when the document ends within a value: then the
 * text is what there is of it. */
static enum source_status next_text(struct load_json *json, struct str *text, uint64_t *line,
                                    struct error *error)
{
    buffer_clear(&json->text);
    while (json->mode != MODE_DOCUMENT || json->rest.length == 0 || !scan_line(json)) {
        struct str next;
        uint64_t number;
        enum lines_status status = lines_next(json->lines, &next, &number, error);
        if (status == LINES_END && json->text.length_bytes > 0)
            break;
        if (status == LINES_END)
            return SOURCE_END;
        if (status != LINES_LINE)
            return status == LINES_STOPPED ? SOURCE_STOPPED : SOURCE_FAILED;
        if (is_blank(next))
            continue;
        if (json->mode == MODE_UNKNOWN)
            json->mode = line_is_balanced(json, next) ? MODE_LINES : MODE_DOCUMENT;
        if (json->mode == MODE_LINES) {
            while (is_space(next.data[next.length - 1]))
                next.length--; /* so that an error at the end is one of this line */
            *text = next;
            *line = number;
            return SOURCE_ROW;
        }
        json->rest = next;
        json->rest_line = number;
    }
    if (json->text.failed) {
        error_set(error, ERROR_INVALID_ARGUMENT, "%s:%llu: the value has more than %d bytes",
                  json->options->path, (unsigned long long)json->text_line, LINE_LIMIT_BYTES);
        return SOURCE_FAILED;
    }
    *text = buffer_borrow(&json->text);
    *line = json->text_line;
    return SOURCE_ROW;
}

/* --- Rows from values ----------------------------------------------------------------------- */

/* The first value of a file tells what it is a file of. */
static bool decide_format(struct load_json *json, const json_t *value, struct error *error)
{
    const json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
    if (json->format == FORMAT_AUTO)
        json->format = jobposting_is_linked_data(first) ? FORMAT_JOBPOSTING : FORMAT_JSONL;
    if (json->format == FORMAT_JSONL)
        return true;
    if (json->options->kind != SOURCE_VACANCY)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "file '%s' holds schema.org job postings, which are vacancies",
                         json->options->path);
    if (!json->options->platform)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "file '%s' holds schema.org job postings, which name no platform: "
                         "--platform is needed",
                         json->options->path);
    return true;
}

static void refuse(struct source_row *row, const struct error *why)
{
    row->record = NULL;
    row->error = *why;
}

/* One object of the list as a row; false when it is no row (another thing in a graph). */
static bool give_object(struct load_json *json, json_t *object, struct source_row *row)
{
    struct error why;
    row->line = json->list_line;
    if (!json_is_object(object)) {
        error_set(&why, ERROR_INVALID_ARGUMENT, "not a JSON object");
        refuse(row, &why);
        return true;
    }
    if (json->format == FORMAT_JSONL) {
        row->record = json_incref(object);
        return true;
    }
    if (json->list_is_graph && !jobposting_is_posting(object))
        return false;
    const struct jobposting_options options = {json->options->platform, json->options->areas,
                                               &json->note};
    row->record = jobposting_to_vacancy(object, &options, &row->error);
    row->note = buffer_borrow(&json->note);
    return true;
}

/* Makes the list of a value's rows. */
static void open_list(struct load_json *json, json_t *value_take, uint64_t line)
{
    json_decref(json->list);
    json_t *graph = json_object_get(value_take, "@graph");
    json->list_is_graph = graph != NULL && json->format == FORMAT_JOBPOSTING;
    json->list_line = line;
    json->list_index = 0;
    if (json->list_is_graph && json_is_array(graph)) {
        json->list = json_incref(graph);
        json_decref(value_take);
    } else if (json_is_array(value_take)) {
        json->list = value_take;
    } else {
        json->list = json_array();
        json_array_append_new(json->list, value_take);
        json->list_is_graph = false;
    }
}

enum source_status load_json_next(struct load_json *json, struct source_row *row,
                                  struct error *error)
{
    row->note = (struct str){NULL, 0};
    buffer_clear(&json->note);
    for (;;) {
        while (json->list_index < json_array_size(json->list))
            if (give_object(json, json_array_get(json->list, json->list_index++), row))
                return SOURCE_ROW;
        struct str text;
        uint64_t line;
        enum source_status status = next_text(json, &text, &line, error);
        if (status != SOURCE_ROW)
            return status;
        struct error why;
        uint64_t line_within;
        json_t *value = json_text_parse(text, &line_within, &why);
        if (!value) {
            row->line = line + line_within;
            refuse(row, &why);
            return SOURCE_ROW;
        }
        if (!decide_format(json, value, error)) {
            json_decref(value);
            return SOURCE_FAILED;
        }
        open_list(json, value, line);
    }
}
