/* How people and spreadsheets spell numbers, dates and pay: each form is read when it has one
 * reading; any other is refused with a reason that says what was expected, or both readings.
 *
 * Full-width characters count as their ASCII ones, an apostrophe in front (a spreadsheet's mark of
 * text) does not count. What a spreadsheet has spoilt (1.2E+17, #N/A, 46350 for a date) is refused:
 * digits are lost, or the meaning is a guess. Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_SPELLING_H
#define HAIHE_HAIHECTL_SPELLING_H

#include "base/str.h"

/* Longer than any value below; a longer text is none. */
enum { SPELLING_LIMIT_BYTES = 96, SPELLING_REASON_BYTES = 200 };

struct spelling_reason {
    char text[SPELLING_REASON_BYTES]; /* set when a reader returns false */
};

/* The text with ASCII for full-width characters, without spaces at its ends and without an
 * apostrophe in front; `out` when something had to change, else a view of the text. A text of
 * SPELLING_LIMIT_BYTES or more is given back as it is. */
struct str spelling_plain(struct str text, char out[SPELLING_LIMIT_BYTES]);
/* The value as an error may show it: of a resident identity number only its area, for a number must
 * not come into a log. */
struct str spelling_mask(struct str value, char out[SPELLING_LIMIT_BYTES]);
/* "#N/A", "#REF!" and their like: what a spreadsheet shows in place of a value. */
bool spelling_is_sheet_error(struct str text);
/* "1.2E+17": a long number as a spreadsheet shows it, its last digits lost. */
bool spelling_is_short_number(struct str text);

/* 1234, 1,234, 1 234, 1234.0. */
bool spelling_integer(struct str text, int64_t *number, struct spelling_reason *reason);
/* 39.0842 and -7. */
bool spelling_degrees(struct str text, double *degrees, struct spelling_reason *reason);
/* 2026-11-24, 2026/11/24, 2026.11.24, 2026年11月24日, 20261124, 24.11.2026, and 24/11/2026 or
 * 11/24/2026 where only one of day and month can be which; a time of day behind it is dropped.
 * `out` becomes "2026-11-24". */
bool spelling_date(struct str text, char out[11], struct spelling_reason *reason);

/* What a pay's text states. */
struct spelling_pay {
    int64_t min_minor_units, max_minor_units; /* equal for one amount, -1 = not stated */
    bool is_range;                            /* "8k-12k", or open at one end */
    bool negotiable;                          /* and nothing else */
    const char *unit;                         /* "PAY_UNIT_MONTH"; NULL = not stated */
    int64_t months_per_year;                  /* 0 = not stated */
};

/* 8000, 8,000.50, ¥8000, 8千, 8k, 1.2万, each as a range (8k-12k, 8-12k, 1.2万至1.8万, 8000元以上),
 * with a unit (/月, 元/小时, 年薪) and 13薪; 面议. Yuan are refused where `currency` is stated and
 * another. */
bool spelling_pay(struct str text, struct str currency, struct spelling_pay *pay,
                  struct spelling_reason *reason);

/* --- For the parts ---------------------------------------------------------------------------- */

/* Fills the reason; returns false. */
bool spelling_refuse(struct spelling_reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A decimal number at the front of *rest in millionths, with or without thousands separators; cut
 * off *rest. `decimals` is how many stood behind its point. */
bool spelling_cut_number(struct str *rest, int64_t *millionths, int *decimals, bool *grouped,
                         struct spelling_reason *reason);

#endif
