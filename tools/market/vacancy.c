/* Draws a vacancy: occupation, employer and level first, everything else from these. */
#include <stdio.h>

#include "base/clock.h"
#include "sample.h"

#include "base/banned.h"

enum { STREAM_VACANCIES = 2 };

static enum sector draw_sector(struct rng *rng, uint32_t sectors)
{
    uint64_t skip = rng_below(rng, (uint64_t)__builtin_popcount(sectors));
    for (; skip > 0; skip--)
        sectors &= sectors - 1;
    return (enum sector)__builtin_ctz(sectors);
}

static void draw_title(struct rng *rng, struct sample_vacancy *vacancy)
{
    static const char perks[] =
        "五险一金|双休|包吃住|带薪培训|班车接送|应届生可|年底双薪|急聘|餐补";
    struct str title = catalogue_draw_title(vacancy->occupation, rng);
    struct str perk = draw_word(rng, STR(perks));
    const char *quarter = vacancy->sites[0].spot.quarter;
    uint64_t manner = rng_below(rng, 100);
    if (manner < 22)
        snprintf(vacancy->title, sizeof vacancy->title, "%s %.*s", quarter, STR_ARG(title));
    else if (manner < 37)
        snprintf(vacancy->title, sizeof vacancy->title, "%.*s（%.*s）", STR_ARG(title),
                 STR_ARG(perk));
    else if (manner < 47 && vacancy->level >= 5)
        snprintf(vacancy->title, sizeof vacancy->title, "高级%.*s", STR_ARG(title));
    else
        snprintf(vacancy->title, sizeof vacancy->title, "%.*s", STR_ARG(title));
}

static void ask(const struct market *market, struct rng *rng, struct sample_vacancy *vacancy,
                uint32_t skill, int importance, bool essential)
{
    /* Employers ask for a little less than they hope for, and often for no level at all. */
    int level = vacancy->level - (int)rng_below(rng, 2);
    if (level < 1 || draw_chance(rng, 250))
        level = 0;
    struct sample_skill asked = {.level = (uint8_t)level, .essential = essential};
    asked.name = catalogue_draw_name(&market->catalogue, rng, skill);
    asked.importance = (uint8_t)(draw_chance(rng, 150) ? 0 : importance);
    sample_skill_add(vacancy->skills, &vacancy->skill_count, asked);
}

static bool occupation_has(const struct occupation *occupation, uint32_t skill)
{
    for (size_t i = 0; i < occupation->essential_count; i++)
        if (occupation->essential_ids[i] == skill)
            return true;
    for (size_t i = 0; i < occupation->optional_count; i++)
        if (occupation->optional_ids[i] == skill)
            return true;
    return false;
}

static void draw_skills(const struct market *market, struct rng *rng,
                        struct sample_vacancy *vacancy)
{
    static const char unlisted[] = "踏实肯干|服从安排|有客户资源|熟悉本地路线|能适应出差|亲和力强";
    const struct occupation *occupation = vacancy->occupation;
    bool essential = draw_chance(rng, 400);
    for (size_t i = 0; i < occupation->essential_count; i++)
        if (i == 0 || draw_chance(rng, 850))
            ask(market, rng, vacancy, occupation->essential_ids[i], 4 + (int)rng_below(rng, 2),
                essential && i == 0);
    for (size_t i = 0; i < occupation->optional_count; i++)
        if (draw_chance(rng, 300))
            ask(market, rng, vacancy, occupation->optional_ids[i], 1 + (int)rng_below(rng, 4),
                false);
    uint32_t general = market->catalogue.general_ids[rng_below(rng, GENERAL_SKILL_COUNT)];
    if (draw_chance(rng, 450) && !occupation_has(occupation, general))
        ask(market, rng, vacancy, general, 1 + (int)rng_below(rng, 3), false);
    if (draw_chance(rng, 20))
        sample_skill_add(vacancy->skills, &vacancy->skill_count,
                         (struct sample_skill){.name = draw_word(rng, STR(unlisted))});
}

static void draw_sites(struct rng *rng, struct sample_vacancy *vacancy,
                       const struct employer *employer)
{
    uint32_t seat = (uint32_t)rng_below(rng, employer->site_count);
    uint32_t count = 1;
    /* So often that one vacancy in twenty has several, with the employers' branches as they are. */
    uint32_t permille = vacancy->occupation->trait->flags & TRAIT_CHAIN ? 190 : 120;
    if (employer->site_count > 1 && draw_chance(rng, permille))
        count = 2 + (uint32_t)rng_below(rng, employer->site_count - 1u);
    for (uint32_t i = 0; i < count; i++)
        vacancy->sites[i] =
            sample_place_of(rng, &employer->sites[(seat + i) % employer->site_count]);
    vacancy->site_count = (uint8_t)count;
    vacancy->remote = vacancy->occupation->trait->flags & TRAIT_REMOTE && draw_chance(rng, 100);
}

static void draw_types(struct rng *rng, struct sample_vacancy *vacancy)
{
    unsigned flags = vacancy->occupation->trait->flags;
    uint8_t *types = vacancy->types;
    vacancy->type_count = 1;
    types[0] = TYPE_FULL_TIME;
    if (flags & TRAIT_HOURLY && draw_chance(rng, 300)) {
        types[0] = TYPE_PART_TIME;
    } else if (flags & TRAIT_DAILY && draw_chance(rng, 350)) {
        types[0] = draw_chance(rng, 500) ? TYPE_PER_DIEM : TYPE_TEMPORARY;
    } else if (flags & TRAIT_OFFICE && vacancy->level <= 3 && draw_chance(rng, 100)) {
        types[0] = TYPE_INTERN;
    } else if (flags & TRAIT_REMOTE && draw_chance(rng, 40)) {
        types[0] = TYPE_CONTRACTOR;
    } else if (flags & TRAIT_HOURLY && draw_chance(rng, 250)) {
        types[vacancy->type_count++] = TYPE_PART_TIME;
    }
}

static enum sample_unit draw_unit(struct rng *rng, const struct sample_vacancy *vacancy)
{
    unsigned flags = vacancy->occupation->trait->flags;
    switch (vacancy->types[0]) {
    case TYPE_PART_TIME:
        return UNIT_HOUR;
    case TYPE_PER_DIEM:
    case TYPE_INTERN:
        return UNIT_DAY;
    case TYPE_TEMPORARY:
        return draw_chance(rng, 300) ? UNIT_WEEK : UNIT_DAY;
    default:
        break;
    }
    if (flags & TRAIT_WEEKLY && draw_chance(rng, 150))
        return UNIT_WEEK;
    if (flags & TRAIT_YEARLY && draw_chance(rng, 300))
        return UNIT_YEAR;
    return UNIT_MONTH;
}

static void draw_pay(const struct market *market, struct rng *rng, struct sample_vacancy *vacancy)
{
    const struct trait *trait = vacancy->occupation->trait;
    struct sample_pay *pay = &vacancy->pay;
    vacancy->year_yuan = pay_year_yuan(&market->scale, pay_draw_worth(rng, trait, vacancy->level));
    int64_t middle = vacancy->year_yuan;
    if (vacancy->types[0] == TYPE_INTERN)
        middle = middle * 6 / 10;
    enum sample_unit unit = draw_unit(rng, vacancy);
    if (unit == UNIT_MONTH && trait->flags & TRAIT_OFFICE && draw_chance(rng, 200))
        pay->months_per_year = (uint8_t)(13 + rng_below(rng, 3) / 2);
    int64_t spread = rng_between(rng, 5, 22); /* percent to either side */
    pay->negotiable = draw_chance(rng, 200);
    if (pay->negotiable && draw_chance(rng, 700)) {
        pay->months_per_year = 0;
        return;
    }
    pay->unit = (uint8_t)unit;
    pay->min_fen = sample_amount_fen(middle * (100 - spread) / 100, unit, pay->months_per_year);
    pay->max_fen = sample_amount_fen(middle * (100 + spread) / 100, unit, pay->months_per_year);
    if (draw_chance(rng, 50))
        pay->max_fen = 0; /* "from 6000" */
}

static void draw_needs(struct rng *rng, struct sample_vacancy *vacancy)
{
    const struct trait *trait = vacancy->occupation->trait;
    static const struct sample_language asked[] = {{"en", 3}, {"en", 4}, {"en", 4}, {"en", 5},
                                                   {"ja", 3}, {"ko", 3}, {"ru", 3}, {"de", 3}};
    if (trait->flags & TRAIT_FOREIGN && draw_chance(rng, 350))
        vacancy->languages[vacancy->language_count++] =
            asked[rng_below(rng, sizeof asked / sizeof asked[0])];
    for (int i = 0; i < 2; i++)
        if (trait->licences[i] != LICENCE_NONE && draw_chance(rng, 850))
            vacancy->licences[vacancy->licence_count++] =
                licence_text((enum licence)trait->licences[i]);
    if (draw_chance(rng, 800))
        vacancy->education = trait->education;
    if (vacancy->level > 1 && draw_chance(rng, 650))
        vacancy->months_of_experience =
            12 * (int32_t)rng_between(rng, vacancy->level / 2, vacancy->level);
}

static void draw_dates(const struct market *market, struct rng *rng, struct sample_vacancy *vacancy)
{
    /* Three in a hundred are announced for next week. */
    int64_t age = draw_chance(rng, 30) ? -rng_between(rng, 1, 7) : rng_between(rng, 0, 60);
    vacancy->date_posted = market->today - (int32_t)age;
    vacancy->valid_through = market->today + (int32_t)rng_between(rng, 8, 90);
}

static void draw_description(const struct market *market, struct rng *rng,
                             struct sample_vacancy *vacancy)
{
    static const char duties[] = "负责|承担|从事|主要完成";
    static const char offers[] = "缴纳五险一金，节日福利。|提供工作餐和住宿。|"
                                 "班车覆盖市区，带薪年假。|入职培训，晋升通道清晰。|"
                                 "按国家规定休假。";
    const struct occupation *occupation = vacancy->occupation;
    const struct taxonomy *taxonomy = market->catalogue.taxonomy;
    uint32_t second = occupation->optional_ids[rng_below(rng, occupation->optional_count)];
    struct str duty = draw_word(rng, STR(duties));
    struct str offer = draw_word(rng, STR(offers));
    struct str skills[] = {taxonomy_skill_label(taxonomy, occupation->essential_ids[0], "zh"),
                           taxonomy_skill_label(taxonomy, second, "zh")};
    snprintf(vacancy->description, sizeof vacancy->description,
             "%.*s%.*s、%.*s等工作，地点在%s%s。%s%.*s", STR_ARG(duty), STR_ARG(skills[0]),
             STR_ARG(skills[1]), vacancy->sites[0].spot.city, vacancy->sites[0].spot.quarter,
             occupation->trait->flags & TRAIT_SHIFTS ? "需要倒班。" : "", STR_ARG(offer));
}

void vacancy_draw(const struct market *market, uint64_t index, struct sample_vacancy *vacancy)
{
    struct rng rng;
    draw_stream(&rng, market->seed, STREAM_VACANCIES, index);
    *vacancy = (struct sample_vacancy){0};
    sample_key_draw(&vacancy->key, &rng, 'v', index);
    vacancy->occupation = &market->catalogue.items[wheel_draw(&market->catalogue.demand, &rng)];
    const struct trait *trait = vacancy->occupation->trait;
    const struct employer *employer =
        employer_draw(&market->employers, &rng, draw_sector(&rng, trait->sectors));
    vacancy->organization = employer->name;
    vacancy->level = pay_draw_level(&rng, trait);
    draw_sites(&rng, vacancy, employer);
    draw_title(&rng, vacancy);
    draw_skills(market, &rng, vacancy);
    draw_types(&rng, vacancy);
    draw_pay(market, &rng, vacancy);
    draw_needs(&rng, vacancy);
    draw_dates(market, &rng, vacancy);
    draw_description(market, &rng, vacancy);
    /* Simple work is sought by the dozen. */
    vacancy->openings =
        1 + (int32_t)rng_below(&rng, 1 + rng_below(&rng, vacancy->level < 4 ? 20 : 4));
    const char *tag = sample_draw_tag(&rng);
    if (tag)
        vacancy->tags[vacancy->tag_count++] = tag;
    uint64_t state = rng_below(&rng, 1000); /* open, paused, filled, withdrawn */
    vacancy->status = state < 20 ? 3 : state < 35 ? 2 : state < 40 ? 4 : state < 600 ? 1 : 0;
}
