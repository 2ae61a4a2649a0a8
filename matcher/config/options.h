/* What haihed can be told, in one table: options.c drives parsing, bounds, --help, environment and
 * --print-config from it. A value comes from the command line, else from HAIHE_<NAME> in the
 * environment, else from the table's default.
 *
 * Thread: main's, before anything else runs; immutable afterwards. Texts are borrowed from argv,
 * the environment or the table.
 */
#ifndef HAIHE_CONFIG_OPTIONS_H
#define HAIHE_CONFIG_OPTIONS_H

#include "base/buffer.h"
#include "base/error.h"
#include "rpc/limits.h"

struct options {
    const char *listen;        /* "127.0.0.1:50051"; port 0 = any free one */
    const char *port_file;     /* the port really bound is written here; "" = nowhere */
    bool insecure_any_address; /* allows an address beyond loopback without access control */
    const char *data_dir;      /* of the durable store; "" = records in memory alone */
    int64_t store_cache_mib;
    int64_t history_days; /* 0 = no limit, as the next */
    int64_t history_mib;
    int64_t workers;      /* 0 = one less than the cores, at least 1 */
    int64_t query_queue;  /* requests */
    int64_t change_queue; /* changes */
    int64_t group_limit;  /* changes */
    int64_t request_memory_kib;
    int64_t max_message_kib;
    int64_t max_headers_kib; /* a request */
    int64_t max_connections;
    int64_t max_connections_per_address; /* 0 = no limit */
    int64_t max_streams;                 /* a connection */
    int64_t connection_memory_kib;       /* for requests, and again for answers */
    int64_t client_memory_mib;           /* all connections */
    int64_t queue_memory_mib;            /* for each of the two queues */
    int64_t reset_burst, resets_per_second;
    int64_t ping_burst, pings_per_second;
    int64_t odd_frame_burst, odd_frames_per_second;
    int64_t handshake_seconds;
    int64_t idle_seconds;      /* 0 = for ever */
    int64_t keepalive_seconds; /* 0 = no pings */
    int64_t keepalive_wait_seconds;
    int64_t drain_seconds;
    const char *zone;     /* of dates, a name of the tz database */
    const char *currency; /* ISO 4217 */
    const char *skills;   /* files; "" = built in */
    const char *occupations;
    const char *areas;
    const char *minimum_wages;
    const char *banned_terms;
    const char *priority_groups; /* names joined by commas */
    const char *log_level;
    bool print_config;
};

enum options_result { OPTIONS_RUN, OPTIONS_EXIT_OK, OPTIONS_EXIT_USAGE };

/* Reads environment and command line. --help, --version and usage errors end the process as argp
 * does (exit code 0 or 64); a value out of bounds gives OPTIONS_EXIT_USAGE and an error that names
 * option and value; --print-config prints every option and gives OPTIONS_EXIT_OK. */
enum options_result options_parse(struct options *options, int argc, char **argv,
                                  struct error *error);

/* Sets one option by its long name, with the table's checks. For tests and, later, files. */
bool options_set(struct options *options, const char *name, const char *value, struct error *error);
void options_set_defaults(struct options *options);
/* What of it rpc enforces; the defaults give rpc_limits_default(). */
struct rpc_limits options_limits(const struct options *options);
/* "name = value" lines, one an option, with its help as a comment above. */
bool options_print(const struct options *options, struct buffer *out);

#endif
