#include <criterion/criterion.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/queue.h"
#include "base/rng.h"

/* An item that is a number; never NULL. */
static void *item_of(uintptr_t number)
{
    return (void *)(number + 1);
}

static uintptr_t number_of(void *item)
{
    return (uintptr_t)item - 1;
}

Test(queue, keeps_the_order_and_refuses_when_full)
{
    struct queue *queue = queue_new(3);
    cr_assert_eq(queue_count(queue), 0);
    for (uintptr_t i = 0; i < 3; i++)
        cr_assert(queue_try_push(queue, item_of(i)));
    cr_assert_not(queue_try_push(queue, item_of(9)));
    cr_assert_eq(queue_count(queue), 3);
    for (uintptr_t i = 0; i < 3; i++)
        cr_assert_eq(number_of(queue_pop(queue)), i);
    cr_assert_eq(queue_count(queue), 0);
    queue_free(queue);
    queue_free(NULL);
}

Test(queue, agrees_with_a_plain_list)
{
    const uint64_t seed = 11;
    fprintf(stderr, "queue: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t capacity = 1; capacity <= 9; capacity++) {
        struct queue *queue = queue_new(capacity);
        uintptr_t next = 0, oldest = 0;
        for (int step = 0; step < 3000; step++) {
            if (rng_below(&rng, 2)) {
                bool room = next - oldest < capacity;
                cr_assert_eq(queue_try_push(queue, item_of(next)), room);
                next += room;
            } else {
                void *items[4];
                size_t limit = 1 + rng_below(&rng, 4);
                size_t expected = next - oldest < limit ? next - oldest : limit;
                cr_assert_eq(queue_pop_many(queue, items, limit, 0), expected);
                for (size_t i = 0; i < expected; i++)
                    cr_assert_eq(number_of(items[i]), oldest++);
            }
            cr_assert_eq(queue_count(queue), next - oldest);
        }
        for (; oldest < next; oldest++)
            cr_assert_eq(number_of(queue_pop(queue)), oldest);
        queue_free(queue);
    }
}

Test(queue, closed_refuses_pushes_and_drains)
{
    struct queue *queue = queue_new(4);
    cr_assert(queue_push(queue, item_of(1)));
    cr_assert(queue_push(queue, item_of(2)));
    cr_assert_not(queue_is_closed(queue));
    queue_close(queue);
    queue_close(queue);
    cr_assert(queue_is_closed(queue));
    cr_assert_not(queue_try_push(queue, item_of(3)));
    cr_assert_not(queue_push(queue, item_of(3)));
    cr_assert_eq(number_of(queue_pop(queue)), 1);
    void *items[4];
    cr_assert_eq(queue_pop_many(queue, items, 4, -1), 1);
    cr_assert_eq(number_of(items[0]), 2);
    cr_assert_null(queue_pop(queue));
    cr_assert_eq(queue_pop_many(queue, items, 4, -1), 0);
    queue_free(queue);
}

Test(queue, pop_many_waits_no_longer_than_told)
{
    struct queue *queue = queue_new(1);
    void *item;
    cr_assert_eq(queue_pop_many(queue, &item, 1, 0), 0);
    int64_t start = clock_monotonic_ns();
    cr_assert_eq(queue_pop_many(queue, &item, 1, 3000000), 0);
    cr_assert_geq(clock_monotonic_ns() - start, 3000000);
    queue_free(queue);
}

Test(queue, freeing_items_is_a_bug, .signal = SIGABRT)
{
    struct queue *queue = queue_new(1);
    queue_try_push(queue, item_of(1));
    queue_free(queue);
}

static void *pop_one(void *queue)
{
    return queue_pop(queue);
}

static void *pop_one_with_endless_timeout(void *queue)
{
    void *item;
    return queue_pop_many(queue, &item, 1, INT64_MAX) ? item : NULL;
}

static void *push_one(void *queue)
{
    return queue_push(queue, item_of(7)) ? queue : NULL;
}

/* Whether the threads are waiting already or not must not matter: both orders are run. */
Test(queue, push_and_close_wake_those_who_wait)
{
    for (int round = 0; round < 200; round++) {
        struct queue *queue = queue_new(1);
        pthread_t a, b, c;
        void *from_a, *from_b, *from_c;
        pthread_create(&a, NULL, pop_one, queue);
        pthread_create(&b, NULL, pop_one_with_endless_timeout, queue);
        pthread_create(&c, NULL, pop_one, queue);
        cr_assert(queue_push(queue, item_of(1)));
        cr_assert(queue_push(queue, item_of(2)));
        queue_close(queue);
        pthread_join(a, &from_a);
        pthread_join(b, &from_b);
        pthread_join(c, &from_c);
        uintptr_t sum = (uintptr_t)from_a + (uintptr_t)from_b + (uintptr_t)from_c;
        cr_assert_eq(sum, 2 + 3, "two got an item each, one got NULL");
        queue_free(queue);
    }
}

Test(queue, a_pop_lets_a_waiting_push_in_and_close_turns_the_other_away)
{
    for (int round = 0; round < 200; round++) {
        struct queue *queue = queue_new(1);
        cr_assert(queue_push(queue, item_of(1)));
        pthread_t a, b;
        void *from_a, *from_b;
        pthread_create(&a, NULL, push_one, queue);
        pthread_create(&b, NULL, push_one, queue);
        cr_assert_eq(number_of(queue_pop(queue)), 1);
        while (queue_count(queue) == 0)
            sched_yield(); /* one of the two comes in; the other waits, or comes too late */
        queue_close(queue);
        pthread_join(a, &from_a);
        pthread_join(b, &from_b);
        cr_assert_eq((from_a != NULL) + (from_b != NULL), 1);
        cr_assert_eq(number_of(queue_pop(queue)), 7);
        cr_assert_null(queue_pop(queue));
        queue_free(queue);
    }
}

enum { PRODUCERS = 4, CONSUMERS = 3, ITEMS_EACH = 4000 };

struct crowd {
    struct queue *queue;
    _Atomic int next_producer;
    /* Not atomic on purpose: the queue alone orders the writes of a producer before the reads of a
     * consumer. payload[i] belongs to whoever holds item i. */
    uint64_t payload[PRODUCERS * ITEMS_EACH];
    _Atomic int taken[PRODUCERS * ITEMS_EACH];
    _Atomic int out_of_order;
};

static void *produce(void *argument)
{
    struct crowd *crowd = argument;
    uintptr_t first = (uintptr_t)atomic_fetch_add(&crowd->next_producer, 1) * ITEMS_EACH;
    for (uintptr_t i = first; i < first + ITEMS_EACH; i++) {
        crowd->payload[i] = i * 3;
        while (i % 2 ? !queue_try_push(crowd->queue, item_of(i))
                     : !queue_push(crowd->queue, item_of(i)))
            continue;
    }
    return NULL;
}

static void *consume(void *argument)
{
    struct crowd *crowd = argument;
    intptr_t last[PRODUCERS];
    memset(last, 0xff, sizeof last);
    void *items[5];
    size_t count;
    while ((count = queue_pop_many(crowd->queue, items, 5, -1)) > 0) {
        for (size_t i = 0; i < count; i++) {
            uintptr_t number = number_of(items[i]);
            /* Whoever takes from one producer sees its items in their order. */
            if ((intptr_t)number <= last[number / ITEMS_EACH] ||
                crowd->payload[number] != number * 3)
                atomic_fetch_add(&crowd->out_of_order, 1);
            last[number / ITEMS_EACH] = (intptr_t)number;
            crowd->payload[number] = 0;
            atomic_fetch_add(&crowd->taken[number], 1);
        }
    }
    return NULL;
}

Test(queue, many_threads_hand_over_each_item_once_and_in_order)
{
    static struct crowd crowd;
    crowd.queue = queue_new(7);
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    for (int i = 0; i < CONSUMERS; i++)
        pthread_create(&consumers[i], NULL, consume, &crowd);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&producers[i], NULL, produce, &crowd);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    queue_close(crowd.queue);
    for (int i = 0; i < CONSUMERS; i++)
        pthread_join(consumers[i], NULL);
    cr_assert_eq(crowd.out_of_order, 0);
    for (int i = 0; i < PRODUCERS * ITEMS_EACH; i++)
        cr_assert_eq(crowd.taken[i], 1, "item %d", i);
    queue_free(crowd.queue);
}
