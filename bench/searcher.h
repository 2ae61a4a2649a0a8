/* One caller who asks an engine one question after another, for a while.
 *
 * A question is put as a job of its own, as the server does; the next one when it is answered. Only
 * the search itself is timed.
 * Threads: start and wait by the owner; the rest runs on the engine's workers, one at a time.
 */
#ifndef HAIHE_BENCH_SEARCHER_H
#define HAIHE_BENCH_SEARCHER_H

#include <semaphore.h>
#include <stdatomic.h>

#include "core/search.h"
#include "engine/engine.h"
#include "workload.h"

/* The search that a job runs, the same as matcher/server/match_service.c has it: the one place to
 * change when that changes. The result is in the view's arena. */
bool search_view(const struct engine_view *view, const struct search_request *request,
                 struct search_result *result, struct error *error);

struct searcher {
    struct query_job job; /* first: the engine hands this back */
    struct engine *engine;
    const struct workload *workload; /* its queries and ranking */
    const struct profile *profile;
    uint32_t k;
    size_t next_query;
    int64_t until_ns;      /* no question after this .. */
    size_t question_limit; /* .. nor after so many */
    size_t asked;
    bool compare; /* with the exhaustive search within the same root, instead of noting times */
    size_t mismatches;
    int64_t *spent_ns; /* borrowed, room for spent_limit */
    size_t spent_count, spent_limit;
    sem_t ended;
    atomic_bool running;
    struct error error; /* of the search that failed; code ERROR_OK = none */
};

/* Set engine .. k first. */
void searcher_init(struct searcher *searcher);
void searcher_release(struct searcher *searcher);
/* Begins to ask, with the next query behind the last one asked. False when the engine refuses. */
bool searcher_start(struct searcher *searcher, struct error *error);
bool searcher_is_running(struct searcher *searcher);
/* Until it has stopped asking. False with the error of a search that failed. */
bool searcher_wait(struct searcher *searcher, struct error *error);

#endif
