/* See blocks.h. */
#include "blocks.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/banned.h"

struct crew {
    block_function *run;
    void *context;
    size_t count;
    atomic_size_t next;
    pthread_mutex_t lock;
    size_t failed_block; /* SIZE_MAX = none */
    struct error *error;
};

struct member {
    struct crew *crew;
    unsigned worker;
    pthread_t thread;
};

/* Keeps the failure of the lowest block: the same one on every machine, since all lower blocks were
 * begun before and are finished. */
static void report(struct crew *crew, size_t block, const struct error *error)
{
    pthread_mutex_lock(&crew->lock);
    if (block < crew->failed_block) {
        crew->failed_block = block;
        if (crew->error)
            *crew->error = *error;
    }
    pthread_mutex_unlock(&crew->lock);
    atomic_store(&crew->next, crew->count);
}

static void *work(void *argument)
{
    struct member *member = argument;
    struct crew *crew = member->crew;
    for (;;) {
        size_t block = atomic_fetch_add(&crew->next, 1);
        struct error error = {0};
        if (block >= crew->count)
            return NULL;
        if (!crew->run(crew->context, member->worker, block, &error))
            report(crew, block, &error);
    }
}

bool blocks_run(size_t count, unsigned threads, block_function *run, void *context,
                struct error *error)
{
    struct crew crew = {
        .run = run, .context = context, .count = count, .failed_block = SIZE_MAX, .error = error};
    struct member members[BLOCK_THREAD_LIMIT];
    unsigned started = 1;
    pthread_mutex_init(&crew.lock, NULL);
    for (; started < threads && started < BLOCK_THREAD_LIMIT; started++) {
        members[started] = (struct member){.crew = &crew, .worker = started};
        if (pthread_create(&members[started].thread, NULL, work, &members[started]) != 0)
            break; /* fewer do it as well */
    }
    members[0] = (struct member){.crew = &crew};
    work(&members[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(members[i].thread, NULL);
    pthread_mutex_destroy(&crew.lock);
    return crew.failed_block == SIZE_MAX;
}
