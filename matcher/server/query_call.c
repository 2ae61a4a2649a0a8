/* See query_call.h. */
#include "server/query_call.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "server/internal.h"
#include "wire/status_message.h"

#include "base/banned.h"

enum {
    /* The largest honest answer is a BatchGet of 1000 records of 20 KiB with what was made of
     * them. */
    RESPONSE_LIMIT_BYTES = 64 * 1024 * 1024,
    STATUS_LIMIT_BYTES = 8 * 1024,
};
/* A full query queue is some tenths of a second of work; clients add jitter of their own. */
#define PUSHBACK_MS STR("200")

/* A message that waits behind another one. */
struct waiting_message {
    struct waiting_message *next;
    uint8_t *bytes; /* owned */
    size_t size_bytes;
};

struct query_call {
    union {
        struct pool_node node; /* while in the pool */
        struct query_job job;  /* otherwise */
    };
    struct loop_task returned;
    struct server *server;
    const struct method *method;
    struct rpc_call *call; /* NULL after its end */
    struct waiting_message *first, *last;
    bool half_closed;
    bool finished;  /* we have said the last word */
    bool under_way; /* the job is the engine's, or on its way back */

    /* Of the present message. The worker's while under way. */
    uint8_t *request; /* owned; NULL: there is none */
    size_t request_bytes;
    int64_t started_ns;
    int64_t deadline_ns;    /* 0 = none */
    struct buffer response; /* the answer, or the status' details */
    struct error error;
    _Atomic bool cancelled; /* loop -> worker */
};

static struct query_call *of_job(struct query_job *job)
{
    return (struct query_call *)job; /* its first member */
}

/* --- The worker's part ---------------------------------------------------------------------- */

static bool is_wanted(struct query_call *query)
{
    if (atomic_load_explicit(&query->cancelled, memory_order_relaxed))
        return error_set(&query->error, ERROR_CANCELLED, "the call was cancelled");
    if (query->deadline_ns != 0 && clock_monotonic_ns() >= query->deadline_ns)
        return error_set(&query->error, ERROR_DEADLINE_EXCEEDED,
                         "the deadline passed before the search began");
    return true;
}

static void run(struct query_job *job, const struct engine_view *view)
{
    struct query_call *query = of_job(job);
    const struct question question = {
        .server = query->server,
        .view = view,
        .request = {(const char *)query->request, (uint32_t)query->request_bytes},
        .deadline_ns = query->deadline_ns,
        .cancelled = &query->cancelled,
    };
    buffer_init(&query->response, RESPONSE_LIMIT_BYTES);
    if (is_wanted(query) && query->method->answer(&question, &query->response, &query->error))
        return;
    buffer_release(&query->response);
    buffer_init(&query->response, STATUS_LIMIT_BYTES);
    if (!wire_write_status(&query->response, &query->error))
        buffer_clear(&query->response); /* code and text still go out */
}

static void done(struct query_job *job)
{
    loop_post(of_job(job)->server->loop, &of_job(job)->returned);
}

/* --- The loop's part ------------------------------------------------------------------------ */

static void release(struct query_call *query)
{
    memory_free(query->request);
    while (query->first) {
        struct waiting_message *message = query->first;
        query->first = message->next;
        memory_free(message->bytes);
        memory_free(message);
    }
    pool_give(&query->server->query_calls, query);
}

/* No effect after the last word. */
static void refuse(struct query_call *query, enum error_code code, const char *text)
{
    struct error error;
    if (query->finished)
        return;
    query->finished = true;
    error_set(&error, code, "%s", text);
    server_refuse(query->call, &error);
}

static void shed(struct query_call *query)
{
    counter_add(&query->server->calls_shed, 1);
    rpc_call_add_trailer(query->call, STR("grpc-retry-pushback-ms"), PUSHBACK_MS);
    refuse(query, ERROR_RESOURCE_EXHAUSTED, "the server is busy, try again");
}

/* There may be no records yet, nor ever. What asks about the daemon itself is answered. */
static bool is_answerable(struct query_call *query)
{
    struct error error;
    enum engine_state state = engine_state(query->server->engine, &error);
    if (state == ENGINE_READY || state == ENGINE_READ_ONLY || query->method->need == NEEDS_NOTHING)
        return true;
    refuse(query, ERROR_UNAVAILABLE, error.text);
    return false;
}

/* Gives the present message to the engine. */
static void submit(struct query_call *query)
{
    if (!is_answerable(query))
        return;
    int64_t deadline_ns = rpc_call_deadline_ns(query->call);
    query->deadline_ns = deadline_ns == INT64_MAX ? 0 : deadline_ns;
    query->error.code = ERROR_OK;
    struct server *server = query->server;
    if (!server_admits(server, server->question_bytes, query->request_bytes)) {
        shed(query);
        return;
    }
    query->under_way = true;
    server->question_bytes += query->request_bytes;
    server_job_leaves(server);
    if (query->method->need == NEEDS_TIME ? engine_submit_upkeep(server->engine, &query->job)
                                          : engine_submit_query(server->engine, &query->job))
        return;
    query->under_way = false;
    server->question_bytes -= query->request_bytes;
    server_job_returns(server);
    shed(query);
}

/* For streams: the next message in line, when the last has been answered and there is room for one
 * more answer. */
static void go_on(struct query_call *query)
{
    if (query->under_way || query->finished || rpc_call_room(query->call) == 0)
        return;
    struct waiting_message *message = query->first;
    if (message) {
        query->first = message->next;
        query->request = message->bytes;
        query->request_bytes = message->size_bytes;
        query->started_ns = clock_monotonic_ns();
        memory_free(message);
        submit(query);
    } else if (query->half_closed) {
        query->finished = true;
        rpc_call_finish(query->call, ERROR_OK, STR(""), STR(""));
    }
}

static void send_answer(struct query_call *query)
{
    size_t size_bytes = 0;
    if (query->error.code != ERROR_OK) {
        query->finished = true;
        rpc_call_fail(query->call, &query->error, buffer_borrow(&query->response));
        return;
    }
    char *bytes = buffer_detach(&query->response, &size_bytes);
    bool sent = bytes ? rpc_call_send(query->call, (uint8_t *)bytes, size_bytes)
                      : rpc_call_send_copy(query->call, "", 0); /* an empty message */
    query->finished = !sent || query->method->kind == METHOD_UNARY;
    if (sent && query->finished)
        rpc_call_finish(query->call, ERROR_OK, STR(""), STR(""));
}

static void on_returned(struct loop_task *task)
{
    struct query_call *query =
        (struct query_call *)((char *)task - offsetof(struct query_call, returned));
    struct server *server = query->server;
    query->under_way = false;
    server->question_bytes -= query->request_bytes;
    memory_free(query->request);
    query->request = NULL;
    if (query->call) {
        server_answered(server, query->method, query->started_ns);
        rpc_call_consume(query->call, query->request_bytes);
        send_answer(query);
    }
    buffer_release(&query->response);
    if (!query->call)
        release(query);
    else if (query->method->kind != METHOD_UNARY)
        go_on(query);
    server_job_returns(server);
}

/* --- Events of the call --------------------------------------------------------------------- */

static void drop_message(struct query_call *query, uint8_t *bytes, size_t size_bytes)
{
    memory_free(bytes);
    rpc_call_consume(query->call, size_bytes);
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes, size_t size_bytes)
{
    struct query_call *query = context;
    (void)call;
    if (query->method->kind == METHOD_UNARY) {
        if (query->request) {
            drop_message(query, bytes, size_bytes);
            refuse(query, ERROR_INVALID_ARGUMENT, "a unary call takes one message");
            return;
        }
        query->request = bytes;
        query->request_bytes = size_bytes;
        return;
    }
    struct waiting_message *message = memory_try(sizeof *message);
    if (!message) {
        drop_message(query, bytes, size_bytes);
        refuse(query, ERROR_RESOURCE_EXHAUSTED, "no memory for this message");
        return;
    }
    *message = (struct waiting_message){.bytes = bytes, .size_bytes = size_bytes};
    if (query->first)
        query->last->next = message;
    else
        query->first = message;
    query->last = message;
    go_on(query);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct query_call *query = context;
    (void)call;
    query->half_closed = true;
    if (query->method->kind != METHOD_UNARY) {
        go_on(query);
    } else if (!query->request) {
        refuse(query, ERROR_INVALID_ARGUMENT, "a unary call takes one message, none came");
    } else if (!query->finished) {
        query->started_ns = clock_monotonic_ns();
        submit(query);
    }
}

static void on_writable(struct rpc_call *call, void *context)
{
    struct query_call *query = context;
    (void)call;
    if (query->method->kind != METHOD_UNARY)
        go_on(query);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    struct query_call *query = context;
    (void)call;
    query->call = NULL;
    server_call_ends(query->server, query->method, status->code);
    if (query->under_way)
        atomic_store_explicit(&query->cancelled, true, memory_order_relaxed);
    else
        release(query);
}

static const struct rpc_call_events EVENTS = {
    .on_message = on_message,
    .on_half_close = on_half_close,
    .on_writable = on_writable,
    .on_end = on_end,
};

void query_call_open(struct server *server, const struct method *method, struct rpc_call *call)
{
    struct query_call *query = pool_take(&server->query_calls, sizeof *query);
    if (!query) {
        rpc_call_finish(call, ERROR_RESOURCE_EXHAUSTED, STR("no memory for this call"), STR(""));
        return;
    }
    query->job = (struct query_job){.run = run, .done = done};
    query->returned = (struct loop_task){.run = on_returned};
    query->server = server;
    query->method = method;
    query->call = call;
    query->first = query->last = NULL;
    query->half_closed = query->finished = query->under_way = false;
    query->request = NULL;
    atomic_store_explicit(&query->cancelled, false, memory_order_relaxed);
    server_call_begins(server, method);
    rpc_call_accept(call, &EVENTS, query);
}
