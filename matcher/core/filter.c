/* See filter.h. Each condition asks nothing when its list is empty, and is met when any pair of
 * items fits. Thread: any. Cost: the products of list lengths, at most 16 by 20. */
#include "core/filter.h"

#include "core/gate.h"
#include "core/pay.h"
#include "model/area.h"

#include "base/banned.h"

static bool asks_nothing_or_shares(struct str_list asked, struct str_list held)
{
    for (uint32_t i = 0; i < asked.count; i++) {
        if (gate_list_holds(held, asked.items[i]))
            return true;
    }
    return asked.count == 0;
}

static bool asks_nothing_or_holds(struct str_list asked, struct str text)
{
    return asks_nothing_or_shares(asked, (struct str_list){&text, text.length > 0});
}

static bool any_area_fits(struct str_list asked, const struct place *places, size_t place_count)
{
    for (uint32_t i = 0; i < asked.count; i++) {
        for (size_t j = 0; j < place_count; j++) {
            if (places[j].area_code.length > 0 && area_holds(asked.items[i], places[j].area_code))
                return true;
        }
    }
    return asked.count == 0;
}

static bool any_occupation_fits(const struct filter *filter, const struct occupation_code *codes,
                                size_t count)
{
    for (size_t i = 0; i < filter->occupation_count; i++) {
        const struct occupation_code *upper = &filter->occupations[i];
        for (size_t j = 0; j < count; j++) {
            if (codes[j].code.length > 0 && str_equal(upper->system, codes[j].system) &&
                occupation_holds(upper->system, upper->code, codes[j].code))
                return true;
        }
    }
    return filter->occupation_count == 0;
}

static bool types_fit(employment_types asked, employment_types stated)
{
    return asked == 0 || stated == 0 || (asked & stated) != 0;
}

bool filter_passes_vacancy(const struct filter *filter, const struct vacancy *vacancy)
{
    int64_t top = pay_top_month_cents(vacancy); /* unknown is below every stated floor */
    return (!filter->remote_only || vacancy->remote) &&
           (filter->wage_at_least_month_cents <= 0 || top >= filter->wage_at_least_month_cents) &&
           types_fit(filter->types, vacancy->types) &&
           asks_nothing_or_holds(filter->platforms, vacancy->key.platform) &&
           asks_nothing_or_holds(filter->organizations, vacancy->hiring_organization_folded) &&
           asks_nothing_or_shares(filter->tags, vacancy->tags) &&
           any_occupation_fits(filter, &vacancy->occupation, 1) &&
           any_area_fits(filter->area_codes, vacancy->sites, vacancy->site_count);
}

bool filter_passes_applicant(const struct filter *filter, const struct applicant *applicant)
{
    int64_t minimum = applicant->wage_min_month_cents; /* unknown is below every ceiling */
    return (filter->wage_at_most_month_cents <= 0 || minimum <= filter->wage_at_most_month_cents) &&
           types_fit(filter->types, applicant->types) &&
           asks_nothing_or_holds(filter->platforms, applicant->key.platform) &&
           asks_nothing_or_shares(filter->tags, applicant->tags) &&
           asks_nothing_or_shares(filter->priority_groups, applicant->priority_groups) &&
           any_occupation_fits(filter, applicant->desired_occupations,
                               applicant->occupation_count) &&
           any_area_fits(filter->area_codes, &applicant->home, 1);
}
