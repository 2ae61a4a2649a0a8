#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/rng.h"

static volatile const size_t absurd = SIZE_MAX;

Test(buffer, appends_printf_and_str_in_order)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    cr_assert(buffer_append(&buffer, "ab", 2));
    cr_assert(buffer_append_str(&buffer, STR("津")));
    cr_assert(buffer_append_str(&buffer, (struct str){NULL, 0}));
    cr_assert(buffer_printf(&buffer, "-%d", 42));
    cr_assert(str_equal(buffer_borrow(&buffer), STR("ab津-42")));
    cr_assert_not(buffer.failed);
    buffer_release(&buffer);
    cr_assert_null(buffer.data);
}

Test(buffer, grows_to_its_limit_and_not_beyond)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    for (int i = 0; i < 1000; i++)
        cr_assert(buffer_append(&buffer, "x", 1), "byte %d", i);
    cr_assert_eq(buffer.capacity_bytes, 1000);
    cr_assert_not(buffer_append(&buffer, "x", 1));
    buffer_release(&buffer);
}

Test(buffer, failure_keeps_the_content_and_sticks)
{
    struct buffer buffer;
    buffer_init(&buffer, 10);
    cr_assert(buffer_append(&buffer, "12345", 5));
    cr_assert_not(buffer_append(&buffer, "abcdef", 6));
    cr_assert(buffer.failed);
    cr_assert(str_equal(buffer_borrow(&buffer), STR("12345")));
    cr_assert_not(buffer_append(&buffer, "a", 1), "later appends fail too");
    cr_assert_not(buffer_printf(&buffer, "a"));
    cr_assert_not(buffer_append_str(&buffer, STR("a")));
    cr_assert_null(buffer_reserve(&buffer, 1));
    cr_assert(str_equal(buffer_borrow(&buffer), STR("12345")));
    buffer_clear(&buffer);
    cr_assert(buffer_append(&buffer, "abcdef", 6), "a cleared buffer has forgotten");
    cr_assert(str_equal(buffer_borrow(&buffer), STR("abcdef")));
    buffer_release(&buffer);
}

Test(buffer, printf_needs_room_for_its_nul)
{
    struct buffer buffer;
    buffer_init(&buffer, 4);
    cr_assert(buffer_printf(&buffer, "%s", "abc"));
    cr_assert_not(buffer_printf(&buffer, "d"));
    cr_assert(str_equal(buffer_borrow(&buffer), STR("abc")));
    buffer_release(&buffer);
}

Test(buffer, printf_that_cannot_format_fails)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    cr_assert(buffer_append(&buffer, "a", 1));
    /* A wide character that no multibyte character of the C locale spells. */
    cr_assert_not(buffer_printf(&buffer, "%lc", (wint_t)0x10ffff));
    cr_assert(buffer.failed);
    cr_assert(str_equal(buffer_borrow(&buffer), STR("a")));
    buffer_release(&buffer);
}

Test(buffer, reserve_and_commit_write_in_place)
{
    struct buffer buffer;
    buffer_init(&buffer, 5000);
    char *room = buffer_reserve(&buffer, 4000);
    cr_assert(room);
    memset(room, 'r', 4000);
    buffer_commit(&buffer, 100);
    cr_assert_eq(buffer.length_bytes, 100);
    cr_assert_eq(buffer_reserve(&buffer, 0), room + 100);
    buffer_release(&buffer);
}

Test(buffer, commit_beyond_what_was_reserved_is_a_bug, .signal = SIGABRT)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    (void)buffer_reserve(&buffer, 10);
    buffer_commit(&buffer, 1001);
}

Test(buffer, consume_removes_from_the_front)
{
    struct buffer buffer;
    buffer_init(&buffer, 100);
    buffer_consume(&buffer, 0);
    cr_assert(buffer_append(&buffer, "headbody", 8));
    buffer_consume(&buffer, 4);
    cr_assert(str_equal(buffer_borrow(&buffer), STR("body")));
    buffer_consume(&buffer, 4);
    cr_assert_eq(buffer.length_bytes, 0);
    buffer_release(&buffer);
}

Test(buffer, detach_hands_the_bytes_over)
{
    struct buffer buffer;
    buffer_init(&buffer, 100);
    size_t length = 99;
    cr_assert_null(buffer_detach(&buffer, &length));
    cr_assert_eq(length, 0);
    cr_assert(buffer_append(&buffer, "abc", 3));
    char *bytes = buffer_detach(&buffer, &length);
    cr_assert(bytes && length == 3 && memcmp(bytes, "abc", 3) == 0);
    memory_free(bytes);
    cr_assert(buffer_append(&buffer, "again", 5), "the limit stayed");
    buffer_clear(&buffer);
    cr_assert_null(buffer_detach(&buffer, &length), "memory without content is not handed over");
    cr_assert_null(buffer.data);
}

Test(buffer, absurd_sizes_fail_and_keep_the_content)
{
    struct buffer buffer;
    buffer_init(&buffer, absurd);
    cr_assert(buffer_append(&buffer, "abc", 3));
    cr_assert_null(buffer_reserve(&buffer, absurd - 2), "length + size would overflow");
    cr_assert(buffer.failed);
    buffer.failed = false;
    cr_assert_null(buffer_reserve(&buffer, absurd - 3), "no machine has that much");
    cr_assert(str_equal(buffer_borrow(&buffer), STR("abc")));
    buffer_release(&buffer);
}

Test(buffer, agrees_with_a_plain_array)
{
    enum { LIMIT = 5000 };
    const uint64_t seed = 7;
    fprintf(stderr, "buffer: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    struct buffer buffer;
    buffer_init(&buffer, LIMIT);
    static char plain[LIMIT];
    size_t length = 0;
    for (int step = 0; step < 20000; step++) {
        if (rng_below(&rng, 3) == 0) {
            size_t size = rng_below(&rng, length + 1);
            buffer_consume(&buffer, size);
            memmove(plain, plain + size, length -= size);
        } else {
            char piece[300];
            size_t size = rng_below(&rng, sizeof piece + 1);
            memset(piece, (int)rng_below(&rng, 256), size);
            bool fits = size <= LIMIT - length;
            cr_assert_eq(buffer_append(&buffer, piece, size), fits);
            buffer.failed = false;
            if (fits)
                memcpy(plain + length, piece, size);
            length += fits ? size : 0;
        }
        cr_assert_eq(buffer.length_bytes, length);
        cr_assert(length == 0 || memcmp(buffer.data, plain, length) == 0, "step %d", step);
    }
    buffer_release(&buffer);
}
