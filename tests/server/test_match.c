/* MatchService and what all unary methods share. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "server/rig.h"

#define MATCH_VACANCIES  "haihe.v1.MatchService/MatchVacancies"
#define MATCH_APPLICANTS "haihe.v1.MatchService/MatchApplicants"
#define EXPLAIN          "haihe.v1.MatchService/Explain"
#define RESPONSE         "haihe.v1.MatchResponse"

static struct bytes for_applicant(const char *id, const char *options)
{
    return world_encode("haihe.v1.MatchVacanciesRequest",
                        "{'applicant_key': {'platform': 'tj', 'id': '%s'}, 'options': {%s}}", id,
                        options);
}

static void put_market(struct rig *rig)
{
    for (char id[8] = "v0"; id[1] <= '4'; id[1]++)
        rig_put(rig, world_put_vacancy(id, ""));
    rig_put(rig, world_put_vacancy("other", "'skills': [{'skill': 'something-else'}]"));
    rig_put(rig, world_put_applicant("a1", ""));
    rig_put(rig, world_put_applicant("a2", "'skills': [{'skill': 'test-skill', 'level': 8}]"));
}

Test(match, vacancies_for_an_applicant)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &call, MATCH_VACANCIES, RESPONSE,
               for_applicant("a1", "'k': 3, 'count_gates': true"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "matches")), 3);
    cr_assert_eq(world_number(answer, "candidate_count"), 6);
    cr_assert_eq(world_number(answer, "passed_count"), 5);
    cr_assert_str_eq(world_text(answer, "removed[0].gate"), "GATE_NO_RELATED_SKILL");
    cr_assert_eq(world_number(answer, "sequence"), 8);
    cr_assert_str_eq(world_text(answer, "profile"), "default");
    call_release(&call);
    rig_release(&rig);
}

Test(match, applicants_for_a_vacancy)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &call, MATCH_APPLICANTS, RESPONSE,
               world_encode("haihe.v1.MatchApplicantsRequest",
                            "{'vacancy_key': {'platform': 'tj', 'id': 'v1'},"
                            "'options': {'count_gates': true}}"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "matches")), 2);
    cr_assert_eq(world_number(answer, "candidate_count"), 2);
    call_release(&call);
    rig_release(&rig);
}

Test(match, an_inline_subject_needs_no_record_and_reports_unknown_skills)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &call, MATCH_VACANCIES, RESPONSE,
               world_encode("haihe.v1.MatchVacanciesRequest",
                            "{'applicant': {'skills': [{'skill': 'test-skill'}],"
                            "'consent': {'matching': true}}}"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "matches")), 5);
    cr_assert_str_eq(world_text(answer, "unresolved_skills[0]"), "test-skill");
    call_release(&call);
    rig_release(&rig);
}

Test(match, explain_gives_the_score_of_the_match)
{
    struct rig rig;
    struct call match, explain;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &match, MATCH_VACANCIES, RESPONSE, for_applicant("a1", "'k': 1"));
    call_unary(&rig, &explain, EXPLAIN, "haihe.v1.Explanation",
               world_encode("haihe.v1.ExplainRequest",
                            "{'vacancy_key': {'platform': 'tj', 'id': '%s'},"
                            "'applicant_key': {'platform': 'tj', 'id': 'a1'}}",
                            world_text(call_answer(&match), "matches[0].key.id")));
    cr_assert_eq(world_number(call_answer(&explain), "score"),
                 world_number(call_answer(&match), "matches[0].score"));
    cr_assert_gt(world_number(call_answer(&explain), "vacancy_sequence"), 0);
    cr_assert_eq(world_number(call_answer(&explain), "applicant_sequence"), 7);
    call_release(&match);
    call_release(&explain);
    rig_release(&rig);
}

Test(match, weights_of_the_request_replace_those_of_the_profile)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &call, MATCH_VACANCIES, RESPONSE,
               for_applicant("a1", "'weights': {'wage': 1000}, 'profile': 'lab'"));
    json_t *answer = call_answer(&call);
    cr_assert_str_eq(world_text(answer, "profile"), "lab");
    cr_assert_eq(world_number(answer, "matches[0].score"),
                 1000 * world_number(answer, "matches[0].points.wage"));
    call_release(&call);
    rig_release(&rig);
}

/* The call ends with the code, and its message holds the part. */
static void refused(struct rig *rig, const char *method, struct bytes request, enum error_code code,
                    const char *part)
{
    struct call call;
    call_unary(rig, &call, method, RESPONSE, request);
    cr_assert_eq(call.code, code, "%s: %d %s", part, (int)call.code, call.message);
    cr_assert(strstr(call.message, part), "'%s' is not in '%s'", part, call.message);
    cr_assert(call.status, "an error has details");
    cr_assert_eq(world_number(call.status, "code"), (int64_t)code);
    call_release(&call);
}

Test(match, wrong_requests_are_refused_by_what_is_wrong)
{
    struct rig rig;
    rig_init(&rig, NULL);
    put_market(&rig);
    refused(&rig, MATCH_VACANCIES, for_applicant("a1", "'k': 1001"), ERROR_INVALID_ARGUMENT,
            "options.k '1001'");
    refused(&rig, MATCH_VACANCIES, for_applicant("nobody", ""), ERROR_NOT_FOUND,
            "applicant 'tj:nobody'");
    refused(&rig, MATCH_VACANCIES, for_applicant("a1", "'profile': 'none'"), ERROR_NOT_FOUND,
            "profile 'none'");
    refused(&rig, MATCH_VACANCIES, for_applicant("a1", "'min_sequence': 9"),
            ERROR_FAILED_PRECONDITION, "min_sequence 9");
    refused(&rig, MATCH_VACANCIES, (struct bytes){strdup("\xff\xff\xff"), 3},
            ERROR_INVALID_ARGUMENT, "");
    refused(&rig, EXPLAIN,
            world_encode("haihe.v1.ExplainRequest",
                         "{'vacancy_key': {'platform': 'tj', 'id': 'none'},"
                         "'applicant_key': {'platform': 'tj', 'id': 'a1'}}"),
            ERROR_NOT_FOUND, "vacancy 'tj:none'");
    rig_release(&rig);
}

Test(match, a_unary_call_takes_exactly_one_message)
{
    struct rig rig;
    struct call none, two;
    rig_init(&rig, NULL);
    call_start(&rig, &none, MATCH_VACANCIES, RESPONSE, 0);
    call_half_close(&none);
    call_wait_end(&none);
    cr_assert_eq(none.code, ERROR_INVALID_ARGUMENT);
    call_start(&rig, &two, MATCH_VACANCIES, RESPONSE, 0);
    call_send(&two, for_applicant("a1", ""));
    call_send(&two, for_applicant("a1", ""));
    call_half_close(&two);
    call_wait_end(&two);
    cr_assert_eq(two.code, ERROR_INVALID_ARGUMENT);
    call_release(&none);
    call_release(&two);
    rig_release(&rig);
}

Test(match, what_is_not_served_is_unimplemented_and_named)
{
    struct rig rig;
    rig_init(&rig, NULL);
    refused(&rig, "haihe.v1.MatchService/Guess", world_encode("haihe.v1.StatsRequest", "{}"),
            ERROR_UNIMPLEMENTED, "/haihe.v1.MatchService/Guess");
    refused(&rig, "no.Such/Method", world_encode("haihe.v1.StatsRequest", "{}"),
            ERROR_UNIMPLEMENTED, "/no.Such/Method");
    rig_release(&rig);
}

/* --- Counts ---------------------------------------------------------------------------------- */

Test(match, without_count_gates_the_gates_are_not_counted)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    call_unary(&rig, &call, MATCH_VACANCIES, RESPONSE, for_applicant("a1", "'k': 3"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "matches")), 3);
    int64_t scored = world_number(answer, "candidate_count");
    cr_assert(scored >= 3 && scored <= 6, "%lld", (long long)scored);
    cr_assert_not(world_at(answer, "passed_count"));
    cr_assert_not(world_at(answer, "removed"));
    call_release(&call);
    rig_release(&rig);
}

/* The index keeps nothing of the employers that somebody excludes, so it scores such pairs and a
 * gate removes them: one it has seen, of many it has not. */
Test(match, a_gate_that_the_index_saw_is_not_counted_either)
{
    struct rig rig;
    struct call call;
    rig_init(&rig, NULL);
    put_market(&rig);
    rig_put(&rig, world_put_vacancy("elsewhere", "'hiring_organization': 'Bohai Works'"));
    rig_put(&rig, world_put_applicant("a3", "'excluded_organizations': ['Haihe Works']"));
    call_unary(&rig, &call, MATCH_VACANCIES, RESPONSE, for_applicant("a3", "'k': 3"));
    json_t *answer = call_answer(&call);
    cr_assert_eq(json_array_size(world_at(answer, "matches")), 1);
    cr_assert_gt(world_number(answer, "candidate_count"), 1);
    cr_assert_not(world_at(answer, "removed"));
    cr_assert_not(world_at(answer, "passed_count"));
    call_release(&call);
    rig_release(&rig);
}

enum { CROWD_COUNT = 150, QUESTION_COUNT = 100 };

static const char *const CROWD_SKILLS[] = {"电焊", "数控编程", "s1", "s2", "s3", "s4"};

static const char *draw_skill(struct rng *rng)
{
    return CROWD_SKILLS[rng_below(rng, sizeof CROWD_SKILLS / sizeof *CROWD_SKILLS)];
}

/* Vacancies and applicants c0, c1 .. of three skills each, around Tianjin; every seventh applicant
 * does not consent. */
static void put_crowd(struct rig *rig, struct rng *rng)
{
    for (int i = 0; i < CROWD_COUNT; i++) {
        char id[16], more[600];
        int area = (int)rng_between(rng, 1, 6), pay = (int)rng_between(rng, 300000, 900000);
        snprintf(id, sizeof id, "c%d", i);
        snprintf(more, sizeof more,
                 "'skills': [{'skill': '%s', 'importance': %d, 'min_level': %d}, {'skill': "
                 "'common', 'importance': 1}],"
                 "'job_locations': [{'area_code': '1201%02d'}],"
                 "'base_salary': {'min_amount': %d, 'max_amount': %d, 'unit': 'PAY_UNIT_MONTH'}",
                 draw_skill(rng), (int)rng_between(rng, 1, 5), (int)rng_between(rng, 0, 8), area,
                 pay, pay + 200000);
        rig_put(rig, world_put_vacancy(id, more));
        snprintf(more, sizeof more,
                 "'skills': [{'skill': '%s', 'level': %d}], 'home': {'area_code': '1201%02d'},"
                 "'max_distance_m': %d, 'consent': {'matching': %s, 'visible_to_employers': true}",
                 draw_skill(rng), (int)rng_between(rng, 0, 8), (int)rng_between(rng, 1, 6),
                 (int)rng_between(rng, 2000, 30000), i % 7 == 0 ? "false" : "true");
        rig_put(rig, world_put_applicant(id, more));
    }
}

static struct bytes crowd_question(bool for_vacancy, uint64_t subject, const char *options,
                                   bool counts)
{
    return world_encode(
        for_vacancy ? "haihe.v1.MatchApplicantsRequest" : "haihe.v1.MatchVacanciesRequest",
        "{'%s_key': {'platform': 'tj', 'id': 'c%d'}, 'options': {%s,"
        "'count_gates': %s}}",
        for_vacancy ? "vacancy" : "applicant", (int)subject, options, counts ? "true" : "false");
}

/* Asks with and without the counts; how many matches there are. */
static size_t assert_same_matches(struct rig *rig, struct rng *rng)
{
    struct call plain, counted;
    char options[300];
    bool for_vacancy = rng_below(rng, 2) == 1;
    uint64_t subject = rng_below(rng, CROWD_COUNT);
    snprintf(options, sizeof options,
             "'k': %d, 'soft_gates': [{'gate': 'GATE_TOO_FAR', 'penalty': %d}]%s",
             rng_below(rng, 2) ? 5 : 1000, (int)rng_between(rng, 0, 2000000),
             rng_below(rng, 3) ? "" : ", 'filter': {'area_codes': ['120102', '120104']}");
    const char *method = for_vacancy ? MATCH_APPLICANTS : MATCH_VACANCIES;
    call_unary(rig, &plain, method, RESPONSE, crowd_question(for_vacancy, subject, options, false));
    call_unary(rig, &counted, method, RESPONSE,
               crowd_question(for_vacancy, subject, options, true));
    json_t *matches = world_at(call_answer(&plain), "matches");
    size_t count = json_array_size(matches);
    cr_assert(count == 0 ? !world_at(call_answer(&counted), "matches")
                         : json_equal(matches, world_at(call_answer(&counted), "matches")),
              "c%d: %s", (int)subject, options);
    cr_assert_not(world_at(call_answer(&plain), "removed"));
    cr_assert_eq(world_number(call_answer(&counted), "candidate_count"), CROWD_COUNT);
    call_release(&plain);
    call_release(&counted);
    return count;
}

Test(match, the_matches_are_the_same_with_and_without_counts)
{
    struct rig rig;
    struct rng rng;
    size_t match_count = 0;
    rng_init(&rng, 20261125);
    rig_init(&rig, NULL);
    put_crowd(&rig, &rng);
    for (int i = 0; i < QUESTION_COUNT; i++)
        match_count += assert_same_matches(&rig, &rng);
    cr_assert_gt(match_count, 1000);
    rig_release(&rig);
}

/* --- Queues, deadlines, cancellation -------------------------------------------------------- */

static const struct rig_options ONE_WORKER = {
    .engine = {.worker_count = 1, .query_queue_limit = 2}};

static uint64_t pairs_scored(struct rig *rig)
{
    struct engine_stats stats;
    engine_stats(rig->world.engine, &stats);
    return stats.pairs_scored;
}

/* Lets the worker go and waits until it has nothing left from before. */
static void let_go(struct rig *rig, struct held_worker *held)
{
    struct call call;
    worker_let_go(held);
    call_unary(rig, &call, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse",
               world_encode("haihe.v1.StatsRequest", "{}"));
    cr_assert_eq(call.code, ERROR_OK);
    call_release(&call);
}

Test(match, a_full_queue_sheds_with_a_hint_and_counts_it)
{
    struct rig rig;
    struct held_worker held;
    struct call calls[4], stats;
    rig_init(&rig, &ONE_WORKER);
    put_market(&rig);
    worker_hold(&rig, &held);
    for (size_t i = 0; i < 4; i++)
        call_ask(&rig, &calls[i], MATCH_VACANCIES, RESPONSE, 0, for_applicant("a1", ""));
    for (size_t i = 2; i < 4; i++) {
        call_wait_end(&calls[i]);
        cr_assert_eq(calls[i].code, ERROR_RESOURCE_EXHAUSTED);
        cr_assert_gt(atol(calls[i].pushback), 0);
    }
    worker_let_go(&held);
    for (size_t i = 0; i < 2; i++) {
        call_wait_end(&calls[i]);
        cr_assert_eq(json_array_size(world_at(call_answer(&calls[i]), "matches")), 5);
    }
    call_unary(&rig, &stats, "haihe.v1.AdminService/Stats", "haihe.v1.StatsResponse",
               world_encode("haihe.v1.StatsRequest", "{}"));
    cr_assert_eq(world_number(call_answer(&stats), "calls_shed"), 2);
    for (size_t i = 0; i < 4; i++)
        call_release(&calls[i]);
    call_release(&stats);
    rig_release(&rig);
}

Test(match, large_requests_are_shed_when_those_that_wait_take_too_much_and_small_ones_are_not)
{
    struct rig rig;
    struct held_worker held;
    struct call calls[4];
    struct rig_options options = ONE_WORKER;
    options.engine.query_queue_limit = 100;
    options.queue_bytes = 250000;
    rig_init(&rig, &options);
    put_market(&rig);
    worker_hold(&rig, &held);
    for (size_t i = 0; i < 3; i++)
        call_ask(&rig, &calls[i], MATCH_VACANCIES, RESPONSE, 0,
                 request_padded(for_applicant("a1", ""), 100000));
    call_ask(&rig, &calls[3], MATCH_VACANCIES, RESPONSE, 0, for_applicant("a1", ""));
    call_wait_end(&calls[2]);
    cr_assert_eq(calls[2].code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert_gt(atol(calls[2].pushback), 0);
    /* The memory of a request is taken until its turn comes, even if its client has gone. */
    rpc_call_cancel(calls[0].rpc);
    call_wait_end(&calls[0]);
    call_release(&calls[2]);
    call_ask(&rig, &calls[2], MATCH_VACANCIES, RESPONSE, 0,
             request_padded(for_applicant("a1", ""), 100000));
    call_wait_end(&calls[2]);
    cr_assert_eq(calls[2].code, ERROR_RESOURCE_EXHAUSTED);
    call_release(&calls[2]);
    worker_let_go(&held);
    for (size_t i = 1; i < 4; i += 2) {
        call_wait_end(&calls[i]);
        cr_assert_eq(calls[i].code, ERROR_OK, "%s", calls[i].message);
    }
    call_ask(&rig, &calls[2], MATCH_VACANCIES, RESPONSE, 0,
             request_padded(for_applicant("a1", ""), 300000));
    call_wait_end(&calls[2]);
    cr_assert_eq(calls[2].code, ERROR_OK, "one that is alone may be larger");
    for (size_t i = 0; i < 4; i++)
        call_release(&calls[i]);
    rig_release(&rig);
}

Test(match, an_expired_deadline_is_not_searched)
{
    struct rig rig;
    struct held_worker held;
    struct call call;
    rig_init(&rig, &ONE_WORKER);
    put_market(&rig);
    worker_hold(&rig, &held);
    call_ask(&rig, &call, MATCH_VACANCIES, RESPONSE, 20, for_applicant("a1", ""));
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_DEADLINE_EXCEEDED);
    let_go(&rig, &held);
    cr_assert_eq(pairs_scored(&rig), 0);
    call_release(&call);
    rig_release(&rig);
}

Test(match, a_cancelled_call_is_not_searched)
{
    struct rig rig;
    struct held_worker held;
    struct call call;
    rig_init(&rig, &ONE_WORKER);
    put_market(&rig);
    worker_hold(&rig, &held);
    call_ask(&rig, &call, MATCH_VACANCIES, RESPONSE, 0, for_applicant("a1", ""));
    rig_round_trip(&rig); /* the question is in the queue */
    rpc_call_cancel(call.rpc);
    call_wait_end(&call);
    cr_assert_eq(call.code, ERROR_CANCELLED);
    rig_round_trip(&rig); /* the server knows */
    let_go(&rig, &held);
    cr_assert_eq(pairs_scored(&rig), 0);
    call_release(&call);
    rig_release(&rig);
}

Test(match, calls_of_a_lost_connection_are_not_searched)
{
    struct rig rig;
    struct held_worker held;
    struct call call;
    struct error error;
    rig_init(&rig, &ONE_WORKER);
    put_market(&rig);
    worker_hold(&rig, &held);
    call_ask(&rig, &call, MATCH_VACANCIES, RESPONSE, 0, for_applicant("a1", ""));
    rig_round_trip(&rig);
    rpc_channel_free(rig.channel);
    cr_assert_eq(call.code, ERROR_UNAVAILABLE);
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", server_port(rig.server));
    rig.channel =
        rpc_channel_open(rig.loop, &(struct rpc_channel_options){.address = address}, &error);
    cr_assert(rig.channel);
    /* The end of one connection and the beginning of the next are not ordered by the network: the
     * second is asked until the server has seen the first one go. */
    for (int64_t connections = 2; connections > 1;) {
        rig_round_trip(&rig);
        connections = server_connection_count(rig.server);
    }
    let_go(&rig, &held);
    cr_assert_eq(pairs_scored(&rig), 0);
    call_release(&call);
    rig_release(&rig);
}
