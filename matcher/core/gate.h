/* The gates of a pair: one yes/no function each. Used by score_pair and its twin only; whoever
 * wants to know about a pair reads `failed` in its pair_score. Thread: any; nothing is kept. */
#ifndef HAIHE_CORE_GATE_H
#define HAIHE_CORE_GATE_H

#include "core/score.h"

/* What the gates decide by: the two records, and what the criteria have found out already. */
struct pair_facts {
    const struct scoring *scoring;
    const struct vacancy *vacancy;
    const struct applicant *applicant;
    int32_t distance_m;               /* nearest workplace or DISTANCE_UNKNOWN_M (remote: too) */
    uint32_t credited_count;          /* asked skills with any credit */
    uint32_t missing_essential_count; /* essential skills not held themselves at their level */
};

gate_set gates_failed(const struct pair_facts *facts);

/* True when the applicant holds a language at the asked level or above. One stated without a level
 * counts as the lowest, A1. */
bool gate_language_is_held(const struct applicant *applicant, const struct language *asked);

/* True when a list holds exactly this text. */
bool gate_list_holds(struct str_list list, struct str text);

#endif
