/* Small stores to be damaged, held in memory, and what a sound one says.
 *
 * A sample is made by child processes, one after another: a process that has once used RocksDB has
 * its threads, and cannot be forked from. The last may end without closing, as by a crash; so its
 * changes are in the log alone. Thread: one.
 */
#ifndef HAIHE_TESTS_FAULT_DAMAGE_SAMPLE_H
#define HAIHE_TESTS_FAULT_DAMAGE_SAMPLE_H

#include "store/store.h"

enum { SAMPLE_COUNT = 3, SAMPLE_FILE_LIMIT = 64, SAMPLE_PATH_BYTES = 256 };

/* All that can be read from a store; equal when it says the same. The texts are folded to numbers:
 * a difference is to be found, not shown. */
struct facts {
    uint64_t sequence, first_held, day;
    uint64_t record_count, change_count;
    uint64_t records, history; /* in order, by a scan and a walk */
    uint64_t singles;          /* the same one by one: other ways through a table, its filter */
    uint64_t notes;
};

/* How far a look at a store came. */
enum stage { STAGE_OPEN, STAGE_READ, STAGE_CHECK, STAGE_DONE };

struct look {
    enum stage stage;   /* that failed; STAGE_DONE: none */
    struct error error; /* of it */
    struct facts facts; /* whole from STAGE_CHECK on */
};

/* Opens the store as the daemon does, reads all of it, checks it, closes it. */
void look_at(const char *directory, struct look *out);

struct sample_file {
    char name[64]; /* below the store's directory */
    char *bytes;   /* owned; NULL when there are none */
    size_t size_bytes;
};

struct sample {
    const char *name;
    struct facts facts;
    size_t file_count;
    struct sample_file files[SAMPLE_FILE_LIMIT]; /* in the order of their names */
};

/* The sample of an index < SAMPLE_COUNT, by way of a store in `directory`, which must not exist
 * and is left behind. Ends the process when it cannot. */
void sample_make(struct sample *out, size_t index, const char *directory);
void sample_release(struct sample *sample);

/* Removes a directory with all in it; that there is none is no failure. */
void sample_remove_tree(const char *directory);

#endif
