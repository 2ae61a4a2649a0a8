/* One CSV row as a record: how the values of the columns become the JSON of a haihe.v1.Vacancy or
 * Applicant.
 *
 * Values are read in the spellings of spelling.h. Ranges and rules that record.proto states are the
 * server's to check; here only what cannot be turned into the field's type is refused, naming
 * column and value, and a point whose latitude and longitude look exchanged. Thread: any; nothing
 * is kept.
 */
#ifndef HAIHE_HAIHECTL_CSV_RECORD_H
#define HAIHE_HAIHECTL_CSV_RECORD_H

#include <jansson.h>

#include "haihectl/csv_columns.h"

/* The row's record, a new reference; NULL and an error that names column and value otherwise. */
json_t *csv_record_make(const struct source_options *options, const struct csv_row *row,
                        struct error *error);

/* "welding:4:3!" and "welding:4" as a SkillDemand or SkillHeld; also used by flags. */
json_t *csv_record_skill(enum source_kind kind, struct str item);
/* "[system:]code" as an Occupation; NULL when there is no code. */
json_t *csv_record_occupation(struct str item);

#endif
