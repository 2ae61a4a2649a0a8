/* What power_cut.so is made of; see power_cut.c. All of it is hidden from the process around it.
 *
 *   power_cut.c           the calls that it stands before, and which files are watched
 *   power_cut_faults.c    what it was told: whom to fail, when to kill; the counts
 *   power_cut_journal.c   what a power cut could undo
 */
#ifndef HAIHE_TESTS_FAULT_POWER_CUT_H
#define HAIHE_TESTS_FAULT_POWER_CUT_H

#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

#define KINDS(X)                                                                                   \
    X(WRITE, "write")                                                                              \
    X(FSYNC, "fsync")                                                                              \
    X(OPEN, "open")                                                                                \
    X(RENAME, "rename")                                                                            \
    X(UNLINK, "unlink")                                                                            \
    X(TRUNCATE, "truncate")                                                                        \
    X(ALLOCATE, "allocate")                                                                        \
    X(LINK, "link")                                                                                \
    X(MKDIR, "mkdir")                                                                              \
    X(SPACE, "space") /* all of these that take space: writes, new names, allocation */
enum kind {
#define X(name, text) name,
    KINDS(X)
#undef X
        KIND_COUNT
};

/* --- Faults --------------------------------------------------------------------------------------
 */

enum when { NEVER, BEFORE, AFTER, TORN };

/* What is to become of a call. */
struct verdict {
    int error; /* fail with it; 0: go on */
    int is_short;
    enum when kill;
};

/* From the environment; before all else. */
void faults_begin(void);
/* Counts a call and says what is to become of it; under the lock. It may not return. */
struct verdict faults_judge(enum kind kind, const char *path, int takes_space);
/* SIGKILL. */
void faults_die(enum kind kind, const char *path);
/* Appended to, and closed on exec; -1: no path, or it cannot be. */
int faults_open_to_append(const char *path);

/* --- The journal; all of it under the lock
 * --------------------------------------------------------- */

enum entry_kind {
    ENTRY_CHANGE = 1,  /* bytes [offset, offset + touched) of a file of `size` may change */
    ENTRY_SYNC,        /* of the entries before `mark` of this inode */
    ENTRY_SYNC_FAILED, /* those are in memory alone, and no later fsync will see them */
    ENTRY_CREATE,
    ENTRY_RENAME, /* `mark`: the inode that is replaced, 0: none */
    ENTRY_UNLINK,
    ENTRY_LINK,
    ENTRY_MKDIR,
    ENTRY_RMDIR,
    ENTRY_SYNC_DIRECTORY, /* of the entries before `mark` of this path */
};

struct entry {
    uint32_t bytes; /* of the entry with what follows */
    uint32_t kind;
    uint64_t inode, offset, touched, size, mark;
    uint32_t path_bytes, data_bytes;
};

/* From the environment; graves are made with `link_it`, the real one. */
void journal_begin(int (*link_it)(const char *from, const char *to));
uint64_t journal_bytes(void);
void journal_put(struct entry entry, const char *path);
void journal_put_two(struct entry entry, const char *from, const char *to);
/* That [offset, end) of a file of this size may change: keeps its sectors as they are. */
void journal_put_change(int reader, struct entry file, const char *path, uint64_t offset,
                        uint64_t end);
/* Keeps what is about to lose its name. */
void journal_bury(const char *path, uint64_t inode);

#pragma GCC visibility pop

#endif
