/* Draws an applicant: occupation and level first, everything else from these. */
#include "base/clock.h"
#include "sample.h"

#include "base/banned.h"

enum { STREAM_APPLICANTS = 3 };

static uint8_t near_level(struct rng *rng, int level)
{
    int drawn = level + (int)rng_between(rng, -1, 1);
    return (uint8_t)(drawn < 1 ? 1 : drawn > 8 ? 8 : drawn);
}

struct skill_set {
    uint32_t ids[SAMPLE_SKILL_LIMIT];
    size_t count;
};

static void hold(const struct market *market, struct rng *rng, struct sample_applicant *applicant,
                 struct skill_set *held, uint32_t skill, int level)
{
    for (size_t i = 0; i < held->count; i++)
        if (held->ids[i] == skill)
            return;
    if (held->count == SAMPLE_SKILL_LIMIT)
        return;
    held->ids[held->count++] = skill;
    struct sample_skill own = {.name = catalogue_draw_name(&market->catalogue, rng, skill)};
    if (!draw_chance(rng, 50)) /* now and then the level is not stated */
        own.level = near_level(rng, level);
    sample_skill_add(applicant->skills, &applicant->skill_count, own);
}

static void hold_occupation(const struct market *market, struct rng *rng,
                            struct sample_applicant *applicant, struct skill_set *held,
                            const struct occupation *occupation, uint32_t permille)
{
    for (size_t i = 0; i < occupation->essential_count; i++)
        if (draw_chance(rng, 900 * permille / 1000))
            hold(market, rng, applicant, held, occupation->essential_ids[i], applicant->level);
    for (size_t i = 0; i < occupation->optional_count; i++)
        if (draw_chance(rng, 350 * permille / 1000))
            hold(market, rng, applicant, held, occupation->optional_ids[i], applicant->level - 1);
}

static void draw_skills(const struct market *market, struct rng *rng,
                        struct sample_applicant *applicant)
{
    struct skill_set held = {.count = 0};
    hold_occupation(market, rng, applicant, &held, applicant->occupations[0], 1000);
    if (applicant->occupation_count > 1)
        hold_occupation(market, rng, applicant, &held, applicant->occupations[1], 400);
    for (int i = 0; i < 3; i++) {
        uint32_t general = market->catalogue.general_ids[rng_below(rng, GENERAL_SKILL_COUNT)];
        if (draw_chance(rng, 450))
            hold(market, rng, applicant, &held, general, 1 + (int)rng_below(rng, 6));
    }
    if (applicant->skill_count == 0)
        hold(market, rng, applicant, &held, applicant->occupations[0]->essential_ids[0],
             applicant->level);
}

static void draw_occupations(const struct market *market, struct rng *rng,
                             struct sample_applicant *applicant)
{
    const struct catalogue *catalogue = &market->catalogue;
    const struct occupation *own = &catalogue->items[wheel_draw(&catalogue->supply, rng)];
    applicant->occupations[applicant->occupation_count++] = own;
    uint64_t more = rng_below(rng, 3);
    for (uint64_t i = 0; i < more; i++) {
        const struct occupation *other = catalogue_draw_relative(catalogue, rng, own);
        bool known = false;
        for (int j = 0; j < applicant->occupation_count; j++)
            known |= applicant->occupations[j] == other;
        if (!known)
            applicant->occupations[applicant->occupation_count++] = other;
    }
}

static void draw_types(struct rng *rng, struct sample_applicant *applicant)
{
    unsigned flags = applicant->occupations[0]->trait->flags;
    uint64_t manner = rng_below(rng, 100);
    if (manner < 25)
        return; /* any is fine */
    if (flags & TRAIT_HOURLY && manner < 40) {
        applicant->types[applicant->type_count++] = TYPE_PART_TIME;
        if (manner >= 33)
            return;
    } else if (flags & TRAIT_DAILY && manner < 50) {
        applicant->types[applicant->type_count++] = TYPE_PER_DIEM;
        applicant->types[applicant->type_count++] = TYPE_TEMPORARY;
    }
    applicant->types[applicant->type_count++] = TYPE_FULL_TIME;
}

static void draw_wish(const struct market *market, struct rng *rng,
                      struct sample_applicant *applicant)
{
    const struct trait *trait = applicant->occupations[0]->trait;
    struct sample_pay *wish = &applicant->wish;
    applicant->year_yuan =
        pay_year_yuan(&market->scale, pay_draw_worth(rng, trait, applicant->level));
    int64_t least = applicant->year_yuan * rng_between(rng, 70, 95) / 100;
    if (draw_chance(rng, 40))
        return;
    wish->unit = UNIT_MONTH;
    if (applicant->type_count == 1 && applicant->types[0] == TYPE_PART_TIME)
        wish->unit = UNIT_HOUR;
    else if (applicant->type_count > 0 && applicant->types[0] == TYPE_PER_DIEM)
        wish->unit = UNIT_DAY;
    else if (trait->flags & TRAIT_YEARLY && draw_chance(rng, 300))
        wish->unit = UNIT_YEAR;
    wish->min_fen = sample_amount_fen(least, (enum sample_unit)wish->unit, 0);
    wish->max_fen = sample_amount_fen(applicant->year_yuan, (enum sample_unit)wish->unit, 0);
    if (draw_chance(rng, 100))
        wish->min_fen = 0; /* only what is hoped for */
}

static void draw_education(struct rng *rng, struct sample_applicant *applicant)
{
    const struct trait *trait = applicant->occupations[0]->trait;
    int education = trait->education;
    uint64_t manner = rng_below(rng, 100);
    if (manner < 20)
        education--;
    else if (manner < 45 && education < 8)
        education++;
    if (education == 4) /* between secondary and tertiary hardly anybody stops */
        education = trait->education;
    applicant->education = (uint8_t)(manner >= 95 ? 0 : education);
}

static void draw_experience(struct rng *rng, struct sample_applicant *applicant)
{
    int level = applicant->level;
    int64_t years = level > 1 ? rng_between(rng, level / 2, 2 * level + 2) : 0;
    applicant->months_of_experience = (int32_t)(12 * years + rng_between(rng, 0, 11));
    if (draw_chance(rng, 60))
        applicant->months_of_experience = -1;
}

static void speak(struct sample_applicant *applicant, const char *tag, int64_t level)
{
    applicant->languages[applicant->language_count++] =
        (struct sample_language){tag, (uint8_t)level};
}

static void draw_languages(struct rng *rng, struct sample_applicant *applicant)
{
    static const char *const others[] = {"ja", "ko", "ru", "de", "fr", "es"};
    const struct trait *trait = applicant->occupations[0]->trait;
    bool graduate = trait->education >= 6;
    speak(applicant, "zh", 6);
    if (trait->education >= 5 && draw_chance(rng, graduate ? 850 : 350))
        speak(applicant, "en", rng_between(rng, graduate ? 2 : 1, trait->education >= 7 ? 6 : 4));
    if (draw_chance(rng, trait->flags & TRAIT_FOREIGN ? 120 : 25)) {
        const char *other = others[rng_below(rng, sizeof others / sizeof others[0])];
        speak(applicant, other, rng_between(rng, 2, 5));
    }
}

static void add_licence(struct sample_applicant *applicant, enum licence licence)
{
    for (int i = 0; i < applicant->licence_count; i++)
        if (applicant->licences[i] == licence_text(licence))
            return;
    if (applicant->licence_count < SAMPLE_LIST_LIMIT)
        applicant->licences[applicant->licence_count++] = licence_text(licence);
}

static void draw_licences(struct rng *rng, struct sample_applicant *applicant)
{
    for (int i = 0; i < applicant->occupation_count; i++) {
        const struct trait *trait = applicant->occupations[i]->trait;
        for (int j = 0; j < 2; j++)
            if (trait->licences[j] != LICENCE_NONE && draw_chance(rng, i == 0 ? 920 : 400))
                add_licence(applicant, (enum licence)trait->licences[j]);
    }
    if (draw_chance(rng, 350))
        add_licence(applicant, LICENCE_DRIVE_C1);
}

static void draw_groups(struct rng *rng, struct sample_applicant *applicant)
{
    const struct trait *trait = applicant->occupations[0]->trait;
    const char **groups = applicant->priority_groups;
    uint8_t *count = &applicant->group_count;
    bool newcomer = applicant->level <= 2;
    if (newcomer && trait->education >= 5 && draw_chance(rng, 600))
        groups[(*count)++] = "graduate";
    if (trait->education <= 3 && draw_chance(rng, 250))
        groups[(*count)++] = "migrant_worker";
    if (applicant->level <= 4 && draw_chance(rng, 80))
        groups[(*count)++] = "hard_to_employ";
    else if (draw_chance(rng, 30))
        groups[(*count)++] = "veteran";
    if (*count < SAMPLE_LIST_LIMIT && draw_chance(rng, 25))
        groups[(*count)++] = "disabled";
    if (*count < SAMPLE_LIST_LIMIT && draw_chance(rng, 8))
        groups[(*count)++] = "zero_employment_family";
}

static void draw_preferences(const struct market *market, struct rng *rng,
                             struct sample_applicant *applicant)
{
    static const int32_t radii_km[] = {3, 5, 8, 10, 10, 15, 15, 20, 20, 30, 30, 50, 100};
    if (draw_chance(rng, 920))
        applicant->max_distance_m =
            1000 * radii_km[rng_below(rng, sizeof radii_km / sizeof radii_km[0])];
    applicant->available_from = DATE_NONE;
    if (draw_chance(rng, 250))
        applicant->available_from = market->today + (int32_t)rng_between(rng, -10, 60);
    uint32_t sectors = applicant->occupations[0]->trait->sectors;
    if (draw_chance(rng, 30))
        applicant->excluded[applicant->excluded_count++] =
            employer_draw(&market->employers, rng, (enum sector)__builtin_ctz(sectors))->name;
    const char *tag = sample_draw_tag(rng);
    if (tag)
        applicant->tags[applicant->tag_count++] = tag;
    applicant->consent_matching = draw_chance(rng, 975);
    applicant->consent_visible = applicant->consent_matching && draw_chance(rng, 880);
    applicant->consent_personalised = applicant->consent_matching && draw_chance(rng, 940);
    uint64_t state = rng_below(rng, 1000); /* paused, placed, active */
    applicant->status = state < 20 ? 2 : state < 40 ? 3 : state < 600 ? 1 : 0;
}

void applicant_draw(const struct market *market, uint64_t index, struct sample_applicant *applicant)
{
    struct rng rng;
    draw_stream(&rng, market->seed, STREAM_APPLICANTS, index);
    *applicant = (struct sample_applicant){0};
    sample_key_draw(&applicant->key, &rng, 'a', index);
    draw_occupations(market, &rng, applicant);
    applicant->level = pay_draw_level(&rng, applicant->occupations[0]->trait);
    struct spot home = place_draw_home(&market->places, &rng);
    applicant->home = sample_place_of(&rng, &home);
    applicant->home.has_address = false; /* nobody's address is in a sample */
    draw_skills(market, &rng, applicant);
    draw_types(&rng, applicant);
    draw_wish(market, &rng, applicant);
    draw_education(&rng, applicant);
    draw_experience(&rng, applicant);
    draw_languages(&rng, applicant);
    draw_licences(&rng, applicant);
    draw_groups(&rng, applicant);
    draw_preferences(market, &rng, applicant);
}
