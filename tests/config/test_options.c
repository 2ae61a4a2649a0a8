/* The table of options: defaults, bounds, environment, and what --print-config shows. */
#include "config/options.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static enum options_result parse(struct options *options, const char *argument, struct error *error)
{
    char *argv[] = {(char *)"haihed", (char *)argument, NULL};
    return options_parse(options, argument ? 2 : 1, argv, error);
}

Test(options, have_defaults_that_pass_their_own_checks)
{
    struct options options;
    struct error error = {0};
    cr_assert_eq(parse(&options, NULL, &error), OPTIONS_RUN, "%s", error.text);
    cr_assert_str_eq(options.listen, "127.0.0.1:50051");
    cr_assert_str_eq(options.zone, "Asia/Shanghai");
    cr_assert_eq(options.group_limit, 1000);
    cr_assert_not(options.insecure_any_address);
}

Test(options, name_option_and_value_when_out_of_bounds)
{
    struct options options;
    struct error error = {0};
    cr_assert_eq(parse(&options, "--max-streams=0", &error), OPTIONS_EXIT_USAGE);
    cr_assert_str_eq(error.field, "max-streams");
    cr_assert_str_eq(error.value, "0");
    cr_assert_eq(parse(&options, "--workers=two", &error), OPTIONS_EXIT_USAGE);
    cr_assert_str_eq(error.value, "two");
}

Test(options, prefer_the_command_line_to_the_environment)
{
    struct options options;
    struct error error = {0};
    setenv("HAIHE_MAX_STREAMS", "77", 1);
    setenv("HAIHE_INSECURE_ANY_ADDRESS", "yes", 1);
    cr_assert_eq(parse(&options, NULL, &error), OPTIONS_RUN);
    cr_assert_eq(options.max_streams, 77);
    cr_assert(options.insecure_any_address);
    cr_assert_eq(parse(&options, "--max-streams=78", &error), OPTIONS_RUN);
    cr_assert_eq(options.max_streams, 78);
    setenv("HAIHE_MAX_STREAMS", "many", 1);
    cr_assert_eq(parse(&options, NULL, &error), OPTIONS_EXIT_USAGE);
    cr_assert_str_eq(error.field, "environment.max-streams");
}

Test(options, print_every_option_with_its_value)
{
    struct options options;
    options_set_defaults(&options);
    cr_assert(options_set(&options, "currency", "EUR", NULL));
    struct error error;
    cr_assert_not(options_set(&options, "colour", "red", &error));
    cr_assert_str_eq(error.field, "colour");
    struct buffer text;
    buffer_init(&text, 1 << 16);
    cr_assert(options_print(&options, &text));
    buffer_append(&text, "", 1);
    cr_assert_not_null(strstr(text.data, "\ncurrency = \"EUR\"\n"));
    cr_assert_not_null(strstr(text.data, "\ngroup-limit = 1000\n"));
    cr_assert_not_null(strstr(text.data, "\nprint-config = no\n"));
    buffer_release(&text);
}
