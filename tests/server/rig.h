/* A server and a client of ours on one loop, over an engine that runs: the test's thread is the
 * loop's. It waits by running the loop until what it waits for has happened. */
#ifndef HAIHE_TESTS_SERVER_RIG_H
#define HAIHE_TESTS_SERVER_RIG_H

#include <semaphore.h>

#include "rpc/channel.h"
#include "server/server.h"
#include "support/world.h"

struct rig {
    struct world world;
    struct loop *loop;
    struct server *server;
    struct rpc_channel *channel;
    struct rpc_limits client_limits;
    bool drained;
};

struct rig_options {
    struct engine_options engine; /* see world_init */
    uint32_t client_window_bytes; /* 0: the default */
    int64_t drain_ns;             /* 0: ten seconds */
    size_t queue_bytes;           /* 0: the default */
};
/* NULL: all defaults. */
void rig_init(struct rig *rig, const struct rig_options *options);
/* Drains, unless that has been done, and takes everything down. */
void rig_release(struct rig *rig);
/* Runs the loop until done(context). */
void rig_wait(struct rig *rig, bool (*done)(void *context), void *context);
void rig_wait_flag(struct rig *rig, const bool *flag);
/* Begins to drain; rig->drained tells when it is over. */
void rig_drain(struct rig *rig);
/* Round trips of Health.Check: what the client sent before has been read by the server. */
void rig_round_trip(struct rig *rig);

/* A call of the client's, and all it has heard. */
struct call {
    struct rig *rig;
    struct rpc_call *rpc; /* NULL after the end */
    const char *answer;   /* the answers' message */
    json_t *answers;      /* an array */
    bool ended;
    enum error_code code;
    char message[512];
    json_t *status;    /* google.rpc.Status of the details, NULL: none */
    char pushback[16]; /* the trailer grpc-retry-pushback-ms */
    bool holds;        /* answers are counted, but their window is not given back */
    size_t held_bytes, held_count;
    struct bytes more; /* sent whenever there is room, more_count times */
    uint32_t more_count;
};

/* "haihe.v1.MatchService/Explain"; answer: "haihe.v1.Explanation". deadline_ms 0: none. */
void call_start(struct rig *rig, struct call *call, const char *method, const char *answer,
                int64_t deadline_ms);
void call_send(struct call *call, struct bytes request);
void call_half_close(struct call *call);
/* The request with an unknown field of so many bytes behind it; frees `request`. */
struct bytes request_padded(struct bytes request, size_t size_bytes);
/* Gives the window back of what was held, and holds no more. */
void call_let_go(struct call *call);
void call_wait_end(struct call *call);
void call_wait_answers(struct call *call, size_t count);
void call_release(struct call *call);
/* Starts, sends, half-closes. */
void call_ask(struct rig *rig, struct call *call, const char *method, const char *answer,
              int64_t deadline_ms, struct bytes request);
/* As above, and waits for the end. */
void call_unary(struct rig *rig, struct call *call, const char *method, const char *answer,
                struct bytes request);
/* The first answer of a call that has ended with OK. */
json_t *call_answer(struct call *call);

/* A query of the test's own that keeps a worker busy until it is let go. */
struct held_worker {
    struct query_job job;
    sem_t inside, go_on;
};
void worker_hold(struct rig *rig, struct held_worker *held);
void worker_let_go(struct held_worker *held);

/* A change that keeps the writer busy in its `done`. */
struct held_writer {
    struct change_job job;
    struct bytes request;
    sem_t inside, go_on;
};
void writer_hold(struct rig *rig, struct held_writer *held);
void writer_let_go(struct held_writer *held);

/* Applies changes through the engine; each must succeed. */
void rig_put(struct rig *rig, struct bytes request);

#endif
