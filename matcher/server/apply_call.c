/* See apply_call.h. */
#include "server/apply_call.h"

#include "base/memory.h"
#include "server/internal.h"

#include "base/banned.h"

/* Two groups of the writer's from one call: one gathers while the other is made durable. With
 * little more than one, each full group is followed by a small rest, at the price of a third. */
enum { CHANGES_UNDER_WAY = 2048 };

struct apply_change {
    union {
        struct pool_node node; /* while in the pool */
        struct change_job job; /* otherwise */
    };
    struct loop_task returned;
    struct apply_call *apply;
    struct apply_change *next; /* in one of the call's lists */
    uint8_t *request;          /* owned */
    size_t request_bytes;
    int64_t started_ns;
};

struct change_list {
    struct apply_change *first, *last;
};

struct apply_call {
    struct server *server;
    const struct method *method;
    struct rpc_call *call; /* NULL after its end */
    struct change_list waiting, answered;
    uint32_t with_writer_count;
    uint32_t answered_count;
    bool half_closed;
    bool finished; /* we have said the last word */
    bool stalled;  /* in the server's list */
    struct apply_call *next_stalled;
};

static struct apply_change *of_job(struct change_job *job)
{
    return (struct apply_change *)job; /* its first member */
}

static void list_append(struct change_list *list, struct apply_change *change)
{
    change->next = NULL;
    if (list->first)
        list->last->next = change;
    else
        list->first = change;
    list->last = change;
}

static struct apply_change *list_take(struct change_list *list)
{
    struct apply_change *change = list->first;
    if (change)
        list->first = change->next;
    return change;
}

static void change_free(struct apply_change *change)
{
    memory_free(change->request);
    memory_free(change->job.response);
    pool_give(&change->apply->server->apply_changes, change);
}

/* --- Waiting for room in the writer's queue ------------------------------------------------- */

static void stall(struct apply_call *apply)
{
    struct server *server = apply->server;
    if (apply->stalled)
        return;
    apply->stalled = true;
    apply->next_stalled = NULL;
    if (server->stalled_first)
        server->stalled_last->next_stalled = apply;
    else
        server->stalled_first = apply;
    server->stalled_last = apply;
}

static struct apply_call *take_stalled(struct server *server)
{
    struct apply_call *apply = server->stalled_first;
    if (apply) {
        server->stalled_first = apply->next_stalled;
        apply->stalled = false;
    }
    return apply;
}

/* A call that has ended and has nothing with the writer is freed when it leaves the list. */
static void free_if_over(struct apply_call *apply)
{
    if (!apply->call && apply->with_writer_count == 0 && !apply->stalled)
        memory_free(apply);
}

/* --- Moving on ------------------------------------------------------------------------------ */

static void finish(struct apply_call *apply, enum error_code code, const char *text)
{
    struct error error;
    if (apply->finished)
        return;
    apply->finished = true;
    if (code == ERROR_OK) {
        rpc_call_finish(apply->call, ERROR_OK, STR(""), STR(""));
        return;
    }
    error_set(&error, code, "%s", text);
    server_refuse(apply->call, &error);
}

static void send_answers(struct apply_call *apply)
{
    while (apply->answered.first && rpc_call_room(apply->call) > 0) {
        struct apply_change *change = list_take(&apply->answered);
        apply->answered_count--;
        server_answered(apply->server, apply->method, change->started_ns);
        rpc_call_consume(apply->call, change->request_bytes);
        uint8_t *response = (uint8_t *)change->job.response;
        size_t response_bytes = change->job.response_bytes;
        change->job.response = NULL;
        change_free(change);
        if (!response)
            finish(apply, ERROR_RESOURCE_EXHAUSTED, "no memory to acknowledge a change");
        else if (!rpc_call_send(apply->call, response, response_bytes))
            apply->finished = true;
    }
}

static void submit_changes(struct apply_call *apply)
{
    struct server *server = apply->server;
    while (apply->waiting.first &&
           apply->with_writer_count + apply->answered_count < CHANGES_UNDER_WAY) {
        struct apply_change *change = apply->waiting.first;
        size_t request_bytes = change->request_bytes;
        if (!server_admits(server, server->change_bytes, request_bytes)) {
            stall(apply);
            return;
        }
        server_job_leaves(server);
        apply->with_writer_count++;
        struct apply_change *next = change->next; /* after the push it is the writer's */
        if (!engine_submit_change(server->engine, &change->job)) {
            apply->with_writer_count--;
            server_job_returns(server);
            stall(apply);
            return;
        }
        server->change_bytes += request_bytes;
        apply->waiting.first = next;
    }
}

static void go_on(struct apply_call *apply)
{
    if (!apply->call || apply->finished)
        return;
    send_answers(apply);
    if (apply->finished)
        return;
    submit_changes(apply);
    if (apply->half_closed && !apply->waiting.first && !apply->answered.first &&
        apply->with_writer_count == 0)
        finish(apply, ERROR_OK, "");
}

/* A change has left the queue, so those that wait may try, until one finds it full again. Only
 * changes of this server fill the queue: while a call is stalled there is always one that will
 * return. */
static void revive_stalled(struct server *server)
{
    struct apply_call *apply;
    bool full = false;
    while (!full && (apply = take_stalled(server))) {
        go_on(apply);
        full = apply->stalled;
        free_if_over(apply);
    }
}

static void done(struct change_job *job)
{
    loop_post(of_job(job)->apply->server->loop, &of_job(job)->returned);
}

static void on_returned(struct loop_task *task)
{
    struct apply_change *change =
        (struct apply_change *)((char *)task - offsetof(struct apply_change, returned));
    struct apply_call *apply = change->apply;
    struct server *server = apply->server;
    apply->with_writer_count--;
    server->change_bytes -= change->request_bytes;
    if (apply->call) {
        list_append(&apply->answered, change);
        apply->answered_count++;
        go_on(apply);
    } else {
        change_free(change);
        free_if_over(apply);
    }
    revive_stalled(server);
    server_job_returns(server);
}

/* --- Events of the call --------------------------------------------------------------------- */

/* There may be no records yet, nor ever. */
static void refuse_unless_started(struct apply_call *apply)
{
    struct error error;
    enum engine_state state = engine_state(apply->server->engine, &error);
    if (state == ENGINE_STARTING || state == ENGINE_FAILED)
        finish(apply, ERROR_UNAVAILABLE, error.text);
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes, size_t size_bytes)
{
    struct apply_call *apply = context;
    struct server *server = apply->server;
    refuse_unless_started(apply);
    struct apply_change *change =
        apply->finished ? NULL : pool_take(&server->apply_changes, sizeof *change);
    if (!change) {
        memory_free(bytes);
        rpc_call_consume(call, size_bytes);
        finish(apply, ERROR_RESOURCE_EXHAUSTED, "no memory for this change");
        return;
    }
    change->job =
        (struct change_job){.request = {(const char *)bytes, (uint32_t)size_bytes}, .done = done};
    change->returned = (struct loop_task){.run = on_returned};
    change->apply = apply;
    change->request = bytes;
    change->request_bytes = size_bytes;
    change->started_ns = clock_monotonic_ns();
    list_append(&apply->waiting, change);
    if (!apply->stalled)
        go_on(apply);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct apply_call *apply = context;
    (void)call;
    apply->half_closed = true;
    go_on(apply);
}

static void on_writable(struct rpc_call *call, void *context)
{
    (void)call;
    go_on(context);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    struct apply_call *apply = context;
    struct apply_change *change;
    (void)call;
    apply->call = NULL;
    server_call_ends(apply->server, apply->method, status->code);
    while ((change = list_take(&apply->waiting)))
        change_free(change);
    while ((change = list_take(&apply->answered)))
        change_free(change);
    free_if_over(apply);
}

static const struct rpc_call_events EVENTS = {
    .on_message = on_message,
    .on_half_close = on_half_close,
    .on_writable = on_writable,
    .on_end = on_end,
};

void apply_call_open(struct server *server, const struct method *method, struct rpc_call *call)
{
    struct apply_call *apply = memory_try_zeroed(1, sizeof *apply);
    if (!apply) {
        rpc_call_finish(call, ERROR_RESOURCE_EXHAUSTED, STR("no memory for this call"), STR(""));
        return;
    }
    apply->server = server;
    apply->method = method;
    apply->call = call;
    server_call_begins(server, method);
    rpc_call_accept(call, &EVENTS, apply);
}
