/* See raw.h. Field numbers are below 2^29, varints at most 10 bytes. Thread: any. */
#include "wire/raw.h"

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

static size_t varint_bytes(uint64_t value)
{
    return (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

static uint64_t tag_of(uint32_t number, enum raw_type type)
{
    return (uint64_t)number << TYPE_BITS | type;
}

static char *put_varint(char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    return at;
}

size_t raw_varint_field_bytes(uint32_t number, uint64_t value)
{
    return varint_bytes(tag_of(number, RAW_VARINT)) + varint_bytes(value);
}

size_t raw_fixed64_field_bytes(uint32_t number)
{
    return varint_bytes(tag_of(number, RAW_FIXED64)) + 8;
}

size_t raw_bytes_field_bytes(uint32_t number, size_t length)
{
    return varint_bytes(tag_of(number, RAW_BYTES)) + varint_bytes(length) + length;
}

char *raw_put_varint_field(char *at, uint32_t number, uint64_t value)
{
    return put_varint(put_varint(at, tag_of(number, RAW_VARINT)), value);
}

char *raw_put_fixed64_field(char *at, uint32_t number, uint64_t value)
{
    at = put_varint(at, tag_of(number, RAW_FIXED64));
    for (int i = 0; i < 8; i++)
        *at++ = (char)(value >> (8 * i));
    return at;
}

char *raw_put_bytes_header(char *at, uint32_t number, size_t length)
{
    return put_varint(put_varint(at, tag_of(number, RAW_BYTES)), length);
}

char *raw_put_bytes_field(char *at, uint32_t number, struct str bytes)
{
    at = raw_put_bytes_header(at, number, bytes.length);
    if (bytes.length > 0)
        memcpy(at, bytes.data, bytes.length);
    return at + bytes.length;
}
