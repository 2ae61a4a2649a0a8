/* Random, lawful records over a small random taxonomy: the input of every oracle of core.
 *
 * Values come from small pools, so that equal skills, equal wages, touching distances and all gates
 * are common, with extremes in between. Everything lies in the market's arena; market_clear gives
 * it back and keeps taxonomy and generator. Thread: one owner.
 */
#ifndef HAIHE_TESTS_CORE_RANDOM_RECORDS_H
#define HAIHE_TESTS_CORE_RANDOM_RECORDS_H

#include "base/rng.h"
#include "core/filter.h"
#include "core/score.h"

struct market {
    struct rng rng;
    struct arena arena;
    struct taxonomy *taxonomy;
    uint64_t next_id; /* every record gets a key of its own */
};

/* Prints the seed. */
void market_init(struct market *market, uint64_t seed);
void market_clear(struct market *market);
void market_release(struct market *market);

struct vacancy *market_vacancy(struct market *market);
struct applicant *market_applicant(struct market *market);
struct filter *market_filter(struct market *market);
/* Lawful weights, many of them with zeros or everything in one criterion. */
struct profile market_profile(struct market *market);
/* `profile` is borrowed. Soft gates at random, always hard ones among them; sometimes a filter. */
struct scoring market_scoring(struct market *market, const struct profile *profile);
/* No filter, nothing softened. */
struct scoring market_plain_scoring(struct market *market, const struct profile *profile);

/* True once in `n`. */
bool market_chance(struct market *market, uint64_t n);
/* Zeroed, in the arena; fails the test without memory. */
void *market_alloc(struct market *market, size_t count, size_t size_bytes);

#endif
