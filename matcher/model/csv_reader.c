/* See csv_reader.h. libcsv splits bytes into values; it knows no lines, no header and no limit.
 *
 *   piece -> physical lines -> libcsv -> on_value: text of the row grows, its end is noted
 *                                     -> on_row_end: views are made, header or row callback
 *
 * libcsv is given one physical line (or a part of it) at a time, so the line of whatever it reports
 * is known: `line` counts them; `row_line` is where the open row began, which differs inside
 * quotes. Its callbacks cannot stop it: after a failure they do nothing until it returns.
 *
 * Invariants: value_ends has value_count entries, ascending, the last one at most
 * text.length_bytes. After the header, position[i] is the known column of the file's column i, or
 * column_count + n for the nth extra one. Thread: one owner. Cost: about 10 ns a byte.
 */
#include "model/csv_reader.h"

#include <assert.h>
#include <csv.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"

#include "base/banned.h"

enum {
    /* libcsv is asked for its buffer's size after each piece of at most this many bytes. */
    PIECE_LIMIT_BYTES = 64 * 1024,
    HEADER_LIMIT_BYTES = 64 * 1024,
    MARK_BYTES = 3,
};

struct csv_reader {
    struct csv_handler handler;
    struct csv_parser parser;
    struct buffer text;                      /* the open row's values, one behind the other */
    uint32_t value_ends[CSV_COLUMN_LIMIT];   /* offset behind value i */
    size_t value_count;                      /* may exceed the limit: then it only counts */
    uint64_t line;                           /* physical, 1-based */
    uint64_t row_line;                       /* where the open row began */
    size_t mark_seen_bytes;                  /* of the byte order mark, or MARK_BYTES when past */
    struct arena names;                      /* owns extra_names' texts */
    size_t file_column_count;                /* 0 until the header is read */
    uint32_t position[CSV_COLUMN_LIMIT];     /* see above */
    struct str values[2 * CSV_COLUMN_LIMIT]; /* known ones, then extra ones */
    struct str extra_names[CSV_COLUMN_LIMIT];
    size_t extra_count;
    bool failed;
    struct error error; /* why, when failed */
};

static const char byte_order_mark[MARK_BYTES] = {'\xef', '\xbb', '\xbf'};

/* --- Errors --------------------------------------------------------------------------------- */

__attribute__((format(printf, 5, 0))) static bool
fail_arguments(uint64_t line, const char *column, struct str value, struct error *error,
               const char *format, va_list arguments)
{
    struct error made;
    char shown[sizeof made.value];
    char reason[sizeof made.text];
    vsnprintf(reason, sizeof reason, format, arguments);
    snprintf(shown, sizeof shown, "%.*s", STR_ARG(value));
    error_field(&made, "", column, shown, "%s", reason);
    if (error) {
        struct error whole;
        error_set(&whole, ERROR_INVALID_ARGUMENT, "line %llu, column '%s' '%s': %s",
                  (unsigned long long)line, column, made.value, reason);
        memcpy(made.text, whole.text, sizeof made.text);
        *error = made;
    }
    return false;
}

bool csv_fail(uint64_t line, const char *column, struct str value, struct error *error,
              const char *reason_format, ...)
{
    va_list arguments;
    va_start(arguments, reason_format);
    fail_arguments(line, column, value, error, reason_format, arguments);
    va_end(arguments);
    return false;
}

bool csv_row_fail(const struct csv_row *row, size_t column, struct error *error,
                  const char *reason_format, ...)
{
    va_list arguments;
    va_start(arguments, reason_format);
    fail_arguments(row->line, row->columns[column].name, row->values[column], error, reason_format,
                   arguments);
    va_end(arguments);
    return false;
}

void csv_name_file(struct error *error, const char *name)
{
    if (!error)
        return;
    struct error named;
    error_set(&named, error->code, "%s: %s", name, error->text);
    memcpy(error->text, named.text, sizeof error->text);
}

/* --- Header --------------------------------------------------------------------------------- */

static struct str file_value(const struct csv_reader *reader, size_t index)
{
    uint32_t start = index > 0 ? reader->value_ends[index - 1] : 0;
    return (struct str){reader->text.data + start, reader->value_ends[index] - start};
}

/* The known column of that name, or column_count. */
static size_t find_column(const struct csv_reader *reader, struct str name)
{
    size_t i = 0;
    while (i < reader->handler.column_count &&
           !str_equal(name, str_of(reader->handler.columns[i].name)))
        i++;
    return i;
}

static bool add_extra_column(struct csv_reader *reader, size_t index, struct str name)
{
    for (size_t i = 0; i < reader->extra_count; i++)
        if (str_equal(reader->extra_names[i], name))
            return error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                             "line %llu: column '%.*s' stands twice in the header",
                             (unsigned long long)reader->row_line, STR_ARG(name));
    if (!reader->handler.extra_column)
        return error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                         "line %llu: unknown column '%.*s' in the header",
                         (unsigned long long)reader->row_line, STR_ARG(name));
    struct str kept = arena_copy(&reader->names, name);
    if (!kept.data)
        return error_set(&reader->error, ERROR_RESOURCE_EXHAUSTED, "the header is too large");
    reader->position[index] = (uint32_t)(reader->handler.column_count + reader->extra_count);
    reader->extra_names[reader->extra_count++] = kept;
    return true;
}

static bool announce_extra_columns(struct csv_reader *reader)
{
    for (size_t i = 0; i < reader->extra_count; i++)
        if (!reader->handler.extra_column(reader->handler.context, reader->extra_names[i],
                                          &reader->error))
            return false;
    return true;
}

/* The columns that count: all, but for those without a name at the end of a spreadsheet's header.
 */
static size_t named_count(const struct csv_reader *reader)
{
    size_t count = reader->value_count;
    while (reader->handler.spreadsheet && count > 1 && file_value(reader, count - 1).length == 0)
        count--;
    return count;
}

static bool read_header(struct csv_reader *reader)
{
    bool seen[CSV_COLUMN_LIMIT] = {false};
    struct str names[CSV_COLUMN_LIMIT];
    reader->value_count = named_count(reader);
    for (size_t i = 0; i < reader->value_count; i++)
        names[i] = file_value(reader, i);
    if (reader->handler.header && !reader->handler.header(reader->handler.context, names,
                                                          reader->value_count, &reader->error))
        return false;
    for (size_t i = 0; i < reader->value_count; i++) {
        struct str name = names[i];
        size_t column = find_column(reader, name);
        if (column == reader->handler.column_count) {
            if (!add_extra_column(reader, i, name))
                return false;
            continue;
        }
        if (seen[column])
            return error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                             "line %llu: column '%.*s' stands twice in the header",
                             (unsigned long long)reader->row_line, STR_ARG(name));
        seen[column] = true;
        reader->position[i] = (uint32_t)column;
    }
    for (size_t i = 0; i < reader->handler.column_count; i++)
        if (reader->handler.columns[i].required && !seen[i])
            return error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                             "line %llu: column '%s' is missing in the header",
                             (unsigned long long)reader->row_line, reader->handler.columns[i].name);
    reader->file_column_count = reader->value_count;
    return announce_extra_columns(reader);
}

/* --- Rows ----------------------------------------------------------------------------------- */

static unsigned first_bad_byte(struct str text)
{
    return (unsigned char)text.data[text_valid_bytes(text)];
}

/* A spreadsheet's row without the empty values behind the last column; false when it has no values
 * at all. */
static bool cut_row(struct csv_reader *reader)
{
    size_t count = reader->value_count;
    if (!reader->handler.spreadsheet || reader->file_column_count == 0 || count > CSV_COLUMN_LIMIT)
        return true;
    while (count > reader->file_column_count && file_value(reader, count - 1).length == 0)
        count--;
    reader->value_count = count;
    return count == 0 || reader->value_ends[count - 1] > 0;
}

/* What makes a row unusable before anybody looks at its values. */
static bool check_row(const struct csv_reader *reader, struct error *error)
{
    unsigned long long line = reader->row_line;
    if (reader->value_count > CSV_COLUMN_LIMIT)
        return error_set(error, ERROR_INVALID_ARGUMENT, "line %llu: more than %d values", line,
                         CSV_COLUMN_LIMIT);
    /* Each by itself: two broken values may make a whole character where they touch. */
    for (size_t i = 0; i < reader->value_count; i++)
        if (!text_is_valid(file_value(reader, i)))
            return error_set(error, ERROR_INVALID_ARGUMENT,
                             "line %llu: value %zu '%.*s' is not UTF-8 text: byte %02X", line,
                             i + 1, STR_ARG(file_value(reader, i)),
                             first_bad_byte(file_value(reader, i)));
    if (reader->file_column_count > 0 && reader->value_count != reader->file_column_count)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "line %llu: %zu values where the header has %zu columns", line,
                         reader->value_count, reader->file_column_count);
    return true;
}

static bool deliver_row(struct csv_reader *reader)
{
    for (size_t i = 0; i < reader->handler.column_count; i++)
        reader->values[i] = (struct str){NULL, 0};
    for (size_t i = 0; i < reader->value_count; i++)
        reader->values[reader->position[i]] = file_value(reader, i);
    struct csv_row row = {.columns = reader->handler.columns,
                          .values = reader->values,
                          .extra_names = reader->extra_names,
                          .extra_values = reader->values + reader->handler.column_count,
                          .extra_count = reader->extra_count,
                          .line = reader->row_line};
    return reader->handler.row(reader->handler.context, &row, &reader->error);
}

static bool end_row(struct csv_reader *reader)
{
    struct error why;
    bool is_header = reader->file_column_count == 0;
    if (!cut_row(reader))
        return true;
    if (check_row(reader, &why))
        return is_header ? read_header(reader) : deliver_row(reader);
    if (!is_header && reader->handler.bad_row &&
        reader->handler.bad_row(reader->handler.context, reader->row_line, &why))
        return true;
    reader->error = why;
    return false;
}

static void on_value(void *value, size_t length_bytes, void *context)
{
    struct csv_reader *reader = context;
    if (reader->failed)
        return;
    if (!buffer_append(&reader->text, value, length_bytes)) {
        reader->failed = true;
        error_set(&reader->error, ERROR_RESOURCE_EXHAUSTED,
                  "line %llu: the row is longer than %d bytes, or there is no memory",
                  (unsigned long long)reader->row_line, CSV_ROW_LIMIT_BYTES);
        return;
    }
    if (reader->value_count < CSV_COLUMN_LIMIT)
        reader->value_ends[reader->value_count] = (uint32_t)reader->text.length_bytes;
    reader->value_count++;
}

static void on_row_end(int terminator, void *context)
{
    (void)terminator;
    struct csv_reader *reader = context;
    if (reader->failed)
        return;
    reader->failed = !end_row(reader);
    buffer_clear(&reader->text);
    reader->value_count = 0;
}

/* --- The stream ----------------------------------------------------------------------------- */

struct csv_reader *csv_reader_new(const struct csv_handler *handler)
{
    assert(handler->column_count <= CSV_COLUMN_LIMIT && handler->row);
    struct csv_reader *reader = memory_try_zeroed(1, sizeof *reader);
    if (!reader)
        return NULL;
    /* Cannot fail: it only fills the struct in. Strict: a quote inside an unquoted value, or text
     * behind a closing one, is an error instead of a guess. */
    csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_realloc_func(&reader->parser, memory_try_resize);
    csv_set_free_func(&reader->parser, memory_free);
    csv_set_blk_size(&reader->parser, 4096);
    if (handler->separator)
        csv_set_delim(&reader->parser, (unsigned char)handler->separator);
    reader->handler = *handler;
    reader->line = reader->row_line = 1;
    buffer_init(&reader->text, CSV_ROW_LIMIT_BYTES);
    arena_init(&reader->names, HEADER_LIMIT_BYTES);
    return reader;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    csv_free(&reader->parser);
    buffer_release(&reader->text);
    arena_release(&reader->names);
    memory_free(reader);
}

/* A part of one physical line; `ends_line` when its last byte is the line feed. */
static bool feed_piece(struct csv_reader *reader, const char *bytes, size_t size_bytes,
                       bool ends_line)
{
    size_t taken = csv_parse(&reader->parser, bytes, size_bytes, on_value, on_row_end, reader);
    if (reader->failed)
        return false;
    unsigned long long line = reader->line;
    if (taken != size_bytes) {
        bool memory = csv_error(&reader->parser) != CSV_EPARSE;
        reader->failed = true;
        return memory ? error_set(&reader->error, ERROR_RESOURCE_EXHAUSTED,
                                  "line %llu: no memory for the row", line)
                      : error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                                  "line %llu: a stray '\"'; quote the value and double it", line);
    }
    if (csv_get_buffer_size(&reader->parser) > CSV_ROW_LIMIT_BYTES) {
        reader->failed = true;
        return error_set(&reader->error, ERROR_RESOURCE_EXHAUSTED,
                         "line %llu: the row is longer than %d bytes",
                         (unsigned long long)reader->row_line, CSV_ROW_LIMIT_BYTES);
    }
    if (ends_line) {
        reader->line++;
        /* Only a quoted value goes on behind the end of a line. */
        if (!reader->parser.quoted)
            reader->row_line = reader->line;
    }
    return true;
}

/* Drops a byte order mark, which may come in pieces. What only began like one is fed. */
static bool skip_mark(struct csv_reader *reader, const char **bytes, size_t *size_bytes)
{
    while (reader->mark_seen_bytes<MARK_BYTES && * size_bytes> 0) {
        if (**bytes != byte_order_mark[reader->mark_seen_bytes]) {
            size_t held = reader->mark_seen_bytes;
            reader->mark_seen_bytes = MARK_BYTES;
            return held == 0 || feed_piece(reader, byte_order_mark, held, false);
        }
        reader->mark_seen_bytes++;
        (*bytes)++;
        (*size_bytes)--;
    }
    return true;
}

static bool feed_lines(struct csv_reader *reader, const char *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        size_t piece = size_bytes < PIECE_LIMIT_BYTES ? size_bytes : PIECE_LIMIT_BYTES;
        const char *line_feed = memchr(bytes, '\n', piece);
        if (line_feed)
            piece = (size_t)(line_feed - bytes) + 1;
        if (!feed_piece(reader, bytes, piece, line_feed != NULL))
            return false;
        bytes += piece;
        size_bytes -= piece;
    }
    return true;
}

static bool report(const struct csv_reader *reader, bool well, struct error *error)
{
    assert(well != reader->failed);
    if (!well && error)
        *error = reader->error;
    return well;
}

bool csv_reader_feed(struct csv_reader *reader, const void *bytes, size_t size_bytes,
                     struct error *error)
{
    const char *rest = bytes;
    bool well = !reader->failed && skip_mark(reader, &rest, &size_bytes) &&
                feed_lines(reader, rest, size_bytes);
    return report(reader, well, error);
}

static bool finish(struct csv_reader *reader)
{
    if (csv_fini(&reader->parser, on_value, on_row_end, reader) != 0) {
        reader->failed = true;
        return error_set(&reader->error, ERROR_INVALID_ARGUMENT,
                         "line %llu: the quote is never closed",
                         (unsigned long long)reader->row_line);
    }
    if (!reader->failed && reader->file_column_count == 0) {
        reader->failed = true;
        return error_set(&reader->error, ERROR_INVALID_ARGUMENT, "line 1: no header");
    }
    return !reader->failed;
}

bool csv_reader_finish(struct csv_reader *reader, struct error *error)
{
    return report(reader, !reader->failed && finish(reader), error);
}

bool csv_reader_is_within_row(const struct csv_reader *reader)
{
    return reader->row_line != reader->line;
}

bool csv_read_text(const struct csv_handler *handler, struct str text, struct error *error)
{
    struct csv_reader *reader = csv_reader_new(handler);
    if (!reader)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to read the file");
    bool well =
        csv_reader_feed(reader, text.data, text.length, error) && csv_reader_finish(reader, error);
    csv_reader_free(reader);
    return well;
}

/* --- Values --------------------------------------------------------------------------------- */

bool csv_next_item(struct str *rest, struct str *item)
{
    while (rest->length > 0) {
        const char *bar = memchr(rest->data, '|', rest->length);
        struct str found = {rest->data, bar ? (uint32_t)(bar - rest->data) : rest->length};
        uint32_t taken = found.length + (bar != NULL);
        *rest = (struct str){rest->data + taken, rest->length - taken};
        while (found.length > 0 && found.data[0] == ' ')
            found = (struct str){found.data + 1, found.length - 1};
        while (found.length > 0 && found.data[found.length - 1] == ' ')
            found.length--;
        if (found.length > 0) {
            *item = found;
            return true;
        }
    }
    return false;
}

bool csv_decimal(struct str text, unsigned places, int64_t *out)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    uint32_t at = negative;
    int64_t value = 0;
    unsigned digits = 0, decimals = 0;
    bool behind_point = false;
    for (; at < text.length; at++) {
        char c = text.data[at];
        if (c == '.' && !behind_point) {
            behind_point = true;
            continue;
        }
        if (c < '0' || c > '9' || (behind_point && ++decimals > places))
            return false;
        digits++;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, c - '0', &value))
            return false;
    }
    if (digits == 0 || (behind_point && decimals == 0))
        return false;
    for (; decimals < places; decimals++)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    *out = negative ? -value : value;
    return true;
}
