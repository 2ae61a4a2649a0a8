/* gRPC over one HTTP/2 connection, either role: bytes in, bytes out, no sockets, no threads.
 *
 *   bytes -> rpc_session_feed -> calls' events         (nghttp2 below)
 *   bytes <- rpc_session_pull <- calls' queued messages, on_writable
 *   time  -> rpc_session_tick <- rpc_session_next_deadline_ns
 *
 * The owner feeds what the peer sent, pulls while it has room, ticks at the deadline. `wake` tells
 * it that there may be something to pull (or an earlier deadline) because of calls made from
 * outside of feed, pull and tick. Nothing is buffered here beyond limits.h: output is made when
 * pulled, and a peer that sends more than the application consumes is stopped by its window.
 *
 * A session must not be freed from within its own callbacks. Thread: one owner.
 */
#ifndef HAIHE_RPC_SESSION_H
#define HAIHE_RPC_SESSION_H

#include "rpc/call.h"
#include "rpc/limits.h"

struct rpc_session;

enum rpc_role { RPC_SERVER, RPC_CLIENT };

struct rpc_session_options {
    enum rpc_role role;
    const struct rpc_limits *limits; /* copied; NULL: the defaults */
    struct str peer;                 /* copied: what rpc_call_peer says */
    struct str authority;            /* client: copied; the :authority of its requests */
    /* Server: a new call, its headers complete and in order. The application accepts it, finishes
     * it, or keeps a reference to finish it later (its messages are then dropped); doing none of
     * these, or a NULL here, answers UNIMPLEMENTED. */
    void (*on_call)(void *context, struct rpc_call *call);
    /* Optional, see above. May be called within feed, pull and tick too, then it means nothing. */
    void (*wake)(void *context);
    void *context;
    /* CLOCK_MONOTONIC in ns; NULL: clock_monotonic_ns. For tests. */
    int64_t (*now_ns)(void *context);
};

/* NULL and an error when there is no memory. */
struct rpc_session *rpc_session_new(const struct rpc_session_options *options, struct error *error);
/* Ends the calls that are still open. NULL is allowed. */
void rpc_session_free(struct rpc_session *session);
/* The connection is lost: open calls end now, with CANCELLED (server) or UNAVAILABLE and the reason
 * (client; NULL or ERROR_OK: "connection closed"). The session is then over. */
void rpc_session_lose(struct rpc_session *session, const struct error *reason);

/* Takes all the bytes. False and an error: the peer broke HTTP/2 or its limits, or there is no
 * memory; pull what is left (a GOAWAY that says why), then close. */
bool rpc_session_feed(struct rpc_session *session, const uint8_t *bytes, size_t size_bytes,
                      struct error *error);
/* Writes the next bytes to send, at most capacity_bytes; 0: nothing now. */
size_t rpc_session_pull(struct rpc_session *session, uint8_t *out, size_t capacity_bytes);
/* True when nothing will come or go any more: close the connection. */
bool rpc_session_is_over(const struct rpc_session *session);
/* True when the peer broke HTTP/2 or its limits. */
bool rpc_session_is_broken(const struct rpc_session *session);
/* True when the session is over because there was no memory. */
bool rpc_session_is_starved(const struct rpc_session *session);

/* The moment of the next rpc_session_tick; INT64_MAX: none needed. */
int64_t rpc_session_next_deadline_ns(const struct rpc_session *session);
/* Ends calls whose deadline has passed and idle connections; harmless when early. */
void rpc_session_tick(struct rpc_session *session);

/* Server: asks the client to open no more calls here (GOAWAY with the highest stream id); what it
 * still sends is served. Then, a round trip or more later, the second takes no new calls; the
 * session is over when the open ones have ended. */
void rpc_session_drain_notice(struct rpc_session *session);
void rpc_session_drain(struct rpc_session *session);
/* Calls open on the wire. */
size_t rpc_session_call_count(const struct rpc_session *session);
/* Server: whether there ever was one. */
bool rpc_session_has_had_call(const struct rpc_session *session);
/* About the memory that the peer makes us hold, the session itself and nghttp2's part included.
 * Cheap. */
size_t rpc_session_held_bytes(const struct rpc_session *session);
/* Ends the connection for the good of others: GOAWAY ENHANCE_YOUR_CALM with `why`; pull what there
 * is to say, then close. */
void rpc_session_expel(struct rpc_session *session, const char *why);

/* A header of a request; a name ending in "-bin" has bytes as value. */
struct rpc_metadata {
    struct str name; /* lower case */
    struct str value;
};

struct rpc_request {
    struct str path;     /* "/package.Service/Method" */
    int64_t deadline_ns; /* clock_monotonic_ns; 0 or INT64_MAX: none. Sent as grpc-timeout */
    const struct rpc_metadata *metadata;
    size_t metadata_count;
};

/* Client: starts a call. The pointer is valid until on_end has returned (see rpc_call_ref). What is
 * beyond the server's limit of concurrent calls waits here. NULL and an error: the session is over
 * or draining (UNAVAILABLE), or there is no memory. */
struct rpc_call *rpc_session_start(struct rpc_session *session, const struct rpc_request *request,
                                   const struct rpc_call_events *events, void *context,
                                   struct error *error);

#endif
