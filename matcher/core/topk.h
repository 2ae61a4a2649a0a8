/* The k best of a stream of candidates, in the one order of all answers:
 * score descending, tie ascending, platform, id (bytewise). A binary heap with the worst on top.
 * Thread: one owner. Cost: O(log k) for a candidate that enters, one comparison for one that does
 * not. */
#ifndef HAIHE_CORE_TOPK_H
#define HAIHE_CORE_TOPK_H

#include "core/entry.h"
#include "core/score.h"

/* Where a candidate stands in the order. */
struct rank {
    int32_t score;
    uint64_t tie;   /* key_hash(key, profile.tie_seed) */
    struct key key; /* a view, for a match into its entry */
};

/* <0 when a comes before (is better than) b; 0 only for the same key. */
int rank_compare(const struct rank *a, const struct rank *b);

struct match {
    struct rank rank;
    struct pair_score pair;
    const struct entry *entry; /* borrowed: the candidate */
};

struct topk {
    struct match *heap; /* capacity k, borrowed from the caller's arena; [0] is the worst kept */
    uint32_t count;
    uint32_t k;
};

void topk_init(struct topk *topk, struct match *storage, uint32_t k);
/* True when a candidate with this score could still enter (an equal score must be looked at). */
bool topk_may_enter(const struct topk *topk, int32_t score);
/* Enters the match if it is among the best k so far. */
void topk_offer(struct topk *topk, const struct match *match);
/* Sorts the kept ones best first in place; the heap is spent. Returns how many. */
uint32_t topk_finish(struct topk *topk);

#endif
