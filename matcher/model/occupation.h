/* One occupation code, prepared to be compared with many.
 *
 * How codes are cut into levels is said in taxonomy.h; here the same is found sooner: codes whose
 * separators stand at the same places are compared as one word of eight bytes, all others level by
 * level. Borrows its texts. Thread: any, immutable once made. Cost: a comparison takes about 5 ns,
 * level by level 30.
 */
#ifndef HAIHE_MODEL_OCCUPATION_H
#define HAIHE_MODEL_OCCUPATION_H

#include "base/str.h"

enum { OCCUPATION_PATH_LEVELS = 3, OCCUPATION_EQUAL = OCCUPATION_PATH_LEVELS + 1 };

/* A text and its first eight bytes, the first of them lowest, padded at the end. */
struct occupation_text {
    struct str text;
    uint64_t head;
};

struct occupation_path {
    struct occupation_text system, code;
    uint64_t level_masks[OCCUPATION_PATH_LEVELS]; /* of head: the bytes of levels 1..n; all, below
                                                     the last */
    uint64_t shape;      /* of head: 0x80 where a separator stands, within shape_mask */
    uint64_t shape_mask; /* of head: 0x80 in each byte that decides where the levels end */
    uint8_t level_count; /* 0..OCCUPATION_PATH_LEVELS */
    bool is_short;       /* the levels end within head, so it can be compared by shape */
};

struct occupation_path occupation_path_of(struct str system, struct str code);

/* OCCUPATION_EQUAL when the codes are equal, else the levels that they share from the top, at most
 * OCCUPATION_PATH_LEVELS; 0 when the systems differ. */
int32_t occupation_path_compare(const struct occupation_path *path, struct str system,
                                struct str code);

#endif
