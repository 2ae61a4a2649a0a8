/* The sentence beside each criterion and gate: the values that decided. Part of explain. */
#ifndef HAIHE_CORE_REASON_H
#define HAIHE_CORE_REASON_H

#include "core/explain.h"
#include "core/sentence.h"

struct pair_subject {
    const struct scoring *scoring;
    const struct vacancy *vacancy;
    const struct applicant *applicant;
    const struct explanation *explanation; /* pair, skills and their count are filled in */
};

void reason_of_criterion(const struct pair_subject *subject, enum criterion criterion,
                         struct sentence *out);
void reason_of_gate(const struct pair_subject *subject, enum gate gate, struct sentence *out);

#endif
