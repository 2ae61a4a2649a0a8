/* The server's own state, shared by the files of this folder. Thread: the loop's, but for the
 * counters, which workers read for Stats. */
#ifndef HAIHE_SERVER_INTERNAL_H
#define HAIHE_SERVER_INTERNAL_H

#include "rpc/listener.h"
#include "server/method.h"
#include "server/server.h"
#include "wire/standard_message.h"

struct query_call;
struct apply_call;
struct apply_change;
struct health_call;

struct method_metrics {
    counter calls, errors;    /* an error is counted when its call ends */
    struct histogram latency; /* from the last byte of a message to its answer in our hands */
};

/* A stack of objects to use again, so that a call costs no heap; at most POOL_LIMIT of them. */
enum { POOL_LIMIT = 4096 };
struct pool_node {
    struct pool_node *next;
};
struct pool {
    struct pool_node *first;
    size_t count;
};

enum drain_phase { DRAIN_NONE, DRAIN_NOTICE, DRAIN_FINAL, DRAIN_CUT };

struct server {
    struct loop *loop;
    struct engine *engine;
    struct log *log;
    const char *version;
    struct rpc_listener *listener;       /* owned */
    struct descriptor_pool *descriptors; /* owned; immutable, read by workers */
    int64_t started_ns;

    struct pool query_calls, apply_changes;
    struct apply_call *stalled_first, *stalled_last; /* wait for room in the change queue */
    struct health_call *watchers;                    /* open calls of Health.Watch */

    uint64_t jobs_under_way; /* in the engine, or posted back from it */
    size_t question_bytes;   /* their requests */
    size_t change_bytes;
    size_t queue_bytes; /* the limit of either */
    struct loop_timer *drain_timer;
    enum drain_phase drain_phase;
    int64_t drain_notice_ns, drain_ns;
    bool listener_drained;
    void (*on_drained)(void *context);
    void *drained_context;

    struct method_metrics metrics[METHOD_LIMIT];
    counter calls_shed, open_calls, open_connections;

    int64_t starved_ns; /* when a connection's end for lack of memory was logged; 0: never */
};

/* An object of size_bytes with undefined content, NULL when there is no memory. A pool has objects
 * of one size, which begin with room for a pool_node. */
void *pool_take(struct pool *pool, size_t size_bytes);
void pool_give(struct pool *pool, void *object);
void pool_release(struct pool *pool);

/* Every accepted call tells its beginning and its end. */
void server_call_begins(struct server *server, const struct method *method);
void server_call_ends(struct server *server, const struct method *method, enum error_code code);
/* A message was answered; started_ns is when its last byte had come. */
void server_answered(struct server *server, const struct method *method, int64_t started_ns);

/* Every job given to the engine, and its return to the loop: draining waits for them. */
void server_job_leaves(struct server *server);
void server_job_returns(struct server *server);

/* Whether one more request may join those of `waiting_bytes` in a queue. The queues have bounds of
 * their own in requests: so small ones may always, and so may one that would be alone. */
bool server_admits(const struct server *server, size_t waiting_bytes, size_t size_bytes);

/* Ends a call with an error and its details. */
void server_refuse(struct rpc_call *call, const struct error *error);

#endif
