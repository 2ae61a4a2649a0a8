/* See raw.h. Field numbers are below 2^29, varints at most 10 bytes. Thread: any. */
#include "wire/raw.h"

#include <assert.h>

#include "base/banned.h"

enum { VARINT_LIMIT_BYTES = 10, TYPE_BITS = 3 };

/* The varint at the front of *rest; false when there is no whole one. */
static bool take_varint(struct str *rest, uint64_t *out)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < rest->length && i < VARINT_LIMIT_BYTES; i++) {
        unsigned char byte = (unsigned char)rest->data[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i); /* the tenth byte's upper bits fall off */
        if (byte < 0x80) {
            *out = value;
            *rest = (struct str){rest->data + i + 1, rest->length - i - 1};
            return true;
        }
    }
    return false;
}

/* Little-endian, `size` bytes. */
static bool take_fixed(struct str *rest, uint32_t size, uint64_t *out)
{
    if (rest->length < size)
        return false;
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)(unsigned char)rest->data[i] << (8 * i);
    *out = value;
    *rest = (struct str){rest->data + size, rest->length - size};
    return true;
}

static bool take_bytes(struct str *rest, struct str *out)
{
    uint64_t length;
    if (!take_varint(rest, &length) || length > rest->length)
        return false;
    *out = (struct str){rest->data, (uint32_t)length};
    *rest = (struct str){rest->data + length, rest->length - (uint32_t)length};
    return true;
}

enum raw_result raw_next(struct str *rest, struct raw_field *out)
{
    if (rest->length == 0)
        return RAW_END;
    uint64_t tag;
    if (!take_varint(rest, &tag) || tag >> TYPE_BITS == 0 || tag > UINT32_MAX)
        return RAW_MALFORMED;
    *out = (struct raw_field){.number = (uint32_t)(tag >> TYPE_BITS), .type = tag & 7};
    bool is_whole = false;
    switch (out->type) {
    case RAW_VARINT:
        is_whole = take_varint(rest, &out->value);
        break;
    case RAW_FIXED64:
        is_whole = take_fixed(rest, 8, &out->value);
        break;
    case RAW_BYTES:
        is_whole = take_bytes(rest, &out->bytes);
        break;
    case RAW_FIXED32:
        is_whole = take_fixed(rest, 4, &out->value);
        break;
    }
    return is_whole ? RAW_FIELD : RAW_MALFORMED;
}

/* --- Writing -------------------------------------------------------------------------------- */

static inline void put_varint(struct raw_writer *writer, uint64_t value)
{
    if (!writer->at) {
        writer->length_bytes += (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
        return;
    }
    /* A pointer of its own: a char written through the writer's could be the writer itself. */
    char *start = writer->at + writer->length_bytes, *at = start;
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    writer->length_bytes += (size_t)(at - start);
}

static inline void put_tag(struct raw_writer *writer, uint32_t number, enum raw_type type)
{
    put_varint(writer, (uint64_t)number << TYPE_BITS | type);
}

void raw_put_varint_always(struct raw_writer *writer, uint32_t number, uint64_t value)
{
    put_tag(writer, number, RAW_VARINT);
    put_varint(writer, value);
}

void raw_put_varint(struct raw_writer *writer, uint32_t number, uint64_t value)
{
    if (value != 0)
        raw_put_varint_always(writer, number, value);
}

void raw_put_fixed64(struct raw_writer *writer, uint32_t number, uint64_t value)
{
    if (value == 0)
        return;
    put_tag(writer, number, RAW_FIXED64);
    for (int i = 0; writer->at && i < 8; i++)
        writer->at[writer->length_bytes + (size_t)i] = (char)(value >> (8 * i));
    writer->length_bytes += 8;
}

void raw_put_bytes_always(struct raw_writer *writer, uint32_t number, struct str bytes)
{
    put_tag(writer, number, RAW_BYTES);
    put_varint(writer, bytes.length);
    if (writer->at && bytes.length > 0)
        memcpy(writer->at + writer->length_bytes, bytes.data, bytes.length);
    writer->length_bytes += bytes.length;
}

void raw_put_text(struct raw_writer *writer, uint32_t number, struct str text)
{
    if (text.length > 0)
        raw_put_bytes_always(writer, number, text);
}

void raw_put_packed(struct raw_writer *writer, uint64_t value)
{
    put_varint(writer, value);
}

static size_t count_bytes(raw_fields *fields, const void *what)
{
    struct raw_writer counter = {0};
    fields(&counter, what);
    return counter.length_bytes;
}

void raw_put_message(struct raw_writer *writer, uint32_t number, raw_fields *fields,
                     const void *what)
{
    put_tag(writer, number, RAW_BYTES);
    size_t before = writer->length_bytes;
    if (!writer->at) { /* one pass is enough for the length and for what it counts */
        fields(writer, what);
        put_varint(writer, writer->length_bytes - before);
        return;
    }
    size_t size_bytes = count_bytes(fields, what);
    put_varint(writer, size_bytes);
    before = writer->length_bytes;
    fields(writer, what);
    assert(writer->length_bytes - before == size_bytes);
}

bool raw_append(struct buffer *out, uint32_t number, raw_fields *fields, const void *what)
{
    struct raw_writer header = {0};
    size_t size_bytes = count_bytes(fields, what);
    if (number != 0) {
        put_tag(&header, number, RAW_BYTES);
        put_varint(&header, size_bytes);
    }
    char *room = buffer_reserve(out, header.length_bytes + size_bytes);
    if (!room)
        return false;
    struct raw_writer writer = {.at = room};
    if (number != 0) {
        put_tag(&writer, number, RAW_BYTES);
        put_varint(&writer, size_bytes);
    }
    fields(&writer, what);
    assert(writer.length_bytes == header.length_bytes + size_bytes);
    buffer_commit(out, writer.length_bytes);
    return true;
}
