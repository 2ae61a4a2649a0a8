#include "server/rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define SECOND_NS INT64_C(1000000000)

/* --- The rig -------------------------------------------------------------------------------- */

void rig_init(struct rig *rig, const struct rig_options *given)
{
    struct error error = {0};
    struct rig_options options = given ? *given : (struct rig_options){0};
    *rig = (struct rig){.client_limits = rpc_limits_default()};
    world_init(&rig->world, &options.engine);
    rig->loop = loop_new(&error);
    cr_assert(rig->loop, "%s", error.text);
    const struct server_options server = {
        .loop = rig->loop,
        .engine = rig->world.engine,
        .version = "test",
        .address = "127.0.0.1:0",
        .drain_notice_ns = SECOND_NS / 1000,
        .drain_ns = options.drain_ns ? options.drain_ns : 10 * SECOND_NS,
        .queue_bytes = options.queue_bytes,
    };
    rig->server = server_new(&server, &error);
    cr_assert(rig->server, "%s", error.text);
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", server_port(rig->server));
    if (options.client_window_bytes) {
        rig->client_limits.call_window_bytes = options.client_window_bytes;
        rig->client_limits.connection_window_bytes = 4 * options.client_window_bytes;
    }
    const struct rpc_channel_options channel = {.address = address, .limits = &rig->client_limits};
    rig->channel = rpc_channel_open(rig->loop, &channel, &error);
    cr_assert(rig->channel, "%s", error.text);
}

void rig_wait(struct rig *rig, bool (*done)(void *context), void *context)
{
    while (!done(context))
        loop_run(rig->loop); /* every event that may matter stops it */
}

static bool is_set(void *flag)
{
    return *(const bool *)flag;
}

void rig_wait_flag(struct rig *rig, const bool *flag)
{
    rig_wait(rig, is_set, (void *)flag);
}

static void on_drained(void *context)
{
    struct rig *rig = context;
    rig->drained = true;
    loop_stop(rig->loop);
}

void rig_drain(struct rig *rig)
{
    server_drain(rig->server, on_drained, rig);
}

void rig_release(struct rig *rig)
{
    rpc_channel_free(rig->channel);
    rig_drain(rig);
    rig_wait_flag(rig, &rig->drained);
    server_free(rig->server);
    engine_free(rig->world.engine);
    rig->world.engine = NULL;
    loop_free(rig->loop);
    world_release(&rig->world);
}

void rig_round_trip(struct rig *rig)
{
    struct call call;
    call_unary(rig, &call, "grpc.health.v1.Health/Check", "grpc.health.v1.HealthCheckResponse",
               world_encode("grpc.health.v1.HealthCheckRequest", "{}"));
    cr_assert_eq(call.code, ERROR_OK, "%s", call.message);
    call_release(&call);
}

void rig_put(struct rig *rig, struct bytes request)
{
    world_must_apply(&rig->world, request);
}

/* --- Calls ---------------------------------------------------------------------------------- */

static void on_message(struct rpc_call *rpc, void *context, uint8_t *bytes, size_t size_bytes)
{
    struct call *call = context;
    if (call->holds) {
        call->held_bytes += size_bytes;
        call->held_count++;
    } else {
        rpc_call_consume(rpc, size_bytes);
    }
    json_array_append_new(call->answers, world_decode(call->answer, bytes, size_bytes));
    memory_free(bytes);
    loop_stop(call->rig->loop);
}

static void send_more(struct call *call)
{
    while (call->more_count > 0 && rpc_call_room(call->rpc) > 0) {
        call->more_count--;
        cr_assert(rpc_call_send_copy(call->rpc, call->more.data, call->more.size_bytes));
        if (call->more_count == 0)
            rpc_call_half_close(call->rpc);
    }
}

static void on_writable(struct rpc_call *rpc, void *context)
{
    (void)rpc;
    send_more(context);
}

static void on_end(struct rpc_call *rpc, void *context, const struct rpc_status *status)
{
    struct call *call = context;
    struct str pushback;
    if (rpc_call_metadata(rpc, STR("grpc-retry-pushback-ms"), &pushback))
        snprintf(call->pushback, sizeof call->pushback, "%.*s", STR_ARG(pushback));
    call->ended = true;
    call->rpc = NULL;
    call->code = status->code;
    snprintf(call->message, sizeof call->message, "%.*s", STR_ARG(status->message));
    if (status->details.length > 0)
        call->status =
            world_decode("google.rpc.Status", status->details.data, status->details.length);
    loop_stop(call->rig->loop);
}

static const struct rpc_call_events EVENTS = {
    .on_message = on_message, .on_writable = on_writable, .on_end = on_end};

void call_start(struct rig *rig, struct call *call, const char *method, const char *answer,
                int64_t deadline_ms)
{
    struct error error = {0};
    char path[128];
    *call = (struct call){.rig = rig, .answer = answer, .answers = json_array()};
    snprintf(path, sizeof path, "/%s", method);
    const struct rpc_request request = {
        .path = str_of(path),
        .deadline_ns = deadline_ms ? clock_monotonic_ns() + deadline_ms * 1000000 : 0};
    call->rpc = rpc_channel_start(rig->channel, &request, &EVENTS, call, &error);
    cr_assert(call->rpc, "%s", error.text);
}

void call_send(struct call *call, struct bytes request)
{
    cr_assert(rpc_call_send_copy(call->rpc, request.data, request.size_bytes));
    free(request.data);
}

void call_half_close(struct call *call)
{
    rpc_call_half_close(call->rpc);
}

void call_let_go(struct call *call)
{
    call->holds = false;
    for (; call->held_count > 0; call->held_count--) {
        size_t size_bytes = call->held_bytes / call->held_count;
        call->held_bytes -= size_bytes;
        rpc_call_consume(call->rpc, size_bytes);
    }
}

void call_wait_end(struct call *call)
{
    rig_wait_flag(call->rig, &call->ended);
}

struct wanted {
    struct call *call;
    size_t count;
};

static bool has_answers(void *context)
{
    const struct wanted *wanted = context;
    return wanted->call->ended || json_array_size(wanted->call->answers) >= wanted->count;
}

void call_wait_answers(struct call *call, size_t count)
{
    struct wanted wanted = {call, count};
    rig_wait(call->rig, has_answers, &wanted);
    cr_assert_geq(json_array_size(call->answers), count, "ended with %d: %s", (int)call->code,
                  call->message);
}

void call_release(struct call *call)
{
    cr_assert(call->ended);
    json_decref(call->answers);
    json_decref(call->status);
}

void call_ask(struct rig *rig, struct call *call, const char *method, const char *answer,
              int64_t deadline_ms, struct bytes request)
{
    call_start(rig, call, method, answer, deadline_ms);
    call_send(call, request);
    call_half_close(call);
}

void call_unary(struct rig *rig, struct call *call, const char *method, const char *answer,
                struct bytes request)
{
    call_ask(rig, call, method, answer, 0, request);
    call_wait_end(call);
}

json_t *call_answer(struct call *call)
{
    cr_assert(call->ended);
    cr_assert_eq(call->code, ERROR_OK, "%s", call->message);
    cr_assert_geq(json_array_size(call->answers), 1);
    return json_array_get(call->answers, 0);
}

/* --- Holding threads ------------------------------------------------------------------------ */

static void hold_worker(struct query_job *job, const struct engine_view *view)
{
    struct held_worker *held = (struct held_worker *)job;
    (void)view;
    sem_post(&held->inside);
    while (sem_wait(&held->go_on) != 0)
        ;
}

static void worker_done(struct query_job *job)
{
    (void)job;
}

void worker_hold(struct rig *rig, struct held_worker *held)
{
    held->job = (struct query_job){.run = hold_worker, .done = worker_done};
    sem_init(&held->inside, 0, 0);
    sem_init(&held->go_on, 0, 0);
    cr_assert(engine_submit_query(rig->world.engine, &held->job));
    while (sem_wait(&held->inside) != 0)
        ;
}

void worker_let_go(struct held_worker *held)
{
    sem_post(&held->go_on);
}

static void hold_writer(struct change_job *job)
{
    struct held_writer *held = (struct held_writer *)job;
    memory_free(job->response);
    free(held->request.data);
    sem_post(&held->inside);
    while (sem_wait(&held->go_on) != 0)
        ;
}

void writer_hold(struct rig *rig, struct held_writer *held)
{
    held->request = world_delete(RECORD_VACANCY, "nobody");
    held->job = (struct change_job){
        .request = {held->request.data, (uint32_t)held->request.size_bytes}, .done = hold_writer};
    sem_init(&held->inside, 0, 0);
    sem_init(&held->go_on, 0, 0);
    cr_assert(engine_submit_change(rig->world.engine, &held->job));
    while (sem_wait(&held->inside) != 0)
        ;
}

void writer_let_go(struct held_writer *held)
{
    sem_post(&held->go_on);
}

struct bytes request_padded(struct bytes request, size_t size_bytes)
{
    cr_assert_lt(size_bytes, 1u << 21);
    char *data = realloc(request.data, request.size_bytes + 5 + size_bytes);
    cr_assert(data);
    const char head[5] = {(char)0xa2, 0x06, (char)(size_bytes | 0x80),
                          (char)(size_bytes >> 7 | 0x80), (char)(size_bytes >> 14)}; /* field 100 */
    memcpy(data + request.size_bytes, head, sizeof head);
    memset(data + request.size_bytes + sizeof head, 'x', size_bytes);
    return (struct bytes){data, request.size_bytes + sizeof head + size_bytes};
}
