/* Drawing things at random, in integers only, so that a seed gives the same on any machine. For the
 * same reason no expression and no initializer draws twice: C does not say which comes first.
 *
 * Thread: one owner of the rng. */
#ifndef HAIHE_TOOLS_MARKET_DRAW_H
#define HAIHE_TOOLS_MARKET_DRAW_H

#include "base/rng.h"
#include "base/str.h"

/* A weighted choice among count things; upto[i] is the sum of the weights 0..i. */
struct wheel {
    uint32_t *upto; /* owned, count items, ascending */
    size_t count;
};

/* weights: count items, at least one above 0. Ends the process without memory. */
void wheel_init(struct wheel *wheel, const uint32_t *weights, size_t count);
void wheel_release(struct wheel *wheel);
/* The index of what was drawn. */
size_t wheel_draw(const struct wheel *wheel, struct rng *rng);

/* The generator of one record: independent of all others of that seed, so that a record does not
 * depend on how many are made. `stream` names the kind of record. */
void draw_stream(struct rng *rng, uint64_t seed, uint32_t stream, uint64_t index);
/* True in permille of 1000 cases. */
bool draw_chance(struct rng *rng, uint32_t permille);
/* Between low and high, both included, the middle more often than the ends. */
int64_t draw_middle(struct rng *rng, int64_t low, int64_t high);
/* One of the words joined by '|'. */
struct str draw_word(struct rng *rng, struct str words);
/* The nearest multiple of step; value >= 0, step > 0. */
int64_t round_to(int64_t value, int64_t step);

#endif
