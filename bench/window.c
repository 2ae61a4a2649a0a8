/* See window.h. A group is told by the sequence that the engine has published when its first
 * change is answered: that of its last one. */
#include "window.h"

#include <errno.h>
#include <time.h>

#include "base/memory.h"
#include "wire/raw.h"

#include "base/banned.h"

#define NAP_NS 50000
enum { APPLIED = 2, APPLIED_SEQUENCE = 1 }; /* of ApplyResponse, and of Applied */

/* The field's value, an empty message otherwise; both are there at most once. */
static bool find_field(struct str message, uint32_t number, struct raw_field *out)
{
    while (raw_next(&message, out) == RAW_FIELD)
        if (out->number == number)
            return true;
    return false;
}

/* 0 when it was refused. */
static uint64_t applied_sequence(const struct change_job *job)
{
    struct raw_field applied, sequence;
    struct str response = {job->response, (uint32_t)job->response_bytes};
    if (!job->response || !find_field(response, APPLIED, &applied) ||
        !find_field(applied.bytes, APPLIED_SEQUENCE, &sequence))
        return 0;
    return sequence.value;
}

static void count_group(struct window *window, uint64_t sequence)
{
    struct engine_stats stats;
    if (!window->counts_groups || sequence <= window->group_end)
        return;
    engine_stats(window->engine, &stats);
    window->group_end = stats.sequence;
    window->group_count++;
}

/* On the writer's thread, after the publication. */
static void on_done(struct change_job *job)
{
    struct window *window = ((struct window_job *)job)->window;
    uint64_t sequence = applied_sequence(job);
    memory_free(job->response);
    job->response = NULL;
    if (sequence > 0) {
        window->applied++;
        count_group(window, sequence);
    } else {
        window->refused++;
    }
    atomic_fetch_add(&window->answered, 1);
    if (atomic_exchange(&window->is_waiting, false))
        sem_post(&window->moved);
}

void window_init(struct window *window, struct engine *engine, size_t job_count)
{
    *window = (struct window){.engine = engine, .job_count = job_count};
    window->jobs = memory_must_zeroed(job_count, sizeof *window->jobs);
    for (size_t i = 0; i < job_count; i++)
        window->jobs[i] = (struct window_job){.job.done = on_done, .window = window};
    sem_init(&window->moved, 0, 0);
}

void window_release(struct window *window)
{
    if (!window->jobs)
        return;
    sem_destroy(&window->moved);
    memory_free(window->jobs);
    window->jobs = NULL;
}

static bool is_below(struct window *window, uint64_t limit)
{
    return window->sent - atomic_load(&window->answered) < limit;
}

/* Until fewer than `limit` are under way. */
static void wait_below(struct window *window, uint64_t limit)
{
    while (!is_below(window, limit)) {
        atomic_store(&window->is_waiting, true);
        if (is_below(window, limit)) /* a post that comes all the same wakes the next wait early */
            break;
        while (sem_wait(&window->moved) != 0 && errno == EINTR)
            continue;
    }
}

void window_send(struct window *window, struct str request)
{
    wait_below(window, window->job_count);
    struct change_job *job = &window->jobs[window->sent % window->job_count].job;
    job->request = request;
    while (!engine_submit_change(window->engine, job))
        nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    window->sent++;
}

void window_wait(struct window *window)
{
    wait_below(window, 1);
}

void window_clear_counts(struct window *window, bool counts_groups)
{
    struct engine_stats stats;
    engine_stats(window->engine, &stats);
    window->counts_groups = counts_groups;
    window->group_end = stats.sequence;
    window->group_count = window->applied = window->refused = 0;
}
