/* haihectl history: the order of changes, as the server has it. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "haihectl/command.h"
#include "haihectl/table.h"

#include "base/banned.h"

enum {
    OPTION_JSON = 'j',
    OPTION_FROM = 'f',
    OPTION_LIMIT = 'n',
    OPTION_FOLLOW = 'F',
    PAGE_SIZE = 1000,
    TAIL_SIZE = 20,
    OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024,
};

struct history_arguments {
    struct settings settings;
    int64_t from;  /* 0: the newest */
    int64_t limit; /* changes in all; INT64_MAX: no end */
    bool json, follow;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct history_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->settings;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_FOLLOW:
        arguments->follow = true;
        return 0;
    case OPTION_FROM:
        if (!text_to_int64(str_of(argument), &arguments->from) || arguments->from < 1)
            argp_error(state, "--from '%s': a change's number, 1 or more", argument);
        return 0;
    case OPTION_LIMIT:
        if (!text_to_int64(str_of(argument), &arguments->limit) || arguments->limit < 1)
            argp_error(state, "--limit '%s': 1 or more", argument);
        return 0;
    case ARGP_KEY_ARG: /* as people type it; there is nothing else to see */
        if (strcmp(argument, "tail") != 0)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child CHILDREN[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};

static const char *time_text(const json_t *change, char out[32])
{
    time_t seconds = (time_t)(json_uint_at(change, "time_ms") / 1000);
    struct tm local;
    strftime(out, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &local));
    return out;
}

/* "vacancy", "applicant", or what a note is about. */
static const char *subject_text(const json_t *change, char out[160])
{
    const json_t *key = json_object_get(change, "key");
    if (key)
        return command_key_text(key, out);
    snprintf(out, 160, "%s", json_text_at(json_object_get(change, "note"), "name"));
    return out;
}

/* The word behind the last underscore, in small letters. */
static const char *word_of(const char *name, char out[16])
{
    const char *last = strrchr(name, '_');
    snprintf(out, 16, "%s", last ? last + 1 : name);
    for (char *c = out; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    return out;
}

static void add_row(struct table *table, const json_t *change)
{
    char time[32], subject[160], kind[16], record[16];
    bool is_note = json_object_get(change, "note") != NULL;
    table_format(table, "%" PRIu64, json_uint_at(change, "sequence"));
    table_text(table, str_of(time_text(change, time)));
    table_text(table, str_of(word_of(json_text_at(change, "kind"), kind)));
    table_text(table, str_of(is_note ? "" : word_of(json_text_at(change, "record"), record)));
    table_text(table, str_of(subject_text(change, subject)));
    if (is_note)
        table_text(table, str_of(json_text_at(json_object_get(change, "note"), "text")));
    else if (json_uint_at(change, "before") > 0)
        table_format(table, "was %" PRIu64, json_uint_at(change, "before"));
    else
        table_text(table, STR(""));
}

static void print_table(const json_t *changes)
{
    static const struct table_column columns[] = {{"change", true, false}, {"time", false, false},
                                                  {"kind", false, false},  {"record", false, false},
                                                  {"about", false, true},  {"and", false, true}};
    struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
    struct buffer out;
    size_t index;
    json_t *change;
    json_array_foreach(changes, index, change)
    {
        add_row(table, change);
    }
    buffer_init(&out, OUTPUT_LIMIT_BYTES);
    table_write(table, table_screen_columns(stdout), &out);
    table_free(table);
    command_print(&out);
}

static void print_lines(const json_t *changes)
{
    size_t index;
    json_t *change;
    json_array_foreach(changes, index, change)
    {
        command_print_json(change, true);
    }
}

/* One page; moves `from` behind it. */
static bool show_page(struct history_arguments *arguments, struct client *client, int64_t limit,
                      size_t *count, struct error *error)
{
    json_t *request = json_pack("{s:I,s:I,s:b}", "from", (json_int_t)arguments->from, "limit",
                                (json_int_t)(limit < PAGE_SIZE ? limit : PAGE_SIZE), "with_records",
                                arguments->json);
    json_t *response = client_call(client, &CLIENT_HISTORY, request, error);
    json_decref(request);
    if (!response)
        return false;
    const json_t *changes = json_object_get(response, "changes");
    *count = json_array_size(changes);
    if (*count > 0) {
        arguments->from =
            (int64_t)json_uint_at(json_array_get(changes, *count - 1), "sequence") + 1;
        (arguments->json ? print_lines : print_table)(changes);
        fflush(stdout);
    }
    json_decref(response);
    return true;
}

/* The newest `limit` of them may be more than a page: then they begin further back. */
static bool find_first(struct history_arguments *arguments, struct client *client,
                       struct error *error)
{
    if (arguments->from > 0 || arguments->limit <= PAGE_SIZE)
        return true;
    json_t *request = json_pack("{s:i}", "limit", 1);
    json_t *response = client_call(client, &CLIENT_HISTORY, request, error);
    json_decref(request);
    if (!response)
        return false;
    int64_t newest = (int64_t)json_uint_at(response, "newest");
    int64_t oldest = (int64_t)json_uint_at(response, "oldest");
    int64_t first = newest - arguments->limit + 1;
    arguments->from = first > oldest ? first : oldest;
    json_decref(response);
    return true;
}

static int show(struct history_arguments *arguments, struct client *client)
{
    const struct timespec pause = {.tv_nsec = 500000000};
    struct error error;
    size_t count;
    if (!find_first(arguments, client, &error))
        return command_fail(&error);
    for (int64_t left = arguments->limit;;) {
        if (!show_page(arguments, client, left, &count, &error))
            return command_fail(&error);
        left -= arguments->follow ? 0 : (int64_t)count;
        if (count == 0 && arguments->follow)
            nanosleep(&pause, NULL);
        if (!arguments->follow && (count == 0 || left == 0))
            return EXIT_OK;
    }
}

int command_history(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"from", OPTION_FROM, "NUMBER", 0, "begin with that change (otherwise: the newest)", 0},
        {"limit", OPTION_LIMIT, "N", 0, "at most N changes (20; with --from: all)", 0},
        {"follow", OPTION_FOLLOW, NULL, 0, "and go on with what is being changed", 0},
        {"json", OPTION_JSON, NULL, 0, "as JSON Lines, with the records", 0},
        {0}};
    const struct argp argp = {.options = options,
                              .parser = parse_option,
                              .args_doc = "[tail]",
                              .doc = "Show the changes that the server made, in their order.",
                              .children = CHILDREN};
    struct history_arguments arguments = {.settings = *settings};
    struct error error;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (arguments.limit == 0)
        arguments.limit = arguments.from == 0 ? TAIL_SIZE : INT64_MAX;
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    if (!client)
        return command_fail(&error);
    int exit_code = show(&arguments, client);
    client_free(client);
    return exit_code;
}
