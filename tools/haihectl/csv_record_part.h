/* The parts of csv_record.c: a row on its way to a record, and what its parts share. */
#ifndef HAIHE_HAIHECTL_CSV_RECORD_PART_H
#define HAIHE_HAIHECTL_CSV_RECORD_PART_H

#include "haihectl/csv_record.h"
#include "haihectl/spelling.h"
#include "haihectl/terms.h"

struct making {
    const struct csv_row *row;
    enum source_kind kind;
    const struct area_table *areas; /* NULL = none */
    json_t *record;
    struct error *error;
};

struct str making_cell(const struct making *m, enum csv_record_column column);
/* Fills the error; returns false. */
bool making_refuse(const struct making *m, enum csv_record_column column, struct str value,
                   const char *reason);
bool making_refuse_term(const struct making *m, enum csv_record_column column, struct str value,
                        enum term_kind kind);

json_t *making_text(struct str text);
void making_set(json_t *object, const char *field, json_t *value_take);

/* Each puts a column's value into object[field] where there is one; false and an error when it is
 * wrong. */
void making_put_text(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column);
/* An id or a code: a spreadsheet's marks are dropped, what it has cut short is refused. */
bool making_put_code(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column);
bool making_put_integer(const struct making *m, json_t *object, const char *field,
                        enum csv_record_column column);
bool making_put_date(const struct making *m, const char *field, enum csv_record_column column);
bool making_put_term(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column, enum term_kind kind);
bool making_read_bool(const struct making *m, enum csv_record_column column, bool *value);
/* A code without what a spreadsheet adds to it; false: its digits are lost. */
bool making_read_code(const struct making *m, enum csv_record_column column, struct str *code,
                      char scratch[SPELLING_LIMIT_BYTES]);

/* The groups of columns. */
bool making_put_salary(const struct making *m); /* a vacancy's */
bool making_put_wage(const struct making *m);   /* an applicant's */
bool making_put_workplaces(const struct making *m);
bool making_put_home(const struct making *m);

#endif
