/* The words of files and command lines for the enums of record.proto, in English and Chinese.
 *
 * A word is compared without case; '-' and ' ' count as '_'; "https://schema.org/FULL_TIME" counts
 * as its last part. The enum's own name, with or without its prefix, is always a word.
 * Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_TERMS_H
#define HAIHE_HAIHECTL_TERMS_H

#include "base/str.h"

enum term_kind {
    TERM_EMPLOYMENT_TYPE,
    TERM_PAY_UNIT,
    TERM_EDUCATION_LEVEL,
    TERM_LANGUAGE_LEVEL,
    TERM_JOB_LOCATION_TYPE,
    TERM_VACANCY_STATUS,
    TERM_APPLICANT_STATUS,
    TERM_GATE,
};

/* The enum value's full name ("PAY_UNIT_MONTH"); NULL when the word is unknown. */
const char *term_find(enum term_kind kind, struct str word);
/* "full_time, part_time, ..": the words without prefix, for messages. */
const char *term_choices(enum term_kind kind);
/* A full name without its prefix, in lower case ("GATE_TOO_FAR" -> "too_far"), written to out, cut
 * to its capacity; returns out. */
const char *term_plain(const char *name, const char *prefix, char *out, size_t capacity_bytes);

/* true/false, yes/no, y/n, 1/0, and the Chinese shi/fou; false when it is none of them. */
bool term_bool(struct str word, bool *value);

#endif
