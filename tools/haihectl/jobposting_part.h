/* The parts of jobposting.c: a posting on its way to a vacancy, and what its parts share. */
#ifndef HAIHE_HAIHECTL_JOBPOSTING_PART_H
#define HAIHE_HAIHECTL_JOBPOSTING_PART_H

#include "base/str.h"
#include "haihectl/jobposting.h"

struct posting {
    const json_t *json;
    const struct jobposting_options *options;
    json_t *vacancy;
    struct error *error;
};

/* schema.org allows one value or a list nearly everywhere: both read as a list. */
size_t posting_count(const json_t *value);
const json_t *posting_item(const json_t *value, size_t index);

/* The text of a value: a string, a number (written to `scratch`), of a list its first item, of an
 * object its "@value" or "name". Without spaces around it; "" when there is none. */
enum { POSTING_SCRATCH_BYTES = 40 };
struct str posting_text(const json_t *value, char scratch[POSTING_SCRATCH_BYTES]);
json_t *posting_text_json(struct str text);

/* The next piece of a text that lists things with commas or semicolons, Western or Chinese, or
 * line breaks. */
bool posting_next_piece(struct str *rest, struct str *piece);

/* Fills the error for a property; returns false. */
bool posting_refuse(const struct posting *posting, const char *property, const json_t *value,
                    const char *reason);
/* Notes a value that is left out. */
void posting_note(const struct posting *posting, const char *property, struct str value);

/* Each reads its properties into the vacancy; false and an error when a value is wrong. */
bool posting_read_pay(const struct posting *posting);
bool posting_read_places(const struct posting *posting);
bool posting_read_needs(const struct posting *posting); /* skills, occupation, experience,
                                                           education, qualifications */

#endif
