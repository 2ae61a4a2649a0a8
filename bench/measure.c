/* See measure.h. */
#include "measure.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "blocks.h"

#include "base/banned.h"

enum {
    /* 1000 matches of a truth and of a subject take 0.4 MiB; an index may use some more. */
    ARENA_LIMIT_BYTES = 64 << 20,
    WARM_UP_MS = 1000,
    SHOWN_MISMATCH_LIMIT = 5,
    LINE_LIMIT_BYTES_OUT = 200 * SEARCH_K_LIMIT,
};

/* A thread's own. */
struct place_of_work {
    struct arena arena;
    struct index_work work;
    uint64_t matches, empty_count;
    char apart[64]; /* from the next thread's */
};

struct session {
    const struct measure_options *options;
    struct place_of_work *places; /* owned, one a thread */
    int64_t warm_until_ns;
    int64_t *spent_ns;         /* one a query */
    const struct truth *truth; /* when comparing */
    pthread_mutex_t lock;      /* of mismatches and stderr */
    size_t mismatches;
    struct buffer *texts; /* when writing, one a query */
};

static void session_init(struct session *session, const struct measure_options *options)
{
    *session = (struct session){.options = options};
    session->places = memory_must_zeroed(options->threads + 1, sizeof *session->places);
    for (unsigned i = 0; i < options->threads; i++)
        arena_init(&session->places[i].arena, ARENA_LIMIT_BYTES);
    pthread_mutex_init(&session->lock, NULL);
}

static void session_release(struct session *session)
{
    for (unsigned i = 0; i < session->options->threads; i++)
        arena_release(&session->places[i].arena);
    pthread_mutex_destroy(&session->lock);
    memory_free(session->places);
}

struct search_request measure_request(const struct measure_options *options, const void *query)
{
    struct search_request request = {.scoring = {.profile = options->profile,
                                                 .filter = options->filter,
                                                 .taxonomy = options->workload->taxonomy,
                                                 .ranking = options->workload->ranking},
                                     .k = options->k};
    if (options->workload->ranking == RANK_VACANCIES)
        request.applicant = query;
    else
        request.vacancy = query;
    return request;
}

/* --- Times ----------------------------------------------------------------------------------- */

union mixture {
    struct vacancy vacancy;
    struct applicant applicant;
};

/* The place and wage of one query with the skills of the next: as costly as a query, but none of
 * those that are timed. */
static void mix(const struct workload *workload, size_t index, union mixture *out)
{
    const void *base = workload->queries[index];
    const void *other = workload->queries[(index + 1) % workload->query_count];
    if (workload->ranking == RANK_VACANCIES) {
        const struct applicant *donor = other;
        out->applicant = *(const struct applicant *)base;
        out->applicant.skills = donor->skills;
        out->applicant.skill_count = donor->skill_count;
    } else {
        const struct vacancy *donor = other;
        out->vacancy = *(const struct vacancy *)base;
        out->vacancy.skills = donor->skills;
        out->vacancy.skill_count = donor->skill_count;
    }
}

static bool warm_up_one(void *context, unsigned worker, size_t index, struct error *error)
{
    struct session *session = context;
    struct arena *arena = &session->places[worker].arena;
    struct subject_answer answer;
    union mixture mixture;
    if (clock_monotonic_ns() >= session->warm_until_ns)
        return true;
    mix(session->options->workload, index, &mixture);
    struct search_request request = measure_request(session->options, &mixture);
    arena_clear(arena);
    return subject_search(session->options->subject, &request, arena, &answer, error);
}

static bool time_one(void *context, unsigned worker, size_t index, struct error *error)
{
    struct session *session = context;
    struct place_of_work *place = &session->places[worker];
    struct search_request request =
        measure_request(session->options, session->options->workload->queries[index]);
    struct subject_answer answer;
    arena_clear(&place->arena);
    int64_t begin_ns = clock_monotonic_ns();
    if (!subject_search(session->options->subject, &request, &place->arena, &answer, error))
        return false;
    session->spent_ns[index] = clock_monotonic_ns() - begin_ns;
#define X(name) place->work.name += answer.work.name;
    INDEX_WORK(X)
#undef X
    place->matches += answer.result.match_count;
    place->empty_count += answer.result.match_count == 0;
    return true;
}

static void summarise(struct session *session, size_t count, int64_t wall_ns,
                      struct measure_times *times)
{
    *times = (struct measure_times){
        .spent = distribution_of(session->spent_ns, count),
        .searches_per_second = (double)count * 1e9 / (double)wall_ns,
    };
    for (unsigned i = 0; i < session->options->threads; i++) {
        const struct place_of_work *place = &session->places[i];
#define X(name) times->name += (double)place->work.name / (double)count;
        INDEX_WORK(X)
#undef X
        times->matches += (double)place->matches / (double)count;
        times->empty_count += place->empty_count;
    }
}

bool measure_times(const struct measure_options *options, struct measure_times *times,
                   struct error *error)
{
    size_t count = options->workload->query_count;
    struct session session;
    session_init(&session, options);
    session.spent_ns = memory_must_zeroed(count, sizeof *session.spent_ns);
    session.warm_until_ns = clock_monotonic_ns() + WARM_UP_MS * INT64_C(1000000);
    bool measured = blocks_run(count, options->threads, warm_up_one, &session, error);
    int64_t begin_ns = clock_monotonic_ns();
    measured = measured && blocks_run(count, options->threads, time_one, &session, error);
    if (measured)
        summarise(&session, count, clock_monotonic_ns() - begin_ns, times);
    memory_free(session.spent_ns);
    session_release(&session);
    return measured;
}

/* --- Against the truth ----------------------------------------------------------------------- */

static struct str query_id(const struct workload *workload, size_t index)
{
    return ((const struct key *)workload->queries[index])->id; /* both records begin with it */
}

static bool compare_one(void *context, unsigned worker, size_t index, struct error *error)
{
    struct session *session = context;
    struct arena *arena = &session->places[worker].arena;
    const struct workload *workload = session->options->workload;
    struct search_request request = measure_request(session->options, workload->queries[index]);
    struct search_result expected;
    struct subject_answer answer;
    char what[320];
    arena_clear(arena);
    if (!truth_search(session->truth, &request, arena, &expected, error) ||
        !subject_search(session->options->subject, &request, arena, &answer, error))
        return false;
    if (!truth_differs(&expected, &answer.result, what, sizeof what))
        return true;
    pthread_mutex_lock(&session->lock);
    if (session->mismatches++ < SHOWN_MISMATCH_LIMIT)
        fprintf(stderr, "mismatch: query '%.*s': %s\n", STR_ARG(query_id(workload, index)), what);
    pthread_mutex_unlock(&session->lock);
    return true;
}

bool measure_mismatches(const struct measure_options *options, const struct truth *truth,
                        size_t count, size_t *mismatches, struct error *error)
{
    struct session session;
    session_init(&session, options);
    session.truth = truth;
    bool compared = blocks_run(count, options->threads, compare_one, &session, error);
    *mismatches = session.mismatches;
    session_release(&session);
    return compared;
}

/* --- Writing --------------------------------------------------------------------------------- */

static bool write_one(void *context, unsigned worker, size_t index, struct error *error)
{
    struct session *session = context;
    struct arena *arena = &session->places[worker].arena;
    const struct workload *workload = session->options->workload;
    struct search_request request = measure_request(session->options, workload->queries[index]);
    struct subject_answer answer;
    struct buffer *text = &session->texts[index];
    arena_clear(arena);
    if (!subject_search(session->options->subject, &request, arena, &answer, error))
        return false;
    buffer_init(text, LINE_LIMIT_BYTES_OUT);
    for (uint32_t i = 0; i < answer.result.match_count; i++) {
        const struct rank *rank = &answer.result.matches[i].rank;
        buffer_printf(text, "%.*s\t%" PRIu32 "\t%.*s\t%" PRId32 "\n",
                      STR_ARG(query_id(workload, index)), i + 1, STR_ARG(rank->key.id),
                      rank->score);
    }
    return !text->failed || error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the lines");
}

bool measure_write(const struct measure_options *options, FILE *out, struct error *error)
{
    size_t count = options->workload->query_count;
    struct session session;
    session_init(&session, options);
    session.texts = memory_must_zeroed(count, sizeof *session.texts);
    bool written = blocks_run(count, options->threads, write_one, &session, error);
    for (size_t i = 0; i < count; i++) {
        struct str text = buffer_borrow(&session.texts[i]);
        if (written && text.length > 0 && fwrite(text.data, 1, text.length, out) != text.length)
            written = error_set(error, ERROR_UNKNOWN, "the output cannot be written");
        buffer_release(&session.texts[i]);
    }
    memory_free(session.texts);
    session_release(&session);
    return written;
}

/* --- What the records are like --------------------------------------------------------------- */

uint32_t measure_essential_permille(const struct measure_options *options, size_t pairs,
                                    uint64_t seed, size_t *seen)
{
    const struct workload *workload = options->workload;
    const gate_set essential = (gate_set)1 << GATE_ESSENTIAL_SKILL_MISSING;
    struct rng rng;
    struct workload_record record;
    size_t failed = 0;
    *seen = 0;
    rng_init(&rng, seed);
    for (size_t i = 0; i < pairs; i++) {
        const void *query = workload->queries[rng_below(&rng, workload->query_count)];
        struct search_request request = measure_request(options, query);
        const void *candidate =
            workload_candidate(workload, rng_below(&rng, workload->candidate_count), &record);
        struct pair_score pair;
        score_pair(&request.scoring, request.vacancy ? request.vacancy : candidate,
                   request.applicant ? request.applicant : candidate, &pair);
        if ((pair.failed & ~essential) != 0)
            continue;
        *seen += 1;
        failed += pair.failed != 0;
    }
    return *seen > 0 ? (uint32_t)(failed * 1000 / *seen) : 0;
}
