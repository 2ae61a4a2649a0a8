/* See damage_sample.h. */
#include "damage_sample.h"

#include <dirent.h>
#include <err.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/memory.h"

#include "base/banned.h"

enum {
    KEY_COUNT = 36,
    BATCH_CHANGES = 9,
    SOME_CHANGES = KEY_COUNT / 3 + KEY_COUNT / 9 + 2, /* of change_some */
    ABSENT_KEY_COUNT = 4,                             /* asked for besides, and never there */
    FIRST_DAY = 20000,
    VALUE_LIMIT_BYTES = 1 << 20,
};

/* --- What a store says ------------------------------------------------------------------------ */

static uint64_t fold(uint64_t sum, struct str bytes)
{
    return XXH3_64bits_withSeed(bytes.data, bytes.length, sum);
}

static uint64_t fold_number(uint64_t sum, uint64_t number)
{
    return XXH3_64bits_withSeed(&number, sizeof number, sum);
}

static uint64_t fold_record(uint64_t sum, const struct store_record *record)
{
    sum = fold(fold_number(sum, record->sequence), record->key);
    return fold(fold_number(sum, (uint64_t)record->day), record->bytes);
}

static uint64_t fold_change(uint64_t sum, const struct store_change *change)
{
    sum = fold_number(fold_number(sum, change->sequence), (uint64_t)change->time_ms);
    sum = fold_number(fold_number(sum, change->kind), (uint64_t)change->day);
    return fold(fold(fold_number(sum, change->before), change->key), change->bytes);
}

static bool read_records(struct store *store, struct facts *out, struct error *error)
{
    struct store_scan *scan;
    struct store_record record;
    enum store_found found;
    if (!store_scans_new(store, 1, &scan, error))
        return false;
    while ((found = store_scan_next(scan, &record, error)) == STORE_FOUND) {
        out->records = fold_record(out->records, &record);
        out->record_count++;
    }
    store_scan_free(scan);
    return found == STORE_ABSENT;
}

static bool read_history(struct store *store, struct facts *out, struct error *error)
{
    struct store_change change;
    enum store_found found;
    struct store_walk *walk = store_walk_new(store, store_first_held(store), error);
    if (!walk)
        return false;
    while ((found = store_walk_next(walk, &change, error)) == STORE_FOUND) {
        out->history = fold_change(out->history, &change);
        out->change_count++;
    }
    store_walk_free(walk);
    return found == STORE_ABSENT;
}

static struct str key_of(unsigned index, char text[16])
{
    return (struct str){text, (uint32_t)snprintf(text, 16, "v:tj:%04u", index)};
}

/* Each record by its key and each change by its number, those that are no longer held and those
 * that never were among them. */
static bool read_singly(struct store *store, struct buffer *buffer, struct facts *out,
                        struct error *error)
{
    char text[16];
    struct store_record record;
    struct store_change change;
    for (unsigned i = 0; i < KEY_COUNT + ABSENT_KEY_COUNT; i++) {
        enum store_found found = store_get(store, key_of(i, text), buffer, &record, error);
        if (found == STORE_FAILED)
            return false;
        out->singles = fold_number(out->singles, found);
        if (found == STORE_FOUND)
            out->singles = fold_record(out->singles, &record);
    }
    for (uint64_t sequence = 0; sequence <= store_sequence(store) + 1; sequence++) {
        enum store_found found = store_get_change(store, sequence, buffer, &change, error);
        if (found == STORE_FAILED)
            return false;
        out->singles = fold_number(out->singles, found);
        if (found == STORE_FOUND)
            out->singles = fold_change(out->singles, &change);
    }
    return true;
}

static bool read_notes(struct store *store, struct buffer *buffer, struct facts *out,
                       struct error *error)
{
    static const struct str NAMES[] = {STR("taxonomy"), STR("minimum wages"), STR("never told")};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct str bytes = {0};
        enum store_found found = store_get_note(store, NAMES[i], buffer, &bytes, error);
        if (found == STORE_FAILED)
            return false;
        out->notes = fold(fold_number(out->notes, found), bytes);
    }
    return true;
}

static bool read_facts(struct store *store, struct facts *out, struct error *error)
{
    int32_t day;
    struct buffer buffer;
    *out = (struct facts){.sequence = store_sequence(store), .first_held = store_first_held(store)};
    out->day = store_day(store, &day) ? (uint64_t)day : UINT64_MAX;
    buffer_init(&buffer, VALUE_LIMIT_BYTES);
    bool is_read = read_records(store, out, error) && read_history(store, out, error) &&
                   read_singly(store, &buffer, out, error) &&
                   read_notes(store, &buffer, out, error);
    buffer_release(&buffer);
    return is_read;
}

static struct store *open_store(const char *directory, struct error *error)
{
    const struct store_options options = {.directory = directory, .cache_bytes = 1 << 20};
    return store_open(&options, error);
}

void look_at(const char *directory, struct look *out)
{
    struct store_findings findings;
    *out = (struct look){.stage = STAGE_OPEN};
    struct store *store = open_store(directory, &out->error);
    if (!store)
        return;
    out->stage = STAGE_READ;
    if (read_facts(store, &out->facts, &out->error)) {
        out->stage = STAGE_CHECK;
        if (store_check(store, &findings, &out->error))
            out->stage = STAGE_DONE;
    }
    store_close(store);
}

/* --- Making ----------------------------------------------------------------------------------- */

/* A store being filled, in a child. */
struct filling {
    struct store *store;
    struct store_batch *batch;
    uint64_t sequence;
    struct buffer present;
};

static void add(struct filling *filling, enum store_change_kind kind, struct str key,
                struct str bytes)
{
    struct store_record present = {0};
    if (kind != STORE_NOTE)
        store_get(filling->store, key, &filling->present, &present, NULL);
    const struct store_change change = {
        .sequence = ++filling->sequence,
        .time_ms = (int64_t)filling->sequence * 1000,
        .kind = kind,
        .day = FIRST_DAY + (int32_t)filling->sequence,
        .before = present.sequence,
        .key = key,
        .bytes = bytes,
    };
    if (!store_batch_add(filling->batch, &change))
        errx(2, "no memory for a change");
}

static void add_record(struct filling *filling, enum store_change_kind kind, unsigned index)
{
    char key[16], bytes[64];
    uint64_t noise = fold_number(index, filling->sequence);
    int length = snprintf(bytes, sizeof bytes, "record %u of change %llu: %016llx", index,
                          (unsigned long long)filling->sequence + 1, (unsigned long long)noise);
    add(filling, kind, key_of(index, key), (struct str){bytes, (uint32_t)length});
}

static void commit(struct filling *filling)
{
    struct error error = {0};
    if (!store_commit(filling->store, filling->batch, &error))
        errx(2, "cannot commit: %s", error.text);
    store_batch_clear(filling->batch);
}

static void fill_all(struct filling *filling)
{
    add(filling, STORE_NOTE, STR("taxonomy"), STR("of the first day"));
    store_batch_set_day(filling->batch, FIRST_DAY);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        add_record(filling, STORE_PUT, i);
        if (i % BATCH_CHANGES == BATCH_CHANGES - 1)
            commit(filling);
    }
}

/* Updates, removals, one that comes back, what the calendar does. Each time of other records, so
 * that what a later change left does not hide that this one was lost. */
static void change_some(struct filling *filling)
{
    unsigned phase = filling->sequence / SOME_CHANGES % 3;
    for (unsigned i = phase; i < KEY_COUNT; i += 3)
        add_record(filling, STORE_PUT, i);
    commit(filling);
    for (unsigned i = phase; i < KEY_COUNT; i += 9)
        add(filling, STORE_REMOVE, key_of(i, (char[16]){0}), STR(""));
    commit(filling);
    add_record(filling, STORE_PUT, phase + 9);
    add_record(filling, STORE_TURN, phase + 3);
    commit(filling);
}

static void tell(struct filling *filling)
{
    add(filling, STORE_NOTE, STR("minimum wages"), STR("of 2025"));
    store_batch_set_day(filling->batch, FIRST_DAY + 1);
    commit(filling);
}

/* To less than the newest change_some, so that the history does not tell on what is lost before. */
static void trim(struct filling *filling)
{
    struct error error = {0};
    int64_t before_ms = (int64_t)(filling->sequence - filling->sequence / 5) * 1000;
    if (!store_trim(filling->store, before_ms, UINT64_MAX, &error))
        errx(2, "cannot trim: %s", error.text);
}

/* What a quiet night leaves at the log's end: neither has a change of its own. */
static void trim_and_turn_the_day(struct filling *filling)
{
    trim(filling);
    store_batch_set_day(filling->batch, FIRST_DAY + 2);
    commit(filling);
}

typedef void fill_step(struct filling *filling);

enum { SESSION_LIMIT = 4, STEP_LIMIT = 4 };

/* Each session is a process that opens the store; opening writes what is in the log to tables. */
static const struct recipe {
    const char *name;
    fill_step *sessions[SESSION_LIMIT][STEP_LIMIT];
    size_t session_count;
    bool is_killed; /* the last does not close */
} RECIPES[SAMPLE_COUNT] = {
    {"mixed",
     {{fill_all}, {tell, change_some, trim}, {change_some, trim}},
     .session_count = 3,
     .is_killed = true},
    {"log",
     {{fill_all, tell, change_some, trim_and_turn_the_day}},
     .session_count = 1,
     .is_killed = true},
    {"tables", {{fill_all}, {tell, change_some}, {change_some, trim}, {NULL}}, .session_count = 4},
};

static void run_session(const struct recipe *recipe, size_t session, const char *directory)
{
    struct error error = {0};
    struct filling filling = {.batch = store_batch_new()};
    filling.store = open_store(directory, &error);
    if (!filling.store || !filling.batch)
        errx(2, "cannot make sample '%s': %s", recipe->name, error.text);
    filling.sequence = store_sequence(filling.store);
    buffer_init(&filling.present, VALUE_LIMIT_BYTES);
    for (size_t i = 0; i < STEP_LIMIT && recipe->sessions[session][i]; i++)
        recipe->sessions[session][i](&filling);
    if (!recipe->is_killed || session + 1 < recipe->session_count)
        store_close(filling.store);
    _exit(0);
}

static void await(pid_t child, const char *doing)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        errx(2, "%s failed, status %#x", doing, (unsigned)status);
}

/* --- Taking up -------------------------------------------------------------------------------- */

static void read_file(struct sample *sample, const char *directory, const char *folder,
                      const char *name)
{
    char path[SAMPLE_PATH_BYTES];
    struct stat status;
    struct sample_file *file = &sample->files[sample->file_count];
    if (sample->file_count == SAMPLE_FILE_LIMIT)
        errx(2, "sample '%s' has too many files", sample->name);
    if (snprintf(file->name, sizeof file->name, "%s%s", folder, name) >= (int)sizeof file->name ||
        snprintf(path, sizeof path, "%s/%s", directory, file->name) >= (int)sizeof path)
        errx(2, "'%s' is too long a name", name);
    FILE *stream = fopen(path, "rb");
    if (!stream || fstat(fileno(stream), &status) != 0)
        err(2, "%s", path);
    if (!S_ISREG(status.st_mode)) {
        fclose(stream);
        return;
    }
    file->size_bytes = (size_t)status.st_size;
    file->bytes = file->size_bytes ? memory_try(file->size_bytes) : NULL;
    if (file->size_bytes > 0 &&
        (!file->bytes || fread(file->bytes, file->size_bytes, 1, stream) != 1))
        errx(2, "%s: cannot be read", path);
    fclose(stream);
    sample->file_count++;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct sample_file *)a)->name, ((const struct sample_file *)b)->name);
}

static void read_folder(struct sample *sample, const char *directory, const char *folder)
{
    char path[SAMPLE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", directory, folder);
    DIR *listing = opendir(path);
    if (!listing)
        err(2, "%s", path);
    for (struct dirent *entry; (entry = readdir(listing));)
        if (entry->d_name[0] != '.')
            read_file(sample, directory, folder, entry->d_name);
    closedir(listing);
}

/* Of the store in `directory`, by a child; the opening changes what is there. */
static void read_sound(struct sample *sample, const char *directory)
{
    struct look *look =
        mmap(NULL, sizeof *look, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (look == MAP_FAILED)
        err(2, "mmap");
    pid_t child = fork();
    if (child == 0) {
        look_at(directory, look);
        _exit(0);
    }
    await(child, "reading a sound sample");
    if (look->stage != STAGE_DONE)
        errx(2, "sample '%s' is not sound: %s", sample->name, look->error.text);
    sample->facts = look->facts;
    munmap(look, sizeof *look);
}

void sample_make(struct sample *out, size_t index, const char *directory)
{
    const struct recipe *recipe = &RECIPES[index];
    *out = (struct sample){.name = recipe->name};
    for (size_t session = 0; session < recipe->session_count; session++) {
        pid_t child = fork();
        if (child == 0)
            run_session(recipe, session, directory);
        await(child, "making a sample");
    }
    read_folder(out, directory, "");
    read_folder(out, directory, "db/");
    qsort(out->files, out->file_count, sizeof *out->files, compare_files);
    read_sound(out, directory);
}

void sample_release(struct sample *sample)
{
    for (size_t i = 0; i < sample->file_count; i++)
        memory_free(sample->files[i].bytes);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void sample_remove_tree(const char *directory)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
