/* The index without memory: every allocation of every call fails once; nothing is lost by it. */
#include <criterion/criterion.h>

#include "base/memory.h"
#include "core/index_internal.h"
#include "core/index_oracle.h"
#include "memory/failing_memory.h"

enum { RECORD_LIMIT = 3000, FAILURE_LIMIT = 100000 };

struct town {
    struct stand stand;
    struct entry *live[RECORD_LIMIT];
    size_t live_count;
    struct entry *gone[RECORD_LIMIT];
    size_t gone_count;
    const struct index_view *view;
    const struct entry *seen[RECORD_LIMIT]; /* what the view shows */
    size_t seen_count;
};

static struct town *town_new(uint64_t seed, enum ranking ranking)
{
    struct town *town = memory_must_zeroed(1, sizeof *town);
    stand_init(&town->stand, seed, ranking);
    town->stand.writer->least_cell_documents = 40;
    return town;
}

static void town_free(struct town *town)
{
    for (size_t i = 0; i < town->live_count; i++)
        memory_free(town->live[i]);
    for (size_t i = 0; i < town->gone_count; i++)
        memory_free(town->gone[i]);
    stand_release(&town->stand);
    memory_free(town);
}

/* The view as it was is as good as ever. */
static void assert_view_is_kept(struct town *town, const char *label)
{
    struct crowd crowd;
    struct profile profile;
    if (!town->view)
        return;
    crowd_init(&crowd, town->seen, town->seen_count, town->stand.lexicon);
    struct search_request request =
        random_request(&town->stand.market, town->stand.ranking, &profile, town->seen_count);
    assert_index_is_exact(&request, &crowd, town->view, &town->stand.arena, label);
    crowd_release(&crowd);
}

/* --- One call, failing at each of its allocations, then not ------------------------------------*/

static void insert(struct town *town)
{
    struct entry *entry = stand_record(&town->stand);
    size_t copies, documents = town->stand.writer->document_count;
    for (size_t n = 0;; n++) {
        memory_fail_after(n);
        bool inserted = index_insert(town->stand.writer, entry);
        cr_assert_eq(inserted, !memory_has_failed());
        if (inserted)
            break;
        cr_assert_eq(town->stand.writer->document_count, documents);
        cr_assert_eq(entry_places(entry, &copies)->column, PLACE_NONE);
    }
    town->live[town->live_count++] = entry;
}

static void take_out(struct town *town, size_t at)
{
    struct entry *entry = town->live[at];
    for (size_t n = 0;; n++) {
        memory_fail_after(n);
        bool prepared = index_prepare_remove(town->stand.writer, entry);
        cr_assert_eq(prepared, !memory_has_failed());
        if (prepared)
            break;
    }
    memory_fail_after(0);
    index_remove(town->stand.writer, entry);
    cr_assert_not(memory_has_failed(), "a removal that was prepared asks for memory");
    town->live[at] = town->live[--town->live_count];
    town->gone[town->gone_count++] = entry;
}

static void publish(struct town *town)
{
    const struct index_view *view = NULL;
    struct index_garbage *garbage;
    for (size_t n = 0;; n++) {
        cr_assert_lt(n, FAILURE_LIMIT);
        memory_fail_after(n);
        bool published = index_publish(town->stand.writer, &view, &garbage);
        bool failed = memory_has_failed();
        cr_assert(published || failed);
        if (published && !failed)
            break;
        cr_assert_not(published, "a publication that lacked memory says that it did not");
        cr_assert_null(view);
        if (n % 5 == 0)
            assert_view_is_kept(town, "after a publication that failed");
    }
    index_garbage_free(town->stand.writer, garbage);
    town->view = view;
    town->seen_count = town->live_count;
    memcpy(town->seen, town->live, town->live_count * sizeof town->live[0]);
    assert_view_is_sound(view);
    assert_view_is_kept(town, "after a publication");
}

/* A slice that lacks memory may do less; the next one does the rest. */
static void maintain(struct town *town)
{
    size_t documents = town->stand.writer->document_count;
    for (size_t n = 0;; n++) {
        cr_assert_lt(n, FAILURE_LIMIT);
        memory_fail_after(n);
        bool changed = index_maintain(town->stand.writer, 0);
        bool failed = memory_has_failed();
        cr_assert_eq(town->stand.writer->document_count, documents);
        if (n % 5 == 0)
            assert_view_is_kept(town, "after a slice that failed");
        if (changed)
            publish(town);
        else if (!failed)
            break;
    }
}

static void search(struct town *town)
{
    struct crowd crowd;
    struct profile profile;
    struct search_request request =
        random_request(&town->stand.market, town->stand.ranking, &profile, town->live_count);
    struct search_result untouched = {.match_count = 77}, result = untouched;
    size_t failures = 0;
    for (size_t limit_bytes = 0;; limit_bytes += 50000) {
        struct arena small;
        struct error error = {0};
        arena_init(&small, limit_bytes);
        bool found = index_search(&request, town->view, NULL, &small, &result, NULL, &error);
        arena_release(&small);
        if (found)
            break;
        failures++;
        cr_assert_eq(error.code, ERROR_RESOURCE_EXHAUSTED, "%s", error.text);
        cr_assert_eq(result.match_count, untouched.match_count);
        cr_assert_null(result.matches);
    }
    cr_assert_gt(failures, 0);
    crowd_init(&crowd, (const struct entry *const *)town->live, town->live_count,
               town->stand.lexicon);
    assert_index_is_exact(&request, &crowd, town->view, &town->stand.arena,
                          "after failed searches");
    crowd_release(&crowd);
}

static void live_without_memory(uint64_t seed, enum ranking ranking)
{
    struct town *town = town_new(seed, ranking);
    publish(town);
    for (int step = 0; step < 25; step++) {
        for (size_t i = rng_below(&town->stand.market.rng, step == 3 ? 700 : 40); i > 0; i--)
            insert(town);
        for (size_t i = rng_below(&town->stand.market.rng, 30); i > 0 && town->live_count > 0; i--)
            take_out(town, rng_below(&town->stand.market.rng, town->live_count));
        publish(town);
        if (step % 3 == 0)
            maintain(town);
        search(town);
    }
    while (town->live_count > 0)
        take_out(town, town->live_count - 1);
    publish(town);
    maintain(town);
    cr_assert_eq(town->stand.writer->tile_bytes, 0);
    town_free(town);
}

Test(index_memory, an_index_of_vacancies_survives_without_it)
{
    live_without_memory(73001, RANK_VACANCIES);
}

Test(index_memory, an_index_of_applicants_survives_without_it)
{
    live_without_memory(73002, RANK_APPLICANTS);
}

/* A new writer and a large build: false, and what there is can be freed. */
Test(index_memory, a_build_fails_and_can_be_freed)
{
    struct town *town = town_new(73003, RANK_VACANCIES);
    for (size_t i = 0; i < 500; i++)
        town->live[town->live_count++] = stand_record(&town->stand);
    size_t failures = 0;
    for (size_t n = 0;; n++) {
        memory_fail_after(n);
        struct index_writer *writer =
            index_writer_new(town->stand.ranking, town->stand.market.taxonomy, town->stand.lexicon);
        bool built = writer && index_writer_build(writer, (const struct entry *const *)town->live,
                                                  town->live_count, 1);
        bool failed = memory_has_failed();
        index_writer_free(writer);
        cr_assert_eq(built, !failed);
        if (built)
            break;
        failures++;
    }
    cr_assert_gt(failures, 15);
    town_free(town);
}

/* What a publication that failed has moved into a tile, or not, can be taken out. */
Test(index_memory, a_record_of_a_failed_publication_is_taken_out)
{
    struct town *town = town_new(73004, RANK_APPLICANTS);
    size_t failures = 0;
    for (size_t n = 0; n < 60; n++) {
        const struct index_view *view;
        struct index_garbage *garbage;
        insert(town);
        memory_fail_after(n % 20);
        bool published = index_publish(town->stand.writer, &view, &garbage);
        cr_assert_eq(published, !memory_has_failed());
        if (published) {
            index_garbage_free(town->stand.writer, garbage);
            town->view = NULL; /* freed with it */
        }
        failures += !published;
        take_out(town, town->live_count - 1);
        cr_assert_eq(town->stand.writer->document_count, 0);
        if (n % 10 == 9)
            publish(town);
    }
    cr_assert_gt(failures, 10);
    town_free(town);
}
