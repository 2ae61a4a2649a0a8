/* A RecordService on a thread of its own that answers as a test wants it: what the server's side of
 * a load looks like from the client. */
#ifndef HAIHE_TESTS_HAIHECTL_FAKE_H
#define HAIHE_TESTS_HAIHECTL_FAKE_H

#include <pthread.h>
#include <stdatomic.h>

#include "rpc/listener.h"

struct fake_options {
    /* Answers are held back until so many are due (or the client has half-closed). 0 = 1. */
    size_t answer_group;
    size_t answers_before_abort; /* then all connections are closed; 0 = never */
    bool silent;                 /* never answers */
    /* Optional, on the fake's thread: the nth change (from 1) has come. */
    void (*on_change)(void *context, size_t count);
    void *context;
};

struct fake {
    struct fake_options options;
    struct loop *loop;
    struct rpc_listener *listener;
    struct rpc_call *call;
    char address[32];
    pthread_t thread;
    struct loop_task stop_task, abort_task;
    /* Read after fake_stop. */
    size_t changes, answers;
    size_t due_most;         /* changes without answer at one time */
    bool request_ids_right;  /* 1, 2, 3 .. */
    bool due_has_bad[65536]; /* whether the change is to be refused: its id begins with "bad" */
};

/* Ends the test when it cannot listen. */
struct fake *fake_start(const struct fake_options *options);
void fake_stop(struct fake *fake);
void fake_free(struct fake *fake);

#endif
