/* Generated messages: decoding with a ceiling, texts with their lengths, appending.
 *
 * protobuf-c can make 57 bytes of heap out of one byte of message, keeps texts without a length (so
 * that a NUL hides what follows) and accepts any bytes as text. Here every block that it asks for
 * comes from the caller's arena, with its size in front:
 *
 *   [ size_bytes | 16 aligned ][ block .. ]
 *
 * The arena's limit bounds what a message makes us hold, and a text knows its length. A decoded
 * message lives as long as the arena and is never freed by itself; texts in it end with a NUL.
 * Nothing is valid before message_check (check.h) has seen it. Thread: any.
 */
#ifndef HAIHE_WIRE_MESSAGE_H
#define HAIHE_WIRE_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

/* NULL when the bytes are no such message (INVALID_ARGUMENT, rule "malformed_message") or need more
 * than the arena has (RESOURCE_EXHAUSTED, rule "message_too_costly"). */
void *message_decode(const ProtobufCMessageDescriptor *descriptor, struct str bytes,
                     struct arena *arena, struct error *error);

struct message_block {
    _Alignas(16) size_t size_bytes;
};

/* A text of a decoded message, NULs in it included. */
static inline struct str message_text(const char *text)
{
    if (!text || text == protobuf_c_empty_string)
        return (struct str){NULL, 0};
    const struct message_block *block = (const struct message_block *)(const void *)text - 1;
    return (struct str){text, (uint32_t)(block->size_bytes - 1)};
}

/* For a message to be written: `text` with a NUL behind it, in the arena; NULL when that is
 * exhausted. */
char *message_put_text(struct arena *arena, struct str text);

/* Appends the encoded message. */
bool message_append(struct buffer *out, const ProtobufCMessage *message);
/* The encoded message in the arena; data is NULL when that is exhausted. */
struct str message_encode(const ProtobufCMessage *message, struct arena *arena);

/* RESOURCE_EXHAUSTED, rule "message_too_costly", with the arena's limit. */
bool message_exhausted(const struct arena *arena, struct error *error);

#endif
