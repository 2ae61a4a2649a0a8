/* The loop: libuv's, with a task list for other threads and one flush per iteration.
 *
 * Order of one iteration: timers; `flush` (prepare); wait; sockets and posted tasks. What timers,
 * sockets and tasks want to send is therefore collected until the next flush, and leaves in one
 * write per connection. A connection woken during the flush waits for the next one, without the
 * loop going to sleep in between, so that one busy connection does not keep the others waiting.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/internal.h"

#include "base/banned.h"

void loop_run_posted(struct loop *loop)
{
    struct loop_task *newest_first =
        atomic_exchange_explicit(&loop->posted, NULL, memory_order_acquire);
    struct loop_task *task = NULL;
    while (newest_first) {
        struct loop_task *next = newest_first->next;
        newest_first->next = task;
        task = newest_first;
        newest_first = next;
    }
    while (task) {
        struct loop_task *next = task->next;
        task->run(task);
        task = next;
    }
}

static void on_posted(uv_async_t *handle)
{
    loop_run_posted(handle->data);
}

static void on_idle(uv_idle_t *handle)
{
    (void)handle;
}

static void on_flush(uv_prepare_t *handle)
{
    struct loop *loop = handle->data;
    struct conn *conn = loop->woken;
    loop->woken = NULL;
    while (conn) {
        struct conn *next = conn->next_woken;
        conn->is_woken = false;
        conn_flush(conn);
        conn = next;
    }
    if (loop->woken)
        uv_idle_start(&loop->not_yet, on_idle);
    else
        uv_idle_stop(&loop->not_yet);
}

static bool add_handles(struct loop *loop, struct error *error)
{
    int failed = uv_async_init(&loop->uv, &loop->posted_wake, on_posted);
    if (failed)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "event loop: %s", uv_strerror(failed));
    uv_prepare_init(&loop->uv, &loop->flush);
    uv_idle_init(&loop->uv, &loop->not_yet);
    loop->posted_wake.data = loop->flush.data = loop->not_yet.data = loop;
    uv_prepare_start(&loop->flush, on_flush);
    return true;
}

static void *resize_or_say(void *block, size_t size_bytes)
{
    static const char TEXT[] = "haihe: out of memory in the event loop\n";
    void *resized = memory_try_resize(block, size_bytes);
    if (!resized && write(STDERR_FILENO, TEXT, sizeof TEXT - 1) < 0)
        return NULL; /* nobody listens */
    return resized;
}

void loop_use_heap(void)
{
    uv_replace_allocator(memory_try, resize_or_say, memory_try_zeroed, memory_free);
}

struct loop *loop_new(struct error *error)
{
    struct loop *loop = memory_try_zeroed(1, sizeof *loop);
    uint8_t *buffers = memory_try(2 * (size_t)LOOP_BUFFER_BYTES);
    if (!loop || !buffers) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "event loop: out of memory");
        goto free_memory;
    }
    int failed = uv_loop_init(&loop->uv);
    if (failed) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "event loop: %s", uv_strerror(failed));
        goto free_memory;
    }
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of that write, no more */
    loop->read_buffer = buffers;
    loop->write_buffer = buffers + LOOP_BUFFER_BYTES;
    if (add_handles(loop, error))
        return loop;
    uv_loop_close(&loop->uv);
free_memory:
    memory_free(buffers);
    memory_free(loop);
    return NULL;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    loop_run_posted(loop);
    uv_close((uv_handle_t *)&loop->posted_wake, NULL);
    uv_close((uv_handle_t *)&loop->flush, NULL);
    uv_close((uv_handle_t *)&loop->not_yet, NULL);
    for (uint32_t i = 0; i < loop->signal_count; i++)
        uv_close((uv_handle_t *)&loop->signals[i].handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int busy = uv_loop_close(&loop->uv);
    assert(busy == 0);
    (void)busy;
    memory_free(loop->read_buffer);
    memory_free(loop);
}

static void on_nothing(uv_poll_t *handle, int status, int events)
{
    (void)handle, (void)status, (void)events;
}

/* The least descriptor that is free and not below `from`, of no use but to have that number. */
static int open_from(uint32_t from)
{
    int lowest = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int file = lowest >= 0 ? fcntl(lowest, F_DUPFD_CLOEXEC, (int)from) : -1;
    if (lowest >= 0)
        close(lowest);
    return file;
}

/* libuv's array grows with the highest descriptor that was ever watched. */
bool loop_reserve_descriptors(struct loop *loop, uint32_t count, struct error *error)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < count)
        count = (uint32_t)limit.rlim_cur;
    int file = open_from(count > 0 ? count - 1 : 0);
    int failed = file >= 0 ? uv_poll_init(&loop->uv, &loop->highest, file) : -errno;
    if (!failed) {
        uv_poll_start(&loop->highest, UV_READABLE, on_nothing);
        uv_close((uv_handle_t *)&loop->highest, NULL);
    }
    if (file >= 0)
        close(file);
    return !failed || error_set(error, ERROR_RESOURCE_EXHAUSTED, "event loop: descriptor %u: %s",
                                count - 1, uv_strerror(failed));
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

void loop_post(struct loop *loop, struct loop_task *task)
{
    struct loop_task *newest = atomic_load_explicit(&loop->posted, memory_order_relaxed);
    do {
        task->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&loop->posted, &newest, task,
                                                    memory_order_release, memory_order_relaxed));
    /* Only who finds the list empty wakes the loop: the list is emptied after each wake-up, so
     * whoever added to a list that was not empty is served by the wake-up of its first entry. */
    if (!newest)
        uv_async_send(&loop->posted_wake);
}

int64_t loop_now_ns(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv) * 1000000;
}

uint64_t loop_wait_ms(const struct loop *loop, int64_t deadline_ns)
{
    int64_t wait_ns = deadline_ns - loop_now_ns(loop);
    return wait_ns <= 0 ? 0 : ((uint64_t)wait_ns + 999999) / 1000000;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

/* --- Timers --------------------------------------------------------------------------------- */

struct loop_timer {
    uv_timer_t handle;
    struct loop *loop;
    void (*on_fire)(void *context);
    void *context;
};

struct loop_timer *loop_timer_new(struct loop *loop, void (*on_fire)(void *context), void *context)
{
    struct loop_timer *timer = memory_try(sizeof *timer);
    if (!timer)
        return NULL;
    timer->loop = loop;
    timer->on_fire = on_fire;
    timer->context = context;
    uv_timer_init(&loop->uv, &timer->handle);
    timer->handle.data = timer;
    return timer;
}

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;
    timer->on_fire(timer->context);
}

void loop_timer_set(struct loop_timer *timer, int64_t deadline_ns)
{
    if (deadline_ns == INT64_MAX)
        uv_timer_stop(&timer->handle);
    else
        uv_timer_start(&timer->handle, on_timer, loop_wait_ms(timer->loop, deadline_ns), 0);
}

static void on_timer_closed(uv_handle_t *handle)
{
    memory_free(handle->data);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, on_timer_closed);
}

/* --- Signals -------------------------------------------------------------------------------- */

static void on_uv_signal(uv_signal_t *handle, int signal_number)
{
    struct loop_signal *entry = handle->data;
    entry->on_signal(entry->context, signal_number);
}

bool loop_on_signal(struct loop *loop, int signal_number,
                    void (*on_signal)(void *context, int signal_number), void *context,
                    struct error *error)
{
    if (loop->signal_count == LOOP_SIGNALS)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "signal %d: more than %d signals",
                         signal_number, LOOP_SIGNALS);
    struct loop_signal *entry = &loop->signals[loop->signal_count];
    entry->on_signal = on_signal;
    entry->context = context;
    int failed = uv_signal_init(&loop->uv, &entry->handle);
    if (failed)
        return error_set(error, ERROR_INTERNAL, "signal %d: %s", signal_number,
                         uv_strerror(failed));
    loop->signal_count++; /* the handle is closed by loop_free, started or not */
    entry->handle.data = entry;
    failed = uv_signal_start(&entry->handle, on_uv_signal, signal_number);
    if (failed)
        return error_set(error, ERROR_INVALID_ARGUMENT, "signal %d: %s", signal_number,
                         uv_strerror(failed));
    return true;
}
