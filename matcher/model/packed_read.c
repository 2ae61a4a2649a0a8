/* Packed bytes into records, see packed_layout.h. Ranking does this for every candidate it scores,
 * so it is one pass forward with the cursor in a register, and no calls. Thread: any.
 */
#include <assert.h>

#include "model/packed_layout.h"

#include "base/banned.h"

#define FORCE_INLINE static inline __attribute__((always_inline))

/* --- Values: each takes the cursor and gives it back behind what it read ---------------------- */

FORCE_INLINE const uint8_t *get_varint(const uint8_t *at, uint64_t *value)
{
    uint64_t read = *at++;
    if (__builtin_expect(read >= 0x80, 0)) {
        read &= 0x7f;
        unsigned shift = 7;
        uint8_t byte;
        do {
            byte = *at++;
            read |= (uint64_t)(byte & 0x7f) << shift;
            shift += 7;
        } while (byte >= 0x80);
    }
    *value = read;
    return at;
}

FORCE_INLINE const uint8_t *get_text(const uint8_t *at, const struct lexicon *lexicon,
                                     struct str *text)
{
    uint64_t word;
    at = get_varint(at, &word);
    if (!(word & 1)) {
        *text = lexicon_text(lexicon, (uint32_t)(word >> 1));
        return at;
    }
    uint32_t length = (uint32_t)(word >> 1);
    *text = (struct str){length > 0 ? (const char *)at : NULL, length};
    return at + length;
}

FORCE_INLINE const uint8_t *get_texts(const uint8_t *at, const struct lexicon *lexicon,
                                      uint32_t count, struct str *items, struct str_list *out)
{
    for (uint32_t i = 0; i < count; i++)
        at = get_text(at, lexicon, &items[i]);
    *out = (struct str_list){count > 0 ? items : NULL, count};
    return at;
}

FORCE_INLINE const uint8_t *get_key(const uint8_t *at, uint32_t platform_bytes, uint32_t id_bytes,
                                    struct key *key)
{
    key->platform = (struct str){platform_bytes > 0 ? (const char *)at : NULL, platform_bytes};
    at += platform_bytes;
    key->id = (struct str){id_bytes > 0 ? (const char *)at : NULL, id_bytes};
    return at + id_bytes;
}

FORCE_INLINE const uint8_t *get_date(const uint8_t *at, bool is_stated, int32_t *day)
{
    *day = DATE_NONE;
    if (!is_stated)
        return at;
    memcpy(day, at, sizeof *day);
    return at + sizeof *day;
}

FORCE_INLINE const uint8_t *get_occupation(const uint8_t *at, const struct lexicon *lexicon,
                                           struct occupation_code *out)
{
    at = get_text(at, lexicon, &out->system);
    return get_text(at, lexicon, &out->code);
}

FORCE_INLINE const uint8_t *get_languages(const uint8_t *at, uint32_t count,
                                          struct record_scratch *scratch,
                                          const struct language **out)
{
    for (uint32_t i = 0; i < count; i++) {
        at = get_text(at, scratch->lexicon, &scratch->languages[i].tag);
        scratch->languages[i].level = *at++;
    }
    *out = count > 0 ? scratch->languages : NULL;
    return at;
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

FORCE_INLINE const uint8_t *get_salary(const uint8_t *at, const struct lexicon *lexicon,
                                       struct pay_bits bits, int64_t low_cents, int64_t high_cents,
                                       struct salary *out)
{
    at = get_amount(at, bits.min_form, low_cents, &out->min_amount);
    at = get_amount(at, bits.max_form, high_cents, &out->max_amount);
    out->unit = bits.unit;
    out->negotiable = bits.negotiable;
    if (bits.has_currency) {
        struct str currency;
        at = get_text(at, lexicon, &currency);
        memcpy(out->currency, currency.data, 3);
    }
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

FORCE_INLINE const uint8_t *get_asked_skills(const uint8_t *at, bool wide, uint32_t count,
                                             struct asked_skill *out)
{
    for (uint32_t i = 0; i < count; i++) {
        struct skill_bits bits;
        at = get_skill(at, wide, &bits);
        out[i] = (struct asked_skill){.skill_id = bits.skill_id,
                                      .importance = bits.importance,
                                      .min_level = bits.level,
                                      .essential = bits.essential};
    }
    return at;
}

FORCE_INLINE const uint8_t *get_held_skills(const uint8_t *at, bool wide, uint32_t count,
                                            struct held_skill *out)
{
    for (uint32_t i = 0; i < count; i++) {
        struct skill_bits bits;
        at = get_skill(at, wide, &bits);
        out[i] = (struct held_skill){.skill_id = bits.skill_id, .level = bits.level};
    }
    return at;
}

/* --- The records ---------------------------------------------------------------------------- */

FORCE_INLINE const uint8_t *get_sites(const uint8_t *at, uint32_t count,
                                      struct record_scratch *scratch, struct vacancy *out)
{
    struct place *sites = scratch->places.sites;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&sites[i].position, at, sizeof sites[i].position);
        at = get_text(at + sizeof sites[i].position, scratch->lexicon, &sites[i].area_code);
    }
    out->sites = count > 0 ? sites : NULL;
    out->site_count = (uint8_t)count;
    return at;
}

FORCE_INLINE const uint8_t *get_vacancy_texts(const uint8_t *at, const struct vacancy_head *head,
                                              struct record_scratch *scratch, struct vacancy *out)
{
    const struct lexicon *lexicon = scratch->lexicon;
    at = get_text(at, lexicon, &out->title);
    if (head->has_employer)
        at = get_text(at, lexicon, &out->hiring_organization);
    out->hiring_organization_folded = out->hiring_organization;
    if (head->has_own_folded)
        at = get_text(at, lexicon, &out->hiring_organization_folded);
    if (head->has_occupation)
        at = get_occupation(at, lexicon, &out->occupation);
    at = get_languages(at, head->language_count, scratch, &out->languages);
    at = get_texts(at, lexicon, head->licence_count, scratch->licences, &out->licences);
    return get_texts(at, lexicon, head->tag_count, scratch->tags, &out->tags);
}

void packed_vacancy_read(const void *packed, struct record_scratch *scratch, struct vacancy *out)
{
    struct vacancy_head head;
    memcpy(&head, packed, sizeof head);
    const uint8_t *at = (const uint8_t *)packed + sizeof head;
    struct asked_skill *skills = scratch->skills.asked;
    *out = (struct vacancy){
        .skills = head.skill_count > 0 ? skills : NULL,
        .wage_min_month_cents = month_cents_of(head.wage_min_month_cents),
        .wage_max_month_cents = month_cents_of(head.wage_max_month_cents),
        .total_job_openings = (int32_t)head.total_job_openings,
        .months_of_experience = head.months_of_experience,
        .types = (employment_types)(head.types << 1),
        .skill_count = head.skill_count,
        .language_count = head.language_count,
        .education_level = head.education_level,
        .status = head.status,
        .remote = head.remote,
        .open = head.open,
    };
    at = get_key(at, head.platform_bytes, head.id_bytes, &out->key);
    at = get_date(at, head.has_date_posted, &out->date_posted);
    at = get_date(at, head.has_valid_through, &out->valid_through);
    at = get_asked_skills(at, head.pay.has_wide_skills, head.skill_count, skills);
    at = get_wide_wages(at, head.pay, &out->wage_min_month_cents, &out->wage_max_month_cents);
    at = get_salary(at, scratch->lexicon, head.pay, out->wage_min_month_cents,
                    out->wage_max_month_cents, &out->base_salary);
    at = get_sites(at, head.site_count, scratch, out);
    at = get_vacancy_texts(at, &head, scratch, out);
    if (head.pay.has_unknown_skills)
        for (uint32_t i = 0; i < head.skill_count; i++)
            if (skills[i].skill_id == SKILL_UNKNOWN)
                at = get_text(at, scratch->lexicon, &skills[i].name);
}

FORCE_INLINE const uint8_t *get_applicant_texts(const uint8_t *at,
                                                const struct applicant_head *head,
                                                struct record_scratch *scratch,
                                                struct applicant *out)
{
    const struct lexicon *lexicon = scratch->lexicon;
    struct occupation_code *occupations = scratch->places.occupations;
    for (uint32_t i = 0; i < head->occupation_count; i++)
        at = get_occupation(at, lexicon, &occupations[i]);
    out->desired_occupations = head->occupation_count > 0 ? occupations : NULL;
    at = get_languages(at, head->language_count, scratch, &out->languages);
    at = get_texts(at, lexicon, head->licence_count, scratch->licences, &out->licences);
    at = get_texts(at, lexicon, head->tag_count, scratch->tags, &out->tags);
    at = get_texts(at, lexicon, head->group_count, scratch->groups, &out->priority_groups);
    return get_texts(at, lexicon, head->excluded_count, scratch->excluded,
                     &out->excluded_organizations);
}

void packed_applicant_read(const void *packed, struct record_scratch *scratch,
                           struct applicant *out)
{
    struct applicant_head head;
    memcpy(&head, packed, sizeof head);
    const uint8_t *at = (const uint8_t *)packed + sizeof head;
    struct held_skill *skills = scratch->skills.held;
    bool months_are_known = head.months_of_experience != MONTHS_UNKNOWN;
    *out = (struct applicant){
        .skills = head.skill_count > 0 ? skills : NULL,
        .home.position = head.home,
        .wage_min_month_cents = month_cents_of(head.wage_min_month_cents),
        .wage_desired_month_cents = month_cents_of(head.wage_desired_month_cents),
        .max_distance_m = (int32_t)head.max_distance_m,
        .months_of_experience = months_are_known ? head.months_of_experience : EXPERIENCE_UNKNOWN,
        .types = (employment_types)(head.types << 1),
        .skill_count = head.skill_count,
        .occupation_count = head.occupation_count,
        .language_count = head.language_count,
        .education_level = head.education_level,
        .status = head.status,
        .consent_matching = head.consent_matching,
        .consent_visible = head.consent_visible,
        .consent_personalised = head.consent_personalised,
        .active = head.active,
        .available = head.available,
    };
    at = get_key(at, head.platform_bytes, head.id_bytes, &out->key);
    at = get_date(at, head.has_available_from, &out->available_from);
    at = get_held_skills(at, head.pay.has_wide_skills, head.skill_count, skills);
    at = get_wide_wages(at, head.pay, &out->wage_min_month_cents, &out->wage_desired_month_cents);
    at = get_salary(at, scratch->lexicon, head.pay, out->wage_min_month_cents,
                    out->wage_desired_month_cents, &out->wage);
    if (head.has_area)
        at = get_text(at, scratch->lexicon, &out->home.area_code);
    at = get_applicant_texts(at, &head, scratch, out);
    if (head.pay.has_unknown_skills)
        for (uint32_t i = 0; i < head.skill_count; i++)
            if (skills[i].skill_id == SKILL_UNKNOWN)
                at = get_text(at, scratch->lexicon, &skills[i].name);
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
