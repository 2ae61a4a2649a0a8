/* Words of enums, amounts, keys, and the ranking options of the command line. */
#include <criterion/criterion.h>

#include "haihectl/command.h"
#include "haihectl/csv_record.h"
#include "haihectl/match_options.h"
#include "haihectl/money.h"
#include "haihectl/terms.h"
#include "rows.h"
#include "wire/json_message.h"

static void expect_json(json_t *got, const char *wanted_text)
{
    json_t *wanted = quoted(wanted_text);
    char *text = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);
    cr_expect(json_equal(got, wanted), "got %s, expected %s", text ? text : "none", wanted_text);
    free(text);
    json_decref(wanted);
    json_decref(got);
}

Test(terms, finds_names_in_every_spelling)
{
    static const struct {
        enum term_kind kind;
        const char *word, *name;
    } cases[] = {
        {TERM_EMPLOYMENT_TYPE, "full_time", "EMPLOYMENT_TYPE_FULL_TIME"},
        {TERM_EMPLOYMENT_TYPE, "Full-Time", "EMPLOYMENT_TYPE_FULL_TIME"},
        {TERM_EMPLOYMENT_TYPE, "EMPLOYMENT_TYPE_FULL_TIME", "EMPLOYMENT_TYPE_FULL_TIME"},
        {TERM_EMPLOYMENT_TYPE, "https://schema.org/PER_DIEM", "EMPLOYMENT_TYPE_PER_DIEM"},
        {TERM_EMPLOYMENT_TYPE, "兼职", "EMPLOYMENT_TYPE_PART_TIME"},
        {TERM_EMPLOYMENT_TYPE, "", NULL},
        {TERM_EMPLOYMENT_TYPE, "EMPLOYMENT_TYPE_", NULL},
        {TERM_PAY_UNIT, "月", "PAY_UNIT_MONTH"},
        {TERM_EDUCATION_LEVEL, "本科", "EDUCATION_LEVEL_BACHELOR"},
        {TERM_GATE, "too_far", "GATE_TOO_FAR"},
        {TERM_GATE, "a_word_that_is_much_longer_than_any_word_in_any_of_these_tables", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *name = term_find(cases[i].kind, str_of(cases[i].word));
        if (cases[i].name)
            cr_expect(name && strcmp(name, cases[i].name) == 0, "%s", cases[i].word);
        else
            cr_expect_null(name, "%s", cases[i].word);
    }
}

/* What --help and messages offer must be understood, here and by the server. */
Test(terms, knows_every_choice_that_it_offers)
{
    static const char *const messages[][2] = {
        [TERM_EMPLOYMENT_TYPE] = {"haihe.v1.Filter", "employment_types"},
        [TERM_PAY_UNIT] = {"haihe.v1.Salary", "unit"},
        [TERM_EDUCATION_LEVEL] = {"haihe.v1.Vacancy", "education_level"},
        [TERM_LANGUAGE_LEVEL] = {"haihe.v1.LanguageSkill", "level"},
        [TERM_JOB_LOCATION_TYPE] = {"haihe.v1.Vacancy", "job_location_type"},
        [TERM_VACANCY_STATUS] = {"haihe.v1.Vacancy", "status"},
        [TERM_APPLICANT_STATUS] = {"haihe.v1.Applicant", "status"},
        [TERM_GATE] = {"haihe.v1.SoftGate", "gate"},
    };
    struct arena arena;
    struct buffer bytes;
    arena_init(&arena, 1 << 20);
    buffer_init(&bytes, 1 << 20);
    for (int kind = TERM_EMPLOYMENT_TYPE; kind <= TERM_GATE; kind++) {
        const char *choice = term_choices((enum term_kind)kind);
        while (*choice) {
            size_t length = strcspn(choice, ",");
            const char *name =
                term_find((enum term_kind)kind, (struct str){choice, (uint32_t)length});
            cr_assert_not_null(name, "%.*s", (int)length, choice);
            bool list = kind == TERM_EMPLOYMENT_TYPE;
            json_t *json = json_pack(list ? "{s:[s]}" : "{s:s}", messages[kind][1], name);
            struct error error;
            cr_expect(wire_json_encode(messages[kind][0], json, &arena, &bytes, &error), "%s",
                      error.text);
            json_decref(json);
            choice += length + strspn(choice + length, ", ");
        }
    }
    buffer_release(&bytes);
    arena_release(&arena);
}

Test(terms, shows_names_plainly)
{
    char text[16];
    cr_expect_str_eq(term_plain("GATE_TOO_FAR", "GATE_", text, sizeof(text)), "too_far");
    cr_expect_str_eq(term_plain("OTHER", "GATE_", text, sizeof(text)), "other");
    cr_expect_str_eq(term_plain("GATE_TOO_FAR", "GATE_", text, 4), "too");
}

Test(money, reads_amounts_exactly)
{
    static const struct {
        const char *text, *currency;
        int64_t minor_units; /* -1 = none */
    } cases[] = {
        {"0", "", 0},
        {"8000", "CNY", 800000},
        {"24.4", "", 2440},
        {"24.35", "", 2435},
        {"24.350000", "", 2435},
        {"24.355", "", -1},
        {"100000000000", "", 10000000000000},
        {"100000000000.01", "", -1},
        {"99999999999999999999", "", -1},
        {"1.5", "JPY", -1},
        {"1.0", "JPY", 1},
        {"1.234", "KWD", 1234},
        {"", "", -1},
        {".5", "", -1},
        {"5.", "", -1},
        {"1.2.3", "", -1},
        {"-1", "", -1},
        {"+1", "", -1},
        {"1,000", "", -1},
        {"1e3", "", -1},
        {" 1", "", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t amount = -1;
        bool read = money_parse(str_of(cases[i].text), str_of(cases[i].currency), &amount);
        cr_expect_eq(read, cases[i].minor_units >= 0, "'%s'", cases[i].text);
        cr_expect_eq(amount, cases[i].minor_units, "'%s': %lld", cases[i].text, (long long)amount);
    }
}

Test(skills, are_cut_from_the_right)
{
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("welding")), "{'skill': 'welding'}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("hs:welding:4")),
                "{'skill': 'hs:welding', 'importance': 4}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("hs:welding:4:3!")),
                "{'skill': 'hs:welding', 'importance': 4, 'min_level': 3, 'essential': true}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("isco:7212:4:0")),
                "{'skill': 'isco:7212', 'importance': 4, 'min_level': 0}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("C!")), "{'skill': 'C', 'essential': true}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR("!")), "{'skill': '!'}");
    expect_json(csv_record_skill(SOURCE_VACANCY, STR(":5")), "{'skill': ':5'}");
    expect_json(csv_record_skill(SOURCE_APPLICANT, STR("x:7212:4")),
                "{'skill': 'x:7212', 'level': 4}");
    expect_json(csv_record_skill(SOURCE_APPLICANT, STR("yes!")), "{'skill': 'yes!'}");
}

Test(options, reads_weights)
{
    expect_json(match_options_weights("550,200,150,50,30,20"),
                "{'skill': 550, 'location': 200, 'wage': 150, 'occupation': 50, 'experience': 30,"
                "'education': 20}");
    static const char *const wrong[] = {
        "",           "1,2,3,4,5",    "1,2,3,4,5,6,7", "1,2,3,4,5,", "a,2,3,4,5,6",
        "1,,3,4,5,6", "1.5,2,3,4,5,6"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect_null(match_options_weights(wrong[i]), "%s", wrong[i]);
}

Test(options, reads_soft_gates)
{
    expect_json(match_options_soft_gate("too_far=500000"),
                "{'gate': 'GATE_TOO_FAR', 'penalty': 500000}");
    expect_json(match_options_soft_gate("too_far=0.05"),
                "{'gate': 'GATE_TOO_FAR', 'penalty': 500000}");
    expect_json(match_options_soft_gate("language_missing=1.0"),
                "{'gate': 'GATE_LANGUAGE_MISSING', 'penalty': 10000000}");
    static const char *const wrong[] = {"too_far",     "too_far=",    "far=1",
                                        "too_far=x",   "too_far=1.5", "too_far=-0.5",
                                        "too_far=nan", "too_far=0.5x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect_null(match_options_soft_gate(wrong[i]), "%s", wrong[i]);
}

Test(keys, are_cut_at_the_first_colon)
{
    char text[160];
    json_t *key = command_parse_key("tj:a:1");
    cr_expect_str_eq(command_key_text(key, text), "tj:a:1");
    expect_json(key, "{'platform': 'tj', 'id': 'a:1'}");
    static const char *const wrong[] = {"", "tj", "tj:", ":1", ":", "tj:\xFF"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect_null(command_parse_key(wrong[i]), "%s", wrong[i]);
}
