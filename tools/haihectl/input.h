/* The bytes of a file or of standard input as UTF-8, in constant memory.
 *
 *   read() -> [ packed ] -inflate-> [ plain ] -iconv-> the caller's room
 *
 * gzip is unpacked, a byte order mark is dropped and obeyed, rows that end in lone carriage returns
 * get line feeds. What is no text (a workbook, a PDF) fails at once with what to do; so does
 * GB18030 that nobody announced (encoding.h). A character that is ill-formed in the file's encoding
 * becomes the byte 0xFF: the row that holds it is refused, the others are not.
 *
 * `before_read` lets the owner hand on what it has before a read that may wait (a slow pipe), and a
 * byte in `stop_fd` ends a wait: both so that a reader thread neither holds rows back nor hangs.
 * Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_INPUT_H
#define HAIHE_HAIHECTL_INPUT_H

#include "base/buffer.h"
#include "base/error.h"
#include "haihectl/encoding.h"

struct input;

struct input_options {
    const char *path;                   /* "-" = standard input; borrowed for the lifetime */
    const struct encoding *encoding;    /* NULL = by its mark, else UTF-8 */
    int stop_fd;                        /* readable: stop; -1 = none */
    void (*before_read)(void *context); /* optional */
    void *context;
};

enum input_status {
    INPUT_BYTES,
    INPUT_END,
    INPUT_STOPPED, /* by stop_fd */
    INPUT_FAILED,  /* the error says why */
};

/* NULL and an error that names the path otherwise. */
struct input *input_open(const struct input_options *options, struct error *error);
void input_close(struct input *input); /* NULL is allowed */

/* More bytes, at least one of them, into `room` of at least 16. */
enum input_status input_read(struct input *input, char *room, size_t room_bytes, size_t *size_bytes,
                             struct error *error);

/* Bytes of the file read so far, before unpacking. */
uint64_t input_read_bytes(const struct input *input);
/* The encoding that is read, NULL before the first bytes. */
const struct encoding *input_encoding(const struct input *input);
/* Appends how the file is read where that is not the plain way ("unpacked (gzip)", "as UTF-16LE, by
 * its byte order mark"), ", " between. */
void input_remark(const struct input *input, struct buffer *out);

#endif
