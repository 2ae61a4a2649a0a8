#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

#include "base/memory.h"
#include "base/rng.h"
#include "memory/failing_memory.h"
#include "model/sample.h"
#include "support/same.h"

/* --- Keys ----------------------------------------------------------------------------------- */

Test(record, a_key_hashes_as_platform_nul_id)
{
    struct key key = {STR("tj"), STR("v-42")};
    cr_assert_eq(key_hash(key, 0), XXH3_64bits("tj\0v-42", 7));
    cr_assert_eq(key_hash(key, 9), XXH3_64bits_withSeed("tj\0v-42", 7, 9));
    cr_assert_neq(key_hash(key, 0), key_hash(key, 9));
    struct key shifted = {STR("tjv"), STR("-42")};
    cr_assert_neq(key_hash(key, 0), key_hash(shifted, 0), "the parts are kept apart");
    cr_assert_eq(key_hash((struct key){0}, 0), XXH3_64bits("\0", 1));
}

Test(record, keys_of_full_length_hash)
{
    char part[KEY_PART_LIMIT_BYTES], joined[2 * KEY_PART_LIMIT_BYTES + 1];
    memset(part, 'x', sizeof part);
    memset(joined, 'x', sizeof joined);
    joined[KEY_PART_LIMIT_BYTES] = '\0';
    struct key key = {{part, sizeof part}, {part, sizeof part}};
    cr_assert_eq(key_hash(key, 3), XXH3_64bits_withSeed(joined, sizeof joined, 3));
}

Test(record, keys_order_by_platform_then_id)
{
    struct key a = {STR("a"), STR("2")}, b = {STR("a"), STR("10")}, c = {STR("b"), STR("0")};
    cr_assert(key_compare(b, a) < 0 && key_compare(a, c) < 0 && key_compare(c, b) > 0);
    cr_assert(key_equal(a, a) && !key_equal(a, b) && !key_equal(a, c));
}

/* The 18th character of an identity number, by the table of GB 11643. */
static char check_character(const char *digits)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += weights[i] * (digits[i] - '0');
    return "10X98765432"[sum % 11];
}

Test(record, recognises_identity_numbers)
{
    static const struct {
        const char *text;
        bool is_one;
    } cases[] = {
        {"11010519491231002X", true}, /* the standard's own example */
        {"11010519491231002x", true},  {"440524188001010014", false}, /* its other one: nobody of
                                                                         1880 seeks work */
        {"120101199003070015", false}, {"110105194912310021", false}, /* checksum */
        {"11010519491331002X", false},                                /* month 13 */
        {"11010519490229002X", false},                                /* no leap year */
        {"1101051949123100X2", false},                                /* X inside */
        {"11010519491231002", false},  {"11010519491231002X1", false}, {"", false}, {"v-42", false},
        {"a1010519491231002X", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(key_part_is_identity_number(str_of(cases[i].text)), cases[i].is_one, "%s",
                     cases[i].text);
}

Test(record, accepts_exactly_one_check_character_for_each_number)
{
    struct rng rng;
    const uint64_t seed = 12;
    rng_init(&rng, seed);
    for (int i = 0; i < 2000; i++) {
        char text[19];
        snprintf(text, sizeof text, "%06d%04d%02d%02d%03d0", (int)rng_between(&rng, 110000, 820000),
                 (int)rng_between(&rng, 1900, 2099), (int)rng_between(&rng, 1, 12),
                 (int)rng_between(&rng, 1, 28), (int)rng_between(&rng, 0, 999));
        for (const char *last = "0123456789Xa-"; *last; last++) {
            text[17] = *last;
            cr_assert_eq(key_part_is_identity_number(str_of(text)), *last == check_character(text),
                         "seed %" PRIu64 ": %s", seed, text);
        }
        text[17] = check_character(text);
        memcpy(text + 6, i % 2 ? "1899" : "2100", 4);
        text[17] = check_character(text);
        cr_assert(!key_part_is_identity_number(str_of(text)), "%s", text);
    }
}

/* --- Packing -------------------------------------------------------------------------------- */

Test(record, a_packed_vacancy_is_the_same_and_needs_the_original_no_more)
{
    struct vacancy_sample *sample = memory_try(sizeof *sample), kept;
    char title[] = "cut title";
    vacancy_sample_init(sample);
    vacancy_sample_init(&kept);
    sample->vacancy.title = str_of(title);
    kept.vacancy.title = STR("cut title");
    struct vacancy *packed = vacancy_pack(&sample->vacancy);
    cr_assert(packed);
    memset(title, '?', sizeof title);
    memset(sample, 0x5a, sizeof *sample);
    memory_free(sample);
    assert_same_vacancy(packed, &kept.vacancy);
    struct error error;
    cr_assert(vacancy_validate(packed, &error), "%s", error.text);
    memory_free(packed);
}

Test(record, a_packed_applicant_is_the_same_and_needs_the_original_no_more)
{
    struct applicant_sample *sample = memory_try(sizeof *sample), kept;
    applicant_sample_init(sample);
    applicant_sample_init(&kept);
    struct applicant *packed = applicant_pack(&sample->applicant);
    cr_assert(packed);
    memset(sample, 0x5a, sizeof *sample);
    memory_free(sample);
    assert_same_applicant(packed, &kept.applicant);
    struct error error;
    cr_assert(applicant_validate(packed, &error), "%s", error.text);
    memory_free(packed);
}

Test(record, empty_and_full_records_pack)
{
    struct vacancy empty_vacancy = {.status = STATUS_OPEN};
    struct vacancy *vacancy = vacancy_pack(&empty_vacancy);
    assert_same_vacancy(vacancy, &empty_vacancy);
    cr_assert(!vacancy->skills && !vacancy->sites && !vacancy->languages && !vacancy->tags.items);
    memory_free(vacancy);

    struct applicant empty_applicant = {.status = STATUS_OPEN};
    struct applicant *applicant = applicant_pack(&empty_applicant);
    assert_same_applicant(applicant, &empty_applicant);
    cr_assert(!applicant->skills && !applicant->desired_occupations);
    memory_free(applicant);

    struct vacancy_sample sample;
    vacancy_sample_init(&sample);
    sample.vacancy.skill_count = RECORD_SKILL_LIMIT;
    sample.vacancy.site_count = RECORD_SITE_LIMIT;
    sample.vacancy.language_count = VACANCY_LANGUAGE_LIMIT;
    sample.vacancy.tags.count = RECORD_TAG_LIMIT;
    vacancy = vacancy_pack(&sample.vacancy);
    assert_same_vacancy(vacancy, &sample.vacancy);
    struct error error;
    cr_assert(vacancy_validate(vacancy, &error), "%s", error.text);
    memory_free(vacancy);
}

Test(record, no_memory_to_pack_gives_null)
{
    struct vacancy_sample vacancy;
    vacancy_sample_init(&vacancy);
    memory_fail_after(0);
    cr_assert_null(vacancy_pack(&vacancy.vacancy));
    struct applicant_sample applicant;
    applicant_sample_init(&applicant);
    cr_assert_null(applicant_pack(&applicant.applicant));
    cr_assert(memory_has_failed());
}

/* --- Dates ---------------------------------------------------------------------------------- */

Test(record, a_vacancy_is_open_from_posting_to_the_last_day)
{
    struct vacancy vacancy = {.status = STATUS_OPEN, .date_posted = 100, .valid_through = 110};
    static const struct {
        int32_t day;
        bool open;
    } cases[] = {{99, false}, {100, true}, {105, true}, {110, true}, {111, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(vacancy_is_open_on(&vacancy, cases[i].day), cases[i].open, "day %d",
                     cases[i].day);
    vacancy.date_posted = vacancy.valid_through = DATE_NONE;
    cr_assert(vacancy_is_open_on(&vacancy, -20000) && vacancy_is_open_on(&vacancy, 40000));
    for (int status = STATUS_PAUSED; status <= STATUS_WITHDRAWN; status++) {
        vacancy.status = (uint8_t)status;
        cr_assert(!vacancy_is_open_on(&vacancy, 105));
    }
}

Test(record, an_applicant_is_available_from_a_day_on)
{
    struct applicant applicant = {.available_from = 100};
    cr_assert(!applicant_is_available_on(&applicant, 99));
    cr_assert(applicant_is_available_on(&applicant, 100));
    applicant.available_from = DATE_NONE;
    cr_assert(applicant_is_available_on(&applicant, -100));
}
