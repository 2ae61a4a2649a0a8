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
#include "engine/original.h"

enum { KIND_COUNT = 2 };
static_assert((int)RANK_VACANCIES == 0 && (int)RANK_APPLICANTS == 1, "indexes go by kind_index");

/* 0 for vacancies, 1 for applicants. */
static inline size_t kind_index(enum record_kind kind)
{
    return (size_t)kind - RECORD_VACANCY;
}

/* Records that a change replaced or removed: nobody finds them any more, but readers of older roots
 * still see them. */
struct retired {
    struct entry *entry; /* owned */
    bool removed;        /* from its slot, not replaced in it */
};

struct retired_list {
    struct retired *items; /* owned */
    size_t count, capacity;
};

/* Makes room for one more; false when there is no memory (nothing changed). */
bool retired_reserve(struct retired_list *list);
/* Takes the entry; room must have been reserved. */
void retired_add(struct retired_list *list, const struct entry *entry_take, bool removed);
/* Frees list and entries; it is empty then. */
void retired_free(struct retired_list *list);

struct publication;

struct published {
    struct rcu_garbage garbage;
    struct root root;
    /* What the next root replaced; set when this one is retired. */
    struct collection_garbage *replaced[KIND_COUNT];
    struct index_garbage *index_replaced[KIND_COUNT];
    struct retired_list retired;
    struct publication *home;
    struct published *next; /* in the reclaimed stack */
};

struct publication {
    struct published *_Atomic current;
    struct published *_Atomic reclaimed;
    struct keymap keymaps[KIND_COUNT];
    struct lexicon *lexicon;                  /* of all entries; owned, written by the writer */
    struct originals *originals;              /* likewise */
    struct index_writer *indexes[KIND_COUNT]; /* likewise; book_init makes them */
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
    struct index_garbage *index_replaced[KIND_COUNT];
    struct retired_list retired;
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
