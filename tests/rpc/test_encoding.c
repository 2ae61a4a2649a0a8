#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/rng.h"
#include "rpc/encoding.h"
#include "rpc/metadata.h"

static void expect(bool (*code)(struct buffer *, struct str), struct str in, struct str expected)
{
    struct buffer out;
    buffer_init(&out, 4096);
    cr_assert(code(&out, in));
    cr_assert(str_equal(buffer_borrow(&out), expected), "'%.*s' became '%.*s'", STR_ARG(in),
              (int)out.length_bytes, out.data);
    buffer_release(&out);
}

Test(encoding, percent_encodes_what_is_not_printable_ascii)
{
    expect(rpc_percent_encode, STR("plain text, ~!"), STR("plain text, ~!"));
    expect(rpc_percent_encode, STR("100%\n\x7f"), STR("100%25%0A%7F"));
    expect(rpc_percent_encode, STR("工"), STR("%E5%B7%A5"));
    expect(rpc_percent_encode, STR(""), STR(""));
}

Test(encoding, percent_decodes_and_forgives)
{
    expect(rpc_percent_decode, STR("100%25%0a%7F"), STR("100%\n\x7f"));
    expect(rpc_percent_decode, STR("%E5%b7%a5"), STR("工"));
    expect(rpc_percent_decode, STR("50% off %"), STR("50% off %"));
    expect(rpc_percent_decode, STR("%2"), STR("%2"));
    expect(rpc_percent_decode, STR("%zz%20"), STR("%zz "));
}

Test(encoding, base64_follows_rfc_4648_without_padding)
{
    const struct str plain[] = {STR(""),     STR("f"),     STR("fo"),    STR("foo"),
                                STR("foob"), STR("fooba"), STR("foobar")};
    const struct str coded[] = {STR(""),       STR("Zg"),      STR("Zm8"),     STR("Zm9v"),
                                STR("Zm9vYg"), STR("Zm9vYmE"), STR("Zm9vYmFy")};
    for (size_t i = 0; i < 7; i++) {
        expect(rpc_base64_encode, plain[i], coded[i]);
        expect(rpc_base64_decode, coded[i], plain[i]);
    }
    expect(rpc_base64_decode, STR("Zg=="), STR("f"));
    expect(rpc_base64_decode, STR("Zm8="), STR("fo"));
}

Test(encoding, base64_refuses_other_text)
{
    const struct str wrong[] = {STR("A"),    STR("AAAAA"), STR("Zg="),   STR("Zg==="),
                                STR("===="), STR("Zm 8"),  STR("Zm8=Z"), STR("Zm_-")};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct buffer out;
        buffer_init(&out, 100);
        cr_assert_not(rpc_base64_decode(&out, wrong[i]), "'%s'", wrong[i].data);
        cr_assert_eq(out.length_bytes, 0);
        buffer_release(&out);
    }
}

Test(encoding, random_bytes_survive_both_ways)
{
    struct rng rng;
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        struct str in = {bytes, (uint32_t)rng_below(&rng, sizeof bytes)};
        for (uint32_t i = 0; i < in.length; i++)
            bytes[i] = (char)rng_next(&rng);
        struct buffer coded;
        buffer_init(&coded, 4096);
        cr_assert(rpc_base64_encode(&coded, in));
        expect(rpc_base64_decode, buffer_borrow(&coded), in);
        buffer_clear(&coded);
        cr_assert(rpc_percent_encode(&coded, in));
        expect(rpc_percent_decode, buffer_borrow(&coded), in);
        buffer_release(&coded);
    }
}

Test(encoding, timeouts_have_up_to_eight_digits_and_a_unit)
{
    const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"1n", 1},
                {"100m", 100000000},
                {"5S", 5000000000},
                {"0S", 0},
                {"2u", 2000},
                {"3M", 180000000000},
                {"1H", 3600000000000},
                {"99999999n", 99999999},
                {"99999999H", INT64_MAX}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ns = -1;
        cr_assert(rpc_timeout_parse(str_of(good[i].text), &ns), "%s", good[i].text);
        cr_assert_eq(ns, good[i].ns, "%s", good[i].text);
    }
    const char *const wrong[] = {"", "S", "1", "1s", "-1S", "1.5S", "123456789n", "1 S", "S1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t ns;
        cr_assert_not(rpc_timeout_parse(str_of(wrong[i]), &ns), "%s", wrong[i]);
    }
}

Test(encoding, a_written_timeout_is_never_shorter_and_hardly_longer)
{
    struct rng rng;
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    for (int round = 0; round < 10000; round++) {
        int64_t ns = (int64_t)(rng_next(&rng) >> (1 + rng_below(&rng, 63)));
        char text[RPC_TIMEOUT_TEXT_BYTES];
        uint32_t length = rpc_timeout_format(ns, text);
        int64_t back;
        cr_assert(rpc_timeout_parse((struct str){text, length}, &back), "%s", text);
        cr_assert_geq(back, ns, "%lld became %s", (long long)ns, text);
        cr_assert(back == INT64_MAX || back - ns <= ns / 1000 + 1, "%lld became %s", (long long)ns,
                  text);
    }
    char text[RPC_TIMEOUT_TEXT_BYTES];
    rpc_timeout_format(-5, text);
    cr_assert_str_eq(text, "0n");
}

Test(metadata, keeps_order_and_finds_the_first)
{
    struct buffer packed;
    struct str name, value;
    size_t offset = 0;
    buffer_init(&packed, 1000);
    cr_assert_not(rpc_metadata_find(&packed, STR("a"), &value));
    cr_assert(rpc_metadata_add(&packed, STR("a"), STR("1")));
    cr_assert(rpc_metadata_add(&packed, STR("b"), STR("")));
    cr_assert(rpc_metadata_add(&packed, STR("a"), STR("2")));
    cr_assert(rpc_metadata_find(&packed, STR("a"), &value));
    cr_assert(str_equal(value, STR("1")));
    cr_assert(rpc_metadata_find(&packed, STR("b"), &value));
    cr_assert_eq(value.length, 0);
    const char *const names[] = {"a", "b", "a"};
    for (int i = 0; i < 3; i++) {
        cr_assert(rpc_metadata_next(&packed, &offset, &name, &value));
        cr_assert(str_equal(name, str_of(names[i])));
    }
    cr_assert_not(rpc_metadata_next(&packed, &offset, &name, &value));
    buffer_release(&packed);
}

Test(metadata, decodes_binary_values_and_takes_back_bad_ones)
{
    struct buffer packed;
    struct str name, value;
    size_t offset = 0;
    buffer_init(&packed, 1000);
    cr_assert(rpc_metadata_is_binary(STR("x-bin")));
    cr_assert_not(rpc_metadata_is_binary(STR("-bin")));
    cr_assert_not(rpc_metadata_is_binary(STR("bin")));
    cr_assert_eq(rpc_metadata_add_encoded(&packed, STR("x-bin"), STR("Zm8,Zm9v")),
                 RPC_METADATA_FINE);
    size_t before = packed.length_bytes;
    cr_assert_eq(rpc_metadata_add_encoded(&packed, STR("y-bin"), STR("Zm8,!")),
                 RPC_METADATA_NOT_BASE64);
    cr_assert_eq(packed.length_bytes, before);
    cr_assert(rpc_metadata_next(&packed, &offset, &name, &value));
    cr_assert(str_equal(value, STR("fo")));
    cr_assert(rpc_metadata_next(&packed, &offset, &name, &value));
    cr_assert(str_equal(value, STR("foo")));
    cr_assert_not(rpc_metadata_next(&packed, &offset, &name, &value));
    buffer_release(&packed);
}

Test(metadata, stops_at_its_limit_and_stays_usable)
{
    struct buffer packed;
    struct str value;
    buffer_init(&packed, 40);
    cr_assert(rpc_metadata_add(&packed, STR("a"), STR("1")));
    cr_assert_not(rpc_metadata_add(&packed, STR("b"), STR("0123456789012345678901234567890")));
    cr_assert(rpc_metadata_add(&packed, STR("c"), STR("3")));
    cr_assert_not(rpc_metadata_find(&packed, STR("b"), &value));
    cr_assert(rpc_metadata_find(&packed, STR("c"), &value));
    buffer_release(&packed);
}
