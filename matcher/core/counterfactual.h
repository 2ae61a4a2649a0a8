/* What one change of the applicant would do to a pair. Part of explain. */
#ifndef HAIHE_CORE_COUNTERFACTUAL_H
#define HAIHE_CORE_COUNTERFACTUAL_H

#include "core/explain.h"

/* Fills in the explanation's counterfactuals; its pair and skills are filled in already. False only
 * when the arena is exhausted. */
bool counterfactuals_find(const struct scoring *scoring, const struct vacancy *vacancy,
                          const struct applicant *applicant, struct arena *arena,
                          struct explanation *explanation);

#endif
