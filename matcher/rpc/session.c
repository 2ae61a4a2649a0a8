/* One HTTP/2 connection: nghttp2's session, set up, fed, pulled, and told the time. */
#include "rpc/session.h"

#include <assert.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rpc/internal.h"

#include "base/banned.h"

enum {
    NS_PER_SECOND = 1000 * 1000 * 1000,
    /* After a deadline has been answered: how long the trailers may wait for the peer's window. */
    TRAILER_GRACE_NS = NS_PER_SECOND
};

/* --- Small helpers -------------------------------------------------------------------------- */

static int64_t read_clock(const struct rpc_session *session)
{
    return session->options.now_ns ? session->options.now_ns(session->options.context)
                                   : clock_monotonic_ns();
}

int64_t rpc_session_now(struct rpc_session *session)
{
    if (session->depth == 0)
        session->now_ns = read_clock(session);
    return session->now_ns;
}

static void fail(struct rpc_session *session, int http2_error)
{
    session->is_failed = true;
    session->is_starved = session->is_starved || http2_error == NGHTTP2_ERR_NOMEM;
}

bool rpc_session_check(struct rpc_session *session, int result)
{
    if (result < 0 && nghttp2_is_fatal(result))
        fail(session, result);
    return result >= 0;
}

void rpc_session_condemn(struct rpc_session *session, const char *why)
{
    if (session->violation.code != ERROR_OK)
        return;
    error_set(&session->violation, ERROR_RESOURCE_EXHAUSTED, "peer '%s': %s", session->peer, why);
    rpc_session_check(session,
                      nghttp2_session_terminate_session(session->http2, NGHTTP2_ENHANCE_YOUR_CALM));
}

void rpc_session_woken(struct rpc_session *session)
{
    if (session->depth == 0 && session->options.wake)
        session->options.wake(session->options.context);
}

static void enter(struct rpc_session *session)
{
    if (session->depth++ == 0)
        session->now_ns = read_clock(session);
}

/* Tells the applications of ends that were decided inside their own calls. */
static void leave(struct rpc_session *session)
{
    while (session->depth == 1 && session->ending) {
        struct rpc_call *call = session->ending;
        session->ending = call->next_ending;
        call->is_ending = false;
        rpc_call_end(call);
    }
    session->depth--;
}

/* --- Making and freeing --------------------------------------------------------------------- */

static bool make_http2(struct rpc_session *session)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    bool is_server = session->options.role == RPC_SERVER;
    const struct rpc_limits *limits = &session->limits;
    bool is_made = false;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0)
        goto release;
    rpc_receive_register(callbacks);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    /* Ours come first and are told apart by name; nghttp2's stand behind them. */
    nghttp2_option_set_stream_reset_rate_limit(option, 2 * (uint64_t)limits->resets.burst,
                                               2 * (uint64_t)limits->resets.per_second);
    int failed = is_server
                     ? nghttp2_session_server_new2(&session->http2, callbacks, session, option)
                     : nghttp2_session_client_new2(&session->http2, callbacks, session, option);
    is_made = failed == 0;
release:
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return is_made;
}

static bool submit_settings(struct rpc_session *session)
{
    const struct rpc_limits *limits = &session->limits;
    bool is_server = session->options.role == RPC_SERVER;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits->call_window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits->header_list_bytes},
        {is_server ? NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS : NGHTTP2_SETTINGS_ENABLE_PUSH,
         is_server ? limits->concurrent_calls : 0}};
    return nghttp2_submit_settings(session->http2, NGHTTP2_FLAG_NONE, settings,
                                   sizeof settings / sizeof settings[0]) == 0 &&
           nghttp2_session_set_local_window_size(session->http2, NGHTTP2_FLAG_NONE, 0,
                                                 (int32_t)limits->connection_window_bytes) == 0;
}

static void copy_text(char *out, size_t capacity_bytes, struct str text)
{
    size_t length = text.length < capacity_bytes ? text.length : capacity_bytes - 1;
    if (length > 0)
        memcpy(out, text.data, length);
    out[length] = '\0';
}

struct rpc_session *rpc_session_new(const struct rpc_session_options *options, struct error *error)
{
    struct rpc_session *session = memory_try_zeroed(1, sizeof *session);
    if (!session)
        goto failed;
    session->options = *options;
    session->limits = options->limits ? *options->limits : rpc_limits_default();
    copy_text(session->peer, sizeof session->peer, options->peer);
    copy_text(session->authority, sizeof session->authority, options->authority);
    int64_t now_ns = read_clock(session);
    session->now_ns = session->created_ns = session->idle_since_ns = session->heard_ns = now_ns;
    session->next_expiry_ns = INT64_MAX;
    session->resets = (struct rpc_budget){now_ns, session->limits.resets.burst};
    session->pings = (struct rpc_budget){now_ns, session->limits.pings.burst};
    session->oddities = (struct rpc_budget){now_ns, session->limits.oddities.burst};
    if (make_http2(session) && submit_settings(session))
        return session;
failed:
    error_set(error, ERROR_RESOURCE_EXHAUSTED, "peer '%.*s': out of memory",
              STR_ARG(options->peer));
    rpc_session_free(session);
    return NULL;
}

void rpc_session_lose(struct rpc_session *session, const struct error *reason)
{
    bool is_server = session->options.role == RPC_SERVER;
    struct str text = STR("connection closed");
    if (is_server)
        text = STR("the client vanished");
    else if (reason && reason->code != ERROR_OK)
        text = str_of(reason->text);
    session->is_failed = true;
    enter(session);
    while (session->calls) {
        struct rpc_call *call = session->calls;
        rpc_call_lose(call, is_server ? ERROR_CANCELLED : ERROR_UNAVAILABLE, text);
        rpc_call_end(call);
        if (session->http2 && call->stream_id > 0)
            nghttp2_session_set_stream_user_data(session->http2, call->stream_id, NULL);
        rpc_call_detach(call);
    }
    leave(session);
}

void rpc_session_free(struct rpc_session *session)
{
    if (!session)
        return;
    assert(session->depth == 0);
    rpc_session_lose(session, NULL);
    assert(session->incoming_bytes == 0 && session->outgoing_bytes == 0);
    assert(session->header_bytes == 0);
    nghttp2_session_del(session->http2);
    while (session->pool) {
        struct rpc_call *call = session->pool;
        session->pool = call->next;
        rpc_call_free_memory(call);
    }
    memory_free(session);
}

/* --- Bytes ---------------------------------------------------------------------------------- */

static bool report(const struct rpc_session *session, struct error *error)
{
    if (rpc_session_is_starved(session))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "peer '%s': out of memory",
                         session->peer);
    if (session->violation.code == ERROR_OK)
        return error_set(error, ERROR_UNAVAILABLE, "peer '%s': connection is over", session->peer);
    if (error)
        *error = session->violation;
    return false;
}

bool rpc_session_feed(struct rpc_session *session, const uint8_t *bytes, size_t size_bytes,
                      struct error *error)
{
    if (session->is_failed || session->violation.code != ERROR_OK)
        return report(session, error);
    enter(session);
    ssize_t taken = nghttp2_session_mem_recv(session->http2, bytes, size_bytes);
    if (taken < 0) {
        fail(session, (int)taken);
        if (session->violation.code == ERROR_OK && !session->is_starved)
            error_set(&session->violation, ERROR_INVALID_ARGUMENT, "peer '%s': HTTP/2: %s",
                      session->peer, nghttp2_strerror((int)taken));
    }
    leave(session);
    return (taken >= 0 && session->violation.code == ERROR_OK) || report(session, error);
}

size_t rpc_session_pull(struct rpc_session *session, uint8_t *out, size_t capacity_bytes)
{
    size_t length = 0;
    enter(session);
    while (length < capacity_bytes) {
        if (session->chunk_bytes == 0 && !session->is_failed) {
            ssize_t got = nghttp2_session_mem_send(session->http2, &session->chunk);
            if (got < 0)
                fail(session, (int)got);
            session->chunk_bytes = got > 0 ? (size_t)got : 0;
        }
        if (session->chunk_bytes == 0)
            break;
        size_t room = capacity_bytes - length;
        size_t take = session->chunk_bytes < room ? session->chunk_bytes : room;
        memcpy(out + length, session->chunk, take);
        session->chunk += take;
        session->chunk_bytes -= take;
        length += take;
    }
    leave(session);
    return length;
}

bool rpc_session_is_over(const struct rpc_session *session)
{
    if (session->chunk_bytes > 0)
        return false;
    return session->is_failed || (nghttp2_session_want_read(session->http2) == 0 &&
                                  nghttp2_session_want_write(session->http2) == 0);
}

bool rpc_session_is_broken(const struct rpc_session *session)
{
    return session->violation.code != ERROR_OK;
}

bool rpc_session_is_starved(const struct rpc_session *session)
{
    return session->is_starved && session->violation.code == ERROR_OK;
}

/* --- Time ----------------------------------------------------------------------------------- */

static int64_t idle_deadline(const struct rpc_session *session)
{
    bool is_watched = session->options.role == RPC_SERVER && session->limits.idle_ns > 0 &&
                      session->call_count == 0 && !session->is_draining;
    return is_watched ? session->idle_since_ns + session->limits.idle_ns : INT64_MAX;
}

static int64_t handshake_deadline(const struct rpc_session *session)
{
    bool is_watched = session->options.role == RPC_SERVER && session->limits.handshake_ns > 0 &&
                      !session->has_settings && session->violation.code == ERROR_OK;
    return is_watched ? session->created_ns + session->limits.handshake_ns : INT64_MAX;
}

/* When the silent peer is sent a PING, or, when it has been, given up. */
static int64_t keepalive_deadline(const struct rpc_session *session)
{
    bool is_watched = session->options.role == RPC_SERVER && session->limits.keepalive_ns > 0 &&
                      session->has_settings && session->violation.code == ERROR_OK;
    if (!is_watched)
        return INT64_MAX;
    return session->probed_ns != 0 ? session->probed_ns + session->limits.keepalive_wait_ns
                                   : session->heard_ns + session->limits.keepalive_ns;
}

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

int64_t rpc_session_next_deadline_ns(const struct rpc_session *session)
{
    if (session->ending)
        return session->now_ns;
    int64_t next_ns = earlier(session->next_expiry_ns, idle_deadline(session));
    next_ns = earlier(next_ns, handshake_deadline(session));
    return earlier(next_ns, keepalive_deadline(session));
}

static void keep_alive(struct rpc_session *session)
{
    if (session->probed_ns != 0) {
        rpc_session_condemn(session, "it does not answer pings");
    } else {
        session->probed_ns = session->now_ns;
        rpc_session_check(session, nghttp2_submit_ping(session->http2, NGHTTP2_FLAG_NONE, NULL));
    }
}

/* The peer gets trailers when they can go now or soon; a stream that its closed window holds up is
 * reset a little later. */
static void expire(struct rpc_session *session, struct rpc_call *call)
{
    if (!call->is_over && !call->is_client) {
        call->expires_ns = session->now_ns + TRAILER_GRACE_NS;
        rpc_call_abort(call, ERROR_DEADLINE_EXCEEDED, STR("deadline exceeded"));
    } else {
        call->expires_ns = INT64_MAX;
        if (call->is_client)
            rpc_call_abort(call, ERROR_DEADLINE_EXCEEDED, STR("deadline exceeded"));
        else
            rpc_call_reset(call, NGHTTP2_CANCEL);
    }
}

static void expire_calls(struct rpc_session *session)
{
    int64_t next_ns = INT64_MAX;
    for (struct rpc_call *call = session->calls; call; call = call->next) {
        if (call->expires_ns <= session->now_ns)
            expire(session, call);
        if (call->expires_ns < next_ns)
            next_ns = call->expires_ns;
    }
    session->next_expiry_ns = next_ns;
}

void rpc_session_tick(struct rpc_session *session)
{
    enter(session);
    if (session->next_expiry_ns <= session->now_ns)
        expire_calls(session);
    if (handshake_deadline(session) <= session->now_ns)
        rpc_session_condemn(session, "no HTTP/2 settings in time");
    else if (idle_deadline(session) <= session->now_ns)
        rpc_session_drain(session);
    if (keepalive_deadline(session) <= session->now_ns)
        keep_alive(session);
    leave(session);
}

/* --- Draining ------------------------------------------------------------------------------- */

void rpc_session_drain_notice(struct rpc_session *session)
{
    rpc_session_check(session, nghttp2_submit_shutdown_notice(session->http2));
    rpc_session_woken(session);
}

void rpc_session_drain(struct rpc_session *session)
{
    if (session->is_draining)
        return;
    session->is_draining = true;
    int32_t last = nghttp2_session_get_last_proc_stream_id(session->http2);
    rpc_session_check(session, nghttp2_submit_goaway(session->http2, NGHTTP2_FLAG_NONE, last,
                                                     NGHTTP2_NO_ERROR, NULL, 0));
    rpc_session_woken(session);
}

size_t rpc_session_call_count(const struct rpc_session *session)
{
    return session->call_count;
}

bool rpc_session_has_had_call(const struct rpc_session *session)
{
    return nghttp2_session_get_last_proc_stream_id(session->http2) > 0;
}

size_t rpc_session_held_bytes(const struct rpc_session *session)
{
    enum {
        SESSION_BYTES = 16 * 1024, /* with nghttp2's and the conn */
        CALL_BYTES = 4 * 1024,     /* with nghttp2's stream and what the application keeps */
        FRAME_BYTES = 256          /* waiting in nghttp2's queue */
    };
    return SESSION_BYTES + session->call_count * CALL_BYTES +
           (size_t)session->pooled_count * POOLED_CALL_BYTES + session->header_bytes +
           session->incoming_bytes + session->outgoing_bytes +
           nghttp2_session_get_outbound_queue_size(session->http2) * FRAME_BYTES;
}

void rpc_session_expel(struct rpc_session *session, const char *why)
{
    rpc_session_condemn(session, why);
}
