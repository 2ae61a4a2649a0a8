/* See fake.h. */
#include "fake.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "wire/json_message.h"
#include "wire/record_service_message.h"
#include "wire/status_message.h"

static void send_answer(struct fake *fake)
{
    struct buffer answer;
    struct error error;
    size_t index = fake->answers++;
    buffer_init(&answer, 65536);
    if (fake->due_has_bad[index]) {
        error_field(&error, "made_up", "upsert_vacancy.base_salary.min_amount", "1", "too little");
        wire_write_apply_error(&answer, index + 1, &error);
    } else {
        const struct str unknown = STR("socks");
        const struct str_list unresolved = {&unknown, 1};
        wire_write_applied(&answer, index + 1, index + 1, &unresolved);
    }
    rpc_call_send_copy(fake->call, answer.data, answer.length_bytes);
    buffer_release(&answer);
}

static void answer(struct fake *fake, bool all)
{
    size_t due = fake->changes - fake->answers;
    size_t group = fake->options.answer_group ? fake->options.answer_group : 1;
    fake->due_most = due > fake->due_most ? due : fake->due_most;
    if (fake->options.silent || (!all && due < group))
        return;
    while (fake->answers < fake->changes) {
        send_answer(fake);
        if (fake->answers == fake->options.answers_before_abort) {
            fake->options.silent = true;
            loop_post(fake->loop, &fake->abort_task);
            return;
        }
    }
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    struct fake *fake = context;
    struct arena arena;
    struct error error;
    arena_init(&arena, 1 << 20);
    json_t *request = wire_json_decode("haihe.v1.ApplyRequest",
                                       (struct str){(const char *)bytes_take, (uint32_t)size_bytes},
                                       false, &arena, &error);
    const json_t *key = json_object_get(json_object_get(request, "upsert_vacancy"), "key");
    const char *id = json_string_value(json_object_get(key, "id"));
    fake->due_has_bad[fake->changes] = id && strncmp(id, "bad", 3) == 0;
    fake->changes++;
    fake->request_ids_right &=
        json_integer_value(json_object_get(request, "request_id")) == (json_int_t)fake->changes;
    json_decref(request);
    arena_release(&arena);
    memory_free(bytes_take);
    rpc_call_consume(call, size_bytes);
    if (fake->options.on_change)
        fake->options.on_change(fake->options.context, fake->changes);
    answer(fake, false);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct fake *fake = context;
    answer(fake, true);
    if (!fake->options.silent && fake->answers == fake->changes)
        rpc_call_finish(call, ERROR_OK, STR(""), STR(""));
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)status;
    struct fake *fake = context;
    fake->call = NULL;
    rpc_call_unref(call);
}

static void on_call(void *context, struct rpc_call *call)
{
    static const struct rpc_call_events events = {
        .on_message = on_message, .on_half_close = on_half_close, .on_end = on_end};
    struct fake *fake = context;
    if (str_equal(rpc_call_path(call), STR("/haihe.v1.RecordService/Apply"))) {
        fake->call = rpc_call_ref(call);
        rpc_call_accept(call, &events, fake);
        return;
    }
    if (fake->options.silent) {
        static const struct rpc_call_events none = {.on_end = NULL};
        rpc_call_accept(call, &none, NULL);
        return;
    }
    struct error error;
    struct buffer details;
    buffer_init(&details, 65536);
    error_field(&error, "made_up", "key.id", "7", "no such thing");
    wire_write_status(&details, &error);
    rpc_call_fail(call, &error, buffer_borrow(&details));
    buffer_release(&details);
}

static void abort_connections(struct loop_task *task)
{
    struct fake *fake = (struct fake *)((char *)task - offsetof(struct fake, abort_task));
    rpc_listener_abort(fake->listener);
}

static void stop_loop(struct loop_task *task)
{
    struct fake *fake = (struct fake *)((char *)task - offsetof(struct fake, stop_task));
    loop_stop(fake->loop);
}

static void *run(void *argument)
{
    struct fake *fake = argument;
    loop_run(fake->loop);
    return NULL;
}

struct fake *fake_start(const struct fake_options *options)
{
    struct error error;
    struct fake *fake = memory_must_zeroed(1, sizeof(*fake));
    fake->options = *options;
    fake->request_ids_right = true;
    fake->stop_task.run = stop_loop;
    fake->abort_task.run = abort_connections;
    fake->loop = loop_new(&error);
    const struct rpc_listener_options listener = {
        .address = "127.0.0.1:0", .on_call = on_call, .context = fake};
    fake->listener = fake->loop ? rpc_listener_new(fake->loop, &listener, &error) : NULL;
    cr_assert_not_null(fake->listener, "%s", error.text);
    snprintf(fake->address, sizeof(fake->address), "127.0.0.1:%u",
             rpc_listener_port(fake->listener));
    cr_assert_eq(pthread_create(&fake->thread, NULL, run, fake), 0);
    return fake;
}

void fake_stop(struct fake *fake)
{
    loop_post(fake->loop, &fake->stop_task);
    pthread_join(fake->thread, NULL);
}

void fake_free(struct fake *fake)
{
    rpc_listener_abort(fake->listener);
    rpc_listener_free(fake->listener);
    loop_free(fake->loop);
    memory_free(fake);
}
