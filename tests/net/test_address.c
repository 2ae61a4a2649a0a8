#include <criterion/criterion.h>
#include <string.h>

#include "net/address.h"

static void expect_round_trip(const char *text, const char *expected, int family, uint16_t port)
{
    struct sockaddr_storage address;
    struct error error = {0};
    char out[ADDRESS_TEXT_BYTES];
    cr_assert(address_parse(text, &address, &error), "%s: %s", text, error.text);
    cr_assert_eq(address.ss_family, family);
    cr_assert_eq(address_port(&address), port);
    address_format(&address, out);
    cr_assert_str_eq(out, expected);
}

Test(address, reads_and_writes_both_families)
{
    expect_round_trip("127.0.0.1:50051", "127.0.0.1:50051", AF_INET, 50051);
    expect_round_trip("0.0.0.0:0", "0.0.0.0:0", AF_INET, 0);
    expect_round_trip("[::1]:65535", "[::1]:65535", AF_INET6, 65535);
    expect_round_trip("[127.0.0.1]:1", "127.0.0.1:1", AF_INET, 1);
}

Test(address, refuses_what_is_not_host_and_port)
{
    const char *const wrong[] = {"",
                                 ":",
                                 ":80",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:http",
                                 "::1:80",
                                 "[::1]",
                                 "[::1:80",
                                 "[]:80",
                                 "300.0.0.1:80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sockaddr_storage address;
        struct error error = {0};
        cr_assert_not(address_parse(wrong[i], &address, &error), "'%s' was accepted", wrong[i]);
        cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
        cr_assert(strstr(error.text, wrong[i]), "'%s' is not named by: %s", wrong[i], error.text);
    }
    char long_host[400];
    memset(long_host, 'a', sizeof long_host);
    memcpy(long_host + sizeof long_host - 4, ":80", 4);
    struct sockaddr_storage address;
    cr_assert_not(address_parse(long_host, &address, NULL));
}

Test(address, writes_nothing_for_other_families)
{
    struct sockaddr_storage address = {.ss_family = AF_UNIX};
    char out[ADDRESS_TEXT_BYTES] = "x";
    address_format(&address, out);
    cr_assert_str_eq(out, "");
}

static uint64_t network_of(const char *text)
{
    struct sockaddr_storage address;
    struct error error = {0};
    cr_assert(address_parse(text, &address, &error), "%s", error.text);
    return address_network(&address);
}

Test(address, one_owner_of_addresses_has_one_network)
{
    cr_assert_eq(network_of("127.0.0.1:1"), network_of("127.0.0.1:2"));
    cr_assert_neq(network_of("127.0.0.1:1"), network_of("127.0.0.2:1"));
    cr_assert_eq(network_of("[::ffff:10.0.0.7]:1"), network_of("10.0.0.7:1"));
    cr_assert_eq(network_of("[2001:db8:1:2::1]:1"), network_of("[2001:db8:1:2:ffff::9]:1"));
    cr_assert_neq(network_of("[2001:db8:1:2::1]:1"), network_of("[2001:db8:1:3::1]:1"));
    cr_assert_neq(network_of("[::1]:1"), network_of("127.0.0.1:1"));
}
