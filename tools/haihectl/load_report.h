/* What a load tells about rows that were refused, and what it noticed beside them.
 *
 * On the screen: the first few, a line each, `file:line key: reason [rule]`. In the file of
 * --refused: all of them, a JSON object a line with file, line, key, field, column, value, rule and
 * reason. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LOAD_REPORT_H
#define HAIHE_HAIHECTL_LOAD_REPORT_H

#include "haihectl/load_reader.h"
#include "haihectl/progress.h"
#include "haihectl/unknown_names.h"

enum { LOAD_REPORT_SCREEN_ROWS = 10, LOAD_REPORT_EXAMPLES = 5 };

struct load_report {
    enum source_kind kind;
    const char *path; /* NULL = no file */
    FILE *file;
    uint64_t refused_count;
    uint64_t noted_count; /* rows of which something was left out */
    uint64_t unknown_skill_count;
    size_t unknown_example_count;
    char unknown_examples[LOAD_REPORT_EXAMPLES][64]; /* distinct */
    char first_note[256];
    struct unknown_names *unknown_names; /* borrowed; NULL = only the examples */
};

/* False and an error when the file cannot be written. */
bool load_report_open(struct load_report *report, enum source_kind kind, const char *path,
                      struct error *error);
/* False and an error when something could not be written. */
bool load_report_close(struct load_report *report, struct error *error);

void load_report_refused(struct load_report *report, struct progress *progress,
                         const struct load_batch *batch, const struct load_row *row,
                         const struct error *why);
/* A line for the screen at once. */
void load_report_say(struct progress *progress, struct str text);
void load_report_note(struct load_report *report, const struct load_batch *batch,
                      const struct load_row *row);
void load_report_unknown_skill(struct load_report *report, struct str skill);
/* What remains to be said behind the summary line; appends lines. */
void load_report_remarks(const struct load_report *report, struct buffer *out);

/* An error of the server as the file's author sees it: without the request's "upsert_vacancy.". */
void load_report_localise(struct error *error);

#endif
