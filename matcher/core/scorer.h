/* The exact score with one side prepared: what score_pair says, in a quarter of its time.
 *
 * A search scores its one subject with many candidates. A scorer looks up once what depends on the
 * subject alone: which skill of a candidate earns which credit, and the levels of the occupation
 * codes. Every field of struct pair_score is the same as score_pair's, always.
 * It lies in the arena, borrows scoring and subject, and is immutable: any thread may use it.
 * Cost (bench_score, 7 skills a side): to prepare, 0.5 us for an applicant and 0.7 us for a
 * vacancy, in proportion to its skills and their neighbours (64 skills with all neighbours: 170
 * KiB); a pair 70 to 90 ns on warm records.
 */
#ifndef HAIHE_CORE_SCORER_H
#define HAIHE_CORE_SCORER_H

#include "base/arena.h"
#include "core/score.h"

struct scorer;

/* scoring->ranking says what the candidates are: the subject is the applicant when vacancies are
 * ranked, else the vacancy; the other one is ignored. NULL when the arena is exhausted. */
struct scorer *scorer_new(const struct scoring *scoring, const struct vacancy *vacancy,
                          const struct applicant *applicant, struct arena *arena);

/* The candidate's kind must be the one that is ranked. */
void scorer_score_vacancy(const struct scorer *scorer, const struct vacancy *candidate,
                          struct pair_score *out);
void scorer_score_applicant(const struct scorer *scorer, const struct applicant *candidate,
                            struct pair_score *out);

#endif
