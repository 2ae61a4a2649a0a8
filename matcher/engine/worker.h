/* The search workers: threads that answer query jobs, each within one root.
 *
 * A worker takes its share of what waits (at most 64 jobs), so that with short questions the
 * queue's lock is taken once for many, and with long ones no worker hoards what another could
 * begin.
 */
#ifndef HAIHE_ENGINE_WORKER_H
#define HAIHE_ENGINE_WORKER_H

#include "engine/root.h"

struct worker_pool;

/* The threads run when it returns. NULL and an error otherwise. `name` is theirs, `engine` is what
 * views carry. */
struct worker_pool *worker_pool_new(const char *name, struct engine *engine,
                                    const struct engine_options *options,
                                    const struct publication *publication, struct error *error);
/* Finishes the jobs in the queue and joins the threads. NULL is allowed. */
void worker_pool_free(struct worker_pool *pool);
/* Any thread; false when the queue is full or closed. */
bool worker_pool_submit(struct worker_pool *pool, struct query_job *job);
uint64_t worker_pool_waiting(struct worker_pool *pool);

#endif
