/* Changes sent to an engine with a bounded number under way, as one call of the server's has it,
 * and what the writer made of them.
 *
 *   [ job | job | .. ]   a ring: the engine answers in the order of submission
 *
 * Threads: one sends and waits; the engine's writer answers. Read the counts after window_wait.
 */
#ifndef HAIHE_BENCH_WINDOW_H
#define HAIHE_BENCH_WINDOW_H

#include <semaphore.h>
#include <stdatomic.h>

#include "engine/engine.h"

enum { WINDOW_DEFAULT_JOBS = 1024 }; /* CHANGES_UNDER_WAY of matcher/server/apply_call.c */

struct window_job {
    struct change_job job; /* first: the engine hands this back */
    struct window *window;
};

struct window {
    struct engine *engine;
    struct window_job *jobs; /* owned, `job_count` */
    size_t job_count;
    uint64_t sent;
    _Atomic uint64_t answered;
    atomic_bool is_waiting;
    sem_t moved; /* posted to one who waits */
    bool counts_groups;
    /* The writer's thread's. */
    uint64_t group_count, group_end; /* sequence of the last change of a group */
    uint64_t applied, refused;
};

/* job_count: how many may be under way, at least 1. */
void window_init(struct window *window, struct engine *engine, size_t job_count);
/* Nothing may be under way. */
void window_release(struct window *window);
/* Waits while as many as may be are under way. The bytes are borrowed until it is answered. */
void window_send(struct window *window, struct str request);
/* Until all that was sent is answered. */
void window_wait(struct window *window);
/* Counts anew. Nothing may be under way. Counting groups costs a look at the engine's numbers each.
 */
void window_clear_counts(struct window *window, bool counts_groups);

#endif
