/* The reader is fed one physical line at a time, so at most one row comes out of each feeding: it
 * waits in `row` until it is asked for.
 *
 * A stray quotation mark ends a csv_reader for good. Then a new one is made and given the header
 * line again; its line numbers begin anew, so `line_offset` is what to add to them.
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
    uint64_t line_offset;
    struct source_row *row; /* where the callbacks put what they find; the caller's */
    bool has_row;
    bool ended;
};

static bool on_extra_column(void *context, struct str name, struct error *error)
{
    const struct load_csv *csv = context;
    if (csv->options->ignore_unknown)
        return true;
    const char *nearest = csv_column_suggest(csv->options->kind, name);
    return error_set(error, ERROR_INVALID_ARGUMENT, "column '%.*s' is not known%s%s%s",
                     STR_ARG(name), nearest ? "; did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'?" : "; see haihectl load --help, or use --ignore-unknown");
}

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
        char text[sizeof why->text];
        snprintf(text, sizeof(text), "%.220s (is the file GBK? iconv -f GB18030 -t UTF-8)",
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
    return buffer_append_str(&csv->header, line) ||
           error_set(error, ERROR_INVALID_ARGUMENT, "the header has more than %d bytes",
                     HEADER_LIMIT_BYTES);
}

/* After a failure within a row: the next line is `next_line`. */
static bool recover(struct load_csv *csv, uint64_t next_line, struct error *error)
{
    if (!start_reader(csv))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to read the file");
    if (!csv_reader_feed(csv->reader, csv->header.data, csv->header.length_bytes, error))
        return false;
    csv->line_offset = next_line - 2; /* the header was its line 1 */
    return true;
}

static bool feed_line(struct load_csv *csv, struct str line, uint64_t number, struct error *error)
{
    bool is_header = csv->header.length_bytes == 0 && !is_blank(line);
    struct error why;
    if (is_header && !keep_header(csv, line, error))
        return false;
    if (csv_reader_feed(csv->reader, line.data, line.length, &why))
        return true;
    drop_line_number(&why);
    if (is_header)
        return error_set(error, why.code, "%s:%llu: %s", csv->options->path,
                         (unsigned long long)number, why.text);
    refuse_row(csv, number, &why);
    return recover(csv, number + 1, error);
}

/* The end may bring a last row without line break, or tell of one whose quotation never closes. */
static enum source_status end(struct load_csv *csv, struct error *error)
{
    struct error why;
    csv->ended = true;
    if (csv_reader_finish(csv->reader, &why))
        return csv->has_row ? SOURCE_ROW : SOURCE_END;
    uint64_t line = 0;
    unsigned long long told;
    if (sscanf(why.text, "line %llu", &told) == 1)
        line = told + csv->line_offset;
    if (csv->header.length_bytes == 0) {
        error_set(error, why.code, "%s: the file is empty; a CSV file begins with a header",
                  csv->options->path);
        return SOURCE_FAILED;
    }
    refuse_row(csv, line, &why);
    return SOURCE_ROW;
}

enum source_status load_csv_next(struct load_csv *csv, struct source_row *row, struct error *error)
{
    csv->row = row;
    csv->has_row = false;
    row->record = NULL;
    while (!csv->ended) {
        struct str line;
        uint64_t number;
        enum lines_status status = lines_next(csv->lines, &line, &number, error);
        if (status == LINES_END)
            return end(csv, error);
        if (status != LINES_LINE)
            return status == LINES_STOPPED ? SOURCE_STOPPED : SOURCE_FAILED;
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
