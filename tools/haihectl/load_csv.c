/* The reader is fed one physical line at a time, so at most one row comes out of each feeding: it
 * waits in `row` until it is asked for.
 *
 * A stray quotation mark ends a csv_reader for good. Then a new one is made and given the header
 * line again; its line numbers begin anew, so `line_offset` is what to add to them. Of a row over
 * several lines only the first line is refused, the others are read again.
 */
#include "haihectl/load_csv.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "haihectl/csv_record.h"

#include "base/banned.h"

enum { HEADER_LIMIT_BYTES = 64 * 1024 };

struct load_csv {
    struct lines *lines;
    const struct source_options *options;
    struct csv_column columns[CSV_RECORD_COLUMN_COUNT];
    struct csv_reader *reader;
    struct buffer header;
    size_t separator;     /* index into SEPARATORS */
    struct buffer open;   /* the lines so far of a row that goes over several */
    uint64_t open_line;   /* of its first one */
    struct buffer replay; /* lines to be read again */
    size_t replay_index;  /* of the next one */
    uint64_t replay_line;
    uint64_t last_line; /* fed */
    uint64_t line_offset;
    struct source_row *row; /* where the callbacks put what they find; the caller's */
    bool has_row;
    bool ended;
};

/* --- The header ------------------------------------------------------------------------------ */

static const struct {
    char separator;
    const char *shown;
} SEPARATORS[] = {{',', "','"}, {';', "';'"}, {'\t', "tabs"}};
enum { SEPARATOR_COUNT = 3 };

/* What parts the header's columns: the comma where there is one, else what occurs most. */
static size_t find_separator(struct str header)
{
    size_t counts[SEPARATOR_COUNT] = {0};
    bool quoted = false;
    for (uint32_t i = 0; i < header.length; i++) {
        quoted ^= header.data[i] == '"';
        for (size_t j = 0; j < SEPARATOR_COUNT && !quoted; j++)
            counts[j] += header.data[i] == SEPARATORS[j].separator;
    }
    if (counts[0] > 0)
        return 0;
    size_t best = 0;
    for (size_t j = 1; j < SEPARATOR_COUNT; j++)
        best = counts[j] > counts[best] ? j : best;
    return best;
}

static bool has_name(const struct str *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(names[i], str_of(name)))
            return true;
    return false;
}

/* The unknown name of the header that comes nearest to a column; "" when none does. */
static struct str nearest_name(const struct load_csv *csv, const struct str *names, size_t count,
                               const char *column)
{
    for (size_t i = 0; i < count; i++) {
        const char *near = csv_column_suggest(csv->options->kind, names[i]);
        if (near && strcmp(near, column) == 0 && !str_equal(names[i], str_of(column)))
            return names[i];
    }
    return (struct str){NULL, 0};
}

/* All required columns that are not there, with what may be meant; false when there are some. */
static bool check_missing(const struct load_csv *csv, const struct str *names, size_t count,
                          struct error *error)
{
    char list[160] = "";
    size_t missing = 0, length = 0;
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT && length < sizeof(list); i++) {
        const struct csv_column *column = &csv->columns[i];
        if (!column->required || has_name(names, count, column->name))
            continue;
        struct str near = nearest_name(csv, names, count, column->name);
        length += (size_t)snprintf(list + length, sizeof(list) - length, "%s'%s'%s%.*s%s",
                                   missing++ > 0 ? " and " : "", column->name,
                                   near.length > 0 ? " (is it '" : "", STR_ARG(near),
                                   near.length > 0 ? "'?)" : "");
    }
    if (missing == 0)
        return true;
    const char *hint = list[1] == 'p' ? "; --platform NAME states one for all rows" : "";
    return error_set(error, ERROR_INVALID_ARGUMENT, "in the header %s %s missing%s", list,
                     missing > 1 ? "are" : "is", hint);
}

/* All columns of names that nobody knows; false when there are some and they matter. */
static bool check_unknown(const struct load_csv *csv, const struct str *names, size_t count,
                          struct error *error)
{
    char list[200] = "";
    size_t unknown = 0, length = 0;
    bool suggested = false;
    for (size_t i = 0; i < count && !csv->options->ignore_unknown; i++) {
        if (csv_column_of_name(csv->options->kind, names[i]))
            continue;
        const char *near = csv_column_suggest(csv->options->kind, names[i]);
        suggested |= near != NULL;
        if (unknown++ == 0 || length < sizeof(list))
            length += (size_t)snprintf(list + length, sizeof(list) - length, "%s'%.*s'%s%s%s",
                                       unknown > 1 ? ", " : "", STR_ARG(names[i]),
                                       near ? " (did you mean '" : "", near ? near : "",
                                       near ? "'?)" : "");
    }
    return unknown == 0 ||
           error_set(error, ERROR_INVALID_ARGUMENT, "column%s %s %s not known%s",
                     unknown > 1 ? "s" : "", list, unknown > 1 ? "are" : "is",
                     suggested ? "; --ignore-unknown leaves them out"
                               : "; see haihectl load --help, or use --ignore-unknown");
}

/* Names become those of their columns; then all that is wrong with them is told at once. */
static bool on_header(void *context, struct str *names, size_t count, struct error *error)
{
    const struct load_csv *csv = context;
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = csv_column_of_name(csv->options->kind, names[i]);
        for (size_t j = 0; name && j < i; j++)
            if (str_equal(names[j], str_of(name)))
                return error_set(error, ERROR_INVALID_ARGUMENT,
                                 "column '%s' stands twice in the header (columns %zu and %zu)",
                                 name, j + 1, i + 1);
        known += name != NULL;
        names[i] = name ? str_of(name) : names[i];
    }
    if (known == 0 && count == 1 && memmem(names[0].data, names[0].length, "，", 3))
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "the header's columns are parted by '，', which is no ','");
    if (known == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "the header has no known column: a CSV file begins with the names of its "
                         "columns, see haihectl load --help");
    return check_missing(csv, names, count, error) && check_unknown(csv, names, count, error);
}

/* They were looked at in on_header. */
static bool on_extra_column(void *context, struct str name, struct error *error)
{
    (void)context;
    (void)name;
    (void)error;
    return true;
}

void load_csv_remark(const struct load_csv *csv, struct buffer *out)
{
    if (csv->separator > 0)
        buffer_printf(out, "%scolumns are parted by %s", out->length_bytes > 0 ? ", " : "",
                      SEPARATORS[csv->separator].shown);
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* Lines end with a line feed; libcsv also ends a row at a lone carriage return. What has come of
 * the line is refused with it, so that no row is lost without a word. */
static void refuse_second_row(struct load_csv *csv)
{
    json_decref(csv->row->record);
    csv->row->record = NULL;
    csv->row->error = (struct error){.code = ERROR_OK};
    error_set(&csv->row->error, ERROR_INVALID_ARGUMENT,
              "several rows in one line: a carriage return without a line feed ends a row "
              "(tr '\\r' '\\n' converts such a file)");
}

static bool on_row(void *context, const struct csv_row *values, struct error *error)
{
    (void)error;
    struct load_csv *csv = context;
    if (csv->has_row) {
        refuse_second_row(csv);
        return true;
    }
    csv->row->line = values->line + csv->line_offset;
    csv->row->record = csv_record_make(csv->options, values, &csv->row->error);
    csv->has_row = true;
    return true;
}

/* "line 7: text" without its beginning: the line is told beside. */
static void drop_line_number(struct error *error)
{
    const char *rest = strstr(error->text, ": ");
    if (rest && strncmp(error->text, "line ", 5) == 0) {
        char text[sizeof error->text];
        snprintf(text, sizeof(text), "%s", rest + 2);
        memcpy(error->text, text, sizeof(text));
    }
}

static void refuse_row(struct load_csv *csv, uint64_t line, const struct error *why)
{
    if (csv->has_row)
        json_decref(csv->row->record);
    csv->row->line = line;
    csv->row->record = NULL;
    csv->row->error = *why;
    drop_line_number(&csv->row->error);
    if (strstr(why->text, "not UTF-8")) {
        const struct encoding *encoding = input_encoding(lines_input(csv->lines));
        char text[sizeof why->text];
        if (encoding && encoding->iconv_name)
            snprintf(text, sizeof(text), "a character that is none in %s (--encoding)",
                     encoding->name);
        else
            snprintf(text, sizeof(text), "%.220s (--encoding GB18030 reads Chinese files)",
                     csv->row->error.text);
        memcpy(csv->row->error.text, text, sizeof(text));
    }
    csv->has_row = true;
}

static bool on_bad_row(void *context, uint64_t line, const struct error *why)
{
    struct load_csv *csv = context;
    if (csv->has_row)
        refuse_second_row(csv);
    else
        refuse_row(csv, line + csv->line_offset, why);
    return true;
}

static bool start_reader(struct load_csv *csv)
{
    const struct csv_handler handler = {.columns = csv->columns,
                                        .column_count = CSV_RECORD_COLUMN_COUNT,
                                        .separator = SEPARATORS[csv->separator].separator,
                                        .spreadsheet = true,
                                        .header = on_header,
                                        .extra_column = on_extra_column,
                                        .row = on_row,
                                        .bad_row = on_bad_row,
                                        .context = csv};
    csv_reader_free(csv->reader);
    csv->reader = csv_reader_new(&handler);
    return csv->reader != NULL;
}

struct load_csv *load_csv_new(struct lines *lines, const struct source_options *options)
{
    struct load_csv *csv = memory_try_zeroed(1, sizeof(*csv));
    if (!csv)
        return NULL;
    csv->lines = lines;
    csv->options = options;
    csv_columns(options->kind, options->platform == NULL, csv->columns);
    buffer_init(&csv->header, HEADER_LIMIT_BYTES);
    buffer_init(&csv->open, 2 * LINE_LIMIT_BYTES);
    buffer_init(&csv->replay, 2 * LINE_LIMIT_BYTES);
    if (start_reader(csv))
        return csv;
    load_csv_free(csv);
    return NULL;
}

void load_csv_free(struct load_csv *csv)
{
    if (!csv)
        return;
    csv_reader_free(csv->reader);
    buffer_release(&csv->header);
    buffer_release(&csv->open);
    buffer_release(&csv->replay);
    memory_free(csv);
}

static bool is_blank(struct str line)
{
    for (uint32_t i = 0; i < line.length; i++)
        if (!strchr(" \t\r\n", line.data[i]))
            return false;
    return true;
}

/* Keeps the header for a later reader. A header that goes over several lines cannot be given again;
 * nobody needs one. */
static bool keep_header(struct load_csv *csv, struct str line, struct error *error)
{
    size_t quotes = 0;
    for (uint32_t i = 0; i < line.length; i++)
        quotes += line.data[i] == '"';
    if (quotes % 2 != 0)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "the header's quotation mark is not closed");
    bool whole = line.length > 0 && line.data[line.length - 1] == '\n';
    return (buffer_append_str(&csv->header, line) &&
            buffer_append_str(&csv->header, whole ? STR("") : STR("\n"))) ||
           error_set(error, ERROR_INVALID_ARGUMENT, "the header has more than %d bytes",
                     HEADER_LIMIT_BYTES);
}

/* After a failure within a row: a new reader, whose next line is `next_line`. */
static bool recover(struct load_csv *csv, uint64_t next_line, struct error *error)
{
    if (!start_reader(csv))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to read the file");
    if (!csv_reader_feed(csv->reader, csv->header.data, csv->header.length_bytes, error))
        return false;
    csv->line_offset = next_line - 2; /* the header was its line 1 */
    return true;
}

/* A row over several lines has failed: its first line is refused, the others and `line` are read
 * again, for the quotation mark may be the one wrong thing. Whether a line ends inside of quotes
 * depends on how many it has, so a line read again rarely opens another such row: lines are read
 * twice, not more. */
static bool retry_open_row(struct load_csv *csv, struct str line, const struct error *why,
                           struct error *error)
{
    struct buffer again;
    const char *first_end = memchr(csv->open.data, '\n', csv->open.length_bytes);
    size_t first_bytes =
        first_end ? (size_t)(first_end - csv->open.data) + 1 : csv->open.length_bytes;
    buffer_init(&again, 4 * LINE_LIMIT_BYTES);
    buffer_append(&again, csv->open.data + first_bytes, csv->open.length_bytes - first_bytes);
    buffer_append_str(&again, line);
    if (csv->replay_index < csv->replay.length_bytes)
        buffer_append(&again, csv->replay.data + csv->replay_index,
                      csv->replay.length_bytes - csv->replay_index);
    struct error told;
    error_set(&told, ERROR_INVALID_ARGUMENT,
              "the quotation mark that opens a value here is never closed as it should be: %s",
              why->text);
    refuse_row(csv, csv->open_line, &told);
    buffer_release(&csv->replay);
    csv->replay = again;
    csv->replay_index = 0;
    csv->replay_line = csv->open_line + 1;
    buffer_clear(&csv->open);
    if (again.failed)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to read the file");
    return recover(csv, csv->replay_line, error);
}

/* Notes the line when the row goes on behind it. */
static void follow_row(struct load_csv *csv, struct str line, uint64_t number)
{
    if (!csv_reader_is_within_row(csv->reader)) {
        buffer_clear(&csv->open);
        return;
    }
    if (csv->open.length_bytes == 0)
        csv->open_line = number;
    buffer_append_str(&csv->open, line);
}

static bool feed_header(struct load_csv *csv, struct str line, uint64_t number, struct error *error)
{
    struct error why;
    csv->separator = find_separator(line);
    if (!keep_header(csv, line, error))
        return false;
    if (!start_reader(csv))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to read the file");
    csv->line_offset = number - 1;
    if (csv_reader_feed(csv->reader, csv->header.data, csv->header.length_bytes, &why))
        return true;
    drop_line_number(&why);
    return error_set(error, why.code, "%s:%llu: %s", csv->options->path, (unsigned long long)number,
                     why.text);
}

static bool feed_line(struct load_csv *csv, struct str line, uint64_t number, struct error *error)
{
    struct error why;
    if (csv->header.length_bytes == 0)
        return is_blank(line) || feed_header(csv, line, number, error);
    if (csv_reader_feed(csv->reader, line.data, line.length, &why)) {
        follow_row(csv, line, number);
        return true;
    }
    drop_line_number(&why);
    if (csv->open.length_bytes > 0)
        return retry_open_row(csv, line, &why, error);
    refuse_row(csv, number, &why);
    return recover(csv, number + 1, error);
}

/* The end may bring a last row without line break, or tell of one whose quotation never closes. */
static enum source_status end(struct load_csv *csv, struct error *error)
{
    struct error why;
    if (csv_reader_finish(csv->reader, &why)) {
        csv->ended = true;
        return csv->has_row ? SOURCE_ROW : SOURCE_END;
    }
    if (csv->header.length_bytes == 0) {
        error_set(error, why.code, "%s: the file is empty; a CSV file begins with a header",
                  csv->options->path);
        return SOURCE_FAILED;
    }
    drop_line_number(&why);
    if (csv->open.length_bytes > 0)
        return retry_open_row(csv, STR(""), &why, error) ? SOURCE_ROW : SOURCE_FAILED;
    csv->ended = true;
    refuse_row(csv, csv->last_line, &why);
    return SOURCE_ROW;
}

/* A line that is to be read again, else the next one of the file. */
static enum lines_status next_line(struct load_csv *csv, struct str *line, uint64_t *number,
                                   struct error *error)
{
    if (csv->replay_index == csv->replay.length_bytes)
        return lines_next(csv->lines, line, number, error);
    const char *from = csv->replay.data + csv->replay_index;
    size_t left = csv->replay.length_bytes - csv->replay_index;
    const char *line_end = memchr(from, '\n', left);
    *line = (struct str){from, (uint32_t)(line_end ? (size_t)(line_end - from) + 1 : left)};
    *number = csv->replay_line++;
    csv->replay_index += line->length;
    return LINES_LINE;
}

enum source_status load_csv_next(struct load_csv *csv, struct source_row *row, struct error *error)
{
    csv->row = row;
    csv->has_row = false;
    row->record = NULL;
    while (!csv->ended) {
        struct str line;
        uint64_t number;
        enum lines_status status = next_line(csv, &line, &number, error);
        if (status == LINES_END)
            return end(csv, error);
        if (status != LINES_LINE)
            return status == LINES_STOPPED ? SOURCE_STOPPED : SOURCE_FAILED;
        csv->last_line = number;
        if (!feed_line(csv, line, number, error)) {
            json_decref(row->record); /* of a row before the failure, in the same line */
            row->record = NULL;
            return SOURCE_FAILED;
        }
        if (csv->has_row)
            return SOURCE_ROW;
    }
    return SOURCE_END;
}
