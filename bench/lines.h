/* A text file in memory, cut into blocks of lines so that threads can read it side by side.
 *
 *   data         the file, mapped, read-only
 *   block_starts [ 0 | offset of line 1000 | offset of line 2000 | .. ]
 *
 * Thread: any reader once opened. Cost of opening: one pass over the bytes.
 */
#ifndef HAIHE_BENCH_LINES_H
#define HAIHE_BENCH_LINES_H

#include "base/error.h"
#include "base/str.h"

enum { BLOCK_LINES = 1000, LINE_LIMIT_BYTES = 65536 };

struct lines {
    const char *path; /* borrowed, for messages */
    const char *data; /* NULL when the file is empty */
    size_t size_bytes;
    size_t *block_starts; /* owned */
    size_t count;         /* lines; the last needs no line end */
};

/* At most `limit` lines are counted. False with an error that names the file. */
bool lines_open(struct lines *lines, const char *path, size_t limit, struct error *error);
void lines_close(struct lines *lines);
size_t lines_block_count(const struct lines *lines);
/* Lines of a block: BLOCK_LINES but for the last. */
size_t lines_in_block(const struct lines *lines, size_t block);
/* The line at *offset, without its end; *offset moves behind it. Too long a one is cut. */
struct str lines_next(const struct lines *lines, size_t *offset);

#endif
