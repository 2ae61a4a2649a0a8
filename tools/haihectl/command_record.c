/* haihectl get, delete, status, list: single records and a platform's keys. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/command.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* The server's own limit is 10,000 a page; this is its default. */
enum { PAGE_SIZE = 1000 };

enum { OPTION_JSON = 'j', OPTION_LIMIT = 'n' };

struct record_arguments {
    struct settings settings;
    const char *kind; /* NULL until read */
    bool is_vacancy;
    char **keys; /* what follows the kind: keys, or a platform, or a key and a status */
    int count;
    int minimum, maximum; /* how many of those the command takes */
    bool json;
    int64_t limit;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct record_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->settings;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case OPTION_LIMIT:
        if (!text_to_int64(str_of(argument), &arguments->limit) || arguments->limit < 1)
            argp_error(state, "--limit '%s': 1 or more", argument);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->kind)
            return ARGP_ERR_UNKNOWN; /* argp gives the rest as ARGP_KEY_ARGS */
        if (!command_parse_kind(argument, &arguments->is_vacancy))
            argp_error(state, "'%s': vacancy or applicant", argument);
        arguments->kind = argument;
        return 0;
    case ARGP_KEY_ARGS:
        arguments->keys = state->argv + state->next;
        arguments->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
    case ARGP_KEY_NO_ARGS:
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child CHILDREN[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};

/* Parses, and ends the process when there are too few or too many arguments. */
static void parse(struct record_arguments *arguments, const struct argp *argp, int argc,
                  char **argv)
{
    argp_parse(argp, argc, argv, 0, NULL, arguments);
    if (arguments->kind && arguments->count >= arguments->minimum &&
        arguments->count <= arguments->maximum)
        return;
    argp_help(argp, stderr, ARGP_HELP_STD_USAGE & ~ARGP_HELP_EXIT_ERR, argv[0]);
    exit(EXIT_USAGE);
}

static json_t *kind_json(const struct record_arguments *arguments)
{
    return json_string(arguments->is_vacancy ? "RECORD_KIND_VACANCY" : "RECORD_KIND_APPLICANT");
}

static int refuse_key(const char *text)
{
    fprintf(stderr, "haihectl: '%s' is not a key: platform:id\n", text);
    return EXIT_USAGE;
}

/* --- get ------------------------------------------------------------------------------------ */

int command_get(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_option options[] = {{"json", OPTION_JSON, NULL, 0, "on one line", 0},
                                                 {0}};
    const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "vacancy|applicant KEY",
        .doc = "Show a record as JSON: as it was sent, and as the server understands it "
               "(pay a month in cents, positions, skill codes).",
        .children = CHILDREN};
    struct record_arguments arguments = {.settings = *settings, .minimum = 1, .maximum = 1};
    struct error error;
    parse(&arguments, &argp, argc, argv);
    json_t *key = command_parse_key(arguments.keys[0]);
    if (!key)
        return refuse_key(arguments.keys[0]);
    json_t *request = json_object();
    json_object_set_new(request, "kind", kind_json(&arguments));
    json_object_set_new(request, "key", key);
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    json_t *record = client ? client_call(client, &CLIENT_GET, request, &error) : NULL;
    int exit_code = record ? EXIT_OK : command_fail(&error);
    if (record)
        command_print_json(record, arguments.json);
    json_decref(record);
    json_decref(request);
    client_free(client);
    return exit_code;
}

/* --- delete --------------------------------------------------------------------------------- */

int command_delete(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {.parser = parse_option,
                              .args_doc = "vacancy|applicant KEY...",
                              .doc = "Delete records.",
                              .children = CHILDREN};
    struct record_arguments arguments = {.settings = *settings, .minimum = 1, .maximum = argc};
    parse(&arguments, &argp, argc, argv);
    json_t *requests = json_array();
    for (int i = 0; i < arguments.count; i++) {
        json_t *key = command_parse_key(arguments.keys[i]);
        if (!key) {
            json_decref(requests);
            return refuse_key(arguments.keys[i]);
        }
        json_array_append_new(requests,
                              json_pack("{s:i, s:{s:o, s:o}}", "request_id", i + 1, "delete",
                                        "kind", kind_json(&arguments), "key", key));
    }
    int exit_code = command_apply(&arguments.settings, requests, "deleted");
    json_decref(requests);
    return exit_code;
}

/* --- status --------------------------------------------------------------------------------- */

int command_status(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse_option,
        .args_doc = "vacancy|applicant KEY STATUS",
        .doc = "Set a record's status and nothing else. Vacancies: open, paused, filled, "
               "withdrawn. Applicants: active, paused, placed.",
        .children = CHILDREN};
    struct record_arguments arguments = {.settings = *settings, .minimum = 2, .maximum = 2};
    parse(&arguments, &argp, argc, argv);
    enum term_kind kind = arguments.is_vacancy ? TERM_VACANCY_STATUS : TERM_APPLICANT_STATUS;
    const char *status = term_find(kind, str_of(arguments.keys[1]));
    if (!status) {
        fprintf(stderr, "haihectl: status '%s': not one of %s\n", arguments.keys[1],
                term_choices(kind));
        return EXIT_USAGE;
    }
    json_t *key = command_parse_key(arguments.keys[0]);
    if (!key)
        return refuse_key(arguments.keys[0]);
    json_t *requests =
        json_pack("[{s:i, s:{s:o, s:s}}]", "request_id", 1, "set_status", "key", key,
                  arguments.is_vacancy ? "vacancy_status" : "applicant_status", status);
    char done[64], plain[48];
    snprintf(done, sizeof(done), "is %s",
             term_plain(status, arguments.is_vacancy ? "VACANCY_STATUS_" : "APPLICANT_STATUS_",
                        plain, sizeof(plain)));
    int exit_code = command_apply(&arguments.settings, requests, done);
    json_decref(requests);
    return exit_code;
}

/* --- list ----------------------------------------------------------------------------------- */

/* Prints a page; returns the last id, borrowed from the page, or NULL when there is none. */
static const char *print_page(const struct record_arguments *arguments, const json_t *page,
                              int64_t *left)
{
    const json_t *records = json_object_get(page, "records");
    const char *last = NULL;
    size_t index;
    json_t *record;
    json_array_foreach(records, index, record)
    {
        if (*left == 0)
            return NULL;
        (*left)--;
        last = json_text_at(record, "id");
        if (arguments->json)
            command_print_json(record, true);
        else
            printf("%s:%s\t%" PRId64 "\t%016" PRIx64 "\n", arguments->keys[0], last,
                   json_int_at(record, "sequence"), json_uint_at(record, "hash"));
    }
    return last;
}

static int list(const struct record_arguments *arguments, struct client *client)
{
    struct error error;
    int64_t left = arguments->limit;
    bool more = true;
    json_t *request =
        json_pack("{s:o, s:s, s:i}", "kind", kind_json(arguments), "platform", arguments->keys[0],
                  "page_size", left < PAGE_SIZE ? (int)left : PAGE_SIZE);
    int exit_code = EXIT_OK;
    while (more && exit_code == EXIT_OK) {
        json_t *page = client_call_full(client, &CLIENT_LIST, request, &error);
        if (!page) {
            exit_code = command_fail(&error);
            break;
        }
        const char *last = print_page(arguments, page, &left);
        more = last && left > 0 && json_is_true(json_object_get(page, "more"));
        if (more)
            json_object_set_new(request, "after_id", json_string(last));
        json_decref(page);
    }
    json_decref(request);
    return exit_code;
}

int command_list(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", OPTION_JSON, NULL, 0, "one JSON object a line", 0},
        {"limit", OPTION_LIMIT, "N", 0, "at most N", 0},
        {0}};
    const struct argp argp = {.options = options,
                              .parser = parse_option,
                              .args_doc = "vacancies|applicants PLATFORM",
                              .doc = "List a platform's keys in order, each with the sequence of "
                                     "its last change and the hash of its content, for "
                                     "reconciliation.",
                              .children = CHILDREN};
    struct record_arguments arguments = {
        .settings = *settings, .minimum = 1, .maximum = 1, .limit = INT64_MAX};
    struct error error;
    parse(&arguments, &argp, argc, argv);
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    int exit_code = client ? list(&arguments, client) : command_fail(&error);
    client_free(client);
    return exit_code;
}
