/* A gRPC server on a TCP port: connections of net, sessions of rpc, tied together.
 *
 * What no connection can judge by itself is judged here (see limits.h): their number, in all and
 * from one address, where the one that has been silent longest and has no call yields to a
 * newcomer; and the memory that they hold together, where the one that holds most is closed.
 * Thread: the loop's. Cost: constant but for the moments when a limit is reached. */
#ifndef HAIHE_RPC_LISTENER_H
#define HAIHE_RPC_LISTENER_H

#include "net/loop.h"
#include "rpc/call.h"
#include "rpc/limits.h"

struct rpc_listener;

struct rpc_listener_options {
    const char *address;             /* "127.0.0.1:50051"; port 0: any free one */
    const struct rpc_limits *limits; /* copied; NULL: the defaults */
    uint32_t connection_limit;       /* 0: ACCEPTOR_CONNECTIONS */
    void (*on_call)(void *context, struct rpc_call *call); /* as in rpc/session.h */
    /* Optional: a connection, and its calls, ended because there was no memory. */
    void (*on_starved)(void *context);
    void *context;
};

struct rpc_listener_counts {
    uint32_t connections;     /* open now */
    uint32_t calls;           /* open now */
    uint64_t accepted;        /* connections so far */
    uint64_t refused;         /* connections above a limit */
    uint64_t yielded;         /* connections without a call that made room for new ones */
    uint64_t expelled;        /* connections closed because they held the most memory */
    uint64_t starved;         /* connections ended because there was no memory */
    uint64_t protocol_errors; /* connections ended because the peer broke HTTP/2 or its limits */
};

/* Binds and serves. NULL and an error that names the address otherwise. */
struct rpc_listener *rpc_listener_new(struct loop *loop, const struct rpc_listener_options *options,
                                      struct error *error);
uint16_t rpc_listener_port(const struct rpc_listener *listener);
/* Looks at every connection. */
struct rpc_listener_counts rpc_listener_count(const struct rpc_listener *listener);
/* The number of connections alone, without looking. */
uint32_t rpc_listener_connection_count(const struct rpc_listener *listener);

/* The graceful end, in steps of the owner's choosing (health NOT_SERVING before the first):
 * 1. GOAWAY notice on every connection, present and new; all calls are still served. */
void rpc_listener_drain_notice(struct rpc_listener *listener);
/* 2. Stops listening, final GOAWAY everywhere; each connection closes with its last call.
 * on_drained(context), once, from the loop, when none is left. */
void rpc_listener_drain(struct rpc_listener *listener, void (*on_drained)(void *context),
                        void *context);
/* 3. For impatience: closes what is left at once; their calls end with CANCELLED. */
void rpc_listener_abort(struct rpc_listener *listener);

/* As drain and abort; connections let go of it as the loop closes them. NULL is allowed. */
void rpc_listener_free(struct rpc_listener *listener);

#endif
