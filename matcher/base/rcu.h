/* Read-copy-update: readers see an immutable snapshot, the writer frees the old one later.
 *
 * Names over liburcu (memb flavour). Debian's liburcu is not instrumented and predates its TSan
 * annotations, so the orderings that it guarantees are told to TSan here: what a reader did before
 * rcu_read_leave, and the writer before rcu_defer, happens before the callback runs. A
 * thread registers once before it reads or defers. A reader never blocks inside a section for
 * anything but the search itself.
 */
#ifndef HAIHE_BASE_RCU_H
#define HAIHE_BASE_RCU_H

#include <stddef.h>

#include <urcu/urcu-memb.h>

/* Embedded in what is to be freed; `reclaim` gets it back after a grace period. */
struct rcu_garbage {
    struct rcu_head head;
    void (*reclaim)(struct rcu_garbage *garbage);
};

/* At start: makes liburcu's own thread, and ends the process with liburcu's message where that
 * cannot be had. Otherwise the first rcu_defer would do both. */
void rcu_start(void);
void rcu_thread_enter(void);
void rcu_thread_leave(void);
void rcu_read_enter(void);
void rcu_read_leave(void);
/* Runs reclaim(garbage) on liburcu's own thread once no reader that is inside now is inside. */
void rcu_defer(struct rcu_garbage *garbage, void (*reclaim)(struct rcu_garbage *garbage));
/* Waits until everything deferred so far has run. Not from inside a section. */
void rcu_drain(void);

#endif
