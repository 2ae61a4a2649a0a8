/* What a record costs in memory, part by part, and what it costs to unpack one.
 *
 * `build/bench/bench_memory [SEED [VACANCIES [APPLICANTS]]]` (1, 100000, 1000000) draws the sample
 * market's records, has a book make each as a change, as the daemon's writer does, and prints
 * name=value lines. For each kind, mean bytes a record:
 *
 *   raw       the original as accepted, before it is kept
 *   entry     header and places       packed, kept  the record and its original behind it
 *   rounding  what the allocator adds to the block
 *   slot      of the collection       keymap  of the key map
 *   anonymous what the process grew by, all in; `rest` is what the parts do not explain: the
 *             lexicon, dictionaries, the allocator's own
 *
 * Then the time to unpack one, of a thousand again and again (warm) and of all (cold: mostly the
 * cache misses of reaching them), in random order: the mean of the quickest of UNPACK_ROUNDS
 * rounds, because whatever else the machine does only adds. The index is not part of it. */
#include <inttypes.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"
#include "config/reference_data.h"
#include "engine/book.h"
#include "machine.h"
#include "market/write.h"
#include "wire/json_message.h"

#include "base/banned.h"

enum {
    GROUP_RECORDS = 1000, /* in a publication, and how the writer tidies behind it */
    FRESH_WAITING = 65536,
    SLICES = 4,
    TEXT_LIMIT_BYTES = 1 << 20,
    ARENA_BYTES = 16 << 20,
    WARM_COUNT = 1000,
    UNPACK_ROUNDS = 20,
    UNPACKINGS = 200000
};

struct bench {
    struct reference_data data;
    struct market market;
    struct publication publication;
    struct book book;
    struct arena arena;
    struct buffer text, request, response; /* of one record */
    struct rng rng;
};

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_memory: %s: %s\n", what, why);
    exit(1);
}

/* What was freed goes back to the kernel, as it does within seconds in a daemon. */
static int64_t anonymous_bytes(void)
{
    rcu_drain();
    char purge[32];
    snprintf(purge, sizeof purge, "arena.%d.purge", MALLCTL_ARENAS_ALL);
    if (mallctl(purge, NULL, NULL, NULL, 0) != 0)
        fail("jemalloc", "cannot purge");
    return machine_anonymous_bytes();
}

/* --- Making records ---------------------------------------------------------------------------*/

static void write_record(struct bench *bench, enum record_kind kind, uint64_t index)
{
    buffer_clear(&bench->text);
    if (kind == RECORD_VACANCY) {
        struct sample_vacancy vacancy;
        vacancy_draw(&bench->market, index, &vacancy);
        buffer_printf(&bench->text, "{\"upsert_vacancy\":");
        vacancy_write_json(&bench->text, &vacancy);
    } else {
        struct sample_applicant applicant;
        applicant_draw(&bench->market, index, &applicant);
        buffer_printf(&bench->text, "{\"upsert_applicant\":");
        applicant_write_json(&bench->text, &applicant);
    }
    buffer_printf(&bench->text, "}");
}

static void apply_record(struct bench *bench, enum record_kind kind, uint64_t index)
{
    struct error error = {0};
    json_error_t json_error;
    write_record(bench, kind, index);
    json_t *json = json_loadb(bench->text.data, bench->text.length_bytes, 0, &json_error);
    buffer_clear(&bench->request);
    buffer_clear(&bench->response);
    arena_clear(&bench->arena);
    if (!json ||
        !wire_json_encode("haihe.v1.ApplyRequest", json, &bench->arena, &bench->request, &error))
        fail("a drawn record", json ? error.text : json_error.text);
    json_decref(json);
    if (!book_apply(&bench->book, buffer_borrow(&bench->request), &bench->response))
        fail("a drawn record", "was refused");
}

/* Nobody reads here: what a publication replaced can go at once. */
static void publish_index(struct bench *bench, enum record_kind kind)
{
    struct index_writer *index = bench->publication.indexes[kind_index(kind)];
    const struct index_view *view;
    struct index_garbage *garbage;
    if (!index_publish(index, &view, &garbage))
        fail("the index", "no memory");
    index_garbage_free(index, garbage);
    retired_free(&bench->book.retired);
}

/* As the writer does after a group of changes. */
static void tidy_index(struct bench *bench, enum record_kind kind, size_t patience, unsigned slices)
{
    publish_index(bench, kind);
    while (slices-- > 0 && book_tidy(&bench->book, patience))
        publish_index(bench, kind);
}

/* --- Adding up --------------------------------------------------------------------------------*/

struct parts {
    uint64_t count, raw, entry, packed, kept, rounding;
};

static void add_entry(struct bench *bench, const struct entry *entry, struct parts *parts)
{
    struct str original;
    size_t place_count, kept_bytes = original_kept_bytes(entry_kept(entry));
    entry_places(entry, &place_count);
    size_t entry_bytes = sizeof *entry + place_count * sizeof(struct index_place);
    if (!original_read(bench->book.reader, entry_kept(entry), &original))
        fail("an original", "no memory");
    parts->count++;
    parts->raw += original.length;
    parts->entry += entry_bytes;
    parts->packed += entry->packed_bytes;
    parts->kept += kept_bytes;
    parts->rounding +=
        malloc_usable_size((void *)entry) - (entry_bytes + entry->packed_bytes + kept_bytes);
}

static struct parts add_up(struct bench *bench, enum record_kind kind)
{
    struct parts parts = {0};
    const struct collection_writer *collection = bench->book.collections[kind_index(kind)];
    for (size_t slot = 0; slot < collection_slot_count(collection); slot++)
        add_entry(bench, collection_peek(collection, slot), &parts);
    return parts;
}

static void report(struct bench *bench, enum record_kind kind, int64_t grown_bytes)
{
    const char *name = kind == RECORD_VACANCY ? "vacancy" : "applicant";
    struct parts parts = add_up(bench, kind);
    double count = (double)parts.count;
    double keymap = (double)keymap_bytes(&bench->publication.keymaps[kind_index(kind)]) / count;
    struct index_stats stats;
    index_stats(bench->publication.indexes[kind_index(kind)], &stats);
    double index = (double)(stats.tile_bytes + stats.strip_bytes) / count;
    double sum = (double)(parts.entry + parts.packed + parts.kept + parts.rounding) / count +
                 sizeof(void *) + keymap + index;
    double anonymous = (double)grown_bytes / count;
    printf("%s_count=%" PRIu64 "\n%s_raw_bytes=%.1f\n", name, parts.count, name,
           (double)parts.raw / count);
    printf("%s_entry_bytes=%.1f\n%s_packed_bytes=%.1f\n%s_kept_bytes=%.1f\n"
           "%s_rounding_bytes=%.1f\n%s_slot_bytes=%zu\n%s_keymap_bytes=%.1f\n",
           name, (double)parts.entry / count, name, (double)parts.packed / count, name,
           (double)parts.kept / count, name, (double)parts.rounding / count, name, sizeof(void *),
           name, keymap);
    printf("%s_index_bytes=%.1f\n%s_tiles=%zu\n", name, index, name, stats.tiles);
    printf("%s_anonymous_bytes=%.1f\n%s_rest_bytes=%.1f\n", name, anonymous, name, anonymous - sum);
}

/* --- Unpacking --------------------------------------------------------------------------------*/

/* What this thread has computed: other processes on the machine do not blur it. */
static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t unpack(const struct entry *entry, struct record_scratch *scratch)
{
    if (entry_kind(entry) == RECORD_VACANCY) {
        struct vacancy vacancy;
        entry_vacancy(entry, scratch, &vacancy);
        return vacancy.skill_count + (uint64_t)vacancy.wage_max_month_cents;
    }
    struct applicant applicant;
    entry_applicant(entry, scratch, &applicant);
    return applicant.skill_count + (uint64_t)applicant.wage_min_month_cents;
}

/* Unpacks any of the first `among` records, others in each round; mean of the quickest round. */
static double unpack_ns(struct bench *bench, enum record_kind kind, size_t among,
                        uint64_t *checksum)
{
    const struct collection_writer *collection = bench->book.collections[kind_index(kind)];
    const struct entry **entries = memory_must_zeroed(UNPACKINGS, sizeof *entries);
    struct record_scratch scratch;
    int64_t best_ns = INT64_MAX;
    record_scratch_init(&scratch, bench->publication.lexicon);
    for (int round = 0; round < UNPACK_ROUNDS; round++) {
        for (size_t i = 0; i < UNPACKINGS; i++)
            entries[i] = collection_peek(collection, rng_below(&bench->rng, among));
        int64_t begin_ns = cpu_ns();
        for (size_t i = 0; i < UNPACKINGS; i++)
            *checksum += unpack(entries[i], &scratch);
        int64_t spent_ns = cpu_ns() - begin_ns;
        best_ns = spent_ns < best_ns ? spent_ns : best_ns;
    }
    memory_free(entries);
    return (double)best_ns / UNPACKINGS;
}

static void report_unpacking(struct bench *bench, enum record_kind kind, size_t count)
{
    const char *name = kind == RECORD_VACANCY ? "vacancy" : "applicant";
    uint64_t checksum = 0;
    double warm_ns = unpack_ns(bench, kind, count < WARM_COUNT ? count : WARM_COUNT, &checksum);
    double cold_ns = unpack_ns(bench, kind, count, &checksum);
    printf("%s_unpack_warm_ns=%.1f\n%s_unpack_cold_ns=%.1f\n%s_checksum=%" PRIu64 "\n", name,
           warm_ns, name, cold_ns, name, checksum);
}

/* --- Main -------------------------------------------------------------------------------------*/

static void bench_init(struct bench *bench, uint64_t seed, size_t vacancies)
{
    struct error error = {0};
    struct options options;
    struct clock clock = clock_system();
    int32_t today = clock_today(&clock);
    const struct market_size size = {.seed = seed, .vacancies = vacancies, .today = today};
    options_set_defaults(&options);
    rcu_thread_enter();
    if (!reference_data_load(&bench->data, &options, &error) ||
        !market_init(&bench->market, &size, &error))
        fail("tables", error.text);
    if (!publication_init(&bench->publication, today) ||
        !book_init(&bench->book, &bench->data.model, &bench->publication, ARENA_BYTES, today))
        fail("book", "no memory");
    arena_init(&bench->arena, ARENA_BYTES);
    buffer_init(&bench->text, TEXT_LIMIT_BYTES);
    buffer_init(&bench->request, TEXT_LIMIT_BYTES);
    buffer_init(&bench->response, TEXT_LIMIT_BYTES);
    rng_init(&bench->rng, seed);
}

static void bench_release(struct bench *bench)
{
    buffer_release(&bench->text);
    buffer_release(&bench->request);
    buffer_release(&bench->response);
    arena_release(&bench->arena);
    rcu_drain();
    publication_release(&bench->publication);
    book_release(&bench->book);
    market_release(&bench->market);
    reference_data_release(&bench->data);
    rcu_thread_leave();
}

static void fill(struct bench *bench, enum record_kind kind, size_t count)
{
    int64_t before_bytes = anonymous_bytes(), begin_ns = cpu_ns();
    for (size_t i = 0; i < count; i++) {
        apply_record(bench, kind, i);
        if (i % GROUP_RECORDS == GROUP_RECORDS - 1)
            tidy_index(bench, kind, FRESH_WAITING, SLICES);
    }
    tidy_index(bench, kind, 0, UINT32_MAX);
    fprintf(stderr, "bench_memory: %zu records in %.1f s\n", count,
            (double)(cpu_ns() - begin_ns) / 1e9);
    report(bench, kind, anonymous_bytes() - before_bytes);
}

static int64_t argument(int argc, char **argv, int index, int64_t otherwise)
{
    int64_t value = otherwise;
    if (index < argc && (!text_to_int64(str_of(argv[index]), &value) || value < 1)) {
        fprintf(stderr, "bench_memory: '%s' is not a positive number\n", argv[index]);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    uint64_t seed = (uint64_t)argument(argc, argv, 1, 1);
    size_t vacancies = (size_t)argument(argc, argv, 2, 100000);
    size_t applicants = (size_t)argument(argc, argv, 3, 1000000);
    struct bench *bench = memory_must_zeroed(1, sizeof *bench);
    bench_init(bench, seed, vacancies);
    memory_use_huge_pages(); /* as the daemon's writer */
    machine_print();
    printf("seed=%" PRIu64 "\n", seed);
    fill(bench, RECORD_VACANCY, vacancies);
    fill(bench, RECORD_APPLICANT, applicants);
    printf("lexicon_texts=%" PRIu32 "\nlexicon_text_bytes=%zu\nall_anonymous_bytes=%" PRId64 "\n",
           bench->publication.lexicon->text_count, bench->publication.lexicon->arena.total_bytes,
           anonymous_bytes());
    report_unpacking(bench, RECORD_VACANCY, vacancies);
    report_unpacking(bench, RECORD_APPLICANT, applicants);
    bench_release(bench);
    memory_free(bench);
    return 0;
}
