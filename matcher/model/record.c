/* Keys, packing, and what a date makes of a record. The checks are in record_validate.c.
 *
 * Packing runs one routine twice: without a block it only counts bytes, with a block it copies, so
 * that the two cannot disagree. All arrays come first, each aligned; the texts follow without gaps:
 *
 *   [ struct | skills | sites | languages | .. | licences | tags | "key" "title" .. ]
 *
 * Thread: any. Cost: one allocation and two passes over the record, about 0.5 us.
 */
#include "model/record.h"

#include <assert.h>
#include <stdalign.h>

#include <xxhash.h>

#include "base/memory.h"

#include "base/banned.h"

/* --- Keys ----------------------------------------------------------------------------------- */

uint64_t key_hash(struct key key, uint64_t seed)
{
    assert(key.platform.length <= KEY_PART_LIMIT_BYTES && key.id.length <= KEY_PART_LIMIT_BYTES);
    char joined[2 * KEY_PART_LIMIT_BYTES + 1];
    size_t length = key.platform.length;
    if (length > 0)
        memcpy(joined, key.platform.data, length);
    joined[length++] = '\0';
    if (key.id.length > 0)
        memcpy(joined + length, key.id.data, key.id.length);
    return XXH3_64bits_withSeed(joined, length + key.id.length, seed);
}

uint64_t record_hash(struct str original)
{
    return XXH3_64bits(original.data, original.length);
}

/* "19900307" as a date of birth; the calendar is date_parse's. */
static bool is_birth_date(const char *digits)
{
    char text[10];
    memcpy(text, digits, 4);
    memcpy(text + 5, digits + 4, 2);
    memcpy(text + 8, digits + 6, 2);
    text[4] = text[7] = '-';
    int32_t day;
    bool plausible_century = memcmp(digits, "19", 2) == 0 || memcmp(digits, "20", 2) == 0;
    return plausible_century && date_parse((struct str){text, sizeof text}, &day);
}

bool key_part_is_identity_number(struct str text)
{
    enum { LENGTH = 18, DATE_AT = 6 };
    if (text.length != LENGTH)
        return false;
    /* ISO 7064 mod 11-2 in Horner's form: with the check character (X is 10) the sum is 1. */
    int sum = 0;
    for (int i = 0; i < LENGTH; i++) {
        char c = text.data[i];
        bool is_x = i == LENGTH - 1 && (c == 'X' || c == 'x');
        if (!is_x && (c < '0' || c > '9'))
            return false;
        sum = (sum * 2 + (is_x ? 10 : c - '0')) % 11;
    }
    return sum == 1 && is_birth_date(text.data + DATE_AT);
}

/* --- Packing -------------------------------------------------------------------------------- */

/* Enough for every array of a record. */
enum { ARRAY_ALIGNMENT = 8 };
static_assert(alignof(struct asked_skill) <= ARRAY_ALIGNMENT &&
                  alignof(struct place) <= ARRAY_ALIGNMENT &&
                  alignof(struct vacancy) <= ARRAY_ALIGNMENT &&
                  alignof(struct applicant) <= ARRAY_ALIGNMENT,
              "arrays and records are aligned");

struct packer {
    char *block; /* NULL: only count */
    size_t length_bytes;
};

/* The copy of an array, or NULL when only counting or when it is empty. */
static void *pack_array(struct packer *packer, const void *items, size_t count, size_t item_bytes)
{
    if (count == 0)
        return NULL;
    size_t at = (packer->length_bytes + ARRAY_ALIGNMENT - 1) & ~(size_t)(ARRAY_ALIGNMENT - 1);
    packer->length_bytes = at + count * item_bytes;
    return packer->block ? memcpy(packer->block + at, items, count * item_bytes) : NULL;
}

/* Copies `text` behind what is there and lets *stored, which holds it already, point to the copy.
 * `stored` may be anything when only counting. */
static void pack_text(struct packer *packer, struct str text, struct str *stored)
{
    if (packer->block) {
        char *copy = packer->block + packer->length_bytes;
        if (text.length > 0)
            memcpy(copy, text.data, text.length);
        *stored = (struct str){text.length > 0 ? copy : NULL, text.length};
    }
    packer->length_bytes += text.length;
}

static void pack_texts(struct packer *packer, struct str_list texts, struct str *stored)
{
    for (uint32_t i = 0; i < texts.count; i++)
        pack_text(packer, texts.items[i], stored ? &stored[i] : NULL);
}

static void pack_key(struct packer *packer, struct key key, struct key *stored)
{
    pack_text(packer, key.platform, &stored->platform);
    pack_text(packer, key.id, &stored->id);
}

static void pack_occupation(struct packer *packer, struct occupation_code occupation,
                            struct occupation_code *stored)
{
    pack_text(packer, occupation.system, stored ? &stored->system : NULL);
    pack_text(packer, occupation.code, stored ? &stored->code : NULL);
}

/* `to` is a copy of *from; its pointers are replaced when there is a block. */
static void pack_vacancy(struct packer *packer, const struct vacancy *from, struct vacancy *to)
{
    struct asked_skill *skills =
        pack_array(packer, from->skills, from->skill_count, sizeof *from->skills);
    struct place *sites = pack_array(packer, from->sites, from->site_count, sizeof *from->sites);
    struct language *languages =
        pack_array(packer, from->languages, from->language_count, sizeof *from->languages);
    struct str *licences =
        pack_array(packer, from->licences.items, from->licences.count, sizeof(struct str));
    struct str *tags = pack_array(packer, from->tags.items, from->tags.count, sizeof(struct str));

    pack_key(packer, from->key, &to->key);
    pack_text(packer, from->title, &to->title);
    pack_text(packer, from->hiring_organization, &to->hiring_organization);
    pack_text(packer, from->hiring_organization_folded, &to->hiring_organization_folded);
    pack_occupation(packer, from->occupation, &to->occupation);
    for (size_t i = 0; i < from->skill_count; i++)
        pack_text(packer, from->skills[i].name, skills ? &skills[i].name : NULL);
    for (size_t i = 0; i < from->site_count; i++)
        pack_text(packer, from->sites[i].area_code, sites ? &sites[i].area_code : NULL);
    for (size_t i = 0; i < from->language_count; i++)
        pack_text(packer, from->languages[i].tag, languages ? &languages[i].tag : NULL);
    pack_texts(packer, from->licences, licences);
    pack_texts(packer, from->tags, tags);

    to->skills = skills;
    to->sites = sites;
    to->languages = languages;
    to->licences.items = licences;
    to->tags.items = tags;
}

struct vacancy *vacancy_pack(const struct vacancy *vacancy)
{
    struct vacancy scratch = *vacancy;
    struct packer packer = {.length_bytes = sizeof scratch};
    pack_vacancy(&packer, vacancy, &scratch);

    struct vacancy *packed = memory_try(packer.length_bytes);
    if (!packed)
        return NULL;
    *packed = *vacancy;
    size_t counted_bytes = packer.length_bytes;
    packer = (struct packer){.block = (char *)packed, .length_bytes = sizeof *packed};
    pack_vacancy(&packer, vacancy, packed);
    assert(packer.length_bytes == counted_bytes);
    return packed;
}

/* As pack_vacancy. */
static void pack_applicant(struct packer *packer, const struct applicant *from,
                           struct applicant *to)
{
    struct held_skill *skills =
        pack_array(packer, from->skills, from->skill_count, sizeof *from->skills);
    struct occupation_code *occupations =
        pack_array(packer, from->desired_occupations, from->occupation_count,
                   sizeof *from->desired_occupations);
    struct language *languages =
        pack_array(packer, from->languages, from->language_count, sizeof *from->languages);
    struct str *licences =
        pack_array(packer, from->licences.items, from->licences.count, sizeof(struct str));
    struct str *tags = pack_array(packer, from->tags.items, from->tags.count, sizeof(struct str));
    struct str *groups = pack_array(packer, from->priority_groups.items,
                                    from->priority_groups.count, sizeof(struct str));
    struct str *excluded = pack_array(packer, from->excluded_organizations.items,
                                      from->excluded_organizations.count, sizeof(struct str));

    pack_key(packer, from->key, &to->key);
    for (size_t i = 0; i < from->skill_count; i++)
        pack_text(packer, from->skills[i].name, skills ? &skills[i].name : NULL);
    pack_text(packer, from->home.area_code, &to->home.area_code);
    for (size_t i = 0; i < from->occupation_count; i++)
        pack_occupation(packer, from->desired_occupations[i], occupations ? &occupations[i] : NULL);
    for (size_t i = 0; i < from->language_count; i++)
        pack_text(packer, from->languages[i].tag, languages ? &languages[i].tag : NULL);
    pack_texts(packer, from->licences, licences);
    pack_texts(packer, from->tags, tags);
    pack_texts(packer, from->priority_groups, groups);
    pack_texts(packer, from->excluded_organizations, excluded);

    to->skills = skills;
    to->desired_occupations = occupations;
    to->languages = languages;
    to->licences.items = licences;
    to->tags.items = tags;
    to->priority_groups.items = groups;
    to->excluded_organizations.items = excluded;
}

struct applicant *applicant_pack(const struct applicant *applicant)
{
    struct applicant scratch = *applicant;
    struct packer packer = {.length_bytes = sizeof scratch};
    pack_applicant(&packer, applicant, &scratch);

    struct applicant *packed = memory_try(packer.length_bytes);
    if (!packed)
        return NULL;
    *packed = *applicant;
    size_t counted_bytes = packer.length_bytes;
    packer = (struct packer){.block = (char *)packed, .length_bytes = sizeof *packed};
    pack_applicant(&packer, applicant, packed);
    assert(packer.length_bytes == counted_bytes);
    return packed;
}

/* --- Dates ---------------------------------------------------------------------------------- */

bool vacancy_is_open_on(const struct vacancy *vacancy, int32_t day)
{
    return vacancy->status == STATUS_OPEN &&
           (vacancy->date_posted == DATE_NONE || vacancy->date_posted <= day) &&
           (vacancy->valid_through == DATE_NONE || day <= vacancy->valid_through);
}

bool applicant_is_available_on(const struct applicant *applicant, int32_t day)
{
    return applicant->available_from == DATE_NONE || applicant->available_from <= day;
}
