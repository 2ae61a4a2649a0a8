/* What the files of rpc share among themselves; nobody else includes this.
 *
 *   session.c  making, feeding, pulling, time, draining
 *   receive.c  what nghttp2 reports of incoming frames, flow control, budgets
 *   server.c   requests judged, responses and trailers submitted
 *   client.c   requests submitted, responses judged
 *   call.c     a call's life, its queues, what the application calls
 *
 * Life of a call: linked into session->calls from its first header to the stream's close. Its
 * outcome is decided once (is_over), told to the application once (on_end), and the stream may
 * outlive both while trailers wait for the peer. on_end is never called from inside a function that
 * the application called: such ends wait in session->ending until the next feed, pull or tick.
 */
#ifndef HAIHE_RPC_INTERNAL_H
#define HAIHE_RPC_INTERNAL_H

#include <nghttp2/nghttp2.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "rpc/inbox.h"
#include "rpc/metadata.h"
#include "rpc/outbox.h"
#include "rpc/session.h"

enum {
    PEER_TEXT_BYTES = 80,
    POOLED_CALLS = 32,          /* finished calls kept for reuse, per session */
    POOLED_CALL_BYTES = 2048,   /* what each of them costs, at most */
    POOLED_HEADER_BYTES = 1024, /* a pooled call keeps its header memory up to this */
    STATUS_BYTES = 16 * 1024,   /* message and details of one status, before encoding */
    /* What the application may add to headers, and again to trailers; peers accept 8 to 16 KiB in
     * all. */
    OWN_METADATA_COUNT = 16,
    OWN_METADATA_BYTES = 8 * 1024
};

/* A token bucket; see struct rpc_rate. */
struct rpc_budget {
    int64_t refilled_ns;
    uint32_t tokens;
};

struct rpc_call {
    struct rpc_session *session; /* NULL once the stream is closed */
    struct rpc_call *next;       /* in session->calls, or in its pool */
    struct rpc_call *previous;
    struct rpc_call *next_ending;
    const struct rpc_call_events *events; /* NULL: not accepted */
    void *context;
    int64_t deadline_ns; /* the application's; immutable after on_call */
    int64_t expires_ns;  /* when tick looks at it next; INT64_MAX: never */
    int32_t stream_id;
    uint32_t references;
    uint32_t path_length;
    uint32_t path_offset; /* in headers */
    uint32_t header_list_bytes;
    uint32_t outstanding_count;    /* messages the application has not consumed */
    uint64_t outstanding_bytes;    /* theirs, prefixes included */
    uint64_t uncredited_bytes;     /* received, window not yet given back */
    size_t header_bytes;           /* the capacity of `headers` that session->header_bytes counts */
    uint32_t status_message_bytes; /* the message's part of `status`, the rest is details */
    enum error_code code;          /* with `status`: the outcome, once decided */
    uint16_t http_status;          /* client: of the response; 0: not yet */
    uint8_t refusal;               /* enum refusal: what is wrong with the headers; 0: nothing */
    uint8_t initial_count;         /* server: in initial */
    uint8_t trailer_count;         /* server: in trailers */
    _Atomic bool is_over;          /* the outcome is decided */
    bool is_client;
    bool is_ending;      /* in session->ending */
    bool is_ended;       /* on_end has been called, or nobody wants it */
    bool is_started;     /* the response's (client: the request's) headers are submitted */
    bool is_deferred;    /* nghttp2 waits for nghttp2_session_resume_data */
    bool wants_room;     /* on_writable is due when the outbox is empty */
    bool is_half_closed; /* client: after the outbox comes END_STREAM */
    bool has_headers;    /* client: the initial metadata has come */
    bool are_trailers_sent;
    bool has_bad_encoding; /* a compressed message came: answer with grpc-accept-encoding */
    bool is_post;
    bool is_grpc;           /* the content type is gRPC's */
    bool has_grpc_status;   /* client: the trailers named one */
    struct buffer headers;  /* packed metadata as received */
    struct buffer status;   /* message, then details */
    struct buffer initial;  /* packed; server: the application's, to be sent before any message */
    struct buffer trailers; /* packed; server: the application's, to be sent; client: grpc-message
                             * and details as received */
    struct rpc_inbox inbox;
    struct rpc_outbox outbox;
    char peer[PEER_TEXT_BYTES];
};

struct rpc_session {
    nghttp2_session *http2;
    struct rpc_session_options options;
    struct rpc_limits limits;
    struct rpc_call *calls;  /* newest first */
    struct rpc_call *ending; /* on_end is due */
    struct rpc_call *pool;   /* by next */
    const uint8_t *chunk;    /* what nghttp2 has serialised and pull has not taken; nghttp2's */
    size_t chunk_bytes;
    size_t call_count;
    size_t incoming_bytes; /* capacities of the calls' inboxes, and messages not consumed */
    size_t outgoing_bytes; /* what their outboxes hold */
    size_t header_bytes;   /* capacities of their headers */
    uint32_t pooled_count;
    uint32_t depth; /* inside feed, pull, tick: wake would say nothing new */
    int64_t now_ns; /* as of the last feed, pull or tick */
    int64_t created_ns;
    int64_t idle_since_ns;  /* when the last call ended; meaningless while there are calls */
    int64_t next_expiry_ns; /* not later than any call's expires_ns */
    int64_t heard_ns;       /* when the peer's last frame began */
    int64_t probed_ns;      /* when it was sent a PING because of its silence; 0: it was not */
    struct rpc_budget resets;
    struct rpc_budget pings;
    struct rpc_budget oddities;
    bool has_settings;      /* the peer's first SETTINGS came */
    bool is_draining;       /* the final GOAWAY is submitted */
    bool is_failed;         /* no memory, or bytes that are not HTTP/2: close */
    bool is_starved;        /* failed because nghttp2 found no memory */
    struct error violation; /* what the peer broke; ERROR_OK: nothing */
    char peer[PEER_TEXT_BYTES];
    char authority[256];
};

/* What is wrong with a header block; reported once it is complete. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_TOO_LARGE,
    REFUSAL_NO_MEMORY,
    REFUSAL_TIMEOUT,
    REFUSAL_METADATA
};

/* --- session.c ------------------------------------------------------------------------------ */
int64_t rpc_session_now(struct rpc_session *session);
/* Notes nghttp2's fatal results (no memory): the session is then over. True: `result` is fine. */
bool rpc_session_check(struct rpc_session *session, int result);
/* Says GOAWAY ENHANCE_YOUR_CALM and remembers why. */
void rpc_session_condemn(struct rpc_session *session, const char *why);
void rpc_session_woken(struct rpc_session *session);

/* --- receive.c ------------------------------------------------------------------------------ */
void rpc_receive_register(nghttp2_session_callbacks *callbacks);
bool rpc_budget_spend(struct rpc_budget *budget, const struct rpc_rate *rate, int64_t now_ns);
/* Gives back what may be given back now, see the proof there. */
void rpc_call_credit(struct rpc_call *call);

/* --- server.c ------------------------------------------------------------------------------- */
void rpc_server_header(struct rpc_call *call, struct str name, struct str value);
/* The request's headers are complete. */
void rpc_server_request(struct rpc_session *session, struct rpc_call *call);
/* Submits the response's headers, which the messages follow. */
void rpc_server_start(struct rpc_call *call);
/* Submits a response without messages: status, and no more. */
void rpc_server_answer_at_once(struct rpc_call *call);
void rpc_server_submit_trailers(struct rpc_call *call);

/* --- client.c ------------------------------------------------------------------------------- */
void rpc_client_header(struct rpc_call *call, struct str name, struct str value);
/* A header block of the response is complete; `is_end`: with END_STREAM. */
void rpc_client_response(struct rpc_call *call, bool is_end);
/* The stream closed without a status of the server's. */
void rpc_client_closed(struct rpc_call *call, uint32_t http2_code);

/* --- call.c --------------------------------------------------------------------------------- */
/* A call with one reference, linked into the session. NULL: no memory. */
struct rpc_call *rpc_call_new(struct rpc_session *session);
/* The stream is closed (or never came to be): unlinks, gives the session's reference back. */
void rpc_call_detach(struct rpc_call *call);
/* Decides the outcome, unless it is; the application hears of it from rpc_call_end. */
void rpc_call_decide(struct rpc_call *call, enum error_code code, struct str message,
                     struct str details);
/* The peer or the connection has gone before the outcome was delivered: replaces what was decided,
 * but not what the application is about to hear or has heard. */
void rpc_call_lose(struct rpc_call *call, enum error_code code, struct str message);
/* Calls on_end, once. */
void rpc_call_end(struct rpc_call *call);
/* rpc_call_end at the next feed, pull or tick. */
void rpc_call_end_later(struct rpc_call *call);
/* Decides, drops what is queued and tells the peer: trailers as a server, a reset as a client. */
void rpc_call_abort(struct rpc_call *call, enum error_code code, struct str message);
void rpc_call_reset(struct rpc_call *call, uint32_t http2_code);
/* nghttp2's data source: `source->ptr` is the call. */
ssize_t rpc_call_read(nghttp2_session *http2, int32_t stream_id, uint8_t *out,
                      size_t capacity_bytes, uint32_t *flags, nghttp2_data_source *source,
                      void *user_data);
void rpc_call_free_memory(struct rpc_call *call);

#endif
