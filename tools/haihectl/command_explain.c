/* haihectl explain: one pair, every criterion, gate and skill, and what would change it. */
#include <inttypes.h>
#include <stdlib.h>

#include "haihectl/command.h"
#include "haihectl/match_options.h"
#include "haihectl/subject.h"
#include "haihectl/table.h"
#include "haihectl/terms.h"

#include "base/banned.h"

enum {
    OPTION_VACANCY_FILE = 0x500,
    OPTION_APPLICANT_FILE,
    OPTION_RANKING,
    OPTION_JSON = 'j',
    OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024,
    BAR_COLUMNS = 40, /* of all weights together: a criterion's bar is as wide as its weight */
    WEIGHT_SUM = 1000,
    SCORE_LIMIT = 10000000,
};

struct explain_arguments {
    struct settings settings;
    struct match_options options;
    const char *keys[2];
    size_t key_count;
    const char *vacancy_path, *applicant_path;
    const char *ranking; /* enum name, NULL = the server's default */
    bool json;
};

static const struct argp_option OPTIONS[] = {
    {"vacancy-file", OPTION_VACANCY_FILE, "FILE", 0, "the vacancy in FILE instead of a key", 0},
    {"applicant-file", OPTION_APPLICANT_FILE, "FILE", 0, "the applicant in FILE instead of a key",
     0},
    {"ranking", OPTION_RANKING, "vacancies|applicants", 0,
     "whose question it is: the seeker's (vacancies are ranked) or the employer's", 0},
    {"json", OPTION_JSON, NULL, 0, "print the response as JSON", 0},
    {0},
};

static const char DOC[] = "Explain the score of a vacancy and an applicant (keys: platform:id).\v"
                          "Example:\n"
                          "  haihectl explain tj-rc:v000017 tj-rc:a000002\n";

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct explain_arguments *arguments = state->input;
    bool is_vacancy;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->options;
        state->child_inputs[1] = &arguments->settings;
        return 0;
    case OPTION_VACANCY_FILE:
        arguments->vacancy_path = argument;
        return 0;
    case OPTION_APPLICANT_FILE:
        arguments->applicant_path = argument;
        return 0;
    case OPTION_RANKING:
        if (!command_parse_kind(argument, &is_vacancy))
            argp_error(state, "--ranking '%s': vacancies or applicants", argument);
        arguments->ranking = is_vacancy ? "RECORD_KIND_VACANCY" : "RECORD_KIND_APPLICANT";
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->key_count == 2)
            argp_error(state, "'%s': two keys are enough", argument);
        arguments->keys[arguments->key_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->key_count !=
            (size_t)(!arguments->vacancy_path) + (size_t)(!arguments->applicant_path))
            argp_error(state, "a VACANCY and an APPLICANT are needed, each by key or file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- Parts of the answer -------------------------------------------------------------------- */

static void write_score(int64_t score, struct buffer *out)
{
    buffer_printf(out, "%" PRId64 ".%07" PRId64, score / SCORE_LIMIT, score % SCORE_LIMIT);
}

static void write_share(const json_t *explanation, const char *name, struct buffer *out)
{
    if (json_object_get(explanation, name))
        buffer_printf(out, "%.4f", (double)json_int_at(explanation, name) / 10000);
    else
        buffer_append_str(out, STR("-"));
}

/* `vacancy` is the record, for its title; NULL when it is not known. */
static void write_head(const json_t *explanation, const json_t *vacancy, struct buffer *out)
{
    char vacancy_key[160], applicant_key[160];
    int64_t penalty = json_int_at(explanation, "penalty_total");
    struct table *table = table_new((const struct table_column[]){{"", false, true}}, 1);
    table_format(table, "vacancy    %s  %s  %s",
                 command_key_text(json_object_get(explanation, "vacancy_key"), vacancy_key),
                 json_text_at(vacancy, "title"), json_text_at(vacancy, "hiring_organization"));
    table_write(table, 0, out); /* a title is somebody else's text */
    table_free(table);
    buffer_printf(out, "applicant  %s\nscore      ",
                  command_key_text(json_object_get(explanation, "applicant_key"), applicant_key));
    write_score(json_int_at(explanation, "score"), out);
    buffer_append_str(out, STR("  fit "));
    write_share(explanation, "fit_bp", out);
    buffer_append_str(out, STR("  appeal "));
    write_share(explanation, "appeal_bp", out);
    buffer_append_str(out, json_is_true(json_object_get(explanation, "passes_gates"))
                               ? STR("  passes the gates")
                               : STR("  REMOVED by a gate"));
    if (penalty > 0) {
        buffer_append_str(out, STR("  penalties "));
        write_score(penalty, out);
    }
    buffer_append_str(out, STR("\n\n"));
}

/* As wide as the weight's share of all, filled by the points. */
static void add_bar(struct table *table, int64_t weight, int64_t points_bp)
{
    struct buffer bar;
    uint32_t columns = (uint32_t)((weight * BAR_COLUMNS + WEIGHT_SUM / 2) / WEIGHT_SUM);
    buffer_init(&bar, 1024);
    if (weight > 0)
        table_bar(points_bp, 10000, columns > 0 ? columns : 1, &bar);
    table_text(table, buffer_borrow(&bar));
    buffer_release(&bar);
}

static void write_criteria(const json_t *explanation, struct buffer *out)
{
    static const struct table_column columns[] = {
        {"criterion", false, false},   {"weight", true, false}, {"points", true, false},
        {"contribution", true, false}, {"", false, false},      {"because", false, true}};
    struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
    size_t index;
    json_t *criterion;
    json_array_foreach(json_object_get(explanation, "criteria"), index, criterion)
    {
        char name[64];
        int64_t weight = json_int_at(criterion, "weight");
        int64_t points_bp = json_int_at(criterion, "points_bp");
        int64_t contribution = json_int_at(criterion, "contribution");
        table_text(table, str_of(term_plain(json_text_at(criterion, "criterion"), "CRITERION_",
                                            name, sizeof(name))));
        table_format(table, "%" PRId64, weight);
        table_format(table, "%.1f", (double)points_bp / 100);
        table_format(table, "%" PRId64 ".%07" PRId64, contribution / SCORE_LIMIT,
                     contribution % SCORE_LIMIT);
        add_bar(table, weight, points_bp);
        table_text(table, str_of(json_text_at(criterion, "reason")));
    }
    table_write(table, table_screen_columns(stdout), out);
    table_free(table);
}

static void add_gates(struct table *table, const json_t *gates, bool failed)
{
    size_t index;
    json_t *gate;
    json_array_foreach(gates, index, gate)
    {
        if (json_is_true(json_object_get(gate, "failed")) != failed)
            continue;
        int64_t penalty = json_int_at(gate, "penalty");
        if (!failed)
            table_text(table, STR("ok"));
        else if (json_is_true(json_object_get(gate, "softened")))
            table_format(table, "costs %" PRId64 ".%07" PRId64, penalty / SCORE_LIMIT,
                         penalty % SCORE_LIMIT);
        else
            table_text(table, STR("FAILED"));
        table_text(table, str_of(json_text_at(gate, "rule")));
        table_text(table, str_of(json_text_at(gate, "reason")));
    }
}

static void write_gates(const json_t *explanation, struct buffer *out)
{
    static const struct table_column columns[] = {
        {"gate", false, false}, {"rule", false, false}, {"because", false, true}};
    struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
    const json_t *gates = json_object_get(explanation, "gates");
    add_gates(table, gates, true);
    add_gates(table, gates, false);
    buffer_append_str(out, STR("\n"));
    table_write(table, table_screen_columns(stdout), out);
    table_free(table);
}

static void add_skill(struct table *table, const json_t *skill)
{
    char kind[64], asked[96], level[32] = "";
    int64_t min_level = json_int_at(skill, "min_level");
    const char *by = json_text_at(skill, "by_skill");
    if (min_level > 0)
        snprintf(level, sizeof(level), ", level %" PRId64, min_level);
    snprintf(asked, sizeof(asked), "importance %" PRId64 "%s%s", json_int_at(skill, "importance"),
             level, json_is_true(json_object_get(skill, "essential")) ? ", essential" : "");
    table_text(table, str_of(term_plain(json_text_at(skill, "kind"), "SKILL_MATCH_KIND_", kind,
                                        sizeof(kind))));
    table_text(table, str_of(json_text_at(skill, "skill")));
    table_text(table, str_of(asked));
    table_format(table, "%.1f", (double)json_int_at(skill, "credit_bp") / 100);
    if (by[0])
        table_format(table, "%s at level %" PRId64 ", closeness %.0f %%", by,
                     json_int_at(skill, "held_level"),
                     (double)json_int_at(skill, "closeness_bp") / 100);
    else
        table_text(table, STR("-"));
}

/* What is held first, then what is related, then what is missing. */
static void write_skills(const json_t *explanation, struct buffer *out)
{
    static const struct table_column columns[] = {{"skill", false, false},
                                                  {"asked", false, true},
                                                  {"how", false, false},
                                                  {"credit", true, false},
                                                  {"by", false, true}};
    static const char *const kinds[] = {"SKILL_MATCH_KIND_MATCHED", "SKILL_MATCH_KIND_RELATED",
                                        "SKILL_MATCH_KIND_MISSING"};
    const json_t *skills = json_object_get(explanation, "skills");
    if (json_array_size(skills) == 0)
        return;
    struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t index;
        json_t *skill;
        json_array_foreach(skills, index, skill) if (strcmp(json_text_at(skill, "kind"),
                                                            kinds[i]) == 0) add_skill(table, skill);
    }
    buffer_append_str(out, STR("\n"));
    table_write(table, table_screen_columns(stdout), out);
    table_free(table);
}

static void write_counterfactuals(const json_t *explanation, struct buffer *out)
{
    const json_t *counterfactuals = json_object_get(explanation, "counterfactuals");
    int64_t score = json_int_at(explanation, "score");
    size_t index;
    json_t *counterfactual;
    json_array_foreach(counterfactuals, index, counterfactual)
    {
        int64_t changed = json_int_at(counterfactual, "score");
        buffer_append_str(out, index == 0 ? STR("\nwhat would change it\n") : STR(""));
        buffer_append_str(out, STR("  "));
        write_score(changed, out);
        buffer_printf(out, "  %+.7f  %s%s\n", (double)(changed - score) / SCORE_LIMIT,
                      json_text_at(counterfactual, "change"),
                      json_is_true(json_object_get(counterfactual, "passes_gates"))
                          ? ""
                          : " (still removed)");
    }
}

static void print_explanation(const json_t *explanation, const json_t *vacancy)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT_BYTES);
    write_head(explanation, vacancy, &out);
    write_criteria(explanation, &out);
    write_gates(explanation, &out);
    write_skills(explanation, &out);
    write_counterfactuals(explanation, &out);
    command_print(&out);
}

/* --- The command ---------------------------------------------------------------------------- */

static json_t *make_request(const struct explain_arguments *arguments, struct error *error)
{
    json_t *request = json_object();
    const char *const *key = arguments->keys;
    const char *vacancy_key = arguments->vacancy_path ? NULL : *key++;
    const char *applicant_key = arguments->applicant_path ? NULL : *key;
    json_object_set(request, "options", arguments->options.json);
    if (arguments->ranking)
        json_object_set_new(request, "ranking", json_string(arguments->ranking));
    if (subject_set(request, true, vacancy_key, arguments->vacancy_path, error) &&
        subject_set(request, false, applicant_key, arguments->applicant_path, error))
        return request;
    json_decref(request);
    return NULL;
}

/* The vacancy's record: the request's own, or fetched; NULL when there is none (any more). */
static json_t *find_vacancy(struct client *client, const json_t *request)
{
    struct error ignored;
    json_t *inline_vacancy = json_object_get(request, "vacancy");
    if (inline_vacancy)
        return json_incref(inline_vacancy);
    json_t *get = json_pack("{s:s, s:O}", "kind", "RECORD_KIND_VACANCY", "key",
                            json_object_get(request, "vacancy_key"));
    json_t *record = client_call(client, &CLIENT_GET, get, &ignored);
    json_t *vacancy = json_incref(json_object_get(record, "vacancy"));
    json_decref(record);
    json_decref(get);
    return vacancy;
}

static int explain(const struct explain_arguments *arguments)
{
    struct error error;
    json_t *request = make_request(arguments, &error);
    if (!request) {
        bool from_file = arguments->vacancy_path || arguments->applicant_path;
        command_fail(&error);
        return from_file ? EXIT_INPUT : EXIT_USAGE;
    }
    struct client *client =
        client_new(arguments->settings.server, arguments->settings.timeout_ns, &error);
    json_t *explanation =
        client ? client_call_full(client, &CLIENT_EXPLAIN, request, &error) : NULL;
    int exit_code = explanation ? EXIT_OK : command_fail(&error);
    if (explanation && arguments->json) {
        command_print_json(explanation, false);
    } else if (explanation) {
        json_t *vacancy = find_vacancy(client, request);
        print_explanation(explanation, vacancy);
        json_decref(vacancy);
    }
    json_decref(explanation);
    json_decref(request);
    client_free(client);
    return exit_code;
}

int command_explain(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&MATCH_OPTIONS_ARGP, 0, NULL, 0}, {&SETTINGS_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {.options = OPTIONS,
                              .parser = parse_option,
                              .args_doc = "VACANCY APPLICANT",
                              .doc = DOC,
                              .children = children};
    struct explain_arguments arguments = {.settings = *settings};
    match_options_init(&arguments.options);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    int exit_code = explain(&arguments);
    match_options_release(&arguments.options);
    return exit_code;
}
