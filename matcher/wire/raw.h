/* The protobuf wire format itself, where a generated message is the wrong tool: bytes that are
 * passed on unread (a stored record inside an answer), bytes that are only looked into
 * (descriptors, the id of a request that cannot be decoded).
 * protobuf.dev/programming-guides/encoding. Thread: any. Cost: nothing is copied or allocated.
 */
#ifndef HAIHE_WIRE_RAW_H
#define HAIHE_WIRE_RAW_H

#include "base/buffer.h"
#include "base/str.h"

enum raw_type { RAW_VARINT = 0, RAW_FIXED64 = 1, RAW_BYTES = 2, RAW_FIXED32 = 5 };

struct raw_field {
    uint32_t number; /* 1.. */
    enum raw_type type;
    uint64_t value;   /* RAW_VARINT, RAW_FIXED64, RAW_FIXED32 */
    struct str bytes; /* RAW_BYTES: a view */
};

enum raw_result { RAW_FIELD, RAW_END, RAW_MALFORMED };

/* Takes the first field off *rest. */
enum raw_result raw_next(struct str *rest, struct raw_field *out);

/* --- Writing --- */

/* Counts bytes while `at` is NULL, writes them otherwise: one routine does both, so that a size and
 * what it promises cannot disagree. */
struct raw_writer {
    char *at;
    size_t length_bytes; /* so far */
};

/* Scalars: left out when zero or empty, as proto3 does. */
void raw_put_varint(struct raw_writer *writer, uint32_t number, uint64_t value);
void raw_put_fixed64(struct raw_writer *writer, uint32_t number, uint64_t value);
void raw_put_text(struct raw_writer *writer, uint32_t number, struct str text);
/* Written even when zero or empty: members of a oneof, items of lists, submessages. */
void raw_put_varint_always(struct raw_writer *writer, uint32_t number, uint64_t value);
void raw_put_bytes_always(struct raw_writer *writer, uint32_t number, struct str bytes);
/* A value without tag, inside a packed list. */
void raw_put_packed(struct raw_writer *writer, uint64_t value);

/* Writes the fields of one message. */
typedef void raw_fields(struct raw_writer *writer, const void *what);
/* A submessage with these fields. They are counted first: nesting costs a pass for each level. */
void raw_put_message(struct raw_writer *writer, uint32_t number, raw_fields *fields,
                     const void *what);
/* Appends one item of a repeated field, or, with number 0, the fields alone. A failure leaves the
 * buffer as it was. */
bool raw_append(struct buffer *out, uint32_t number, raw_fields *fields, const void *what);

#endif
