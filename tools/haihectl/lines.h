/* A file or standard input, line by line, in constant memory.
 *
 *   read() 256 KiB -> [ rest of the last line | new bytes ] -> lines with their numbers
 *
 * A UTF-8 byte order mark at the start is dropped; UTF-16 is refused at once, with the remedy.
 * `before_read` lets the owner hand on what it has before a read that may wait (a slow pipe), and
 * a byte in `stop_fd` ends a wait: both so that a reader thread neither holds rows back nor hangs.
 * Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LINES_H
#define HAIHE_HAIHECTL_LINES_H

#include "base/error.h"
#include "base/str.h"

/* Exports that write all postings into one line exist; more than this is held by no line. */
enum { LINE_LIMIT_BYTES = 32 * 1024 * 1024 };

struct lines;

struct lines_options {
    const char *path;                   /* "-" = standard input; borrowed for the lifetime */
    int stop_fd;                        /* readable: stop; -1 = none */
    void (*before_read)(void *context); /* optional */
    void *context;
};

enum lines_status {
    LINES_LINE,
    LINES_END,
    LINES_STOPPED, /* by stop_fd */
    LINES_FAILED,  /* the error says why */
};

/* NULL and an error that names the path otherwise. */
struct lines *lines_open(const struct lines_options *options, struct error *error);
void lines_close(struct lines *lines); /* NULL is allowed */

/* The next line with its line break, valid until the next call. `number` counts from 1. */
enum lines_status lines_next(struct lines *lines, struct str *line, uint64_t *number,
                             struct error *error);
/* Gives the last line back: the next call returns it again. */
void lines_unread(struct lines *lines);

/* Bytes read so far. */
uint64_t lines_read_bytes(const struct lines *lines);

#endif
