/* The server's connections: each joins a conn of net with a session, in both directions. */
#include "rpc/listener.h"

#include <assert.h>

#include "base/memory.h"
#include "net/acceptor.h"
#include "rpc/session.h"

#include "base/banned.h"

/* One client. Linked into listener->links until the conn is gone. */
struct link {
    struct rpc_listener *listener;
    struct conn *conn;
    struct rpc_session *session; /* NULL after rpc_listener_free */
    struct link *next;
    struct link *previous;
};

/* Lives until freed by its owner and the last connection is gone. */
struct rpc_listener {
    struct loop *loop;
    struct acceptor *acceptor; /* NULL once draining */
    struct link *links;
    uint32_t link_count;
    struct rpc_limits limits;
    void (*on_call)(void *context, struct rpc_call *call);
    void *context;
    void (*on_drained)(void *context);
    void *drained_context;
    struct loop_task drained_task;
    uint64_t accepted_before; /* the acceptor's counts, kept when it is freed */
    uint64_t refused_before;
    uint64_t protocol_errors;
    uint16_t port;
    bool has_notice;
    bool is_draining;
    bool is_posted; /* drained_task */
    bool is_freed;
};

static void let_go(struct rpc_listener *listener)
{
    if (!listener->links && listener->is_freed && !listener->is_posted)
        memory_free(listener);
}

static void run_drained(struct loop_task *task)
{
    struct rpc_listener *listener =
        (struct rpc_listener *)((char *)task - offsetof(struct rpc_listener, drained_task));
    listener->is_posted = false;
    if (!listener->is_freed && listener->on_drained) {
        void (*on_drained)(void *context) = listener->on_drained;
        listener->on_drained = NULL;
        on_drained(listener->drained_context);
        return; /* which may have freed it */
    }
    let_go(listener);
}

static void post_when_drained(struct rpc_listener *listener)
{
    if (listener->links || !listener->is_draining || listener->is_posted || !listener->on_drained)
        return;
    listener->is_posted = true;
    listener->drained_task.run = run_drained;
    loop_post(listener->loop, &listener->drained_task);
}

/* --- conn_protocol -------------------------------------------------------------------------- */

static void refresh(struct link *link)
{
    conn_wake(link->conn);
    conn_set_alarm(link->conn, rpc_session_next_deadline_ns(link->session));
}

static void on_wake(void *context)
{
    refresh(context);
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t size_bytes)
{
    struct link *link = context;
    bool is_fine = rpc_session_feed(link->session, bytes, size_bytes, NULL);
    refresh(link);
    return is_fine;
}

static size_t produce(void *context, uint8_t *out, size_t capacity_bytes)
{
    struct link *link = context;
    if (!link->session)
        return 0;
    size_t size_bytes = rpc_session_pull(link->session, out, capacity_bytes);
    if (size_bytes == 0) {
        conn_set_alarm(link->conn, rpc_session_next_deadline_ns(link->session));
        if (rpc_session_is_over(link->session))
            conn_finish(link->conn);
    }
    return size_bytes;
}

static void on_alarm(void *context)
{
    struct link *link = context;
    rpc_session_tick(link->session);
    refresh(link);
}

static void on_close(void *context, const struct error *reason)
{
    struct link *link = context;
    struct rpc_listener *listener = link->listener;
    if (link->previous)
        link->previous->next = link->next;
    else
        listener->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    listener->link_count--;
    if (link->session) {
        rpc_session_lose(link->session, reason);
        if (rpc_session_is_broken(link->session))
            listener->protocol_errors++;
        rpc_session_free(link->session);
    }
    memory_free(link);
    post_when_drained(listener);
    let_go(listener);
}

static const struct conn_protocol PROTOCOL = {
    .on_bytes = on_bytes, .produce = produce, .on_alarm = on_alarm, .on_close = on_close};

/* --- Listening ------------------------------------------------------------------------------ */

static void on_call(void *context, struct rpc_call *call)
{
    struct link *link = context;
    link->listener->on_call(link->listener->context, call);
}

static bool on_conn(void *context, struct conn *conn)
{
    struct rpc_listener *listener = context;
    struct link *link = memory_try_zeroed(1, sizeof *link);
    if (!link)
        return false;
    const struct rpc_session_options options = {.role = RPC_SERVER,
                                                .limits = &listener->limits,
                                                .peer = conn_peer(conn),
                                                .on_call = on_call,
                                                .wake = on_wake,
                                                .context = link};
    link->session = rpc_session_new(&options, NULL);
    if (!link->session) {
        memory_free(link);
        return false;
    }
    link->listener = listener;
    link->conn = conn;
    link->next = listener->links;
    if (link->next)
        link->next->previous = link;
    listener->links = link;
    listener->link_count++;
    conn_set_protocol(conn, &PROTOCOL, link);
    if (listener->has_notice)
        rpc_session_drain_notice(link->session);
    refresh(link);
    return true;
}

struct rpc_listener *rpc_listener_new(struct loop *loop, const struct rpc_listener_options *options,
                                      struct error *error)
{
    struct rpc_listener *listener = memory_try_zeroed(1, sizeof *listener);
    if (!listener) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "address '%s': out of memory", options->address);
        return NULL;
    }
    listener->loop = loop;
    listener->limits = options->limits ? *options->limits : rpc_limits_default();
    listener->on_call = options->on_call;
    listener->context = options->context;
    const struct acceptor_options acceptor_options = {.address = options->address,
                                                      .connection_limit = options->connection_limit,
                                                      .on_conn = on_conn,
                                                      .context = listener};
    listener->acceptor = acceptor_new(loop, &acceptor_options, error);
    if (!listener->acceptor) {
        memory_free(listener);
        return NULL;
    }
    listener->port = acceptor_port(listener->acceptor);
    return listener;
}

uint16_t rpc_listener_port(const struct rpc_listener *listener)
{
    return listener->port;
}

struct rpc_listener_counts rpc_listener_count(const struct rpc_listener *listener)
{
    struct rpc_listener_counts counts = {.connections = listener->link_count,
                                         .accepted = listener->accepted_before,
                                         .refused = listener->refused_before,
                                         .protocol_errors = listener->protocol_errors};
    if (listener->acceptor) {
        counts.accepted = acceptor_accepted_count(listener->acceptor);
        counts.refused = acceptor_refused_count(listener->acceptor);
    }
    for (const struct link *link = listener->links; link; link = link->next) {
        if (link->session)
            counts.calls += (uint32_t)rpc_session_call_count(link->session);
    }
    return counts;
}

uint32_t rpc_listener_connection_count(const struct rpc_listener *listener)
{
    return listener->link_count;
}

/* --- The end -------------------------------------------------------------------------------- */

void rpc_listener_drain_notice(struct rpc_listener *listener)
{
    if (listener->has_notice)
        return;
    listener->has_notice = true;
    for (struct link *link = listener->links; link; link = link->next)
        rpc_session_drain_notice(link->session);
}

static void stop_listening(struct rpc_listener *listener)
{
    if (!listener->acceptor)
        return;
    listener->accepted_before = acceptor_accepted_count(listener->acceptor);
    listener->refused_before = acceptor_refused_count(listener->acceptor);
    acceptor_free(listener->acceptor);
    listener->acceptor = NULL;
}

void rpc_listener_drain(struct rpc_listener *listener, void (*on_drained)(void *context),
                        void *context)
{
    listener->on_drained = on_drained;
    listener->drained_context = context;
    listener->is_draining = true;
    stop_listening(listener);
    for (struct link *link = listener->links; link; link = link->next)
        rpc_session_drain(link->session);
    post_when_drained(listener);
}

void rpc_listener_abort(struct rpc_listener *listener)
{
    stop_listening(listener);
    for (struct link *link = listener->links; link; link = link->next)
        conn_close(link->conn);
}

void rpc_listener_free(struct rpc_listener *listener)
{
    if (!listener)
        return;
    rpc_listener_abort(listener);
    /* Calls end now, while their application stands; the connections close with the loop's next
     * turn. */
    for (struct link *link = listener->links; link; link = link->next) {
        rpc_session_free(link->session);
        link->session = NULL;
    }
    listener->is_freed = true;
    let_go(listener);
}
