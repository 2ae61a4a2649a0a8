/* A gRPC client's connection: one TCP connection, one session, any number of calls.
 *
 * It connects once. When the connection cannot be made or is lost, its calls end with UNAVAILABLE
 * and on_close is called; whoever wants another opens another. Thread: the loop's.
 */
#ifndef HAIHE_RPC_CHANNEL_H
#define HAIHE_RPC_CHANNEL_H

#include "net/loop.h"
#include "rpc/session.h"

struct rpc_channel;

struct rpc_channel_options {
    const char *address;             /* "host:port"; also the :authority */
    const struct rpc_limits *limits; /* copied; NULL: the defaults */
    /* Optional: the connection is gone (the calls have ended already); ERROR_OK as code after an
     * orderly end. Not called after rpc_channel_free. */
    void (*on_close)(void *context, const struct error *reason);
    void *context;
};

/* Begins to connect; calls may be started at once and go out when the connection stands. NULL and
 * an error when the address is wrong. */
struct rpc_channel *rpc_channel_open(struct loop *loop, const struct rpc_channel_options *options,
                                     struct error *error);

/* As rpc_session_start; UNAVAILABLE after the connection is gone. */
struct rpc_call *rpc_channel_start(struct rpc_channel *channel, const struct rpc_request *request,
                                   const struct rpc_call_events *events, void *context,
                                   struct error *error);

/* Closes at once; open calls end with UNAVAILABLE, from within. Not from a call's own callback:
 * post a task for that. NULL is allowed. */
void rpc_channel_free(struct rpc_channel *channel);

#endif
