/* See health_call.h. */
#include "server/health_call.h"

#include "base/memory.h"
#include "server/internal.h"

#include "base/banned.h"

enum { REQUEST_LIMIT_BYTES = 1024, ARENA_LIMIT_BYTES = 64 * 1024, ANSWER_LIMIT_BYTES = 64 };

struct health_call {
    struct server *server;
    const struct method *method;
    struct rpc_call *call;
    int64_t started_ns;
    bool asked;    /* its message has come */
    bool known;    /* the service that it asked for is served */
    bool changes;  /* it is the one that takes changes */
    bool finished; /* we have said the last word */
    bool watching; /* in the server's list */
    struct health_call *previous, *next;
};

static void refuse(struct health_call *health, const struct error *error)
{
    if (!health->finished)
        server_refuse(health->call, error);
    health->finished = true;
}

static enum health_status status_of(const struct health_call *health)
{
    if (!health->known)
        return HEALTH_SERVICE_UNKNOWN;
    if (health->server->drain_phase != DRAIN_NONE)
        return HEALTH_NOT_SERVING;
    switch (engine_state(health->server->engine, NULL)) {
    case ENGINE_READY:
        return HEALTH_SERVING;
    case ENGINE_READ_ONLY:
        return health->changes ? HEALTH_NOT_SERVING : HEALTH_SERVING;
    case ENGINE_STARTING:
    case ENGINE_FAILED:
        break;
    }
    return HEALTH_NOT_SERVING;
}

static void answer(struct health_call *health)
{
    struct buffer out;
    struct error error;
    buffer_init(&out, ANSWER_LIMIT_BYTES);
    if (wire_write_health(&out, status_of(health))) {
        rpc_call_send_copy(health->call, out.data ? out.data : "", out.length_bytes);
    } else {
        error_set(&error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
        refuse(health, &error);
    }
    buffer_release(&out);
    server_answered(health->server, health->method, health->started_ns);
}

/* Reads the request and remembers what it asks for. */
static bool read_request(struct health_call *health, struct str bytes, struct error *error)
{
    struct arena arena;
    struct str service;
    if (bytes.length > REQUEST_LIMIT_BYTES)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED,
                         "a health request is at most %d bytes, not %u", REQUEST_LIMIT_BYTES,
                         bytes.length);
    arena_init(&arena, ARENA_LIMIT_BYTES);
    bool read = wire_read_health_check(bytes, &arena, &service, error);
    if (read) {
        health->known = service.length == 0 || method_has_service(service);
        health->changes = str_equal(service, STR("haihe.v1.RecordService"));
        if (!health->known && health->method->kind == METHOD_UNARY)
            read = error_set(error, ERROR_NOT_FOUND, "service '%.*s' is not served here",
                             STR_ARG(service));
    }
    arena_release(&arena);
    return read;
}

static void watch(struct health_call *health)
{
    struct server *server = health->server;
    health->watching = true;
    health->next = server->watchers;
    if (health->next)
        health->next->previous = health;
    server->watchers = health;
}

static void unwatch(struct health_call *health)
{
    if (!health->watching)
        return;
    if (health->previous)
        health->previous->next = health->next;
    else
        health->server->watchers = health->next;
    if (health->next)
        health->next->previous = health->previous;
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes, size_t size_bytes)
{
    struct health_call *health = context;
    struct error error;
    bool accepted;
    if (health->asked)
        accepted = error_set(&error, ERROR_INVALID_ARGUMENT, "a health call takes one message");
    else
        accepted =
            read_request(health, (struct str){(const char *)bytes, (uint32_t)size_bytes}, &error);
    health->asked = true;
    health->started_ns = clock_monotonic_ns();
    memory_free(bytes);
    rpc_call_consume(call, size_bytes);
    if (!accepted)
        refuse(health, &error);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct health_call *health = context;
    struct error error;
    if (!health->asked) {
        error_set(&error, ERROR_INVALID_ARGUMENT, "a health call takes one message, none came");
        refuse(health, &error);
    }
    if (health->finished)
        return;
    answer(health);
    if (health->finished)
        return;
    if (health->method->kind == METHOD_UNARY) {
        health->finished = true;
        rpc_call_finish(call, ERROR_OK, STR(""), STR(""));
    } else {
        watch(health);
    }
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    struct health_call *health = context;
    (void)call;
    server_call_ends(health->server, health->method, status->code);
    unwatch(health);
    memory_free(health);
}

static const struct rpc_call_events EVENTS = {
    .on_message = on_message,
    .on_half_close = on_half_close,
    .on_end = on_end,
};

void health_call_open(struct server *server, const struct method *method, struct rpc_call *call)
{
    struct health_call *health = memory_try_zeroed(1, sizeof *health);
    if (!health) {
        rpc_call_finish(call, ERROR_RESOURCE_EXHAUSTED, STR("no memory for this call"), STR(""));
        return;
    }
    health->server = server;
    health->method = method;
    health->call = call;
    server_call_begins(server, method);
    rpc_call_accept(call, &EVENTS, health);
}

void health_tell_watchers(struct server *server)
{
    for (struct health_call *health = server->watchers; health; health = health->next) {
        health->started_ns = clock_monotonic_ns();
        if (health->known && !health->finished)
            answer(health);
    }
}

void health_end_watches(struct server *server)
{
    struct error error;
    error_set(&error, ERROR_UNAVAILABLE, "the server is shutting down");
    for (struct health_call *health = server->watchers; health; health = health->next)
        refuse(health, &error);
}
