/* Does a damaged store say so? Every byte of every file of a store, one at a time.
 *
 *   damage [--every K] [--seed S] [--only TEXT] [--all-options] [--verbose]
 *
 * Makes small stores (damage_sample.h), and for each file: flips every K-th byte, all its bits and
 * then one at random; cuts it at every 512 bytes; removes it. Each time in a copy, which a child
 * process opens and reads (damage_case.h); two children at a time. Of the files OPTIONS-*, which
 * the store never reads, only every 64 K-th byte is flipped, but for --all-options. --only leaves
 * out the cases whose description does not hold TEXT; with --verbose every case is printed.
 *
 * Exit status: 0 when nothing was wrong, 1 when something was, 2 when it could not be found out.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "damage_case.h"

#include "base/banned.h"

enum {
    SLOT_COUNT = 2,
    CUT_STEP_BYTES = 512,
    WRONG_LINES_LIMIT = 500,
    OPTIONS_EVERY = 64, /* of the bytes chosen: RocksDB's own record of options, 15 KB a time, which
                           is never read again; all of them would be most of the cases */
};

/* Kinds of files, by how their names below the store's directory begin or end. */
static const char *const FILE_KINDS[] = {
    "MARK", "CURRENT", "MANIFEST", "log", "sst", "OPTIONS", "IDENTITY", "LOCK", "other",
};
enum { FILE_KIND_COUNT = sizeof FILE_KINDS / sizeof *FILE_KINDS };

struct slot {
    pid_t child;         /* 0: free */
    struct batch *batch; /* shared with the child */
    char directory[SAMPLE_PATH_BYTES], output[SAMPLE_PATH_BYTES];
};

struct run {
    uint64_t every, seed;
    const char *only; /* NULL: all */
    bool is_verbose, has_all_options;
    char root[64]; /* of the copies; removed at the end */
    struct slot slots[SLOT_COUNT];
    struct slot *filling; /* of the slots, not yet started; NULL: none */
    uint64_t tallies[FILE_KIND_COUNT][VERDICT_COUNT];
    uint64_t wrong_lines;
};

/* --- Counting --------------------------------------------------------------------------------- */

static size_t kind_of(const char *name)
{
    const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    const char *end = strrchr(base, '.') ? strrchr(base, '.') + 1 : "";
    for (size_t i = 0; i + 1 < FILE_KIND_COUNT; i++)
        if (strcmp(end, FILE_KINDS[i]) == 0 ||
            strncmp(base, FILE_KINDS[i], strlen(FILE_KINDS[i])) == 0)
            return i;
    return FILE_KIND_COUNT - 1;
}

static void count(struct run *run, const struct slot *slot, size_t index, int status)
{
    static const char *const TEXTS[VERDICT_COUNT] = {"detected at open", "detected by a read",
                                                     "detected by the check", "harmless", "WRONG"};
    char description[160], why[1024] = "";
    const struct injury *injury = &slot->batch->injuries[index];
    enum verdict verdict =
        case_judge(injury, &slot->batch->reports[index], status, slot->output, why, sizeof why);
    run->tallies[kind_of(injury->sample->files[injury->file].name)][verdict]++;
    if (verdict == WRONG && ++run->wrong_lines == WRONG_LINES_LIMIT)
        printf("WRONG  (further ones are only counted)\n");
    if (!run->is_verbose && (verdict != WRONG || run->wrong_lines >= WRONG_LINES_LIMIT))
        return;
    case_describe(injury, description, sizeof description);
    printf("%s  %s: %s\n", TEXTS[verdict], description, why);
}

static uint64_t detected(const uint64_t tally[VERDICT_COUNT])
{
    return tally[DETECTED_AT_OPEN] + tally[DETECTED_BY_READ] + tally[DETECTED_BY_CHECK];
}

/* Returns how many were wrong. */
static uint64_t print_tallies(const struct run *run)
{
    uint64_t all[VERDICT_COUNT] = {0};
    printf("%-10s %8s %8s (%7s %7s %7s) %8s %8s\n", "file", "cases", "detected", "open", "read",
           "check", "harmless", "wrong");
    for (size_t kind = 0; kind < FILE_KIND_COUNT; kind++) {
        const uint64_t *tally = run->tallies[kind];
        uint64_t cases = detected(tally) + tally[HARMLESS] + tally[WRONG];
        for (size_t verdict = 0; verdict < VERDICT_COUNT; verdict++)
            all[verdict] += tally[verdict];
        if (cases > 0)
            printf("%-10s %8llu %8llu (%7llu %7llu %7llu) %8llu %8llu\n", FILE_KINDS[kind],
                   (unsigned long long)cases, (unsigned long long)detected(tally),
                   (unsigned long long)tally[DETECTED_AT_OPEN],
                   (unsigned long long)tally[DETECTED_BY_READ],
                   (unsigned long long)tally[DETECTED_BY_CHECK],
                   (unsigned long long)tally[HARMLESS], (unsigned long long)tally[WRONG]);
    }
    printf("damage: %llu cases, %llu detected, %llu harmless, %llu wrong\n",
           (unsigned long long)(detected(all) + all[HARMLESS] + all[WRONG]),
           (unsigned long long)detected(all), (unsigned long long)all[HARMLESS],
           (unsigned long long)all[WRONG]);
    return all[WRONG];
}

/* --- Running ---------------------------------------------------------------------------------- */

static void start(struct slot *slot)
{
    slot->child = fork();
    if (slot->child < 0)
        err(2, "fork");
    if (slot->child == 0)
        case_run(slot->batch, slot->directory, slot->output);
}

/* Counts what a child has done, and the case that ended it. What is left is for the next one. */
static void take(struct run *run, struct slot *slot, int status)
{
    struct batch *batch = slot->batch;
    slot->child = 0;
    for (; batch->done < batch->count && batch->reports[batch->done].is_whole; batch->done++)
        count(run, slot, batch->done, 0);
    if (batch->done < batch->count)
        count(run, slot, batch->done++, status);
    if (batch->done < batch->count)
        start(slot);
}

/* Waits until a child has ended. False when there is none. */
static bool await_one(struct run *run)
{
    int status;
    pid_t child = wait(&status);
    for (size_t i = 0; child > 0 && i < SLOT_COUNT; i++)
        if (run->slots[i].child == child)
            take(run, &run->slots[i], status);
    return child > 0;
}

static struct slot *free_slot(struct run *run)
{
    do {
        for (size_t i = 0; i < SLOT_COUNT; i++)
            if (run->slots[i].child == 0)
                return &run->slots[i];
    } while (await_one(run));
    errx(2, "a child was lost");
}

static void flush(struct run *run)
{
    if (run->filling)
        start(run->filling);
    run->filling = NULL;
}

static void submit(struct run *run, const struct injury *injury)
{
    char description[160];
    case_describe(injury, description, sizeof description);
    if (run->only && !strstr(description, run->only))
        return;
    if (!run->filling) {
        run->filling = free_slot(run);
        run->filling->batch->count = run->filling->batch->done = 0;
    }
    struct batch *batch = run->filling->batch;
    batch->reports[batch->count].is_whole = false;
    batch->injuries[batch->count++] = *injury;
    if (batch->count == BATCH_CASES)
        flush(run);
}

/* The same bit for the same seed, whatever else is run. */
static unsigned char choose_bit(const struct run *run, const char *name, size_t offset)
{
    return (
        unsigned char)(1u << (XXH3_64bits_withSeed(name, strlen(name), run->seed + offset) % 8));
}

static void injure_file(struct run *run, const struct sample *sample, size_t index)
{
    const struct sample_file *file = &sample->files[index];
    struct injury injury = {.sample = sample, .file = index, .kind = INJURY_REMOVE};
    submit(run, &injury);
    for (size_t length = 0; length < file->size_bytes; length += CUT_STEP_BYTES) {
        injury = (struct injury){sample, index, INJURY_CUT, length, 0};
        submit(run, &injury);
    }
    size_t step = run->every;
    if (!run->has_all_options && strncmp(file->name, "db/OPTIONS", strlen("db/OPTIONS")) == 0)
        step *= OPTIONS_EVERY;
    for (size_t offset = 0; offset < file->size_bytes; offset += step) {
        injury = (struct injury){sample, index, INJURY_FLIP_BYTE, offset, 0xff};
        submit(run, &injury);
        injury.kind = INJURY_FLIP_BIT;
        injury.mask = choose_bit(run, file->name, offset);
        submit(run, &injury);
    }
}

static void injure_sample(struct run *run, size_t index)
{
    char directory[SAMPLE_PATH_BYTES];
    struct sample sample;
    size_t size_bytes = 0;
    snprintf(directory, sizeof directory, "%s/sample-%zu", run->root, index);
    sample_make(&sample, index, directory);
    for (size_t i = 0; i < sample.file_count; i++) {
        size_bytes += sample.files[i].size_bytes;
        if (run->is_verbose)
            printf("%8zu %s\n", sample.files[i].size_bytes, sample.files[i].name);
    }
    printf("sample '%s': %zu files of %zu bytes, %llu records, changes %llu to %llu\n", sample.name,
           sample.file_count, size_bytes, (unsigned long long)sample.facts.record_count,
           (unsigned long long)sample.facts.first_held, (unsigned long long)sample.facts.sequence);
    for (size_t i = 0; i < sample.file_count; i++)
        injure_file(run, &sample, i);
    flush(run);
    while (await_one(run))
        ;
    sample_release(&sample);
    sample_remove_tree(directory);
}

/* In memory where that can be had: a copy is written and synced for each case. */
static void make_room(struct run *run)
{
    const char *parent = getenv("TMPDIR");
    if (!parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (snprintf(run->root, sizeof run->root, "%s/haihe-damage-XXXXXX", parent) >=
        (int)sizeof run->root)
        errx(2, "TMPDIR is too long");
    if (!mkdtemp(run->root))
        err(2, "%s", run->root);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot *slot = &run->slots[i];
        snprintf(slot->directory, sizeof slot->directory, "%s/slot-%zu", run->root, i);
        snprintf(slot->output, sizeof slot->output, "%s/output-%zu", run->root, i);
        slot->batch = mmap(NULL, sizeof *slot->batch, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (slot->batch == MAP_FAILED)
            err(2, "mmap");
    }
}

static void read_options(struct run *run, int count_of, char **arguments)
{
    static const struct option OPTIONS[] = {
        {"every", required_argument, NULL, 'e'}, {"seed", required_argument, NULL, 's'},
        {"only", required_argument, NULL, 'o'},  {"all-options", no_argument, NULL, 'a'},
        {"verbose", no_argument, NULL, 'v'},     {0},
    };
    for (int option; (option = getopt_long(count_of, arguments, "", OPTIONS, NULL)) != -1;) {
        if (option == 'e')
            run->every = strtoull(optarg, NULL, 10);
        else if (option == 's')
            run->seed = strtoull(optarg, NULL, 10);
        else if (option == 'o')
            run->only = optarg;
        else if (option == 'a')
            run->has_all_options = true;
        else if (option == 'v')
            run->is_verbose = true;
        else
            exit(2);
    }
    if (run->every == 0 || optind != count_of)
        errx(2, "usage: damage [--every K] [--seed S] [--only TEXT] [--all-options] "
                "[--verbose]");
}

int main(int argc, char **argv)
{
    struct run run = {.every = 1, .seed = 1};
    setlinebuf(stdout); /* nothing in it when a child is made */
    read_options(&run, argc, argv);
    make_room(&run);
    printf("damage: every %llu. byte, of OPTIONS every %llu., seed %llu, in %s\n",
           (unsigned long long)run.every,
           (unsigned long long)run.every * (run.has_all_options ? 1 : OPTIONS_EVERY),
           (unsigned long long)run.seed, run.root);
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        injure_sample(&run, i);
    sample_remove_tree(run.root);
    return print_tallies(&run) > 0;
}
