/* See courier.h. Waiting is by short naps: a full queue and the end of a phase are not what is
 * measured. */
#include "courier.h"

#include <time.h>

#include "base/memory.h"

#include "base/banned.h"

#define NAP_NS 50000

struct parcel {
    struct change_job job; /* first: the engine hands this back */
    struct courier *courier;
    int64_t due_ns;
    char bytes[];
};

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
}

void courier_init(struct courier *courier, struct engine *engine, size_t noted)
{
    *courier = (struct courier){.engine = engine, .capacity = noted};
    if (noted > 0)
        courier->latency_ns = memory_must_zeroed(noted, sizeof *courier->latency_ns);
}

void courier_release(struct courier *courier)
{
    memory_free(courier->latency_ns);
    courier->latency_ns = NULL;
}

/* On the writer's thread, after the publication. */
static void on_done(struct change_job *job)
{
    struct parcel *parcel = (struct parcel *)job;
    struct courier *courier = parcel->courier;
    if (parcel->due_ns != 0) {
        courier->last_visible_ns = clock_monotonic_ns();
        if (courier->noted < courier->capacity)
            courier->latency_ns[courier->noted++] = courier->last_visible_ns - parcel->due_ns;
    }
    memory_free(job->response);
    memory_free(parcel);
    atomic_fetch_sub(&courier->under_way, 1);
}

struct parcel *parcel_new(struct str request)
{
    struct parcel *parcel = memory_try(sizeof *parcel + request.length);
    if (!parcel)
        return NULL;
    *parcel = (struct parcel){
        .job = {.request = {parcel->bytes, request.length}, .done = on_done},
    };
    if (request.length > 0)
        memcpy(parcel->bytes, request.data, request.length);
    return parcel;
}

void parcel_free(struct parcel *parcel)
{
    memory_free(parcel);
}

void courier_send(struct courier *courier, struct parcel *parcel, int64_t due_ns)
{
    parcel->courier = courier;
    parcel->due_ns = due_ns;
    atomic_fetch_add(&courier->under_way, 1);
    while (!engine_submit_change(courier->engine, &parcel->job))
        nap();
}

void courier_wait(struct courier *courier)
{
    while (atomic_load(&courier->under_way) > 0)
        nap();
}
