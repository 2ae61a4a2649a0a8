#include "core/entry.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "core/random_records.h"
#include "memory/failing_memory.h"
#include "support/same.h"

/* The places of a fresh entry are nowhere; what is written there stays apart from the rest. */
static void check_places(struct entry *entry, size_t expected_count)
{
    size_t count;
    struct index_place *places = entry_places(entry, &count);
    cr_assert_eq(count, expected_count);
    for (size_t i = 0; i < count; i++) {
        cr_assert(places[i].column == UINT32_MAX && places[i].document == UINT32_MAX);
        places[i] = (struct index_place){(uint32_t)i, 7};
    }
}

static void check_kept(const struct entry *entry, struct str kept)
{
    cr_assert_arr_eq(entry_kept(entry), kept.data, kept.length);
    struct entry *copy = entry_copy(entry, kept.length);
    cr_assert_arr_eq(entry_kept(copy), kept.data, kept.length);
    cr_assert(copy->sequence == 0 && copy->slot == 0 && entry_kind(copy) == entry_kind(entry));
    cr_assert(key_equal(entry_key(copy), entry_key(entry)));
    size_t count;
    entry_places(entry, &count);
    check_places(copy, count);
    memory_free(copy);
}

static size_t known_site_count(const struct vacancy *vacancy)
{
    size_t count = 0;
    for (size_t i = 0; i < vacancy->site_count; i++)
        count += position_is_known(vacancy->sites[i].position);
    return count;
}

Test(entry, holds_record_places_and_original)
{
    struct market market;
    struct record_scratch scratch;
    struct lexicon *lexicon = lexicon_new();
    size_t several = 0, none = 0;
    market_init(&market, 91);
    record_scratch_init(&scratch, lexicon);
    for (int i = 0; i < 3000; i++) {
        struct vacancy *vacancy = market_vacancy(&market), unpacked_vacancy;
        struct applicant *applicant = market_applicant(&market), unpacked_applicant;
        struct entry *entry = entry_new_vacancy(vacancy, lexicon, STR("kept bytes"));
        size_t site_count = known_site_count(vacancy);
        several += site_count > 1;
        none += site_count == 0;
        check_places(entry, site_count > 0 ? site_count : 1);
        check_kept(entry, STR("kept bytes"));
        entry_vacancy(entry, &scratch, &unpacked_vacancy);
        assert_same_vacancy(&unpacked_vacancy, vacancy);
        cr_assert(entry_kind(entry) == RECORD_VACANCY && key_equal(entry_key(entry), vacancy->key));
        memory_free(entry);

        entry = entry_new_applicant(applicant, lexicon, STR("x"));
        check_places(entry, 1);
        check_kept(entry, STR("x"));
        entry_applicant(entry, &scratch, &unpacked_applicant);
        assert_same_applicant(&unpacked_applicant, applicant);
        cr_assert(entry_kind(entry) == RECORD_APPLICANT &&
                  key_equal(entry_key(entry), applicant->key));
        memory_free(entry);
        market_clear(&market);
    }
    cr_assert(several > 100 && none > 100);
    lexicon_free(lexicon);
    market_release(&market);
}

/* Too long for the stack. */
static struct vacancy long_vacancy(struct str *tags)
{
    static char letters[TAG_LIMIT_BYTES * FOLD_GROWTH_LIMIT];
    memset(letters, 'x', sizeof letters);
    for (int i = 0; i < RECORD_TAG_LIMIT; i++)
        tags[i] = (struct str){letters, sizeof letters};
    return (struct vacancy){.key = {STR("p"), STR("1")}, .tags = {tags, RECORD_TAG_LIMIT}};
}

Test(entry, a_long_record_is_whole)
{
    struct str tags[RECORD_TAG_LIMIT];
    struct vacancy vacancy = long_vacancy(tags), unpacked;
    struct record_scratch scratch;
    struct entry *entry = entry_new_vacancy(&vacancy, NULL, STR("kept"));
    record_scratch_init(&scratch, NULL);
    entry_vacancy(entry, &scratch, &unpacked);
    assert_same_vacancy(&unpacked, &vacancy);
    check_kept(entry, STR("kept"));
    memory_free(entry);
}

Test(entry, without_memory_there_is_none)
{
    struct str tags[RECORD_TAG_LIMIT];
    struct vacancy vacancy = long_vacancy(tags);
    struct applicant applicant = {.key = {STR("p"), STR("1")}};
    for (size_t allowed = 0; allowed < 2; allowed++) {
        memory_fail_after(allowed);
        cr_assert_null(entry_new_vacancy(&vacancy, NULL, STR("")), "room, then the entry");
        cr_assert(memory_has_failed());
    }
    memory_fail_after(0);
    cr_assert_null(entry_new_applicant(&applicant, NULL, STR("")));
    cr_assert(memory_has_failed());
    struct entry *entry = entry_new_applicant(&applicant, NULL, STR(""));
    memory_fail_after(0);
    cr_assert_null(entry_copy(entry, 0));
    cr_assert(memory_has_failed());
    memory_free(entry);
}
