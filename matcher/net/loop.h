/* The event loop of one thread: posted tasks, timers, signals. libuv below, never shown above.
 *
 *   other threads --loop_post--> [task]->[task]->..   a lock-free list, emptied once per wake-up
 *   one iteration: timers, posted tasks, sockets; then every connection that was woken is flushed,
 *   so that all replies of an iteration leave in one write per connection
 *
 * Thread: the one that calls loop_run (before that, the one that builds everything); only loop_post
 * may be called from anywhere. Callbacks run on the loop's thread and must not wait.
 */
#ifndef HAIHE_NET_LOOP_H
#define HAIHE_NET_LOOP_H

#include "base/error.h"
#include "base/str.h"

struct loop;
struct loop_timer;
struct uv_loop_s;

/* Something to be run on the loop's thread. It is embedded in the poster's own job, so posting
 * never allocates and never fails, and the list is bounded by the number of jobs, whose queue has
 * the bound. The loop lets go of a task before it runs it: `run` may free it or post it again. */
struct loop_task {
    struct loop_task *next; /* the loop's, while posted */
    void (*run)(struct loop_task *task);
};

/* At start, before any loop: libuv allocates through base/memory.h. Where it ends the process for
 * want of memory (see loop_reserve_descriptors), stderr then says why; by itself it says nothing.
 */
void loop_use_heap(void);

/* NULL and an error when the kernel refuses. The process ignores SIGPIPE from then on. */
struct loop *loop_new(struct error *error);
/* Not from within loop_run. Timers, acceptors and connections must have been freed or closed; runs
 * what is still posted, and the callbacks of connections that are closing. NULL is allowed. */
void loop_free(struct loop *loop);

/* Makes room for descriptors below `count` (or this process' limit, if that is less), once and
 * before loop_run. libuv keeps an array by descriptor and ends the process when there is no memory
 * for it to grow: without this, a connection accepted at the wrong moment would. 8 bytes a
 * descriptor. False and an error when the kernel refuses. */
bool loop_reserve_descriptors(struct loop *loop, uint32_t count, struct error *error);

/* Runs until loop_stop; may be called again afterwards. */
void loop_run(struct loop *loop);
/* Lets loop_run return after the present iteration. Loop thread only: others post a task. */
void loop_stop(struct loop *loop);

/* Any thread: `task->run` will run on the loop's thread, tasks of one thread in their order. What
 * was written before posting is seen by the task. The task must not be posted already. */
void loop_post(struct loop *loop, struct loop_task *task);
/* Runs what is posted, now: for an owner of a task that is about to be freed, outside of loop_run
 * and when nobody posts that task any more. */
void loop_run_posted(struct loop *loop);

/* CLOCK_MONOTONIC as of the beginning of this iteration, at millisecond steps. */
int64_t loop_now_ns(const struct loop *loop);

/* A timer that is not set. NULL when there is no memory. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*on_fire)(void *context), void *context);
/* Fires once, up to 1 ms after deadline_ns of clock_monotonic_ns; replaces an earlier setting.
 * INT64_MAX unsets it. Setting it from its own callback is allowed. */
void loop_timer_set(struct loop_timer *timer, int64_t deadline_ns);
/* Never fires again. NULL is allowed; so is its own callback. */
void loop_timer_free(struct loop_timer *timer);

/* Calls on_signal(context, signal_number) on the loop's thread whenever the process gets the
 * signal, until loop_free. One callback a signal number. */
bool loop_on_signal(struct loop *loop, int signal_number,
                    void (*on_signal)(void *context, int signal_number), void *context,
                    struct error *error);

/* For libraries that bring their own watchers (libmicrohttpd, libnats). Borrowed. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
