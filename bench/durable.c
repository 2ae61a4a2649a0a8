/* See durable.h. */
#include "durable.h"

#include <errno.h>
#include <unistd.h>

#include "config/host.h"

#include "base/banned.h"

/* Noon of the city's day in its zone, for ever: no day turns while we measure. */
static int64_t noon_ms(void *context)
{
    const struct city *city = context;
    return ((int64_t)city->today * 24 + 12 - 8) * 3600 * 1000;
}

static void on_state(void *context)
{
    struct durable *durable = context;
    sem_post(&durable->state_changed);
}

/* `error` says why it is not ready. */
static bool wait_until_ready(struct durable *durable, struct error *error)
{
    enum engine_state state;
    while ((state = engine_state(durable->engine, error)) == ENGINE_STARTING)
        while (sem_wait(&durable->state_changed) != 0 && errno == EINTR)
            continue;
    return state == ENGINE_READY;
}

bool durable_start(struct durable *durable, const struct durable_options *options,
                   struct error *error)
{
    struct options defaults;
    options_set_defaults(&defaults);
    *durable = (struct durable){.profile = profile_default()};
    if (!host_set_zone(defaults.zone, error))
        return false;
    sem_init(&durable->state_changed, 0, 0);
    log_init(&durable->log, STDERR_FILENO, options->log_level);
    const struct engine_options engine = {
        .model = &options->city->data.model,
        .profiles = &durable->profile,
        .profile_count = 1,
        .clock = {.wall_ms = noon_ms, .context = options->city},
        .log = &durable->log,
        .worker_count = options->worker_count > 0 ? options->worker_count : host_worker_count(),
        .query_queue_limit = (uint32_t)defaults.query_queue,
        .change_queue_limit = (uint32_t)defaults.change_queue,
        .group_limit =
            options->group_limit > 0 ? options->group_limit : (uint32_t)defaults.group_limit,
        .request_arena_bytes = (size_t)defaults.request_memory_kib * 1024,
        .data_directory = options->directory,
        .store_cache_bytes = (size_t)defaults.store_cache_mib << 20,
        .history_age_ms = defaults.history_days * 24 * 3600 * 1000,
        .history_bytes = (uint64_t)defaults.history_mib << 20,
        .on_state = on_state,
        .state_context = durable,
    };
    int64_t begin_ns = clock_monotonic_ns();
    durable->engine = engine_new(&engine, error);
    if (durable->engine && wait_until_ready(durable, error)) {
        durable->start_ns = clock_monotonic_ns() - begin_ns;
        return true;
    }
    durable_stop(durable);
    return false;
}

void durable_stop(struct durable *durable)
{
    engine_free(durable->engine);
    sem_destroy(&durable->state_changed);
    durable->engine = NULL;
}
