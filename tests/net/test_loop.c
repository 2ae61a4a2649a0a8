#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/loop.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(loop, .init = limit_time);

enum { POSTER_COUNT = 4, TASKS_PER_POSTER = 5000 };

struct numbered_task {
    struct loop_task task; /* first: a pointer to it is one to the whole */
    struct poster *poster;
    int number;
};

struct poster {
    struct loop *loop;
    struct numbered_task *tasks;
    int next_number; /* touched on the loop's thread only */
    int *run_count;
    pthread_t thread;
};

static void run_numbered(struct loop_task *task)
{
    struct numbered_task *numbered = (struct numbered_task *)task;
    struct poster *poster = numbered->poster;
    cr_assert_eq(numbered->number, poster->next_number);
    poster->next_number++;
    if (++*poster->run_count == POSTER_COUNT * TASKS_PER_POSTER)
        loop_stop(poster->loop);
}

static void *post_all(void *context)
{
    struct poster *poster = context;
    for (int i = 0; i < TASKS_PER_POSTER; i++) {
        poster->tasks[i] = (struct numbered_task){{NULL, run_numbered}, poster, i};
        loop_post(poster->loop, &poster->tasks[i].task);
    }
    return NULL;
}

Test(loop, runs_every_posted_task_in_each_thread_s_order)
{
    struct loop *loop = loop_new(NULL);
    struct poster posters[POSTER_COUNT];
    int run_count = 0;
    for (int i = 0; i < POSTER_COUNT; i++) {
        posters[i] = (struct poster){
            .loop = loop,
            .tasks = memory_must_zeroed(TASKS_PER_POSTER, sizeof(struct numbered_task)),
            .run_count = &run_count};
        pthread_create(&posters[i].thread, NULL, post_all, &posters[i]);
    }
    loop_run(loop);
    cr_assert_eq(run_count, POSTER_COUNT * TASKS_PER_POSTER);
    for (int i = 0; i < POSTER_COUNT; i++) {
        pthread_join(posters[i].thread, NULL);
        memory_free(posters[i].tasks);
    }
    loop_free(loop);
}

struct again {
    struct loop_task task;
    struct loop *loop;
    int run_count;
};

static void run_again(struct loop_task *task)
{
    struct again *again = (struct again *)task;
    if (++again->run_count < 10)
        loop_post(again->loop, task);
    else
        loop_stop(again->loop);
}

Test(loop, lets_a_task_post_itself_again)
{
    struct again again = {.task.run = run_again, .loop = loop_new(NULL)};
    loop_post(again.loop, &again.task);
    loop_run(again.loop);
    cr_assert_eq(again.run_count, 10);
    loop_free(again.loop);
}

static void count_run(struct loop_task *task)
{
    ((struct again *)task)->run_count++;
}

Test(loop, runs_what_is_still_posted_when_it_is_freed)
{
    struct again again = {.task.run = count_run, .loop = loop_new(NULL)};
    loop_post(again.loop, &again.task);
    loop_free(again.loop);
    cr_assert_eq(again.run_count, 1);
}

Test(loop, runs_what_is_posted_before_the_tasks_owner_goes)
{
    struct again again = {.task.run = count_run, .loop = loop_new(NULL)};
    loop_post(again.loop, &again.task);
    loop_run_posted(again.loop);
    cr_assert_eq(again.run_count, 1);
    again.task = (struct loop_task){0}; /* as if freed: nothing may look at it any more */
    loop_free(again.loop);
    cr_assert_eq(again.run_count, 1);
}

struct timers {
    struct loop *loop;
    struct loop_timer *timer;
    int64_t deadline_ns;
    int fire_count;
};

static void on_fire(void *context)
{
    struct timers *timers = context;
    cr_assert_geq(clock_monotonic_ns(), timers->deadline_ns);
    if (++timers->fire_count == 3) {
        loop_timer_free(timers->timer);
        loop_stop(timers->loop);
        return;
    }
    timers->deadline_ns = clock_monotonic_ns() + 2000000;
    loop_timer_set(timers->timer, timers->deadline_ns);
}

static void never(void *context)
{
    (void)context;
    cr_assert_fail("a timer that was unset has fired");
}

Test(loop, fires_timers_not_before_their_deadline)
{
    struct timers timers = {.loop = loop_new(NULL)};
    timers.timer = loop_timer_new(timers.loop, on_fire, &timers);
    struct loop_timer *unset = loop_timer_new(timers.loop, never, NULL);
    loop_timer_set(unset, clock_monotonic_ns() + 1000000);
    loop_timer_set(unset, INT64_MAX);
    loop_timer_set(timers.timer, INT64_MAX - 1);
    timers.deadline_ns = clock_monotonic_ns() + 3000000;
    loop_timer_set(timers.timer, timers.deadline_ns);
    loop_run(timers.loop);
    cr_assert_eq(timers.fire_count, 3);
    loop_timer_free(unset);
    loop_timer_free(NULL);
    loop_free(timers.loop);
}

/* libuv's heap while `is_exhausted`. Only a test's own process has it. */
static bool is_exhausted;

static void *exhausted_malloc(size_t size_bytes)
{
    return is_exhausted ? NULL : malloc(size_bytes);
}

static void *exhausted_calloc(size_t count, size_t size_bytes)
{
    return is_exhausted ? NULL : calloc(count, size_bytes);
}

static void *exhausted_realloc(void *block, size_t size_bytes)
{
    return is_exhausted ? NULL : realloc(block, size_bytes);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    uv_close((uv_handle_t *)handle, NULL);
    loop_stop(handle->data);
}

Test(loop, watches_any_reserved_descriptor_without_memory)
{
    uv_replace_allocator(exhausted_malloc, exhausted_realloc, exhausted_calloc, free);
    struct loop *loop = loop_new(NULL);
    struct error error = {0};
    int ends[2];
    cr_assert(loop_reserve_descriptors(loop, 300, &error), "%s", error.text);
    is_exhausted = true;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(dup2(ends[0], 299), 299);
    uv_poll_t watch = {.data = loop};
    cr_assert_eq(uv_poll_init(loop_uv(loop), &watch, 299), 0);
    cr_assert_eq(uv_poll_start(&watch, UV_READABLE, on_readable), 0);
    cr_assert_eq(write(ends[1], "x", 1), 1);
    loop_run(loop);
    is_exhausted = false;
    loop_free(loop);
    for (int file = 0; file < 2; file++)
        close(ends[file]);
    close(299);
}

Test(loop, reserves_no_more_descriptors_than_the_process_may_have)
{
    struct loop *loop = loop_new(NULL);
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
    struct error error = {0};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert(loop_reserve_descriptors(loop, 5000, &error), "%s", error.text);
    loop_free(loop);
}

struct signalled {
    struct loop *loop;
    int numbers[2];
    int count;
};

static void on_signal(void *context, int signal_number)
{
    struct signalled *signalled = context;
    signalled->numbers[signalled->count++] = signal_number;
    if (signalled->count == 2)
        loop_stop(signalled->loop);
    else
        raise(SIGTERM);
}

Test(loop, reports_signals_on_its_own_thread)
{
    struct signalled signalled = {.loop = loop_new(NULL)};
    cr_assert(loop_on_signal(signalled.loop, SIGHUP, on_signal, &signalled, NULL));
    cr_assert(loop_on_signal(signalled.loop, SIGTERM, on_signal, &signalled, NULL));
    raise(SIGHUP);
    cr_assert_eq(signalled.count, 0, "the callback ran outside of the loop");
    loop_run(signalled.loop);
    cr_assert_eq(signalled.numbers[0], SIGHUP);
    cr_assert_eq(signalled.numbers[1], SIGTERM);
    loop_free(signalled.loop);
}

Test(loop, refuses_a_signal_that_cannot_be_caught)
{
    struct loop *loop = loop_new(NULL);
    struct error error = {0};
    cr_assert_not(loop_on_signal(loop, SIGKILL, on_signal, NULL, &error));
    cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
    loop_free(loop);
}
