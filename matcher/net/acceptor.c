/* Accepting. libuv insists that what it has accepted is taken before it accepts more. So who is
 * refused (limit, no memory) is taken into `refusal`, a handle of our own, and closed; while that
 * is going on further connections wait in the kernel.
 *
 * The struct lives until the listening socket is closed and its last connection is gone: each of
 * them is one of `holders`. */
#include "net/acceptor.h"

#include <assert.h>

#include "base/memory.h"
#include "net/address.h"
#include "net/internal.h"

#include "base/banned.h"

enum {
    LISTEN_BACKLOG = 1024, /* a burst of reconnecting clients after a restart */
    /* Connections taken in one turn of the loop. libuv would go on as long as there are more: who
     * connects as fast as we accept would keep the loop from serving, and from freeing what made
     * room. */
    TURN_LIMIT = 64
};

struct acceptor {
    uv_tcp_t listening;
    uv_tcp_t refusal;
    struct loop *loop;
    struct acceptor_options options; /* address: not kept */
    uint32_t holders;
    uint32_t open_count;
    uint64_t accepted_count;
    uint64_t refused_count;
    struct loop_task turn_task; /* the next turn has begun */
    uint32_t turn_count;        /* connections taken in this one */
    uint16_t port;
    bool is_postponed; /* a connection waits for the next turn */
    bool is_refusing;  /* `refusal` is in use */
    bool is_waiting;   /* a connection could not be taken because of that */
    bool is_closed;    /* acceptor_free was called */
};

static void take(struct acceptor *acceptor);

static void let_go(struct acceptor *acceptor)
{
    assert(acceptor->holders > 0);
    if (--acceptor->holders == 0)
        memory_free(acceptor);
}

static void on_conn_gone(void *context)
{
    struct acceptor *acceptor = context;
    acceptor->open_count--;
    let_go(acceptor);
}

static void on_refused(uv_handle_t *handle)
{
    struct acceptor *acceptor = handle->data;
    acceptor->is_refusing = false;
    if (acceptor->is_waiting && !acceptor->is_closed) {
        acceptor->is_waiting = false;
        take(acceptor);
    }
    let_go(acceptor);
}

static void refuse(struct acceptor *acceptor)
{
    if (acceptor->is_refusing) {
        acceptor->is_waiting = true;
        return;
    }
    uv_tcp_init(&acceptor->loop->uv, &acceptor->refusal);
    acceptor->refusal.data = acceptor;
    acceptor->is_refusing = true;
    acceptor->holders++;
    uv_accept((uv_stream_t *)&acceptor->listening, (uv_stream_t *)&acceptor->refusal);
    acceptor->refused_count++;
    uv_close((uv_handle_t *)&acceptor->refusal, on_refused);
}

static void take(struct acceptor *acceptor)
{
    const struct acceptor_options *options = &acceptor->options;
    bool is_full = acceptor->open_count >= options->connection_limit &&
                   !(options->on_full && options->on_full(options->context));
    struct conn *conn = is_full ? NULL : conn_new(acceptor->loop);
    if (!conn) {
        refuse(acceptor);
        return;
    }
    conn->on_gone = on_conn_gone;
    conn->gone_context = acceptor;
    acceptor->holders++;
    acceptor->open_count++;
    if (uv_accept((uv_stream_t *)&acceptor->listening, (uv_stream_t *)&conn->tcp) != 0) {
        conn_close(conn);
        return;
    }
    acceptor->accepted_count++;
    conn_begin(conn);
    if (options->on_conn(options->context, conn)) {
        conn_start(conn);
    } else {
        conn_set_protocol(conn, NULL, NULL);
        conn_close(conn);
    }
}

static void take_in_turn(struct acceptor *acceptor)
{
    if (acceptor->turn_count == TURN_LIMIT) {
        acceptor->is_postponed = true; /* until it is taken libuv accepts no other */
        return;
    }
    if (acceptor->turn_count++ == 0) {
        acceptor->holders++;
        loop_post(acceptor->loop, &acceptor->turn_task);
    }
    take(acceptor);
}

static void run_turn(struct loop_task *task)
{
    struct acceptor *acceptor =
        (struct acceptor *)((char *)task - offsetof(struct acceptor, turn_task));
    bool is_postponed = acceptor->is_postponed && !acceptor->is_closed;
    acceptor->turn_count = 0;
    acceptor->is_postponed = false;
    if (is_postponed)
        take_in_turn(acceptor);
    let_go(acceptor);
}

static void on_incoming(uv_stream_t *stream, int status)
{
    if (status == 0)
        take_in_turn(stream->data);
    /* Otherwise the kernel is out of descriptors or memory for the moment: nothing to take. */
}

static void on_listening_closed(uv_handle_t *handle)
{
    let_go(handle->data);
}

static int bind_and_listen(struct acceptor *acceptor, const struct sockaddr_storage *address)
{
    int failed = uv_tcp_bind(&acceptor->listening, (const struct sockaddr *)address, 0);
    if (!failed)
        failed = uv_listen((uv_stream_t *)&acceptor->listening, LISTEN_BACKLOG, on_incoming);
    struct sockaddr_storage bound = {0};
    int length = sizeof bound;
    if (!failed)
        failed = uv_tcp_getsockname(&acceptor->listening, (struct sockaddr *)&bound, &length);
    acceptor->port = address_port(&bound);
    return failed;
}

struct acceptor *acceptor_new(struct loop *loop, const struct acceptor_options *options,
                              struct error *error)
{
    struct sockaddr_storage address;
    if (!address_parse(options->address, &address, error))
        return NULL;
    struct acceptor *acceptor = memory_try_zeroed(1, sizeof *acceptor);
    if (!acceptor) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "address '%s': out of memory", options->address);
        return NULL;
    }
    acceptor->loop = loop;
    acceptor->options = *options;
    if (options->connection_limit == 0)
        acceptor->options.connection_limit = ACCEPTOR_CONNECTIONS;
    acceptor->holders = 1;
    acceptor->turn_task.run = run_turn;
    uv_tcp_init(&loop->uv, &acceptor->listening);
    acceptor->listening.data = acceptor;
    int failed = bind_and_listen(acceptor, &address);
    if (!failed)
        return acceptor;
    error_set(error, failed == UV_EACCES ? ERROR_PERMISSION_DENIED : ERROR_FAILED_PRECONDITION,
              "address '%s': cannot listen: %s", options->address, uv_strerror(failed));
    acceptor_free(acceptor);
    return NULL;
}

void acceptor_free(struct acceptor *acceptor)
{
    if (!acceptor || acceptor->is_closed)
        return;
    acceptor->is_closed = true;
    uv_close((uv_handle_t *)&acceptor->listening, on_listening_closed);
}

uint16_t acceptor_port(const struct acceptor *acceptor)
{
    return acceptor->port;
}

uint32_t acceptor_open_count(const struct acceptor *acceptor)
{
    return acceptor->open_count;
}

uint64_t acceptor_accepted_count(const struct acceptor *acceptor)
{
    return acceptor->accepted_count;
}

uint64_t acceptor_refused_count(const struct acceptor *acceptor)
{
    return acceptor->refused_count;
}
