/* Records into packed bytes, see packed_layout.h. The head is written last, over the room left for
 * it, when all of its bits are known.
 *
 * Room is counted by a rule of its own, which takes every text as written in full: how long a text
 * becomes depends on the lexicon, which learns while it is asked. Thread: the lexicon's writer.
 */
#include <assert.h>

#include "model/packed_layout.h"

#include "base/banned.h"

/* --- Room ----------------------------------------------------------------------------------- */

enum {
    TEXT_ROOM_BYTES = 3, /* in front of a text: its length takes no more */
    SITE_ROOM_BYTES = sizeof(struct position) + TEXT_ROOM_BYTES,
    /* Dates, wide wages, amounts, months_per_year, currency, the 0 at the end. */
    FIXED_ROOM_BYTES = 8 + 16 + 2 * VARINT_BYTES + 1 + TEXT_ROOM_BYTES + 3 + 1,
};

static size_t text_room_bytes(struct str text)
{
    return TEXT_ROOM_BYTES + text.length;
}

static size_t list_room_bytes(struct str_list texts)
{
    size_t room_bytes = 0;
    for (uint32_t i = 0; i < texts.count; i++)
        room_bytes += text_room_bytes(texts.items[i]);
    return room_bytes;
}

static size_t key_room_bytes(struct key key)
{
    return key.platform.length + key.id.length;
}

static size_t languages_room_bytes(const struct language *languages, size_t count)
{
    size_t room_bytes = count;
    for (size_t i = 0; i < count; i++)
        room_bytes += text_room_bytes(languages[i].tag);
    return room_bytes;
}

static size_t occupation_room_bytes(struct occupation_code occupation)
{
    return text_room_bytes(occupation.system) + text_room_bytes(occupation.code);
}

size_t packed_vacancy_room_bytes(const struct vacancy *vacancy)
{
    size_t room_bytes = sizeof(struct vacancy_head) + FIXED_ROOM_BYTES +
                        key_room_bytes(vacancy->key) + text_room_bytes(vacancy->title) +
                        text_room_bytes(vacancy->hiring_organization) +
                        text_room_bytes(vacancy->hiring_organization_folded) +
                        occupation_room_bytes(vacancy->occupation) +
                        languages_room_bytes(vacancy->languages, vacancy->language_count) +
                        list_room_bytes(vacancy->licences) + list_room_bytes(vacancy->tags);
    for (size_t i = 0; i < vacancy->skill_count; i++)
        room_bytes += SKILL_WIDE_BYTES + text_room_bytes(vacancy->skills[i].name);
    for (size_t i = 0; i < vacancy->site_count; i++)
        room_bytes += SITE_ROOM_BYTES + vacancy->sites[i].area_code.length;
    return room_bytes;
}

size_t packed_applicant_room_bytes(const struct applicant *applicant)
{
    size_t room_bytes = sizeof(struct applicant_head) + FIXED_ROOM_BYTES +
                        key_room_bytes(applicant->key) +
                        text_room_bytes(applicant->home.area_code) +
                        languages_room_bytes(applicant->languages, applicant->language_count) +
                        list_room_bytes(applicant->licences) + list_room_bytes(applicant->tags) +
                        list_room_bytes(applicant->priority_groups) +
                        list_room_bytes(applicant->excluded_organizations);
    for (size_t i = 0; i < applicant->skill_count; i++)
        room_bytes += SKILL_WIDE_BYTES + text_room_bytes(applicant->skills[i].name);
    for (size_t i = 0; i < applicant->occupation_count; i++)
        room_bytes += occupation_room_bytes(applicant->desired_occupations[i]);
    return room_bytes;
}

/* --- Values --------------------------------------------------------------------------------- */

struct writer {
    uint8_t *at;
    struct lexicon *lexicon; /* or NULL */
};

static void put_bytes(struct writer *writer, const void *bytes, size_t size_bytes)
{
    if (size_bytes > 0)
        memcpy(writer->at, bytes, size_bytes);
    writer->at += size_bytes;
}

static void put_byte(struct writer *writer, uint8_t byte)
{
    *writer->at++ = byte;
}

static void put_varint(struct writer *writer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_byte(writer, (uint8_t)(value | 0x80));
    put_byte(writer, (uint8_t)value);
}

static void put_own_text(struct writer *writer, struct str text)
{
    assert(text.length < 1 << 20); /* TEXT_ROOM_BYTES: 21 bits, one of them for the form */
    put_varint(writer, (uint64_t)text.length << 1 | 1);
    put_bytes(writer, text.data, text.length);
}

static void put_text(struct writer *writer, struct str text)
{
    /* A number is no shorter than a text of one byte. */
    uint32_t number =
        writer->lexicon && text.length > 1 ? lexicon_number(writer->lexicon, text) : LEXICON_NONE;
    if (number == LEXICON_NONE)
        put_own_text(writer, text);
    else
        put_varint(writer, (uint64_t)number << 1);
}

static void put_texts(struct writer *writer, struct str_list texts)
{
    for (uint32_t i = 0; i < texts.count; i++)
        put_text(writer, texts.items[i]);
}

static void put_key(struct writer *writer, struct key key)
{
    put_bytes(writer, key.platform.data, key.platform.length);
    put_bytes(writer, key.id.data, key.id.length);
}

static void put_levels(struct writer *writer, const struct language *languages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_byte(writer, languages[i].level);
}

static void put_tags(struct writer *writer, const struct language *languages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_text(writer, languages[i].tag);
}

static void put_occupation(struct writer *writer, struct occupation_code occupation)
{
    put_text(writer, occupation.system);
    put_text(writer, occupation.code);
}

/* True when it was written. */
static bool put_date(struct writer *writer, int32_t day)
{
    if (day == DATE_NONE)
        return false;
    put_bytes(writer, &day, sizeof day);
    return true;
}

/* --- Skills --------------------------------------------------------------------------------- */

/* What all skills have in common: held ones have no importance and are never essential. */
static struct asked_skill skill_of(const struct held_skill *held)
{
    return (struct asked_skill){
        .skill_id = held->skill_id, .min_level = held->level, .name = held->name};
}

static bool skill_is_wide(const struct asked_skill *skill)
{
    return skill->skill_id >= SKILL_NARROW_UNKNOWN && skill->skill_id != SKILL_UNKNOWN;
}

static void put_skill(struct writer *writer, const struct asked_skill *skill, bool wide)
{
    assert(skill->min_level < 1 << 4 && skill->importance < 1 << 3);
    if (wide) {
        put_bytes(writer, &skill->skill_id, sizeof skill->skill_id);
        put_byte(writer, skill->min_level);
        put_byte(writer, (uint8_t)(skill->importance | skill->essential << 7));
        return;
    }
    /* SKILL_UNKNOWN becomes SKILL_NARROW_UNKNOWN. */
    uint16_t id = (uint16_t)skill->skill_id;
    put_bytes(writer, &id, sizeof id);
    put_byte(writer, (uint8_t)(skill->min_level | skill->importance << 4 | skill->essential << 7));
}

static void put_asked_skills(struct writer *writer, const struct vacancy *vacancy,
                             struct pay_bits *bits)
{
    for (size_t i = 0; i < vacancy->skill_count; i++)
        bits->has_wide_skills |= skill_is_wide(&vacancy->skills[i]);
    for (size_t i = 0; i < vacancy->skill_count; i++)
        put_skill(writer, &vacancy->skills[i], bits->has_wide_skills);
}

static void put_held_skills(struct writer *writer, const struct applicant *applicant,
                            struct pay_bits *bits)
{
    for (size_t i = 0; i < applicant->skill_count; i++) {
        struct asked_skill skill = skill_of(&applicant->skills[i]);
        bits->has_wide_skills |= skill_is_wide(&skill);
    }
    for (size_t i = 0; i < applicant->skill_count; i++) {
        struct asked_skill skill = skill_of(&applicant->skills[i]);
        put_skill(writer, &skill, bits->has_wide_skills);
    }
}

/* --- Pay ------------------------------------------------------------------------------------ */

/* The two wages as they stand in the head. */
static void put_wages(struct writer *writer, int64_t low_cents, int64_t high_cents,
                      uint32_t *head_low, uint32_t *head_high, struct pay_bits *bits)
{
    if (low_cents >= WAGE_HEAD_UNKNOWN || high_cents >= WAGE_HEAD_UNKNOWN) {
        bits->has_wide_wages = 1;
        *head_low = *head_high = WAGE_HEAD_UNKNOWN;
        put_bytes(writer, &low_cents, sizeof low_cents);
        put_bytes(writer, &high_cents, sizeof high_cents);
        return;
    }
    assert(low_cents >= WAGE_UNKNOWN && high_cents >= WAGE_UNKNOWN);
    *head_low = (uint32_t)low_cents; /* WAGE_UNKNOWN becomes WAGE_HEAD_UNKNOWN */
    *head_high = (uint32_t)high_cents;
}

static enum amount_form put_amount(struct writer *writer, int64_t amount, int64_t month_cents)
{
    if (amount == 0)
        return AMOUNT_NONE;
    if (amount == month_cents)
        return AMOUNT_AS_MONTH;
    put_varint(writer, (uint64_t)amount);
    return AMOUNT_OWN;
}

/* All but the currency, which is a text. */
static void put_salary(struct writer *writer, const struct salary *salary, int64_t low_cents,
                       int64_t high_cents, struct pay_bits *bits)
{
    assert(salary->unit < PAY_UNIT_COUNT);
    bits->min_form = (uint16_t)(put_amount(writer, salary->min_amount, low_cents) & 3);
    bits->max_form = (uint16_t)(put_amount(writer, salary->max_amount, high_cents) & 3);
    bits->unit = (uint16_t)(salary->unit & 7);
    bits->negotiable = salary->negotiable;
    bits->has_currency = salary->currency[0] != '\0';
    bits->has_months_per_year = salary->months_per_year != 0;
    if (bits->has_months_per_year)
        put_byte(writer, salary->months_per_year);
}

static void put_currency(struct writer *writer, const struct salary *salary)
{
    if (salary->currency[0] != '\0')
        put_text(writer, (struct str){salary->currency, 3});
}

/* --- The records ---------------------------------------------------------------------------- */

/* Titles are too many for a lexicon, and few are the same. */
static void put_vacancy_texts(struct writer *writer, const struct vacancy *vacancy,
                              struct vacancy_head *head)
{
    put_own_text(writer, vacancy->title);
    put_currency(writer, &vacancy->base_salary);
    head->has_employer = vacancy->hiring_organization.length > 0;
    if (head->has_employer)
        put_text(writer, vacancy->hiring_organization);
    head->has_own_folded =
        !str_equal(vacancy->hiring_organization, vacancy->hiring_organization_folded);
    if (head->has_own_folded)
        put_text(writer, vacancy->hiring_organization_folded);
    head->has_occupation =
        vacancy->occupation.system.length > 0 || vacancy->occupation.code.length > 0;
    if (head->has_occupation)
        put_occupation(writer, vacancy->occupation);
    for (size_t i = 0; i < vacancy->site_count; i++)
        put_text(writer, vacancy->sites[i].area_code);
    put_tags(writer, vacancy->languages, vacancy->language_count);
    put_texts(writer, vacancy->licences);
    put_texts(writer, vacancy->tags);
    for (size_t i = 0; i < vacancy->skill_count; i++)
        if (vacancy->skills[i].skill_id == SKILL_UNKNOWN)
            put_text(writer, vacancy->skills[i].name);
    put_byte(writer, 0);
}

static struct vacancy_head vacancy_head_of(const struct vacancy *vacancy)
{
    assert(vacancy->skill_count <= RECORD_SKILL_LIMIT && vacancy->site_count <= RECORD_SITE_LIMIT);
    assert(vacancy->language_count <= VACANCY_LANGUAGE_LIMIT &&
           vacancy->licences.count <= VACANCY_LICENCE_LIMIT &&
           vacancy->tags.count <= RECORD_TAG_LIMIT);
    assert(vacancy->key.platform.length <= KEY_PART_LIMIT_BYTES &&
           vacancy->key.id.length <= KEY_PART_LIMIT_BYTES);
    assert(vacancy->total_job_openings >= 0 && vacancy->total_job_openings <= OPENINGS_LIMIT);
    assert(vacancy->education_level <= EDUCATION_LEVEL_LIMIT && vacancy->status < 1 << 3);
    return (struct vacancy_head){
        .platform_bytes = vacancy->key.platform.length & 127,
        .id_bytes = vacancy->key.id.length & 127,
        .total_job_openings = (uint32_t)vacancy->total_job_openings & 0x1ffff,
        .open = vacancy->open,
        .skill_count = vacancy->skill_count & 127,
        .site_count = vacancy->site_count & 31,
        .language_count = vacancy->language_count & 15,
        .licence_count = vacancy->licences.count & 31,
        .tag_count = vacancy->tags.count & 31,
        .status = vacancy->status & 7,
        .remote = vacancy->remote,
        .months_of_experience = vacancy->months_of_experience,
        .types = (uint8_t)(vacancy->types >> 1),
        .education_level = vacancy->education_level & 15,
    };
}

size_t packed_vacancy_write(const struct vacancy *vacancy, struct lexicon *lexicon, void *out)
{
    struct writer writer = {(uint8_t *)out + sizeof(struct vacancy_head), lexicon};
    struct vacancy_head head = vacancy_head_of(vacancy);
    int64_t low_cents = vacancy->wage_min_month_cents, high_cents = vacancy->wage_max_month_cents;
    put_key(&writer, vacancy->key);
    head.has_date_posted = put_date(&writer, vacancy->date_posted);
    head.has_valid_through = put_date(&writer, vacancy->valid_through);
    put_asked_skills(&writer, vacancy, &head.pay);
    put_wages(&writer, low_cents, high_cents, &head.wage_min_month_cents,
              &head.wage_max_month_cents, &head.pay);
    put_salary(&writer, &vacancy->base_salary, low_cents, high_cents, &head.pay);
    for (size_t i = 0; i < vacancy->site_count; i++)
        put_bytes(&writer, &vacancy->sites[i].position, sizeof vacancy->sites[i].position);
    put_levels(&writer, vacancy->languages, vacancy->language_count);
    put_vacancy_texts(&writer, vacancy, &head);
    memcpy(out, &head, sizeof head);
    return (size_t)(writer.at - (uint8_t *)out);
}

static struct applicant_head applicant_head_of(const struct applicant *applicant)
{
    assert(applicant->skill_count <= RECORD_SKILL_LIMIT &&
           applicant->occupation_count <= RECORD_OCCUPATION_LIMIT &&
           applicant->language_count <= APPLICANT_LANGUAGE_LIMIT);
    assert(applicant->licences.count <= APPLICANT_LICENCE_LIMIT &&
           applicant->tags.count <= RECORD_TAG_LIMIT &&
           applicant->priority_groups.count <= RECORD_PRIORITY_GROUP_LIMIT &&
           applicant->excluded_organizations.count <= RECORD_EXCLUDED_LIMIT);
    assert(applicant->key.platform.length <= KEY_PART_LIMIT_BYTES &&
           applicant->key.id.length <= KEY_PART_LIMIT_BYTES);
    assert(applicant->max_distance_m >= 0 && applicant->max_distance_m <= DISTANCE_LIMIT_M);
    assert(applicant->education_level <= EDUCATION_LEVEL_LIMIT && applicant->status < 1 << 3);
    assert(applicant->months_of_experience <= EXPERIENCE_LIMIT_MONTHS ||
           applicant->months_of_experience == EXPERIENCE_UNKNOWN);
    return (struct applicant_head){
        .home = applicant->home.position,
        .max_distance_m = (uint32_t)applicant->max_distance_m & 0x1ffffff,
        .platform_bytes = applicant->key.platform.length & 127,
        .id_bytes = applicant->key.id.length & 127,
        .skill_count = applicant->skill_count & 127,
        .occupation_count = applicant->occupation_count & 31,
        .language_count = applicant->language_count & 31,
        .types = (uint32_t)applicant->types >> 1 & 255,
        .licence_count = applicant->licences.count & 63,
        .excluded_count = applicant->excluded_organizations.count & 63,
        .tag_count = applicant->tags.count & 31,
        .group_count = applicant->priority_groups.count & 15,
        .education_level = applicant->education_level & 15,
        .status = applicant->status & 7,
        .active = applicant->active,
        .available = applicant->available,
        /* EXPERIENCE_UNKNOWN becomes MONTHS_UNKNOWN. */
        .months_of_experience = applicant->months_of_experience & MONTHS_UNKNOWN,
        .consent_matching = applicant->consent_matching,
        .consent_visible = applicant->consent_visible,
        .consent_personalised = applicant->consent_personalised,
    };
}

static void put_applicant_texts(struct writer *writer, const struct applicant *applicant,
                                struct applicant_head *head)
{
    put_currency(writer, &applicant->wage);
    head->has_area = applicant->home.area_code.length > 0;
    if (head->has_area)
        put_text(writer, applicant->home.area_code);
    for (size_t i = 0; i < applicant->occupation_count; i++)
        put_occupation(writer, applicant->desired_occupations[i]);
    put_tags(writer, applicant->languages, applicant->language_count);
    put_texts(writer, applicant->licences);
    put_texts(writer, applicant->tags);
    put_texts(writer, applicant->priority_groups);
    put_texts(writer, applicant->excluded_organizations);
    for (size_t i = 0; i < applicant->skill_count; i++)
        if (applicant->skills[i].skill_id == SKILL_UNKNOWN)
            put_text(writer, applicant->skills[i].name);
    put_byte(writer, 0);
}

size_t packed_applicant_write(const struct applicant *applicant, struct lexicon *lexicon, void *out)
{
    struct writer writer = {(uint8_t *)out + sizeof(struct applicant_head), lexicon};
    struct applicant_head head = applicant_head_of(applicant);
    int64_t low_cents = applicant->wage_min_month_cents;
    int64_t high_cents = applicant->wage_desired_month_cents;
    put_key(&writer, applicant->key);
    head.has_available_from = put_date(&writer, applicant->available_from);
    put_held_skills(&writer, applicant, &head.pay);
    put_wages(&writer, low_cents, high_cents, &head.wage_min_month_cents,
              &head.wage_desired_month_cents, &head.pay);
    put_salary(&writer, &applicant->wage, low_cents, high_cents, &head.pay);
    put_levels(&writer, applicant->languages, applicant->language_count);
    put_applicant_texts(&writer, applicant, &head);
    memcpy(out, &head, sizeof head);
    return (size_t)(writer.at - (uint8_t *)out);
}
