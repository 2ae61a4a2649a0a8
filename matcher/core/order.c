/* See order.h.
 *
 *   major   63..62 kind | placed: 61..14 Hilbert index | others: 61..30 occupation order
 *   minor   63..62 radius class (applicants) | 61..30 occupation order | 29..0 Hilbert index, top
 */
#include "core/order.h"

#include "core/code.h"
#include "core/row.h"

#include "base/banned.h"

void order_init(struct order *order, enum ranking ranking, const struct taxonomy *taxonomy,
                const struct lexicon *lexicon)
{
    order->ranking = ranking;
    order->taxonomy = taxonomy;
    record_scratch_init(&order->scratch, lexicon);
}

/* --- Occupation order ------------------------------------------------------------------------- */

/* Codes of these systems are near each other when their texts are. */
static bool codes_tell_likeness(struct str system)
{
    return str_equal(system, STR("isco-08")) || str_equal(system, STR("esco")) ||
           str_equal(system, STR("onet-soc")) || str_starts_with(system, STR("cn"));
}

/* The first four characters that are no separators. */
static uint32_t order_of_code(struct str code)
{
    uint32_t order = 0;
    int taken = 0;
    for (uint32_t i = 0; i < code.length && taken < 4; i++) {
        if (code.data[i] == '-' || code.data[i] == '.')
            continue;
        order = order << 8 | (unsigned char)code.data[i];
        taken++;
    }
    return order << 8 * (4 - taken);
}

/* Of other systems nothing is known: documents whose skills lie near each other in the taxonomy's
 * order go together. Where the densest window over their skills begins. `ids` is sorted here. */
static uint32_t order_of_skills(uint32_t *ids, size_t count, size_t skill_count)
{
    enum { WINDOWS = 70 };
    size_t width = skill_count / WINDOWS + 1, best_count = 0;
    uint32_t best = 0;
    for (size_t i = 1; i < count; i++) {
        uint32_t id = ids[i];
        size_t at = i;
        for (; at > 0 && ids[at - 1] > id; at--)
            ids[at] = ids[at - 1];
        ids[at] = id;
    }
    for (size_t i = 0, end = 0; i < count; i++) {
        while (end < count && ids[end] < ids[i] + width)
            end++;
        if (end - i > best_count) {
            best_count = end - i;
            best = ids[i];
        }
    }
    return best;
}

static uint32_t occupation_order(struct occupation_code occupation, uint32_t *ids, size_t count,
                                 const struct taxonomy *taxonomy)
{
    if (occupation.code.length > 0 && codes_tell_likeness(occupation.system))
        return order_of_code(occupation.code);
    return order_of_skills(ids, count, taxonomy_skill_count(taxonomy));
}

static uint32_t vacancy_order(const struct vacancy *vacancy, const struct taxonomy *taxonomy)
{
    uint32_t ids[RECORD_SKILL_LIMIT];
    size_t count = 0;
    for (int i = 0; i < vacancy->skill_count; i++)
        if (vacancy->skills[i].skill_id != SKILL_UNKNOWN)
            ids[count++] = vacancy->skills[i].skill_id;
    return occupation_order(vacancy->occupation, ids, count, taxonomy);
}

static uint32_t applicant_order(const struct applicant *applicant, const struct taxonomy *taxonomy)
{
    uint32_t ids[RECORD_SKILL_LIMIT];
    size_t count = 0;
    for (int i = 0; i < applicant->skill_count; i++)
        if (applicant->skills[i].skill_id != SKILL_UNKNOWN)
            ids[count++] = applicant->skills[i].skill_id;
    struct occupation_code none = {STR(""), STR("")};
    return occupation_order(applicant->occupation_count > 0 ? applicant->desired_occupations[0]
                                                            : none,
                            ids, count, taxonomy);
}

/* --- Keys ------------------------------------------------------------------------------------- */

static void set_keys(struct tile_source *source, enum tile_kind kind, uint64_t hilbert,
                     uint64_t occupation, uint64_t class)
{
    source->kind = (uint8_t)kind;
    source->major = (uint64_t)kind << 62 | (kind == TILE_PLACED ? hilbert << 14 : occupation << 30);
    source->minor = class << 62 | occupation << 30 | hilbert >> 18;
}

static size_t vacancy_sources(struct order *order, const struct entry *entry,
                              struct tile_source *sources)
{
    struct vacancy vacancy;
    size_t count = 0;
    if (!packed_vacancy_is_open(entry_packed(entry)))
        return 0;
    entry_vacancy(entry, &order->scratch, &vacancy);
    uint32_t occupation = vacancy_order(&vacancy, order->taxonomy);
    for (int i = 0; i < vacancy.site_count && !vacancy.remote; i++) {
        struct position position = vacancy.sites[i].position;
        if (!position_is_known(position))
            continue;
        sources[count] =
            (struct tile_source){.entry = entry, .site = (uint8_t)i, .copy = (uint8_t)count};
        set_keys(&sources[count++], TILE_PLACED, hilbert_of(position), occupation, 0);
    }
    if (count > 0)
        return count;
    sources[0] = (struct tile_source){.entry = entry};
    set_keys(&sources[0], vacancy.remote ? TILE_REMOTE : TILE_UNSTATED, 0, occupation, 0);
    return 1;
}

/* People who look near home and people who look far stand apart, so that the longest radius of a
 * tile says something. */
static uint64_t radius_class(int32_t radius_m)
{
    return radius_m < 7000 ? 0 : radius_m < 14000 ? 1 : radius_m < 28000 ? 2 : 3;
}

static size_t applicant_sources(struct order *order, const struct entry *entry,
                                struct tile_source *sources)
{
    struct applicant applicant;
    if (!packed_applicant_is_active(entry_packed(entry)))
        return 0;
    entry_applicant(entry, &order->scratch, &applicant);
    if (!applicant.consent_matching || !applicant.consent_visible)
        return 0;
    uint32_t occupation = applicant_order(&applicant, order->taxonomy);
    bool is_placed = position_is_known(applicant.home.position) && applicant.max_distance_m > 0;
    sources[0] = (struct tile_source){.entry = entry};
    if (is_placed)
        set_keys(&sources[0], TILE_PLACED, hilbert_of(applicant.home.position), occupation,
                 radius_class(applicant.max_distance_m));
    else
        set_keys(&sources[0], TILE_UNSTATED, 0, occupation, 0);
    return 1;
}

size_t order_sources(struct order *order, const struct entry *entry, struct tile_source *sources)
{
    return order->ranking == RANK_VACANCIES ? vacancy_sources(order, entry, sources)
                                            : applicant_sources(order, entry, sources);
}
