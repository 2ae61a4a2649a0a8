#include "config/options.h"

#include <argp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "config/version.h"

#include "base/banned.h"

enum option_type { TYPE_TEXT, TYPE_NUMBER, TYPE_FLAG };

struct option_row {
    const char *name;
    enum option_type type;
    size_t offset;
    const char *argument; /* shown in --help; NULL for a flag */
    const char *initial;  /* the default as text */
    int64_t low, high;    /* bounds of a number, both included */
    const char *help;     /* says unit, and why the default is what it is */
};

#define TEXT(name, field, argument, initial, help)                                                 \
    {                                                                                              \
        name, TYPE_TEXT, offsetof(struct options, field), argument, initial, 0, 0, help            \
    }
#define NUMBER(name, field, argument, initial, low, high, help)                                    \
    {                                                                                              \
        name, TYPE_NUMBER, offsetof(struct options, field), argument, initial, low, high, help     \
    }
#define FLAG(name, field, help)                                                                    \
    {                                                                                              \
        name, TYPE_FLAG, offsetof(struct options, field), NULL, "no", 0, 0, help                   \
    }

static const struct option_row TABLE[] = {
    TEXT("listen", listen, "HOST:PORT", "127.0.0.1:50051",
         "address for gRPC; port 0 takes any free one"),
    TEXT("port-file", port_file, "FILE", "", "write the port really bound to FILE once serving"),
    FLAG("insecure-any-address", insecure_any_address,
         "allow an address other than loopback although there is no access control yet"),
    TEXT(
        "data-dir", data_dir, "DIR", "",
        "keep records in DIR: a change is on disk before it is acknowledged. Otherwise they are in "
        "memory alone, and end with the process"),
    NUMBER(
        "store-cache-mib", store_cache_mib, "MIB", "64", 8, 65536,
        "cache of the store's blocks and their indexes; tables being filled take up to 160 more. "
        "Searches do not need it: it serves Get and restarts"),
    NUMBER(
        "history-days", history_days, "DAYS", "90", 0, 36500,
        "changes older than this are forgotten, and with them what erased records said; 0: never"),
    NUMBER("history-mib", history_mib, "MIB", "16384", 0, 16777216,
           "and the oldest when all take more on disk; 0: no limit. 16 GiB are 30 to 60 million "
           "changes"),
    NUMBER("workers", workers, "N", "0", 0, 256,
           "search threads; 0: one less than the cores, at least 1"),
    NUMBER("query-queue", query_queue, "N", "4096", 1, 1000000,
           "requests that may wait for a search thread; more are shed with RESOURCE_EXHAUSTED. "
           "At 100 us each the default is 0.4 s of waiting"),
    NUMBER("change-queue", change_queue, "N", "8192", 1, 1000000,
           "changes that may wait for the writer; a full queue holds the senders back. About 0.2 s "
           "of its work"),
    NUMBER("group-limit", group_limit, "N", "1000", 1, 100000,
           "changes that become visible together, at most"),
    NUMBER("request-memory-kib", request_memory_kib, "KIB", "65536", 64, 1048576,
           "memory that one request may take while it is answered; protobuf can need 57 times its "
           "size"),
    NUMBER("max-message-kib", max_message_kib, "KIB", "4096", 4, 65536,
           "largest message accepted; gRPC's own default"),
    NUMBER(
        "max-headers-kib", max_headers_kib, "KIB", "16", 4, 1024,
        "headers of one request, as HTTP/2 counts them; gRPC's own soft limit is 8. Four times as "
        "much ends the connection"),
    NUMBER("max-connections", max_connections, "N", "4096", 1, 1000000,
           "connections at a time, 15 KiB each; one more replaces the one without a call that has "
           "been silent longest, or is closed at once"),
    NUMBER("max-connections-per-address", max_connections_per_address, "N", "1024", 0, 1000000,
           "the same for one address (IPv6: one /64): a quarter of the default total, so that one "
           "host cannot take all; 0: no limit. Behind a proxy all come from one address"),
    NUMBER("max-streams", max_streams, "N", "1000", 1, 100000,
           "open calls on one connection; clients wait for a free one. HTTP/2 advises 100 or more, "
           "a portal has hundreds of streams on one"),
    NUMBER("connection-memory-kib", connection_memory_kib, "KIB", "32768", 64, 2097152,
           "requests of one connection that have not been answered, and as much again for answers "
           "it has not read; a call beyond ends with RESOURCE_EXHAUSTED. Eight of the largest "
           "messages at once"),
    NUMBER("client-memory-mib", client_memory_mib, "MIB", "512", 1, 1048576,
           "what all connections may hold; above it the one that holds most is closed. 4096 "
           "connections with 128 KiB each, or sixteen at their own limit"),
    NUMBER("queue-memory-mib", queue_memory_mib, "MIB", "256", 1, 1048576,
           "requests above 64 KiB that wait in a queue, as they do even if their client has gone: "
           "more are shed, or held back on streams of changes. 64 of the largest"),
    NUMBER("reset-burst", reset_burst, "N", "1000", 1, 1000000,
           "streams that a connection may reset, or break, at once (rapid reset); more ends it. "
           "Hedging clients cancel half of their calls"),
    NUMBER("resets-per-second", resets_per_second, "N", "100", 1, 1000000,
           "refills reset-burst; far above what people's cancelling makes"),
    NUMBER("ping-burst", ping_burst, "N", "100", 1, 1000000,
           "pings that a connection may send at once; more ends it"),
    NUMBER("pings-per-second", pings_per_second, "N", "20", 1, 1000000,
           "refills ping-burst; gRPC libraries measure bandwidth with up to 10"),
    NUMBER("odd-frame-burst", odd_frame_burst, "N", "1000", 1, 1000000,
           "further SETTINGS, PRIORITY, empty DATA, unknown frames of a connection at once; more "
           "ends it. Libraries send a handful"),
    NUMBER("odd-frames-per-second", odd_frames_per_second, "N", "100", 1, 1000000,
           "refills odd-frame-burst; a priority frame for each call is allowed for"),
    NUMBER("handshake-seconds", handshake_seconds, "S", "20", 1, 3600,
           "a new connection must have sent its HTTP/2 settings by then; slow networks need a few"),
    NUMBER("idle-seconds", idle_seconds, "S", "1800", 0, 86400,
           "a connection without a call for so long is closed, politely; above the keep-alive of "
           "client libraries; 0: never"),
    NUMBER("keepalive-seconds", keepalive_seconds, "S", "60", 0, 86400,
           "who has sent no frame for so long is sent a ping, so that calls of clients that "
           "vanished do not stay; one a minute is nothing to anybody; 0: never"),
    NUMBER("keepalive-wait-seconds", keepalive_wait_seconds, "S", "20", 1, 3600,
           "who does not answer the ping for so long has gone; gRPC's own default"),
    NUMBER("drain-seconds", drain_seconds, "S", "30", 0, 3600,
           "after SIGTERM, time for open calls to end"),
    TEXT("zone", zone, "ZONE", "Asia/Shanghai", "time zone of dates and of midnight"),
    TEXT("currency", currency, "CODE", "CNY", "the currency that pay is compared in (ISO 4217)"),
    TEXT("skills", skills, "FILE", "", "skills of the taxonomy as CSV; built in otherwise"),
    TEXT("occupations", occupations, "FILE", "",
         "occupations of the taxonomy as CSV; built in otherwise"),
    TEXT("areas", areas, "FILE", "", "area codes with centre points as CSV; built in otherwise"),
    TEXT("minimum-wages", minimum_wages, "FILE", "",
         "statutory minimum wages as CSV; built in otherwise"),
    TEXT("banned-terms", banned_terms, "FILE", "",
         "terms that no vacancy may contain, one a line; none otherwise"),
    TEXT("priority-groups", priority_groups, "LIST",
         "graduate,hard_to_employ,disabled,veteran,migrant_worker,zero_employment_family",
         "the priority groups that records may name, joined by commas"),
    TEXT("log-level", log_level, "LEVEL", "info", "error, warning, info or debug"),
    FLAG("print-config", print_config, "print all settings and exit"),
};

enum { OPTION_COUNT = sizeof TABLE / sizeof TABLE[0], FIRST_KEY = 256 };

static bool set_flag(bool *out, const struct option_row *row, const char *value,
                     struct error *error)
{
    struct str text = str_of(value);
    bool yes = str_equal(text, STR("yes"));
    if (!yes && !str_equal(text, STR("no")))
        return error_field(error, "unknown_value", row->name, value, "expected yes or no");
    *out = yes;
    return true;
}

static bool set_number(int64_t *out, const struct option_row *row, const char *value,
                       struct error *error)
{
    int64_t number;
    if (!text_to_int64(str_of(value), &number) || number < row->low || number > row->high)
        return error_field(error, "out_of_range", row->name, value,
                           "expected a whole number from %lld to %lld", (long long)row->low,
                           (long long)row->high);
    *out = number;
    return true;
}

static bool set_row(struct options *options, const struct option_row *row, const char *value,
                    struct error *error)
{
    char *field = (char *)options + row->offset;
    switch (row->type) {
    case TYPE_TEXT:
        *(const char **)field = value;
        return true;
    case TYPE_NUMBER:
        return set_number((int64_t *)field, row, value, error);
    case TYPE_FLAG:
        return set_flag((bool *)field, row, value, error);
    }
    return false;
}

bool options_set(struct options *options, const char *name, const char *value, struct error *error)
{
    for (size_t index = 0; index < OPTION_COUNT; index++) {
        if (str_equal(str_of(TABLE[index].name), str_of(name)))
            return set_row(options, &TABLE[index], value, error);
    }
    return error_field(error, "unknown_option", name, value, "there is no such option");
}

void options_set_defaults(struct options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t index = 0; index < OPTION_COUNT; index++)
        set_row(options, &TABLE[index], TABLE[index].initial, NULL);
}

struct rpc_limits options_limits(const struct options *options)
{
    const int64_t second_ns = INT64_C(1000000000);
    struct rpc_limits limits = rpc_limits_default();
    limits.concurrent_calls = (uint32_t)options->max_streams;
    limits.header_list_bytes = (uint32_t)options->max_headers_kib * 1024;
    limits.message_bytes = (uint32_t)options->max_message_kib * 1024;
    limits.connection_incoming_bytes = (uint32_t)options->connection_memory_kib * 1024;
    limits.connection_outgoing_bytes = (uint32_t)options->connection_memory_kib * 1024;
    limits.resets =
        (struct rpc_rate){(uint32_t)options->reset_burst, (uint32_t)options->resets_per_second};
    limits.pings =
        (struct rpc_rate){(uint32_t)options->ping_burst, (uint32_t)options->pings_per_second};
    limits.oddities = (struct rpc_rate){(uint32_t)options->odd_frame_burst,
                                        (uint32_t)options->odd_frames_per_second};
    limits.handshake_ns = options->handshake_seconds * second_ns;
    limits.idle_ns = options->idle_seconds * second_ns;
    limits.keepalive_ns = options->keepalive_seconds * second_ns;
    limits.keepalive_wait_ns = options->keepalive_wait_seconds * second_ns;
    limits.memory_bytes = (size_t)options->client_memory_mib * 1024 * 1024;
    limits.connections_per_address = (uint32_t)options->max_connections_per_address;
    return limits;
}

bool options_print(const struct options *options, struct buffer *out)
{
    for (size_t index = 0; index < OPTION_COUNT; index++) {
        const struct option_row *row = &TABLE[index];
        const char *field = (const char *)options + row->offset;
        buffer_printf(out, "# %s\n%s = ", row->help, row->name);
        switch (row->type) {
        case TYPE_TEXT:
            buffer_printf(out, "\"%s\"\n", *(const char *const *)field);
            break;
        case TYPE_NUMBER:
            buffer_printf(out, "%lld\n", (long long)*(const int64_t *)field);
            break;
        case TYPE_FLAG:
            buffer_printf(out, "%s\n", *(const bool *)field ? "yes" : "no");
            break;
        }
    }
    return !out->failed;
}

/* "max-streams" is HAIHE_MAX_STREAMS. */
static bool read_environment(struct options *options, struct error *error)
{
    for (size_t index = 0; index < OPTION_COUNT; index++) {
        char name[64];
        snprintf(name, sizeof name, "HAIHE_%s", TABLE[index].name);
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        const char *value = getenv(name);
        if (value && !set_row(options, &TABLE[index], value, error)) {
            error_prefix_field(error, "environment");
            return false;
        }
    }
    return true;
}

struct parse_state {
    struct options *options;
    struct error *error;
    bool failed;
};

static error_t parse_one(int key, char *argument, struct argp_state *argp)
{
    struct parse_state *state = argp->input;
    if (key == ARGP_KEY_ARG)
        argp_error(argp, "unexpected argument '%s'", argument);
    if (key < FIRST_KEY || key >= FIRST_KEY + OPTION_COUNT)
        return ARGP_ERR_UNKNOWN;
    const struct option_row *row = &TABLE[key - FIRST_KEY];
    if (!state->failed &&
        !set_row(state->options, row, row->type == TYPE_FLAG ? "yes" : argument, state->error))
        state->failed = true;
    return 0;
}

/* The help of a row with its default, for --help; texts of help_text live as long as the table. */
static void describe_rows(struct argp_option rows[OPTION_COUNT + 1],
                          char help_text[OPTION_COUNT][320])
{
    memset(rows, 0, (OPTION_COUNT + 1) * sizeof *rows);
    for (size_t index = 0; index < OPTION_COUNT; index++) {
        const struct option_row *row = &TABLE[index];
        const char *open = row->initial[0] != '\0' && row->type != TYPE_FLAG ? " (" : "";
        snprintf(help_text[index], sizeof help_text[index], "%s%s%s%s", row->help, open,
                 open[0] != '\0' ? row->initial : "", open[0] != '\0' ? ")" : "");
        rows[index] = (struct argp_option){.name = row->name,
                                           .key = FIRST_KEY + (int)index,
                                           .arg = row->argument,
                                           .doc = help_text[index]};
    }
}

static void print_version(FILE *stream, struct argp_state *argp)
{
    (void)argp;
    fprintf(stream, "haihed %s\n", HAIHE_VERSION);
}

static enum options_result print_and_exit(const struct options *options)
{
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    bool printed = options_print(options, &text) &&
                   fwrite(text.data, 1, text.length_bytes, stdout) == text.length_bytes;
    buffer_release(&text);
    return printed ? OPTIONS_EXIT_OK : OPTIONS_EXIT_USAGE;
}

enum options_result options_parse(struct options *options, int argc, char **argv,
                                  struct error *error)
{
    static const char DOC[] =
        "The labour market matching daemon: keeps vacancies and applicants in memory, answers "
        "ranked matches over gRPC.\vEvery option can be given in the environment: --max-streams is "
        "HAIHE_MAX_STREAMS. Exit codes: 0 ended as asked, 1 could not start or serve, 64 wrong "
        "usage.";
    struct argp_option rows[OPTION_COUNT + 1];
    char help_text[OPTION_COUNT][320];
    describe_rows(rows, help_text);
    argp_program_version_hook = print_version;
    struct argp parser = {.options = rows, .parser = parse_one, .doc = DOC};
    struct parse_state state = {.options = options, .error = error};
    options_set_defaults(options);
    if (!read_environment(options, error))
        return OPTIONS_EXIT_USAGE;
    /* Wide enough for the longest name: glibc puts the text of a longer one to the margin. */
    setenv("ARGP_HELP_FMT", "opt-doc-col=38", 0);
    int failure = argp_parse(&parser, argc, argv, 0, NULL, &state);
    if (failure != 0 && !state.failed)
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "the command line cannot be read: %s",
                  strerror(failure));
    if (failure != 0 || state.failed)
        return OPTIONS_EXIT_USAGE;
    return options->print_config ? print_and_exit(options) : OPTIONS_RUN;
}
