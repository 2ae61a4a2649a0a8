/* One TCP connection: bytes in, bytes out, by pull.
 *
 *   socket -> loop's read buffer (64 KiB, shared by all connections) -> on_bytes
 *   socket <- loop's write buffer (64 KiB, shared) <- produce, again and again until it gives 0
 *          <- conn's backlog (only what the socket would not take; then nothing is produced
 *             until it has gone)
 *
 * So a connection that is idle, or whose peer reads as fast as we write, owns no buffer, one whose
 * peer does not read owns at most 64 KiB, and many frames leave in one write. TCP_NODELAY is set.
 *
 * A protocol is a table of functions and its own context; a layer between (TLS) is a protocol that
 * holds the next one: it decrypts in on_bytes, encrypts in produce, and passes the rest through.
 *
 * Thread: the loop's. No callback is made from inside conn_wake, conn_finish, conn_close or
 * conn_set_alarm, so they may be called from anywhere, also from the protocol's own callbacks.
 */
#ifndef HAIHE_NET_CONN_H
#define HAIHE_NET_CONN_H

#include "net/loop.h"

struct conn;

struct conn_protocol {
    /* Optional. The connection stands: once, before on_bytes and produce. */
    void (*on_open)(void *context);
    /* Bytes have come; they are valid during the call. False: the protocol is broken; what produce
     * still gives (a last word to the peer) is written, then the connection is closed. */
    bool (*on_bytes)(void *context, const uint8_t *bytes, size_t size_bytes);
    /* The next bytes to send, at most capacity_bytes (never less than 16 KiB); 0: none now, ask
     * again after conn_wake. */
    size_t (*produce)(void *context, uint8_t *out, size_t capacity_bytes);
    /* Optional. The moment given to conn_set_alarm has come. */
    void (*on_alarm)(void *context);
    /* The last callback, exactly once. `reason` is ERROR_OK after conn_close, conn_finish and an
     * orderly end by the peer, else what failed. The conn is gone when this returns. */
    void (*on_close)(void *context, const struct error *reason);
};

/* Connects to "host:port", "[v6]:port"; names are resolved at once, by waiting: a daemon should be
 * given numbers. The protocol must outlive the conn. A connection refused later is reported through
 * on_close (UNAVAILABLE). NULL and an error when the address is wrong or there is no memory. */
struct conn *conn_connect(struct loop *loop, const char *address,
                          const struct conn_protocol *protocol, void *context, struct error *error);

/* Another protocol or context from now on: within acceptor's on_conn, or a layer put between. */
void conn_set_protocol(struct conn *conn, const struct conn_protocol *protocol, void *context);

/* There may be something to send: produce will be called before the loop waits again. Cheap. */
void conn_wake(struct conn *conn);
/* Stops and resumes reading: the kernel's buffer fills, then the peer is held back. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);

/* on_alarm once at or soon after deadline_ns (clock_monotonic_ns); it may also come early, so the
 * callback checks what is due. INT64_MAX: none. Moving a deadline later costs nothing. */
void conn_set_alarm(struct conn *conn, int64_t deadline_ns);

/* Reads no more, sends what produce gives and the backlog, tells the peer, waits up to a second for
 * the peer to close, closes. */
void conn_finish(struct conn *conn);
/* Closes at once; what is not yet with the kernel is lost. */
void conn_close(struct conn *conn);
/* The same after a last word: what produce gives (it is called here), as far as the socket takes it
 * without waiting. Not from within produce, nor from an application's call. */
void conn_dismiss(struct conn *conn);

/* "127.0.0.1:40312", "[::1]:40312"; "" before a connect has succeeded. Borrowed from the conn. */
struct str conn_peer(const struct conn *conn);
/* What one owner of addresses is told by: the IPv4 address, or the upper half of the IPv6 one. */
uint64_t conn_network(const struct conn *conn);

#endif
