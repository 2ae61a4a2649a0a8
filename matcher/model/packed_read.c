/* Packed bytes into records, see packed_layout.h. Ranking does this for every candidate it scores,
 * so it is one pass forward with the cursor in a register, and no calls. Thread: any.
 */
#include <assert.h>
#include <stddef.h>

#include "model/packed_layout.h"

#include "base/banned.h"

#define FORCE_INLINE static inline __attribute__((always_inline))

/* --- Values: each takes the cursor and gives it back behind what it read ---------------------- */

FORCE_INLINE const uint8_t *get_varint(const uint8_t *at, uint64_t *value)
{
    uint64_t read = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *at++;
        read |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte >= 0x80);
    *value = read;
    return at;
}

FORCE_INLINE const uint8_t *get_own_text(const uint8_t *at, uint64_t length, struct str *text)
{
    *text = (struct str){length > 0 ? (const char *)at : NULL, (uint32_t)length};
    return at + length;
}

/* Whether the head of a text takes one byte or two cannot be predicted, so both are read and no
 * branch is taken; there is always one byte more. */
FORCE_INLINE const uint8_t *get_text(const uint8_t *at, const struct lexicon *lexicon,
                                     struct str *text)
{
    uint32_t first = at[0], second = at[1], has_second = first >> 7;
    uint64_t word = (first & 0x7f) | (second & 0x7f & -has_second) << 7;
    if (__builtin_expect(has_second & second >> 7, 0))
        at = get_varint(at, &word);
    else
        at += 1 + has_second;
    if (__builtin_expect(word & 1, 0))
        return get_own_text(at, word >> 1, text);
    *text = lexicon_text(lexicon, (uint32_t)(word >> 1));
    return at;
}

FORCE_INLINE const uint8_t *get_key(const uint8_t *at, uint32_t platform_bytes, uint32_t id_bytes,
                                    struct key *key)
{
    at = get_own_text(at, platform_bytes, &key->platform);
    return get_own_text(at, id_bytes, &key->id);
}

FORCE_INLINE const uint8_t *get_date(const uint8_t *at, bool is_stated, int32_t *day)
{
    *day = DATE_NONE;
    if (!is_stated)
        return at;
    memcpy(day, at, sizeof *day);
    return at + sizeof *day;
}

/* --- Stretches of the texts ------------------------------------------------------------------ */

FORCE_INLINE struct str_list take_list(const struct str **texts, uint32_t count)
{
    struct str_list list = {count > 0 ? *texts : NULL, count};
    *texts += count;
    return list;
}

FORCE_INLINE struct str take_text(const struct str **texts, bool is_there)
{
    struct str text = is_there ? **texts : (struct str){NULL, 0};
    *texts += is_there;
    return text;
}

FORCE_INLINE void take_currency(const struct str **texts, struct pay_bits bits,
                                struct salary *salary)
{
    if (!bits.has_currency)
        return;
    memcpy(salary->currency, (*texts)->data, 3);
    *texts += 1;
}

FORCE_INLINE const struct language *take_languages(const struct str **texts, const uint8_t *levels,
                                                   uint32_t count, struct language *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct language){(*texts)[i], levels[i]};
    *texts += count;
    return count > 0 ? out : NULL;
}

/* --- Pay ------------------------------------------------------------------------------------ */

FORCE_INLINE int64_t month_cents_of(uint32_t head_cents)
{
    return head_cents == WAGE_HEAD_UNKNOWN ? WAGE_UNKNOWN : (int64_t)head_cents;
}

FORCE_INLINE const uint8_t *get_wide_wages(const uint8_t *at, struct pay_bits bits, int64_t *low,
                                           int64_t *high)
{
    if (!bits.has_wide_wages)
        return at;
    memcpy(low, at, sizeof *low);
    memcpy(high, at + sizeof *low, sizeof *high);
    return at + sizeof *low + sizeof *high;
}

FORCE_INLINE const uint8_t *get_amount(const uint8_t *at, unsigned form, int64_t month_cents,
                                       int64_t *amount)
{
    *amount = form == AMOUNT_AS_MONTH ? month_cents : 0;
    if (form != AMOUNT_OWN)
        return at;
    uint64_t read;
    at = get_varint(at, &read);
    *amount = (int64_t)read;
    return at;
}

/* All but the currency. */
FORCE_INLINE const uint8_t *get_salary(const uint8_t *at, struct pay_bits bits, int64_t low_cents,
                                       int64_t high_cents, struct salary *out)
{
    at = get_amount(at, bits.min_form, low_cents, &out->min_amount);
    at = get_amount(at, bits.max_form, high_cents, &out->max_amount);
    out->unit = bits.unit;
    out->negotiable = bits.negotiable;
    if (bits.has_months_per_year)
        out->months_per_year = *at++;
    return at;
}

/* --- Skills --------------------------------------------------------------------------------- */

struct skill_bits {
    uint32_t skill_id;
    uint8_t level, importance;
    bool essential;
};

FORCE_INLINE const uint8_t *get_skill(const uint8_t *at, bool wide, struct skill_bits *out)
{
    if (__builtin_expect(wide, 0)) {
        memcpy(&out->skill_id, at, sizeof out->skill_id);
        out->level = at[4];
        out->importance = at[5] & 0x7f;
        out->essential = at[5] >> 7;
        return at + SKILL_WIDE_BYTES;
    }
    uint16_t id;
    memcpy(&id, at, sizeof id);
    out->skill_id = id == SKILL_NARROW_UNKNOWN ? SKILL_UNKNOWN : id;
    out->level = at[2] & 0xf;
    out->importance = at[2] >> 4 & 7;
    out->essential = at[2] >> 7;
    return at + SKILL_NARROW_BYTES;
}

/* *unknown_count names of skills will follow. */
FORCE_INLINE const uint8_t *get_asked_skills(const uint8_t *at, bool wide, uint32_t count,
                                             struct asked_skill *out, uint32_t *unknown_count)
{
    *unknown_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct skill_bits bits;
        at = get_skill(at, wide, &bits);
        out[i] = (struct asked_skill){.skill_id = bits.skill_id,
                                      .importance = bits.importance,
                                      .min_level = bits.level,
                                      .essential = bits.essential};
        *unknown_count += bits.skill_id == SKILL_UNKNOWN;
    }
    return at;
}

FORCE_INLINE const uint8_t *get_held_skills(const uint8_t *at, bool wide, uint32_t count,
                                            struct held_skill *out, uint32_t *unknown_count)
{
    *unknown_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct skill_bits bits;
        at = get_skill(at, wide, &bits);
        out[i] = (struct held_skill){.skill_id = bits.skill_id, .level = bits.level};
        *unknown_count += bits.skill_id == SKILL_UNKNOWN;
    }
    return at;
}

/* --- The records ---------------------------------------------------------------------------- */

/* What the head tells. */
FORCE_INLINE void take_vacancy_head(const struct vacancy_head *head, struct vacancy *out)
{
    *out = (struct vacancy){
        .wage_min_month_cents = month_cents_of(head->wage_min_month_cents),
        .wage_max_month_cents = month_cents_of(head->wage_max_month_cents),
        .total_job_openings = (int32_t)head->total_job_openings,
        .months_of_experience = head->months_of_experience,
        .types = (employment_types)(head->types << 1),
        .skill_count = head->skill_count,
        .site_count = head->site_count,
        .language_count = head->language_count,
        .education_level = head->education_level,
        .status = head->status,
        .remote = head->remote,
        .open = head->open,
    };
}

/* Site positions, then language levels, are at `positions`. */
FORCE_INLINE void take_vacancy_texts(const struct vacancy_head *head, const uint8_t *positions,
                                     uint32_t unknown_count, struct record_scratch *scratch,
                                     struct vacancy *out)
{
    const struct str *texts = scratch->texts;
    take_currency(&texts, head->pay, &out->base_salary);
    out->hiring_organization = take_text(&texts, head->has_employer);
    out->hiring_organization_folded =
        head->has_own_folded ? take_text(&texts, true) : out->hiring_organization;
    out->occupation.system = take_text(&texts, head->has_occupation);
    out->occupation.code = take_text(&texts, head->has_occupation);
    for (uint32_t i = 0; i < head->site_count; i++) {
        struct place *site = &scratch->sites[i];
        memcpy(&site->position, positions + i * sizeof site->position, sizeof site->position);
        site->area_code = texts[i];
    }
    texts += head->site_count;
    out->sites = head->site_count > 0 ? scratch->sites : NULL;
    const uint8_t *levels = positions + head->site_count * sizeof(struct position);
    out->languages = take_languages(&texts, levels, head->language_count, scratch->languages);
    out->licences = take_list(&texts, head->licence_count);
    out->tags = take_list(&texts, head->tag_count);
    if (unknown_count > 0)
        for (uint32_t i = 0; i < head->skill_count; i++)
            if (scratch->skills.asked[i].skill_id == SKILL_UNKNOWN)
                scratch->skills.asked[i].name = *texts++;
}

void packed_vacancy_read(const void *packed, struct record_scratch *scratch, struct vacancy *out)
{
    struct vacancy_head head;
    memcpy(&head, packed, sizeof head);
    const uint8_t *at = (const uint8_t *)packed + sizeof head;
    uint32_t unknown_count;
    uint64_t title_word;
    take_vacancy_head(&head, out);
    at = get_key(at, head.platform_bytes, head.id_bytes, &out->key);
    at = get_date(at, head.has_date_posted, &out->date_posted);
    at = get_date(at, head.has_valid_through, &out->valid_through);
    at = get_asked_skills(at, head.pay.has_wide_skills, head.skill_count, scratch->skills.asked,
                          &unknown_count);
    out->skills = head.skill_count > 0 ? scratch->skills.asked : NULL;
    at = get_wide_wages(at, head.pay, &out->wage_min_month_cents, &out->wage_max_month_cents);
    at = get_salary(at, head.pay, out->wage_min_month_cents, out->wage_max_month_cents,
                    &out->base_salary);
    const uint8_t *positions = at;
    at += head.site_count * sizeof(struct position) + head.language_count;
    at = get_varint(at, &title_word);
    at = get_own_text(at, title_word >> 1, &out->title);
    uint32_t text_count = head.pay.has_currency + head.has_employer + head.has_own_folded +
                          2 * head.has_occupation + head.site_count + head.language_count +
                          head.licence_count + head.tag_count + unknown_count;
    for (uint32_t i = 0; i < text_count; i++)
        at = get_text(at, scratch->lexicon, &scratch->texts[i]);
    take_vacancy_texts(&head, positions, unknown_count, scratch, out);
}

FORCE_INLINE void take_applicant_head(const struct applicant_head *head, struct applicant *out)
{
    bool months_are_known = head->months_of_experience != MONTHS_UNKNOWN;
    *out = (struct applicant){
        .home.position = head->home,
        .wage_min_month_cents = month_cents_of(head->wage_min_month_cents),
        .wage_desired_month_cents = month_cents_of(head->wage_desired_month_cents),
        .max_distance_m = (int32_t)head->max_distance_m,
        .months_of_experience = months_are_known ? head->months_of_experience : EXPERIENCE_UNKNOWN,
        .types = (employment_types)(head->types << 1),
        .skill_count = head->skill_count,
        .occupation_count = head->occupation_count,
        .language_count = head->language_count,
        .education_level = head->education_level,
        .status = head->status,
        .consent_matching = head->consent_matching,
        .consent_visible = head->consent_visible,
        .consent_personalised = head->consent_personalised,
        .active = head->active,
        .available = head->available,
    };
}

/* Occupations are pairs of texts, as they lie there. */
static_assert(sizeof(struct occupation_code) == 2 * sizeof(struct str) &&
                  offsetof(struct occupation_code, code) == sizeof(struct str),
              "an occupation is its system, then its code");

FORCE_INLINE void take_applicant_texts(const struct applicant_head *head, const uint8_t *levels,
                                       uint32_t unknown_count, struct record_scratch *scratch,
                                       struct applicant *out)
{
    const struct str *texts = scratch->texts;
    take_currency(&texts, head->pay, &out->wage);
    out->home.area_code = take_text(&texts, head->has_area);
    out->desired_occupations =
        (const struct occupation_code *)take_list(&texts, 2 * head->occupation_count).items;
    out->languages = take_languages(&texts, levels, head->language_count, scratch->languages);
    out->licences = take_list(&texts, head->licence_count);
    out->tags = take_list(&texts, head->tag_count);
    out->priority_groups = take_list(&texts, head->group_count);
    out->excluded_organizations = take_list(&texts, head->excluded_count);
    if (unknown_count > 0)
        for (uint32_t i = 0; i < head->skill_count; i++)
            if (scratch->skills.held[i].skill_id == SKILL_UNKNOWN)
                scratch->skills.held[i].name = *texts++;
}

void packed_applicant_read(const void *packed, struct record_scratch *scratch,
                           struct applicant *out)
{
    struct applicant_head head;
    memcpy(&head, packed, sizeof head);
    const uint8_t *at = (const uint8_t *)packed + sizeof head;
    uint32_t unknown_count;
    take_applicant_head(&head, out);
    at = get_key(at, head.platform_bytes, head.id_bytes, &out->key);
    at = get_date(at, head.has_available_from, &out->available_from);
    at = get_held_skills(at, head.pay.has_wide_skills, head.skill_count, scratch->skills.held,
                         &unknown_count);
    out->skills = head.skill_count > 0 ? scratch->skills.held : NULL;
    at = get_wide_wages(at, head.pay, &out->wage_min_month_cents, &out->wage_desired_month_cents);
    at = get_salary(at, head.pay, out->wage_min_month_cents, out->wage_desired_month_cents,
                    &out->wage);
    const uint8_t *levels = at;
    at += head.language_count;
    uint32_t text_count = head.pay.has_currency + head.has_area + 2 * head.occupation_count +
                          head.language_count + head.licence_count + head.tag_count +
                          head.group_count + head.excluded_count + unknown_count;
    for (uint32_t i = 0; i < text_count; i++)
        at = get_text(at, scratch->lexicon, &scratch->texts[i]);
    take_applicant_texts(&head, levels, unknown_count, scratch, out);
}

/* --- Parts alone ---------------------------------------------------------------------------- */

static struct vacancy_head vacancy_head_at(const void *packed)
{
    struct vacancy_head head;
    memcpy(&head, packed, sizeof head);
    return head;
}

static struct applicant_head applicant_head_at(const void *packed)
{
    struct applicant_head head;
    memcpy(&head, packed, sizeof head);
    return head;
}

struct key packed_key(const void *packed, enum record_kind kind)
{
    struct key key;
    if (kind == RECORD_VACANCY) {
        struct vacancy_head head = vacancy_head_at(packed);
        get_key((const uint8_t *)packed + sizeof head, head.platform_bytes, head.id_bytes, &key);
    } else {
        struct applicant_head head = applicant_head_at(packed);
        get_key((const uint8_t *)packed + sizeof head, head.platform_bytes, head.id_bytes, &key);
    }
    return key;
}

bool packed_vacancy_is_open(const void *packed)
{
    return vacancy_head_at(packed).open;
}

bool packed_applicant_is_active(const void *packed)
{
    return applicant_head_at(packed).active;
}

bool packed_vacancy_turns(const void *packed, int32_t day)
{
    struct vacancy_head head = vacancy_head_at(packed);
    struct vacancy vacancy = {.status = head.status};
    const uint8_t *at = (const uint8_t *)packed + sizeof head + head.platform_bytes + head.id_bytes;
    at = get_date(at, head.has_date_posted, &vacancy.date_posted);
    get_date(at, head.has_valid_through, &vacancy.valid_through);
    return vacancy_is_open_on(&vacancy, day) != head.open;
}

bool packed_applicant_turns(const void *packed, int32_t day)
{
    struct applicant_head head = applicant_head_at(packed);
    struct applicant applicant = {0};
    get_date((const uint8_t *)packed + sizeof head + head.platform_bytes + head.id_bytes,
             head.has_available_from, &applicant.available_from);
    return applicant_is_available_on(&applicant, day) != head.available;
}

void packed_turn(void *packed, enum record_kind kind)
{
    if (kind == RECORD_VACANCY) {
        struct vacancy_head head = vacancy_head_at(packed);
        head.open = !head.open;
        memcpy(packed, &head, sizeof head);
    } else {
        struct applicant_head head = applicant_head_at(packed);
        head.available = !head.available;
        memcpy(packed, &head, sizeof head);
    }
}
