/* A growable byte buffer with a ceiling, for what is built piece by piece: messages, lines, text.
 *
 * Invariant: length_bytes <= capacity_bytes <= limit_bytes. A failed append changes nothing, sets
 * `failed` and returns false; later appends fail too, so a builder may check once at its end.
 * Thread: one owner.
 */
#ifndef HAIHE_BASE_BUFFER_H
#define HAIHE_BASE_BUFFER_H

#include <assert.h>

#include "base/str.h"

struct buffer {
    char *data; /* owned; NULL while empty */
    size_t length_bytes;
    size_t capacity_bytes;
    size_t limit_bytes;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t limit_bytes);
void buffer_release(struct buffer *buffer);
/* Empties it, keeps the memory, forgets a failure. */
void buffer_clear(struct buffer *buffer);

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size_bytes);
bool buffer_append_str(struct buffer *buffer, struct str text);
/* Needs room for one byte more than it adds, the NUL of vsnprintf. */
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for size_bytes more behind the end; NULL on failure. Length grows by buffer_commit. */
char *buffer_reserve(struct buffer *buffer, size_t size_bytes);
void buffer_commit(struct buffer *buffer, size_t size_bytes);
/* Removes size_bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t size_bytes);
/* Hands the bytes to the caller (memory_free) and leaves the buffer empty; NULL when empty. */
char *buffer_detach(struct buffer *buffer, size_t *length_bytes);

static inline struct str buffer_borrow(const struct buffer *buffer)
{
    assert(buffer->length_bytes <= UINT32_MAX);
    return (struct str){buffer->data, (uint32_t)buffer->length_bytes};
}

#endif
