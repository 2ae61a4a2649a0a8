/* Brings changes to an engine and notes when each had become visible.
 *
 *   parcel [ job | courier | due | bytes .. ]   one block, freed when the engine has answered
 *
 * Threads: any may send; the engine's writer answers; whoever owns the courier reads the latencies
 * after courier_wait.
 */
#ifndef HAIHE_BENCH_COURIER_H
#define HAIHE_BENCH_COURIER_H

#include <stdatomic.h>

#include "engine/engine.h"

struct parcel;

struct courier {
    struct engine *engine;
    atomic_size_t under_way;
    /* Of the parcels sent with a due time, by the writer's thread: the first `capacity` ones. */
    int64_t *latency_ns; /* owned; NULL = not noted */
    size_t capacity, noted;
    int64_t last_visible_ns;
};

/* `noted` is how many latencies to keep; 0 = none. Ends the process without memory. */
void courier_init(struct courier *courier, struct engine *engine, size_t noted);
void courier_release(struct courier *courier);

/* A copy of the request's bytes, to be sent once. NULL without memory. */
struct parcel *parcel_new(struct str request);
void parcel_free(struct parcel *parcel);

/* Waits while the engine's queue is full. due_ns: when it should have been sent, from which its
 * latency counts; 0 = not noted. Takes the parcel. */
void courier_send(struct courier *courier, struct parcel *parcel, int64_t due_ns);
/* Until all that was sent is answered. */
void courier_wait(struct courier *courier);

#endif
