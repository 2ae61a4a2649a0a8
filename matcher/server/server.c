/* The server's life: listening, handing calls to their methods, counting, draining.
 *
 *   server_drain: health NOT_SERVING, GOAWAY notice       calls are still taken
 *     -- drain_notice_ns --> final GOAWAY, watches end    open calls go on
 *     -- drain_ns ---------> connections are closed
 *   drained when no connection is left and every job has come back from the engine
 *
 * Thread: the loop's.
 */
#include "server/server.h"

#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"
#include "server/health_call.h"
#include "server/internal.h"
#include "wire/status_message.h"

#include "base/banned.h"

enum {
    STATUS_LIMIT_BYTES = 8 * 1024,
    SMALL_REQUEST_BYTES = 64 * 1024, /* 4096 of them are 256 MiB */
    DEFAULT_QUEUE_BYTES = 256 * 1024 * 1024
};

/* --- Pools ---------------------------------------------------------------------------------- */

void *pool_take(struct pool *pool, size_t size_bytes)
{
    struct pool_node *node = pool->first;
    if (!node)
        return memory_try(size_bytes);
    pool->first = node->next;
    pool->count--;
    return node;
}

void pool_give(struct pool *pool, void *object)
{
    struct pool_node *node = object;
    if (pool->count == POOL_LIMIT) {
        memory_free(node);
        return;
    }
    node->next = pool->first;
    pool->first = node;
    pool->count++;
}

void pool_release(struct pool *pool)
{
    while (pool->first) {
        struct pool_node *node = pool->first;
        pool->first = node->next;
        memory_free(node);
    }
    pool->count = 0;
}

/* --- Calls ---------------------------------------------------------------------------------- */

void server_call_begins(struct server *server, const struct method *method)
{
    counter_add(&server->metrics[method_index(method)].calls, 1);
    counter_add(&server->open_calls, 1);
}

void server_call_ends(struct server *server, const struct method *method, enum error_code code)
{
    if (code != ERROR_OK)
        counter_add(&server->metrics[method_index(method)].errors, 1);
    atomic_fetch_sub_explicit(&server->open_calls, 1, memory_order_relaxed);
}

void server_answered(struct server *server, const struct method *method, int64_t started_ns)
{
    histogram_add(&server->metrics[method_index(method)].latency,
                  clock_monotonic_ns() - started_ns);
}

bool server_admits(const struct server *server, size_t waiting_bytes, size_t size_bytes)
{
    return size_bytes <= SMALL_REQUEST_BYTES || waiting_bytes == 0 ||
           waiting_bytes + size_bytes <= server->queue_bytes;
}

void server_refuse(struct rpc_call *call, const struct error *error)
{
    struct buffer details;
    buffer_init(&details, STATUS_LIMIT_BYTES);
    if (!wire_write_status(&details, error))
        buffer_clear(&details); /* code and text still go out */
    rpc_call_fail(call, error, buffer_borrow(&details));
    buffer_release(&details);
}

static void on_call(void *context, struct rpc_call *call)
{
    struct server *server = context;
    struct str path = rpc_call_path(call);
    const struct method *method = method_find(path);
    atomic_store_explicit(&server->open_connections,
                          rpc_listener_connection_count(server->listener), memory_order_relaxed);
    if (method) {
        method->open(server, method, call);
        return;
    }
    struct error error;
    error_set(&error, ERROR_UNIMPLEMENTED, "method '%.*s' is not served here", STR_ARG(path));
    server_refuse(call, &error);
}

/* One line a second: there may be a thousand of them. Neither the line nor the count allocates. */
static void on_starved(void *context)
{
    enum { NS_PER_S = 1000 * 1000 * 1000 };
    struct server *server = context;
    int64_t now_ns = clock_monotonic_ns();
    if (server->starved_ns != 0 && now_ns - server->starved_ns < NS_PER_S)
        return;
    server->starved_ns = now_ns;
    log_event(server->log, LOG_WARNING, "server: no memory, connections are ended",
              "so_far=%" PRIu64, rpc_listener_count(server->listener).starved);
}

/* --- Draining ------------------------------------------------------------------------------- */

static void end_if_drained(struct server *server)
{
    if (!server->listener_drained || server->jobs_under_way > 0 || !server->on_drained)
        return;
    void (*on_drained)(void *context) = server->on_drained;
    server->on_drained = NULL;
    loop_timer_set(server->drain_timer, INT64_MAX);
    on_drained(server->drained_context);
}

void server_job_leaves(struct server *server)
{
    server->jobs_under_way++;
}

void server_job_returns(struct server *server)
{
    assert(server->jobs_under_way > 0);
    server->jobs_under_way--;
    end_if_drained(server);
}

static void on_listener_drained(void *context)
{
    struct server *server = context;
    server->listener_drained = true;
    end_if_drained(server);
}

static void on_drain_timer(void *context)
{
    struct server *server = context;
    if (server->drain_phase == DRAIN_NOTICE) {
        server->drain_phase = DRAIN_FINAL;
        health_end_watches(server);
        loop_timer_set(server->drain_timer, clock_monotonic_ns() + server->drain_ns);
        rpc_listener_drain(server->listener, on_listener_drained, server);
    } else if (server->drain_phase == DRAIN_FINAL) {
        server->drain_phase = DRAIN_CUT;
        log_event(server->log, LOG_WARNING, "server: open calls are cut off", "calls=%" PRIu64,
                  counter_read(&server->open_calls));
        rpc_listener_abort(server->listener);
    }
}

void server_drain(struct server *server, void (*on_drained)(void *context), void *context)
{
    if (server->drain_phase != DRAIN_NONE)
        return;
    server->drain_phase = DRAIN_NOTICE;
    server->on_drained = on_drained;
    server->drained_context = context;
    log_event(server->log, LOG_INFO, "server: draining", "calls=%" PRIu64,
              counter_read(&server->open_calls));
    health_tell_watchers(server);
    rpc_listener_drain_notice(server->listener);
    loop_timer_set(server->drain_timer, clock_monotonic_ns() + server->drain_notice_ns);
}

void server_engine_changed(struct server *server)
{
    if (server->drain_phase == DRAIN_NONE)
        health_tell_watchers(server);
}

/* --- Life ----------------------------------------------------------------------------------- */

static bool start(struct server *server, const struct server_options *options, struct error *error)
{
    server->drain_timer = loop_timer_new(options->loop, on_drain_timer, server);
    if (!server->drain_timer)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the server");
    server->descriptors = descriptor_pool_builtin(error);
    if (!server->descriptors)
        return false;
    const struct rpc_listener_options listen = {
        .address = options->address,
        .limits = options->limits,
        .connection_limit = options->connection_limit,
        .on_call = on_call,
        .on_starved = on_starved,
        .context = server,
    };
    server->listener = rpc_listener_new(options->loop, &listen, error);
    return server->listener != NULL;
}

struct server *server_new(const struct server_options *options, struct error *error)
{
    struct server *server = memory_try_zeroed(1, sizeof *server);
    if (!server) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the server");
        return NULL;
    }
    server->loop = options->loop;
    server->engine = options->engine;
    server->log = options->log;
    server->version = options->version;
    server->drain_notice_ns = options->drain_notice_ns;
    server->drain_ns = options->drain_ns;
    server->queue_bytes = options->queue_bytes ? options->queue_bytes : DEFAULT_QUEUE_BYTES;
    server->started_ns = clock_monotonic_ns();
    if (!start(server, options, error)) {
        server_free(server);
        return NULL;
    }
    return server;
}

uint16_t server_port(const struct server *server)
{
    return rpc_listener_port(server->listener);
}

uint32_t server_connection_count(const struct server *server)
{
    return rpc_listener_count(server->listener).connections;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    assert(server->jobs_under_way == 0);
    rpc_listener_free(server->listener);
    loop_timer_free(server->drain_timer);
    descriptor_pool_free(server->descriptors);
    pool_release(&server->query_calls);
    pool_release(&server->apply_changes);
    memory_free(server);
}
