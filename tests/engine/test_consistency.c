/* Searches that run while the writer changes everything: each root is one moment of the order. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/rng.h"
#include "support/world.h"

enum { KEYS = 100, LANES = 32, QUERIES = 6, CHANGES = 4000 };

/* --- A stream of changes with some under way ------------------------------------------------ */

struct lane {
    struct change_job job;
    struct stream *stream;
    uint32_t index;
};

struct stream {
    struct world *world;
    struct lane lanes[LANES];
    uint32_t free_lanes[LANES]; /* a stack, guarded by the mutex */
    uint32_t free_count;
    pthread_mutex_t mutex;
    sem_t room;
};

static void lane_done(struct change_job *job)
{
    struct lane *lane = (struct lane *)job;
    struct stream *stream = lane->stream;
    memory_free(job->response);
    pthread_mutex_lock(&stream->mutex);
    stream->free_lanes[stream->free_count++] = lane->index;
    pthread_mutex_unlock(&stream->mutex);
    sem_post(&stream->room);
}

static void stream_init(struct stream *stream, struct world *world)
{
    *stream = (struct stream){.world = world, .free_count = LANES};
    pthread_mutex_init(&stream->mutex, NULL);
    sem_init(&stream->room, 0, LANES);
    for (uint32_t i = 0; i < LANES; i++) {
        stream->lanes[i] = (struct lane){.stream = stream, .index = i};
        stream->free_lanes[i] = i;
    }
}

static void stream_send(struct stream *stream, struct bytes request)
{
    while (sem_wait(&stream->room) != 0)
        ;
    pthread_mutex_lock(&stream->mutex);
    struct lane *lane = &stream->lanes[stream->free_lanes[--stream->free_count]];
    pthread_mutex_unlock(&stream->mutex);
    lane->job = (struct change_job){.request = {request.data, (uint32_t)request.size_bytes},
                                    .done = lane_done};
    cr_assert(engine_submit_change(stream->world->engine, &lane->job));
}

static void stream_finish(struct stream *stream)
{
    for (size_t i = 0; i < LANES; i++)
        while (sem_wait(&stream->room) != 0)
            ;
}

/* --- Queries that come back for more -------------------------------------------------------- */

struct watch {
    _Atomic bool stop;
    _Atomic uint32_t running;
    _Atomic uint64_t looks;    /* roots looked at */
    _Atomic uint64_t versions; /* of them, others than the same query's last one */
    _Atomic uint64_t faults;
    char ids[KEYS][8];
    struct engine *engine;
};

struct query {
    struct query_job job;
    struct watch *watch;
    bool (*is_consistent)(const struct watch *watch, const struct engine_view *view);
    uint64_t last_sequence;
};

static void query_run(struct query_job *job, const struct engine_view *view)
{
    struct query *query = (struct query *)job;
    bool ordered = view->root->sequence >= query->last_sequence;
    atomic_fetch_add(&query->watch->looks, 1);
    atomic_fetch_add(&query->watch->versions, view->root->sequence != query->last_sequence);
    if (!ordered || !query->is_consistent(query->watch, view))
        atomic_fetch_add(&query->watch->faults, 1);
    query->last_sequence = view->root->sequence;
}

static void query_done(struct query_job *job)
{
    struct query *query = (struct query *)job;
    if (atomic_load(&query->watch->stop) || !engine_submit_query(query->watch->engine, job))
        atomic_fetch_sub(&query->watch->running, 1);
}

static void watch_start(struct watch *watch, struct world *world, struct query queries[QUERIES],
                        bool (*is_consistent)(const struct watch *, const struct engine_view *))
{
    *watch = (struct watch){.running = QUERIES, .engine = world->engine};
    for (size_t i = 0; i < KEYS; i++)
        snprintf(watch->ids[i], sizeof watch->ids[i], "k%zu", i);
    for (size_t i = 0; i < QUERIES; i++) {
        queries[i] = (struct query){.job = {.run = query_run, .done = query_done},
                                    .watch = watch,
                                    .is_consistent = is_consistent};
        cr_assert(engine_submit_query(world->engine, &queries[i].job));
    }
}

/* After the engine is gone, so that no query runs any more. */
static void watch_check(struct watch *watch)
{
    cr_assert_eq(atomic_load(&watch->running), 0);
    cr_assert_eq(atomic_load(&watch->faults), 0);
    cr_assert_gt(atomic_load(&watch->looks), 100);
    cr_assert_gt(atomic_load(&watch->versions), 20, "the searches saw changes go by");
}

/* --- Tests ---------------------------------------------------------------------------------- */

/* Every change replaced the record that was oldest: so any moment of the order has the last KEYS
 * sequences, without a gap, and every key. */
static bool has_the_last_sequences(const struct watch *watch, const struct engine_view *view)
{
    const struct snapshot *snapshot = &view->root->applicants;
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t slot = 0; slot < snapshot->chunk_count * COLLECTION_CHUNK_SLOTS; slot++) {
        const struct entry *entry = snapshot_at(snapshot, slot);
        if (entry) {
            low = entry->sequence < low ? entry->sequence : low;
            high = entry->sequence > high ? entry->sequence : high;
        }
    }
    for (size_t i = 0; i < KEYS; i += 7) {
        const struct entry *entry =
            engine_find(view, RECORD_APPLICANT, (struct key){STR("tj"), str_of(watch->ids[i])});
        if (!entry || entry->sequence < low || entry->sequence > high)
            return false;
    }
    return snapshot->record_count == KEYS && high == view->root->sequence && high - low + 1 == KEYS;
}

Test(consistency, no_search_sees_a_gap_in_the_order)
{
    static struct watch watch;
    static struct query queries[QUERIES];
    struct world world;
    struct stream stream;
    struct bytes requests[KEYS];
    world_init(&world, &(struct engine_options){.worker_count = 3, .group_limit = 7});
    stream_init(&stream, &world);
    for (size_t i = 0; i < KEYS; i++) {
        char id[8];
        snprintf(id, sizeof id, "k%zu", i);
        requests[i] = world_put_applicant(id, "");
        stream_send(&stream, requests[i]);
    }
    stream_finish(&stream);
    stream_init(&stream, &world);
    watch_start(&watch, &world, queries, has_the_last_sequences);
    for (size_t i = 0; i < CHANGES; i++)
        stream_send(&stream, requests[i % KEYS]);
    stream_finish(&stream);
    atomic_store(&watch.stop, true);
    world_release(&world);
    watch_check(&watch);
    for (size_t i = 0; i < KEYS; i++)
        free(requests[i].data);
}

/* A lookup finds a key exactly when the same root has it, however often it is deleted and comes
 * back, in its old slot or in another's. */
static bool finds_what_is_there(const struct watch *watch, const struct engine_view *view)
{
    const struct snapshot *snapshot = &view->root->vacancies;
    size_t found_count = 0, there_count = 0;
    for (size_t slot = 0; slot < snapshot->chunk_count * COLLECTION_CHUNK_SLOTS; slot++) {
        const struct entry *entry = snapshot_at(snapshot, slot);
        if (!entry)
            continue;
        there_count++;
        if (engine_find(view, RECORD_VACANCY, entry_key(entry)) != entry)
            return false;
    }
    for (size_t i = 0; i < KEYS; i++)
        found_count += engine_find(view, RECORD_VACANCY,
                                   (struct key){STR("tj"), str_of(watch->ids[i])}) != NULL;
    return found_count == there_count && there_count == snapshot->record_count;
}

Test(consistency, a_lookup_agrees_with_its_root_while_keys_come_and_go)
{
    static struct watch watch;
    static struct query queries[QUERIES];
    static bool present[KEYS];
    struct world world;
    struct stream stream;
    struct bytes puts[KEYS], deletes[KEYS];
    struct rng rng;
    uint64_t seed = (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    world_init(&world, &(struct engine_options){.worker_count = 3, .group_limit = 5});
    stream_init(&stream, &world);
    watch_start(&watch, &world, queries, finds_what_is_there);
    for (size_t i = 0; i < KEYS; i++) {
        puts[i] = world_put_vacancy(watch.ids[i], "");
        deletes[i] = world_delete(RECORD_VACANCY, watch.ids[i]);
    }
    for (size_t i = 0; i < CHANGES; i++) {
        /* Few keys at a time, so that some are back in their slot before its grace period ends. */
        size_t key = (i / 200 * 10 + rng_below(&rng, 10)) % KEYS;
        stream_send(&stream, present[key] ? deletes[key] : puts[key]);
        present[key] = !present[key];
    }
    stream_finish(&stream);
    atomic_store(&watch.stop, true);
    world_release(&world);
    watch_check(&watch);
    for (size_t i = 0; i < KEYS; i++) {
        free(puts[i].data);
        free(deletes[i].data);
    }
}
