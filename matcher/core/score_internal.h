/* What score_pair and its prepared twin (scorer.h) do alike, once skills, occupation and distance
 * are known; for score.c and scorer.c only. Thread: any; nothing is kept. */
#ifndef HAIHE_CORE_SCORE_INTERNAL_H
#define HAIHE_CORE_SCORE_INTERNAL_H

#include "core/gate.h"

/* Skill and occupation points are in *out already and the facts are complete; fills in all the
 * rest. */
void score_settle(const struct pair_facts *facts, struct pair_score *out);

#endif
