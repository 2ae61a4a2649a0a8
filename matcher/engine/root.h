/* Roots: what readers see, how the next one takes the place of the last, and what goes then.
 *
 *   publication.current -> [published n]      readers: load it within an rcu section
 *   writer: publication_swap:   n -> n+1, and n takes along what n+1 replaced:
 *       [published n | chunks and pointer arrays | retired records]  --grace period-->
 *   publication.reclaimed -> [n] -> [n-1] ..  a stack: pushed by liburcu's thread
 *   writer: publication_collect: frees them, and takes their keys out of the key maps
 *
 * So the writer allocates, removes and frees; liburcu's thread only says when.
 * Invariant: a record is in exactly one place: the collections, or the retired list of the last
 * root that could show it. Threads: as said at each function.
 */
#ifndef HAIHE_ENGINE_ROOT_H
#define HAIHE_ENGINE_ROOT_H

#include "base/rcu.h"
#include "engine/engine.h"
#include "engine/keymap.h"

enum { KIND_COUNT = 2 };

/* 0 for vacancies, 1 for applicants. */
static inline size_t kind_index(enum record_kind kind)
{
    return (size_t)kind - RECORD_VACANCY;
}

/* Both records begin with their key. */
static inline struct key entry_key(const struct entry *entry)
{
    return *(const struct key *)entry->document;
}

/* A record as kept: the entry that collections and readers see, and what its owner needs. */
struct stored {
    struct entry entry;  /* first: a const struct entry * is one of these */
    struct stored *next; /* in a retired list */
    uint64_t key_hash;
    size_t slot;
    enum record_kind kind;
    bool removed;    /* from its slot, not replaced in it */
    char original[]; /* entry.original_bytes */
};

/* Copies the original; packs the document. NULL when there is no memory. */
struct stored *stored_new_vacancy(const struct vacancy *vacancy, struct str original);
struct stored *stored_new_applicant(const struct applicant *applicant, struct str original);
void stored_free(struct stored *stored);

struct publication;

struct published {
    struct rcu_garbage garbage;
    struct root root;
    /* What the next root replaced; set when this one is retired. */
    struct collection_garbage *replaced[KIND_COUNT];
    struct stored *retired;
    struct publication *home;
    struct published *next; /* in the reclaimed stack */
};

struct publication {
    struct published *_Atomic current;
    struct published *_Atomic reclaimed;
    struct keymap keymaps[KIND_COUNT];
};

/* An empty root of that day. False when there is no memory; release cleans up. */
bool publication_init(struct publication *publication, int32_t today);
/* No reader left and rcu_drain done. Not the records that the collections hold. */
void publication_release(struct publication *publication);

/* Any registered thread inside an rcu section: valid until it leaves. */
const struct root *publication_root(const struct publication *publication);

/* Writer: `next` becomes current. What it replaced and what it retired pass along. */
struct publication_garbage {
    struct collection_garbage *replaced[KIND_COUNT];
    struct stored *retired;
};
struct published *published_new(void);
void publication_swap(struct publication *publication, struct published *next,
                      const struct publication_garbage *garbage);
/* Writer: frees what no reader can see any more; removed records leave the key maps. */
void publication_collect(struct publication *publication);

/* The entry of a key in a snapshot; NULL when there is none. */
const struct entry *publication_find(const struct publication *publication, enum record_kind kind,
                                     const struct snapshot *snapshot, struct key key);

#endif
