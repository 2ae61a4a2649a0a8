/* Names by likeness: which of many names looks most like a text. For suggestions and searches,
 * never for matching.
 *
 * A name is the set of pairs of neighbouring characters in its words, the gaps before and behind
 * each word included, and each Chinese character alone: "电焊 tig" is
 * {_电 电 电焊 焊 焊_ _t ti ig g_}. Of a name without letters its signs are the words. Pairs are
 * hashed to buckets:
 *
 *   first   [ bucket 0 | 1 | .. | end ]   where each bucket's list begins
 *   lists   [ names in bucket 0 | names in bucket 1 | .. ]
 *
 * A text's buckets are walked, shared pairs counted, and the best few names compared by edit
 * distance. Order of words does not matter to the pairs, a mistyped letter costs two of them.
 * Thread: one owner. Cost: about 1.3 ms a text over ESCO's 113,000 names.
 */
#ifndef HAIHE_HAIHECTL_NAME_INDEX_H
#define HAIHE_HAIHECTL_NAME_INDEX_H

#include "base/str.h"

struct name_index;

struct name_match {
    struct str name;
    uint32_t owner;
    int32_t likeness_bp; /* 10000: the same */
};

/* NULL when there is no memory. */
struct name_index *name_index_new(void);
void name_index_free(struct name_index *index);
/* `folded` comes from text_fold and must outlive the index. An owner may have many names. */
bool name_index_add(struct name_index *index, struct str folded, uint32_t owner);
/* After the last name. */
bool name_index_build(struct name_index *index);

enum name_manner {
    NAME_NEAREST,    /* the whole names are alike: what somebody may have meant */
    NAME_CONTAINING, /* names that hold the text count as well: what somebody looks for */
};

/* The most alike names, the best of each owner, best first; equal ones: the shorter, then the
 * smaller owner. Unlike ones are left out. Returns how many, at most `limit` (1..64). */
size_t name_index_find(struct name_index *index, struct str folded, enum name_manner manner,
                       struct name_match *out, size_t limit);

/* 10000 when equal, 0 when nothing is alike; see above. */
int32_t name_likeness_bp(struct str folded_a, struct str folded_b);

#endif
