/* Values on a benchmark's command line. A wrong one ends the process as argp does, with a message
 * that names option and value. Thread: main's. */
#ifndef HAIHE_BENCH_ARGUMENTS_H
#define HAIHE_BENCH_ARGUMENTS_H

#include <argp.h>

#include "city.h"
#include "core/profile.h"

int64_t argument_number(struct argp_state *state, const char *name, const char *text, int64_t low,
                        int64_t high);
/* "default" or "lab" */
struct profile argument_profile(struct argp_state *state, const char *text);
/* "vacancies" or "applicants": what is ranked. */
enum ranking argument_direction(struct argp_state *state, const char *text);
/* "SEED,VACANCIES,APPLICANTS", each kind at least `least`. */
struct city_size argument_market(struct argp_state *state, const char *text, int64_t least);

#endif
