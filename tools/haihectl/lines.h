/* A file or standard input, line by line, in constant memory.
 *
 *   input_read() 256 KiB -> [ rest of the last line | new bytes ] -> lines with their numbers
 *
 * Bytes come as input.h gives them: UTF-8 without a byte order mark. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LINES_H
#define HAIHE_HAIHECTL_LINES_H

#include "base/error.h"
#include "base/str.h"
#include "haihectl/input.h"

/* Exports that write all postings into one line exist; more than this is held by no line. */
enum { LINE_LIMIT_BYTES = 32 * 1024 * 1024 };

struct lines;

enum lines_status {
    LINES_LINE,
    LINES_END,
    LINES_STOPPED, /* by stop_fd */
    LINES_FAILED,  /* the error says why */
};

/* NULL and an error that names the path otherwise. */
struct lines *lines_open(const struct input_options *options, struct error *error);
void lines_close(struct lines *lines); /* NULL is allowed */

/* The next line with its line break, valid until the next call. `number` counts from 1. */
enum lines_status lines_next(struct lines *lines, struct str *line, uint64_t *number,
                             struct error *error);
/* Gives the last line back: the next call returns it again. */
void lines_unread(struct lines *lines);

/* What the lines are made of. */
const struct input *lines_input(const struct lines *lines);

#endif
