/* One injury to one file of a sample, what the store makes of it, and what is to be thought of
 * that.
 *
 * DETECTED  an opening, a read or the check failed, with a code for it and a text that names a
 * place HARMLESS  all was there and as in the sound store WRONG     anything else: other contents
 * without an error, a crash, a hang
 *
 * The store is looked at twice, one opening after another, as a supervisor starts a daemon again:
 * an error that the first opening reports must not be forgotten by the second. Thread: one.
 */
#ifndef HAIHE_TESTS_FAULT_DAMAGE_CASE_H
#define HAIHE_TESTS_FAULT_DAMAGE_CASE_H

#include "damage_sample.h"

enum { CASE_LOOK_COUNT = 2, CASE_LIMIT_S = 30 };

enum injury_kind { INJURY_FLIP_BYTE, INJURY_FLIP_BIT, INJURY_CUT, INJURY_REMOVE };

struct injury {
    const struct sample *sample;
    size_t file; /* of the sample's */
    enum injury_kind kind;
    size_t offset;      /* of the byte; INJURY_CUT: the length left */
    unsigned char mask; /* of the bits that are flipped */
};

/* What a child reports, in memory shared with it. */
struct report {
    bool is_whole;
    struct look looks[CASE_LOOK_COUNT];
};

/* Some cases in a row, of one child: its beginning costs more than a case. When one ends the child,
 * the next child goes on behind it. */
enum { BATCH_CASES = 64 };
struct batch {
    size_t count, done; /* done: judged, or not to be run again */
    struct injury injuries[BATCH_CASES];
    struct report reports[BATCH_CASES];
};

/* In a child: for each case from `done` on makes an injured copy in `directory`, which is replaced,
 * and looks at it; then ends the process. What the process prints goes to the file `output`. */
_Noreturn void case_run(struct batch *batch, const char *directory, const char *output);

enum verdict {
    DETECTED_AT_OPEN,
    DETECTED_BY_READ,
    DETECTED_BY_CHECK,
    HARMLESS,
    WRONG,
    VERDICT_COUNT,
};

/* `status` as of waitpid, of a child that the case ended; else 0. `why` says what happened, for all
 * but HARMLESS. */
enum verdict case_judge(const struct injury *injury, const struct report *report, int status,
                        const char *output, char *why, size_t why_bytes);

/* "mixed db/000012.log byte 17 ^ff" */
void case_describe(const struct injury *injury, char *out, size_t out_bytes);

#endif
