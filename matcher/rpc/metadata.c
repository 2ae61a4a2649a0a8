#include "rpc/metadata.h"

#include "rpc/encoding.h"

#include "base/banned.h"

struct lengths {
    uint32_t name;
    uint32_t value;
};

/* Takes back what a failed addition has begun. */
static bool undo(struct buffer *packed, size_t length_bytes)
{
    packed->length_bytes = length_bytes;
    packed->failed = false;
    return false;
}

bool rpc_metadata_add(struct buffer *packed, struct str name, struct str value)
{
    const struct lengths lengths = {name.length, value.length};
    size_t before = packed->length_bytes;
    if (buffer_append(packed, &lengths, sizeof lengths) && buffer_append_str(packed, name) &&
        buffer_append_str(packed, value))
        return true;
    return undo(packed, before);
}

static enum rpc_metadata_fault add_decoded(struct buffer *packed, struct str name, struct str text)
{
    if (!rpc_metadata_add(packed, name, (struct str){NULL, 0}))
        return RPC_METADATA_NO_ROOM;
    size_t begin = packed->length_bytes;
    if (!rpc_base64_decode(packed, text))
        return packed->failed ? RPC_METADATA_NO_ROOM : RPC_METADATA_NOT_BASE64;
    struct lengths lengths = {name.length, (uint32_t)(packed->length_bytes - begin)};
    memcpy(packed->data + begin - name.length - sizeof lengths, &lengths, sizeof lengths);
    return RPC_METADATA_FINE;
}

enum rpc_metadata_fault rpc_metadata_add_encoded(struct buffer *packed, struct str name,
                                                 struct str value)
{
    size_t before = packed->length_bytes;
    const char *end = value.data + value.length;
    if (!rpc_metadata_is_binary(name))
        return rpc_metadata_add(packed, name, value) ? RPC_METADATA_FINE : RPC_METADATA_NO_ROOM;
    for (;;) {
        const char *comma = value.length ? memchr(value.data, ',', value.length) : NULL;
        struct str one = {value.data, comma ? (uint32_t)(comma - value.data) : value.length};
        enum rpc_metadata_fault fault = add_decoded(packed, name, one);
        if (fault != RPC_METADATA_FINE) {
            undo(packed, before);
            return fault;
        }
        if (!comma)
            return RPC_METADATA_FINE;
        value = (struct str){comma + 1, (uint32_t)(end - comma - 1)};
    }
}

bool rpc_metadata_next(const struct buffer *packed, size_t *offset, struct str *name,
                       struct str *value)
{
    struct lengths lengths;
    if (packed->length_bytes - *offset < sizeof lengths)
        return false;
    const char *at = packed->data + *offset;
    memcpy(&lengths, at, sizeof lengths);
    *name = (struct str){at + sizeof lengths, lengths.name};
    *value = (struct str){at + sizeof lengths + lengths.name, lengths.value};
    *offset += sizeof lengths + lengths.name + lengths.value;
    return true;
}

bool rpc_metadata_find(const struct buffer *packed, struct str name, struct str *value)
{
    size_t offset = 0;
    struct str found;
    while (rpc_metadata_next(packed, &offset, &found, value)) {
        if (str_equal(found, name))
            return true;
    }
    return false;
}
