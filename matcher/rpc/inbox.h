/* Puts messages together from the bytes of one direction of a call.
 *
 *   flag (1 byte, 0: not compressed) | size (4 bytes, big-endian) | message (size bytes) | flag ..
 *
 * Memory grows with what has really come, not with what the size announces: at most
 * INBOX_FIRST_BYTES, or twice the bytes received. Thread: one owner.
 */
#ifndef HAIHE_RPC_INBOX_H
#define HAIHE_RPC_INBOX_H

#include "base/str.h"

enum { INBOX_FIRST_BYTES = 64 * 1024 };

struct rpc_inbox {
    uint8_t *message; /* owned; NULL until its prefix is complete */
    size_t capacity_bytes;
    size_t have_bytes; /* of the message */
    uint32_t size_bytes;
    uint8_t prefix[5];
    uint8_t have_prefix_bytes;
    size_t *total_bytes; /* borrowed; capacity_bytes of all inboxes of a connection */
};

enum rpc_inbox_result {
    RPC_INBOX_MORE,       /* all bytes were taken, no message is complete */
    RPC_INBOX_MESSAGE,    /* *message_take is one; there may be bytes left, ask again */
    RPC_INBOX_COMPRESSED, /* the flag is not 0 */
    RPC_INBOX_TOO_LARGE,  /* size_bytes is above the limit */
    RPC_INBOX_NO_MEMORY
};

void rpc_inbox_init(struct rpc_inbox *inbox, size_t *total_bytes);
/* May be initialised anew. */
void rpc_inbox_release(struct rpc_inbox *inbox);
/* Takes bytes from the front of *bytes (moved forward) until a message is complete or none is left;
 * then *message_take (by memory_try, never NULL) of *message_bytes is the caller's. After one of
 * the three failures nothing more must be fed. */
enum rpc_inbox_result rpc_inbox_feed(struct rpc_inbox *inbox, const uint8_t **bytes,
                                     size_t *size_bytes, uint32_t limit_bytes,
                                     uint8_t **message_take, size_t *message_bytes);
/* Bytes of an incomplete message, its prefix included; 0 between messages. */
size_t rpc_inbox_pending_bytes(const struct rpc_inbox *inbox);

#endif
