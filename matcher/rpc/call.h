/* One gRPC call, seen from either end.
 *
 *   server: on_call -> rpc_call_accept .. on_message*, on_half_close .. rpc_call_send*,
 *           rpc_call_finish .. on_end
 *   client: rpc_session_start .. rpc_call_send*, rpc_call_half_close .. on_headers, on_message* ..
 *           on_end
 *
 * Lifetime: a call is counted. The session holds one reference until on_end has returned; whoever
 * keeps the pointer longer (a job that a worker computes) takes its own with rpc_call_ref. After
 * on_end, whatever ended it (finished, cancelled, deadline, connection lost), every function below
 * is harmless: sends are dropped, the getters still work. So a late reply needs no check.
 *
 * Thread: the session's, but for rpc_call_is_over, which any holder of a reference may ask, and
 * rpc_call_deadline_ns. References are taken and given back on the session's thread.
 */
#ifndef HAIHE_RPC_CALL_H
#define HAIHE_RPC_CALL_H

#include "base/error.h"
#include "base/str.h"

struct rpc_call;

/* How a call ended. `message` is UTF-8 for people, percent-encoded on the wire by us; `details` are
 * the bytes of a google.rpc.Status, or empty. Borrowed. */
struct rpc_status {
    enum error_code code;
    struct str message;
    struct str details;
};

/* What the application wants to hear about a call. A NULL entry is skipped (a message nobody takes
 * is consumed and dropped). Callbacks are made while the session is fed, pulled, ticked or closed;
 * they may call everything in this header. None comes after on_end. */
struct rpc_call_events {
    /* Client: the server's initial metadata has come (not in a trailers-only answer). */
    void (*on_headers)(struct rpc_call *call, void *context);
    /* A whole message. The bytes (never NULL, allocated by memory_try) are the application's, which
     * frees them, and calls rpc_call_consume(call, size_bytes) once when it has made room. */
    void (*on_message)(struct rpc_call *call, void *context, uint8_t *bytes_take,
                       size_t size_bytes);
    /* Server: the client will send no more messages. */
    void (*on_half_close)(struct rpc_call *call, void *context);
    /* All that was queued has gone to the connection, which has room, and so has the peer's window:
     * the application may send more, here and now (that is the cheapest moment: streams pulled this
     * way are never queued). Called after each such emptying and after rpc_call_want_room; sending
     * nothing puts it to sleep until the next of either. Not called after finish or half-close. */
    void (*on_writable)(struct rpc_call *call, void *context);
    /* The end, exactly once. Client: the server's status, or what ended it here. Server: the
     * application's own status when the trailers have been written, CANCELLED when the client
     * cancelled or vanished before, DEADLINE_EXCEEDED when the deadline passed. */
    void (*on_end)(struct rpc_call *call, void *context, const struct rpc_status *status);
};

struct rpc_call *rpc_call_ref(struct rpc_call *call); /* returns it */
void rpc_call_unref(struct rpc_call *call);           /* NULL is allowed */

/* Server, once, within on_call: who hears of this call. */
void rpc_call_accept(struct rpc_call *call, const struct rpc_call_events *events, void *context);

/* Queues a message; takes the bytes (memory_free) whatever happens. False: the call is over, the
 * message is above 4 GiB - 1 or there was no memory or room: then the call is ended with
 * RESOURCE_EXHAUSTED. A message is accepted while rpc_call_room is above 0 and the connection is
 * below its own limit; a sender that ignores the room is cut off at twice the call's limit. */
bool rpc_call_send(struct rpc_call *call, uint8_t *bytes_take, size_t size_bytes);
/* The same from a copy. */
bool rpc_call_send_copy(struct rpc_call *call, const void *bytes, size_t size_bytes);
/* Bytes that may be queued before the queue is full; 0 when full or over. */
size_t rpc_call_room(const struct rpc_call *call);
/* Asks for one on_writable, when there is something to write but nothing queued yet. */
void rpc_call_want_room(struct rpc_call *call);

/* Gives the peer its window back: size_bytes as on_message told it. */
void rpc_call_consume(struct rpc_call *call, size_t size_bytes);

/* Server: ends the call once what is queued has been sent. The first call counts; the strings are
 * copied (message up to 4 KiB, details up to 12 KiB: a longer message is cut, longer details are
 * left out; mind that many clients accept only 8 KiB of trailers). Without an earlier message the
 * answer is trailers only. */
void rpc_call_finish(struct rpc_call *call, enum error_code code, struct str message,
                     struct str details);
/* Server: as above, from an error; `details` may be empty. */
void rpc_call_fail(struct rpc_call *call, const struct error *error, struct str details);
/* Server, before the first message, want_room or finish: one more field of the initial metadata
 * (lower-case name; "-bin" values are bytes). False later, and above 16 fields or 8 KiB. */
bool rpc_call_add_header(struct rpc_call *call, struct str name, struct str value);
/* Server, before finish: one more trailer, as above. */
bool rpc_call_add_trailer(struct rpc_call *call, struct str name, struct str value);

/* Client: no more messages from us. */
void rpc_call_half_close(struct rpc_call *call);
/* Client: ends the call here and resets the stream; on_end comes with CANCELLED, from the next
 * feed, pull or tick. Server: resets the stream without trailers. */
void rpc_call_cancel(struct rpc_call *call);

/* True once the outcome is decided and a reply would be dropped. Any thread with a reference. */
bool rpc_call_is_over(const struct rpc_call *call);
/* clock_monotonic_ns; INT64_MAX: none. Any thread with a reference. */
int64_t rpc_call_deadline_ns(const struct rpc_call *call);
/* "/package.Service/Method". Borrowed from the call, as the following. */
struct str rpc_call_path(const struct rpc_call *call);
/* The peer as given to the session: "127.0.0.1:40312". */
struct str rpc_call_peer(const struct rpc_call *call);
/* Metadata as received (client: of the server's headers and trailers), in order, names in lower
 * case, pseudo headers and gRPC's own left out (grpc-retry-pushback-ms is there); ":authority" is
 * found by that name. "-bin" values are decoded to bytes. False: no such. */
bool rpc_call_metadata(const struct rpc_call *call, struct str name, struct str *value);
bool rpc_call_metadata_at(const struct rpc_call *call, size_t index, struct str *name,
                          struct str *value);

#endif
