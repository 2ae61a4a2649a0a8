/* Health, reflection, statistics, and the graceful end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/rig.h"

#define CHECK   "grpc.health.v1.Health/Check"
#define WATCH   "grpc.health.v1.Health/Watch"
#define HEALTH  "grpc.health.v1.HealthCheckResponse"
#define REFLECT "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"

static struct bytes service(const char *name)
{
    return world_encode("grpc.health.v1.HealthCheckRequest", "{'service': '%s'}", name);
}

static struct bytes no_fields(const char *message)
{
    return world_encode(message, "{}");
}

/* --- Health --------------------------------------------------------------------------------- */

Test(health, check_knows_the_server_and_each_service)
{
    static const char *const SERVICES[] = {
        "",
        "haihe.v1.MatchService",
        "haihe.v1.RecordService",
        "haihe.v1.AdminService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    };
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    for (size_t i = 0; i < sizeof SERVICES / sizeof SERVICES[0]; i++) {
        call_unary(&rig, &call, CHECK, HEALTH, service(SERVICES[i]));
        cr_assert_str_eq(world_text(call_answer(&call), "status"), "SERVING");
        call_release(&call);
    }
    call_unary(&rig, &call, CHECK, HEALTH, service("haihe.v1.Match"));
    cr_assert_eq(call.code, ERROR_NOT_FOUND);
    cr_assert(strstr(call.message, "'haihe.v1.Match'"));
    call_release(&call);
    rig_release(&rig);
}

Test(health, is_answered_while_all_workers_are_busy_and_their_queue_is_full)
{
    struct rig rig;
    struct held_worker held;
    struct call stats, call;
    rig_init(&rig, &(struct rig_options){.engine = {.worker_count = 1, .query_queue_limit = 1}});
    worker_hold(&rig, &held);
    call_ask(&rig, &stats, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse", 0,
             no_fields("haihe.v1.StatsRequest"));
    call_unary(&rig, &call, CHECK, HEALTH, service(""));
    cr_assert_str_eq(world_text(call_answer(&call), "status"), "SERVING");
    cr_assert_not(stats.ended);
    worker_let_go(&held);
    call_wait_end(&stats);
    call_release(&stats);
    call_release(&call);
    rig_release(&rig);
}

Test(health, a_large_request_is_refused)
{
    struct rig rig;
    struct call call;
    char name[2000];
    rig_init(&rig, NULL);
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    call_unary(&rig, &call, CHECK, HEALTH, service(name));
    cr_assert_eq(call.code, ERROR_RESOURCE_EXHAUSTED);
    call_release(&call);
    rig_release(&rig);
}

Test(health, watch_of_an_unknown_service_says_so_and_stays_open)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    call_ask(&rig, &call, WATCH, HEALTH, 0, service("no.Such"));
    call_wait_answers(&call, 1);
    cr_assert_str_eq(world_text(call.answers, "[0].status"), "SERVICE_UNKNOWN");
    rig_round_trip(&rig);
    cr_assert_not(call.ended);
    rpc_call_cancel(call.rpc);
    call_wait_end(&call);
    call_release(&call);
    rig_release(&rig);
}

/* --- Reflection and statistics -------------------------------------------------------------- */

Test(reflection, answers_a_stream_of_questions_in_order)
{
    static const char *const PATHS[] = {
        REFLECT, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};
    struct rig rig;
    rig_init(&rig, NULL);
    for (size_t version = 0; version < 2; version++) {
        struct call call;
        call_start(&rig, &call, PATHS[version], "grpc.reflection.v1.ServerReflectionResponse", 0);
        call_send(&call, world_encode("grpc.reflection.v1.ServerReflectionRequest",
                                      "{'list_services': '*'}"));
        for (size_t i = 0; i < 30; i++) {
            call_send(&call, world_encode("grpc.reflection.v1.ServerReflectionRequest",
                                          "{'file_containing_symbol': 'haihe.v1.MatchService'}"));
            call_send(&call, world_encode("grpc.reflection.v1.ServerReflectionRequest",
                                          "{'file_by_filename': 'none%zu.proto'}", i));
        }
        call_half_close(&call);
        call_wait_end(&call);
        cr_assert_eq(call.code, ERROR_OK, "%s", call.message);
        cr_assert_eq(json_array_size(call.answers), 61);
        cr_assert_eq(json_array_size(world_at(call.answers, "[0].list_services_response.service")),
                     6);
        for (size_t i = 0; i < 30; i++) {
            const json_t *found = json_array_get(call.answers, 1 + 2 * i);
            const json_t *missing = json_array_get(call.answers, 2 + 2 * i);
            cr_assert(world_at(found, "file_descriptor_response.file_descriptor_proto[0]"));
            cr_assert_eq(world_number(missing, "error_response.error_code"), ERROR_NOT_FOUND);
        }
        call_release(&call);
    }
    rig_release(&rig);
}

Test(reflection, wrong_bytes_end_the_stream)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    call_start(&rig, &call, REFLECT, "grpc.reflection.v1.ServerReflectionResponse", 0);
    call_send(&call, (struct bytes){strdup("\xff\xff"), 2});
    call_send(&call,
              world_encode("grpc.reflection.v1.ServerReflectionRequest", "{'list_services': '*'}"));
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_INVALID_ARGUMENT);
    cr_assert_eq(json_array_size(call.answers), 0);
    call_release(&call);
    rig_release(&rig);
}

static const json_t *method_stats(const json_t *stats, const char *method)
{
    const json_t *methods = world_at(stats, "methods");
    for (size_t i = 0; i < json_array_size(methods); i++)
        if (strcmp(world_text(json_array_get(methods, i), "method"), method) == 0)
            return json_array_get(methods, i);
    cr_assert_fail("no statistics of %s", method);
    return NULL;
}

Test(stats, count_records_changes_calls_and_their_errors)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    rig_put(&rig, world_put_vacancy("v1", ""));
    for (size_t i = 0; i < 3; i++) {
        call_unary(&rig, &call, "haihe.v1.RecordService/Get", "haihe.v1.Record",
                   world_encode("haihe.v1.GetRequest",
                                "{'kind': 1, 'key': {'platform': 'tj', 'id': '%s'}}",
                                i == 0 ? "none" : "v1"));
        call_release(&call);
    }
    call_unary(&rig, &call, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse",
               no_fields("haihe.v1.StatsRequest"));
    json_t *stats = call_answer(&call);
    cr_assert_eq(world_number(stats, "vacancy_count"), 1);
    cr_assert_eq(world_number(stats, "open_vacancy_count"), 1);
    cr_assert_eq(world_number(stats, "sequence"), 1);
    cr_assert_eq(world_number(stats, "changes_applied"), 1);
    cr_assert_eq(world_number(stats, "open_calls"), 1);
    cr_assert_eq(world_number(stats, "open_connections"), 1);
    cr_assert_eq(world_number(stats, "worker_count"), 2);
    cr_assert_gt(world_number(stats, "resident_bytes"), 1 << 20);
    cr_assert_gt(world_number(stats, "taxonomy_skill_count"), 100);
    cr_assert_str_eq(world_text(stats, "version"), "test");
    const json_t *get = method_stats(stats, "/haihe.v1.RecordService/Get");
    cr_assert_eq(world_number(get, "calls"), 3);
    cr_assert_eq(world_number(get, "errors"), 1);
    cr_assert_gt(json_real_value(world_at(get, "p50_us")), 0);
    cr_assert_geq(json_real_value(world_at(get, "p99_us")),
                  json_real_value(world_at(get, "p50_us")));
    call_release(&call);
    rig_release(&rig);
}

/* --- Draining ------------------------------------------------------------------------------- */

Test(drain, tells_watchers_and_lets_open_calls_end)
{
    struct rig rig;
    struct held_worker held;
    struct call watch, query, apply;
    rig_init(&rig, &(struct rig_options){.engine = {.worker_count = 1}});
    worker_hold(&rig, &held);
    call_ask(&rig, &watch, WATCH, HEALTH, 0, service("haihe.v1.MatchService"));
    call_ask(&rig, &query, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse", 0,
             no_fields("haihe.v1.StatsRequest"));
    call_start(&rig, &apply, "haihe.v1.RecordService/Apply", "haihe.v1.ApplyResponse", 0);
    call_send(&apply, world_put_vacancy("before", ""));
    call_wait_answers(&watch, 1);
    call_wait_answers(&apply, 1);
    rig_drain(&rig);
    call_wait_answers(&watch, 2);
    cr_assert_str_eq(world_text(watch.answers, "[0].status"), "SERVING");
    cr_assert_str_eq(world_text(watch.answers, "[1].status"), "NOT_SERVING");
    call_wait_end(&watch); /* the final GOAWAY has gone out: a watch must not hold up the end */
    cr_assert_eq(watch.code, ERROR_UNAVAILABLE);
    call_send(&apply, world_put_vacancy("after", ""));
    call_wait_answers(&apply, 2);
    cr_assert_not(rig.drained);
    call_half_close(&apply);
    call_wait_end(&apply);
    cr_assert_eq(apply.code, ERROR_OK);
    worker_let_go(&held);
    call_wait_end(&query);
    cr_assert_eq(world_number(call_answer(&query), "vacancy_count"), 2);
    rig_wait_flag(&rig, &rig.drained);
    call_release(&watch);
    call_release(&query);
    call_release(&apply);
    rig_release(&rig);
}

Test(drain, cuts_off_calls_that_do_not_end)
{
    struct rig rig;
    struct call apply;
    rig_init(&rig, &(struct rig_options){.drain_ns = 20000000});
    call_start(&rig, &apply, "haihe.v1.RecordService/Apply", "haihe.v1.ApplyResponse", 0);
    rig_round_trip(&rig);
    rig_drain(&rig);
    rig_wait_flag(&rig, &rig.drained);
    call_wait_end(&apply);
    cr_assert_eq(apply.code, ERROR_UNAVAILABLE);
    call_release(&apply);
    rig_release(&rig);
}

struct let_go {
    struct held_worker *held;
    struct rig *rig;
    struct loop_timer *timer;
};

static void let_go_after_the_cut(void *context)
{
    struct let_go *let_go = context;
    cr_assert_not(let_go->rig->drained);
    worker_let_go(let_go->held);
}

Test(drain, waits_for_jobs_whose_calls_were_cut_off)
{
    struct rig rig;
    struct held_worker held;
    struct call query;
    rig_init(&rig, &(struct rig_options){.engine = {.worker_count = 1}, .drain_ns = 5000000});
    worker_hold(&rig, &held);
    call_ask(&rig, &query, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse", 0,
             no_fields("haihe.v1.StatsRequest"));
    rig_round_trip(&rig);
    rig_drain(&rig);
    call_wait_end(&query); /* cut off */
    cr_assert_eq(query.code, ERROR_UNAVAILABLE);
    struct let_go let_go = {.held = &held, .rig = &rig};
    let_go.timer = loop_timer_new(rig.loop, let_go_after_the_cut, &let_go);
    loop_timer_set(let_go.timer, clock_monotonic_ns() + 20000000);
    rig_wait_flag(&rig, &rig.drained);
    loop_timer_free(let_go.timer);
    call_release(&query);
    rig_release(&rig);
}

Test(drain, an_idle_connection_does_not_hold_up_the_end)
{
    struct rig rig;
    rig_init(&rig, NULL);
    rig_round_trip(&rig);
    rig_drain(&rig);
    rig_drain(&rig); /* twice is once */
    rig_wait_flag(&rig, &rig.drained);
    rig_release(&rig);
}
