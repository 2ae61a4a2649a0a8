/* The client's connection: a conn of net joined with a session, in both directions. */
#include "rpc/channel.h"

#include "base/memory.h"
#include "net/conn.h"

#include "base/banned.h"

/* Lives until freed by its owner and the conn is gone. */
struct rpc_channel {
    struct conn *conn;           /* NULL once gone */
    struct rpc_session *session; /* NULL once gone or freed */
    void (*on_close)(void *context, const struct error *reason);
    void *context;
    struct error reason; /* of the connection's end */
    bool is_freed;
};

static void refresh(struct rpc_channel *channel)
{
    conn_wake(channel->conn);
    conn_set_alarm(channel->conn, rpc_session_next_deadline_ns(channel->session));
}

static void on_wake(void *context)
{
    struct rpc_channel *channel = context;
    if (channel->conn)
        refresh(channel);
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t size_bytes)
{
    struct rpc_channel *channel = context;
    bool is_fine = rpc_session_feed(channel->session, bytes, size_bytes, &channel->reason);
    refresh(channel);
    return is_fine;
}

static size_t produce(void *context, uint8_t *out, size_t capacity_bytes)
{
    struct rpc_channel *channel = context;
    if (!channel->session)
        return 0;
    size_t size_bytes = rpc_session_pull(channel->session, out, capacity_bytes);
    if (size_bytes == 0) {
        conn_set_alarm(channel->conn, rpc_session_next_deadline_ns(channel->session));
        if (rpc_session_is_over(channel->session))
            conn_finish(channel->conn);
    }
    return size_bytes;
}

static void on_alarm(void *context)
{
    struct rpc_channel *channel = context;
    rpc_session_tick(channel->session);
    refresh(channel);
}

static void on_conn_close(void *context, const struct error *reason)
{
    struct rpc_channel *channel = context;
    channel->conn = NULL;
    if (channel->is_freed) {
        memory_free(channel);
        return;
    }
    if (channel->reason.code == ERROR_OK)
        channel->reason = *reason;
    struct rpc_session *session = channel->session;
    channel->session = NULL;
    rpc_session_lose(session, &channel->reason);
    rpc_session_free(session);
    if (channel->on_close)
        channel->on_close(channel->context, &channel->reason);
}

static const struct conn_protocol PROTOCOL = {
    .on_bytes = on_bytes, .produce = produce, .on_alarm = on_alarm, .on_close = on_conn_close};

struct rpc_channel *rpc_channel_open(struct loop *loop, const struct rpc_channel_options *options,
                                     struct error *error)
{
    struct rpc_channel *channel = memory_try_zeroed(1, sizeof *channel);
    if (!channel) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "address '%s': out of memory", options->address);
        return NULL;
    }
    channel->on_close = options->on_close;
    channel->context = options->context;
    const struct rpc_session_options session_options = {.role = RPC_CLIENT,
                                                        .limits = options->limits,
                                                        .peer = str_of(options->address),
                                                        .authority = str_of(options->address),
                                                        .wake = on_wake,
                                                        .context = channel};
    channel->session = rpc_session_new(&session_options, error);
    if (!channel->session)
        goto failed;
    channel->conn = conn_connect(loop, options->address, &PROTOCOL, channel, error);
    if (!channel->conn)
        goto failed;
    return channel;
failed:
    rpc_session_free(channel->session);
    memory_free(channel);
    return NULL;
}

struct rpc_call *rpc_channel_start(struct rpc_channel *channel, const struct rpc_request *request,
                                   const struct rpc_call_events *events, void *context,
                                   struct error *error)
{
    if (!channel->session) {
        error_set(error, ERROR_UNAVAILABLE, "call '%.*s': %s", STR_ARG(request->path),
                  channel->reason.code == ERROR_OK ? "connection closed" : channel->reason.text);
        return NULL;
    }
    return rpc_session_start(channel->session, request, events, context, error);
}

void rpc_channel_free(struct rpc_channel *channel)
{
    if (!channel)
        return;
    struct rpc_session *session = channel->session;
    channel->session = NULL;
    rpc_session_free(session);
    if (!channel->conn) {
        memory_free(channel);
        return;
    }
    channel->is_freed = true;
    conn_close(channel->conn);
}
