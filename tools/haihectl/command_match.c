/* haihectl match: the ranked table, or why it is empty. */
#include <inttypes.h>
#include <stdlib.h>

#include "haihectl/command.h"
#include "haihectl/match_options.h"
#include "haihectl/progress.h"
#include "haihectl/subject.h"
#include "haihectl/table.h"
#include "haihectl/terms.h"

#include "base/banned.h"

enum {
    OPTION_FILE = 'f',
    OPTION_JSON = 'j',
    OPTION_COUNTS = 'c',
    OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024
};

struct match_arguments {
    struct settings settings;
    struct match_options options;
    const char *kind; /* of what is ranked */
    bool ranks_vacancies;
    const char *key;
    const char *path;
    bool json;
    bool counts; /* of what each gate removed */
};

static const struct argp_option OPTIONS[] = {
    {"file", OPTION_FILE, "FILE", 0,
     "ask for the record in FILE (JSON; a vacancy also as schema.org JobPosting; '-' = standard "
     "input) instead of KEY; it is not stored",
     0},
    {"json", OPTION_JSON, NULL, 0, "print the response as JSON", 0},
    {"counts", OPTION_COUNTS, NULL, 0,
     "also count how many candidates each gate removed; slower, since it is a look at every record",
     0},
    {0},
};

static const char DOC[] =
    "Rank vacancies for an applicant, or applicants for a vacancy. KEY (platform:id) is the "
    "applicant's or the vacancy's.\v"
    "Columns: score 0..1; points of skill, location, wage, occupation, experience and education, "
    "0..100 each; the distance to the nearest workplace.\n"
    "Marks behind the score: ~ a softened gate was paid for, ? pay is not known.\n"
    "When there is no match, it is asked again with --counts, so that the answer says why.\n\n"
    "Examples:\n"
    "  haihectl match vacancies tj-rc:a000002 -k 5\n"
    "  haihectl match applicants --file vacancy.json --soft too_far=0.05\n";

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct match_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->options;
        state->child_inputs[1] = &arguments->settings;
        return 0;
    case OPTION_FILE:
        arguments->path = argument;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_COUNTS:
        arguments->counts = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->kind) {
            if (!command_parse_kind(argument, &arguments->ranks_vacancies))
                argp_error(state, "'%s': vacancies or applicants", argument);
            arguments->kind = argument;
        } else if (!arguments->key) {
            arguments->key = argument;
        } else {
            argp_error(state, "'%s': one KEY is enough", argument);
        }
        return 0;
    case ARGP_KEY_END:
        if (!arguments->kind || (arguments->key != NULL) == (arguments->path != NULL))
            argp_error(state, "vacancies or applicants, and a KEY or --file are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- The table ------------------------------------------------------------------------------ */

static const char *const POINTS[] = {"skill",      "location",   "wage",
                                     "occupation", "experience", "education"};
enum { POINT_COUNT = 6 };

static const struct table_column VACANCY_COLUMNS[] = {
    {"#", true, false},     {"score", false, false},   {"skill", true, false},
    {"loc", true, false},   {"wage", true, false},     {"occ", true, false},
    {"exp", true, false},   {"edu", true, false},      {"distance", true, false},
    {"title", false, true}, {"employer", false, true}, {"key", false, false},
};
static const struct table_column APPLICANT_COLUMNS[] = {
    {"#", true, false},   {"score", false, false}, {"skill", true, false},
    {"loc", true, false}, {"wage", true, false},   {"occ", true, false},
    {"exp", true, false}, {"edu", true, false},    {"distance", true, false},
    {"fit", true, false}, {"appeal", true, false}, {"key", false, false},
};

static void add_share(struct table *table, const json_t *match, const char *name)
{
    if (json_object_get(match, name))
        table_format(table, "%.2f", (double)json_int_at(match, name) / 10000);
    else
        table_text(table, STR("-"));
}

static void add_match(struct table *table, size_t rank, const json_t *match, bool ranks_vacancies)
{
    char key[160];
    const json_t *points = json_object_get(match, "points");
    bool softened = json_array_size(json_object_get(match, "softened_gates")) > 0;
    bool wage_unknown = json_is_true(json_object_get(match, "wage_unknown"));
    int64_t score = json_int_at(match, "score");
    table_format(table, "%zu", rank);
    table_format(table, "%" PRId64 ".%07" PRId64 "%s%s", score / 10000000, score % 10000000,
                 softened ? "~" : "", wage_unknown ? "?" : "");
    for (size_t i = 0; i < POINT_COUNT; i++)
        table_format(table, "%.1f", (double)json_int_at(points, POINTS[i]) / 100);
    if (json_object_get(match, "distance_m"))
        table_format(table, "%.1f km", (double)json_int_at(match, "distance_m") / 1000);
    else
        table_text(table, STR("-"));
    if (ranks_vacancies) {
        table_text(table, str_of(json_text_at(match, "title")));
        table_text(table, str_of(json_text_at(match, "hiring_organization")));
    } else {
        add_share(table, match, "fit_bp");
        add_share(table, match, "appeal_bp");
    }
    table_text(table, str_of(command_key_text(json_object_get(match, "key"), key)));
}

static void write_table(const json_t *response, bool ranks_vacancies, struct buffer *out)
{
    struct table *table =
        ranks_vacancies
            ? table_new(VACANCY_COLUMNS, sizeof(VACANCY_COLUMNS) / sizeof(VACANCY_COLUMNS[0]))
            : table_new(APPLICANT_COLUMNS,
                        sizeof(APPLICANT_COLUMNS) / sizeof(APPLICANT_COLUMNS[0]));
    size_t index;
    json_t *match;
    json_array_foreach(json_object_get(response, "matches"), index, match)
        add_match(table, index + 1, match, ranks_vacancies);
    table_write(table, table_screen_columns(stdout), out);
    table_free(table);
}

/* "2 of 20,000 passed the gates; removed: too_far 12,345, .." */
static void write_counts(const json_t *response, bool ranks_vacancies, struct buffer *out)
{
    char passed[32], candidates[32], removed[32], gate[64];
    const json_t *counts = json_object_get(response, "removed");
    size_t index;
    json_t *count;
    buffer_printf(out, "%s of %s %s passed the gates",
                  count_text(json_uint_at(response, "passed_count"), passed),
                  count_text(json_uint_at(response, "candidate_count"), candidates),
                  ranks_vacancies ? "vacancies" : "applicants");
    json_array_foreach(counts, index, count)
        buffer_printf(out, "%s %s %s", index == 0 ? "; removed:" : ",",
                      term_plain(json_text_at(count, "gate"), "GATE_", gate, sizeof(gate)),
                      count_text(json_uint_at(count, "removed"), removed));
    buffer_append_str(out, STR("\n"));
}

static void write_unresolved(const json_t *response, struct buffer *out)
{
    size_t index;
    json_t *skill;
    json_array_foreach(json_object_get(response, "unresolved_skills"), index, skill) buffer_printf(
        out, "%s '%s'", index == 0 ? "not in the taxonomy:" : ",", json_string_value(skill));
    if (index > 0)
        buffer_append_str(out, STR("\n"));
}

static bool is_empty(const json_t *response)
{
    return json_array_size(json_object_get(response, "matches")) == 0;
}

static void print_response(const json_t *response, bool ranks_vacancies, bool counted)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT_BYTES);
    if (is_empty(response))
        buffer_append_str(&out, STR("no match\n"));
    else
        write_table(response, ranks_vacancies, &out);
    if (counted)
        write_counts(response, ranks_vacancies, &out);
    write_unresolved(response, &out);
    command_print(&out);
}

/* --- The command ---------------------------------------------------------------------------- */

/* The response, with the gates' counts when they are wanted or it is empty; *counted says whether.
 * NULL when the server refuses. */
static json_t *ask(struct client *client, const struct match_arguments *arguments, json_t *request,
                   bool *counted, struct error *error)
{
    const struct client_method *method =
        arguments->ranks_vacancies ? &CLIENT_MATCH_VACANCIES : &CLIENT_MATCH_APPLICANTS;
    json_t *options = arguments->options.json;
    *counted = arguments->counts;
    json_object_set_new(options, "count_gates", json_boolean(*counted));
    json_t *response = client_call_full(client, method, request, error);
    if (!response || *counted || !is_empty(response))
        return response;
    json_decref(response);
    *counted = true;
    json_object_set_new(options, "count_gates", json_true());
    return client_call_full(client, method, request, error);
}

static int match(struct match_arguments *arguments)
{
    struct error error;
    json_t *request = json_object();
    bool counted = false;
    json_object_set(request, "options", arguments->options.json);
    if (!subject_set(request, !arguments->ranks_vacancies, arguments->key, arguments->path,
                     &error)) {
        json_decref(request);
        return arguments->path ? command_fail_input(&error) : (command_fail(&error), EXIT_USAGE);
    }
    struct client *client =
        client_new(arguments->settings.server, arguments->settings.timeout_ns, &error);
    json_t *response = client ? ask(client, arguments, request, &counted, &error) : NULL;
    int exit_code = response ? EXIT_OK : command_fail(&error);
    if (response && arguments->json)
        command_print_json(response, false);
    else if (response)
        print_response(response, arguments->ranks_vacancies, counted);
    json_decref(response);
    json_decref(request);
    client_free(client);
    return exit_code;
}

int command_match(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&MATCH_OPTIONS_ARGP, 0, NULL, 0}, {&SETTINGS_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {.options = OPTIONS,
                              .parser = parse_option,
                              .args_doc = "vacancies|applicants KEY\n"
                                          "vacancies|applicants --file FILE",
                              .doc = DOC,
                              .children = children};
    struct match_arguments arguments = {.settings = *settings};
    match_options_init(&arguments.options);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    int exit_code = match(&arguments);
    match_options_release(&arguments.options);
    return exit_code;
}
