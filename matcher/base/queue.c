/* The bounded queue: a ring under one mutex.
 *
 * Invariants, under the mutex: count <= capacity; the items are slots[head], slots[head + 1], ..
 * (modulo capacity), oldest first; a slot outside them is stale. `closed` only ever becomes true.
 * `changed` waits would wake the wrong side, so producers and consumers wait apart. Every wait is a
 * loop around its condition, so that a wake-up too many is harmless; one too few cannot happen,
 * since a push wakes a consumer and each item taken wakes a producer.
 * Cost: an uncontended hand-over is a lock, a store and a futex-free signal.
 */
#include "base/queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

#include "base/banned.h"

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty; /* consumers wait, by the monotonic clock */
    pthread_cond_t not_full;  /* producers wait */
    void **slots;             /* capacity pointers, owned; what they point to is not */
    size_t capacity;
    size_t head; /* the oldest item */
    size_t count;
    bool closed;
};

static void lock(struct queue *queue)
{
    int status = pthread_mutex_lock(&queue->mutex);
    assert(status == 0);
    (void)status;
}

static void unlock(struct queue *queue)
{
    int status = pthread_mutex_unlock(&queue->mutex);
    assert(status == 0);
    (void)status;
}

/* Nothing here can fail with glibc short of a bug: these calls allocate nothing. */
static void init_synchronisation(struct queue *queue)
{
    pthread_condattr_t attributes;
    int status = pthread_mutex_init(&queue->mutex, NULL);
    status |= pthread_condattr_init(&attributes);
    status |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    status |= pthread_cond_init(&queue->not_empty, &attributes);
    status |= pthread_cond_init(&queue->not_full, NULL);
    status |= pthread_condattr_destroy(&attributes);
    assert(status == 0);
    (void)status;
}

struct queue *queue_new(size_t capacity)
{
    assert(capacity > 0);
    struct queue *queue = memory_try_zeroed(1, sizeof *queue);
    void **slots = memory_try_zeroed(capacity, sizeof *slots);
    if (!queue || !slots) {
        memory_free(queue);
        memory_free(slots);
        return NULL;
    }
    queue->slots = slots;
    queue->capacity = capacity;
    init_synchronisation(queue);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    assert(queue->count == 0);
    pthread_cond_destroy(&queue->not_full);
    pthread_cond_destroy(&queue->not_empty);
    pthread_mutex_destroy(&queue->mutex);
    memory_free(queue->slots);
    memory_free(queue);
}

static void add(struct queue *queue, void *item)
{
    assert(item && queue->count < queue->capacity);
    /* Not (head + count) % capacity: that sum may wrap for an absurd capacity. */
    size_t to_end = queue->capacity - queue->head;
    queue->slots[queue->count < to_end ? queue->head + queue->count : queue->count - to_end] = item;
    queue->count++;
    pthread_cond_signal(&queue->not_empty);
}

static void *take(struct queue *queue)
{
    void *item = queue->slots[queue->head];
    queue->head = queue->head + 1 < queue->capacity ? queue->head + 1 : 0;
    queue->count--;
    pthread_cond_signal(&queue->not_full);
    return item;
}

bool queue_try_push(struct queue *queue, void *item)
{
    lock(queue);
    bool room = !queue->closed && queue->count < queue->capacity;
    if (room)
        add(queue, item);
    unlock(queue);
    return room;
}

bool queue_push(struct queue *queue, void *item)
{
    lock(queue);
    while (!queue->closed && queue->count == queue->capacity)
        pthread_cond_wait(&queue->not_full, &queue->mutex);
    bool open = !queue->closed;
    if (open)
        add(queue, item);
    unlock(queue);
    return open;
}

/* Under the mutex: waits until there is an item (true), or the queue is closed or the time over. */
static bool wait_for_item(struct queue *queue, int64_t timeout_ns)
{
    if (timeout_ns < 0) {
        while (queue->count == 0 && !queue->closed)
            pthread_cond_wait(&queue->not_empty, &queue->mutex);
        return queue->count > 0;
    }
    int64_t until_ns;
    if (__builtin_add_overflow(clock_monotonic_ns(), timeout_ns, &until_ns))
        until_ns = INT64_MAX;
    const struct timespec until = {.tv_sec = until_ns / 1000000000,
                                   .tv_nsec = until_ns % 1000000000};
    int status = 0;
    while (queue->count == 0 && !queue->closed && timeout_ns > 0 && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&queue->not_empty, &queue->mutex, &until);
    return queue->count > 0;
}

void *queue_pop(struct queue *queue)
{
    void *item = NULL;
    return queue_pop_many(queue, &item, 1, -1) == 1 ? item : NULL;
}

size_t queue_pop_many(struct queue *queue, void **items, size_t limit, int64_t timeout_ns)
{
    assert(limit > 0);
    size_t taken = 0;
    lock(queue);
    if (wait_for_item(queue, timeout_ns))
        while (taken < limit && queue->count > 0)
            items[taken++] = take(queue);
    unlock(queue);
    return taken;
}

void queue_close(struct queue *queue)
{
    lock(queue);
    queue->closed = true;
    pthread_cond_broadcast(&queue->not_empty);
    pthread_cond_broadcast(&queue->not_full);
    unlock(queue);
}

bool queue_is_closed(struct queue *queue)
{
    lock(queue);
    bool closed = queue->closed;
    unlock(queue);
    return closed;
}

size_t queue_count(struct queue *queue)
{
    lock(queue);
    size_t count = queue->count;
    unlock(queue);
    return count;
}
