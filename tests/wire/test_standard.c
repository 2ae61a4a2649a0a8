#include <criterion/criterion.h>

#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/standard_message.h"

Test(health, service_and_status_go_over_the_wire)
{
    struct fixture f;
    fixture_init(&f);
    struct str service;
    cr_assert(wire_read_health_check(
        fixture_message(&f, "grpc.health.v1.HealthCheckRequest", "{'service': 'a.B'}"), &f.arena,
        &service, &f.error));
    cr_assert(str_equal(service, STR("a.B")));
    cr_assert(wire_read_health_check(STR(""), &f.arena, &service, &f.error));
    cr_assert_eq(service.length, 0);
    cr_assert_not(wire_read_health_check(STR("\x0a\x01\xff"), &f.arena, &service, &f.error));
    assert_refused(&f.error, "invalid_utf8", "service", "?", "health");
    static const char *const NAMES[] = {NULL, "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    for (int status = HEALTH_UNKNOWN; status <= HEALTH_SERVICE_UNKNOWN; status++) {
        cr_assert(wire_write_health(&f.out, (enum health_status)status));
        json_t *json = fixture_written(&f, "grpc.health.v1.HealthCheckResponse");
        const char *name = json_string_value(json_at(json, "status"));
        cr_assert(NAMES[status] ? strcmp(name, NAMES[status]) == 0 : name == NULL);
        json_decref(json);
    }
    fixture_release(&f);
}

Test(stats, every_number_goes_over_the_wire)
{
    struct fixture f;
    fixture_init(&f);
    const struct method_stats methods[] = {{"/a/B", 1, 2, 3.5, 4.5, 5.5}, {"/c/D", .calls = 9}};
    const struct server_stats stats = {.version = "1.2.3",
                                       .uptime_s = 2,
                                       .sequence = 3,
                                       .vacancy_count = 4,
                                       .applicant_count = 5,
                                       .open_vacancy_count = 6,
                                       .active_applicant_count = 7,
                                       .changes_applied = 8,
                                       .changes_refused = 9,
                                       .calls_shed = 10,
                                       .open_calls = 11,
                                       .open_connections = 12,
                                       .pairs_scored = 13,
                                       .resident_bytes = 14,
                                       .taxonomy_skill_count = 15,
                                       .taxonomy_occupation_count = 16,
                                       .taxonomy_version = 17,
                                       .worker_count = 18,
                                       .methods = methods,
                                       .method_count = 2};
    cr_assert(wire_read_stats(STR(""), &f.arena, &f.error));
    cr_assert_not(wire_read_stats(STR("\xff"), &f.arena, &f.error));
    cr_assert(wire_write_stats(&f.out, &f.arena, &stats));
    json_t *found = fixture_written(&f, "haihe.v1.StatsResponse");
    json_t *expected = fixture_json(
        "{'version': '1.2.3', 'uptime_s': 2, 'sequence': 3, 'vacancy_count': 4,"
        " 'applicant_count': 5, 'open_vacancy_count': 6, 'active_applicant_count': 7,"
        " 'changes_applied': 8, 'changes_refused': 9, 'calls_shed': 10, 'open_calls': 11,"
        " 'open_connections': 12, 'pairs_scored': 13, 'resident_bytes': 14,"
        " 'taxonomy_skill_count': 15, 'taxonomy_occupation_count': 16, 'taxonomy_version': '17',"
        " 'worker_count': 18, 'methods': [{'method': '/a/B', 'calls': 1, 'errors': 2,"
        " 'p50_us': 3.5, 'p99_us': 4.5, 'mean_us': 5.5}, {'method': '/c/D', 'calls': 9}]}");
    cr_assert(json_equal(found, expected));
    json_decref(found);
    json_decref(expected);
    struct arena small;
    arena_init(&small, 16);
    cr_assert_not(wire_write_stats(&f.out, &small, &stats));
    arena_release(&small);
    fixture_release(&f);
}
