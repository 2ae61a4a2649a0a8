/* haihectl stats and health. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "haihectl/command.h"
#include "haihectl/progress.h"
#include "haihectl/table.h"

#include "base/banned.h"

enum { OPTION_JSON = 'j', OPTION_WATCH = 'w', OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024 };

struct stats_arguments {
    struct settings settings;
    bool json;
    double watch_s; /* 0 = once */
    const char *service;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct stats_arguments *arguments = state->input;
    char *end;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->settings;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_WATCH:
        arguments->watch_s = argument ? strtod(argument, &end) : 2;
        if (argument && (end == argument || *end || !(arguments->watch_s >= 0.1)))
            argp_error(state, "--watch '%s': seconds, 0.1 or more", argument);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->service)
            argp_usage(state);
        arguments->service = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child CHILDREN[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};

/* --- stats ---------------------------------------------------------------------------------- */

static void add_count(struct table *table, const char *name, uint64_t count)
{
    char text[32];
    table_text(table, str_of(name));
    table_text(table, str_of(count_text(count, text)));
}

static void write_counters(const json_t *stats, struct buffer *out)
{
    static const struct table_column columns[] = {{"", false, false}, {"", true, false}};
    static const char *const names[][2] = {{"vacancies", "vacancy_count"},
                                           {"  open", "open_vacancy_count"},
                                           {"applicants", "applicant_count"},
                                           {"  active", "active_applicant_count"},
                                           {"sequence", "sequence"},
                                           {"changes applied", "changes_applied"},
                                           {"changes refused", "changes_refused"},
                                           {"calls shed", "calls_shed"},
                                           {"open calls", "open_calls"},
                                           {"open connections", "open_connections"},
                                           {"pairs scored", "pairs_scored"},
                                           {"skills", "taxonomy_skill_count"},
                                           {"occupations", "taxonomy_occupation_count"},
                                           {"workers", "worker_count"}};
    static const char *const stored[][2] = {{"records on disk, MiB", "records_bytes"},
                                            {"history on disk, MiB", "history_bytes"}};
    struct table *table = table_new(columns, 2);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        add_count(table, names[i][0], json_uint_at(stats, names[i][1]));
    table_text(table, STR("memory, MiB"));
    table_format(table, "%.1f", (double)json_uint_at(stats, "resident_bytes") / (1024 * 1024));
    bool is_durable = json_is_true(json_object_get(stats, "durable"));
    const char *reason = json_text_at(stats, "state_reason");
    buffer_printf(out, "haihed %s, up %" PRIu64 " s, %s%s%s\n", json_text_at(stats, "version"),
                  json_uint_at(stats, "uptime_s"), json_text_at(stats, "state"),
                  reason[0] ? ": " : "", reason);
    for (size_t i = 0; is_durable && i < sizeof(stored) / sizeof(stored[0]); i++) {
        table_text(table, str_of(stored[i][0]));
        table_format(table, "%.1f", (double)json_uint_at(stats, stored[i][1]) / (1024 * 1024));
    }
    if (is_durable)
        add_count(table, "oldest change held", json_uint_at(stats, "oldest_change"));
    else
        buffer_printf(out, "records are in memory alone\n");
    table_write(table, 0, out);
    table_free(table);
}

static void write_methods(const json_t *stats, struct buffer *out)
{
    static const struct table_column columns[] = {
        {"method", false, true}, {"calls", true, false},  {"errors", true, false},
        {"p50 us", true, false}, {"p99 us", true, false}, {"mean us", true, false}};
    static const char *const latencies[] = {"p50_us", "p99_us", "mean_us"};
    struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
    size_t index, called = 0;
    json_t *method;
    json_array_foreach(json_object_get(stats, "methods"), index, method)
    {
        char calls[32], errors[32];
        if (json_uint_at(method, "calls") == 0)
            continue;
        called++;
        table_text(table, str_of(json_text_at(method, "method")));
        table_text(table, str_of(count_text(json_uint_at(method, "calls"), calls)));
        table_text(table, str_of(count_text(json_uint_at(method, "errors"), errors)));
        for (size_t i = 0; i < 3; i++)
            table_format(table, "%.0f", json_number_value(json_object_get(method, latencies[i])));
    }
    if (called > 0) {
        buffer_append_str(out, STR("\n"));
        table_write(table, table_screen_columns(stdout), out);
    }
    table_free(table);
}

static int show_stats(const struct stats_arguments *arguments, struct client *client)
{
    struct error error;
    struct buffer out;
    json_t *request = json_object();
    json_t *stats = client_call_full(client, &CLIENT_STATS, request, &error);
    json_decref(request);
    if (!stats)
        return command_fail(&error);
    if (arguments->json) {
        command_print_json(stats, arguments->watch_s > 0);
    } else {
        buffer_init(&out, OUTPUT_LIMIT_BYTES);
        if (arguments->watch_s > 0 && isatty(STDOUT_FILENO))
            buffer_append_str(&out, STR("\033[H\033[J"));
        write_counters(stats, &out);
        write_methods(stats, &out);
        command_print(&out);
    }
    json_decref(stats);
    return EXIT_OK;
}

int command_stats(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", OPTION_JSON, NULL, 0, "as JSON", 0},
        {"watch", OPTION_WATCH, "SECONDS", OPTION_ARG_OPTIONAL, "again and again (every 2 s)", 0},
        {0}};
    const struct argp argp = {.options = options,
                              .parser = parse_option,
                              .doc = "Show the server's counters and sizes.",
                              .children = CHILDREN};
    struct stats_arguments arguments = {.settings = *settings};
    struct error error;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    if (!client)
        return command_fail(&error);
    int exit_code = show_stats(&arguments, client);
    while (arguments.watch_s > 0 && exit_code == EXIT_OK) {
        time_t whole_s = (time_t)arguments.watch_s;
        const struct timespec pause = {whole_s,
                                       (long)((arguments.watch_s - (double)whole_s) * 1e9)};
        fflush(stdout);
        nanosleep(&pause, NULL);
        exit_code = show_stats(&arguments, client);
    }
    client_free(client);
    return exit_code;
}

/* --- health --------------------------------------------------------------------------------- */

int command_health(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {.parser = parse_option,
                              .args_doc = "[SERVICE]",
                              .doc = "Ask grpc.health.v1 whether the server (or one SERVICE, such "
                                     "as haihe.v1.MatchService) serves. Exit status 0: it does.",
                              .children = CHILDREN};
    struct stats_arguments arguments = {.settings = *settings};
    struct error error;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    json_t *request = json_object();
    if (arguments.service)
        json_object_set_new(request, "service", json_string(arguments.service));
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    json_t *response = client ? client_call(client, &CLIENT_HEALTH, request, &error) : NULL;
    int exit_code = EXIT_REFUSED;
    if (response) {
        const char *status = json_text_at(response, "status");
        puts(status[0] ? status : "UNKNOWN");
        if (strcmp(status, "SERVING") == 0)
            exit_code = EXIT_OK;
    } else {
        exit_code = command_fail(&error);
    }
    json_decref(response);
    json_decref(request);
    client_free(client);
    return exit_code;
}
