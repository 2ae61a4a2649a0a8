#include <criterion/criterion.h>

#include "base/error.h"
#include "base/text.h"

Test(error, set_replaces_everything_and_returns_false)
{
    struct error error;
    error_field(&error, "some_rule", "wage.min", "7", "too low");
    cr_assert_not(error_set(&error, ERROR_NOT_FOUND, "vacancy '%s' is not held", "tj:42"));
    cr_assert_eq(error.code, ERROR_NOT_FOUND);
    cr_assert_str_eq(error.text, "vacancy 'tj:42' is not held");
    cr_assert_str_empty(error.rule);
    cr_assert_str_empty(error.field);
    cr_assert_str_empty(error.value);
}

Test(error, field_names_rule_field_and_value)
{
    struct error error;
    cr_assert_not(error_field(&error, "level_range", "skills[3].level", "9", "above %d", 8));
    cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
    cr_assert_str_eq(error.rule, "level_range");
    cr_assert_str_eq(error.field, "skills[3].level");
    cr_assert_str_eq(error.value, "9");
    cr_assert_str_eq(error.text, "skills[3].level '9': above 8");
}

Test(error, field_without_value_or_rule)
{
    struct error error;
    error_field(&error, NULL, "key.id", NULL, "missing");
    cr_assert_str_empty(error.rule);
    cr_assert_str_eq(error.text, "key.id: missing");
    error_field(&error, "", "key.id", "", "missing");
    cr_assert_str_eq(error.text, "key.id: missing");
}

Test(error, nobody_to_report_to)
{
    cr_assert_not(error_set(NULL, ERROR_INTERNAL, "x"));
    cr_assert_not(error_field(NULL, NULL, "f", "v", "x"));
    error_prefix_field(NULL, "request");
}

Test(error, its_own_texts_may_be_arguments)
{
    struct error error;
    error_field(&error, "rule", "title", "x", "too short");
    error_field(&error, error.rule, error.field, error.value, "line 3: %s", error.text);
    cr_assert_str_eq(error.rule, "rule");
    cr_assert_str_eq(error.text, "title 'x': line 3: title 'x': too short");
    error_set(&error, error.code, "load: %s", error.text);
    cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
    cr_assert_str_eq(error.text, "load: title 'x': line 3: title 'x': too short");
}

Test(error, prefix_field_rewrites_field_and_text)
{
    struct error error;
    error_field(&error, "level_range", "skills[1].level", "9", "above 8");
    error_prefix_field(&error, "upsert_vacancy");
    cr_assert_str_eq(error.field, "upsert_vacancy.skills[1].level");
    cr_assert_str_eq(error.text, "upsert_vacancy.skills[1].level '9': above 8");
    cr_assert_str_eq(error.value, "9");
    cr_assert_str_eq(error.rule, "level_range");
}

Test(error, prefix_field_puts_no_dot_before_an_index)
{
    struct error error;
    error_field(&error, "", "[2].lat", "91", "above 90");
    error_prefix_field(&error, "job_locations");
    cr_assert_str_eq(error.field, "job_locations[2].lat");
    cr_assert_str_eq(error.text, "job_locations[2].lat '91': above 90");
    error_prefix_field(&error, "");
    cr_assert_str_eq(error.field, "job_locations[2].lat");
    cr_assert_str_eq(error.text, "job_locations[2].lat '91': above 90");
}

Test(error, prefix_field_leaves_an_error_without_field)
{
    struct error error;
    error_set(&error, ERROR_INTERNAL, "disk full");
    error_prefix_field(&error, "request");
    cr_assert_str_empty(error.field);
    cr_assert_str_eq(error.text, "disk full");
}

Test(error, prefix_field_keeps_a_sentence_that_does_not_begin_with_the_field)
{
    /* One begins with the letters of the field, but not with the field; one has a space there. */
    static const char *const sentences[] = {"identity numbers are refused", "no such thing"};
    for (size_t i = 0; i < 2; i++) {
        struct error error;
        error_field(&error, "", "id", "", "x");
        strcpy(error.text, sentences[i]);
        error_prefix_field(&error, "key");
        cr_assert_str_eq(error.field, "key.id");
        cr_assert(str_starts_with(str_of(error.text), STR("key.id: ")));
        cr_assert_str_eq(error.text + strlen("key.id: "), sentences[i]);
    }
}

Test(error, prefix_field_cuts_what_does_not_fit)
{
    struct error error;
    error_field(&error, "", "level", "9", "above 8");
    for (int i = 0; i < 40; i++) {
        error_prefix_field(&error, "技能");
        cr_assert(text_is_valid(str_of(error.field)));
        cr_assert(text_is_valid(str_of(error.text)));
        cr_assert(str_starts_with(str_of(error.field), STR("技能.")));
        cr_assert(str_starts_with(str_of(error.text), str_of(error.field)));
    }
    cr_assert_geq(strlen(error.field), sizeof error.field - 3);
}

Test(error, long_texts_are_cut_at_a_characters_end)
{
    /* 0..3 ASCII letters in front put the cut at every place within a character. */
    for (size_t shift = 0; shift < 4; shift++) {
        char text[1000] = "xxx";
        size_t length = shift;
        for (; length + 4 < sizeof text; length += 4)
            memcpy(text + length, shift % 2 ? "海a" : "\xf0\x9f\x9a\xa2", 4);
        text[length] = '\0';
        struct error error;
        error_field(&error, text, text, text, "%s", text);
        const char *fields[] = {error.rule, error.field, error.value, error.text};
        const size_t sizes[] = {sizeof error.rule, sizeof error.field, sizeof error.value,
                                sizeof error.text};
        for (size_t i = 0; i < 4; i++) {
            cr_assert(text_is_valid(str_of(fields[i])), "shift %zu, field %zu", shift, i);
            cr_assert_lt(strlen(fields[i]), sizes[i]);
            cr_assert_geq(strlen(fields[i]), sizes[i] - 4, "shift %zu, field %zu", shift, i);
        }
        error_set(&error, ERROR_INTERNAL, "%s", text);
        cr_assert(text_is_valid(str_of(error.text)));
        cr_assert_eq(memcmp(error.text, text, strlen(error.text)), 0);
    }
}

Test(error, bytes_that_are_not_utf8_are_shown_as_question_marks)
{
    struct error error;
    error_field(&error, "utf8", "title", "a\xff\xc3.\xe6\xb4", "not UTF-8");
    cr_assert_str_eq(error.value, "a??.??");
    cr_assert_str_eq(error.text, "title 'a??.?"
                                 "?': not UTF-8");
    /* Surrogates and overlong forms are no characters either. */
    error_set(&error, ERROR_INTERNAL, "\xed\xa0\x80|\xc0\x80|津");
    cr_assert_str_eq(error.text, "???|??|津");
}

Test(error, codes_have_the_names_and_numbers_of_grpc)
{
    cr_assert_eq(ERROR_RESOURCE_EXHAUSTED, 8);
    cr_assert_eq(ERROR_UNAUTHENTICATED, 16);
    cr_assert_str_eq(error_code_name(ERROR_DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(error_code_text(ERROR_DEADLINE_EXCEEDED), "deadline exceeded");
    cr_assert_str_eq(error_code_name((enum error_code)99), "UNKNOWN");
    cr_assert_str_eq(error_code_text((enum error_code)99), "unknown");
}
