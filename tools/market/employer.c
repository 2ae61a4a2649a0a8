/* See employer.h. Each employer comes from its own stream of random numbers. */
#include "employer.h"

#include <stdio.h>

#include "base/memory.h"

#include "base/banned.h"

enum { STREAM_EMPLOYERS = 1, LEAST_PER_SECTOR = 3 };

/* Characters that look well in a name and are rare in real ones in this combination. */
static const char first_characters[] =
    "澜|珩|峤|翎|屿|栩|岑|瀚|禾|沐|朔|昀|桉|芃|湛|蔚|铭|骁|砚|熠|荻|缙|邃|霁|旌|棠|溯|衍|澄|羲";
static const char middle_characters[] =
    "渡|序|舟|垚|陌|予|谷|畔|钧|辰|蓝|野|川|颂|楫|弦|岚|曜|歌|页|恒|映|织|归|朴|引|坤|庭|知|若";
static const char last_characters[] =
    "合|诺|信|驰|域|拓|达|源|创|晟|宇|联|景|帆|润|格|擎|朗|步|原|图|泽|方|林|至|元|禧|铂|垒|颐";
static const char forms[] = "有限公司|有限公司|有限公司|有限责任公司|股份有限公司";

static void name_employer(struct employer *employer, struct rng *rng, enum sector sector)
{
    /* Named after where it is registered, as Chinese companies are. */
    struct str place = str_of(employer->sites[0].city);
    if (str_equal(place, STR("天津市")) && draw_chance(rng, 700))
        place = STR("天津");
    struct str a = draw_word(rng, STR(first_characters));
    struct str b = draw_word(rng, STR(middle_characters));
    struct str c = draw_word(rng, STR(last_characters));
    struct str trade = draw_word(rng, str_of(sector_words(sector)));
    struct str form = draw_word(rng, STR(forms));
    snprintf(employer->name, sizeof employer->name, "%.*s%.*s%.*s%.*s%.*s%.*s", STR_ARG(place),
             STR_ARG(a), STR_ARG(b), STR_ARG(c), STR_ARG(trade), STR_ARG(form));
}

static void employer_init(struct employer *employer, struct rng *rng, const struct places *places,
                          enum sector sector)
{
    /* One in three has branches; chains of shops many. */
    uint64_t branches = draw_chance(rng, 330) ? rng_below(rng, 4) : 0;
    if (sector == SECTOR_RETAIL || sector == SECTOR_CATERING || sector == SECTOR_PROPERTY)
        branches = rng_below(rng, EMPLOYER_SITE_LIMIT);
    employer->site_count = (uint8_t)(1 + branches);
    for (int i = 0; i < employer->site_count; i++)
        employer->sites[i] = place_draw_work(places, rng, sector);
    name_employer(employer, rng, sector);
}

void employers_init(struct employers *employers, uint64_t seed, size_t count,
                    const struct places *places, const struct wheel *sectors)
{
    struct rng rng;
    uint32_t counts[SECTOR_COUNT];
    for (int sector = 0; sector < SECTOR_COUNT; sector++)
        counts[sector] = LEAST_PER_SECTOR;
    draw_stream(&rng, seed, STREAM_EMPLOYERS, 0);
    for (size_t i = LEAST_PER_SECTOR * SECTOR_COUNT; i < count; i++)
        counts[wheel_draw(sectors, &rng)]++;
    uint32_t total = 0;
    for (int sector = 0; sector < SECTOR_COUNT; sector++) {
        employers->first_of[sector] = total;
        total += counts[sector];
    }
    employers->first_of[SECTOR_COUNT] = total;
    employers->items = memory_must_zeroed(total, sizeof employers->items[0]);
    for (int sector = 0; sector < SECTOR_COUNT; sector++) {
        for (uint32_t i = 0; i < counts[sector]; i++) {
            draw_stream(&rng, seed, STREAM_EMPLOYERS, ((uint64_t)sector + 1) << 24 | i);
            employer_init(&employers->items[employers->first_of[sector] + i], &rng, places,
                          (enum sector)sector);
        }
    }
}

void employers_release(struct employers *employers)
{
    memory_free(employers->items);
    *employers = (struct employers){0};
}

const struct employer *employer_draw(const struct employers *employers, struct rng *rng,
                                     enum sector sector)
{
    uint32_t first = employers->first_of[sector];
    uint32_t count = employers->first_of[sector + 1] - first;
    uint64_t a = rng_below(rng, count), b = rng_below(rng, count);
    return &employers->items[first + (a < b ? a : b)];
}
