/* liburcu under our names, and what TSan has to be told about it.
 *
 * TSan sees neither liburcu's barriers nor its grace periods. Two orderings are therefore stated,
 * in TSan builds only, as a release and an acquire of an address that stands for them: reader's
 * section -> a callback after it   (readers_left) rcu_defer        -> its own callback      (the
 * garbage itself) The first says slightly more than liburcu guarantees: a callback is ordered after
 * every section that ended before it ran, not only after those it waited for. A reader that is
 * still inside, or that never entered, is ordered by nothing: using freed memory there is still
 * reported.
 *
 * Invariant: all callbacks run on the one default thread of liburcu, in the order in which they
 * were deferred; nobody gives a thread or a processor a callback thread of its own. rcu_drain rests
 * on this. It is not urcu_memb_barrier, because that hands heap memory from thread to thread in a
 * way TSan reports and no suppression could name without hiding our callbacks as well.
 */
#include "base/rcu.h"

#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <stdalign.h>

#ifdef HAIHE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#include "base/banned.h"

#ifdef HAIHE_TSAN
/* Only the address matters; nothing is ever stored. */
static const alignas(8) char readers_left[8];

static void told_release(const void *address)
{
    __tsan_release((void *)address);
}

static void told_acquire(const void *address)
{
    __tsan_acquire((void *)address);
}
#else
#define told_release(address) ((void)0)
#define told_acquire(address) ((void)0)
#endif

void rcu_start(void)
{
    urcu_memb_get_default_call_rcu_data();
}

void rcu_thread_enter(void)
{
    urcu_memb_register_thread();
}

void rcu_thread_leave(void)
{
    urcu_memb_unregister_thread();
}

void rcu_read_enter(void)
{
    urcu_memb_read_lock();
}

void rcu_read_leave(void)
{
    told_release(readers_left);
    urcu_memb_read_unlock();
}

static void run_reclaim(struct rcu_head *head)
{
    /* head is the first member, so this is the garbage that was deferred. */
    struct rcu_garbage *garbage = (struct rcu_garbage *)head;
    told_acquire(garbage);
    told_acquire(readers_left);
    garbage->reclaim(garbage);
}

void rcu_defer(struct rcu_garbage *garbage, void (*reclaim)(struct rcu_garbage *garbage))
{
    garbage->reclaim = reclaim;
    told_release(garbage);
    urcu_memb_call_rcu(&garbage->head, run_reclaim);
}

/* The last in the row: when it runs, all before it have run. */
struct marker {
    struct rcu_garbage garbage;
    sem_t reached;
};

static void reach_marker(struct rcu_garbage *garbage)
{
    sem_post(&((struct marker *)garbage)->reached);
}

void rcu_drain(void)
{
    assert(!urcu_memb_read_ongoing()); /* it would wait for itself */
    struct marker marker;
    int status = sem_init(&marker.reached, 0, 0);
    assert(status == 0);
    rcu_defer(&marker.garbage, reach_marker);
    do {
        status = sem_wait(&marker.reached);
    } while (status != 0 && errno == EINTR);
    assert(status == 0);
    sem_destroy(&marker.reached);
}
