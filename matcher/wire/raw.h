/* The protobuf wire format itself, where a generated message is the wrong tool: bytes that are
 * passed on unread (a stored record inside an answer), bytes that are only looked into
 * (descriptors, the id of a request that cannot be decoded).
 * protobuf.dev/programming-guides/encoding. Thread: any. Cost: nothing is copied or allocated.
 */
#ifndef HAIHE_WIRE_RAW_H
#define HAIHE_WIRE_RAW_H

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

/* --- Writing: sizes first, then bytes; the put functions return where they stopped. --- */

/* Bytes of a whole field: tag and value, or tag, length and contents. */
size_t raw_varint_field_bytes(uint32_t number, uint64_t value);
size_t raw_fixed64_field_bytes(uint32_t number);
size_t raw_bytes_field_bytes(uint32_t number, size_t length);

char *raw_put_varint_field(char *at, uint32_t number, uint64_t value);
char *raw_put_fixed64_field(char *at, uint32_t number, uint64_t value);
/* Tag and length only; the contents follow. */
char *raw_put_bytes_header(char *at, uint32_t number, size_t length);
char *raw_put_bytes_field(char *at, uint32_t number, struct str bytes);

#endif
