/* haihed: wires everything top down, serves, and tears it down in reverse.
 *
 *   options -> zone, log -> reference data -> loop -> engine -> server -> [serving] -> drained
 *
 * With --data-dir the engine reads its records while the server already answers: that it is not
 * ready. Exit codes: 0 ended as asked (a signal, drained), 1 could not start (the store is damaged,
 * for one) or was stopped at once by a second signal, 64 wrong usage. */
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "config/host.h"
#include "config/notes.h"
#include "config/options.h"
#include "config/reference_data.h"
#include "config/version.h"
#include "engine/engine.h"
#include "net/loop.h"
#include "server/server.h"

#include "base/banned.h"

enum { EXIT_ENDED = 0, EXIT_FAILED = 1, EXIT_WRONG_USAGE = 64 };

/* Clients hear of the end for so long before the last GOAWAY: a round trip, generously. */
#define DRAIN_NOTICE_NS INT64_C(500000000)
#define SECOND_NS       INT64_C(1000000000)

struct daemon {
    struct options options;
    struct log log;
    struct reference_data data;
    struct profile profiles[2];
    struct notes notes;
    struct loop *loop;
    struct engine *engine;
    struct server *server;
    struct loop_task state_task;
    atomic_bool state_posted;
    bool ending;
    bool failed; /* the engine could not start */
};

static void on_drained(void *context)
{
    struct daemon *daemon = context;
    loop_stop(daemon->loop);
}

static void on_signal(void *context, int signal_number)
{
    struct daemon *daemon = context;
    log_event(&daemon->log, LOG_INFO, "haihed: signal", "number=%d second=%s", signal_number,
              daemon->ending ? "yes" : "no");
    if (daemon->ending)
        _exit(EXIT_FAILED);
    daemon->ending = true;
    server_drain(daemon->server, on_drained, daemon);
}

/* On the loop. */
static void on_state(struct loop_task *task)
{
    struct daemon *daemon = (struct daemon *)((char *)task - offsetof(struct daemon, state_task));
    struct error error;
    atomic_store(&daemon->state_posted, false);
    if (!daemon->server) /* it is over: the loop only empties itself */
        return;
    if (engine_failure(daemon->engine, &error) != ENGINE_FAILED) {
        server_engine_changed(daemon->server);
        return;
    }
    if (!daemon->ending) {
        daemon->failed = true;
        fprintf(stderr, "haihed: %s\n", error.text);
        if (error.code == ERROR_DATA_LOSS)
            fprintf(stderr,
                    "haihed: nothing was changed. Restore a backup, or keep what is sound: "
                    "haihectl repair '%s' NEW-DIRECTORY\n",
                    daemon->options.data_dir);
    }
    loop_stop(daemon->loop);
}

/* On the writer's thread. */
static void post_state(void *context)
{
    struct daemon *daemon = context;
    if (!atomic_exchange(&daemon->state_posted, true))
        loop_post(daemon->loop, &daemon->state_task);
}

static bool start_engine(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    daemon->profiles[0] = profile_default();
    daemon->profiles[1] = profile_lab();
    daemon->state_task = (struct loop_task){.run = on_state};
    notes_init(&daemon->notes, options, &daemon->data, daemon->profiles,
               sizeof daemon->profiles / sizeof daemon->profiles[0]);
    const struct engine_options engine = {
        .model = &daemon->data.model,
        .profiles = daemon->profiles,
        .profile_count = sizeof daemon->profiles / sizeof daemon->profiles[0],
        .clock = clock_system(),
        .log = &daemon->log,
        .worker_count = options->workers > 0 ? (uint32_t)options->workers : host_worker_count(),
        .query_queue_limit = (uint32_t)options->query_queue,
        .change_queue_limit = (uint32_t)options->change_queue,
        .group_limit = (uint32_t)options->group_limit,
        .request_arena_bytes = (size_t)options->request_memory_kib * 1024,
        .data_directory = options->data_dir,
        .store_cache_bytes = (size_t)options->store_cache_mib << 20,
        .history_age_ms = options->history_days * 24 * 3600 * 1000,
        .history_bytes = (uint64_t)options->history_mib << 20,
        .notes = daemon->notes.items,
        .note_count = daemon->notes.count,
        .on_state = post_state,
        .state_context = daemon,
    };
    daemon->engine = engine_new(&engine, error);
    return daemon->engine != NULL;
}

static bool start_server(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    const struct rpc_limits limits = options_limits(options);
    uint32_t own = HOST_OWN_DESCRIPTORS + (options->data_dir[0] ? HOST_STORE_DESCRIPTORS : 0);
    uint32_t connections = host_reserve_descriptors((uint32_t)options->max_connections, own);
    if (connections < options->max_connections)
        log_event(
            &daemon->log, LOG_WARNING, "haihed: fewer connections than max-connections",
            "max_connections=%lld possible=%u because=\"hard limit of open files, ulimit -Hn\"",
            (long long)options->max_connections, connections);
    if (!loop_reserve_descriptors(daemon->loop, connections + own, error))
        return false;
    const struct server_options server = {
        .loop = daemon->loop,
        .engine = daemon->engine,
        .log = &daemon->log,
        .version = HAIHE_VERSION,
        .address = options->listen,
        .limits = &limits,
        .connection_limit = connections,
        .queue_bytes = (size_t)options->queue_memory_mib * 1024 * 1024,
        .drain_notice_ns = DRAIN_NOTICE_NS,
        .drain_ns = options->drain_seconds * SECOND_NS,
    };
    daemon->server = server_new(&server, error);
    return daemon->server && loop_on_signal(daemon->loop, SIGTERM, on_signal, daemon, error) &&
           loop_on_signal(daemon->loop, SIGINT, on_signal, daemon, error) &&
           host_write_port(options->port_file, server_port(daemon->server), error);
}

static bool start(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    if (!options->insecure_any_address && !host_check_loopback(options->listen, error))
        return false;
    if (!reference_data_load(&daemon->data, options, error))
        return false;
    loop_use_heap();
    daemon->loop = loop_new(error);
    if (!daemon->loop || !start_engine(daemon, error) || !start_server(daemon, error))
        return false;
    char quoted[128];
    log_event(&daemon->log, LOG_INFO, "haihed: serving without authentication",
              "version=%s listen=%s port=%u", HAIHE_VERSION,
              log_quote(quoted, sizeof quoted, str_of(options->listen)),
              server_port(daemon->server));
    return true;
}

static void tear_down(struct daemon *daemon)
{
    server_free(daemon->server);
    daemon->server = NULL;
    engine_free(daemon->engine);
    loop_free(daemon->loop);
    reference_data_release(&daemon->data);
}

int main(int argc, char **argv)
{
    struct daemon daemon = {0};
    struct error error = {0};
    enum log_level level = LOG_INFO;
    enum options_result result = options_parse(&daemon.options, argc, argv, &error);
    if (result == OPTIONS_EXIT_OK)
        return EXIT_ENDED;
    if (result == OPTIONS_RUN && !log_level_parse(str_of(daemon.options.log_level), &level))
        error_field(&error, "unknown_value", "log-level", daemon.options.log_level,
                    "expected error, warning, info or debug");
    if (error.code != ERROR_OK || !host_set_zone(daemon.options.zone, &error)) {
        fprintf(stderr, "haihed: %s\n", error.text);
        return EXIT_WRONG_USAGE;
    }
    log_init(&daemon.log, STDERR_FILENO, level);
    bool started = start(&daemon, &error);
    if (started)
        loop_run(daemon.loop);
    else
        fprintf(stderr, "haihed: %s\n", error.text);
    tear_down(&daemon);
    if (started)
        log_event(&daemon.log, LOG_INFO, "haihed: ended", "version=%s", HAIHE_VERSION);
    return started && !daemon.failed ? EXIT_ENDED : EXIT_FAILED;
}
