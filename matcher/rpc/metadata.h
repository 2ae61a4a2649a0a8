/* Names and values of a header block, packed into one buffer.
 *
 *   name length (4) | value length (4) | name | value | name length ..      in order of arrival
 *
 * Thread: one owner while it is filled, then any reader.
 */
#ifndef HAIHE_RPC_METADATA_H
#define HAIHE_RPC_METADATA_H

#include "base/buffer.h"
#include "base/str.h"

/* False when the buffer's limit is reached. */
bool rpc_metadata_add(struct buffer *packed, struct str name, struct str value);
/* A "-bin" header: its base64, or several of them with commas between, become entries of bytes.
 * False too when it is not base64. */
bool rpc_metadata_add_binary(struct buffer *packed, struct str name, struct str text);
/* Steps through: *offset begins as 0; false at the end. */
bool rpc_metadata_next(const struct buffer *packed, size_t *offset, struct str *name,
                       struct str *value);
/* The first of that name. */
bool rpc_metadata_find(const struct buffer *packed, struct str name, struct str *value);

static inline bool rpc_metadata_is_binary(struct str name)
{
    return name.length > 4 && memcmp(name.data + name.length - 4, "-bin", 4) == 0;
}

#endif
