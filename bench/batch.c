/* See batch.h. */
#include "batch.h"

#include "base/clock.h"
#include "base/memory.h"
#include "blocks.h"

#include "base/banned.h"

enum { ARENA_LIMIT_BYTES = 64 << 20 };

/* A thread's own. */
struct hand {
    struct index_batch_part *part;
    struct arena arena;
    struct index_work work;
    int64_t *spent_ns; /* all queries' */
    int64_t last_ns;
    uint64_t matches, empty_count;
    char apart[64];
};

struct crew {
    const struct measure_options *options;
    struct entry **subjects; /* owned, as the entries */
    struct index_batch *batch;
    struct hand *hands; /* one a thread */
    int64_t *spent_ns;
};

/* The queries in the form in which a daemon has them. */
static bool make_subjects(struct crew *crew, struct error *error)
{
    const struct workload *workload = crew->options->workload;
    struct str no_original = {NULL, 0};
    crew->subjects = memory_must_zeroed(workload->query_count, sizeof *crew->subjects);
    for (size_t i = 0; i < workload->query_count; i++) {
        crew->subjects[i] = workload->ranking == RANK_VACANCIES
                                ? entry_new_applicant(workload->queries[i], NULL, no_original)
                                : entry_new_vacancy(workload->queries[i], NULL, no_original);
        if (!crew->subjects[i])
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the subjects");
    }
    return true;
}

static void on_answer(void *context, size_t subject, const struct search_result *result)
{
    struct hand *hand = context;
    int64_t now_ns = clock_monotonic_ns();
    hand->spent_ns[subject] = now_ns - hand->last_ns;
    hand->last_ns = now_ns;
    hand->matches += result->match_count;
    hand->empty_count += result->match_count == 0;
}

static bool work(void *context, unsigned worker, size_t block, struct error *error)
{
    struct crew *crew = context;
    struct hand *hand = &crew->hands[block];
    (void)worker;
    hand->last_ns = clock_monotonic_ns();
    return index_batch_run(hand->part, subject_view(crew->options->subject), INT64_MAX,
                           &hand->arena, on_answer, hand, &hand->work, error) == INDEX_BATCH_DONE;
}

static bool run(struct crew *crew, const struct search_request *request, struct error *error)
{
    const struct measure_options *options = crew->options;
    const struct index_batch_options batch = {
        .request = request,
        .subjects = (const struct entry *const *)crew->subjects,
        .count = options->workload->query_count,
        .taxonomy = options->workload->taxonomy,
    };
    bool ready = (crew->batch = index_batch_new(&batch)) != NULL;
    for (unsigned i = 0; i < options->threads && ready; i++) {
        struct hand *hand = &crew->hands[i];
        arena_init(&hand->arena, ARENA_LIMIT_BYTES);
        hand->spent_ns = crew->spent_ns;
        ready = (hand->part = index_batch_part_new(crew->batch)) != NULL;
    }
    if (!ready)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the batch");
    return blocks_run(options->threads, options->threads, work, crew, error);
}

static void summarise(const struct crew *crew, double seconds, struct measure_times *times)
{
    size_t count = crew->options->workload->query_count;
    *times = (struct measure_times){
        .spent = distribution_of(crew->spent_ns, count),
        .searches_per_second = (double)count / seconds,
    };
    for (unsigned i = 0; i < crew->options->threads; i++) {
        const struct hand *hand = &crew->hands[i];
#define X(name) times->name += (double)hand->work.name / (double)count;
        INDEX_WORK(X)
#undef X
        times->matches += (double)hand->matches / (double)count;
        times->empty_count += hand->empty_count;
    }
}

static void release(struct crew *crew)
{
    for (unsigned i = 0; i < crew->options->threads; i++) {
        index_batch_part_free(crew->hands[i].part);
        arena_release(&crew->hands[i].arena);
    }
    index_batch_free(crew->batch);
    for (size_t i = 0; i < crew->options->workload->query_count; i++)
        memory_free(crew->subjects[i]);
    memory_free(crew->subjects);
    memory_free(crew->hands);
    memory_free(crew->spent_ns);
}

bool batch_times(const struct measure_options *options, struct measure_times *times,
                 double *seconds, struct error *error)
{
    struct crew crew = {.options = options};
    struct search_request request = measure_request(options, NULL);
    crew.hands = memory_must_zeroed(options->threads, sizeof *crew.hands);
    crew.spent_ns = memory_must_zeroed(options->workload->query_count, sizeof *crew.spent_ns);
    bool done = make_subjects(&crew, error);
    int64_t begin_ns = clock_monotonic_ns();
    done = done && run(&crew, &request, error);
    *seconds = (double)(clock_monotonic_ns() - begin_ns) / 1e9;
    if (done)
        summarise(&crew, *seconds, times);
    release(&crew);
    return done;
}
