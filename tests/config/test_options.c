/* The table of options: defaults, bounds, environment, and what --print-config shows. */
#include "config/options.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "config/host.h"

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

Test(options, default_to_the_limits_of_rpc)
{
    struct options options;
    options_set_defaults(&options);
    const struct rpc_limits told = options_limits(&options), built_in = rpc_limits_default();
    cr_assert_eq(told.concurrent_calls, built_in.concurrent_calls);
    cr_assert_eq(told.header_list_bytes, built_in.header_list_bytes);
    cr_assert_eq(told.message_bytes, built_in.message_bytes);
    cr_assert_eq(told.connection_incoming_bytes, built_in.connection_incoming_bytes);
    cr_assert_eq(told.connection_outgoing_bytes, built_in.connection_outgoing_bytes);
    cr_assert_eq(told.resets.burst, built_in.resets.burst);
    cr_assert_eq(told.resets.per_second, built_in.resets.per_second);
    cr_assert_eq(told.pings.burst, built_in.pings.burst);
    cr_assert_eq(told.pings.per_second, built_in.pings.per_second);
    cr_assert_eq(told.oddities.burst, built_in.oddities.burst);
    cr_assert_eq(told.oddities.per_second, built_in.oddities.per_second);
    cr_assert_eq(told.idle_ns, built_in.idle_ns);
    cr_assert_eq(told.handshake_ns, built_in.handshake_ns);
    cr_assert_eq(told.keepalive_ns, built_in.keepalive_ns);
    cr_assert_eq(told.keepalive_wait_ns, built_in.keepalive_wait_ns);
    cr_assert_eq(told.memory_bytes, built_in.memory_bytes);
    cr_assert_eq(told.connections_per_address, built_in.connections_per_address);
}

Test(options, reach_the_limits_of_rpc)
{
    struct options options;
    options_set_defaults(&options);
    cr_assert(options_set(&options, "max-headers-kib", "8", NULL));
    cr_assert(options_set(&options, "connection-memory-kib", "64", NULL));
    cr_assert(options_set(&options, "client-memory-mib", "3", NULL));
    cr_assert(options_set(&options, "keepalive-seconds", "7", NULL));
    cr_assert(options_set(&options, "ping-burst", "9", NULL));
    const struct rpc_limits limits = options_limits(&options);
    cr_assert_eq(limits.header_list_bytes, 8 * 1024);
    cr_assert_eq(limits.connection_incoming_bytes, 64 * 1024);
    cr_assert_eq(limits.connection_outgoing_bytes, 64 * 1024);
    cr_assert_eq(limits.memory_bytes, 3 * 1024 * 1024);
    cr_assert_eq(limits.keepalive_ns, INT64_C(7000000000));
    cr_assert_eq(limits.pings.burst, 9);
}

Test(options, raise_the_limit_of_open_files_or_say_how_many_connections_fit)
{
    const struct rlimit narrow = {.rlim_cur = 100, .rlim_max = 300};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &narrow), 0);
    struct rlimit now;
    cr_assert_eq(host_reserve_descriptors(20, HOST_OWN_DESCRIPTORS), 20);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &now), 0);
    cr_assert_eq(now.rlim_cur, 100, "what suffices stays");
    cr_assert_eq(host_reserve_descriptors(200, HOST_OWN_DESCRIPTORS), 200);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &now), 0);
    cr_assert_geq(now.rlim_cur, 200);
    uint32_t possible = host_reserve_descriptors(4096, HOST_OWN_DESCRIPTORS);
    cr_assert_lt(possible, 300);
    cr_assert_gt(possible, 200);
}
