/* What a store keeps, in which order, and what it says when something is lost. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/shelf.h"

Test(store, keeps_what_was_committed)
{
    struct shelf shelf;
    shelf_init(&shelf);
    cr_assert_eq(store_sequence(shelf.store), 0);
    shelf_add(&shelf, STORE_PUT, "a", "one");
    shelf_add(&shelf, STORE_PUT, "b", "two");
    shelf_commit(&shelf);
    shelf_add(&shelf, STORE_PUT, "a", "three");
    shelf_add(&shelf, STORE_REMOVE, "b", "");
    shelf_commit(&shelf);
    for (int time = 0; time < 2; time++) {
        cr_assert_eq(store_sequence(shelf.store), 4);
        cr_assert_str_eq(shelf_get(&shelf, "a"), "3:three");
        cr_assert_str_eq(shelf_get(&shelf, "b"), "-");
        shelf_reopen(&shelf);
    }
    shelf_release(&shelf);
}

Test(store, what_was_not_committed_is_not_there)
{
    struct shelf shelf;
    shelf_init(&shelf);
    shelf_add(&shelf, STORE_PUT, "a", "one");
    store_batch_clear(shelf.batch);
    shelf_reopen(&shelf);
    cr_assert_eq(store_sequence(shelf.store), 0);
    cr_assert_str_eq(shelf_get(&shelf, "a"), "-");
    shelf_release(&shelf);
}

Test(store, a_change_can_be_taken_back_from_its_batch)
{
    struct shelf shelf;
    shelf_init(&shelf);
    shelf_add(&shelf, STORE_PUT, "a", "one");
    shelf_add(&shelf, STORE_PUT, "b", "two");
    cr_assert(str_equal(store_batch_bytes(shelf.batch, 1), STR("two")));
    store_batch_drop_last(shelf.batch);
    cr_assert_eq(store_batch_count(shelf.batch), 1);
    shelf_commit(&shelf);
    cr_assert_str_eq(shelf_get(&shelf, "b"), "-");
    cr_assert_eq(store_sequence(shelf.store), 1);
    shelf_release(&shelf);
}

Test(store, remembers_day_and_notes)
{
    struct shelf shelf;
    struct buffer buffer;
    struct str bytes;
    int32_t day;
    buffer_init(&buffer, 1024);
    shelf_init(&shelf);
    cr_assert_not(store_day(shelf.store, &day));
    cr_assert_eq(store_get_note(shelf.store, STR("taxonomy"), &buffer, &bytes, NULL), STORE_ABSENT);
    store_batch_set_day(shelf.batch, -3);
    shelf_add(&shelf, STORE_NOTE, "taxonomy", "hash");
    shelf_commit(&shelf);
    shelf_reopen(&shelf);
    cr_assert(store_day(shelf.store, &day));
    cr_assert_eq(day, -3);
    cr_assert_eq(store_get_note(shelf.store, STR("taxonomy"), &buffer, &bytes, NULL), STORE_FOUND);
    cr_assert(str_equal(bytes, STR("hash")));
    cr_assert_str_eq(shelf_get(&shelf, "taxonomy"), "-", "a note is no record");
    buffer_release(&buffer);
    shelf_release(&shelf);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void fill(struct shelf *shelf, unsigned count)
{
    char key[16];
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof key, "k%06u", i);
        shelf_add(shelf, STORE_PUT, key, "some bytes of a record");
    }
    shelf_commit(shelf);
}

static unsigned count_parts(struct shelf *shelf, size_t part_count)
{
    struct store_scan *scans[8];
    struct store_record record;
    struct error error = {0};
    char before[16] = "";
    unsigned count = 0;
    cr_assert(store_scans_new(shelf->store, part_count, scans, &error), "%s", error.text);
    for (size_t i = 0; i < part_count; i++) {
        while (store_scan_next(scans[i], &record, &error) == STORE_FOUND) {
            cr_assert_lt(strcmp(before, record.key.data ? before : ""), 1);
            cr_assert_gt(strncmp(record.key.data, before, record.key.length), 0, "in order");
            snprintf(before, sizeof before, "%.*s", STR_ARG(record.key));
            count++;
        }
        cr_assert_eq(error.code, ERROR_OK, "%s", error.text);
        store_scan_free(scans[i]);
    }
    return count;
}

Test(store, parts_of_a_scan_see_each_record_once)
{
    struct shelf shelf;
    shelf_init(&shelf);
    cr_assert_eq(count_parts(&shelf, 3), 0);
    for (unsigned round = 0; round < 3; round++) { /* files, and changes in memory */
        fill(&shelf, 1000 + round * 500);
        shelf_reopen(&shelf);
    }
    fill(&shelf, 2100);
    for (size_t parts = 1; parts <= 8; parts++)
        cr_assert_eq(count_parts(&shelf, parts), 2100, "%zu parts", parts);
    shelf_release(&shelf);
}

Test(store, history_is_in_order_and_says_what_it_no_longer_holds)
{
    struct shelf shelf;
    struct store_change change;
    struct error error = {0};
    shelf_init(&shelf);
    fill(&shelf, 100);
    shelf_add(&shelf, STORE_REMOVE, "k000007", "");
    shelf_commit(&shelf);
    struct store_walk *walk = store_walk_new(shelf.store, 99, &error);
    cr_assert_eq(store_walk_next(walk, &change, &error), STORE_FOUND);
    cr_assert_eq(change.sequence, 99);
    cr_assert_eq(change.kind, STORE_PUT);
    cr_assert_eq(store_walk_next(walk, &change, &error), STORE_FOUND);
    cr_assert_eq(store_walk_next(walk, &change, &error), STORE_FOUND);
    cr_assert(change.kind == STORE_REMOVE && change.before == 8 && change.time_ms == 101000);
    cr_assert_eq(store_walk_next(walk, &change, &error), STORE_ABSENT);
    store_walk_free(walk);

    cr_assert(store_trim(shelf.store, 50000, UINT64_MAX, &error));
    cr_assert_eq(store_first_held(shelf.store), 50);
    shelf_reopen(&shelf);
    cr_assert_eq(store_first_held(shelf.store), 50);
    cr_assert_null(store_walk_new(shelf.store, 49, &error));
    cr_assert_eq(error.code, ERROR_OUT_OF_RANGE);
    cr_assert_str_eq(error.text, "change 49 is no longer held: the oldest is 50");
    cr_assert_null(store_walk_new(shelf.store, 103, &error));
    cr_assert_eq(error.code, ERROR_OUT_OF_RANGE);
    cr_assert_str_eq(shelf_get(&shelf, "k000001"), "2:some bytes of a record", "records stay");
    struct store_findings findings;
    cr_assert(store_check(shelf.store, &findings, &error), "%s", error.text);
    cr_assert_eq(findings.record_count, 99);
    cr_assert_eq(findings.change_count, 52);

    shelf_reopen(&shelf); /* writes the tables that a size can be had of */
    cr_assert(store_trim(shelf.store, 0, 1, &error));
    cr_assert_gt(store_first_held(shelf.store), 95);
    cr_assert_leq(store_first_held(shelf.store), 101, "the newest stays");
    shelf_release(&shelf);
}

static void fill_large(struct shelf *shelf, unsigned count);

Test(store, a_limit_of_size_is_reached_and_not_passed_again_and_again)
{
    struct shelf shelf;
    struct error error = {0};
    shelf_init(&shelf);
    for (unsigned round = 0; round < 5; round++) {
        fill_large(&shelf, 200);
        shelf_reopen(&shelf); /* tables, whose size is known */
    }
    uint64_t limit_bytes = 1000000, first = 0; /* of 2 MB */
    for (unsigned minute = 0; minute < 60; minute++) {
        cr_assert(store_trim(shelf.store, INT64_MIN, limit_bytes, &error), "%s", error.text);
        if (minute == 10)
            first = store_first_held(shelf.store);
    }
    cr_assert_eq(store_first_held(shelf.store), first, "%lu, then %lu", first,
                 store_first_held(shelf.store));
    cr_assert_gt(first, 300);
    cr_assert_lt(first, 800, "%lu", first);
    struct store_findings findings;
    cr_assert(store_check(shelf.store, &findings, &error), "%s", error.text);
    shelf_release(&shelf);
}

Test(store, a_check_finds_records_that_no_change_made_or_removed)
{
    struct shelf shelf;
    struct error error = {0};
    struct store_findings findings;
    shelf_init(&shelf);
    fill(&shelf, 10);
    cr_assert(store_check(shelf.store, &findings, &error), "%s", error.text);
    const struct store_change lie = {.sequence = 11,
                                     .kind = STORE_PUT,
                                     .before = 3, /* of another record */
                                     .key = STR("k000004"),
                                     .bytes = STR("x")};
    cr_assert(store_batch_add(shelf.batch, &lie));
    shelf_commit(&shelf);
    cr_assert_not(store_check(shelf.store, &findings, &error));
    cr_assert_eq(error.code, ERROR_DATA_LOSS);
    shelf_release(&shelf);
}

/* --- Backup ----------------------------------------------------------------------------------- */

Test(store, a_backup_is_a_store_of_that_moment)
{
    struct shelf shelf, copy = {0};
    struct error error = {0};
    uint64_t sequence = 0;
    shelf_init(&shelf);
    fill(&shelf, 50);
    snprintf(copy.directory, sizeof copy.directory, "%.40s-copy", shelf.directory);
    copy.batch = store_batch_new();
    cr_assert(store_backup(shelf.store, copy.directory, &sequence, &error), "%s", error.text);
    cr_assert_eq(sequence, 50);
    shelf_add(&shelf, STORE_PUT, "k000000", "later");
    shelf_commit(&shelf);
    cr_assert(shelf_open(&copy, false, &error), "%s", error.text);
    cr_assert_eq(store_sequence(copy.store), 50);
    cr_assert_str_eq(shelf_get(&copy, "k000000"), "1:some bytes of a record");
    cr_assert_not(store_backup(shelf.store, copy.directory, &sequence, &error));
    cr_assert_str_eq(error.field, "directory");
    cr_assert_not(store_backup(shelf.store, "copy", &sequence, &error));
    cr_assert_str_eq(error.rule, "not_absolute");
    shelf_release(&copy);
    shelf_release(&shelf);
}

/* --- What must not be opened ------------------------------------------------------------------ */

Test(store, one_process_at_a_time)
{
    struct shelf shelf, other;
    struct error error = {0};
    shelf_init(&shelf);
    other = shelf;
    cr_assert_not(shelf_open(&other, false, &error));
    cr_assert_eq(error.code, ERROR_FAILED_PRECONDITION);
    cr_assert(strstr(error.text, "in use by another process"), "%s", error.text);
    shelf_release(&shelf);
}

Test(store, a_directory_of_something_else_is_left_alone)
{
    struct shelf shelf;
    struct error error = {0};
    char path[128];
    shelf_init(&shelf);
    shelf_close(&shelf);
    snprintf(path, sizeof path, "%s/MARK", shelf.directory);
    remove(path);
    cr_assert_not(shelf_open(&shelf, false, &error));
    cr_assert_eq(error.code, ERROR_DATA_LOSS);
    cr_assert(strstr(error.text, "MARK is missing"), "%s", error.text);
    snprintf(path, sizeof path, "%s/db", shelf.directory);
    char aside[128];
    snprintf(aside, sizeof aside, "%s/letters", shelf.directory);
    cr_assert_eq(rename(path, aside), 0);
    cr_assert_not(shelf_open(&shelf, false, &error));
    cr_assert_eq(error.code, ERROR_FAILED_PRECONDITION);
    cr_assert(strstr(error.text, "holds other files"), "%s", error.text);
    cr_assert_not(shelf_open(&shelf, true, &error), "read-only makes nothing");
    shelf_release(&shelf);
}

Test(store, a_damaged_mark_is_named)
{
    struct shelf shelf;
    struct error error = {0};
    shelf_init(&shelf);
    fill(&shelf, 3);
    shelf_close(&shelf);
    shelf_spoil(&shelf, "MARK", 17, 1);
    cr_assert_not(shelf_open(&shelf, false, &error));
    cr_assert_eq(error.code, ERROR_DATA_LOSS);
    cr_assert(strstr(error.text, "MARK is damaged"), "%s", error.text);
    shelf_release(&shelf);
}

/* In a child, which is killed: so the log is what there is. */
static void fill_and_die(struct shelf *shelf)
{
    shelf_close(shelf);
    pid_t child = fork();
    if (child == 0) {
        shelf_open(shelf, false, NULL);
        fill(shelf, 20);
        shelf_add(shelf, STORE_PUT, "last", "acknowledged");
        shelf_commit(shelf);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

Test(store, a_log_that_lost_an_acknowledged_change_is_not_opened)
{
    struct shelf shelf;
    struct error error = {0};
    char path[128];
    shelf_init(&shelf);
    fill_and_die(&shelf);
    cr_assert(shelf_open(&shelf, false, &error), "%s", error.text);
    cr_assert_str_eq(shelf_get(&shelf, "last"), "21:acknowledged");
    shelf_close(&shelf);

    shelf_release(&shelf);
    shelf_init(&shelf);
    fill_and_die(&shelf);
    snprintf(path, sizeof path, "ls %s/db/*.log | tail -1", shelf.directory);
    FILE *find = popen(path, "r");
    char log[128] = "";
    cr_assert(fgets(log, sizeof log, find));
    pclose(find);
    log[strcspn(log, "\n")] = '\0';
    shelf_spoil(&shelf, log + strlen(shelf.directory) + 1, -20, 1);
    for (int time = 0; time < 2; time++) { /* looking leaves it as it is */
        cr_assert_not(shelf_open(&shelf, false, &error));
        cr_assert_eq(error.code, ERROR_DATA_LOSS);
        cr_assert(strstr(error.text, "change 21 was acknowledged, and the log ends with 20"), "%s",
                  error.text);
    }
    shelf_release(&shelf);
}

/* --- Formats ---------------------------------------------------------------------------------- */

/* As it was written by the first haihed that could. */
Test(store, version_1_is_read)
{
    struct shelf shelf = {.directory = "/tmp/haihe-store-XXXXXX"};
    struct error error = {0};
    struct store_findings findings;
    struct buffer buffer;
    struct str taxonomy;
    char command[160];
    int32_t day;
    cr_assert(mkdtemp(shelf.directory));
    snprintf(command, sizeof command,
             "cp -r tests/store/version-1/MARK tests/store/version-1/db %s", shelf.directory);
    cr_assert_eq(system(command), 0, "run from the repository's root");
    cr_assert(shelf_open(&shelf, false, &error), "%s", error.text);
    cr_assert_eq(store_sequence(shelf.store), 7);
    cr_assert_str_eq(shelf_get(&shelf, "\1\2tjv1"), "-");
    cr_assert_str_eq(shelf_get(&shelf, "\1\2tjv2"), "6:two");
    cr_assert_str_eq(shelf_get(&shelf, "\2\2tja1"), "7:Tianjin");
    cr_assert(store_day(shelf.store, &day) && day == 20781);
    buffer_init(&buffer, 1024);
    cr_assert_eq(store_get_note(shelf.store, STR("taxonomy"), &buffer, &taxonomy, &error),
                 STORE_FOUND);
    cr_assert(str_equal(taxonomy, STR("0123456789abcdef")));
    buffer_release(&buffer);
    cr_assert(store_check(shelf.store, &findings, &error), "%s", error.text);
    cr_assert(findings.record_count == 2 && findings.change_count == 7);
    shelf_release(&shelf);
}

/* --- Repair ----------------------------------------------------------------------------------- */

struct losses {
    unsigned count;
    char last[512];
};

static void note_loss(void *context, const char *what)
{
    struct losses *losses = context;
    losses->count++;
    snprintf(losses->last, sizeof losses->last, "%s", what);
}

static struct store_repair_result repair(const struct shelf *shelf, struct shelf *copy,
                                         struct losses *losses)
{
    struct error error = {0};
    struct store_repair_result result;
    *copy = (struct shelf){0};
    *losses = (struct losses){0};
    snprintf(copy->directory, sizeof copy->directory, "%.40s-new", shelf->directory);
    copy->batch = store_batch_new();
    const struct store_repair_options options = {
        .from = shelf->directory, .to = copy->directory, .on_loss = note_loss, .context = losses};
    cr_assert(store_repair(&options, &result, &error), "%s", error.text);
    cr_assert(shelf_open(copy, false, &error), "%s", error.text);
    struct store_findings findings;
    cr_assert(store_check(copy->store, &findings, &error), "%s", error.text);
    cr_assert_eq(findings.record_count, result.record_count);
    cr_assert_eq(findings.change_count, result.change_count);
    return result;
}

/* Records too different to be compressed into one block. */
static void fill_large(struct shelf *shelf, unsigned count)
{
    char key[16], bytes[2001];
    uint32_t state = 7;
    for (unsigned i = 0; i < count; i++) {
        for (size_t n = 0; n < sizeof bytes - 1; n++)
            bytes[n] = (char)('!' + ((state = state * 1664525 + 1013904223) >> 24) % 90);
        bytes[sizeof bytes - 1] = '\0';
        snprintf(key, sizeof key, "k%06u", i);
        shelf_add(shelf, STORE_PUT, key, bytes);
    }
    shelf_commit(shelf);
}

/* The name below the store's directory of the n-th file that ends so, in the order of names. */
static void find_file(const struct shelf *shelf, const char *ending, unsigned n, char out[128])
{
    char command[160], line[160] = "";
    snprintf(command, sizeof command, "ls %s/db/*%s", shelf->directory, ending);
    FILE *list = popen(command, "r");
    for (unsigned i = 0; i <= n; i++)
        cr_assert(fgets(line, sizeof line, list), "file %u that ends in %s", n, ending);
    pclose(list);
    line[strcspn(line, "\n")] = '\0';
    snprintf(out, 128, "%.120s", line + strlen(shelf->directory) + 1);
}

Test(store, repair_of_a_sound_store_copies_it)
{
    struct shelf shelf, copy;
    struct losses losses;
    shelf_init(&shelf);
    fill(&shelf, 30);
    shelf_add(&shelf, STORE_REMOVE, "k000003", "");
    store_batch_set_day(shelf.batch, 5);
    shelf_commit(&shelf);
    shelf_close(&shelf);
    struct store_repair_result result = repair(&shelf, &copy, &losses);
    int32_t day;
    cr_assert_eq(losses.count, 0, "%s", losses.last);
    cr_assert(result.record_count == 29 && result.change_count == 31 && result.sequence == 31);
    cr_assert(store_day(copy.store, &day) && day == 5);
    cr_assert_str_eq(shelf_get(&copy, "k000003"), "-");
    cr_assert_str_eq(shelf_get(&copy, "k000004"), "5:some bytes of a record");
    shelf_release(&copy);
    shelf_release(&shelf);
}

Test(store, repair_goes_on_behind_a_damaged_block_and_restores_from_the_history)
{
    struct shelf shelf, copy;
    struct losses losses;
    struct error error = {0};
    char file[128];
    shelf_init(&shelf);
    fill_large(&shelf, 100);
    shelf_reopen(&shelf); /* into tables: meta, records, history */
    shelf_close(&shelf);
    for (unsigned n = 0; n < 3; n++) {
        struct stat status;
        char path[256];
        find_file(&shelf, ".sst", n, file);
        snprintf(path, sizeof path, "%s/%s", shelf.directory, file);
        cr_assert_eq(stat(path, &status), 0);
        if (status.st_size < 100000)
            continue; /* meta */
        shelf_spoil(&shelf, file, 50000, 0x10);
        break; /* the records, or the history: the test holds for either */
    }
    struct store_findings findings;
    cr_assert(shelf_open(&shelf, false, &error), "%s", error.text);
    cr_assert_not(store_check(shelf.store, &findings, &error));
    cr_assert_eq(error.code, ERROR_DATA_LOSS);
    shelf_close(&shelf);
    struct store_repair_result result = repair(&shelf, &copy, &losses);
    cr_assert_eq(losses.count, 1, "%s", losses.last);
    cr_assert_eq(result.record_count, 100);
    cr_assert(result.restored_count > 0 || result.change_count < 100);
    cr_assert_lt(result.restored_count, 50, "a block, not all of it: %lu, %s",
                 result.restored_count, losses.last);
    shelf_release(&copy);
    shelf_release(&shelf);
}

Test(store, repair_gives_no_number_twice_that_was_acknowledged)
{
    struct shelf shelf, copy;
    struct losses losses;
    char file[128];
    shelf_init(&shelf);
    fill_and_die(&shelf);
    find_file(&shelf, ".log", 0, file);
    shelf_spoil(&shelf, file, -20, 1);
    struct store_repair_result result = repair(&shelf, &copy, &losses);
    cr_assert_geq(losses.count, 1);
    cr_assert(strstr(losses.last, "changes 21 to 21 were acknowledged"), "%s", losses.last);
    cr_assert(result.record_count == 20 && result.sequence == 21);
    shelf_add(&copy, STORE_PUT, "k000000", "next");
    shelf_commit(&copy);
    cr_assert_str_eq(shelf_get(&copy, "k000000"), "22:next");
    shelf_release(&copy);
    shelf_release(&shelf);
}

Test(store, repair_rebuilds_a_lost_table_of_contents)
{
    static const char *const lost[] = {"CURRENT", "MANIFEST-*"};
    for (size_t i = 0; i < 2; i++) {
        struct shelf shelf, copy;
        struct losses losses;
        struct error error = {0};
        char command[160];
        shelf_init(&shelf);
        fill(&shelf, 500);
        shelf_reopen(&shelf); /* into tables */
        fill(&shelf, 40);
        shelf_add(&shelf, STORE_REMOVE, "k000100", "");
        shelf_commit(&shelf); /* and the log */
        shelf_close(&shelf);
        snprintf(command, sizeof command, "rm %s/db/%s", shelf.directory, lost[i]);
        cr_assert_eq(system(command), 0);
        cr_assert_not(shelf_open(&shelf, false, &error), "%s", lost[i]);
        struct store_repair_result result = repair(&shelf, &copy, &losses);
        cr_assert_eq(losses.count, 1, "%s", losses.last);
        cr_assert(result.record_count == 499 && result.sequence == 541, "%s: %lu records, %lu",
                  lost[i], result.record_count, result.sequence);
        cr_assert_str_eq(shelf_get(&copy, "k000100"), "-");
        cr_assert_str_eq(shelf_get(&copy, "k000039"), "540:some bytes of a record");
        shelf_release(&copy);
        shelf_release(&shelf);
    }
}

/* RocksDB's own repair tells of no table that is gone. Of meta, records and history each in turn.
 */
Test(store, repair_restores_the_records_of_a_table_that_is_gone)
{
    unsigned restored = 0;
    for (unsigned n = 0; n < 3; n++) {
        struct shelf shelf, copy;
        struct losses losses;
        char file[128], command[300];
        shelf_init(&shelf);
        fill_large(&shelf, 60);
        shelf_reopen(&shelf); /* into three tables */
        shelf_close(&shelf);
        find_file(&shelf, ".sst", n, file);
        snprintf(command, sizeof command, "cd %s && rm %s db/CURRENT", shelf.directory, file);
        cr_assert_eq(system(command), 0);
        struct store_repair_result result = repair(&shelf, &copy, &losses);
        cr_assert_eq(result.record_count, 60, "table %u: %lu records", n, result.record_count);
        restored += result.restored_count == 60;
        shelf_release(&copy);
        shelf_release(&shelf);
    }
    cr_assert_eq(restored, 1, "%u", restored);
}

/* As a power cut in its first seconds might leave it, if the mark were not made durable once. */
Test(store, a_young_store_with_damage_is_not_made_anew)
{
    struct shelf shelf;
    struct error error = {0};
    char command[160], file[128];
    shelf_init(&shelf);
    shelf_close(&shelf);
    snprintf(command, sizeof command, "cp %s/MARK %s/young", shelf.directory, shelf.directory);
    cr_assert_eq(system(command), 0);
    fill_and_die(&shelf);
    snprintf(command, sizeof command, "mv %s/young %s/MARK", shelf.directory, shelf.directory);
    cr_assert_eq(system(command), 0);
    find_file(&shelf, "MANIFEST-*", 0, file);
    shelf_spoil(&shelf, file, 20, 1);
    cr_assert_not(shelf_open(&shelf, false, &error));
    cr_assert_eq(error.code, ERROR_DATA_LOSS, "%s", error.text);
    shelf_release(&shelf);
}
