/* See rows.h. */
#include "rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

void rows_read(struct rows *rows, const char *ending, struct str text,
               const struct source_options *options)
{
    char path[64];
    snprintf(path, sizeof(path), "/tmp/haihectl-test-XXXXXX%s", ending);
    int fd = mkstemps(path, (int)strlen(ending));
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text.data, text.length), (ssize_t)text.length);
    close(fd);
    struct source_options own = options ? *options : (struct source_options){0};
    own.path = path;
    own.stop_fd = -1;
    *rows = (struct rows){.end = SOURCE_FAILED};
    struct source *source = source_open(&own, &rows->error);
    while (source) {
        cr_assert_lt(rows->count, ROW_LIMIT);
        struct source_row *row = &rows->rows[rows->count];
        rows->end = source_next(source, row, &rows->error);
        if (rows->end != SOURCE_ROW)
            break;
        snprintf(rows->notes[rows->count], 256, "%.*s", STR_ARG(row->note));
        rows->count++;
    }
    if (source) {
        struct buffer remark;
        buffer_init(&remark, sizeof(rows->remark) - 1);
        source_remark(source, &remark);
        memcpy(rows->remark, remark.data ? remark.data : "", remark.length_bytes);
        buffer_release(&remark);
        rows->format = source_format(source);
    }
    source_close(source);
    unlink(path);
}

void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        json_decref(rows->rows[i].record);
    rows->count = 0;
}

json_t *quoted(const char *json)
{
    char *text = strdup(json);
    json_error_t why;
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *value = json_loads(text, JSON_DECODE_ANY, &why);
    cr_assert_not_null(value, "%s: %s", text, why.text);
    free(text);
    return value;
}

char *rows_json(const struct rows *rows, size_t index)
{
    cr_assert_lt(index, rows->count, "only %zu rows", rows->count);
    if (!rows->rows[index].record)
        return strdup("");
    return json_dumps(rows->rows[index].record, JSON_COMPACT | JSON_SORT_KEYS);
}

void rows_expect(const struct rows *rows, size_t index, const char *json)
{
    json_t *expected = quoted(json);
    char *text = json_dumps(expected, JSON_COMPACT | JSON_SORT_KEYS);
    char *got = rows_json(rows, index);
    cr_expect_str_eq(got, text, "row %zu\n got      %s\n expected %s\n error    %s", index, got,
                     text, rows->rows[index].record ? "" : rows->rows[index].error.text);
    free(got);
    free(text);
    json_decref(expected);
}

void rows_expect_refused(const struct rows *rows, size_t index, uint64_t line, const char *field,
                         const char *value)
{
    cr_assert_lt(index, rows->count, "only %zu rows", rows->count);
    const struct source_row *row = &rows->rows[index];
    cr_assert_null(row->record, "row %zu (%s) was read", index, value);
    cr_expect_eq(row->line, line, "row %zu: line %llu: %s", index, (unsigned long long)row->line,
                 row->error.text);
    cr_expect_str_eq(row->error.field, field, "%s", row->error.text);
    cr_expect_str_eq(row->error.value, value, "%s", row->error.text);
    if (*field)
        cr_expect_not_null(strstr(row->error.text, field), "%s", row->error.text);
    cr_expect_eq(row->error.code, ERROR_INVALID_ARGUMENT);
}
