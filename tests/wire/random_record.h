/* Random lawful records as JSON, for round trips and for mutations. */
#ifndef HAIHE_TESTS_WIRE_RANDOM_RECORD_H
#define HAIHE_TESTS_WIRE_RANDOM_RECORD_H

#include <jansson.h>

#include "base/rng.h"
#include "model/ingest.h"

/* New references. Any field may be missing but the key. */
json_t *random_vacancy(struct rng *rng, const struct model *model);
json_t *random_applicant(struct rng *rng, const struct model *model);

#endif
