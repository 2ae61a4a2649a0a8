/* See arguments.h. */
#include "arguments.h"

#include <inttypes.h>

#include "base/text.h"

#include "base/banned.h"

enum { COUNT_LIMIT = 1000000000 };

int64_t argument_number(struct argp_state *state, const char *name, const char *text, int64_t low,
                        int64_t high)
{
    int64_t number = low;
    if (!text_to_int64(str_of(text), &number) || number < low || number > high)
        argp_error(state, "--%s '%s': must be %" PRId64 "..%" PRId64, name, text, low, high);
    return number;
}

struct profile argument_profile(struct argp_state *state, const char *text)
{
    if (strcmp(text, "lab") == 0)
        return profile_lab();
    if (strcmp(text, "default") != 0)
        argp_error(state, "--profile '%s': must be default or lab", text);
    return profile_default();
}

enum ranking argument_direction(struct argp_state *state, const char *text)
{
    if (strcmp(text, "applicants") == 0)
        return RANK_APPLICANTS;
    if (strcmp(text, "vacancies") != 0)
        argp_error(state, "--direction '%s': must be vacancies or applicants", text);
    return RANK_VACANCIES;
}

struct city_size argument_market(struct argp_state *state, const char *text, int64_t least)
{
    const char *part = text;
    int64_t numbers[3] = {0};
    bool good = true;
    for (int i = 0; i < 3 && good; i++) {
        const char *end = i < 2 ? strchr(part, ',') : part + strlen(part);
        good = end && text_to_int64((struct str){part, (uint32_t)(end - part)}, &numbers[i]) &&
               numbers[i] >= (i > 0 ? least : 0) && (i == 0 || numbers[i] <= COUNT_LIMIT);
        part = good ? end + 1 : part;
    }
    if (!good)
        argp_error(state,
                   "--market '%s': must be SEED,VACANCIES,APPLICANTS such as 1,20000,50000, each "
                   "kind at least %" PRId64,
                   text, least);
    return (struct city_size){(uint64_t)numbers[0], (size_t)numbers[1], (size_t)numbers[2]};
}
