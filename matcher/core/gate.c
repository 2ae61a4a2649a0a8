/* The gates, in the order of enum gate: each answers "does this pair fail?" and nothing else.
 *
 * Which gates may be softened, and at what price, is score_pair's business. The lists compared here
 * are short (at most 32 items of folded text), so they are scanned. Thread: any; nothing is kept.
 * Cost: a handful of comparisons for a pair without licences, languages and filter.
 */
#include "core/gate.h"

#include "core/filter.h"
#include "core/pay.h"

#include "base/banned.h"

bool gate_list_holds(struct str_list list, struct str text)
{
    for (uint32_t i = 0; i < list.count; i++) {
        if (str_equal(list.items[i], text))
            return true;
    }
    return false;
}

bool gate_language_is_held(const struct applicant *applicant, const struct language *asked)
{
    for (uint8_t i = 0; i < applicant->language_count; i++) {
        const struct language *held = &applicant->languages[i];
        uint8_t level = held->level ? held->level : 1;
        if (level >= asked->level && str_equal(held->tag, asked->tag))
            return true;
    }
    return false;
}

static bool fails_closed(const struct pair_facts *facts)
{
    return !facts->vacancy->open || !facts->applicant->active;
}

static bool fails_consent(const struct pair_facts *facts)
{
    const struct applicant *applicant = facts->applicant;
    bool is_shown_to_employer = facts->scoring->ranking == RANK_APPLICANTS;
    return !applicant->consent_matching || (is_shown_to_employer && !applicant->consent_visible);
}

/* Few vacancies ask for licences or languages: the loops stand apart, so that gates_failed need not
 * save the registers they use. */
static __attribute__((noinline)) bool lacks_a_licence(const struct applicant *applicant,
                                                      struct str_list asked)
{
    for (uint32_t i = 0; i < asked.count; i++) {
        if (!gate_list_holds(applicant->licences, asked.items[i]))
            return true;
    }
    return false;
}

static __attribute__((noinline)) bool lacks_a_language(const struct applicant *applicant,
                                                       const struct language *asked, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++) {
        if (!gate_language_is_held(applicant, &asked[i]))
            return true;
    }
    return false;
}

static bool fails_licence_missing(const struct pair_facts *facts)
{
    struct str_list asked = facts->vacancy->licences;
    return asked.count > 0 && lacks_a_licence(facts->applicant, asked);
}

static bool fails_no_related_skill(const struct pair_facts *facts)
{
    return facts->vacancy->skill_count > 0 && facts->credited_count == 0;
}

static bool fails_too_far(const struct pair_facts *facts)
{
    int32_t limit_m = facts->applicant->max_distance_m;
    return limit_m > 0 && facts->distance_m > limit_m; /* an unknown distance is negative */
}

static bool fails_wage_below_minimum(const struct pair_facts *facts)
{
    int64_t top = pay_top_month_cents(facts->vacancy);
    int64_t minimum = facts->applicant->wage_min_month_cents;
    return top != WAGE_UNKNOWN && minimum != WAGE_UNKNOWN && top < minimum;
}

static bool fails_essential_skill_missing(const struct pair_facts *facts)
{
    return facts->missing_essential_count > 0;
}

static bool fails_language_missing(const struct pair_facts *facts)
{
    const struct vacancy *vacancy = facts->vacancy;
    return vacancy->language_count > 0 &&
           lacks_a_language(facts->applicant, vacancy->languages, vacancy->language_count);
}

static bool fails_employment_type(const struct pair_facts *facts)
{
    employment_types offered = facts->vacancy->types, wanted = facts->applicant->types;
    return offered != 0 && wanted != 0 && (offered & wanted) == 0;
}

static bool fails_not_available_yet(const struct pair_facts *facts)
{
    return !facts->applicant->available;
}

static bool fails_excluded_organization(const struct pair_facts *facts)
{
    struct str organization = facts->vacancy->hiring_organization_folded;
    struct str_list excluded = facts->applicant->excluded_organizations;
    return organization.length > 0 && excluded.count > 0 && gate_list_holds(excluded, organization);
}

static bool fails_filter(const struct pair_facts *facts)
{
    const struct filter *filter = facts->scoring->filter;
    if (!filter)
        return false;
    return facts->scoring->ranking == RANK_VACANCIES
               ? !filter_passes_vacancy(filter, facts->vacancy)
               : !filter_passes_applicant(filter, facts->applicant);
}

/* Called one by one and not through a table, so that the compiler sees through all of them; first
 * those that read lists. */
gate_set gates_failed(const struct pair_facts *facts)
{
    gate_set failed = (gate_set)fails_licence_missing(facts) << GATE_LICENCE_MISSING;
    failed |= (gate_set)fails_language_missing(facts) << GATE_LANGUAGE_MISSING;
    failed |= (gate_set)fails_excluded_organization(facts) << GATE_EXCLUDED_ORGANIZATION;
    failed |= (gate_set)fails_filter(facts) << GATE_FILTER;
    failed |= (gate_set)fails_closed(facts) << GATE_CLOSED;
    failed |= (gate_set)fails_consent(facts) << GATE_CONSENT;
    failed |= (gate_set)fails_no_related_skill(facts) << GATE_NO_RELATED_SKILL;
    failed |= (gate_set)fails_too_far(facts) << GATE_TOO_FAR;
    failed |= (gate_set)fails_wage_below_minimum(facts) << GATE_WAGE_BELOW_MINIMUM;
    failed |= (gate_set)fails_essential_skill_missing(facts) << GATE_ESSENTIAL_SKILL_MISSING;
    failed |= (gate_set)fails_employment_type(facts) << GATE_EMPLOYMENT_TYPE;
    failed |= (gate_set)fails_not_available_yet(facts) << GATE_NOT_AVAILABLE_YET;
    return failed;
}
