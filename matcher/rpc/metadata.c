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

static bool add_decoded(struct buffer *packed, struct str name, struct str text)
{
    size_t before = packed->length_bytes;
    if (!rpc_metadata_add(packed, name, (struct str){NULL, 0}))
        return false;
    size_t begin = packed->length_bytes;
    if (!rpc_base64_decode(packed, text))
        return undo(packed, before);
    struct lengths lengths = {name.length, (uint32_t)(packed->length_bytes - begin)};
    memcpy(packed->data + before, &lengths, sizeof lengths);
    return true;
}

bool rpc_metadata_add_binary(struct buffer *packed, struct str name, struct str text)
{
    size_t before = packed->length_bytes;
    const char *end = text.data + text.length;
    for (;;) {
        const char *comma = text.length ? memchr(text.data, ',', text.length) : NULL;
        struct str one = {text.data, comma ? (uint32_t)(comma - text.data) : text.length};
        if (!add_decoded(packed, name, one))
            return undo(packed, before);
        if (!comma)
            return true;
        text = (struct str){comma + 1, (uint32_t)(end - comma - 1)};
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
