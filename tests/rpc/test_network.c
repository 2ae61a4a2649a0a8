/* Listener and channel over loopback, replies from another thread included. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/queue.h"
#include "rpc/channel.h"
#include "rpc/listener.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(network, .init = limit_time);

enum { CALL_COUNT = 2000, IN_FLIGHT = 50 };

/* --- A server that answers from a worker thread --------------------------------------------- */

struct scene {
    struct loop *loop;
    struct rpc_listener *listener;
    struct rpc_channel *channel;
    struct queue *jobs;
    pthread_t worker;
    char address[32];
    uint32_t to_start; /* calls the client has yet to start */
    uint32_t open;     /* calls of the client that have not ended */
    uint32_t ok_count;
    uint32_t answered_count;
    enum error_code last_code;
    char last_text[200];
    bool is_drained;
    bool is_channel_closed;
    bool holds_replies; /* the worker is not asked; `held` keeps the calls */
    struct rpc_call *held[IN_FLIGHT];
    uint32_t held_count;
};

struct job {
    struct loop_task task; /* first */
    struct scene *scene;
    struct rpc_call *call; /* a reference */
    uint8_t *request;
    size_t request_bytes;
};

static void reply(struct loop_task *task)
{
    struct job *job = (struct job *)task;
    rpc_call_send(job->call, job->request, job->request_bytes);
    rpc_call_finish(job->call, ERROR_OK, STR(""), STR(""));
    rpc_call_unref(job->call);
    job->scene->answered_count++;
    memory_free(job);
}

static void *work(void *context)
{
    struct scene *scene = context;
    for (;;) {
        struct job *job = queue_pop(scene->jobs);
        if (!job)
            return NULL;
        job->task.run = reply;
        if (!rpc_call_is_over(job->call)) {
            for (size_t i = 0; i < job->request_bytes; i++)
                job->request[i] ^= 0xff;
        }
        loop_post(scene->loop, &job->task);
    }
}

static void on_request(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    struct scene *scene = context;
    rpc_call_consume(call, size_bytes);
    if (scene->holds_replies) {
        memory_free(bytes_take);
        cr_assert_lt(scene->held_count, IN_FLIGHT);
        scene->held[scene->held_count++] = rpc_call_ref(call);
        loop_stop(scene->loop);
        return;
    }
    struct job *job = memory_must_zeroed(1, sizeof *job);
    *job = (struct job){{NULL, NULL}, scene, rpc_call_ref(call), bytes_take, size_bytes};
    cr_assert(queue_try_push(scene->jobs, job));
}

static const struct rpc_call_events SERVER_EVENTS = {.on_message = on_request};

static void on_call(void *context, struct rpc_call *call)
{
    rpc_call_accept(call, &SERVER_EVENTS, context);
}

static void on_drained(void *context)
{
    struct scene *scene = context;
    scene->is_drained = true;
    loop_stop(scene->loop);
}

/* --- A client ------------------------------------------------------------------------------- */

static void start_call(struct scene *scene, int64_t deadline_ns);

static void on_answer(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    (void)context;
    cr_assert_eq(size_bytes, 5);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(bytes_take[i], (uint8_t)("hello"[i] ^ 0xff));
    memory_free(bytes_take);
    rpc_call_consume(call, size_bytes);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)call;
    struct scene *scene = context;
    scene->open--;
    scene->ok_count += status->code == ERROR_OK;
    scene->last_code = status->code;
    snprintf(scene->last_text, sizeof scene->last_text, "%.*s", STR_ARG(status->message));
    if (scene->to_start > 0)
        start_call(scene, 0);
    else if (scene->open == 0)
        loop_stop(scene->loop);
}

static const struct rpc_call_events CLIENT_EVENTS = {.on_message = on_answer, .on_end = on_end};

static void start_call(struct scene *scene, int64_t deadline_ns)
{
    const struct rpc_request request = {.path = STR("/a.B/C"), .deadline_ns = deadline_ns};
    struct error error = {0};
    struct rpc_call *call =
        rpc_channel_start(scene->channel, &request, &CLIENT_EVENTS, scene, &error);
    cr_assert(call, "%s", error.text);
    scene->open++;
    scene->to_start -= scene->to_start > 0;
    cr_assert(rpc_call_send_copy(call, "hello", 5));
    rpc_call_half_close(call);
}

static void on_channel_close(void *context, const struct error *reason)
{
    struct scene *scene = context;
    scene->is_channel_closed = true;
    cr_assert_eq(reason->code, ERROR_OK, "%s", reason->text);
    if (scene->open == 0)
        loop_stop(scene->loop);
}

static void scene_init(struct scene *scene, const struct rpc_limits *limits)
{
    *scene = (struct scene){.loop = loop_new(NULL), .jobs = queue_new(1024)};
    struct error error = {0};
    const struct rpc_listener_options options = {
        .address = "127.0.0.1:0", .limits = limits, .on_call = on_call, .context = scene};
    scene->listener = rpc_listener_new(scene->loop, &options, &error);
    cr_assert(scene->listener, "%s", error.text);
    snprintf(scene->address, sizeof scene->address, "127.0.0.1:%u",
             rpc_listener_port(scene->listener));
    const struct rpc_channel_options channel = {
        .address = scene->address, .on_close = on_channel_close, .context = scene};
    scene->channel = rpc_channel_open(scene->loop, &channel, &error);
    cr_assert(scene->channel, "%s", error.text);
    pthread_create(&scene->worker, NULL, work, scene);
}

static void scene_release(struct scene *scene)
{
    rpc_channel_free(scene->channel);
    rpc_listener_free(scene->listener);
    queue_close(scene->jobs);
    pthread_join(scene->worker, NULL);
    loop_free(scene->loop); /* runs what the worker still posted */
    queue_free(scene->jobs);
    for (uint32_t i = 0; i < scene->held_count; i++)
        rpc_call_unref(scene->held[i]);
}

Test(network, replies_computed_by_another_thread_arrive)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.to_start = CALL_COUNT;
    for (int i = 0; i < IN_FLIGHT; i++)
        start_call(&scene, 0);
    loop_run(scene.loop);
    cr_assert_eq(scene.ok_count, CALL_COUNT);
    cr_assert_eq(scene.answered_count, CALL_COUNT);
    struct rpc_listener_counts counts = rpc_listener_count(scene.listener);
    cr_assert_eq(counts.connections, 1);
    cr_assert_eq(counts.accepted, 1);
    cr_assert_eq(counts.calls, 0);
    cr_assert_eq(counts.protocol_errors, 0);
    scene_release(&scene);
}

Test(network, a_client_that_vanishes_costs_nothing_but_its_replies)
{
    struct scene scene;
    scene_init(&scene, NULL);
    for (int i = 0; i < IN_FLIGHT; i++)
        start_call(&scene, 0);
    scene.to_start = 1;
    while (scene.answered_count == 0) {
        /* One answer is under way, the others are with the worker or the loop. */
        start_call(&scene, 0);
        loop_run(scene.loop);
    }
    rpc_channel_free(scene.channel);
    scene.channel = NULL;
    cr_assert_eq(scene.open, 0);
    scene_release(&scene);
    cr_assert_geq(scene.answered_count, 1);
}

Test(network, deadlines_pass_although_nothing_moves)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.holds_replies = true;
    int64_t deadline_ns = clock_monotonic_ns() + 20 * 1000000;
    start_call(&scene, deadline_ns);
    loop_run(scene.loop); /* until the server has the call */
    cr_assert_eq(scene.held_count, 1);
    loop_run(scene.loop); /* until it has ended */
    cr_assert_eq(scene.last_code, ERROR_DEADLINE_EXCEEDED);
    cr_assert_geq(clock_monotonic_ns(), deadline_ns);
    cr_assert_not(scene.is_channel_closed);
    scene_release(&scene);
}

Test(network, drains_when_the_last_call_has_ended)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.holds_replies = true;
    start_call(&scene, 0);
    loop_run(scene.loop);
    rpc_listener_drain_notice(scene.listener);
    rpc_listener_drain(scene.listener, on_drained, &scene);
    cr_assert_not(scene.is_drained);
    rpc_call_finish(scene.held[0], ERROR_NOT_FOUND, STR("gone"), STR(""));
    while (!scene.is_drained || !scene.is_channel_closed)
        loop_run(scene.loop);
    cr_assert_eq(scene.last_code, ERROR_NOT_FOUND);
    cr_assert_eq(rpc_listener_count(scene.listener).connections, 0);
    cr_assert_eq(rpc_listener_count(scene.listener).accepted, 1);
    scene_release(&scene);
}

Test(network, draining_an_unused_listener_is_reported_from_the_loop)
{
    struct scene scene;
    scene_init(&scene, NULL);
    rpc_channel_free(scene.channel);
    scene.channel = NULL;
    rpc_listener_drain(scene.listener, on_drained, &scene);
    cr_assert_not(scene.is_drained);
    loop_run(scene.loop);
    cr_assert(scene.is_drained);
    scene_release(&scene);
}

Test(network, aborting_cancels_what_is_left)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.holds_replies = true;
    start_call(&scene, 0);
    loop_run(scene.loop);
    rpc_listener_drain(scene.listener, on_drained, &scene);
    rpc_listener_abort(scene.listener);
    while (!scene.is_drained || scene.open > 0)
        loop_run(scene.loop);
    cr_assert(rpc_call_is_over(scene.held[0]));
    cr_assert_eq(scene.last_code, ERROR_UNAVAILABLE);
    scene_release(&scene);
}

static void on_refused(void *context, const struct error *reason)
{
    struct scene *scene = context;
    cr_assert_eq(scene->open, 0, "the calls end first");
    cr_assert_eq(reason->code, ERROR_UNAVAILABLE);
    scene->is_channel_closed = true;
    loop_stop(scene->loop);
}

Test(network, calls_on_a_refused_connection_end_as_unavailable)
{
    struct scene scene;
    scene_init(&scene, NULL);
    rpc_channel_free(scene.channel);
    rpc_listener_drain(scene.listener, on_drained, &scene);
    while (!scene.is_drained)
        loop_run(scene.loop);
    const struct rpc_channel_options options = {
        .address = scene.address, .on_close = on_refused, .context = &scene};
    scene.channel = rpc_channel_open(scene.loop, &options, NULL);
    start_call(&scene, 0);
    start_call(&scene, 0);
    while (!scene.is_channel_closed)
        loop_run(scene.loop);
    cr_assert_eq(scene.last_code, ERROR_UNAVAILABLE);
    cr_assert(strstr(scene.last_text, "refused"), "%s", scene.last_text);
    const struct rpc_request request = {.path = STR("/a.B/C")};
    struct error error = {0};
    cr_assert_null(rpc_channel_start(scene.channel, &request, &CLIENT_EVENTS, &scene, &error));
    cr_assert_eq(error.code, ERROR_UNAVAILABLE);
    scene_release(&scene);
}
