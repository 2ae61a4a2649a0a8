/* struct error <-> google.rpc.Status. BadRequest when the error names a field, ErrorInfo (reason =
 * the rule in capitals, domain "haihe", metadata "value") when it names a rule. Thread: any. */
#ifndef HAIHE_WIRE_STATUS_MESSAGE_H
#define HAIHE_WIRE_STATUS_MESSAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

/* Appends an encoded google.rpc.Status. */
bool wire_write_status(struct buffer *out, const struct error *error);
/* Fills the error from an encoded google.rpc.Status; false when the bytes are not one. */
bool wire_read_status(struct str bytes, struct arena *arena, struct error *error);

#endif
