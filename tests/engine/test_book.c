/* One change after the other, on this thread alone: what it does, what it refuses, and that a
 * refused one, for whatever reason, leaves everything as it was. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/book.h"
#include "engine/counting_memory.h"
#include "support/world.h"

struct desk {
    struct world world;
    struct publication publication;
    struct book book;
    json_t *response; /* of the last change */
    struct record_scratch scratch;
    struct vacancy vacancy;
};

static void desk_init(struct desk *desk, size_t arena_bytes)
{
    int32_t today;
    world_init_tables(&desk->world);
    struct clock clock = world_clock(&desk->world);
    today = clock_today(&clock);
    rcu_thread_enter();
    cr_assert(publication_init(&desk->publication, today));
    cr_assert(book_init(&desk->book, &desk->world.model, &desk->publication, arena_bytes, today));
    desk->response = NULL;
}

static void desk_release(struct desk *desk)
{
    json_decref(desk->response);
    rcu_drain();
    publication_release(&desk->publication);
    book_release(&desk->book);
    world_release(&desk->world);
    rcu_thread_leave();
}

/* Makes the change; the response stays readable until the next. False when it was refused. */
static bool apply_bytes(struct desk *desk, struct bytes request)
{
    struct buffer response;
    buffer_init(&response, 1 << 16);
    bool applied = book_apply(&desk->book, (struct str){request.data, (uint32_t)request.size_bytes},
                              &response);
    json_decref(desk->response);
    desk->response = world_decode("haihe.v1.ApplyResponse", response.data, response.length_bytes);
    buffer_release(&response);
    return applied;
}

static bool apply(struct desk *desk, struct bytes request)
{
    bool applied = apply_bytes(desk, request);
    free(request.data);
    return applied;
}

static const struct entry *entry_of(const struct desk *desk, enum record_kind kind, const char *id)
{
    struct collection_writer *collection = desk->book.collections[kind_index(kind)];
    for (size_t slot = 0; slot < collection_slot_count(collection); slot++) {
        const struct entry *entry = collection_peek(collection, slot);
        if (entry && str_equal(entry_key(entry).id, str_of(id)))
            return entry;
    }
    return NULL;
}

/* Unpacked into the desk, until the next call. */
static const struct vacancy *vacancy_of(struct desk *desk, const char *id)
{
    const struct entry *entry = entry_of(desk, RECORD_VACANCY, id);
    if (!entry)
        return NULL;
    record_scratch_init(&desk->scratch, desk->publication.lexicon);
    entry_vacancy(entry, &desk->scratch, &desk->vacancy);
    return &desk->vacancy;
}

static struct str original_of(const struct desk *desk, const struct entry *entry)
{
    struct str original;
    cr_assert(original_read(desk->book.reader, entry_kept(entry), &original));
    return original;
}

static uint64_t hash_of(const struct desk *desk, const struct entry *entry)
{
    return record_hash(original_of(desk, entry));
}

enum { ENOUGH = 16 << 20 };

Test(book, an_upsert_is_kept_with_the_next_sequence)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("v1", "'title': 'Welder'")));
    cr_assert_eq(world_number(desk.response, "request_id"), 7);
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 1);
    cr_assert_str_eq(world_text(desk.response, "applied.unresolved_skills[0]"), "test-skill");
    cr_assert(apply(&desk, world_put_applicant("a1", "")));
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 2);
    const struct vacancy *vacancy = vacancy_of(&desk, "v1");
    cr_assert(vacancy);
    cr_assert(str_equal(vacancy->title, STR("Welder")));
    cr_assert(vacancy->open);
    cr_assert_eq(entry_of(&desk, RECORD_APPLICANT, "a1")->sequence, 2);
    cr_assert_eq(desk.book.standing[0], 1);
    cr_assert_eq(desk.book.standing[1], 1);
    desk_release(&desk);
}

Test(book, the_same_upsert_again_gives_the_same_state)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    uint64_t hash = hash_of(&desk, entry_of(&desk, RECORD_VACANCY, "v1"));
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 2);
    cr_assert_eq(hash_of(&desk, entry_of(&desk, RECORD_VACANCY, "v1")), hash);
    cr_assert_eq(collection_slot_count(desk.book.collections[0]), 1);
    cr_assert_eq(desk.book.standing[0], 1);
    desk_release(&desk);
}

Test(book, a_wrong_or_unlawful_record_is_refused_by_field_and_changes_nothing)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("v1", "'title': 'Welder'")));
    cr_assert_not(apply(&desk, world_put_vacancy("v1", "'total_job_openings': -5")));
    cr_assert_eq(world_number(desk.response, "request_id"), 7);
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_INVALID_ARGUMENT);
    cr_assert(
        strstr(world_text(desk.response, "error.message"), "upsert_vacancy.total_job_openings"));
    /* The ingest gate's field has the same root. */
    cr_assert_not(apply(&desk, world_put_vacancy("v1", "'hiring_organization': ''")));
    cr_assert(
        strstr(world_text(desk.response, "error.message"), "upsert_vacancy.hiring_organization"));
    cr_assert(str_equal(vacancy_of(&desk, "v1")->title, STR("Welder")));
    cr_assert_eq(desk.book.sequence, 1);
    desk_release(&desk);
}

Test(book, bytes_that_are_no_request_are_refused)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    struct bytes request = {strdup("\xff\xff\xff\xff"), 4};
    cr_assert_not(apply(&desk, request));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_INVALID_ARGUMENT);
    cr_assert_eq(desk.book.sequence, 0);
    desk_release(&desk);
}

Test(book, if_sequence_applies_only_to_the_record_as_the_caller_knew_it)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    struct bytes fresh = world_encode("haihe.v1.ApplyRequest",
                                      "{'if_sequence': 3, 'set_status': {'key': {'platform': 'tj', "
                                      "'id': 'v1'}, 'vacancy_status': 2}}");
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    cr_assert_not(apply_bytes(&desk, fresh));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_ABORTED);
    cr_assert(strstr(world_text(desk.response, "error.message"), "sequence is 1"));
    cr_assert(apply(&desk, world_put_vacancy("v2", "")));
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    cr_assert(apply_bytes(&desk, fresh));
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 4);
    cr_assert_not(apply(&desk, fresh));
    desk_release(&desk);
}

Test(book, if_sequence_0_means_that_there_must_be_no_record)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    struct bytes first = world_encode(
        "haihe.v1.ApplyRequest",
        "{'if_sequence': 0, 'upsert_applicant': {'key': {'platform': 'tj', 'id': 'a1'}}}");
    cr_assert(apply_bytes(&desk, first));
    cr_assert_not(apply_bytes(&desk, first));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_ABORTED);
    cr_assert(apply(&desk, world_delete(RECORD_APPLICANT, "a1")));
    cr_assert(apply(&desk, first));
    desk_release(&desk);
}

Test(book, a_deleted_record_is_gone_and_its_slot_is_used_again)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    cr_assert(apply(&desk, world_put_vacancy("v2", "")));
    cr_assert(apply(&desk, world_delete(RECORD_VACANCY, "v1")));
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 3);
    cr_assert_null(vacancy_of(&desk, "v1"));
    cr_assert_eq(desk.book.standing[0], 1);
    cr_assert_not(apply(&desk, world_delete(RECORD_VACANCY, "v1")));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_NOT_FOUND);
    cr_assert(strstr(world_text(desk.response, "error.message"), "tj:v1"));
    cr_assert(apply(&desk, world_put_vacancy("v3", "")));
    cr_assert_eq(collection_slot_count(desk.book.collections[0]), 2);
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    cr_assert_eq(world_number(desk.response, "applied.sequence"), 5);
    cr_assert(vacancy_of(&desk, "v1"));
    desk_release(&desk);
}

Test(book, vacancies_and_applicants_have_keys_of_their_own)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("same", "")));
    cr_assert(apply(&desk, world_put_applicant("same", "")));
    cr_assert(apply(&desk, world_delete(RECORD_VACANCY, "same")));
    cr_assert_null(vacancy_of(&desk, "same"));
    cr_assert(entry_of(&desk, RECORD_APPLICANT, "same"));
    desk_release(&desk);
}

Test(book, set_status_changes_the_status_and_what_follows_from_it)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    cr_assert(apply(&desk, world_put_vacancy("v1", "'title': 'Welder'")));
    cr_assert(apply(&desk, world_put_applicant("a1", "")));
    cr_assert(apply(&desk, world_encode("haihe.v1.ApplyRequest",
                                        "{'set_status': {'key': {'platform': 'tj', 'id': 'v1'},"
                                        "'vacancy_status': 'VACANCY_STATUS_PAUSED'}}")));
    cr_assert_not(vacancy_of(&desk, "v1")->open);
    cr_assert(str_equal(vacancy_of(&desk, "v1")->title, STR("Welder")));
    cr_assert_eq(desk.book.standing[0], 0);
    const struct entry *entry = entry_of(&desk, RECORD_VACANCY, "v1");
    struct str original = original_of(&desk, entry);
    json_t *kept = world_decode("haihe.v1.Vacancy", original.data, original.length);
    cr_assert_str_eq(world_text(kept, "status"), "VACANCY_STATUS_PAUSED");
    cr_assert_str_eq(world_text(kept, "title"), "Welder");
    json_decref(kept);
    cr_assert(apply(&desk, world_encode("haihe.v1.ApplyRequest",
                                        "{'set_status': {'key': {'platform': 'tj', 'id': 'a1'},"
                                        "'applicant_status': 'APPLICANT_STATUS_PLACED'}}")));
    cr_assert_eq(desk.book.standing[1], 0);
    cr_assert(apply(&desk, world_encode("haihe.v1.ApplyRequest",
                                        "{'set_status': {'key': {'platform': 'tj', 'id': 'v1'},"
                                        "'vacancy_status': 'VACANCY_STATUS_OPEN'}}")));
    cr_assert(vacancy_of(&desk, "v1")->open);
    cr_assert_not(apply(&desk, world_encode("haihe.v1.ApplyRequest",
                                            "{'set_status': {'key': {'platform': 'tj', 'id': 'x'},"
                                            "'vacancy_status': 'VACANCY_STATUS_OPEN'}}")));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_NOT_FOUND);
    desk_release(&desk);
}

Test(book, an_original_that_was_compressed_comes_back_whole_with_another_status)
{
    struct desk desk;
    desk_init(&desk, ENOUGH);
    for (int i = 0; i < 1100; i++) {
        char id[16], more[64];
        snprintf(id, sizeof id, "a%d", i);
        snprintf(more, sizeof more, "'max_distance_m': %d", 1000 + i);
        cr_assert(apply(&desk, world_put_applicant(id, more)));
    }
    const struct entry *first = entry_of(&desk, RECORD_APPLICANT, "a0");
    const struct entry *last = entry_of(&desk, RECORD_APPLICANT, "a1099");
    struct str before = original_of(&desk, last);
    size_t first_bytes = original_kept_bytes(entry_kept(first));
    size_t last_bytes = original_kept_bytes(entry_kept(last));
    cr_assert_lt(last_bytes, first_bytes, "%zu bytes, then %zu", first_bytes, last_bytes);
    json_t *sent = world_decode("haihe.v1.Applicant", before.data, before.length);
    cr_assert(apply(&desk, world_encode("haihe.v1.ApplyRequest",
                                        "{'set_status': {'key': {'platform': 'tj', 'id': 'a1099'},"
                                        "'applicant_status': 'APPLICANT_STATUS_PAUSED'}}")));
    struct str after = original_of(&desk, entry_of(&desk, RECORD_APPLICANT, "a1099"));
    json_t *kept = world_decode("haihe.v1.Applicant", after.data, after.length);
    json_object_set_new(sent, "status", json_string("APPLICANT_STATUS_PAUSED"));
    cr_assert(json_equal(kept, sent));
    cr_assert_eq(world_number(kept, "max_distance_m"), 2099);
    json_decref(sent);
    json_decref(kept);
    desk_release(&desk);
}

Test(book, a_change_above_the_memory_limit_is_refused_alone)
{
    static char more[40 * 1024];
    struct desk desk;
    desk_init(&desk, 32 * 1024);
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    size_t length = (size_t)snprintf(more, sizeof more, "'description': '");
    memset(more + length, 'x', 16000);
    strcpy(more + length + 16000, "'");
    cr_assert_not(apply(&desk, world_put_vacancy("v1", more)));
    cr_assert_eq(world_number(desk.response, "error.code"), ERROR_RESOURCE_EXHAUSTED);
    cr_assert_eq(entry_of(&desk, RECORD_VACANCY, "v1")->sequence, 1);
    cr_assert(apply(&desk, world_put_vacancy("v1", "")));
    desk_release(&desk);
}

/* --- When memory is short ------------------------------------------------------------------- */

/* Everything of a book that a refused change must leave alone. */
struct state {
    uint64_t sequence, standing[2], records[2], hash;
    size_t held_count;
};

static struct state state_of(const struct desk *desk)
{
    struct state state = {.sequence = desk->book.sequence, .held_count = memory_held_count()};
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        struct collection_writer *collection = desk->book.collections[kind];
        state.standing[kind] = desk->book.standing[kind];
        for (size_t slot = 0; slot < collection_slot_count(collection); slot++) {
            const struct entry *entry = collection_peek(collection, slot);
            state.records[kind] += entry != NULL;
            state.hash += entry ? hash_of(desk, entry) * (slot + 1) + entry->sequence : 0;
        }
    }
    return state;
}

static void assert_same(struct state before, struct state after, int n)
{
    cr_assert_eq(before.sequence, after.sequence, "failure %d", n);
    cr_assert_eq(before.hash, after.hash, "failure %d", n);
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        cr_assert_eq(before.standing[kind], after.standing[kind], "failure %d", n);
        cr_assert_eq(before.records[kind], after.records[kind], "failure %d", n);
    }
}

/* The nth allocation of the change fails, for every n: it is refused or, when what failed was not
 * needed in the end, applied; never something between. */
static void fail_everywhere(struct bytes (*make)(void))
{
    for (int n = 0;; n++) {
        struct desk desk;
        struct buffer response;
        desk_init(&desk, ENOUGH);
        cr_assert(apply(&desk, world_put_vacancy("v1", "")));
        cr_assert(apply(&desk, world_put_applicant("a1", "")));
        struct bytes request = make();
        struct str bytes = {request.data, (uint32_t)request.size_bytes};
        buffer_init(&response, 1 << 16);
        arena_release(&desk.book.arena); /* so that its first chunk is allocated, too */
        struct state before = state_of(&desk);
        memory_fail_at(n);
        bool applied = book_apply(&desk.book, bytes, &response);
        bool failed = memory_has_failed();
        buffer_release(&response);
        if (!applied) {
            cr_assert(failed, "refused without need");
            assert_same(before, state_of(&desk), n);
            cr_assert(apply_bytes(&desk, request), "it applies once memory is back");
        }
        cr_assert_eq(desk.book.sequence, 3);
        free(request.data);
        desk_release(&desk);
        if (!failed) {
            cr_assert_gt(n, 1, "nothing was made to fail");
            return;
        }
    }
}

static struct bytes make_insert(void)
{
    return world_put_vacancy("v2", "");
}

static struct bytes make_replacement(void)
{
    return world_put_applicant("a1", "'max_distance_m': 1");
}

static struct bytes make_delete(void)
{
    return world_delete(RECORD_VACANCY, "v1");
}

static struct bytes make_status(void)
{
    return world_encode("haihe.v1.ApplyRequest",
                        "{'set_status': {'key': {'platform': 'tj', 'id': 'v1'},"
                        "'vacancy_status': 'VACANCY_STATUS_PAUSED'}}");
}

Test(book, a_failed_allocation_refuses_that_change_only)
{
    fail_everywhere(make_insert);
    fail_everywhere(make_replacement);
    fail_everywhere(make_delete);
    fail_everywhere(make_status);
}

Test(book, the_turn_of_the_day_goes_on_where_memory_failed)
{
    struct desk desk;
    struct error error;
    desk_init(&desk, ENOUGH);
    for (char id[8] = "v0"; id[1] < '9'; id[1]++)
        cr_assert(apply(&desk, world_put_vacancy(id, "'valid_through': '2026-11-23'")));
    cr_assert_eq(desk.book.standing[0], 9);
    desk.book.today++;
    struct day_turn turn = {.kind = RECORD_VACANCY};
    memory_fail_at(3);
    cr_assert_not(book_turn_day(&desk.book, &turn, 100, &error));
    cr_assert(memory_has_failed());
    uint64_t turned = 9 - desk.book.standing[0];
    cr_assert_gt(turned, 0);
    cr_assert_lt(turned, 9);
    cr_assert_eq(desk.book.sequence, 9 + turned);
    cr_assert(book_turn_day(&desk.book, &turn, 100, &error));
    cr_assert_eq(desk.book.standing[0], 0);
    cr_assert_eq(desk.book.sequence, 18);
    desk_release(&desk);
}
