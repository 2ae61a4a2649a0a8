/* The server's connections: each joins a conn of net with a session, in both directions. */
#include "rpc/listener.h"

#include <assert.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/acceptor.h"
#include "rpc/census.h"
#include "rpc/session.h"

#include "base/banned.h"

/* Who looks for a connection that can be spared looks at so many: beyond, all who have been silent
 * long have calls, and looking at each of a million would cost more than a refusal. */
enum { SPARE_LOOKS = 4096 };

/* One client. Linked into listener->links until the conn is gone. */
struct link {
    struct rpc_listener *listener;
    struct conn *conn;
    struct rpc_session *session; /* NULL after rpc_listener_free */
    struct link *next;
    struct link *previous;
    uint64_t network;
    size_t held_bytes; /* its part of the listener's */
    bool is_leaving;   /* dismissed: only on_close is to come */
};

/* Lives until freed by its owner and the last connection is gone. */
struct rpc_listener {
    struct loop *loop;
    struct acceptor *acceptor; /* NULL once draining */
    struct link *links;        /* who spoke last comes first */
    struct link *oldest;       /* the last of them */
    uint32_t link_count;
    struct census census; /* of the links' networks */
    size_t held_bytes;    /* by all links */
    struct loop_task relieve_task;
    struct rpc_limits limits;
    void (*on_call)(void *context, struct rpc_call *call);
    void (*on_starved)(void *context);
    void *context;
    void (*on_drained)(void *context);
    void *drained_context;
    struct loop_task drained_task;
    uint64_t accepted_before; /* the acceptor's counts, kept when it is freed */
    uint64_t refused_before;
    uint64_t protocol_errors;
    uint64_t starved_count;
    uint64_t refused_count; /* because of their address; the acceptor has its own */
    uint64_t yielded_count;
    uint64_t expelled_count;
    uint16_t port;
    bool has_notice;
    bool is_draining;
    bool is_posted;         /* drained_task */
    bool is_relieve_posted; /* relieve_task */
    bool is_freed;
};

static void let_go(struct rpc_listener *listener)
{
    if (listener->links || !listener->is_freed || listener->is_posted ||
        listener->is_relieve_posted)
        return;
    census_release(&listener->census);
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

/* --- The list of links ---------------------------------------------------------------------- */

static void put_first(struct link *link)
{
    struct rpc_listener *listener = link->listener;
    link->previous = NULL;
    link->next = listener->links;
    if (link->next)
        link->next->previous = link;
    else
        listener->oldest = link;
    listener->links = link;
}

static void take_out(struct link *link)
{
    struct rpc_listener *listener = link->listener;
    if (link->previous)
        link->previous->next = link->next;
    else
        listener->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    else
        listener->oldest = link->previous;
}

static void speaks(struct link *link)
{
    if (link->listener->links == link)
        return;
    take_out(link);
    put_first(link);
}

/* --- Memory, and who has to go -------------------------------------------------------------- */

static bool account(struct link *link)
{
    struct rpc_listener *listener = link->listener;
    size_t held_bytes =
        link->session && !link->is_leaving ? rpc_session_held_bytes(link->session) : 0;
    listener->held_bytes += held_bytes - link->held_bytes;
    link->held_bytes = held_bytes;
    return listener->held_bytes <= listener->limits.memory_bytes;
}

/* Its memory is free when the loop's turn ends. */
static void dismiss(struct link *link)
{
    conn_dismiss(link->conn);
    link->is_leaving = true;
    account(link);
}

static struct link *find_largest(const struct rpc_listener *listener)
{
    struct link *largest = NULL;
    for (struct link *link = listener->links; link; link = link->next) {
        if (!link->is_leaving && (!largest || link->held_bytes > largest->held_bytes))
            largest = link;
    }
    return largest;
}

/* Looking at all is paid for by what the largest holds: no less than their mean. */
static void relieve(struct rpc_listener *listener)
{
    struct link *link;
    while (listener->held_bytes > listener->limits.memory_bytes && !listener->is_freed &&
           (link = find_largest(listener))) {
        listener->expelled_count++;
        rpc_session_expel(link->session, "it holds the most memory of all connections");
        dismiss(link);
    }
}

static void run_relieve(struct loop_task *task)
{
    struct rpc_listener *listener =
        (struct rpc_listener *)((char *)task - offsetof(struct rpc_listener, relieve_task));
    listener->is_relieve_posted = false;
    relieve(listener);
    let_go(listener);
}

/* From within an application's call: nobody may be dismissed here and now. */
static void relieve_later(struct rpc_listener *listener)
{
    if (listener->is_relieve_posted)
        return;
    listener->is_relieve_posted = true;
    listener->relieve_task.run = run_relieve;
    loop_post(listener->loop, &listener->relieve_task);
}

/* Of those without a call, from this network or (NULL) any, the one that has been silent longest is
 * told to go, and one that never had a call before one that had: most libraries look at a
 * connection that rests only when they send the next call, and report it as failed if it was
 * closed. A client that sends a call in this very moment learns from the GOAWAY that nobody has
 * looked at it. */
static bool spare_one(struct rpc_listener *listener, const uint64_t *network)
{
    struct link *found = NULL;
    struct link *link = listener->oldest;
    for (uint32_t looks = 0; link && looks < SPARE_LOOKS; looks++, link = link->previous) {
        if (link->is_leaving || rpc_session_call_count(link->session) > 0 ||
            (network && link->network != *network))
            continue;
        bool is_stranger = !rpc_session_has_had_call(link->session);
        if (!found || is_stranger)
            found = link;
        if (is_stranger)
            break;
    }
    if (!found)
        return false;
    listener->yielded_count++;
    rpc_session_drain(found->session);
    dismiss(found);
    return true;
}

/* --- conn_protocol -------------------------------------------------------------------------- */

static void refresh(struct link *link)
{
    conn_wake(link->conn);
    conn_set_alarm(link->conn, rpc_session_next_deadline_ns(link->session));
    if (!account(link))
        relieve_later(link->listener);
}

static void on_wake(void *context)
{
    refresh(context);
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t size_bytes)
{
    struct link *link = context;
    speaks(link);
    bool is_fine = rpc_session_feed(link->session, bytes, size_bytes, NULL);
    refresh(link);
    relieve(link->listener); /* now: the loop may read much more before it runs a task */
    return is_fine;
}

static size_t produce(void *context, uint8_t *out, size_t capacity_bytes)
{
    struct link *link = context;
    if (!link->session)
        return 0;
    size_t size_bytes = rpc_session_pull(link->session, out, capacity_bytes);
    account(link);
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

static void note_starved(struct rpc_listener *listener)
{
    listener->starved_count++;
    if (listener->on_starved && !listener->is_freed)
        listener->on_starved(listener->context);
}

static void on_close(void *context, const struct error *reason)
{
    struct link *link = context;
    struct rpc_listener *listener = link->listener;
    take_out(link);
    listener->link_count--;
    census_remove(&listener->census, link->network);
    link->is_leaving = true;
    account(link);
    if (link->session) {
        rpc_session_lose(link->session, reason);
        if (rpc_session_is_broken(link->session))
            listener->protocol_errors++;
        else if (rpc_session_is_starved(link->session) || reason->code == ERROR_RESOURCE_EXHAUSTED)
            note_starved(listener);
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

/* One that is leaving still counts: who comes while others go makes another one go. */
static bool has_room_for(struct rpc_listener *listener, uint64_t network)
{
    uint32_t limit = listener->limits.connections_per_address;
    return limit == 0 || census_count(&listener->census, network) < limit ||
           spare_one(listener, &network);
}

static bool on_full(void *context)
{
    return spare_one(context, NULL);
}

static bool on_conn(void *context, struct conn *conn)
{
    struct rpc_listener *listener = context;
    uint64_t network = conn_network(conn);
    if (!has_room_for(listener, network)) {
        listener->refused_count++;
        return false;
    }
    struct link *link = memory_try_zeroed(1, sizeof *link);
    if (!link) {
        note_starved(listener);
        return false;
    }
    const struct rpc_session_options options = {.role = RPC_SERVER,
                                                .limits = &listener->limits,
                                                .peer = conn_peer(conn),
                                                .on_call = on_call,
                                                .wake = on_wake,
                                                .context = link};
    link->session = rpc_session_new(&options, NULL);
    if (!link->session || !census_add(&listener->census, network)) {
        rpc_session_free(link->session);
        memory_free(link);
        note_starved(listener);
        return false;
    }
    link->listener = listener;
    link->conn = conn;
    link->network = network;
    put_first(link);
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
    listener->on_starved = options->on_starved;
    listener->context = options->context;
    census_init(&listener->census, (uint64_t)clock_monotonic_ns());
    const struct acceptor_options acceptor_options = {.address = options->address,
                                                      .connection_limit = options->connection_limit,
                                                      .on_conn = on_conn,
                                                      .on_full = on_full,
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
                                         .yielded = listener->yielded_count,
                                         .expelled = listener->expelled_count,
                                         .starved = listener->starved_count,
                                         .protocol_errors = listener->protocol_errors};
    if (listener->acceptor) {
        counts.accepted = acceptor_accepted_count(listener->acceptor);
        counts.refused = acceptor_refused_count(listener->acceptor);
    }
    counts.refused += listener->refused_count;
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
