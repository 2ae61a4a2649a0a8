#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

/* Sizes the compiler must not see through: it warns about absurd ones. */
static volatile const size_t absurd = SIZE_MAX / 4;

Test(memory, zero_bytes_are_a_block_of_its_own)
{
    void *a = memory_try(0);
    void *b = memory_try_zeroed(0, 8);
    cr_assert(a && b && a != b);
    a = memory_try_resize(a, 0);
    cr_assert(a);
    memory_free(a);
    memory_free(b);
    memory_free(NULL);
}

Test(memory, zeroed_is_zeroed)
{
    unsigned char *block = memory_try_zeroed(100, 10);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(block[i], 0);
    memory_free(block);
}

Test(memory, resize_keeps_content)
{
    char *block = memory_try(4);
    memcpy(block, "abc", 4);
    block = memory_try_resize(block, 100000);
    cr_assert_str_eq(block, "abc");
    memory_free(block);
}

Test(memory, too_much_gives_null)
{
    cr_assert_null(memory_try(absurd));
    cr_assert_null(memory_try_zeroed(absurd, 5)); /* 5/4 of the address space: overflows */
    char *block = memory_try(4);
    memcpy(block, "abc", 4);
    cr_assert_null(memory_try_resize(block, absurd));
    cr_assert_str_eq(block, "abc");
    memory_free(block);
}

Test(memory, must_ends_the_process_with_a_message, .signal = SIGABRT)
{
    memory_free(memory_must_zeroed(absurd, 5));
}

Test(memory, must_gives_zeroes)
{
    int *block = memory_must_zeroed(3, sizeof *block);
    cr_assert(block[0] == 0 && block[1] == 0 && block[2] == 0);
    memory_free(block);
}

static void *fill_on_huge_pages(void *argument)
{
    unsigned char **blocks = argument;
    memory_use_huge_pages();
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = memory_try(i * 100 + 1);
        memset(blocks[i], (int)(i % 251), i * 100 + 1);
    }
    return NULL;
}

Test(memory, huge_pages_are_memory_like_any_other)
{
    unsigned char *blocks[1000];
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, fill_on_huge_pages, blocks), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < 1000; i++) {
        cr_assert_eq(blocks[i][0], i % 251);
        cr_assert_eq(blocks[i][i * 100], i % 251);
        memory_free(blocks[i]);
    }
}
