/* The record that a question is about: by key, or from a file of one record.
 *
 * A vacancy's file may hold a schema.org JobPosting as well. Thread: any.
 */
#ifndef HAIHE_HAIHECTL_SUBJECT_H
#define HAIHE_HAIHECTL_SUBJECT_H

#include <jansson.h>

#include "base/error.h"

/* Sets request[vacancy_key], [applicant_key], [vacancy] or [applicant]; false and an error
 * otherwise: `path` is NULL or a file, `key` is NULL or platform:id. */
bool subject_set(json_t *request, bool is_vacancy, const char *key, const char *path,
                 struct error *error);

#endif
