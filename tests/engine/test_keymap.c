#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rcu.h"
#include "base/rng.h"
#include "engine/counting_memory.h"
#include "engine/keymap.h"

/* How often a probe for the hash gives the slot. */
static size_t count_of(const struct keymap *keymap, uint64_t hash, size_t slot)
{
    struct keymap_probe probe = keymap_find(keymap, hash);
    size_t count = 0;
    for (size_t found; (found = keymap_next(&probe)) != SIZE_MAX;)
        count += found == slot;
    return count;
}

static void add(struct keymap *keymap, uint64_t hash, size_t slot)
{
    cr_assert(keymap_reserve(keymap));
    keymap_add(keymap, hash, slot);
}

/* Different numbers give hashes that differ in the half that the map looks at. */
static uint64_t hash_of(uint64_t number)
{
    return number * UINT64_C(0x9e3779b97f4a7c15);
}

static void start(struct keymap *keymap)
{
    rcu_thread_enter();
    cr_assert(keymap_init(keymap));
}

static void stop(struct keymap *keymap)
{
    rcu_drain();
    keymap_release(keymap);
    rcu_thread_leave();
}

Test(keymap, finds_what_was_added_and_nothing_else)
{
    struct keymap keymap;
    start(&keymap);
    add(&keymap, hash_of(1), 0);
    cr_assert_eq(count_of(&keymap, hash_of(1), 0), 1);
    cr_assert_eq(count_of(&keymap, hash_of(1), 1), 0);
    cr_assert_eq(count_of(&keymap, hash_of(2), 0), 0);
    stop(&keymap);
}

Test(keymap, grows_to_twice_its_size_and_no_further)
{
    struct keymap keymap;
    start(&keymap);
    size_t before_bytes = keymap_bytes(&keymap);
    for (uint64_t i = 0; i < 100000; i++) {
        add(&keymap, hash_of(i), i);
        size_t bytes = keymap_bytes(&keymap);
        cr_assert_leq(bytes, 2 * before_bytes, "at %llu keys", (unsigned long long)i);
        before_bytes = bytes;
    }
    cr_assert_leq(before_bytes, 100000 * 22);
    stop(&keymap);
}

Test(keymap, gives_every_slot_of_equal_hashes)
{
    struct keymap keymap;
    start(&keymap);
    for (size_t slot = 0; slot < 50; slot++)
        add(&keymap, hash_of(9), slot);
    for (size_t slot = 0; slot < 50; slot++)
        cr_assert_eq(count_of(&keymap, hash_of(9), slot), 1);
    stop(&keymap);
}

Test(keymap, keeps_a_pair_that_was_added_twice_until_both_are_removed)
{
    struct keymap keymap;
    start(&keymap);
    add(&keymap, hash_of(3), 5);
    add(&keymap, hash_of(3), 5);
    keymap_remove(&keymap, hash_of(3), 5);
    cr_assert_eq(count_of(&keymap, hash_of(3), 5), 1);
    keymap_remove(&keymap, hash_of(3), 5);
    cr_assert_eq(count_of(&keymap, hash_of(3), 5), 0);
    stop(&keymap);
}

enum { NUMBERS = 5000, STEPS = 60000 };

Test(keymap, agrees_with_a_plain_table_under_random_changes)
{
    static uint8_t counts[NUMBERS];
    struct keymap keymap;
    struct rng rng;
    uint64_t seed = (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    start(&keymap);
    for (size_t step = 0; step < STEPS; step++) {
        size_t number = rng_below(&rng, NUMBERS);
        /* A quarter of the hashes is shared by two numbers. */
        uint64_t hash = hash_of(number % 4 ? number : number / 8);
        if (counts[number] < 3 && (counts[number] == 0 || rng_below(&rng, 2))) {
            add(&keymap, hash, number);
            counts[number]++;
        } else {
            keymap_remove(&keymap, hash, number);
            counts[number]--;
        }
    }
    for (size_t number = 0; number < NUMBERS; number++)
        cr_assert_eq(count_of(&keymap, hash_of(number % 4 ? number : number / 8), number),
                     counts[number], "number %zu", number);
    stop(&keymap);
}

Test(keymap, does_not_grow_when_as_much_is_removed_as_added)
{
    struct keymap keymap;
    start(&keymap);
    size_t before = memory_held_count();
    for (uint64_t number = 0; number < 100000; number++) {
        add(&keymap, hash_of(number), number % 100);
        if (number >= 100)
            keymap_remove(&keymap, hash_of(number - 100), number % 100);
    }
    rcu_drain();
    cr_assert_eq(memory_held_count(), before);
    cr_assert_eq(keymap.pair_count, 100);
    stop(&keymap);
}

Test(keymap, changes_nothing_when_there_is_no_memory_to_grow)
{
    struct keymap keymap;
    start(&keymap);
    size_t count = 0;
    memory_fail_at(0); /* the first table is full without another allocation */
    while (keymap_reserve(&keymap))
        keymap_add(&keymap, hash_of(count), count), count++;
    cr_assert(memory_has_failed());
    cr_assert_gt(count, 500);
    for (size_t number = 0; number < count; number++)
        cr_assert_eq(count_of(&keymap, hash_of(number), number), 1);
    add(&keymap, hash_of(count), count);
    cr_assert_eq(count_of(&keymap, hash_of(count), count), 1);
    stop(&keymap);
}

struct readers {
    struct keymap keymap;
    _Atomic bool stop;
    _Atomic uint64_t missed;
};

/* The first hundred pairs are always there, whatever else changes. */
static void *look_up(void *argument)
{
    struct readers *readers = argument;
    rcu_thread_enter();
    while (!atomic_load(&readers->stop)) {
        rcu_read_enter();
        for (size_t number = 0; number < 100; number++)
            if (count_of(&readers->keymap, hash_of(number), number) != 1)
                atomic_fetch_add(&readers->missed, 1);
        rcu_read_leave();
    }
    rcu_thread_leave();
    return NULL;
}

Test(keymap, lookups_find_what_stays_while_the_writer_adds_removes_and_grows)
{
    static struct readers readers;
    pthread_t threads[2];
    start(&readers.keymap);
    for (size_t number = 0; number < 100; number++)
        add(&readers.keymap, hash_of(number), number);
    for (size_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, look_up, &readers);
    for (uint64_t round = 0; round < 4; round++) {
        for (uint64_t number = 100; number < 8000; number++)
            add(&readers.keymap, hash_of(number), number);
        for (uint64_t number = 100; number < 8000; number++)
            keymap_remove(&readers.keymap, hash_of(number), number);
    }
    atomic_store(&readers.stop, true);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(atomic_load(&readers.missed), 0);
    stop(&readers.keymap);
}
