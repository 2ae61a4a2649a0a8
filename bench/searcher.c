/* See searcher.h. */
#include "searcher.h"

#include <errno.h>
#include <stdio.h>

#include "truth.h"

#include "base/banned.h"

enum { SHOWN_MISMATCH_LIMIT = 5 };

static const struct snapshot *candidates_of(const struct engine_view *view, enum ranking ranking)
{
    return ranking == RANK_VACANCIES ? &view->root->vacancies : &view->root->applicants;
}

bool search_view(const struct engine_view *view, const struct search_request *request,
                 struct search_result *result, struct error *error)
{
    return index_search(request, view->root->indexes[request->scoring.ranking], NULL, view->arena,
                        result, NULL, error);
}

static struct search_request next_request(struct searcher *searcher, const struct engine_view *view)
{
    const struct workload *workload = searcher->workload;
    const void *query = workload->queries[searcher->next_query++ % workload->query_count];
    struct search_request request = {.scoring = {.profile = searcher->profile,
                                                 .taxonomy = view->model->taxonomy,
                                                 .ranking = workload->ranking},
                                     .k = searcher->k};
    if (workload->ranking == RANK_VACANCIES)
        request.applicant = query;
    else
        request.vacancy = query;
    return request;
}

static bool compare(struct searcher *searcher, const struct engine_view *view,
                    const struct search_request *request)
{
    struct search_result expected, found;
    char what[320];
    if (!search_exhaustive(request, candidates_of(view, request->scoring.ranking), view->arena,
                           &expected, &searcher->error) ||
        !search_view(view, request, &found, &searcher->error))
        return false;
    if (truth_differs(&expected, &found, what, sizeof what) &&
        searcher->mismatches++ < SHOWN_MISMATCH_LIMIT)
        fprintf(stderr, "mismatch: at sequence %llu: %s\n",
                (unsigned long long)view->root->sequence, what);
    return true;
}

static bool measure(struct searcher *searcher, const struct engine_view *view,
                    const struct search_request *request)
{
    struct search_result result;
    int64_t begin_ns = clock_monotonic_ns();
    if (!search_view(view, request, &result, &searcher->error))
        return false;
    if (searcher->spent_count < searcher->spent_limit)
        searcher->spent_ns[searcher->spent_count++] = clock_monotonic_ns() - begin_ns;
    return true;
}

static void run(struct query_job *job, const struct engine_view *view)
{
    struct searcher *searcher = (struct searcher *)job;
    struct search_request request = next_request(searcher, view);
    bool searched =
        searcher->compare ? compare(searcher, view, &request) : measure(searcher, view, &request);
    searcher->asked++;
    if (!searched)
        searcher->until_ns = 0;
}

static void done(struct query_job *job)
{
    struct searcher *searcher = (struct searcher *)job;
    if (clock_monotonic_ns() < searcher->until_ns && searcher->asked < searcher->question_limit &&
        engine_submit_query(searcher->engine, job))
        return;
    atomic_store(&searcher->running, false);
    sem_post(&searcher->ended);
}

void searcher_init(struct searcher *searcher)
{
    searcher->job = (struct query_job){.run = run, .done = done};
    sem_init(&searcher->ended, 0, 0);
    atomic_init(&searcher->running, false);
}

void searcher_release(struct searcher *searcher)
{
    sem_destroy(&searcher->ended);
}

bool searcher_start(struct searcher *searcher, struct error *error)
{
    searcher->asked = 0;
    searcher->error = (struct error){0};
    atomic_store(&searcher->running, true);
    if (engine_submit_query(searcher->engine, &searcher->job))
        return true;
    atomic_store(&searcher->running, false);
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "the engine takes no question");
}

bool searcher_is_running(struct searcher *searcher)
{
    return atomic_load(&searcher->running);
}

bool searcher_wait(struct searcher *searcher, struct error *error)
{
    while (sem_wait(&searcher->ended) != 0 && errno == EINTR)
        continue;
    if (searcher->error.code == ERROR_OK)
        return true;
    *error = searcher->error;
    return false;
}
