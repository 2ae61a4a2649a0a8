/* See worker.h. */
#include "engine/worker.h"

#include <assert.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/queue.h"
#include "engine/thread.h"

#include "base/banned.h"

enum {
    BATCH_LIMIT = 64,
    STORED_LIMIT_BYTES = 1 << 27, /* a record is a message, 64 MiB at the most */
};

struct worker {
    struct worker_pool *pool;
    struct arena arena;
    struct original_reader *reader; /* owned */
    struct buffer stored;
    pthread_t thread;
};

struct worker_pool {
    struct queue *queue; /* of struct query_job; theirs until done */
    struct engine *engine;
    const struct model *model;
    const struct publication *publication;
    uint32_t worker_count;
    uint32_t started_count; /* threads to be joined */
    struct worker workers[];
};

static void answer(struct worker *worker, struct query_job *job)
{
    rcu_read_enter();
    const struct root *root = publication_root(worker->pool->publication);
    const struct engine_view view = {
        .engine = worker->pool->engine,
        .root = root,
        .arena = &worker->arena,
        .model = worker->pool->model,
        .lexicon = worker->pool->publication->lexicon,
        .reader = worker->reader,
        .stored = &worker->stored,
        .today = root->today,
    };
    job->run(job, &view);
    rcu_read_leave();
    arena_clear(&worker->arena);
    job->done(job);
}

/* This worker's share of the queue, rounded up. */
static size_t fair_share(struct worker_pool *pool)
{
    size_t share = (queue_count(pool->queue) + pool->worker_count - 1) / pool->worker_count;
    return share < 1 ? 1 : share > BATCH_LIMIT ? BATCH_LIMIT : share;
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    struct worker_pool *pool = worker->pool;
    void *jobs[BATCH_LIMIT];
    rcu_thread_enter();
    for (;;) {
        size_t count = queue_pop_many(pool->queue, jobs, fair_share(pool), -1);
        if (count == 0)
            break;
        for (size_t i = 0; i < count; i++)
            answer(worker, jobs[i]);
    }
    rcu_thread_leave();
    return NULL;
}

/* Starts one more thread. */
static bool add_worker(struct worker_pool *pool, const char *pool_name, size_t arena_bytes,
                       uint32_t index, struct error *error)
{
    struct worker *worker = &pool->workers[index];
    char name[16];
    snprintf(name, sizeof name, "%.12s-%u", pool_name, index % 100);
    worker->pool = pool;
    arena_init(&worker->arena, arena_bytes);
    buffer_init(&worker->stored, STORED_LIMIT_BYTES);
    worker->reader = original_reader_new(pool->publication->originals);
    if (!worker->reader)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the workers");
    return thread_start(&worker->thread, name, run, worker, error);
}

struct worker_pool *worker_pool_new(const char *name, struct engine *engine,
                                    const struct engine_options *options,
                                    const struct publication *publication, struct error *error)
{
    assert(options->worker_count >= 1 && options->query_queue_limit >= 1);
    struct worker_pool *pool =
        memory_try_zeroed(1, sizeof *pool + (size_t)options->worker_count * sizeof(struct worker));
    struct queue *queue = pool ? queue_new(options->query_queue_limit) : NULL;
    if (!queue) {
        memory_free(pool);
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the workers");
        return NULL;
    }
    pool->queue = queue;
    pool->engine = engine;
    pool->model = options->model;
    pool->publication = publication;
    pool->worker_count = options->worker_count;
    for (uint32_t i = 0; i < options->worker_count; i++, pool->started_count++)
        if (!add_worker(pool, name, options->request_arena_bytes, i, error)) {
            worker_pool_free(pool);
            return NULL;
        }
    return pool;
}

void worker_pool_free(struct worker_pool *pool)
{
    if (!pool)
        return;
    queue_close(pool->queue);
    for (uint32_t i = 0; i < pool->started_count; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        arena_release(&pool->workers[i].arena);
    }
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        original_reader_free(pool->workers[i].reader);
        buffer_release(&pool->workers[i].stored);
    }
    queue_free(pool->queue);
    memory_free(pool);
}

bool worker_pool_submit(struct worker_pool *pool, struct query_job *job)
{
    return queue_try_push(pool->queue, job);
}

uint64_t worker_pool_waiting(struct worker_pool *pool)
{
    return queue_count(pool->queue);
}
