/* One connection over a uv_tcp_t.
 *
 *   CONNECTING -> OPEN -> FINISHING -> LINGERING -> CLOSING -> (on_close, freed)
 *        \__________\__________\___________________^
 *
 * Invariants: `backlog` is NULL unless a uv_write of it is under way; while it is, produce is not
 * called. The struct is freed when libuv has closed both handles, never earlier, and on_close is
 * called from there: so a protocol never sees its connection die inside a call that it made.
 */
#include "net/conn.h"

#include <assert.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/address.h"
#include "net/internal.h"

#include "base/banned.h"

enum {
    LEAST_ROOM_BYTES = 16 * 1024, /* what produce may count on */
    FLUSH_ROUNDS = 16,            /* 1 MiB a turn, then the others' turn */
    FINISH_WAIT_MS = 5 * 1000,    /* for a peer that does not read our last bytes */
    LINGER_WAIT_MS = 1000 /* for the peer's close; closing earlier could destroy those bytes */
};

static_assert(sizeof((struct conn *)NULL)->peer >= ADDRESS_TEXT_BYTES, "peer holds any address");

static void on_handle_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    if (--conn->open_handles > 0)
        return;
    assert(!conn->is_woken);
    if (conn->protocol)
        conn->protocol->on_close(conn->context, &conn->reason);
    if (conn->on_gone)
        conn->on_gone(conn->gone_context);
    memory_free(conn->backlog);
    memory_free(conn);
}

/* During a flush the list is in the flush's hands: then nothing is found here, and the flush skips
 * the connection because of its state; its memory stays until after the flush. */
static void unlink_woken(struct conn *conn)
{
    struct conn **link = &conn->loop->woken;
    while (*link && *link != conn)
        link = &(*link)->next_woken;
    if (*link)
        *link = conn->next_woken;
    conn->is_woken = false;
}

/* Every way to the end comes through here; the first reason counts. */
static void shut(struct conn *conn)
{
    if (conn->state == CONN_CLOSING)
        return;
    conn->state = CONN_CLOSING;
    if (conn->is_woken)
        unlink_woken(conn);
    uv_close((uv_handle_t *)&conn->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&conn->timer, on_handle_closed);
}

static void fail(struct conn *conn, enum error_code code, const char *what, int uv_error)
{
    if (conn->state < CONN_LINGERING && conn->reason.code == ERROR_OK)
        error_set(&conn->reason, code, "connection '%s': %s: %s", conn->peer, what,
                  uv_strerror(uv_error));
    shut(conn);
}

struct conn *conn_new(struct loop *loop)
{
    struct conn *conn = memory_try_zeroed(1, sizeof *conn);
    if (!conn)
        return NULL;
    conn->loop = loop;
    conn->alarm_ns = conn->armed_ns = INT64_MAX;
    conn->open_handles = 2;
    uv_tcp_init(&loop->uv, &conn->tcp); /* cannot fail without a socket to make */
    uv_timer_init(&loop->uv, &conn->timer);
    conn->tcp.data = conn->timer.data = conn;
    return conn;
}

/* --- Reading -------------------------------------------------------------------------------- */

static void on_allocate(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *out)
{
    (void)suggested_bytes;
    struct conn *conn = handle->data;
    *out = uv_buf_init((char *)conn->loop->read_buffer, LOOP_BUFFER_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct conn *conn = stream->data;
    if (size == 0 || conn->state == CONN_CLOSING)
        return;
    if (size == UV_EOF)
        shut(conn);
    else if (size < 0)
        fail(conn, ERROR_UNAVAILABLE, "lost", (int)size);
    else if (conn->state == CONN_OPEN &&
             !conn->protocol->on_bytes(conn->context, (uint8_t *)buffer->base, (size_t)size)) {
        if (conn->state != CONN_CLOSING && conn->reason.code == ERROR_OK)
            error_set(&conn->reason, ERROR_INVALID_ARGUMENT, "connection '%s': protocol broken",
                      conn->peer);
        conn_finish(conn);
    }
}

static void start_reading(struct conn *conn)
{
    int failed = uv_read_start((uv_stream_t *)&conn->tcp, on_allocate, on_read);
    if (failed && failed != UV_EALREADY)
        fail(conn, ERROR_UNAVAILABLE, "read", failed);
}

void conn_pause(struct conn *conn)
{
    conn->is_paused = true;
    if (conn->state == CONN_OPEN)
        uv_read_stop((uv_stream_t *)&conn->tcp);
}

void conn_resume(struct conn *conn)
{
    conn->is_paused = false;
    if (conn->state == CONN_OPEN)
        start_reading(conn);
}

/* --- Writing -------------------------------------------------------------------------------- */

void conn_wake(struct conn *conn)
{
    if (conn->is_woken || conn->backlog ||
        (conn->state != CONN_OPEN && conn->state != CONN_FINISHING))
        return; /* a backlog's end wakes by itself, as does the connection's beginning */
    conn->is_woken = true;
    conn->next_woken = conn->loop->woken;
    conn->loop->woken = conn;
}

static void on_written(uv_write_t *request, int status)
{
    struct conn *conn = request->handle->data;
    memory_free(conn->backlog);
    conn->backlog = NULL;
    if (status < 0 && status != UV_ECANCELED)
        fail(conn, ERROR_UNAVAILABLE, "write", status);
    else
        conn_wake(conn);
}

/* Copies what the socket did not take and lets libuv write it when the socket is ready. */
static void keep_backlog(struct conn *conn, const uint8_t *bytes, size_t size_bytes)
{
    conn->backlog = memory_try(size_bytes);
    if (!conn->backlog) {
        fail(conn, ERROR_RESOURCE_EXHAUSTED, "write", UV_ENOMEM);
        return;
    }
    memcpy(conn->backlog, bytes, size_bytes);
    uv_buf_t buffer = uv_buf_init((char *)conn->backlog, (unsigned)size_bytes);
    int failed = uv_write(&conn->request.write, (uv_stream_t *)&conn->tcp, &buffer, 1, on_written);
    if (failed) {
        memory_free(conn->backlog);
        conn->backlog = NULL;
        fail(conn, ERROR_UNAVAILABLE, "write", failed);
    }
}

/* Hands the bytes to the kernel; false when it did not take all, or failed. */
static bool write_now(struct conn *conn, const uint8_t *bytes, size_t size_bytes)
{
    uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)size_bytes);
    int written = uv_try_write((uv_stream_t *)&conn->tcp, &buffer, 1);
    if (written == UV_EAGAIN)
        written = 0;
    if (written < 0) {
        fail(conn, ERROR_UNAVAILABLE, "write", written);
        return false;
    }
    if ((size_t)written == size_bytes)
        return true;
    keep_backlog(conn, bytes + written, size_bytes - (size_t)written);
    return false;
}

/* Fills the loop's buffer by as many calls of produce as it takes, since a layer may give its
 * output in pieces. Returns the bytes; *is_all says that produce has no more. */
static size_t fill(struct conn *conn, bool *is_all)
{
    size_t filled = 0;
    *is_all = false;
    while (LOOP_BUFFER_BYTES - filled >= LEAST_ROOM_BYTES) {
        size_t got = conn->protocol->produce(conn->context, conn->loop->write_buffer + filled,
                                             LOOP_BUFFER_BYTES - filled);
        assert(got <= LOOP_BUFFER_BYTES - filled);
        *is_all = got == 0;
        if (got == 0)
            break;
        filled += got;
    }
    return filled;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct conn *conn = request->handle->data;
    if (conn->state != CONN_LINGERING)
        return;
    if (status < 0)
        shut(conn); /* the peer was faster */
    else
        start_reading(conn);
}

static void on_patience_over(uv_timer_t *timer)
{
    shut(timer->data);
}

static void linger(struct conn *conn)
{
    conn->state = CONN_LINGERING;
    uv_timer_start(&conn->timer, on_patience_over, LINGER_WAIT_MS, 0);
    if (uv_shutdown(&conn->request.shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        shut(conn);
}

void conn_flush(struct conn *conn)
{
    for (uint32_t round = 0; round < FLUSH_ROUNDS; round++) {
        if (conn->backlog || (conn->state != CONN_OPEN && conn->state != CONN_FINISHING))
            return;
        bool is_all;
        size_t size_bytes = fill(conn, &is_all);
        if (conn->state == CONN_CLOSING)
            return;
        if (size_bytes > 0 && !write_now(conn, conn->loop->write_buffer, size_bytes))
            return;
        if (is_all) {
            if (conn->state == CONN_FINISHING)
                linger(conn);
            return;
        }
    }
    conn_wake(conn);
}

/* --- Alarm ---------------------------------------------------------------------------------- */

static void arm(struct conn *conn);

static void on_timer(uv_timer_t *timer)
{
    struct conn *conn = timer->data;
    conn->armed_ns = INT64_MAX;
    if (conn->state > CONN_OPEN || conn->alarm_ns == INT64_MAX)
        return;
    if (conn->alarm_ns > clock_monotonic_ns()) {
        arm(conn); /* it was moved later */
        return;
    }
    conn->alarm_ns = INT64_MAX;
    if (conn->protocol->on_alarm)
        conn->protocol->on_alarm(conn->context);
}

static void arm(struct conn *conn)
{
    conn->armed_ns = conn->alarm_ns;
    uv_timer_start(&conn->timer, on_timer, loop_wait_ms(conn->loop, conn->alarm_ns), 0);
}

void conn_set_alarm(struct conn *conn, int64_t deadline_ns)
{
    conn->alarm_ns = deadline_ns;
    if (deadline_ns < conn->armed_ns && conn->state <= CONN_OPEN)
        arm(conn);
}

/* --- Beginning and end ---------------------------------------------------------------------- */

void conn_set_protocol(struct conn *conn, const struct conn_protocol *protocol, void *context)
{
    conn->protocol = protocol;
    conn->context = context;
}

void conn_begin(struct conn *conn)
{
    conn->state = CONN_OPEN;
    uv_tcp_nodelay(&conn->tcp, 1);
    struct sockaddr_storage address = {0};
    int length = sizeof address;
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &length) == 0)
        address_format(&address, conn->peer);
    conn->network = address_network(&address);
}

void conn_start(struct conn *conn)
{
    if (conn->protocol->on_open)
        conn->protocol->on_open(conn->context);
    if (conn->state == CONN_OPEN && !conn->is_paused)
        start_reading(conn);
    conn_wake(conn);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct conn *conn = request->handle->data;
    if (conn->state != CONN_CONNECTING)
        return;
    if (status < 0) {
        fail(conn, ERROR_UNAVAILABLE, "connect", status);
        return;
    }
    conn_begin(conn);
    conn_start(conn);
}

struct conn *conn_connect(struct loop *loop, const char *address,
                          const struct conn_protocol *protocol, void *context, struct error *error)
{
    struct sockaddr_storage to;
    if (!address_parse(address, &to, error))
        return NULL;
    struct conn *conn = conn_new(loop);
    if (!conn) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "address '%s': out of memory", address);
        return NULL;
    }
    snprintf(conn->peer, sizeof conn->peer, "%s", address); /* for the message when it fails */
    int failed = uv_tcp_connect(&conn->request.connect, &conn->tcp, (const struct sockaddr *)&to,
                                on_connected);
    if (failed) {
        error_set(error, ERROR_UNAVAILABLE, "address '%s': connect: %s", address,
                  uv_strerror(failed));
        shut(conn);
        return NULL;
    }
    conn_set_protocol(conn, protocol, context);
    return conn;
}

void conn_finish(struct conn *conn)
{
    if (conn->state == CONN_CONNECTING)
        shut(conn);
    if (conn->state != CONN_OPEN)
        return;
    conn->state = CONN_FINISHING;
    uv_read_stop((uv_stream_t *)&conn->tcp);
    uv_timer_start(&conn->timer, on_patience_over, FINISH_WAIT_MS, 0);
    conn_wake(conn);
}

void conn_close(struct conn *conn)
{
    shut(conn);
}

void conn_dismiss(struct conn *conn)
{
    bool is_all;
    if (conn->state == CONN_OPEN && !conn->backlog) {
        size_t size_bytes = fill(conn, &is_all);
        uv_buf_t buffer = uv_buf_init((char *)conn->loop->write_buffer, (unsigned)size_bytes);
        if (size_bytes > 0)
            uv_try_write((uv_stream_t *)&conn->tcp, &buffer, 1);
    }
    shut(conn);
}

struct str conn_peer(const struct conn *conn)
{
    return str_of(conn->peer);
}

uint64_t conn_network(const struct conn *conn)
{
    return conn->network;
}
