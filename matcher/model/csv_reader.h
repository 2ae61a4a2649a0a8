/* CSV (RFC 4180) with a header line, read as a stream: rows of named columns with line numbers.
 *
 * Bytes come in pieces of any size; each complete row goes to a callback. The caller names the
 * columns it knows; a row's values stand in that order, whatever the file's order is. A byte order
 * mark and CRLF are accepted, spaces around unquoted values are dropped, blank lines skipped.
 * Everything is checked to be UTF-8 without NUL. Errors name line, column and value:
 * `line 7, column 'latitude' '95': must be -90..90`; `field` is then the column, `value` the value.
 *
 * Thread: one owner. Memory: one row, at most CSV_ROW_LIMIT_BYTES. (libcsv underneath.)
 */
#ifndef HAIHE_MODEL_CSV_READER_H
#define HAIHE_MODEL_CSV_READER_H

#include "base/error.h"
#include "base/str.h"

/* A vacancy's description is 16 KiB; whoever sends a row of more than this sends something else. */
enum { CSV_ROW_LIMIT_BYTES = 1 << 20, CSV_COLUMN_LIMIT = 256 };

struct csv_column {
    const char *name;
    bool required; /* of the file, not of the row: the header must have it */
};

struct csv_row {
    const struct csv_column *columns; /* as given to the reader */
    const struct str *values;         /* one for each known column; "" when the file has it not */
    const struct str *extra_names;    /* columns that are not known, in the file's order */
    const struct str *extra_values;
    size_t extra_count;
    uint64_t line; /* of the row's beginning, 1-based */
};

/* What a reader does with what it finds; views live until the callback returns. */
struct csv_handler {
    const struct csv_column *columns; /* borrowed for the reader's life */
    size_t column_count;
    char separator; /* between values; 0 = ',' */
    /* As spreadsheets write: columns without name or value at the end and rows without any value
     * do not count. */
    bool spreadsheet;
    /* Optional: sees the header's names before they are looked up and may put others in their
     * place, which must live until it returns; false refuses the header with its error. */
    bool (*header)(void *context, struct str *names, size_t count, struct error *error);
    /* A column of another name: NULL refuses it, false refuses it with the caller's error. Called
     * once each, after the whole header is known. */
    bool (*extra_column)(void *context, struct str name, struct error *error);
    /* False with an error stops the reading. */
    bool (*row)(void *context, const struct csv_row *row, struct error *error);
    /* A row with too few or too many values or with bytes that are not UTF-8: true goes on behind
     * it. NULL stops. */
    bool (*bad_row)(void *context, uint64_t line, const struct error *why);
    void *context;
};

struct csv_reader;

/* NULL when there is no memory. */
struct csv_reader *csv_reader_new(const struct csv_handler *handler);
void csv_reader_free(struct csv_reader *reader);
/* False when something is wrong; so are then all later calls, with the same error. */
bool csv_reader_feed(struct csv_reader *reader, const void *bytes, size_t size_bytes,
                     struct error *error);
/* The end of the input: hands out a last row without line end; refuses a missing header or an open
 * quote. */
bool csv_reader_finish(struct csv_reader *reader, struct error *error);

/* True between the first and the last line of a row that goes over several: inside of quotes. */
bool csv_reader_is_within_row(const struct csv_reader *reader);

/* new, feed, finish and free over one text. */
bool csv_read_text(const struct csv_handler *handler, struct str text, struct error *error);

/* Fills the error for a value of a row ("line 7, column 'x' 'value': reason"); returns false. */
bool csv_row_fail(const struct csv_row *row, size_t column, struct error *error,
                  const char *reason_format, ...) __attribute__((format(printf, 4, 5)));
/* The same for a part of a value or a row seen before: line and value are given. */
bool csv_fail(uint64_t line, const char *column, struct str value, struct error *error,
              const char *reason_format, ...) __attribute__((format(printf, 5, 6)));

/* Puts "name: " in front of an error's text; for whoever reads several files. */
void csv_name_file(struct error *error, const char *name);

/* The next item of a value that lists several, separated by '|': false when there is none left.
 * Spaces around items are dropped, empty items skipped. *rest begins as the value. */
bool csv_next_item(struct str *rest, struct str *item);

/* A decimal number with at most `places` digits behind the point, in units of 10^-places:
 * "-39.1" with 7 places is -391000000. False when it is not one or leaves int64. */
bool csv_decimal(struct str text, unsigned places, int64_t *out);

#endif
