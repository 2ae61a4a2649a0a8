#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/rng.h"
#include "support/sanitizers.h"

static volatile const size_t absurd = SIZE_MAX;

Test(arena, blocks_are_aligned_and_do_not_overlap)
{
    enum { BLOCKS = 2000 };
    const uint64_t seed = 20261123;
    fprintf(stderr, "arena: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    struct arena arena;
    arena_init(&arena, 64 << 20);
    for (int round = 0; round < 3; round++) {
        struct {
            unsigned char *bytes;
            size_t size;
        } blocks[BLOCKS];
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i].size = rng_below(&rng, i % 50 == 0 ? 100000 : 200);
            blocks[i].bytes = arena_alloc(&arena, blocks[i].size);
            cr_assert(blocks[i].bytes);
            cr_assert_eq((uintptr_t)blocks[i].bytes % 16, 0);
            memset(blocks[i].bytes, (int)(i % 251), blocks[i].size);
        }
        for (size_t i = 0; i < BLOCKS; i++)
            for (size_t j = 0; j < blocks[i].size; j++)
                cr_assert_eq(blocks[i].bytes[j], i % 251, "block %zu byte %zu", i, j);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

Test(arena, two_empty_blocks_are_distinct)
{
    struct arena arena;
    arena_init(&arena, 1000);
    void *a = arena_alloc(&arena, 0), *b = arena_alloc(&arena, 0);
    cr_assert(a && b && a != b);
    arena_release(&arena);
}

Test(arena, limit_stops_it_and_the_rest_stays_usable)
{
    struct arena arena;
    arena_init(&arena, 10000);
    char *kept = arena_alloc(&arena, 5000);
    cr_assert(kept);
    memset(kept, 'k', 5000);
    cr_assert_null(arena_alloc(&arena, 6000));
    cr_assert_leq(arena.total_bytes, 10000);
    cr_assert(arena_alloc(&arena, 1000), "a smaller block still fits");
    cr_assert(kept[0] == 'k' && kept[4999] == 'k');
    size_t count = 0;
    while (arena_alloc(&arena, 16))
        count++;
    cr_assert_leq(count, (10000 - 6000) / 16);
    cr_assert_leq(arena.total_bytes, 10000);
    arena_clear(&arena);
    cr_assert(arena_alloc(&arena, 5000), "a cleared arena starts again");
    arena_release(&arena);
}

Test(arena, exactly_the_limit_fits)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    cr_assert(arena_alloc(&arena, 1 << 20));
    cr_assert_null(arena_alloc(&arena, 1));
    arena_release(&arena);
    arena_init(&arena, 0);
    cr_assert_null(arena_alloc(&arena, 1));
    arena_release(&arena);
}

Test(arena, absurd_sizes_fail_without_overflow)
{
    struct arena arena;
    arena_init(&arena, absurd);
    for (size_t less = 0; less < 64; less++)
        cr_assert_null(arena_alloc(&arena, absurd - less), "SIZE_MAX - %zu", less);
    cr_assert_null(arena_alloc_zeroed(&arena, absurd / 2, 3));
    cr_assert_null(arena_alloc_zeroed(&arena, absurd, absurd));
    cr_assert(arena_alloc(&arena, 1));
    arena_release(&arena);
}

Test(arena, zeroed_is_zeroed_in_reused_memory)
{
    struct arena arena;
    arena_init(&arena, 100000);
    memset(arena_alloc(&arena, 4000), 0xff, 4000);
    arena_clear(&arena);
    const unsigned char *block = arena_alloc_zeroed(&arena, 40, 100);
    for (size_t i = 0; i < 4000; i++)
        cr_assert_eq(block[i], 0);
    arena_release(&arena);
}

Test(arena, clear_keeps_the_largest_chunk)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    cr_assert(arena_alloc(&arena, 100));
    void *large = arena_alloc(&arena, 50000);
    arena_clear(&arena);
    cr_assert_geq(arena.total_bytes, 50000);
    size_t one_chunk = arena.total_bytes;
    cr_assert_eq(arena_alloc(&arena, 50000), large);
    cr_assert_eq(arena.total_bytes, one_chunk, "the next request needs no heap");
    arena_clear(&arena);
    arena_release(&arena);
    cr_assert_eq(arena.total_bytes, 0);
    arena_clear(&arena);
    arena_release(&arena);
}

Test(arena, clear_gives_a_giant_first_chunk_back)
{
    struct arena arena;
    arena_init(&arena, 64 << 20);
    cr_assert(arena_alloc(&arena, 32 << 20));
    arena_clear(&arena);
    cr_assert_eq(arena.total_bytes, 0);
    cr_assert(arena_alloc(&arena, 10));
    arena_release(&arena);
}

Test(arena, copy_lives_on_its_own_with_a_nul_behind)
{
    struct arena arena;
    arena_init(&arena, 1000);
    char original[] = "天津港";
    struct str copy = arena_copy(&arena, str_of(original));
    memset(original, 'x', sizeof original - 1);
    cr_assert(str_equal(copy, STR("天津港")));
    cr_assert_eq(copy.data[copy.length], '\0');
    struct str empty = arena_copy(&arena, (struct str){NULL, 0});
    cr_assert(empty.data && empty.length == 0 && empty.data[0] == '\0');
    char large[2000] = {0};
    cr_assert_null(arena_copy(&arena, (struct str){large, sizeof large}).data);
    arena_release(&arena);
}

#ifdef TEST_UNDER_ASAN
Test(arena, bytes_that_no_block_holds_are_poisoned)
{
    struct arena arena;
    arena_init(&arena, 100000);
    char *block = arena_alloc(&arena, 20);
    cr_assert_not(__asan_address_is_poisoned(block + 19));
    cr_assert(__asan_address_is_poisoned(block + 20));
    cr_assert(__asan_address_is_poisoned(block + 32));
    arena_clear(&arena);
    cr_assert(__asan_address_is_poisoned(block));
    arena_release(&arena);
}
#endif
