#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "memory/failing_memory.h"
#include "model/lexicon.h"

static struct lexicon *new_lexicon(void)
{
    struct lexicon *lexicon = lexicon_new();
    cr_assert(lexicon);
    return lexicon;
}

Test(lexicon, learns_a_text_when_it_meets_it_again)
{
    struct lexicon *lexicon = new_lexicon();
    char text[] = "焊工证";
    cr_assert_eq(lexicon_number(lexicon, str_of(text)), LEXICON_NONE);
    uint32_t number = lexicon_number(lexicon, str_of(text));
    cr_assert_neq(number, LEXICON_NONE);
    memset(text, 'x', sizeof text - 1);
    cr_assert(str_equal(lexicon_text(lexicon, number), STR("焊工证")), "it keeps a copy");
    cr_assert_eq(lexicon_number(lexicon, STR("焊工证")), number);
    cr_assert_eq(lexicon_number(lexicon, str_of(text)), LEXICON_NONE);
    cr_assert_neq(lexicon_number(lexicon, str_of(text)), number);
    lexicon_free(lexicon);
}

Test(lexicon, texts_that_occur_once_take_no_room)
{
    struct lexicon *lexicon = new_lexicon();
    for (unsigned i = 0; i < 200000; i++) {
        char text[16];
        snprintf(text, sizeof text, "once %u", i);
        cr_assert_eq(lexicon_number(lexicon, str_of(text)), LEXICON_NONE);
    }
    cr_assert_eq(lexicon->text_count, 0);
    lexicon_free(lexicon);
}

Test(lexicon, empty_and_long_texts_are_not_learnt)
{
    struct lexicon *lexicon = new_lexicon();
    char text[LEXICON_TEXT_LIMIT_BYTES + 1];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(lexicon_number(lexicon, STR("")), LEXICON_NONE);
        cr_assert_eq(lexicon_number(lexicon, (struct str){text, sizeof text}), LEXICON_NONE);
    }
    lexicon_number(lexicon, (struct str){text, sizeof text - 1});
    uint32_t number = lexicon_number(lexicon, (struct str){text, sizeof text - 1});
    cr_assert_eq(lexicon_text(lexicon, number).length, LEXICON_TEXT_LIMIT_BYTES);
    lexicon_free(lexicon);
}

Test(lexicon, a_full_one_goes_on_with_what_it_has)
{
    struct lexicon *lexicon = new_lexicon();
    unsigned learnt = 0;
    for (unsigned i = 0; i < LEXICON_TEXT_LIMIT + 1000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%u", i);
        lexicon_number(lexicon, str_of(text));
        learnt += lexicon_number(lexicon, str_of(text)) != LEXICON_NONE;
    }
    cr_assert_eq(learnt, LEXICON_TEXT_LIMIT);
    cr_assert_eq(lexicon_number(lexicon, STR("new")), LEXICON_NONE);
    cr_assert_eq(lexicon_number(lexicon, STR("new")), LEXICON_NONE);
    for (unsigned i = 0; i < LEXICON_TEXT_LIMIT; i += 997) {
        char text[16];
        snprintf(text, sizeof text, "%u", i);
        uint32_t number = lexicon_number(lexicon, str_of(text));
        cr_assert(number != LEXICON_NONE && str_equal(lexicon_text(lexicon, number), str_of(text)));
    }
    lexicon_free(lexicon);
}

Test(lexicon, long_texts_end_at_the_bytes_allowed)
{
    struct lexicon *lexicon = new_lexicon();
    char text[LEXICON_TEXT_LIMIT_BYTES];
    memset(text, 'x', sizeof text);
    uint32_t learnt = 0;
    for (uint32_t i = 0; i < LEXICON_TEXT_LIMIT; i++) {
        memcpy(text, &i, sizeof i);
        lexicon_number(lexicon, (struct str){text, sizeof text});
        learnt += lexicon_number(lexicon, (struct str){text, sizeof text}) != LEXICON_NONE;
    }
    cr_assert(learnt < LEXICON_TEXT_LIMIT && learnt > LEXICON_BYTES_LIMIT / 2 / sizeof text);
    cr_assert_leq(lexicon->arena.total_bytes, LEXICON_BYTES_LIMIT);
    lexicon_free(lexicon);
}

Test(lexicon, numbers_stay_right_among_random_texts)
{
    const uint64_t seed = 77;
    struct lexicon *lexicon = new_lexicon();
    struct rng rng;
    rng_init(&rng, seed);
    for (int i = 0; i < 200000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%" PRIx64, rng_below(&rng, 20000) * 0x9e3779b97f4a7c15u);
        uint32_t number = lexicon_number(lexicon, str_of(text));
        cr_assert(number == LEXICON_NONE || str_equal(lexicon_text(lexicon, number), str_of(text)),
                  "seed %" PRIu64 ": %s", seed, text);
    }
    cr_assert(lexicon->text_count > 10000, "most were met again: %u", lexicon->text_count);
    lexicon_free(lexicon);
}

Test(lexicon, no_memory_gives_null_or_no_number)
{
    for (size_t i = 0; i < 4; i++) {
        memory_fail_after(i);
        cr_assert_null(lexicon_new());
        cr_assert(memory_has_failed());
    }
    struct lexicon *lexicon = new_lexicon();
    lexicon_number(lexicon, STR("text"));
    memory_fail_after(0);
    cr_assert_eq(lexicon_number(lexicon, STR("text")), LEXICON_NONE);
    cr_assert(memory_has_failed());
    cr_assert_neq(lexicon_number(lexicon, STR("text")), LEXICON_NONE);
    lexicon_free(lexicon);
    lexicon_free(NULL);
}
