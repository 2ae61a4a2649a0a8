/* The one bounded queue: hand-over of pointers between threads.
 *
 *   slots [ . | a | b | c | . | . ]     a ring of capacity pointers
 *             ^head       ^tail
 *
 * Many producers, many consumers; a mutex and two condition variables (a hand-over costs a search a
 * thousandth of its time; simplicity wins). A full queue refuses a try_push: that is the signal to
 * shed load. After queue_close pushes fail, and pops drain what is left and then fail.
 * Ownership of an item passes with it. Thread: any.
 */
#ifndef HAIHE_BASE_QUEUE_H
#define HAIHE_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* NULL when there is no memory. */
struct queue *queue_new(size_t capacity);
/* The queue must be empty and nobody inside. NULL is allowed. */
void queue_free(struct queue *queue);
/* False when full or closed: the item stays the caller's. Never waits. */
bool queue_try_push(struct queue *queue, void *item);
/* Waits for room; false when closed. */
bool queue_push(struct queue *queue, void *item);
/* Waits for an item; NULL when closed and empty. */
void *queue_pop(struct queue *queue);
/* Takes up to `limit` items, waiting at most timeout_ns for the first (0: does not wait, negative:
 * as long as it takes). Returns how many; 0 = none came in time, or closed and empty. */
size_t queue_pop_many(struct queue *queue, void **items, size_t limit, int64_t timeout_ns);
void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
size_t queue_count(struct queue *queue);

#endif
