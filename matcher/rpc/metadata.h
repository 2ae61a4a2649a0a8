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

/* What kept an entry out; the buffer is then as it was. No room: its limit or no memory. */
enum rpc_metadata_fault { RPC_METADATA_FINE, RPC_METADATA_NO_ROOM, RPC_METADATA_NOT_BASE64 };

/* False: no room. */
bool rpc_metadata_add(struct buffer *packed, struct str name, struct str value);
/* A header as it came. The base64 of a "-bin" one, or several with commas between, becomes entries
 * of bytes. */
enum rpc_metadata_fault rpc_metadata_add_encoded(struct buffer *packed, struct str name, struct str text);
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
