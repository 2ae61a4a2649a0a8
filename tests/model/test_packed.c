/* Packed records: the same in every field, at every limit, with and without a lexicon. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/memory.h"
#include "base/rng.h"
#include "model/packed_layout.h"
#include "model/sample.h"
#include "support/same.h"

/* --- Random records ------------------------------------------------------------------------- */

/* Texts come from here; long enough for a folded one. */
static char letters[SKILL_LIMIT_BYTES * FOLD_GROWTH_LIMIT];

struct random {
    struct rng rng;
    bool extreme; /* each value is the least or the greatest */
};

static int64_t between(struct random *random, int64_t least, int64_t greatest)
{
    if (random->extreme || rng_below(&random->rng, 8) == 0)
        return rng_below(&random->rng, 2) ? least : greatest;
    return rng_between(&random->rng, least, greatest);
}

static bool coin(struct random *random)
{
    return rng_below(&random->rng, 2) == 1;
}

static struct str text(struct random *random, uint32_t limit_bytes)
{
    /* Often one of a few, for the lexicon. */
    bool is_frequent = coin(random) && !random->extreme;
    uint32_t length = (uint32_t)(is_frequent ? rng_below(&random->rng, 12)
                                             : (uint64_t)between(random, 0, limit_bytes));
    length = length < limit_bytes ? length : limit_bytes;
    uint64_t first = is_frequent ? 0 : rng_below(&random->rng, sizeof letters - length + 1);
    return (struct str){length > 0 ? letters + first : NULL, length};
}

static struct str folded(struct random *random, uint32_t sent_bytes)
{
    return text(random, sent_bytes * FOLD_GROWTH_LIMIT);
}

static struct str_list texts(struct random *random, struct str *items, uint32_t limit,
                             uint32_t sent_bytes)
{
    uint32_t count = (uint32_t)between(random, 0, limit);
    for (uint32_t i = 0; i < count; i++)
        items[i] = folded(random, sent_bytes);
    return (struct str_list){count > 0 ? items : NULL, count};
}

static uint32_t skill_id(struct random *random, bool wide)
{
    static const uint32_t POOL[] = {0, 1, 65534, 65535, 65536, UINT32_MAX - 1, SKILL_UNKNOWN};
    if (wide && coin(random))
        return POOL[rng_below(&random->rng, 7)];
    return coin(random) ? SKILL_UNKNOWN : (uint32_t)between(random, 0, 65534);
}

static struct place place(struct random *random)
{
    struct place place = {POSITION_NONE, text(random, AREA_CODE_LIMIT_BYTES)};
    if (coin(random))
        place.position = (struct position){(int32_t)between(random, -900000000, 900000000),
                                           (int32_t)between(random, -1800000000, 1800000000)};
    return place;
}

static uint8_t languages(struct random *random, struct language *items, uint8_t limit)
{
    uint8_t count = (uint8_t)between(random, 0, limit);
    for (uint8_t i = 0; i < count; i++)
        items[i] = (struct language){text(random, LANGUAGE_LIMIT_BYTES),
                                     (uint8_t)between(random, 0, LANGUAGE_LEVEL_LIMIT)};
    return count;
}

static int32_t day(struct random *random)
{
    return coin(random) ? DATE_NONE : (int32_t)between(random, -25567, 376199);
}

static int64_t month_cents(struct random *random)
{
    static const int64_t POOL[] = {
        WAGE_UNKNOWN,          0, 1, UINT32_MAX - INT64_C(1), UINT32_MAX, UINT32_MAX + INT64_C(1),
        WAGE_MONTH_LIMIT_CENTS};
    return coin(random) ? POOL[rng_below(&random->rng, 7)] : between(random, 0, 2000000);
}

static struct salary salary(struct random *random, int64_t low_cents, int64_t high_cents)
{
    struct salary salary = {.min_amount = between(random, 0, WAGE_AMOUNT_LIMIT),
                            .max_amount = between(random, 0, WAGE_AMOUNT_LIMIT),
                            .unit = (uint8_t)between(random, 0, PAY_UNIT_COUNT - 1),
                            .months_per_year = (uint8_t)between(random, 0, MONTHS_PER_YEAR_LIMIT),
                            .negotiable = coin(random)};
    if (coin(random))
        salary.min_amount = low_cents > 0 ? low_cents : 0;
    if (coin(random))
        salary.max_amount = high_cents > 0 ? high_cents : 0;
    if (coin(random))
        memcpy(salary.currency, coin(random) ? "CNY" : "XAU", sizeof salary.currency);
    return salary;
}

static employment_types types(struct random *random)
{
    return (employment_types)(between(random, 0, 255) << 1);
}

/* Into a sample, whose arrays are long enough. */
static void fill_vacancy(struct random *random, struct vacancy_sample *sample)
{
    struct vacancy *vacancy = &sample->vacancy;
    bool wide = rng_below(&random->rng, 4) == 0;
    *vacancy = (struct vacancy){
        .key = {text(random, KEY_PART_LIMIT_BYTES), text(random, KEY_PART_LIMIT_BYTES)},
        .title = text(random, TITLE_LIMIT_BYTES),
        .hiring_organization = text(random, ORGANIZATION_LIMIT_BYTES),
        .occupation = {text(random, OCCUPATION_LIMIT_BYTES), text(random, OCCUPATION_LIMIT_BYTES)},
        .licences = texts(random, sample->licences, VACANCY_LICENCE_LIMIT, LICENCE_LIMIT_BYTES),
        .tags = texts(random, sample->tags, RECORD_TAG_LIMIT, TAG_LIMIT_BYTES),
        .wage_min_month_cents = month_cents(random),
        .wage_max_month_cents = month_cents(random),
        .date_posted = day(random),
        .valid_through = day(random),
        .total_job_openings = (int32_t)between(random, 0, OPENINGS_LIMIT),
        .months_of_experience = (uint16_t)between(random, 0, EXPERIENCE_LIMIT_MONTHS),
        .types = types(random),
        .skill_count = (uint8_t)between(random, 0, RECORD_SKILL_LIMIT),
        .site_count = (uint8_t)between(random, 0, RECORD_SITE_LIMIT),
        .language_count = languages(random, sample->languages, VACANCY_LANGUAGE_LIMIT),
        .education_level = (uint8_t)between(random, 0, EDUCATION_LEVEL_LIMIT),
        .status = (uint8_t)between(random, STATUS_OPEN, STATUS_WITHDRAWN),
        .remote = coin(random),
        .open = coin(random),
    };
    vacancy->hiring_organization_folded =
        coin(random) ? vacancy->hiring_organization : folded(random, ORGANIZATION_LIMIT_BYTES);
    vacancy->base_salary =
        salary(random, vacancy->wage_min_month_cents, vacancy->wage_max_month_cents);
    for (size_t i = 0; i < vacancy->skill_count; i++) {
        struct asked_skill *skill = &sample->skills[i];
        *skill = (struct asked_skill){.skill_id = skill_id(random, wide),
                                      .importance = (uint8_t)between(random, 1, IMPORTANCE_LIMIT),
                                      .min_level = (uint8_t)between(random, 0, SKILL_LEVEL_LIMIT),
                                      .essential = coin(random)};
        if (skill->skill_id == SKILL_UNKNOWN)
            skill->name = folded(random, SKILL_LIMIT_BYTES);
    }
    for (size_t i = 0; i < vacancy->site_count; i++)
        sample->sites[i] = place(random);
    vacancy->skills = vacancy->skill_count > 0 ? sample->skills : NULL;
    vacancy->sites = vacancy->site_count > 0 ? sample->sites : NULL;
    vacancy->languages = vacancy->language_count > 0 ? sample->languages : NULL;
}

static void fill_applicant(struct random *random, struct applicant_sample *sample)
{
    struct applicant *applicant = &sample->applicant;
    bool wide = rng_below(&random->rng, 4) == 0;
    *applicant = (struct applicant){
        .key = {text(random, KEY_PART_LIMIT_BYTES), text(random, KEY_PART_LIMIT_BYTES)},
        .home = place(random),
        .licences = texts(random, sample->licences, APPLICANT_LICENCE_LIMIT, LICENCE_LIMIT_BYTES),
        .tags = texts(random, sample->tags, RECORD_TAG_LIMIT, TAG_LIMIT_BYTES),
        .priority_groups = texts(random, sample->groups, RECORD_PRIORITY_GROUP_LIMIT,
                                 PRIORITY_GROUP_LIMIT_BYTES / FOLD_GROWTH_LIMIT),
        .excluded_organizations =
            texts(random, sample->excluded, RECORD_EXCLUDED_LIMIT, ORGANIZATION_LIMIT_BYTES),
        .wage_min_month_cents = month_cents(random),
        .wage_desired_month_cents = month_cents(random),
        .max_distance_m = (int32_t)between(random, 0, DISTANCE_LIMIT_M),
        .available_from = day(random),
        .months_of_experience = coin(random)
                                    ? EXPERIENCE_UNKNOWN
                                    : (uint16_t)between(random, 0, EXPERIENCE_LIMIT_MONTHS),
        .types = types(random),
        .skill_count = (uint8_t)between(random, 0, RECORD_SKILL_LIMIT),
        .occupation_count = (uint8_t)between(random, 0, RECORD_OCCUPATION_LIMIT),
        .language_count = languages(random, sample->languages, APPLICANT_LANGUAGE_LIMIT),
        .education_level = (uint8_t)between(random, 0, EDUCATION_LEVEL_LIMIT),
        .status = (uint8_t)between(random, STATUS_OPEN, STATUS_ENDED),
        .consent_matching = coin(random),
        .consent_visible = coin(random),
        .consent_personalised = coin(random),
        .active = coin(random),
        .available = coin(random),
    };
    applicant->wage =
        salary(random, applicant->wage_min_month_cents, applicant->wage_desired_month_cents);
    for (size_t i = 0; i < applicant->skill_count; i++) {
        struct held_skill *skill = &sample->skills[i];
        *skill = (struct held_skill){.skill_id = skill_id(random, wide),
                                     .level = (uint8_t)between(random, 0, SKILL_LEVEL_LIMIT)};
        if (skill->skill_id == SKILL_UNKNOWN)
            skill->name = folded(random, SKILL_LIMIT_BYTES);
    }
    for (size_t i = 0; i < applicant->occupation_count; i++)
        sample->occupations[i] = (struct occupation_code){text(random, OCCUPATION_LIMIT_BYTES),
                                                          text(random, OCCUPATION_LIMIT_BYTES)};
    applicant->skills = applicant->skill_count > 0 ? sample->skills : NULL;
    applicant->desired_occupations = applicant->occupation_count > 0 ? sample->occupations : NULL;
    applicant->languages = applicant->language_count > 0 ? sample->languages : NULL;
}

/* --- There and back ------------------------------------------------------------------------- */

/* Packed into a block of exactly its size at an odd address, so that a sanitizer sees every byte
 * that is read beyond, or as if aligned. */
struct parcel {
    char *block;
    char *packed;
};

static struct parcel parcel_of(const char *room, size_t size_bytes)
{
    struct parcel parcel = {.block = memory_try(size_bytes + 1)};
    cr_assert(parcel.block);
    parcel.packed = parcel.block + 1;
    memcpy(parcel.packed, room, size_bytes);
    return parcel;
}

static size_t check_vacancy(const struct vacancy *vacancy, struct lexicon *lexicon)
{
    size_t room_bytes = packed_vacancy_room_bytes(vacancy);
    cr_assert_leq(room_bytes, PACKED_LIMIT_BYTES);
    char *room = memory_try(room_bytes);
    size_t size_bytes = packed_vacancy_write(vacancy, lexicon, room);
    cr_assert_leq(size_bytes, room_bytes);
    struct parcel parcel = parcel_of(room, size_bytes);
    memory_free(room);

    struct record_scratch scratch;
    memset(&scratch, 0x5a, sizeof scratch);
    record_scratch_init(&scratch, lexicon);
    struct vacancy read;
    memset(&read, 0x5a, sizeof read);
    packed_vacancy_read(parcel.packed, &scratch, &read);
    assert_same_vacancy(&read, vacancy);
    cr_assert(key_equal(packed_key(parcel.packed, RECORD_VACANCY), vacancy->key));
    cr_assert_eq(packed_vacancy_is_open(parcel.packed), vacancy->open);
    memory_free(parcel.block);
    return size_bytes;
}

static size_t check_applicant(const struct applicant *applicant, struct lexicon *lexicon)
{
    size_t room_bytes = packed_applicant_room_bytes(applicant);
    cr_assert_leq(room_bytes, PACKED_LIMIT_BYTES);
    char *room = memory_try(room_bytes);
    size_t size_bytes = packed_applicant_write(applicant, lexicon, room);
    cr_assert_leq(size_bytes, room_bytes);
    struct parcel parcel = parcel_of(room, size_bytes);
    memory_free(room);

    struct record_scratch scratch;
    memset(&scratch, 0x5a, sizeof scratch);
    record_scratch_init(&scratch, lexicon);
    struct applicant read;
    memset(&read, 0x5a, sizeof read);
    packed_applicant_read(parcel.packed, &scratch, &read);
    assert_same_applicant(&read, applicant);
    cr_assert(key_equal(packed_key(parcel.packed, RECORD_APPLICANT), applicant->key));
    cr_assert_eq(packed_applicant_is_active(parcel.packed), applicant->active);
    memory_free(parcel.block);
    return size_bytes;
}

Test(packed, random_records_come_back_the_same)
{
    const uint64_t seed = 4711;
    struct random random = {0};
    rng_init(&random.rng, seed);
    for (size_t i = 0; i < sizeof letters; i++)
        letters[i] = (char)('a' + i % 23);
    struct lexicon *lexicon = lexicon_new();
    static struct vacancy_sample vacancy;
    static struct applicant_sample applicant;
    for (int i = 0; i < 20000; i++) {
        random.extreme = i % 16 == 0;
        fill_vacancy(&random, &vacancy);
        fill_applicant(&random, &applicant);
        struct lexicon *chosen = i % 3 ? lexicon : NULL;
        check_vacancy(&vacancy.vacancy, chosen);
        check_applicant(&applicant.applicant, chosen);
    }
    cr_assert(lexicon->text_count > 10, "seed %" PRIu64 ": the lexicon was used", seed);
    lexicon_free(lexicon);
}

static struct str_list full_list(struct str *items, uint32_t count, uint32_t sent_bytes)
{
    for (uint32_t i = 0; i < count; i++)
        items[i] = (struct str){letters, sent_bytes * FOLD_GROWTH_LIMIT};
    return (struct str_list){items, count};
}

Test(packed, a_record_with_everything_at_its_limit_fits)
{
    static struct applicant_sample sample;
    memset(letters, 'z', sizeof letters);
    applicant_sample_init(&sample);
    struct applicant *applicant = &sample.applicant;
    applicant->key = (struct key){{letters, KEY_PART_LIMIT_BYTES}, {letters, KEY_PART_LIMIT_BYTES}};
    applicant->skill_count = RECORD_SKILL_LIMIT;
    applicant->occupation_count = RECORD_OCCUPATION_LIMIT;
    applicant->language_count = APPLICANT_LANGUAGE_LIMIT;
    for (size_t i = 0; i < RECORD_SKILL_LIMIT; i++)
        sample.skills[i] = (struct held_skill){.skill_id = i == 0 ? 1000000 : SKILL_UNKNOWN,
                                               .name = {letters, i == 0 ? 0 : sizeof letters}};
    for (size_t i = 0; i < RECORD_OCCUPATION_LIMIT; i++)
        sample.occupations[i] = (struct occupation_code){{letters, OCCUPATION_LIMIT_BYTES},
                                                         {letters, OCCUPATION_LIMIT_BYTES}};
    for (size_t i = 0; i < APPLICANT_LANGUAGE_LIMIT; i++)
        sample.languages[i].tag = (struct str){letters, LANGUAGE_LIMIT_BYTES};
    applicant->licences = full_list(sample.licences, APPLICANT_LICENCE_LIMIT, LICENCE_LIMIT_BYTES);
    applicant->tags = full_list(sample.tags, RECORD_TAG_LIMIT, TAG_LIMIT_BYTES);
    applicant->priority_groups = full_list(sample.groups, RECORD_PRIORITY_GROUP_LIMIT,
                                           PRIORITY_GROUP_LIMIT_BYTES / FOLD_GROWTH_LIMIT + 1);
    applicant->excluded_organizations =
        full_list(sample.excluded, RECORD_EXCLUDED_LIMIT, ORGANIZATION_LIMIT_BYTES);
    applicant->home.area_code = (struct str){letters, AREA_CODE_LIMIT_BYTES};
    applicant->wage_min_month_cents = applicant->wage_desired_month_cents = WAGE_MONTH_LIMIT_CENTS;
    size_t size_bytes = check_applicant(applicant, NULL);
    cr_assert(size_bytes > 240000 && size_bytes <= PACKED_LIMIT_BYTES, "%zu", size_bytes);
}

Test(packed, empty_and_sample_records_come_back_the_same)
{
    check_vacancy(&(struct vacancy){.date_posted = DATE_NONE, .valid_through = DATE_NONE}, NULL);
    check_applicant(&(struct applicant){.home.position = POSITION_NONE}, NULL);
    static struct vacancy_sample vacancy;
    static struct applicant_sample applicant;
    vacancy_sample_init(&vacancy);
    applicant_sample_init(&applicant);
    struct lexicon *lexicon = lexicon_new();
    size_t first_bytes = check_vacancy(&vacancy.vacancy, lexicon);
    check_vacancy(&vacancy.vacancy, lexicon);
    size_t last_bytes = check_vacancy(&vacancy.vacancy, lexicon);
    cr_assert(last_bytes < first_bytes, "texts became numbers: %zu, %zu", first_bytes, last_bytes);
    for (int i = 0; i < 3; i++)
        check_applicant(&applicant.applicant, lexicon);
    lexicon_free(lexicon);
}

Test(packed, what_is_not_stated_costs_nothing_but_the_head)
{
    struct applicant applicant = {.key = {STR("p"), STR("1")},
                                  .home.position = POSITION_NONE,
                                  .wage_min_month_cents = WAGE_UNKNOWN,
                                  .wage_desired_month_cents = WAGE_UNKNOWN,
                                  .available_from = DATE_NONE,
                                  .status = STATUS_OPEN};
    cr_assert_eq(check_applicant(&applicant, NULL), sizeof(struct applicant_head) + 2 + 1);
    struct held_skill skills[] = {{.skill_id = 3, .level = 8}, {.skill_id = 65534}};
    applicant.skills = skills;
    applicant.skill_count = 2;
    cr_assert_eq(check_applicant(&applicant, NULL), sizeof(struct applicant_head) + 2 + 2 * 3 + 1);
}

/* --- The day -------------------------------------------------------------------------------- */

Test(packed, a_vacancy_turns_exactly_when_the_date_says_so)
{
    static const int32_t DAYS[] = {DATE_NONE, 98, 99, 100, 101, 102};
    struct record_scratch scratch;
    record_scratch_init(&scratch, NULL);
    for (int i = 0; i < 6 * 6 * 2 * 4; i++) {
        struct vacancy vacancy = {.key = {STR("p"), STR("id")},
                                  .date_posted = DAYS[i % 6],
                                  .valid_through = DAYS[i / 6 % 6],
                                  .open = i / 36 % 2,
                                  .status = (uint8_t)(STATUS_OPEN + i / 72)};
        char packed[200];
        packed_vacancy_write(&vacancy, NULL, packed);
        bool turns = vacancy_is_open_on(&vacancy, 100) != vacancy.open;
        cr_assert_eq(packed_vacancy_turns(packed, 100), turns);
        packed_turn(packed, RECORD_VACANCY);
        cr_assert_eq(packed_vacancy_turns(packed, 100), !turns);
        struct vacancy read;
        packed_vacancy_read(packed, &scratch, &read);
        vacancy.open = !vacancy.open;
        assert_same_vacancy(&read, &vacancy);
    }
}

Test(packed, an_applicant_turns_exactly_when_the_date_says_so)
{
    static const int32_t DAYS[] = {DATE_NONE, 99, 100, 101};
    struct record_scratch scratch;
    record_scratch_init(&scratch, NULL);
    for (int i = 0; i < 4 * 2; i++) {
        struct applicant applicant = {.key = {STR("p"), STR("id")},
                                      .available_from = DAYS[i % 4],
                                      .available = i / 4,
                                      .status = STATUS_OPEN};
        char packed[200];
        packed_applicant_write(&applicant, NULL, packed);
        bool turns = applicant_is_available_on(&applicant, 100) != applicant.available;
        cr_assert_eq(packed_applicant_turns(packed, 100), turns);
        packed_turn(packed, RECORD_APPLICANT);
        struct applicant read;
        packed_applicant_read(packed, &scratch, &read);
        applicant.available = !applicant.available;
        assert_same_applicant(&read, &applicant);
    }
}
