/* See command.h. */
#include "haihectl/command.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "wire/json_message.h"

#include "base/banned.h"

enum { OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024 };

/* --- Settings ------------------------------------------------------------------------------- */

struct settings settings_default(void)
{
    const char *server = getenv("HAIHE_SERVER");
    return (struct settings){.server = server && *server ? server : "127.0.0.1:50051",
                             .timeout_ns = 30 * INT64_C(1000000000)};
}

enum { OPTION_SERVER = 's', OPTION_TIMEOUT = 0x200 };

static error_t parse_setting(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    char *end;
    switch (key) {
    case OPTION_SERVER:
        settings->server = argument;
        return 0;
    case OPTION_TIMEOUT: {
        double seconds = strtod(argument, &end);
        if (end == argument || *end || !(seconds > 0 && seconds <= 86400))
            argp_error(state, "--timeout '%s': seconds above 0 and up to 86400", argument);
        settings->timeout_ns = (int64_t)(seconds * 1e9);
        return 0;
    }
    case ARGP_KEY_END: {
        const char *colon = strrchr(settings->server, ':');
        int64_t port;
        if (!colon || colon == settings->server || !text_to_int64(str_of(colon + 1), &port) ||
            port < 1 || port > 65535)
            argp_error(state, "server '%s': HOST:PORT, such as 127.0.0.1:50051", settings->server);
        return 0;
    }
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option SETTING_OPTIONS[] = {
    {"server", OPTION_SERVER, "HOST:PORT", 0,
     "the server; else $HAIHE_SERVER, else 127.0.0.1:50051", 90},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "how long to wait for an answer (30)", 90},
    {0},
};

const struct argp SETTINGS_ARGP = {.options = SETTING_OPTIONS, .parser = parse_setting};

/* --- Messages ------------------------------------------------------------------------------- */

static void print_error(const struct error *error)
{
    fprintf(stderr, "haihectl: %s", error->text);
    if (error->rule[0])
        fprintf(stderr, " [%s]", error->rule);
    fputc('\n', stderr);
}

int command_fail(const struct error *error)
{
    print_error(error);
    return error->code == ERROR_UNAVAILABLE || error->code == ERROR_DEADLINE_EXCEEDED
               ? EXIT_UNAVAILABLE
               : EXIT_REFUSED;
}

int command_fail_input(const struct error *error)
{
    print_error(error);
    return EXIT_INPUT;
}

/* --- Arguments ------------------------------------------------------------------------------ */

bool command_parse_kind(const char *text, bool *is_vacancy)
{
    *is_vacancy = strcmp(text, "vacancy") == 0 || strcmp(text, "vacancies") == 0;
    return *is_vacancy || strcmp(text, "applicant") == 0 || strcmp(text, "applicants") == 0;
}

json_t *command_parse_key(const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || !colon[1])
        return NULL;
    json_t *platform = json_stringn(text, (size_t)(colon - text));
    json_t *id = json_string(colon + 1);
    if (!platform || !id) { /* not UTF-8 */
        json_decref(platform);
        json_decref(id);
        return NULL;
    }
    json_t *key = json_object();
    json_object_set_new(key, "platform", platform);
    json_object_set_new(key, "id", id);
    return key;
}

const char *command_key_text(const json_t *key, char out[160])
{
    snprintf(out, 160, "%.70s:%.70s", json_text_at(key, "platform"), json_text_at(key, "id"));
    return out;
}

json_t *command_read_json(const char *path, struct error *error)
{
    json_error_t why;
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    if (!file) {
        error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    json_t *json = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
    if (!is_stdin)
        fclose(file);
    if (!json)
        error_set(error, ERROR_INVALID_ARGUMENT, "%s:%d: not JSON: %s (column %d)", path, why.line,
                  why.text, why.column);
    if (json && !json_is_object(json)) {
        error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' holds no JSON object", path);
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* --- Output --------------------------------------------------------------------------------- */

void command_print_json(const json_t *json, bool compact)
{
    /* Positions have 1e-7 degrees: ten digits. More would show how doubles are kept. */
    json_dumpf(json, stdout, JSON_REAL_PRECISION(12) | (compact ? JSON_COMPACT : JSON_INDENT(2)));
    fputc('\n', stdout);
}

void command_print(struct buffer *text)
{
    fwrite(text->data, 1, text->length_bytes, stdout);
    buffer_release(text);
}

int64_t json_int_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    int64_t number = 0;
    if (json_is_string(value))
        text_to_int64(str_of(json_string_value(value)), &number);
    else if (json_is_integer(value))
        number = json_integer_value(value);
    return number;
}

uint64_t json_uint_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        return strtoull(json_string_value(value), NULL, 10);
    return (uint64_t)json_integer_value(value);
}

const char *json_text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* --- Changes -------------------------------------------------------------------------------- */

/* A few changes from the command line, sent and answered in order. */
struct apply {
    json_t *requests;
    size_t sent, answered;
    const char *done;
    struct buffer message;
    struct arena arena;
    struct error error; /* ours, not the server's: ends the stream */
    int64_t give_up_ns;
    int exit_code;
};

static enum client_next next_change(void *context, struct str *message)
{
    struct apply *apply = context;
    if (apply->sent == json_array_size(apply->requests) || apply->error.code != ERROR_OK)
        return CLIENT_END;
    json_t *request = json_array_get(apply->requests, apply->sent++);
    buffer_clear(&apply->message);
    arena_clear(&apply->arena);
    if (!wire_json_encode(CLIENT_APPLY.request, request, &apply->arena, &apply->message,
                          &apply->error))
        return CLIENT_END;
    *message = buffer_borrow(&apply->message);
    return CLIENT_SEND;
}

/* The key of whichever change the request holds. */
static const json_t *key_of(const json_t *request)
{
    static const char *const changes[] = {"delete", "set_status"};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const json_t *change = json_object_get(request, changes[i]);
        if (change)
            return json_object_get(change, "key");
    }
    return NULL;
}

static bool on_change_answer(void *context, struct str message)
{
    struct apply *apply = context;
    char key[160];
    arena_clear(&apply->arena);
    json_t *answer =
        wire_json_decode(CLIENT_APPLY.response, message, false, &apply->arena, &apply->error);
    if (!answer)
        return false;
    const json_t *request = json_array_get(apply->requests, apply->answered++);
    const json_t *refused = json_object_get(answer, "error");
    command_key_text(key_of(request), key);
    if (refused) {
        struct error why;
        client_read_status(refused, &why);
        fprintf(stderr, "haihectl: %s%s%s%s\n", why.text, why.rule[0] ? " [" : "", why.rule,
                why.rule[0] ? "]" : "");
        apply->exit_code = EXIT_REFUSED;
    } else {
        printf("%s %s, sequence %lld\n", key, apply->done,
               (long long)json_int_at(json_object_get(answer, "applied"), "sequence"));
    }
    json_decref(answer);
    return true;
}

static bool on_change_tick(void *context)
{
    struct apply *apply = context;
    return clock_monotonic_ns() < apply->give_up_ns ||
           error_set(&apply->error, ERROR_DEADLINE_EXCEEDED, "the server gave no answer in time");
}

int command_apply(const struct settings *settings, json_t *requests, const char *done)
{
    struct apply apply = {.requests = requests,
                          .done = done,
                          .give_up_ns = clock_monotonic_ns() + settings->timeout_ns};
    struct error error;
    struct client *client = client_new(settings->server, settings->timeout_ns, &error);
    if (!client)
        return command_fail(&error);
    buffer_init(&apply.message, OUTPUT_LIMIT_BYTES);
    arena_init(&apply.arena, OUTPUT_LIMIT_BYTES);
    struct client_stream stream = {.path = CLIENT_APPLY.path,
                                   .next = next_change,
                                   .on_answer = on_change_answer,
                                   .on_tick = on_change_tick,
                                   .context = &apply};
    bool well = client_stream_run(client, &stream, &error);
    if (apply.error.code != ERROR_OK)
        apply.exit_code = command_fail(&apply.error);
    else if (!well)
        apply.exit_code = command_fail(&error);
    arena_release(&apply.arena);
    buffer_release(&apply.message);
    client_free(client);
    return apply.exit_code;
}
