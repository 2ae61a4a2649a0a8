/* See query_filter.h. Cost: a few microseconds a tile for each condition; only requests with a
 * filter pay it. */
#include "core/query_filter.h"

#include "core/code.h"
#include "core/order.h"

#include "base/banned.h"

/* --- Compiling ----------------------------------------------------------------------------------
 */

static bool hash_texts(struct str_list list, uint16_t **out, uint32_t *count, struct arena *arena)
{
    *count = list.count;
    *out = arena_alloc(arena, (list.count + 1) * sizeof **out);
    for (uint32_t i = 0; *out && i < list.count; i++)
        (*out)[i] = text_hash16(list.items[i]);
    return *out != NULL;
}

/* area_holds: zero pairs at the end of a code of six digits match anything. Other codes, and an
 * upper one against other codes, match only themselves: their last byte decides. */
static struct masked area_rule(struct str code)
{
    bool is_six_digits = code.length == 6;
    uint32_t pairs = 3;
    for (uint32_t i = 0; i < code.length; i++)
        is_six_digits = is_six_digits && code.data[i] >= '0' && code.data[i] <= '9';
    if (!is_six_digits)
        return (struct masked){area_path(code) & 0xFF000000u, 0xFF000000u};
    while (pairs > 0 && code.data[pairs * 2 - 1] == '0' && code.data[pairs * 2 - 2] == '0')
        pairs--;
    if (pairs == 0)
        return (struct masked){0, 0};
    uint32_t mask = (uint32_t)((UINT64_C(1) << 8 * pairs) - 1);
    return (struct masked){area_path(code) & mask, mask};
}

/* occupation_holds compares level by level; a path has three, more are let through. */
static struct masked occupation_rule(struct occupation_code upper)
{
    struct str levels[3];
    size_t count = occupation_levels(upper.system, upper.code, levels, 3);
    uint32_t mask = (uint32_t)((UINT64_C(1) << 8 * count) - 1);
    return (struct masked){occupation_bytes(upper) & mask, mask};
}

static bool compile_rules(struct query_filter *out, const struct filter *filter,
                          struct arena *arena)
{
    out->areas = arena_alloc(arena, (filter->area_codes.count + 1) * sizeof *out->areas);
    out->occupations =
        arena_alloc(arena, (filter->occupation_count + 1) * sizeof *out->occupations);
    if (!out->areas || !out->occupations)
        return false;
    for (uint32_t i = 0; i < filter->area_codes.count; i++)
        out->areas[out->area_count++] = area_rule(filter->area_codes.items[i]);
    for (size_t i = 0; i < filter->occupation_count; i++)
        out->occupations[out->occupation_count++] = occupation_rule(filter->occupations[i]);
    return true;
}

/* As filter.c: of vacancies no group is asked, of applicants neither organization nor remote work.
 */
bool query_filter_compile(struct query_filter *out, const struct filter *filter,
                          enum ranking ranking, struct arena *arena)
{
    bool vacancies = ranking == RANK_VACANCIES;
    memset(out, 0, sizeof *out);
    out->pay_at_most = CODE_UNKNOWN;
    if (!filter)
        return true;
    out->types = filter->types;
    out->required_bits = vacancies && filter->remote_only ? DOCUMENT_REMOTE : 0;
    if (filter->wage_at_least_month_cents > 0)
        out->pay_at_least = code_up((uint64_t)filter->wage_at_least_month_cents, PAY_CODE_EXPONENT);
    if (filter->wage_at_most_month_cents > 0)
        out->pay_at_most = code_down((uint64_t)filter->wage_at_most_month_cents, PAY_CODE_EXPONENT);
    for (uint32_t i = 0; i < filter->tags.count; i++)
        out->tags |= tag_bit(filter->tags.items[i]);
    for (uint32_t i = 0; !vacancies && i < filter->priority_groups.count; i++)
        out->groups |= tag_bit(filter->priority_groups.items[i]);
    return hash_texts(filter->platforms, &out->platforms, &out->platform_count, arena) &&
           hash_texts(vacancies ? filter->organizations : (struct str_list){0}, &out->organizations,
                      &out->organization_count, arena) &&
           compile_rules(out, filter, arena);
}

/* --- Testing ------------------------------------------------------------------------------------
 */

static bool any_equal(const uint16_t *asked, uint32_t count, uint16_t value)
{
    bool found = count == 0;
    for (uint32_t i = 0; i < count; i++)
        found |= asked[i] == value;
    return found;
}

static bool any_fits(const struct masked *asked, uint32_t count, uint32_t value)
{
    bool found = count == 0;
    for (uint32_t i = 0; i < count; i++)
        found |= value != 0 && (value & asked[i].mask) == asked[i].value;
    return found;
}

/* An applicant may desire several occupations: of more than two, two are kept. */
static bool occupation_may_fit(const struct query_filter *filter, const struct tile_group *group,
                               size_t lane, enum ranking ranking)
{
    if (filter->occupation_count == 0 || (group->bits[lane] & DOCUMENT_MANY_OCCUPATIONS))
        return true;
    return any_fits(filter->occupations, filter->occupation_count, group->occupation[lane]) ||
           (ranking == RANK_APPLICANTS && any_fits(filter->occupations, filter->occupation_count,
                                                   group->essential_or_second[lane]));
}

static bool pay_may_fit(const struct query_filter *filter, uint16_t code, enum ranking ranking)
{
    if (ranking == RANK_VACANCIES)
        return filter->pay_at_least == 0 || (code != CODE_UNKNOWN && code >= filter->pay_at_least);
    return filter->pay_at_most == CODE_UNKNOWN || code == CODE_UNKNOWN ||
           code <= filter->pay_at_most;
}

bool query_filter_may_pass(const struct query_filter *filter, const struct tile *tile,
                           size_t document)
{
    const struct tile_group *group = &tile_groups(tile)[document / GROUP_DOCUMENTS];
    const struct tile_filters *hashes = &tile_filters(tile)[document];
    size_t lane = document % GROUP_DOCUMENTS;
    uint16_t types = group->bits[lane] & DOCUMENT_TYPES;
    return (filter->required_bits & ~group->bits[lane]) == 0 &&
           (filter->types == 0 || types == 0 || (filter->types & types) != 0) &&
           (filter->tags == 0 || (filter->tags & hashes->tags) != 0) &&
           (filter->groups == 0 || (filter->groups & hashes->tags) != 0) &&
           any_equal(filter->platforms, filter->platform_count, hashes->platform) &&
           any_equal(filter->organizations, filter->organization_count, hashes->organization) &&
           (hashes->many || any_fits(filter->areas, filter->area_count, hashes->area)) &&
           occupation_may_fit(filter, group, lane, tile->ranking) &&
           pay_may_fit(filter, group->pay_first[lane], tile->ranking);
}
