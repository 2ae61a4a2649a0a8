/* A listening TCP socket that makes connections, with a bound on how many stand at once.
 * Thread: the loop's. */
#ifndef HAIHE_NET_ACCEPTOR_H
#define HAIHE_NET_ACCEPTOR_H

#include "net/conn.h"

struct acceptor;

struct acceptor_options {
    const char *address; /* "127.0.0.1:50051", "[::]:50051", "localhost:0"; port 0: any free */
    /* One more is accepted and closed at once, unless on_full makes room. 0: ACCEPTOR_CONNECTIONS
     */
    uint32_t connection_limit;
    /* Gives the new connection its protocol by conn_set_protocol and returns true, or returns
     * false: then it is closed without any callback. */
    bool (*on_conn)(void *context, struct conn *conn);
    /* Optional. The limit is reached: closes (conn_close, conn_dismiss) a connection that can be
     * spared and returns true, then the new one takes its place; or returns false. */
    bool (*on_full)(void *context);
    void *context;
};

/* The default limit: an idle connection costs us about 15 KiB with its HTTP/2 session, so this is
 * 60 MiB; and it stays below the usual hard limit of file descriptors. */
enum { ACCEPTOR_CONNECTIONS = 4096 };

/* Binds and listens. NULL and an error that names the address otherwise. */
struct acceptor *acceptor_new(struct loop *loop, const struct acceptor_options *options,
                              struct error *error);
/* Stops listening and lets go; its connections live on. NULL is allowed. */
void acceptor_free(struct acceptor *acceptor);

/* The port really bound. */
uint16_t acceptor_port(const struct acceptor *acceptor);
/* Connections that stand now; all that were accepted; those closed because of the limit. */
uint32_t acceptor_open_count(const struct acceptor *acceptor);
uint64_t acceptor_accepted_count(const struct acceptor *acceptor);
uint64_t acceptor_refused_count(const struct acceptor *acceptor);

#endif
