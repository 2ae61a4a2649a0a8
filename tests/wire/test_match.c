#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/match_message.h"

static bool read_match(struct fixture *f, enum ranking ranking, const char *text,
                       struct match_request *out)
{
    struct str bytes =
        fixture_message(f,
                        ranking == RANK_VACANCIES ? "haihe.v1.MatchVacanciesRequest"
                                                  : "haihe.v1.MatchApplicantsRequest",
                        text);
    f->error = (struct error){0};
    return wire_read_match(&f->model, ranking, bytes, f->today, &f->arena, out, &f->error);
}

Test(match, a_request_without_options_has_the_defaults)
{
    struct fixture f;
    fixture_init(&f);
    struct match_request match;
    cr_assert(
        read_match(&f, RANK_VACANCIES, "{'applicant_key': {'platform': 'p', 'id': 'i'}}", &match));
    cr_assert_eq(match.ranking, RANK_VACANCIES);
    cr_assert(match.subject.by_key);
    cr_assert(str_equal(match.subject.key.id, STR("i")));
    cr_assert_eq(match.options.k, 20);
    cr_assert(str_equal(match.options.profile, STR("default")));
    cr_assert_not(match.options.has_weights || match.options.has_filter || match.options.has_after);
    cr_assert_not(match.options.count_gates);
    cr_assert_eq(match.options.soft_gates, 0);
    cr_assert(read_match(&f, RANK_APPLICANTS,
                         "{'vacancy_key': {'platform': 'p', 'id': 'j'}, 'options': {}}", &match));
    cr_assert_eq(match.ranking, RANK_APPLICANTS);
    cr_assert(str_equal(match.subject.key.id, STR("j")));
    cr_assert_eq(match.options.k, 20);
    fixture_release(&f);
}

Test(match, every_option_is_read)
{
    struct fixture f;
    fixture_init(&f);
    struct match_request match;
    cr_assert(read_match(&f, RANK_VACANCIES,
                         "{'applicant_key': {'platform': 'p', 'id': 'i'}, 'options': {'k': 1000,"
                         " 'profile': 'lab-2', 'min_sequence': 77, 'count_gates': true,"
                         " 'weights': {'skill': 1, 'location': 2, 'wage': 3, 'occupation': 4,"
                         "             'experience': 5, 'education': 985},"
                         " 'soft_gates': [{'gate': 'GATE_TOO_FAR', 'penalty': 10000000},"
                         "                {'gate': 'GATE_EXCLUDED_ORGANIZATION'}],"
                         " 'filter': {'platforms': ['p', 'q'], 'tags': [' FAIR'], 'organizations':"
                         "   ['ＡＢ'], 'occupations': [{'code': '72'}], 'area_codes': ['120000'],"
                         "   'employment_types': [1, 3], 'wage_at_least_month_cents': 5,"
                         "   'remote_only': true},"
                         " 'after': {'score': 9, 'tie': '18446744073709551615',"
                         "   'key': {'platform': 'p', 'id': 'x'}}}}",
                         &match),
              "%s", f.error.text);
    const struct match_options *options = &match.options;
    cr_assert_eq(options->k, 1000);
    cr_assert(str_equal(options->profile, STR("lab-2")));
    cr_assert_eq(options->min_sequence, 77);
    cr_assert(options->count_gates);
    static const int32_t WEIGHTS[] = {1, 2, 3, 4, 5, 985};
    cr_assert(options->has_weights);
    cr_assert_eq(memcmp(options->weights, WEIGHTS, sizeof WEIGHTS), 0);
    cr_assert_eq(options->soft_gates, 1u << GATE_TOO_FAR | 1u << GATE_EXCLUDED_ORGANIZATION);
    cr_assert_eq(options->penalties[GATE_TOO_FAR], 10000000);
    cr_assert_eq(options->penalties[GATE_EXCLUDED_ORGANIZATION], 0);
    const struct filter *filter = &options->filter;
    cr_assert(options->has_filter);
    cr_assert_eq(filter->platforms.count, 2);
    cr_assert(str_equal(filter->tags.items[0], STR("fair")));
    cr_assert(str_equal(filter->organizations.items[0], STR("ab")));
    cr_assert_eq(filter->occupation_count, 1);
    cr_assert(str_equal(filter->occupations[0].system, STR("isco-08")));
    cr_assert(str_equal(filter->area_codes.items[0], STR("120000")));
    cr_assert_eq(filter->types, 1u << 1 | 1u << 3);
    cr_assert_eq(filter->wage_at_least_month_cents, 5);
    cr_assert(filter->remote_only);
    cr_assert(options->has_after);
    cr_assert_eq(options->after.score, 9);
    cr_assert_eq(options->after.tie, UINT64_MAX);
    cr_assert(str_equal(options->after.key.id, STR("x")));
    cr_assert(read_match(&f, RANK_APPLICANTS,
                         "{'vacancy_key': {'platform': 'p', 'id': 'i'}, 'options': {'filter':"
                         " {'priority_groups': ['veteran'], 'wage_at_most_month_cents': 6}}}",
                         &match));
    cr_assert(str_equal(match.options.filter.priority_groups.items[0], STR("veteran")));
    cr_assert_eq(match.options.filter.wage_at_most_month_cents, 6);
    fixture_release(&f);
}

Test(match, an_inline_subject_is_read_like_a_record)
{
    struct fixture f;
    fixture_init(&f);
    struct match_request match;
    cr_assert(
        read_match(&f, RANK_VACANCIES, "{'applicant': {'skills': [{'skill': '未知 X'}]}}", &match));
    cr_assert_not(match.subject.by_key);
    cr_assert_eq(match.subject.applicant.skill_count, 1);
    cr_assert(str_equal(match.subject.extras.unresolved_skills.items[0], STR("未知 X")));
    cr_assert(read_match(&f, RANK_APPLICANTS,
                         "{'vacancy': {'key': {'platform': 'p', 'id': 'i'}, 'title': 't'}}",
                         &match));
    cr_assert(str_equal(match.subject.key.id, STR("i")));
    cr_assert(str_equal(match.subject.vacancy.title, STR("t")));
    fixture_release(&f);
}

struct refusal {
    enum ranking ranking;
    const char *text, *rule, *field, *value;
};

#define SUBJECT_V       "'applicant_key': {'platform': 'p', 'id': 'i'}"
#define SUBJECT_A       "'vacancy_key': {'platform': 'p', 'id': 'i'}"
#define OPTIONS(text)   RANK_VACANCIES, "{" SUBJECT_V ", 'options': {" text "}}"
#define OPTIONS_A(text) RANK_APPLICANTS, "{" SUBJECT_A ", 'options': {" text "}}"

static const struct refusal REFUSALS[] = {
    {RANK_VACANCIES, "{}", "required", "subject", ""},
    {RANK_APPLICANTS, "{'options': {}}", "required", "subject", ""},
    {RANK_VACANCIES, "{'applicant_key': {}}", "required", "applicant_key.platform", ""},
    {RANK_APPLICANTS, "{'vacancy_key': {'platform': 'x'}}", "required", "vacancy_key.id", ""},
    {RANK_VACANCIES, "{'applicant': {'months_of_experience': 999}}", "out_of_range",
     "applicant.months_of_experience", "999"},
    {RANK_VACANCIES, "{'applicant': {'home': {'area_code': '0'}}}", "unknown_area_code",
     "applicant.home.area_code", "0"},
    {RANK_APPLICANTS, "{'vacancy': {'valid_through': 'x'}}", "invalid_date",
     "vacancy.valid_through", "x"},
    {OPTIONS("'k': 1001"), "out_of_range", "options.k", "1001"},
    {OPTIONS("'k': -1"), "out_of_range", "options.k", "-1"},
    {OPTIONS("'profile': 'Ü'"), "invalid_format", "options.profile", "Ü"},
    {OPTIONS("'weights': {'skill': 999}"), "weight_sum", "options.weights", "999"},
    {OPTIONS("'weights': {'skill': 1001, 'wage': -1}"), "out_of_range", "options.weights.skill",
     "1001"},
    {OPTIONS("'weights': {'skill': 1000, 'education': -1}"), "out_of_range",
     "options.weights.education", "-1"},
    {OPTIONS("'soft_gates': [{}]"), "required", "options.soft_gates[0].gate", "GATE_UNSPECIFIED"},
    {OPTIONS("'soft_gates': [{'gate': 5}, {'gate': 13}]"), "unknown_value",
     "options.soft_gates[1].gate", "13"},
    {OPTIONS("'soft_gates': [{'gate': 'GATE_CONSENT'}]"), "gate_always_hard",
     "options.soft_gates[0].gate", "consent"},
    {OPTIONS("'soft_gates': [{'gate': 'GATE_FILTER'}]"), "gate_always_hard",
     "options.soft_gates[0].gate", "filter"},
    {OPTIONS("'soft_gates': [{'gate': 5}, {'gate': 5}]"), "duplicate_gate",
     "options.soft_gates[1].gate", "too_far"},
    {OPTIONS("'soft_gates': [{'gate': 5, 'penalty': 10000001}]"), "out_of_range",
     "options.soft_gates[0].penalty", "10000001"},
    {OPTIONS("'soft_gates': [{},{},{},{},{},{},{},{},{}]"), "too_many", "options.soft_gates", "9"},
    {OPTIONS("'filter': {'platforms': ['']}"), "required", "options.filter.platforms[0]", ""},
    {OPTIONS("'filter': {'tags': ['a', ' ']}"), "required", "options.filter.tags[1]", " "},
    {OPTIONS("'filter': {'occupations': [{}]}"), "required", "options.filter.occupations[0].code",
     ""},
    {OPTIONS("'filter': {'employment_types': [1, 1]}"), "duplicate_employment_type",
     "options.filter.employment_types[1]", "1"},
    {OPTIONS("'filter': {'wage_at_least_month_cents': -5}"), "out_of_range",
     "options.filter.wage_at_least_month_cents", "-5"},
    {OPTIONS("'filter': {'wage_at_most_month_cents': 5}"), "not_applicable",
     "options.filter.wage_at_most_month_cents", "5"},
    {OPTIONS("'filter': {'priority_groups': ['veteran']}"), "not_applicable",
     "options.filter.priority_groups", ""},
    {OPTIONS_A("'filter': {'organizations': ['x']}"), "not_applicable",
     "options.filter.organizations", ""},
    {OPTIONS_A("'filter': {'wage_at_least_month_cents': 7}"), "not_applicable",
     "options.filter.wage_at_least_month_cents", "7"},
    {OPTIONS_A("'filter': {'remote_only': true}"), "not_applicable", "options.filter.remote_only",
     "true"},
    {OPTIONS_A("'filter': {'priority_groups': ['x']}"), "unknown_priority_group",
     "options.filter.priority_groups[0]", "x"},
    {OPTIONS("'after': {'score': 1}"), "required", "options.after.key", ""},
    {OPTIONS("'after': {'score': -1, 'key': {}}"), "out_of_range", "options.after.score", "-1"},
    {OPTIONS("'after': {'key': {'platform': 'p'}}"), "required", "options.after.key.id", ""},
};

Test(match, a_wrong_request_is_refused_by_rule_field_and_value)
{
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        const struct refusal *refusal = &REFUSALS[i];
        struct match_request match;
        cr_assert_not(read_match(&f, refusal->ranking, refusal->text, &match), "%s", refusal->text);
        assert_refused(&f.error, refusal->rule, refusal->field, refusal->value, refusal->text);
    }
    fixture_release(&f);
}

static bool read_explain(struct fixture *f, const char *text, struct explain_request *out)
{
    struct str bytes = fixture_message(f, "haihe.v1.ExplainRequest", text);
    f->error = (struct error){0};
    return wire_read_explain(&f->model, bytes, f->today, &f->arena, out, &f->error);
}

Test(explain, both_subjects_may_be_keys_or_inline)
{
    struct fixture f;
    fixture_init(&f);
    struct explain_request explain;
    cr_assert(read_explain(&f, "{" SUBJECT_A ", 'applicant': {'max_distance_m': 5}}", &explain));
    cr_assert_eq(explain.ranking, RANK_VACANCIES);
    cr_assert(explain.vacancy.by_key);
    cr_assert_not(explain.applicant.by_key);
    cr_assert_eq(explain.applicant.applicant.max_distance_m, 5);
    cr_assert(read_explain(&f,
                           "{" SUBJECT_V ", 'vacancy': {'title': 't'}, 'ranking': 2,"
                           " 'options': {'filter': {'wage_at_most_month_cents': 5}}}",
                           &explain));
    cr_assert_eq(explain.ranking, RANK_APPLICANTS);
    cr_assert(str_equal(explain.vacancy.vacancy.title, STR("t")));
    cr_assert(explain.applicant.by_key && explain.options.has_filter);
    fixture_release(&f);
}

Test(explain, a_wrong_request_is_refused_by_rule_field_and_value)
{
    static const struct refusal CASES[] = {
        {0, "{" SUBJECT_V "}", "required", "vacancy_subject", ""},
        {0, "{" SUBJECT_A "}", "required", "applicant_subject", ""},
        {0, "{'vacancy_key': {'id': 'x'}}", "required", "vacancy_key.platform", ""},
        {0, "{" SUBJECT_A ", 'applicant_key': {}}", "required", "applicant_key.platform", ""},
        {0, "{" SUBJECT_A ", 'applicant': {'available_from': 'y'}}", "invalid_date",
         "applicant.available_from", "y"},
        {0, "{" SUBJECT_V ", 'vacancy': {'job_locations': [{}]}}", "required",
         "vacancy.job_locations[0]", ""},
        {0, "{'ranking': 9}", "unknown_value", "ranking", "9"},
        {0, "{" SUBJECT_V "," SUBJECT_A ", 'options': {'weights': {}}}", "weight_sum",
         "options.weights", "0"},
    };
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct explain_request explain;
        cr_assert_not(read_explain(&f, CASES[i].text, &explain), "%s", CASES[i].text);
        assert_refused(&f.error, CASES[i].rule, CASES[i].field, CASES[i].value, CASES[i].text);
    }
    fixture_release(&f);
}

/* --- Answers -------------------------------------------------------------------------------- */

static void assert_json(json_t *found, const char *expected)
{
    json_t *wanted = fixture_json(expected);
    char *text = json_dumps(found, JSON_SORT_KEYS);
    cr_assert(json_equal(found, wanted), "%s", text);
    json_decref(wanted);
    json_decref(found);
    free(text);
}

/* A text that no NUL ends. */
static struct str unended(char buffer[8])
{
    memset(buffer, '!', 8);
    memcpy(buffer, "tit", 3);
    return (struct str){buffer, 3};
}

static struct match sample_match(const struct entry *entry)
{
    struct match match = {.rank = {.score = 6543210,
                                   .tie = UINT64_C(0x8000000000000000),
                                   .key = {STR("p"), STR("v-1")}},
                          .entry = entry};
    match.pair = (struct pair_score){.score = 6543210,
                                     .points_bp = {1, 2, 3, 4, 5, 10000},
                                     .fit_bp = 0,
                                     .appeal_bp = 5000,
                                     .distance_m = 0,
                                     .failed = 1u << GATE_TOO_FAR,
                                     .softened = 1u << GATE_TOO_FAR,
                                     .wage_unknown = true};
    return match;
}

Test(answer, matches_hold_everything_that_was_found)
{
    struct fixture f;
    fixture_init(&f);
    char title[8];
    struct vacancy vacancy = {.title = unended(title), .hiring_organization = STR("厂")};
    struct entry *entry = entry_new_vacancy(&vacancy, NULL, STR(""));
    entry->sequence = 44;
    struct match matches[2] = {sample_match(entry), sample_match(entry)};
    matches[1].pair.fit_bp = matches[1].pair.appeal_bp = -1;
    matches[1].pair.distance_m = DISTANCE_UNKNOWN_M;
    matches[1].pair.softened = 0;
    matches[1].pair.wage_unknown = false;
    struct search_result result = {.matches = matches,
                                   .match_count = 2,
                                   .candidate_count = 10,
                                   .passed_count = 3,
                                   .removed = {[GATE_CLOSED] = 5, [GATE_FILTER] = 2}};
    struct profile profile = profile_default();
    struct str names[] = {STR("x")};
    struct match_answer answer = {.result = &result,
                                  .ranking = RANK_VACANCIES,
                                  .sequence = 99,
                                  .profile = &profile,
                                  .unresolved_skills = {names, 1}};
    cr_assert(wire_write_matches(&f.out, &f.arena, &answer));
    char expected[2000];
    snprintf(expected, sizeof expected,
             "{'matches': [{'key': {'platform': 'p', 'id': 'v-1'}, 'score': 6543210,"
             " 'tie': '9223372036854775808', 'points': {'skill': 1, 'location': 2, 'wage': 3,"
             " 'occupation': 4, 'experience': 5, 'education': 10000}, 'fit_bp': 0,"
             " 'appeal_bp': 5000, 'softened_gates': ['GATE_TOO_FAR'], 'wage_unknown': true,"
             " 'distance_m': 0, 'sequence': 44, 'title': 'tit', 'hiring_organization': '厂'},"
             " {'key': {'platform': 'p', 'id': 'v-1'}, 'score': 6543210,"
             " 'tie': '9223372036854775808', 'points': {'skill': 1, 'location': 2, 'wage': 3,"
             " 'occupation': 4, 'experience': 5, 'education': 10000},"
             " 'sequence': 44, 'title': 'tit', 'hiring_organization': '厂'}],"
             " 'sequence': 99, 'candidate_count': 10, 'passed_count': 3,"
             " 'removed': [{'gate': 'GATE_CLOSED', 'removed': 5},"
             " {'gate': 'GATE_FILTER', 'removed': 2}],"
             " 'profile': 'default', 'profile_version': '%llu', 'score_version': %d,"
             " 'unresolved_skills': ['x']}",
             (unsigned long long)profile_version(&profile), SCORE_VERSION);
    assert_json(fixture_written(&f, "haihe.v1.MatchResponse"), expected);
    memory_free(entry);
    fixture_release(&f);
}

Test(answer, ranked_applicants_have_no_titles)
{
    struct fixture f;
    fixture_init(&f);
    struct applicant applicant = {0};
    struct entry *entry = entry_new_applicant(&applicant, NULL, STR(""));
    struct match match = sample_match(entry);
    struct search_result result = {.matches = &match, .match_count = 1};
    struct profile profile = profile_default();
    struct match_answer answer = {
        .result = &result, .ranking = RANK_APPLICANTS, .profile = &profile};
    cr_assert(wire_write_matches(&f.out, &f.arena, &answer));
    json_t *written = fixture_written(&f, "haihe.v1.MatchResponse");
    cr_assert(json_at(written, "matches[0].key"));
    cr_assert_null(json_at(written, "matches[0].title"));
    json_decref(written);
    memory_free(entry);
    fixture_release(&f);
}

/* A pair of records and their explanation by core. */
struct pair {
    struct vacancy vacancy;
    struct applicant applicant;
    struct profile profile;
    struct scoring scoring;
    struct explanation explanation;
};

static void explain_fixture(struct fixture *f, struct pair *pair)
{
    struct record_extras extras;
    struct str vacancy = fixture_encode(f, "haihe.v1.Vacancy", fixture_vacancy());
    struct str applicant = fixture_encode(f, "haihe.v1.Applicant", fixture_applicant());
    cr_assert(wire_read_vacancy(&f->model, vacancy, RECORD_FOR_STORE, f->today, &f->arena,
                                &pair->vacancy, &extras, &f->error));
    cr_assert(wire_read_applicant(&f->model, applicant, RECORD_FOR_STORE, f->today, &f->arena,
                                  &pair->applicant, &extras, &f->error));
    pair->profile = profile_default();
    pair->scoring = (struct scoring){.profile = &pair->profile,
                                     .taxonomy = f->taxonomy,
                                     .ranking = RANK_VACANCIES,
                                     .soft_gates = 1u << GATE_TOO_FAR,
                                     .penalties = {[GATE_TOO_FAR] = 1000}};
    cr_assert(explain_pair(&pair->scoring, &pair->vacancy, &pair->applicant, &f->arena,
                           &pair->explanation, &f->error));
}

static struct explain_answer answer_of(const struct pair *pair)
{
    return (struct explain_answer){.explanation = &pair->explanation,
                                   .scoring = &pair->scoring,
                                   .vacancy_key = pair->vacancy.key,
                                   .vacancy = &pair->vacancy,
                                   .applicant = &pair->applicant,
                                   .vacancy_sequence = 8};
}

static int64_t number_at(const json_t *json, const char *path)
{
    return json_integer_value(json_at(json, path));
}

Test(answer, an_explanation_says_what_core_found)
{
    struct fixture f;
    fixture_init(&f);
    struct pair pair;
    explain_fixture(&f, &pair);
    struct explain_answer answer = answer_of(&pair);
    cr_assert(wire_write_explanation(&f.out, &f.arena, &answer));
    json_t *written = fixture_written(&f, "haihe.v1.Explanation");
    assert_json(json_incref(json_at(written, "vacancy_key")), "{'platform': 'tj', 'id': 'v-1'}");
    cr_assert_null(json_at(written, "applicant_key"), "an inline subject without a key");
    cr_assert_eq(number_at(written, "vacancy_sequence"), 8);
    cr_assert_eq(number_at(written, "score"), pair.explanation.pair.score);
    cr_assert_eq(number_at(written, "fit_bp"), pair.explanation.pair.fit_bp);
    cr_assert_eq(number_at(written, "appeal_bp"), pair.explanation.pair.appeal_bp);
    cr_assert_eq(number_at(written, "penalty_total"), 1000);
    cr_assert_eq(json_is_true(json_at(written, "passes_gates")),
                 pair_passes(&pair.explanation.pair));
    cr_assert_eq(json_array_size(json_at(written, "criteria")), CRITERION_COUNT);
    int64_t sum = 0;
    for (int i = 0; i < CRITERION_COUNT; i++) {
        const json_t *criterion = json_array_get(json_at(written, "criteria"), (size_t)i);
        sum += number_at(criterion, "contribution");
        cr_assert_eq(number_at(criterion, "weight"), pair.profile.weights[i]);
        cr_assert_eq(number_at(criterion, "points_bp"), pair.explanation.pair.points_bp[i]);
        cr_assert_gt(json_string_length(json_at(criterion, "reason")), 0);
    }
    cr_assert_eq(sum - 1000, number_at(written, "score"));
    cr_assert_str_eq(json_string_value(json_at(written, "criteria[1].criterion")),
                     "CRITERION_LOCATION");
    cr_assert_eq(json_array_size(json_at(written, "gates")), GATE_COUNT);
    for (int i = 0; i < GATE_COUNT; i++) {
        const json_t *gate = json_array_get(json_at(written, "gates"), (size_t)i);
        cr_assert_str_eq(json_string_value(json_at(gate, "rule")), gate_rule((enum gate)i));
        cr_assert_eq(json_is_true(json_at(gate, "failed")),
                     (pair.explanation.pair.failed >> i & 1) != 0);
    }
    cr_assert(json_is_true(json_at(written, "gates[4].softened")));
    cr_assert_eq(number_at(written, "gates[4].penalty"), 1000);
    cr_assert_str_eq(json_string_value(json_at(written, "skills[0].skill")), "焊接");
    cr_assert_str_eq(json_string_value(json_at(written, "skills[0].code")), "hs:welding");
    cr_assert_str_eq(json_string_value(json_at(written, "skills[0].kind")),
                     "SKILL_MATCH_KIND_RELATED");
    cr_assert_str_eq(json_string_value(json_at(written, "skills[0].by_skill")), "氩弧焊");
    cr_assert(json_is_true(json_at(written, "skills[0].essential")));
    cr_assert_str_eq(json_string_value(json_at(written, "skills[1].skill")), "不存在的技能");
    cr_assert_str_eq(json_string_value(json_at(written, "skills[1].kind")),
                     "SKILL_MATCH_KIND_MISSING");
    cr_assert_null(json_at(written, "skills[1].by_skill"));
    cr_assert_eq(json_array_size(json_at(written, "counterfactuals")),
                 pair.explanation.counterfactual_count);
    cr_assert_gt(pair.explanation.counterfactual_count, 0);
    cr_assert_gt(json_string_length(json_at(written, "counterfactuals[0].change")), 0);
    cr_assert_eq(number_at(written, "counterfactuals[0].score"),
                 pair.explanation.counterfactuals[0].score);
    cr_assert_str_eq(json_string_value(json_at(written, "profile")), "default");
    json_decref(written);
    fixture_release(&f);
}

Test(answer, without_memory_nothing_is_written)
{
    struct fixture f;
    fixture_init(&f);
    struct pair pair;
    explain_fixture(&f, &pair);
    struct explain_answer explanation = answer_of(&pair);
    struct entry *entry = entry_new_vacancy(&pair.vacancy, NULL, STR(""));
    struct match match = sample_match(entry);
    struct search_result result = {.matches = &match, .match_count = 1};
    struct str names[] = {STR("x")};
    struct match_answer matches = {.result = &result,
                                   .ranking = RANK_VACANCIES,
                                   .profile = &pair.profile,
                                   .unresolved_skills = {names, 1}};
    bool matches_fit = false, explanation_fits = false;
    for (size_t limit = 16; limit < 40000 && !explanation_fits; limit += 16) {
        struct arena small;
        arena_init(&small, limit);
        matches_fit = wire_write_matches(&f.out, &small, &matches);
        cr_assert_eq(f.out.length_bytes > 0, matches_fit);
        buffer_clear(&f.out);
        arena_clear(&small);
        explanation_fits = wire_write_explanation(&f.out, &small, &explanation);
        cr_assert_eq(f.out.length_bytes > 0, explanation_fits);
        buffer_clear(&f.out);
        arena_release(&small);
    }
    cr_assert(matches_fit && explanation_fits);
    memory_free(entry);
    fixture_release(&f);
}
