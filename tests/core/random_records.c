#include "core/random_records.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"

enum { KNOWN_SKILL_COUNT = 24, UNKNOWN_SKILL_COUNT = 60 };

/* --- Taxonomy and small helpers ----------------------------------------------------------------*/

static struct taxonomy *random_taxonomy(struct rng *rng)
{
    struct buffer csv;
    struct error error = {0};
    buffer_init(&csv, 1 << 16);
    buffer_printf(&csv, "code,zh,en,alternative,broader,related\n");
    for (unsigned i = 0; i < KNOWN_SKILL_COUNT; i++) {
        buffer_printf(&csv, "s:%02u,zh%u,en%u,,", i, i, i);
        if (i > 0 && rng_below(rng, 3) > 0) /* upwards only: no cycle */
            buffer_printf(&csv, "s:%02u", (unsigned)rng_below(rng, i < 6 ? i : 6));
        buffer_printf(&csv, ",");
        unsigned related = (unsigned)rng_below(rng, KNOWN_SKILL_COUNT);
        if (related != i && rng_below(rng, 3) == 0)
            buffer_printf(&csv, "s:%02u", related);
        buffer_printf(&csv, "\n");
    }
    struct taxonomy *taxonomy = taxonomy_load(buffer_borrow(&csv), STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    buffer_release(&csv);
    return taxonomy;
}

void market_init(struct market *market, uint64_t seed)
{
    fprintf(stderr, "market: seed %" PRIu64 "\n", seed);
    *market = (struct market){0};
    rng_init(&market->rng, seed);
    arena_init(&market->arena, (size_t)1 << 30);
    market->taxonomy = random_taxonomy(&market->rng);
}

void market_clear(struct market *market)
{
    arena_clear(&market->arena);
}

void market_release(struct market *market)
{
    arena_release(&market->arena);
    taxonomy_free(market->taxonomy);
}

bool market_chance(struct market *market, uint64_t n)
{
    return rng_below(&market->rng, n) == 0;
}

void *market_alloc(struct market *market, size_t count, size_t size_bytes)
{
    void *items = arena_alloc_zeroed(&market->arena, count, size_bytes);
    cr_assert(items);
    return items;
}

static unsigned below(struct market *market, unsigned bound)
{
    return (unsigned)rng_below(&market->rng, bound);
}

static struct str text_of(struct market *market, const char *prefix, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%s%" PRIu64, prefix, number);
    struct str copy = arena_copy(&market->arena, str_of(text));
    cr_assert(copy.data);
    return copy;
}

/* A random subset of "<prefix>0" .. "<prefix><pool - 1>", often empty. */
static struct str_list random_list(struct market *market, const char *prefix, unsigned pool)
{
    struct str *items = market_alloc(market, pool, sizeof *items);
    struct str_list list = {items, 0};
    bool is_empty = market_chance(market, 2);
    for (unsigned i = 0; i < pool && !is_empty; i++) {
        if (market_chance(market, 3))
            items[list.count++] = text_of(market, prefix, i);
    }
    return list.count ? list : (struct str_list){0};
}

static struct key next_key(struct market *market)
{
    static const char *const PLATFORMS[] = {"p", "pp", "q"};
    struct str platform = str_of(PLATFORMS[below(market, 3)]);
    return (struct key){platform, text_of(market, "", market->next_id++)};
}

/* --- Parts of records --------------------------------------------------------------------------*/

static struct place random_place(struct market *market)
{
    static const char *const AREAS[] = {"", "120000", "120101", "120102", "130200", "130000"};
    struct place place = {POSITION_NONE, str_of(AREAS[below(market, 6)])};
    int64_t spread = market_chance(market, 8) ? 900000000 : 4000000;
    if (market_chance(market, 8))
        return (struct place){.position = POSITION_NONE};
    place.position.lat_e7 = 390000000;
    place.position.lon_e7 = 1172000000;
    if (!market_chance(market, 6)) { /* else in the very middle: distance 0 is common */
        place.position.lat_e7 += (int32_t)rng_between(&market->rng, -spread / 2, spread / 2);
        place.position.lon_e7 += (int32_t)rng_between(&market->rng, -spread, spread / 2);
    }
    return place;
}

static int64_t random_wage(struct market *market)
{
    static const int64_t POOL[] = {
        WAGE_UNKNOWN, WAGE_UNKNOWN, 0,         1, 300000,  500000,
        500001,       700000,       999999999, 1, 1200000, INT64_C(1000000000000000)};
    if (market_chance(market, 2))
        return rng_between(&market->rng, 200000, 2000000);
    return POOL[below(market, sizeof POOL / sizeof POOL[0])];
}

/* Two ends in order; either may be unknown. */
static void random_wages(struct market *market, int64_t *low, int64_t *high)
{
    *low = random_wage(market);
    *high = market_chance(market, 6) ? *low : random_wage(market);
    if (*high != WAGE_UNKNOWN && *low > *high) {
        int64_t swapped = *low;
        *low = *high;
        *high = swapped;
    }
}

static struct occupation_code random_occupation(struct market *market)
{
    static const char *const ISCO[] = {"2",        "25", "251", "2512", "2513", "2512.4",
                                       "2512.4.1", "7",  "721", "7212", "2522"};
    static const char *const CHINA[] = {"2-02-10-03", "2-02-10-04", "2-02",
                                        "6-18-02-04", "2-02-11-03", "6"};
    if (market_chance(market, 3))
        return (struct occupation_code){STR("cn-2022"), str_of(CHINA[below(market, 6)])};
    return (struct occupation_code){STR("isco-08"), str_of(ISCO[below(market, 11)])};
}

static const struct language *random_languages(struct market *market, uint8_t *count)
{
    static const char *const TAGS[] = {"en", "ja", "zh"};
    struct language *languages = market_alloc(market, 3, sizeof *languages);
    *count = 0;
    for (int i = 0; i < 3; i++) {
        if (market_chance(market, 3))
            languages[(*count)++] = (struct language){str_of(TAGS[i]), (uint8_t)below(market, 7)};
    }
    return *count ? languages : NULL;
}

static employment_types random_types(struct market *market)
{
    if (market_chance(market, 3))
        return 0;
    return (employment_types)((1u << (1 + below(market, 3))) | (1u << (1 + below(market, 8))));
}

/* `count` different numbers below KNOWN_SKILL_COUNT + UNKNOWN_SKILL_COUNT: the first are ids. */
static void pick_skills(struct market *market, unsigned *picked, unsigned count)
{
    unsigned all[KNOWN_SKILL_COUNT + UNKNOWN_SKILL_COUNT];
    unsigned pool = market_chance(market, 2) || count > KNOWN_SKILL_COUNT
                        ? KNOWN_SKILL_COUNT + UNKNOWN_SKILL_COUNT
                        : KNOWN_SKILL_COUNT;
    for (unsigned i = 0; i < pool; i++)
        all[i] = i;
    for (unsigned i = 0; i < count; i++) {
        unsigned from = i + below(market, pool - i);
        picked[i] = all[from];
        all[from] = all[i];
    }
}

static unsigned random_skill_count(struct market *market)
{
    unsigned kind = below(market, 20);
    return kind == 0 ? 0 : kind == 1 ? 1 + below(market, RECORD_SKILL_LIMIT) : 1 + below(market, 7);
}

/* The id, and for one outside the taxonomy its name ("u12", of which few exist). */
static uint32_t skill_of(struct market *market, unsigned number, struct str *name)
{
    if (number < KNOWN_SKILL_COUNT)
        return number;
    *name = text_of(market, "u", number);
    return SKILL_UNKNOWN;
}

/* --- Records -----------------------------------------------------------------------------------*/

static void add_asked_skills(struct market *market, struct vacancy *vacancy)
{
    unsigned picked[RECORD_SKILL_LIMIT];
    unsigned count = random_skill_count(market);
    struct asked_skill *skills = market_alloc(market, count, sizeof *skills);
    pick_skills(market, picked, count);
    for (unsigned i = 0; i < count; i++) {
        skills[i].skill_id = skill_of(market, picked[i], &skills[i].name);
        skills[i].importance = (uint8_t)(1 + below(market, IMPORTANCE_LIMIT));
        skills[i].min_level = (uint8_t)below(market, SKILL_LEVEL_LIMIT + 1);
        skills[i].essential = market_chance(market, 8);
    }
    vacancy->skills = count ? skills : NULL;
    vacancy->skill_count = (uint8_t)count;
}

struct vacancy *market_vacancy(struct market *market)
{
    struct vacancy *vacancy = market_alloc(market, 1, sizeof *vacancy);
    vacancy->key = next_key(market);
    vacancy->title = STR("a job");
    if (!market_chance(market, 8))
        vacancy->hiring_organization_folded = text_of(market, "org", below(market, 6));
    vacancy->hiring_organization = vacancy->hiring_organization_folded;
    if (!market_chance(market, 5))
        vacancy->occupation = random_occupation(market);
    add_asked_skills(market, vacancy);
    vacancy->site_count =
        (uint8_t)below(market, market_chance(market, 20) ? RECORD_SITE_LIMIT + 1 : 4);
    struct place *sites = market_alloc(market, vacancy->site_count, sizeof *sites);
    for (int i = 0; i < vacancy->site_count; i++)
        sites[i] = random_place(market);
    vacancy->sites = vacancy->site_count ? sites : NULL;
    vacancy->languages = random_languages(market, &vacancy->language_count);
    vacancy->licences = random_list(market, "licence", 3);
    vacancy->tags = random_list(market, "tag", 4);
    random_wages(market, &vacancy->wage_min_month_cents, &vacancy->wage_max_month_cents);
    vacancy->date_posted = DATE_NONE;
    vacancy->valid_through = DATE_NONE;
    vacancy->total_job_openings = 1 + (int32_t)below(market, 5);
    vacancy->months_of_experience =
        (uint16_t)(market_chance(market, 3) ? 0 : below(market, EXPERIENCE_LIMIT_MONTHS + 1));
    vacancy->types = random_types(market);
    vacancy->education_level = (uint8_t)below(market, EDUCATION_LEVEL_LIMIT + 1);
    vacancy->remote = market_chance(market, 8);
    vacancy->open = !market_chance(market, 12);
    vacancy->status = vacancy->open ? STATUS_OPEN : STATUS_ENDED;
    return vacancy;
}

static void add_held_skills(struct market *market, struct applicant *applicant)
{
    unsigned picked[RECORD_SKILL_LIMIT];
    unsigned count = random_skill_count(market);
    struct held_skill *skills = market_alloc(market, count, sizeof *skills);
    pick_skills(market, picked, count);
    for (unsigned i = 0; i < count; i++) {
        skills[i].skill_id = skill_of(market, picked[i], &skills[i].name);
        skills[i].level = (uint8_t)below(market, SKILL_LEVEL_LIMIT + 1);
    }
    applicant->skills = count ? skills : NULL;
    applicant->skill_count = (uint8_t)count;
}

static int32_t random_distance_limit(struct market *market)
{
    static const int32_t POOL[] = {0, 1, 1000, 10000, 20000, 50000, 300000, DISTANCE_LIMIT_M};
    if (market_chance(market, 3))
        return (int32_t)rng_between(&market->rng, 1, 60000);
    return POOL[below(market, 8)];
}

struct applicant *market_applicant(struct market *market)
{
    struct applicant *applicant = market_alloc(market, 1, sizeof *applicant);
    applicant->key = next_key(market);
    add_held_skills(market, applicant);
    applicant->home = random_place(market);
    unsigned count = below(market, market_chance(market, 20) ? RECORD_OCCUPATION_LIMIT + 1 : 4);
    struct occupation_code *desired = market_alloc(market, count, sizeof *desired);
    for (unsigned i = 0; i < count; i++)
        desired[i] = random_occupation(market);
    applicant->desired_occupations = count ? desired : NULL;
    applicant->occupation_count = (uint8_t)count;
    applicant->languages = random_languages(market, &applicant->language_count);
    applicant->licences = random_list(market, "licence", 3);
    applicant->tags = random_list(market, "tag", 4);
    applicant->priority_groups = random_list(market, "group", 3);
    applicant->excluded_organizations = random_list(market, "org", 6);
    random_wages(market, &applicant->wage_min_month_cents, &applicant->wage_desired_month_cents);
    if (applicant->wage_desired_month_cents == WAGE_UNKNOWN)
        applicant->wage_desired_month_cents = applicant->wage_min_month_cents;
    applicant->max_distance_m = random_distance_limit(market);
    applicant->available_from = DATE_NONE;
    applicant->months_of_experience = market_chance(market, 5)
                                          ? EXPERIENCE_UNKNOWN
                                          : (uint16_t)below(market, EXPERIENCE_LIMIT_MONTHS + 1);
    applicant->types = random_types(market);
    applicant->education_level = (uint8_t)below(market, EDUCATION_LEVEL_LIMIT + 1);
    applicant->consent_matching = !market_chance(market, 12);
    applicant->consent_visible = !market_chance(market, 6);
    applicant->active = !market_chance(market, 12);
    applicant->status = applicant->active ? STATUS_OPEN : STATUS_PAUSED;
    applicant->available = !market_chance(market, 8);
    return applicant;
}

/* --- What a request adds -----------------------------------------------------------------------*/

static struct str_list random_areas(struct market *market)
{
    static const char *const AREAS[] = {"120000", "120100", "120101", "130000", "130200"};
    struct str *items = market_alloc(market, 2, sizeof *items);
    uint32_t count = market_chance(market, 3) ? 1 + below(market, 2) : 0;
    for (uint32_t i = 0; i < count; i++)
        items[i] = str_of(AREAS[below(market, 5)]);
    return (struct str_list){count ? items : NULL, count};
}

struct filter *market_filter(struct market *market)
{
    struct filter *filter = market_alloc(market, 1, sizeof *filter);
    static const struct str PLATFORMS[] = {{"q", 1}, {"pp", 2}};
    if (market_chance(market, 4))
        filter->platforms = (struct str_list){PLATFORMS, 1 + below(market, 2)};
    if (market_chance(market, 4))
        filter->tags = random_list(market, "tag", 4);
    if (market_chance(market, 4))
        filter->organizations = random_list(market, "org", 6);
    if (market_chance(market, 4))
        filter->priority_groups = random_list(market, "group", 3);
    filter->area_codes = random_areas(market);
    if (market_chance(market, 4)) {
        struct occupation_code *occupations = market_alloc(market, 2, sizeof *occupations);
        occupations[0] = random_occupation(market);
        occupations[1] = random_occupation(market);
        filter->occupations = occupations;
        filter->occupation_count = 1 + below(market, 2);
    }
    if (market_chance(market, 4))
        filter->wage_at_least_month_cents = random_wage(market);
    if (market_chance(market, 4))
        filter->wage_at_most_month_cents = random_wage(market);
    if (market_chance(market, 4))
        filter->types = random_types(market);
    filter->remote_only = market_chance(market, 10);
    return filter;
}

static void random_weights(struct market *market, int32_t weights[CRITERION_COUNT])
{
    int32_t left = WEIGHT_SUM;
    memset(weights, 0, CRITERION_COUNT * sizeof *weights);
    while (left > 0) {
        int32_t part =
            market_chance(market, 4) ? left : (int32_t)(1 + below(market, (unsigned)left));
        weights[below(market, CRITERION_COUNT)] += part;
        left -= part;
    }
}

static int32_t random_bp(struct market *market)
{
    static const int32_t POOL[] = {0, 5000, POINTS_LIMIT_BP};
    return market_chance(market, 2) ? POOL[below(market, 3)]
                                    : (int32_t)below(market, POINTS_LIMIT_BP + 1);
}

struct profile market_profile(struct market *market)
{
    struct profile profile = {.name = "random"};
    random_weights(market, profile.weights);
    profile.default_level = (uint8_t)(1 + below(market, 8));
    profile.wage_reference = (uint8_t)below(market, 2);
    profile.no_skills_bp = random_bp(market);
    profile.unstated_location_bp = random_bp(market);
    profile.unknown_wage_bp = random_bp(market);
    profile.unstated_wage_bp = random_bp(market);
    profile.unstated_bp = random_bp(market);
    profile.tie_seed = rng_next(&market->rng);
    return profile;
}

struct scoring market_plain_scoring(struct market *market, const struct profile *profile)
{
    return (struct scoring){.profile = profile,
                            .taxonomy = market->taxonomy,
                            .ranking = market_chance(market, 2) ? RANK_VACANCIES : RANK_APPLICANTS};
}

struct scoring market_scoring(struct market *market, const struct profile *profile)
{
    static const int32_t POOL[] = {0, 1, 1000000, 3000000, SCORE_LIMIT};
    struct scoring scoring = market_plain_scoring(market, profile);
    if (market_chance(market, 2))
        scoring.soft_gates = (gate_set)rng_below(&market->rng, 1u << GATE_COUNT);
    for (int i = 0; i < GATE_COUNT; i++)
        scoring.penalties[i] = POOL[below(market, 5)];
    if (market_chance(market, 2))
        scoring.filter = market_filter(market);
    return scoring;
}
