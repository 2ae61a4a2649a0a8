/* What the files of net share among themselves; nobody else includes this. */
#ifndef HAIHE_NET_INTERNAL_H
#define HAIHE_NET_INTERNAL_H

#include <stdatomic.h>
#include <uv.h>

#include "net/conn.h"

enum {
    /* One read and one write move at most this much: enough to make the system call's price small,
     * little enough to stay in the second-level cache. */
    LOOP_BUFFER_BYTES = 64 * 1024,
    LOOP_SIGNALS = 8 /* SIGTERM, SIGINT, SIGHUP and room */
};

struct loop_signal {
    uv_signal_t handle;
    void (*on_signal)(void *context, int signal_number);
    void *context;
};

struct loop {
    uv_loop_t uv;
    uv_async_t posted_wake;
    uv_prepare_t flush; /* runs after timers and before waiting */
    uv_idle_t not_yet;  /* active while `woken` is not empty after a flush: do not wait */
    uv_poll_t highest;  /* of loop_reserve_descriptors; closed at once */
    _Atomic(struct loop_task *) posted; /* newest first */
    struct conn *woken;                 /* newest first, by conn->next_woken */
    struct loop_signal signals[LOOP_SIGNALS];
    uint32_t signal_count;
    uint8_t *read_buffer;  /* LOOP_BUFFER_BYTES, filled and used within one callback */
    uint8_t *write_buffer; /* likewise */
};

enum conn_state {
    CONN_CONNECTING,
    CONN_OPEN,
    CONN_FINISHING, /* sending the last bytes; what comes in is not read */
    CONN_LINGERING, /* all sent and said so; what comes in is thrown away until the peer closes */
    CONN_CLOSING    /* only on_close is to come */
};

struct conn {
    uv_tcp_t tcp;
    uv_timer_t timer; /* the alarm, or the patience of finishing and lingering */
    struct loop *loop;
    const struct conn_protocol *protocol;
    void *context;
    struct conn *next_woken;
    uint8_t *backlog;               /* owned; what the socket would not take, being written */
    int64_t alarm_ns;               /* what the protocol asked for */
    int64_t armed_ns;               /* what the timer is set to; never later than alarm_ns */
    void (*on_gone)(void *context); /* the acceptor's count */
    void *gone_context;
    enum conn_state state;
    uint8_t open_handles; /* tcp and timer, until each is closed */
    bool is_woken;        /* stands in loop->woken */
    bool is_paused;
    union {
        uv_connect_t connect;
        uv_write_t write;
        uv_shutdown_t shutdown; /* after the last write */
    } request;
    struct error reason;
    uint64_t network;
    char peer[80];
};

/* Allocates a connection and its handles; nothing is open yet. Freed by conn_close alone. */
struct conn *conn_new(struct loop *loop);
/* The socket stands (accepted or connected): its options and the peer's name. */
void conn_begin(struct conn *conn);
/* With its protocol in place: on_open, reading, writing. */
void conn_start(struct conn *conn);
/* Sends what there is to send. */
void conn_flush(struct conn *conn);
/* Milliseconds from the loop's now to the deadline, rounded up. */
uint64_t loop_wait_ms(const struct loop *loop, int64_t deadline_ns);

#endif
