/* One small function a sentence. They read what score_pair has decided (points, distance, failed
 * gates) and only then the records, so a text cannot contradict the score.
 * Thread: any; nothing is kept. Cost: a microsecond a text; never used in a search. */
#include "core/reason.h"

#include <inttypes.h>

#include "core/gate.h"
#include "core/pay.h"

#include "base/banned.h"

static bool has_failed(const struct pair_subject *subject, enum gate gate)
{
    return (subject->explanation->pair.failed & 1u << gate) != 0;
}

/* --- Criteria ----------------------------------------------------------------------------------*/

static void skill_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct explanation *explanation = subject->explanation;
    uint32_t counts[SKILL_MISSING + 1] = {0};
    if (explanation->skill_count == 0) {
        sentence_add(out, "no skills asked");
        return;
    }
    for (uint32_t i = 0; i < explanation->skill_count; i++)
        counts[explanation->skills[i].match]++;
    sentence_add(
        out, "of %" PRIu32 " asked: %" PRIu32 " matched, %" PRIu32 " related, %" PRIu32 " missing",
        explanation->skill_count, counts[SKILL_MATCHED], counts[SKILL_RELATED],
        counts[SKILL_MISSING]);
}

static void location_reason(const struct pair_subject *subject, struct sentence *out)
{
    int32_t distance_m = subject->explanation->pair.distance_m;
    int32_t limit_m = subject->applicant->max_distance_m;
    if (subject->vacancy->remote) {
        sentence_add(out, "remote");
    } else if (distance_m == DISTANCE_UNKNOWN_M) {
        sentence_add(out, "%s has no known position",
                     position_is_known(subject->applicant->home.position) ? "the workplace"
                                                                          : "the home");
    } else {
        sentence_add_km(out, distance_m);
        if (limit_m > 0) {
            sentence_add(out, " of ");
            sentence_add_km(out, limit_m);
        } else {
            sentence_add(out, ", no limit stated");
        }
    }
}

static void wage_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct applicant *applicant = subject->applicant;
    int64_t pay = pay_reference_month_cents(subject->scoring->profile, subject->vacancy);
    if (pay == WAGE_UNKNOWN) {
        sentence_add(out, "pay not known");
    } else {
        sentence_add_yuan(out, pay);
        sentence_add(out, " a month");
    }
    if (applicant->wage_min_month_cents != WAGE_UNKNOWN) {
        sentence_add(out, ", minimum ");
        sentence_add_yuan(out, applicant->wage_min_month_cents);
    }
    if (applicant->wage_desired_month_cents != WAGE_UNKNOWN) {
        sentence_add(out, ", desired ");
        sentence_add_yuan(out, applicant->wage_desired_month_cents);
    }
    if (!pay_wish_of(applicant).is_stated)
        sentence_add(out, ", no wage wished");
}

static void occupation_reason(const struct pair_subject *subject, struct sentence *out)
{
    struct occupation_code occupation = subject->vacancy->occupation;
    int32_t points_bp = subject->explanation->pair.points_bp[CRITERION_OCCUPATION];
    if (occupation.code.length == 0) {
        sentence_add(out, "the vacancy states no occupation");
        return;
    }
    sentence_add(out, "%.*s ", STR_ARG(occupation.system));
    sentence_add_quoted(out, occupation.code);
    if (subject->applicant->occupation_count == 0)
        sentence_add(out, ", no occupation desired");
    else if (points_bp == POINTS_LIMIT_BP)
        sentence_add(out, " is desired");
    else
        sentence_add(out, " shares %" PRId32 "%s levels with a desired one", points_bp / 2500,
                     points_bp == 7500 ? " or more" : "");
}

static void experience_reason(const struct pair_subject *subject, struct sentence *out)
{
    unsigned needed = subject->vacancy->months_of_experience;
    unsigned held = subject->applicant->months_of_experience;
    if (needed == 0)
        sentence_add(out, "none needed");
    else if (held == EXPERIENCE_UNKNOWN)
        sentence_add(out, "not stated, %u months needed", needed);
    else
        sentence_add(out, "%u months, %u needed", held, needed);
}

static void education_reason(const struct pair_subject *subject, struct sentence *out)
{
    unsigned needed = subject->vacancy->education_level;
    unsigned held = subject->applicant->education_level;
    if (needed == 0)
        sentence_add(out, "none needed");
    else if (held == 0)
        sentence_add(out, "not stated, level %u needed", needed);
    else
        sentence_add(out, "level %u, %u needed", held, needed);
}

void reason_of_criterion(const struct pair_subject *subject, enum criterion criterion,
                         struct sentence *out)
{
    static void (*const REASONS[CRITERION_COUNT])(const struct pair_subject *,
                                                  struct sentence *) = {
        [CRITERION_SKILL] = skill_reason,
        [CRITERION_LOCATION] = location_reason,
        [CRITERION_WAGE] = wage_reason,
        [CRITERION_OCCUPATION] = occupation_reason,
        [CRITERION_EXPERIENCE] = experience_reason,
        [CRITERION_EDUCATION] = education_reason,
    };
    REASONS[criterion](subject, out);
}

/* --- Gates -------------------------------------------------------------------------------------*/

static void closed_reason(const struct pair_subject *subject, struct sentence *out)
{
    sentence_add(out, "vacancy %s, applicant %s", subject->vacancy->open ? "open" : "not open",
                 subject->applicant->active ? "active" : "not active");
}

static void consent_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct applicant *applicant = subject->applicant;
    sentence_add(out, "matching %s, visible to employers %s",
                 applicant->consent_matching ? "allowed" : "not allowed",
                 applicant->consent_visible ? "allowed" : "not allowed");
    if (subject->scoring->ranking == RANK_VACANCIES)
        sentence_add(out, " (not needed here)");
}

/* Between the items of a list. */
static void add_separator(struct sentence *out, uint32_t *count)
{
    sentence_add(out, "%s", (*count)++ > 0 ? ", " : "");
}

static void licence_missing_reason(const struct pair_subject *subject, struct sentence *out)
{
    struct str_list asked = subject->vacancy->licences;
    bool is_failed = has_failed(subject, GATE_LICENCE_MISSING);
    uint32_t shown_count = 0;
    sentence_add(out, asked.count == 0 ? "none needed" : is_failed ? "lacks " : "holds ");
    for (uint32_t i = 0; i < asked.count; i++) {
        if (gate_list_holds(subject->applicant->licences, asked.items[i]) != is_failed) {
            add_separator(out, &shown_count);
            sentence_add_quoted(out, asked.items[i]);
        }
    }
}

static void no_related_skill_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct explanation *explanation = subject->explanation;
    uint32_t credited_count = 0;
    for (uint32_t i = 0; i < explanation->skill_count; i++)
        credited_count += explanation->skills[i].match != SKILL_MISSING;
    if (explanation->skill_count == 0)
        sentence_add(out, "no skills asked");
    else
        sentence_add(out, "%" PRIu32 " of %" PRIu32 " asked skills held or related", credited_count,
                     explanation->skill_count);
}

static void wage_below_minimum_reason(const struct pair_subject *subject, struct sentence *out)
{
    int64_t top = pay_top_month_cents(subject->vacancy);
    int64_t minimum = subject->applicant->wage_min_month_cents;
    if (top == WAGE_UNKNOWN) {
        sentence_add(out, "pay not known");
    } else {
        sentence_add(out, "pays at most ");
        sentence_add_yuan(out, top);
    }
    if (minimum == WAGE_UNKNOWN) {
        sentence_add(out, ", no minimum stated");
    } else {
        sentence_add(out, ", minimum ");
        sentence_add_yuan(out, minimum);
    }
}

static void essential_skill_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct explanation *explanation = subject->explanation;
    bool is_failed = has_failed(subject, GATE_ESSENTIAL_SKILL_MISSING);
    uint32_t shown_count = 0;
    for (uint32_t i = 0; i < explanation->skill_count; i++) {
        const struct asked_skill *asked = explanation->skills[i].asked;
        bool is_held = explanation->skills[i].credit.held_itself_at_level;
        if (!asked->essential || is_held == is_failed)
            continue;
        sentence_add(out, "%s", shown_count > 0 ? "" : is_failed ? "lacks " : "holds ");
        add_separator(out, &shown_count);
        sentence_add_skill(out, subject->scoring->taxonomy, asked->skill_id, asked->name);
        if (asked->min_level > 0)
            sentence_add(out, " at level %u", asked->min_level);
    }
    if (shown_count == 0)
        sentence_add(out, "no skill is essential");
}

static void language_missing_reason(const struct pair_subject *subject, struct sentence *out)
{
    const struct vacancy *vacancy = subject->vacancy;
    bool is_failed = has_failed(subject, GATE_LANGUAGE_MISSING);
    uint32_t shown_count = 0;
    sentence_add(out, vacancy->language_count == 0 ? "none needed"
                      : is_failed                  ? "lacks "
                                                   : "holds ");
    for (uint8_t i = 0; i < vacancy->language_count; i++) {
        const struct language *asked = &vacancy->languages[i];
        if (gate_language_is_held(subject->applicant, asked) != is_failed) {
            add_separator(out, &shown_count);
            sentence_add_language(out, asked);
        }
    }
}

static void add_types(struct sentence *out, employment_types types)
{
    static const char *const NAMES[] = {"",           "full_time", "part_time",
                                        "contractor", "temporary", "intern",
                                        "volunteer",  "per_diem",  "other"};
    uint32_t shown_count = 0;
    for (int i = 1; i <= EMPLOYMENT_TYPE_LIMIT; i++) {
        if (types & 1u << i) {
            add_separator(out, &shown_count);
            sentence_add(out, "%s", NAMES[i]);
        }
    }
    if (shown_count == 0)
        sentence_add(out, "any");
}

static void employment_type_reason(const struct pair_subject *subject, struct sentence *out)
{
    sentence_add(out, "offers ");
    add_types(out, subject->vacancy->types);
    sentence_add(out, "; wants ");
    add_types(out, subject->applicant->types);
}

static void not_available_yet_reason(const struct pair_subject *subject, struct sentence *out)
{
    char date[11];
    date_format(subject->applicant->available_from, date);
    sentence_add(out, subject->applicant->available ? "available" : "not available yet");
    if (!subject->applicant->available && date[0])
        sentence_add(out, ", from %s", date);
}

static void excluded_organization_reason(const struct pair_subject *subject, struct sentence *out)
{
    struct str organization = subject->vacancy->hiring_organization_folded;
    if (organization.length == 0) {
        sentence_add(out, "no organization stated");
        return;
    }
    sentence_add_quoted(out, organization);
    sentence_add(out, has_failed(subject, GATE_EXCLUDED_ORGANIZATION) ? " is excluded"
                                                                      : " is not excluded");
}

static void filter_reason(const struct pair_subject *subject, struct sentence *out)
{
    const char *kind = subject->scoring->ranking == RANK_VACANCIES ? "vacancy" : "applicant";
    if (!subject->scoring->filter)
        sentence_add(out, "no filter");
    else
        sentence_add(out, "the %s %s the request's filter", kind,
                     has_failed(subject, GATE_FILTER) ? "does not pass" : "passes");
}

void reason_of_gate(const struct pair_subject *subject, enum gate gate, struct sentence *out)
{
    static void (*const REASONS[GATE_COUNT])(const struct pair_subject *, struct sentence *) = {
        [GATE_CLOSED] = closed_reason,
        [GATE_CONSENT] = consent_reason,
        [GATE_LICENCE_MISSING] = licence_missing_reason,
        [GATE_NO_RELATED_SKILL] = no_related_skill_reason,
        [GATE_TOO_FAR] = location_reason,
        [GATE_WAGE_BELOW_MINIMUM] = wage_below_minimum_reason,
        [GATE_ESSENTIAL_SKILL_MISSING] = essential_skill_reason,
        [GATE_LANGUAGE_MISSING] = language_missing_reason,
        [GATE_EMPLOYMENT_TYPE] = employment_type_reason,
        [GATE_NOT_AVAILABLE_YET] = not_available_yet_reason,
        [GATE_EXCLUDED_ORGANIZATION] = excluded_organization_reason,
        [GATE_FILTER] = filter_reason,
    };
    REASONS[gate](subject, out);
}
