/* Where records come from: a file of either kind of record in any of the formats, row by row, each
 * as the JSON of its proto message.
 *
 *   CSV         load_csv.h     header names are flat field names
 *   JSONL       load_json.h    one haihe.v1.Vacancy or Applicant a line, proto field names
 *   JOBPOSTING  load_json.h    schema.org JobPosting (jobposting.h): one a line, an array, @graph
 *
 * A row that cannot be read is a row with an error: the file goes on behind it. Only what spoils
 * the whole file (it cannot be read, its header is wrong) ends it. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_SOURCE_H
#define HAIHE_HAIHECTL_SOURCE_H

#include <jansson.h>

#include "base/error.h"
#include "base/str.h"
#include "haihectl/input.h"

enum source_kind { SOURCE_VACANCY, SOURCE_APPLICANT };

enum source_format { FORMAT_AUTO, FORMAT_CSV, FORMAT_JSONL, FORMAT_JOBPOSTING };

struct area_table;

/* All borrowed for the source's lifetime. */
struct source_options {
    const char *path; /* "-" = standard input */
    enum source_kind kind;
    enum source_format format; /* AUTO: by the name's ending, else by the first bytes */
    const char *platform;      /* for records that name none; NULL = none */
    const json_t *defaults;    /* object: fields that a record without them gets; NULL = none */
    bool ignore_unknown;       /* CSV: columns of unknown names are left out */
    const struct area_table *areas;  /* JobPosting: names to codes; NULL = none */
    const struct encoding *encoding; /* NULL = by the byte order mark, else UTF-8 */
    int stop_fd;                     /* as struct input_options */
    void (*before_read)(void *context);
    void *context;
};

struct source_row {
    uint64_t line;      /* where it begins, from 1 */
    json_t *record;     /* the caller's reference; NULL when the row is refused here */
    struct error error; /* then; field is the column or path as the file names it */
    struct str note;    /* what had no counterpart and was left out; "" = nothing. Valid until the
                           next call */
};

enum source_status {
    SOURCE_ROW,
    SOURCE_END,
    SOURCE_STOPPED,
    SOURCE_FAILED, /* the error says why */
};

struct source;

/* Opens the file and finds its format (which reads its beginning). NULL and an error otherwise. */
struct source *source_open(const struct source_options *options, struct error *error);
void source_close(struct source *source); /* NULL is allowed */
enum source_status source_next(struct source *source, struct source_row *row, struct error *error);
enum source_format source_format(const struct source *source);
uint64_t source_read_bytes(const struct source *source);
/* Appends how the file is read where that is not the plain way ("columns are parted by ';'"), ", "
 * between; complete once a row has been read. */
void source_remark(const struct source *source, struct buffer *out);

/* "csv", "jsonl", "jobposting"; false when it is none of them. */
bool source_format_parse(const char *text, enum source_format *format);
/* The CSV column that a field path of the record comes from ("base_salary.min_amount" is wage_min),
 * NULL when there is none. */
const char *source_column_of_field(enum source_kind kind, const char *field);

#endif
