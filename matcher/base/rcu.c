/* liburcu under our names, and what TSan has to be told about it.
 *
 * TSan sees neither liburcu's barriers nor its grace periods. Three orderings are therefore stated,
 * in TSan builds only, as releases and acquires of an address that stands for them:
 *   reader's section  -> a callback after it         (readers_left)
 *   rcu_defer         -> its own callback            (the garbage itself)
 *   callback          -> the return of rcu_drain     (callbacks_ran)
 * The first says slightly more than liburcu guarantees: a callback is ordered after every section
 * that ended before it ran, not only after those it waited for. A reader that is still inside, or
 * that never entered, is ordered by nothing: using freed memory there is still reported.
 */
#include "base/rcu.h"

#include <stdalign.h>

#ifdef HAIHE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#include "base/banned.h"

#ifdef HAIHE_TSAN
/* Only the addresses matter; nothing is ever stored. */
static const alignas(8) char readers_left[8];
static const alignas(8) char callbacks_ran[8];

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
    told_release(callbacks_ran);
}

void rcu_defer(struct rcu_garbage *garbage, void (*reclaim)(struct rcu_garbage *garbage))
{
    garbage->reclaim = reclaim;
    told_release(garbage);
    urcu_memb_call_rcu(&garbage->head, run_reclaim);
}

void rcu_drain(void)
{
    urcu_memb_barrier();
    told_acquire(callbacks_ran);
}
