/* Originals come back as they were, whatever dictionaries came in between. */
#include "engine/original.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "engine/counting_memory.h"

enum { TRAINED = 1000, TRAINED_AGAIN = 32000 };

struct bench {
    struct originals *originals;
    struct original_reader *reader;
    struct rng rng;
};

static void bench_init(struct bench *bench, uint64_t seed)
{
    bench->originals = originals_new();
    bench->reader = original_reader_new(bench->originals);
    cr_assert(bench->originals && bench->reader);
    rng_init(&bench->rng, seed);
}

static void bench_release(struct bench *bench)
{
    original_reader_free(bench->reader);
    originals_free(bench->originals);
}

/* Like a record: a few words of many, and some bytes of its own. */
static struct str random_original(struct rng *rng, char room[4096])
{
    static const char *const WORDS[] = {"电焊", "CNY",  "isco-08",  "tj-rc",   "中餐厨师",
                                        "zh",   "7212", "质量检验", "\x08\x05"};
    size_t length = 0, count = rng_below(rng, 40);
    for (size_t i = 0; i < count; i++) {
        const char *word = WORDS[rng_below(rng, sizeof WORDS / sizeof WORDS[0])];
        memcpy(room + length, word, strlen(word));
        length += strlen(word);
        if (rng_below(rng, 4) == 0)
            room[length++] = (char)rng_next(rng);
    }
    return (struct str){room, (uint32_t)length};
}

static struct str keep(struct bench *bench, enum record_kind kind, struct str bytes)
{
    struct str kept;
    cr_assert(original_keep(bench->originals, kind, bytes, &kept));
    cr_assert_eq(original_kept_bytes(kept.data), kept.length);
    return kept;
}

static void check_read(struct bench *bench, const void *kept, struct str expected)
{
    struct str read;
    cr_assert(original_read(bench->reader, kept, &read));
    cr_assert(str_equal(read, expected));
}

static char *copy_of(struct str bytes)
{
    char *copy = malloc(bytes.length + 1);
    memcpy(copy, bytes.data, bytes.length);
    return copy;
}

Test(original, all_are_readable_before_between_and_after_trainings, .timeout = 60)
{
    enum { HELD = 500 };
    static char *kept[HELD], *bytes[HELD];
    static uint32_t lengths[HELD];
    struct bench bench;
    bench_init(&bench, 31);
    size_t first_bytes = 0, last_bytes = 0;
    for (size_t i = 0; i < 2 * TRAINED_AGAIN + 4000; i++) {
        char room[4096];
        struct str original = random_original(&bench.rng, room);
        struct str made = keep(&bench, i % 2 ? RECORD_VACANCY : RECORD_APPLICANT, original);
        check_read(&bench, made.data, original);
        first_bytes += i < 1000 ? made.length : 0;
        last_bytes += i >= 2 * TRAINED_AGAIN + 3000 ? made.length : 0;
        if (i % 140 == 0 && i / 140 < HELD) {
            kept[i / 140] = copy_of(made);
            bytes[i / 140] = copy_of(original);
            lengths[i / 140] = original.length;
        }
    }
    cr_assert_lt(last_bytes * 2, first_bytes, "%zu bytes, then %zu", first_bytes, last_bytes);
    for (size_t i = 0; i < HELD && kept[i]; i++) {
        check_read(&bench, kept[i], (struct str){bytes[i], lengths[i]});
        free(kept[i]);
        free(bytes[i]);
    }
    bench_release(&bench);
}

static void train(struct bench *bench)
{
    char room[4096];
    for (size_t i = 0; i < TRAINED; i++)
        keep(bench, RECORD_VACANCY, random_original(&bench->rng, room));
}

Test(original, any_length_and_any_bytes)
{
    static char bytes[1 << 20];
    struct bench bench;
    bench_init(&bench, 32);
    for (int trained = 0; trained < 2; trained++) {
        for (size_t length = 0; length <= sizeof bytes; length = length * 3 / 2 + 1)
            for (int likeness = 0; likeness < 2; likeness++) {
                for (size_t i = 0; i < length; i++)
                    bytes[i] = likeness ? 'x' : (char)rng_next(&bench.rng);
                struct str original = {bytes, (uint32_t)length};
                struct str made = keep(&bench, RECORD_VACANCY, original);
                cr_assert_leq(made.length, length + 6, "never much longer: %zu", length);
                check_read(&bench, made.data, original);
            }
        train(&bench);
    }
    bench_release(&bench);
}

Test(original, long_records_are_no_samples_and_short_supply_is_no_reason_to_fail)
{
    static char bytes[20000];
    struct bench bench;
    bench_init(&bench, 33);
    memset(bytes, 'y', sizeof bytes);
    for (size_t i = 0; i < TRAINED + 10; i++) {
        struct str made = keep(&bench, RECORD_VACANCY, (struct str){bytes, sizeof bytes});
        check_read(&bench, made.data, (struct str){bytes, sizeof bytes});
    }
    bench_release(&bench);
}

Test(original, without_memory_it_says_so_or_keeps_the_bytes_as_they_are)
{
    for (int n = 0; n < 2; n++) {
        memory_fail_at(n);
        struct originals *originals = originals_new();
        bool failed = memory_has_failed();
        cr_assert(failed == !originals);
        originals_free(originals);
    }
    struct bench bench;
    struct str kept, read;
    char room[4096];
    bench_init(&bench, 34);
    memory_fail_at(0);
    cr_assert_null(original_reader_new(bench.originals));
    cr_assert(memory_has_failed());
    memory_fail_at(0);
    cr_assert_not(original_keep(bench.originals, RECORD_VACANCY, STR("a"), &kept));
    cr_assert(memory_has_failed());
    /* Samples, then the dictionary, fail: keeping goes on without. */
    for (int n = 0; n < 6; n++) {
        for (size_t i = 0; i < TRAINED; i++) {
            if (i == 0 || i == TRAINED - 1)
                memory_fail_at(n % 2);
            struct str original = random_original(&bench.rng, room);
            if (original_keep(bench.originals, n < 3 ? RECORD_VACANCY : RECORD_APPLICANT, original,
                              &kept))
                check_read(&bench, kept.data, original);
            memory_has_failed();
        }
    }
    train(&bench);
    struct bench other;
    bench_init(&other, 35);
    train(&other);
    for (int i = 0; i < 20; i++) {
        struct str original = random_original(&other.rng, room);
        kept = keep(&other, RECORD_VACANCY, original);
        memory_fail_at(0);
        bool was_read = original_read(other.reader, kept.data, &read);
        cr_assert(was_read || memory_has_failed());
        memory_has_failed();
        check_read(&other, kept.data, original);
    }
    bench_release(&other);
    bench_release(&bench);
    originals_free(NULL);
    original_reader_free(NULL);
}
