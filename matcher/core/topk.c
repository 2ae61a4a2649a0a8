/* See topk.h. The heap holds the k best so far with the worst of them at [0]; a parent never comes
 * before its children in the order. Finishing is a heap sort: no allocation. */
#include "core/topk.h"

#include <assert.h>

#include "base/banned.h"

int rank_compare(const struct rank *a, const struct rank *b)
{
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return key_compare(a->key, b->key);
}

static bool is_worse(const struct match *a, const struct match *b)
{
    return rank_compare(&a->rank, &b->rank) > 0;
}

/* Puts `match` where heap[hole] is, moving worse children up until it is worse than they are. */
static void sink(struct match *heap, uint32_t count, uint32_t hole, const struct match *match)
{
    for (;;) {
        uint32_t child = 2 * hole + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_worse(&heap[child + 1], &heap[child]))
            child++;
        if (!is_worse(&heap[child], match))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = *match;
}

void topk_init(struct topk *topk, struct match *storage, uint32_t k)
{
    assert(k >= 1);
    *topk = (struct topk){.heap = storage, .k = k};
}

bool topk_may_enter(const struct topk *topk, int32_t score)
{
    return topk->count < topk->k || score >= topk->heap[0].rank.score;
}

void topk_offer(struct topk *topk, const struct match *match)
{
    if (topk->count == topk->k) {
        if (is_worse(&topk->heap[0], match))
            sink(topk->heap, topk->count, 0, match);
        return;
    }
    uint32_t at = topk->count++;
    while (at > 0 && is_worse(match, &topk->heap[(at - 1) / 2])) {
        topk->heap[at] = topk->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    topk->heap[at] = *match;
}

uint32_t topk_finish(struct topk *topk)
{
    uint32_t kept = topk->count;
    for (; topk->count > 1; topk->count--) {
        struct match worst = topk->heap[0], last = topk->heap[topk->count - 1];
        sink(topk->heap, topk->count - 1, 0, &last);
        topk->heap[topk->count - 1] = worst;
    }
    topk->count = 0;
    return kept;
}
