/* See change_plan.h. */
#include "change_plan.h"

#include "base/banned.h"

enum { CYCLE = 10, INSERT_AT = 0, DELETE_AT = 5, STREAM_TARGET = 102 };

struct planned_change change_plan_at(const struct change_plan *plan, uint64_t number)
{
    uint64_t cycle = number / CYCLE, step = number % CYCLE;
    struct planned_change change = {.kind = cycle % 2 == 0 ? RECORD_VACANCY : RECORD_APPLICANT};
    uint64_t turn = cycle / 2; /* how many of its kind were inserted, and deleted, before */
    uint64_t count = change.kind == RECORD_VACANCY ? plan->size.vacancies : plan->size.applicants;
    uint64_t leaving = count / 10;
    if (step == INSERT_AT) {
        change.act = PLAN_INSERT;
        change.key_index = change.body_index = count + turn;
    } else if (step == DELETE_AT) {
        change.act = PLAN_DELETE;
        change.key_index = change.body_index = turn < leaving ? turn : count + turn - leaving;
    } else {
        struct rng rng;
        draw_stream(&rng, plan->size.seed, STREAM_TARGET, number);
        change.act = PLAN_REPLACE;
        change.key_index = leaving + rng_below(&rng, count - leaving);
        change.body_index = 2 * count + number; /* far behind any insert of a run */
    }
    return change;
}

static bool encode_vacancy(const struct change_plan *plan, const struct planned_change *change,
                           struct city_scratch *scratch, struct str *request, struct error *error)
{
    struct sample_vacancy vacancy, other;
    city_draw_vacancy(plan->city, change->body_index, &vacancy);
    if (change->key_index != change->body_index) {
        city_draw_vacancy(plan->city, change->key_index, &other);
        vacancy.key = other.key;
    }
    if (change->act == PLAN_DELETE)
        return city_encode_delete(scratch, RECORD_VACANCY, &vacancy.key, request, error);
    return city_encode_vacancy(scratch, &vacancy, request, error);
}

static bool encode_applicant(const struct change_plan *plan, const struct planned_change *change,
                             struct city_scratch *scratch, struct str *request, struct error *error)
{
    struct sample_applicant applicant, other;
    city_draw_applicant(plan->city, change->body_index, &applicant);
    if (change->key_index != change->body_index) {
        city_draw_applicant(plan->city, change->key_index, &other);
        applicant.key = other.key;
    }
    if (change->act == PLAN_DELETE)
        return city_encode_delete(scratch, RECORD_APPLICANT, &applicant.key, request, error);
    return city_encode_applicant(scratch, &applicant, request, error);
}

static bool encode(const struct change_plan *plan, const struct planned_change *change,
                   struct city_scratch *scratch, struct str *request, struct error *error)
{
    arena_clear(&scratch->arena);
    return change->kind == RECORD_VACANCY ? encode_vacancy(plan, change, scratch, request, error)
                                          : encode_applicant(plan, change, scratch, request, error);
}

bool change_plan_encode(const struct change_plan *plan, uint64_t number,
                        struct city_scratch *scratch, struct str *request, struct error *error)
{
    struct planned_change change = change_plan_at(plan, number);
    return encode(plan, &change, scratch, request, error);
}

bool change_plan_encode_first(const struct change_plan *plan, enum record_kind kind, uint64_t index,
                              struct city_scratch *scratch, struct str *request,
                              struct error *error)
{
    struct planned_change change = {kind, PLAN_INSERT, index, index};
    return encode(plan, &change, scratch, request, error);
}
