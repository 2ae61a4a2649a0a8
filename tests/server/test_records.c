/* RecordService. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/rig.h"

#define APPLY   "haihe.v1.RecordService/Apply"
#define APPLIED "haihe.v1.ApplyResponse"
#define VACANCY "'kind': 'RECORD_KIND_VACANCY'"

static void start_apply(struct rig *rig, struct call *call)
{
    call_start(rig, call, APPLY, APPLIED, 0);
}

static struct bytes put_numbered(int number, const char *id, const char *more)
{
    return world_encode("haihe.v1.ApplyRequest",
                        "{'request_id': %d, 'upsert_applicant': {'key': {'platform': 'tj', "
                        "'id': '%s'}%s%s}}",
                        number, id, *more ? "," : "", more);
}

Test(apply, answers_in_order_with_refused_changes_between)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    start_apply(&rig, &call);
    for (int i = 0; i < 500; i++) {
        char id[16];
        snprintf(id, sizeof id, "a%d", i);
        call_send(&call, put_numbered(i, id, i % 3 == 1 ? "'max_distance_m': -1" : ""));
    }
    call_half_close(&call);
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_OK, "%s", call.message);
    cr_assert_eq(json_array_size(call.answers), 500);
    int64_t sequence = 0;
    for (int i = 0; i < 500; i++) {
        const json_t *answer = json_array_get(call.answers, (size_t)i);
        cr_assert_eq(world_number(answer, "request_id"), i == 0 ? -1 : i); /* 0 is left out */
        if (i % 3 == 1) {
            cr_assert_eq(world_number(answer, "error.code"), ERROR_INVALID_ARGUMENT);
            cr_assert(strstr(world_text(answer, "error.message"), "max_distance_m '-1'"));
        } else {
            cr_assert_eq(world_number(answer, "applied.sequence"), ++sequence);
        }
    }
    call_release(&call);
    rig_release(&rig);
}

Test(apply, an_answered_change_is_there_while_the_stream_goes_on)
{
    struct rig rig;
    struct call apply, get;
    rig_init(&rig, NULL);
    start_apply(&rig, &apply);
    call_send(&apply, world_put_vacancy("v1", ""));
    call_wait_answers(&apply, 1);
    call_unary(&rig, &get, "haihe.v1.RecordService/Get", "haihe.v1.Record",
               world_encode("haihe.v1.GetRequest",
                            "{" VACANCY ", 'key': {'platform': 'tj', 'id': 'v1'}}"));
    cr_assert_eq(world_number(call_answer(&get), "sequence"), 1);
    cr_assert_str_eq(world_text(call_answer(&get), "vacancy.title"), "CNC operator");
    call_half_close(&apply);
    call_wait_end(&apply);
    cr_assert_eq(apply.code, ERROR_OK);
    call_release(&apply);
    call_release(&get);
    rig_release(&rig);
}

Test(apply, an_empty_stream_ends_well)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    start_apply(&rig, &call);
    call_half_close(&call);
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_OK);
    cr_assert_eq(json_array_size(call.answers), 0);
    call_release(&call);
    rig_release(&rig);
}

/* Sends `count` times the same request as fast as there is room, then half-closes. */
static void pour(struct rig *rig, struct call *call, struct bytes request, uint32_t count)
{
    start_apply(rig, call);
    call->more = request;
    call->more_count = count;
    rpc_call_want_room(call->rpc);
}

Test(apply, patient_streams_are_held_back_by_a_full_queue_not_refused)
{
    struct rig rig;
    struct call calls[5];
    rig_init(&rig, &(struct rig_options){.engine = {.change_queue_limit = 2, .group_limit = 2}});
    struct bytes request = world_put_applicant("a1", "");
    for (size_t i = 0; i < 5; i++)
        pour(&rig, &calls[i], request, 400);
    for (size_t i = 0; i < 5; i++) {
        call_wait_end(&calls[i]);
        cr_assert_eq(calls[i].code, ERROR_OK, "%s", calls[i].message);
        cr_assert_eq(json_array_size(calls[i].answers), 400);
        for (size_t answer = 0; answer < 400; answer++)
            cr_assert_gt(world_number(json_array_get(calls[i].answers, answer), "applied.sequence"),
                         0);
        call_release(&calls[i]);
    }
    free(request.data);
    rig_release(&rig);
}

Test(apply, large_changes_are_held_back_when_those_that_wait_take_too_much)
{
    struct rig rig;
    struct call calls[4];
    rig_init(&rig, &(struct rig_options){.queue_bytes = 150000});
    struct bytes request = request_padded(world_put_applicant("a1", ""), 100000);
    for (size_t i = 0; i < 4; i++)
        pour(&rig, &calls[i], request, 20);
    for (size_t i = 0; i < 4; i++) {
        call_wait_end(&calls[i]);
        cr_assert_eq(calls[i].code, ERROR_OK, "%s", calls[i].message);
        cr_assert_eq(json_array_size(calls[i].answers), 20);
        call_release(&calls[i]);
    }
    free(request.data);
    rig_release(&rig);
}

Test(apply, a_stream_that_is_cancelled_while_held_back_does_not_hold_up_the_others)
{
    struct rig rig;
    struct held_writer held;
    struct call calls[4];
    rig_init(&rig, &(struct rig_options){.engine = {.change_queue_limit = 1, .group_limit = 1}});
    struct bytes request = world_put_applicant("a1", "");
    writer_hold(&rig, &held);
    for (size_t i = 0; i < 4; i++)
        pour(&rig, &calls[i], request, 20);
    rig_round_trip(&rig);
    rig_round_trip(&rig); /* the first fills the queue, three are stalled */
    rpc_call_cancel(calls[1].rpc);
    rpc_call_cancel(calls[2].rpc);
    call_wait_end(&calls[1]);
    call_wait_end(&calls[2]);
    rig_round_trip(&rig);
    writer_let_go(&held);
    for (size_t i = 0; i < 4; i += 3) {
        call_wait_end(&calls[i]);
        cr_assert_eq(calls[i].code, ERROR_OK, "%s", calls[i].message);
        cr_assert_eq(json_array_size(calls[i].answers), 20);
    }
    for (size_t i = 0; i < 4; i++)
        call_release(&calls[i]);
    free(request.data);
    rig_release(&rig);
}

static uint64_t changes_made(struct rig *rig)
{
    struct engine_stats stats;
    engine_stats(rig->world.engine, &stats);
    return stats.changes_applied + stats.changes_refused;
}

Test(apply, a_client_that_does_not_read_its_answers_is_held_back)
{
    enum { CHANGES = 20000 };
    struct rig rig;
    struct call call;
    rig_init(&rig, &(struct rig_options){.client_window_bytes = 65536});
    struct bytes request = world_delete(RECORD_VACANCY, "nobody"); /* answers of 100 bytes */
    pour(&rig, &call, request, CHANGES);
    call.holds = true;
    uint64_t before;
    while (changes_made(&rig) <= 500) /* the first must come, however slowly */
        rig_round_trip(&rig);
    do { /* until nothing moves any more for a while */
        before = changes_made(&rig);
        for (size_t i = 0; i < 50; i++)
            rig_round_trip(&rig);
    } while (changes_made(&rig) != before);
    cr_assert_lt(before, CHANGES / 2, "%zu answers are not waited for", (size_t)before);
    call_let_go(&call);
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_OK, "%s", call.message);
    cr_assert_eq(json_array_size(call.answers), CHANGES);
    cr_assert_eq(changes_made(&rig), CHANGES);
    call_release(&call);
    free(request.data);
    rig_release(&rig);
}

Test(apply, changes_under_way_survive_the_end_of_their_call)
{
    struct rig rig;
    struct held_writer held;
    struct call call, stats;
    rig_init(&rig, NULL);
    writer_hold(&rig, &held);
    start_apply(&rig, &call);
    for (int i = 0; i < 10; i++)
        call_send(&call, put_numbered(i, "a1", ""));
    rig_round_trip(&rig); /* they are with the writer */
    rpc_call_cancel(call.rpc);
    call_wait_end(&call);
    rig_round_trip(&rig);
    writer_let_go(&held);
    rig_put(&rig, world_put_applicant("last", "")); /* the writer's order: they are done */
    call_unary(&rig, &stats, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse",
               world_encode("haihe.v1.StatsRequest", "{}"));
    cr_assert_eq(world_number(call_answer(&stats), "changes_applied"), 11);
    call_release(&call);
    call_release(&stats);
    rig_release(&rig);
}

/* --- Get, BatchGet, List -------------------------------------------------------------------- */

Test(records, get_gives_the_record_or_says_which_is_not_there)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    rig_put(&rig, world_put_applicant("a1", "'max_distance_m': 1234"));
    call_unary(
        &rig, &call, "haihe.v1.RecordService/Get", "haihe.v1.Record",
        world_encode("haihe.v1.GetRequest", "{'kind': 2, 'key': {'platform': 'tj', 'id': 'a1'}}"));
    cr_assert_eq(world_number(call_answer(&call), "applicant.max_distance_m"), 1234);
    cr_assert(json_is_true(world_at(call_answer(&call), "normalized_applicant.available")));
    call_release(&call);
    call_unary(
        &rig, &call, "haihe.v1.RecordService/Get", "haihe.v1.Record",
        world_encode("haihe.v1.GetRequest", "{'kind': 1, 'key': {'platform': 'tj', 'id': 'a1'}}"));
    cr_assert_eq(call.code, ERROR_NOT_FOUND);
    cr_assert(strstr(call.message, "vacancy 'tj:a1'"));
    call_release(&call);
    call_unary(&rig, &call, "haihe.v1.RecordService/Get", "haihe.v1.Record",
               world_encode("haihe.v1.GetRequest", "{}"));
    cr_assert_eq(call.code, ERROR_INVALID_ARGUMENT);
    cr_assert(strstr(call.message, "kind"));
    call_release(&call);
    rig_release(&rig);
}

Test(records, batch_get_keeps_the_order_and_names_what_is_missing)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    rig_put(&rig, world_put_vacancy("v1", ""));
    rig_put(&rig, world_put_vacancy("v2", ""));
    call_unary(&rig, &call, "haihe.v1.RecordService/BatchGet", "haihe.v1.BatchGetResponse",
               world_encode("haihe.v1.BatchGetRequest",
                            "{" VACANCY ", 'keys': [{'platform': 'tj', 'id': 'v2'},"
                            "{'platform': 'tj', 'id': 'v9'}, {'platform': 'tj', 'id': 'v1'}]}"));
    json_t *answer = call_answer(&call);
    cr_assert_str_eq(world_text(answer, "records[0].vacancy.key.id"), "v2");
    cr_assert_str_eq(world_text(answer, "records[1].vacancy.key.id"), "v1");
    cr_assert_str_eq(world_text(answer, "missing[0].id"), "v9");
    cr_assert_eq(json_array_size(world_at(answer, "missing")), 1);
    call_release(&call);
    rig_release(&rig);
}

Test(records, list_pages_through_a_platform)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    for (char id[8] = "v9"; id[1] >= '0'; id[1]--)
        rig_put(&rig, world_put_vacancy(id, ""));
    call_unary(&rig, &call, "haihe.v1.RecordService/List", "haihe.v1.ListResponse",
               world_encode("haihe.v1.ListRequest",
                            "{" VACANCY ", 'platform': 'tj', 'after_id': 'v3', 'page_size': 4}"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "records")), 4);
    cr_assert_str_eq(world_text(answer, "records[0].id"), "v4");
    cr_assert_str_eq(world_text(answer, "records[3].id"), "v7");
    cr_assert_eq(world_number(answer, "records[0].sequence"), 6);
    cr_assert(json_is_true(world_at(answer, "more")));
    call_release(&call);
    call_unary(
        &rig, &call, "haihe.v1.RecordService/List", "haihe.v1.ListResponse",
        world_encode("haihe.v1.ListRequest", "{" VACANCY ", 'platform': 'tj', 'after_id': 'v7'}"));
    cr_assert_eq(json_array_size(world_at(call_answer(&call), "records")), 2);
    cr_assert_not(json_is_true(world_at(call_answer(&call), "more")));
    call_release(&call);
    rig_release(&rig);
}
