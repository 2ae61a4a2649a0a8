/* A batch answers every subject once, each as a search of its own does. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "base/memory.h"
#include "core/index_oracle.h"
#include "memory/failing_memory.h"

enum { RECORDS = 2600, SUBJECT_LIMIT = 600, THREADS = 3 };

struct fair {
    struct market market;
    enum ranking ranking;
    struct index_writer *writer;
    const struct index_view *view;
    struct entry *records[RECORDS];
    struct entry *subjects[SUBJECT_LIMIT];
    size_t subject_count;
    struct profile profile;
    struct search_request request;
    struct index_batch *batch;
    /* One a thread: */
    struct index_batch_part *parts[THREADS];
    struct arena arenas[THREADS];
    struct arena other; /* of the searches that it is compared with */
    unsigned answered[SUBJECT_LIMIT];
    size_t match_count;
};

static void publish(struct fair *fair)
{
    struct index_garbage *garbage;
    cr_assert(index_publish(fair->writer, &fair->view, &garbage));
    index_garbage_free(fair->writer, garbage);
}

static struct index_batch *batch_of(const struct fair *fair)
{
    const struct index_batch_options options = {
        .request = &fair->request,
        .subjects = (const struct entry *const *)fair->subjects,
        .count = fair->subject_count,
        .taxonomy = fair->market.taxonomy,
    };
    return index_batch_new(&options);
}

static struct fair *fair_new(uint64_t seed, enum ranking ranking, size_t subject_count)
{
    struct fair *fair = memory_must_zeroed(1, sizeof *fair);
    const void *last = NULL, *last_subject = NULL;
    enum ranking other = ranking == RANK_VACANCIES ? RANK_APPLICANTS : RANK_VACANCIES;
    market_init(&fair->market, seed);
    fair->ranking = ranking;
    fair->writer = index_writer_new(ranking, fair->market.taxonomy, NULL);
    for (size_t i = 0; i < RECORDS; i++)
        fair->records[i] = random_entry(&fair->market, ranking, NULL, &last);
    cr_assert(
        index_writer_build(fair->writer, (const struct entry *const *)fair->records, RECORDS, 1));
    publish(fair);
    fair->subject_count = subject_count;
    for (size_t i = 0; i < subject_count; i++)
        fair->subjects[i] = random_entry(&fair->market, other, NULL, &last_subject);
    fair->request = random_request(&fair->market, ranking, &fair->profile, 40);
    fair->request.scoring.soft_gates = ~0u;
    fair->batch = batch_of(fair);
    cr_assert(fair->batch);
    arena_init(&fair->other, (size_t)1 << 26);
    for (int i = 0; i < THREADS; i++) {
        arena_init(&fair->arenas[i], (size_t)1 << 26);
        fair->parts[i] = index_batch_part_new(fair->batch);
        cr_assert(fair->parts[i]);
    }
    return fair;
}

static void fair_free(struct fair *fair)
{
    for (int i = 0; i < THREADS; i++) {
        index_batch_part_free(fair->parts[i]);
        arena_release(&fair->arenas[i]);
    }
    arena_release(&fair->other);
    index_batch_free(fair->batch);
    index_writer_free(fair->writer);
    for (size_t i = 0; i < RECORDS; i++)
        memory_free(fair->records[i]);
    for (size_t i = 0; i < fair->subject_count; i++)
        memory_free(fair->subjects[i]);
    market_release(&fair->market);
    memory_free(fair);
}

/* --- Answers -----------------------------------------------------------------------------------*/

static struct search_result search_alone(struct fair *fair, size_t subject,
                                         struct record_scratch *scratch, struct arena *arena)
{
    struct search_request request = fair->request;
    struct search_result result;
    struct error error = {0};
    struct vacancy vacancy;
    struct applicant applicant;
    request.vacancy = NULL;
    request.applicant = NULL;
    if (fair->ranking == RANK_VACANCIES) {
        entry_applicant(fair->subjects[subject], scratch, &applicant);
        request.applicant = &applicant;
    } else {
        entry_vacancy(fair->subjects[subject], scratch, &vacancy);
        request.vacancy = &vacancy;
    }
    arena_clear(arena);
    cr_assert(index_search(&request, fair->view, NULL, arena, &result, NULL, &error), "%s",
              error.text);
    return result;
}

static void check_answer(void *context, size_t subject, const struct search_result *result)
{
    struct fair *fair = context;
    struct record_scratch scratch;
    record_scratch_init(&scratch, NULL);
    cr_assert_lt(subject, fair->subject_count);
    struct search_result alone = search_alone(fair, subject, &scratch, &fair->other);
    cr_assert_eq(result->match_count, alone.match_count, "subject %zu", subject);
    for (uint32_t i = 0; i < alone.match_count; i++) {
        cr_assert_eq(result->matches[i].entry, alone.matches[i].entry, "subject %zu", subject);
        cr_assert_eq(result->matches[i].rank.score, alone.matches[i].rank.score);
    }
    fair->answered[subject]++;
    fair->match_count += alone.match_count;
}

static void assert_all_answered(const struct fair *fair)
{
    cr_assert_eq(index_batch_left(fair->batch), 0);
    for (size_t i = 0; i < fair->subject_count; i++)
        cr_assert_eq(fair->answered[i], 1, "subject %zu was answered %u times", i,
                     fair->answered[i]);
}

static enum index_batch_outcome run(struct fair *fair, int part, int64_t until_ns,
                                    struct index_work *work)
{
    struct error error = {0};
    return index_batch_run(fair->parts[part], fair->view, until_ns, &fair->arenas[part],
                           check_answer, fair, work, &error);
}

static void answer_all_at_once(uint64_t seed, enum ranking ranking)
{
    static const size_t COUNTS[] = {0, 1, 2, 255, 256, 257, SUBJECT_LIMIT};
    size_t matches = 0;
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        struct index_work work = {0};
        struct fair *fair = fair_new(seed + i, ranking, COUNTS[i]);
        cr_assert_eq(index_batch_left(fair->batch), COUNTS[i]);
        cr_assert_eq(run(fair, 0, INT64_MAX, &work), INDEX_BATCH_DONE);
        assert_all_answered(fair);
        cr_assert_eq(run(fair, 0, INT64_MAX, &work), INDEX_BATCH_DONE);
        cr_assert_geq(work.pairs_scored, fair->match_count);
        matches += fair->match_count;
        fair_free(fair);
    }
    cr_assert_gt(matches, 1000);
}

Test(index_batch, finds_the_vacancies_that_single_searches_find)
{
    answer_all_at_once(78001, RANK_VACANCIES);
}

Test(index_batch, finds_the_applicants_that_single_searches_find)
{
    answer_all_at_once(78011, RANK_APPLICANTS);
}

/* A part that may search until a time that has passed searches one subject; others go on where it
 * does not, and records change in between. */
Test(index_batch, goes_on_after_each_slice_with_what_there_is_then)
{
    struct fair *fair = fair_new(78021, RANK_VACANCIES, SUBJECT_LIMIT);
    bool done[THREADS] = {false};
    size_t slices = 0;
    for (int left = THREADS; left > 0; slices++) {
        int part = (int)rng_below(&fair->market.rng, THREADS);
        size_t record = (size_t)rng_below(&fair->market.rng, RECORDS);
        size_t before = 0, after = 0;
        if (done[part])
            continue;
        if (slices % 5 == 0) {
            cr_assert(index_prepare_remove(fair->writer, fair->records[record]));
            index_remove(fair->writer, fair->records[record]);
            publish(fair);
        }
        for (size_t i = 0; i < fair->subject_count; i++)
            before += fair->answered[i];
        enum index_batch_outcome outcome = run(fair, part, 0, NULL);
        for (size_t i = 0; i < fair->subject_count; i++)
            after += fair->answered[i];
        cr_assert_leq(after - before, 1);
        done[part] = outcome == INDEX_BATCH_DONE;
        left -= done[part];
    }
    cr_assert_geq(slices, SUBJECT_LIMIT);
    assert_all_answered(fair);
    fair_free(fair);
}

/* --- Threads -----------------------------------------------------------------------------------*/

struct hand {
    struct fair *fair;
    int part;
    unsigned answered[SUBJECT_LIMIT];
    pthread_t thread;
};

static void count_answer(void *context, size_t subject, const struct search_result *result)
{
    struct hand *hand = context;
    hand->answered[subject] += 1 + result->match_count;
}

static void *work(void *argument)
{
    struct hand *hand = argument;
    struct fair *fair = hand->fair;
    struct error error = {0};
    enum index_batch_outcome outcome = INDEX_BATCH_PAUSED;
    while (outcome == INDEX_BATCH_PAUSED)
        outcome = index_batch_run(fair->parts[hand->part], fair->view, 0, &fair->arenas[hand->part],
                                  count_answer, hand, NULL, &error);
    return outcome == INDEX_BATCH_DONE ? hand : NULL;
}

Test(index_batch, is_shared_by_threads)
{
    struct fair *fair = fair_new(78031, RANK_APPLICANTS, SUBJECT_LIMIT);
    struct hand *hands = memory_must_zeroed(THREADS, sizeof *hands);
    for (int i = 0; i < THREADS; i++) {
        hands[i].fair = fair;
        hands[i].part = i;
        cr_assert_eq(pthread_create(&hands[i].thread, NULL, work, &hands[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(hands[i].thread, &result);
        cr_assert(result);
    }
    for (size_t i = 0; i < fair->subject_count; i++) {
        struct record_scratch scratch;
        record_scratch_init(&scratch, NULL);
        unsigned all = 0;
        for (int j = 0; j < THREADS; j++)
            all += hands[j].answered[i];
        cr_assert_eq(all, 1 + search_alone(fair, i, &scratch, &fair->other).match_count);
    }
    memory_free(hands);
    fair_free(fair);
}

/* --- Memory ------------------------------------------------------------------------------------*/

Test(index_batch, is_not_made_without_memory)
{
    struct fair *fair = fair_new(78041, RANK_VACANCIES, 20);
    for (size_t n = 0;; n++) {
        memory_fail_after(n);
        struct index_batch *batch = batch_of(fair);
        struct index_batch_part *part = batch ? index_batch_part_new(batch) : NULL;
        bool failed = memory_has_failed();
        index_batch_part_free(part);
        index_batch_free(batch);
        cr_assert_eq(part == NULL, failed);
        if (!failed)
            break;
    }
    fair_free(fair);
}

Test(index_batch, answers_later_whom_it_had_no_memory_for)
{
    struct fair *fair = fair_new(78051, RANK_VACANCIES, 20);
    struct arena small;
    struct error error = {0};
    arena_init(&small, 1000);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(index_batch_run(fair->parts[0], fair->view, INT64_MAX, &small, check_answer,
                                     fair, NULL, &error),
                     INDEX_BATCH_FAILED);
        cr_assert_eq(error.code, ERROR_RESOURCE_EXHAUSTED, "%s", error.text);
    }
    arena_release(&small);
    cr_assert_eq(run(fair, 0, INT64_MAX, NULL), INDEX_BATCH_DONE);
    assert_all_answered(fair);
    fair_free(fair);
}
