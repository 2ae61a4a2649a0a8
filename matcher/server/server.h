/* The gRPC server: which path is answered by what, on which thread, and how it ends.
 *
 *   rpc call --method table--> query call   one job a question, on a search worker
 *                              apply call   one job a change, on the writer; answered in order
 *                              health call  on the loop, so that a full queue does not look dead
 *
 * Nothing is decoded or scored on the loop (health requests of at most a kilobyte excepted);
 * answers come back through loop_post. Queues have bounds: a question that finds its queue full is
 * shed with RESOURCE_EXHAUSTED and a hint when to retry, a stream of changes is held back by its
 * window. Thread: the loop's. Jobs under way hold on to the server, so it is freed after it has
 * drained.
 */
#ifndef HAIHE_SERVER_SERVER_H
#define HAIHE_SERVER_SERVER_H

#include "base/log.h"
#include "engine/engine.h"
#include "net/loop.h"
#include "rpc/limits.h"

struct server;

struct server_options {
    struct loop *loop; /* borrowed, as all below */
    struct engine *engine;
    struct log *log;
    const char *version;             /* for Stats */
    const char *address;             /* "127.0.0.1:50051"; port 0: any free one */
    const struct rpc_limits *limits; /* copied; NULL: the defaults */
    uint32_t connection_limit;       /* 0: the default of net */
    /* For large requests that wait in the queue of questions, and as much in that of changes; 0:
     * 256 MiB. Other than what connections hold they stay even if their client goes. */
    size_t queue_bytes;
    /* How long clients are told of the end before no new calls are taken: a round trip at least. */
    int64_t drain_notice_ns;
    /* After that, how long open calls may go on before they are cut off. */
    int64_t drain_ns;
};

/* Listens when it returns. NULL and an error otherwise. */
struct server *server_new(const struct server_options *options, struct error *error);
/* The port really bound. */
uint16_t server_port(const struct server *server);
uint32_t server_connection_count(const struct server *server);

/* The engine's state has changed: those who watch health are told. On the loop. */
void server_engine_changed(struct server *server);

/* The graceful end: health says NOT_SERVING, clients are told to go elsewhere, open calls end, at
 * last the connections close. on_drained(context) comes once, from the loop, when nothing is left
 * here or in the engine. A second call has no effect. */
void server_drain(struct server *server, void (*on_drained)(void *context), void *context);

/* After on_drained, or before loop_run was ever called. NULL is allowed. */
void server_free(struct server *server);

#endif
