#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/memory.h"
#include "base/rcu.h"

enum { ALIVE = 0x600d, DEAD = 0xdead, READERS = 3, PUBLICATIONS = 3000 };

/* A snapshot; every value equals the first as long as it lives. Its fields are plain: only the
 * grace period keeps the reclaimer's writes away from the readers. */
struct snapshot {
    struct rcu_garbage garbage;
    int state;
    uint64_t values[16];
    _Atomic int *reclaimed;
};

struct world {
    struct snapshot *_Atomic current;
    _Atomic bool stop;
    _Atomic int reclaimed;
    _Atomic int torn;
    _Atomic int running;
};

static struct snapshot *snapshot_new(uint64_t value, _Atomic int *reclaimed)
{
    struct snapshot *snapshot = memory_must_zeroed(1, sizeof *snapshot);
    snapshot->state = ALIVE;
    snapshot->reclaimed = reclaimed;
    for (size_t i = 0; i < 16; i++)
        snapshot->values[i] = value;
    return snapshot;
}

static void reclaim_snapshot(struct rcu_garbage *garbage)
{
    struct snapshot *snapshot = (struct snapshot *)garbage;
    snapshot->state = DEAD;
    for (size_t i = 0; i < 16; i++)
        snapshot->values[i] = i;
    atomic_fetch_add(snapshot->reclaimed, 1);
    memory_free(snapshot);
}

static void *read_snapshots(void *argument)
{
    struct world *world = argument;
    rcu_thread_enter();
    atomic_fetch_add(&world->running, 1);
    while (!atomic_load_explicit(&world->stop, memory_order_relaxed)) {
        rcu_read_enter();
        const struct snapshot *snapshot =
            atomic_load_explicit(&world->current, memory_order_acquire);
        bool whole = snapshot->state == ALIVE;
        for (size_t i = 1; i < 16; i++)
            whole = whole && snapshot->values[i] == snapshot->values[0];
        if (!whole)
            atomic_fetch_add(&world->torn, 1);
        rcu_read_leave();
    }
    rcu_thread_leave();
    return NULL;
}

Test(rcu, readers_never_see_what_was_reclaimed)
{
    static struct world world;
    world.current = snapshot_new(0, &world.reclaimed);
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, read_snapshots, &world);
    while (atomic_load(&world.running) < READERS)
        sched_yield();
    rcu_thread_enter();
    for (uint64_t i = 1; i <= PUBLICATIONS; i++) {
        struct snapshot *next = snapshot_new(i, &world.reclaimed);
        struct snapshot *old = atomic_exchange_explicit(&world.current, next, memory_order_acq_rel);
        rcu_defer(&old->garbage, reclaim_snapshot);
    }
    atomic_store(&world.stop, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    rcu_drain();
    cr_assert_eq(world.torn, 0);
    cr_assert_eq(world.reclaimed, PUBLICATIONS, "drain waits for every deferred call");
    memory_free(world.current);
    rcu_thread_leave();
}

struct held {
    struct rcu_garbage garbage;
    sem_t inside, deferred;
    _Atomic bool reclaimed;
    bool reclaimed_while_inside;
    int plain; /* read by the reader, written by the reclaimer */
};

static void reclaim_held(struct rcu_garbage *garbage)
{
    struct held *held = (struct held *)garbage;
    held->plain = 0;
    atomic_store(&held->reclaimed, true);
}

static void *hold_section(void *argument)
{
    struct held *held = argument;
    rcu_thread_enter();
    rcu_read_enter();
    sem_post(&held->inside);
    sem_wait(&held->deferred);
    /* Give the reclaimer every chance to be wrong. */
    for (int i = 0; i < 1000; i++) {
        sched_yield();
        if (atomic_load_explicit(&held->reclaimed, memory_order_relaxed) || held->plain != 42)
            held->reclaimed_while_inside = true;
    }
    rcu_read_leave();
    rcu_thread_leave();
    return NULL;
}

Test(rcu, a_deferred_call_waits_for_the_reader_inside)
{
    static struct held held;
    sem_init(&held.inside, 0, 0);
    sem_init(&held.deferred, 0, 0);
    held.plain = 42;
    rcu_thread_enter();
    pthread_t reader;
    pthread_create(&reader, NULL, hold_section, &held);
    sem_wait(&held.inside);
    rcu_defer(&held.garbage, reclaim_held);
    sem_post(&held.deferred);
    rcu_drain();
    cr_assert(held.reclaimed, "drain returns after the call has run");
    cr_assert_eq(held.plain, 0);
    pthread_join(reader, NULL);
    cr_assert_not(held.reclaimed_while_inside);
    rcu_thread_leave();
}

Test(rcu, sections_nest)
{
    rcu_thread_enter();
    rcu_read_enter();
    rcu_read_enter();
    rcu_read_leave();
    cr_assert(urcu_memb_read_ongoing());
    rcu_read_leave();
    cr_assert_not(urcu_memb_read_ongoing());
    rcu_drain();
    rcu_thread_leave();
}
