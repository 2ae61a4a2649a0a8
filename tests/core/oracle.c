/* Slow and different on purpose: exact fractions in 128 bits that may be negative and are clamped
 * at the end (as the design's text says it), gates as one long list of conditions, occupations and
 * areas compared by characters. Shared with score.c: geo_distance_m and taxonomy_closeness_bp,
 * whose own tests are in tests/model. */
#include "core/oracle.h"

#include <string.h>

/* floor(10000 * a / b) for any sign of a; b > 0; clamped to 0..10000. */
static int32_t points_of_fraction(__int128 a, __int128 b)
{
    __int128 quotient = 10000 * a / b;
    if (quotient * b > 10000 * a)
        quotient--;
    return quotient < 0 ? 0 : quotient > 10000 ? 10000 : (int32_t)quotient;
}

static bool text_is_in(struct str text, struct str_list list)
{
    bool found = false;
    for (uint32_t i = 0; i < list.count; i++)
        found |= list.items[i].length == text.length &&
                 memcmp(list.items[i].data, text.data, text.length) == 0;
    return found;
}

static bool same_text(struct str a, struct str b)
{
    return text_is_in(a, (struct str_list){&b, 1});
}

/* --- Skill -------------------------------------------------------------------------------------*/

static int64_t closeness(const struct scoring *scoring, struct held_skill s, struct asked_skill t)
{
    bool s_known = s.skill_id != SKILL_UNKNOWN, t_known = t.skill_id != SKILL_UNKNOWN;
    if (s_known && t_known)
        return taxonomy_closeness_bp(scoring->taxonomy, s.skill_id, t.skill_id);
    return !s_known && !t_known && same_text(s.name, t.name) ? 10000 : 0;
}

static int64_t level_of(const struct scoring *scoring, struct held_skill s)
{
    return s.level == 0 ? scoring->profile->default_level : s.level;
}

static int64_t credit(const struct scoring *scoring, struct asked_skill t,
                      const struct applicant *applicant)
{
    int64_t most = 0;
    for (int i = 0; i < applicant->skill_count; i++) {
        struct held_skill s = applicant->skills[i];
        int64_t level = level_of(scoring, s);
        int64_t here = closeness(scoring, s, t);
        if (t.min_level != 0)
            here = here * (level < t.min_level ? level : t.min_level) / t.min_level;
        most = here > most ? here : most;
    }
    return most;
}

static bool essential_is_held(const struct scoring *scoring, struct asked_skill t,
                              const struct applicant *applicant)
{
    for (int i = 0; i < applicant->skill_count; i++) {
        struct held_skill s = applicant->skills[i];
        bool same = t.skill_id == SKILL_UNKNOWN
                        ? s.skill_id == SKILL_UNKNOWN && same_text(s.name, t.name)
                        : s.skill_id == t.skill_id;
        if (same && level_of(scoring, s) >= t.min_level)
            return true;
    }
    return false;
}

static int32_t skill(const struct scoring *scoring, const struct vacancy *vacancy,
                     const struct applicant *applicant)
{
    int64_t numerator = 0, denominator = 0;
    for (int i = 0; i < vacancy->skill_count; i++) {
        struct asked_skill t = vacancy->skills[i];
        numerator += t.importance * credit(scoring, t, applicant);
        denominator += t.importance;
    }
    return denominator ? (int32_t)(numerator / denominator) : scoring->profile->no_skills_bp;
}

/* --- Location and wage -------------------------------------------------------------------------*/

static int32_t nearest(const struct vacancy *vacancy, const struct applicant *applicant)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < vacancy->site_count; i++) {
        if (vacancy->sites[i].position.lat_e7 != INT32_MIN &&
            applicant->home.position.lat_e7 != INT32_MIN) {
            int32_t d = geo_distance_m(applicant->home.position, vacancy->sites[i].position);
            least = d < least ? d : least;
        }
    }
    return vacancy->remote || least == INT64_MAX ? -1 : (int32_t)least;
}

static int32_t location(const struct scoring *scoring, const struct vacancy *vacancy,
                        const struct applicant *applicant)
{
    int64_t d = nearest(vacancy, applicant), limit = applicant->max_distance_m;
    if (vacancy->remote)
        return 10000;
    if (d < 0 || limit == 0)
        return scoring->profile->unstated_location_bp;
    int64_t points = 10000 - 10000 * d / limit;
    return points < 0 ? 0 : (int32_t)points;
}

static int32_t wage(const struct scoring *scoring, const struct vacancy *vacancy,
                    const struct applicant *applicant)
{
    int64_t low = vacancy->wage_min_month_cents, high = vacancy->wage_max_month_cents;
    int64_t minimum = applicant->wage_min_month_cents;
    int64_t desired = applicant->wage_desired_month_cents;
    if (low == WAGE_UNKNOWN && high == WAGE_UNKNOWN)
        return scoring->profile->unknown_wage_bp;
    if (minimum == WAGE_UNKNOWN && desired == WAGE_UNKNOWN)
        return scoring->profile->unstated_wage_bp;
    if (low == WAGE_UNKNOWN)
        low = high;
    if (high == WAGE_UNKNOWN)
        high = low;
    int64_t m =
        scoring->profile->wage_reference == WAGE_REFERENCE_MAXIMUM ? high : (low + high) / 2;
    if (desired == WAGE_UNKNOWN)
        desired = minimum;
    if (minimum == WAGE_UNKNOWN)
        minimum = 0;
    if (desired <= minimum)
        return m >= minimum ? 10000 : 0;
    return points_of_fraction((__int128)m - minimum, (__int128)desired - minimum);
}

/* --- Occupation, experience, education ---------------------------------------------------------*/

/* Levels of the two systems that the generator uses: isco-08 has one a character before the first
 * dot, and whatever stands between separators otherwise. */
static int levels_of(struct occupation_code code, struct str levels[8])
{
    int count = 0;
    uint32_t start = 0;
    bool digits = same_text(code.system, STR("isco-08"));
    for (uint32_t i = 0; i <= code.code.length; i++) {
        bool ends = i == code.code.length || code.code.data[i] == '-' || code.code.data[i] == '.';
        if (i < code.code.length && code.code.data[i] == '.')
            digits = false;
        if (ends && i > start)
            levels[count++] = (struct str){code.code.data + start, i - start};
        if (ends)
            start = i + 1;
        else if (digits) {
            levels[count++] = (struct str){code.code.data + i, 1};
            start = i + 1;
        }
    }
    return count;
}

static int shared(struct occupation_code a, struct occupation_code b, int *count_of_a)
{
    struct str in_a[8], in_b[8];
    int count_a = levels_of(a, in_a), count_b = levels_of(b, in_b), same = 0;
    while (same < count_a && same < count_b && same_text(in_a[same], in_b[same]))
        same++;
    *count_of_a = count_a;
    return same;
}

static int32_t occupation(const struct scoring *scoring, const struct vacancy *vacancy,
                          const struct applicant *applicant)
{
    int32_t best = 0;
    if (vacancy->occupation.code.length == 0 || applicant->occupation_count == 0)
        return scoring->profile->unstated_bp;
    for (int i = 0; i < applicant->occupation_count; i++) {
        struct occupation_code wanted = applicant->desired_occupations[i];
        int count, points = 0;
        if (same_text(wanted.system, vacancy->occupation.system)) {
            points = 2500 * shared(wanted, vacancy->occupation, &count);
            points = points > 7500 ? 7500 : points;
            if (same_text(wanted.code, vacancy->occupation.code))
                points = 10000;
        }
        best = points > best ? points : best;
    }
    return best;
}

static int32_t need(int64_t needed, int64_t held, int64_t unknown, int32_t unstated_bp)
{
    if (needed == 0)
        return 10000;
    return held == unknown ? unstated_bp : points_of_fraction(held, needed);
}

/* --- Filter ------------------------------------------------------------------------------------*/

static bool shares(struct str_list a, struct str_list b)
{
    for (uint32_t i = 0; i < a.count; i++)
        if (text_is_in(a.items[i], b))
            return true;
    return false;
}

/* GB/T 2260: an upper code without its pairs of zeros begins the code. */
static bool in_areas(struct str_list areas, struct str code)
{
    for (uint32_t i = 0; i < areas.count && code.length > 0; i++) {
        uint32_t length = areas.items[i].length;
        while (length >= 2 && areas.items[i].data[length - 1] == '0' &&
               areas.items[i].data[length - 2] == '0')
            length -= 2;
        if (code.length >= length && memcmp(code.data, areas.items[i].data, length) == 0)
            return true;
    }
    return false;
}

static bool in_occupations(const struct filter *filter, struct occupation_code code)
{
    for (size_t i = 0; i < filter->occupation_count && code.code.length > 0; i++) {
        int count;
        if (same_text(filter->occupations[i].system, code.system) &&
            shared(filter->occupations[i], code, &count) == count)
            return true;
    }
    return false;
}

bool oracle_filter_vacancy(const struct filter *filter, const struct vacancy *vacancy)
{
    int64_t most = vacancy->wage_max_month_cents;
    bool area = filter->area_codes.count == 0;
    if (most == WAGE_UNKNOWN)
        most = vacancy->wage_min_month_cents;
    for (int i = 0; i < vacancy->site_count; i++)
        area |= in_areas(filter->area_codes, vacancy->sites[i].area_code);
    if (filter->wage_at_least_month_cents > 0 && most < filter->wage_at_least_month_cents)
        return false;
    if (filter->platforms.count && !text_is_in(vacancy->key.platform, filter->platforms))
        return false;
    if (filter->organizations.count &&
        !text_is_in(vacancy->hiring_organization_folded, filter->organizations))
        return false;
    if (filter->tags.count && !shares(filter->tags, vacancy->tags))
        return false;
    if (filter->occupation_count && !in_occupations(filter, vacancy->occupation))
        return false;
    if (filter->types && vacancy->types && !(filter->types & vacancy->types))
        return false;
    return area && (vacancy->remote || !filter->remote_only);
}

bool oracle_filter_applicant(const struct filter *filter, const struct applicant *applicant)
{
    bool occupation_fits = filter->occupation_count == 0;
    for (int i = 0; i < applicant->occupation_count; i++)
        occupation_fits |= in_occupations(filter, applicant->desired_occupations[i]);
    if (filter->wage_at_most_month_cents > 0 &&
        applicant->wage_min_month_cents > filter->wage_at_most_month_cents)
        return false;
    if (filter->platforms.count && !text_is_in(applicant->key.platform, filter->platforms))
        return false;
    if (filter->tags.count && !shares(filter->tags, applicant->tags))
        return false;
    if (filter->priority_groups.count &&
        !shares(filter->priority_groups, applicant->priority_groups))
        return false;
    if (filter->area_codes.count && !in_areas(filter->area_codes, applicant->home.area_code))
        return false;
    if (filter->types && applicant->types && !(filter->types & applicant->types))
        return false;
    return occupation_fits;
}

/* --- Gates and total ---------------------------------------------------------------------------*/

static bool all_licences(const struct vacancy *vacancy, const struct applicant *applicant)
{
    for (uint32_t i = 0; i < vacancy->licences.count; i++)
        if (!text_is_in(vacancy->licences.items[i], applicant->licences))
            return false;
    return true;
}

static bool all_languages(const struct vacancy *vacancy, const struct applicant *applicant)
{
    int met = 0;
    for (int i = 0; i < vacancy->language_count; i++) {
        bool found = false;
        for (int j = 0; j < applicant->language_count; j++) {
            struct language held = applicant->languages[j], asked = vacancy->languages[i];
            int level = held.level < 1 ? 1 : held.level; /* no level: the lowest */
            found |= same_text(held.tag, asked.tag) && level >= asked.level;
        }
        met += found;
    }
    return met == vacancy->language_count;
}

static gate_set gates(const struct scoring *scoring, const struct vacancy *v,
                      const struct applicant *a)
{
    gate_set failed = 0;
    int64_t most =
        v->wage_max_month_cents == WAGE_UNKNOWN ? v->wage_min_month_cents : v->wage_max_month_cents;
    int32_t d = nearest(v, a);
    bool any_credit = false, essentials = true;
    for (int i = 0; i < v->skill_count; i++) {
        any_credit |= credit(scoring, v->skills[i], a) > 0;
        essentials &= !v->skills[i].essential || essential_is_held(scoring, v->skills[i], a);
    }
#define FAIL_IF(gate, condition) failed |= (condition) ? 1u << (gate) : 0
    FAIL_IF(GATE_NO_RELATED_SKILL, v->skill_count && !any_credit);
    FAIL_IF(GATE_TOO_FAR, a->max_distance_m != 0 && d >= 0 && d > a->max_distance_m);
    FAIL_IF(GATE_WAGE_BELOW_MINIMUM,
            most >= 0 && a->wage_min_month_cents >= 0 && most < a->wage_min_month_cents);
    FAIL_IF(GATE_ESSENTIAL_SKILL_MISSING, !essentials);
    FAIL_IF(GATE_LICENCE_MISSING, !all_licences(v, a));
    FAIL_IF(GATE_LANGUAGE_MISSING, !all_languages(v, a));
    FAIL_IF(GATE_EMPLOYMENT_TYPE, v->types && a->types && !(v->types & a->types));
    FAIL_IF(GATE_NOT_AVAILABLE_YET, !a->available);
    FAIL_IF(GATE_CLOSED, !(v->open && a->active));
    FAIL_IF(GATE_CONSENT,
            !a->consent_matching || (scoring->ranking == RANK_APPLICANTS && !a->consent_visible));
    FAIL_IF(GATE_EXCLUDED_ORGANIZATION,
            v->hiring_organization_folded.length &&
                text_is_in(v->hiring_organization_folded, a->excluded_organizations));
    FAIL_IF(GATE_FILTER, scoring->filter && (scoring->ranking == RANK_VACANCIES
                                                 ? !oracle_filter_vacancy(scoring->filter, v)
                                                 : !oracle_filter_applicant(scoring->filter, a)));
#undef FAIL_IF
    return failed;
}

static bool may_be_softened(int gate)
{
    return gate != GATE_CLOSED && gate != GATE_CONSENT && gate != GATE_LICENCE_MISSING &&
           gate != GATE_FILTER;
}

static void total(const struct scoring *scoring, struct pair_score *pair)
{
    const int32_t *w = scoring->profile->weights, *p = pair->points_bp;
    int64_t penalty = 0;
    int32_t fit_weight = w[CRITERION_SKILL] + w[CRITERION_EXPERIENCE] + w[CRITERION_EDUCATION];
    int32_t appeal_weight = w[CRITERION_LOCATION] + w[CRITERION_WAGE] + w[CRITERION_OCCUPATION];
    pair->fit_sum = w[CRITERION_SKILL] * p[CRITERION_SKILL] +
                    w[CRITERION_EXPERIENCE] * p[CRITERION_EXPERIENCE] +
                    w[CRITERION_EDUCATION] * p[CRITERION_EDUCATION];
    pair->appeal_sum = w[CRITERION_LOCATION] * p[CRITERION_LOCATION] +
                       w[CRITERION_WAGE] * p[CRITERION_WAGE] +
                       w[CRITERION_OCCUPATION] * p[CRITERION_OCCUPATION];
    pair->fit_bp = fit_weight ? pair->fit_sum / fit_weight : -1;
    pair->appeal_bp = appeal_weight ? pair->appeal_sum / appeal_weight : -1;
    for (int gate = 0; gate < GATE_COUNT; gate++) {
        gate_set bit = 1u << gate;
        if (may_be_softened(gate) && (pair->failed & bit) && (scoring->soft_gates & bit)) {
            pair->softened |= bit;
            penalty += scoring->penalties[gate];
        }
    }
    pair->penalty = penalty > 10000000 ? 10000000 : (int32_t)penalty;
    pair->score = pair->fit_sum + pair->appeal_sum - pair->penalty;
    pair->score = pair->score < 0 ? 0 : pair->score;
}

struct pair_score oracle_score(const struct scoring *scoring, const struct vacancy *vacancy,
                               const struct applicant *applicant)
{
    struct pair_score pair = {0};
    int32_t unstated_bp = scoring->profile->unstated_bp;
    pair.points_bp[CRITERION_SKILL] = skill(scoring, vacancy, applicant);
    pair.points_bp[CRITERION_LOCATION] = location(scoring, vacancy, applicant);
    pair.points_bp[CRITERION_WAGE] = wage(scoring, vacancy, applicant);
    pair.points_bp[CRITERION_OCCUPATION] = occupation(scoring, vacancy, applicant);
    pair.points_bp[CRITERION_EXPERIENCE] =
        need(vacancy->months_of_experience, applicant->months_of_experience, EXPERIENCE_UNKNOWN,
             unstated_bp);
    pair.points_bp[CRITERION_EDUCATION] =
        need(vacancy->education_level, applicant->education_level, 0, unstated_bp);
    pair.distance_m = nearest(vacancy, applicant);
    pair.wage_unknown = vacancy->wage_min_month_cents < 0 && vacancy->wage_max_month_cents < 0;
    pair.failed = gates(scoring, vacancy, applicant);
    total(scoring, &pair);
    return pair;
}
