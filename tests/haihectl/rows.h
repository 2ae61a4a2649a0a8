/* A text as a file, read through source.h: what the tests of the loaders share. */
#ifndef HAIHE_TESTS_HAIHECTL_ROWS_H
#define HAIHE_TESTS_HAIHECTL_ROWS_H

#include "haihectl/source.h"

enum { ROW_LIMIT = 64 };

struct rows {
    struct source_row rows[ROW_LIMIT];
    char notes[ROW_LIMIT][256];
    size_t count;
    enum source_status end;
    enum source_format format;
    char remark[256];
    struct error error; /* of the end, when it is SOURCE_FAILED */
};

/* Reads all rows of a file that holds `text`; the file is gone afterwards. `ending` is its name's
 * end, ".csv". `options` may be NULL; its path is set here. */
void rows_read(struct rows *rows, const char *ending, struct str text,
               const struct source_options *options);
void rows_release(struct rows *rows);

/* The row's record as compact JSON with sorted names, "" when it was refused; free() it. */
char *rows_json(const struct rows *rows, size_t index);
/* Asserts that row `index` is this JSON, written with ' for ". */
void rows_expect(const struct rows *rows, size_t index, const char *json);
/* Asserts that row `index` was refused on this line, naming field and value. */
void rows_expect_refused(const struct rows *rows, size_t index, uint64_t line, const char *field,
                         const char *value);
/* 'single' to "double" quotes, parsed; a new reference. */
json_t *quoted(const char *json);

#endif
