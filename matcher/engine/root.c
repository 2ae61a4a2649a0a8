/* See root.h. */
#include "engine/root.h"

#include <assert.h>
#include <stdatomic.h>

#include <xxhash.h>

#include "base/memory.h"

#include "base/banned.h"

/* --- Records ------------------------------------------------------------------------------- */

/* Takes the document. */
static struct stored *stored_new(enum record_kind kind, void *document, struct key key,
                                 struct str original)
{
    struct stored *stored = document ? memory_try(sizeof *stored + original.length) : NULL;
    if (!stored) {
        memory_free(document);
        return NULL;
    }
    *stored = (struct stored){
        .entry = {.document = document,
                  .original = stored->original,
                  .original_bytes = original.length,
                  .hash = XXH3_64bits(original.data, original.length)},
        .key_hash = key_hash(key, 0),
        .kind = kind,
    };
    if (original.length > 0)
        memcpy(stored->original, original.data, original.length);
    return stored;
}

struct stored *stored_new_vacancy(const struct vacancy *vacancy, struct str original)
{
    return stored_new(RECORD_VACANCY, vacancy_pack(vacancy), vacancy->key, original);
}

struct stored *stored_new_applicant(const struct applicant *applicant, struct str original)
{
    return stored_new(RECORD_APPLICANT, applicant_pack(applicant), applicant->key, original);
}

void stored_free(struct stored *stored)
{
    if (!stored)
        return;
    memory_free((void *)stored->entry.document);
    memory_free(stored);
}

/* --- Roots --------------------------------------------------------------------------------- */

struct published *published_new(void)
{
    return memory_try_zeroed(1, sizeof(struct published));
}

bool publication_init(struct publication *publication, int32_t today)
{
    memset(publication, 0, sizeof *publication);
    rcu_start();
    struct published *first = published_new();
    if (!first)
        return false;
    first->root.today = today;
    first->home = publication;
    atomic_store_explicit(&publication->current, first, memory_order_release);
    bool initialised = true;
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        initialised = keymap_init(&publication->keymaps[kind]) && initialised;
    return initialised;
}

const struct root *publication_root(const struct publication *publication)
{
    return &atomic_load_explicit(&((struct publication *)publication)->current,
                                 memory_order_acquire)
                ->root;
}

/* liburcu's thread. */
static void push_reclaimed(struct rcu_garbage *garbage)
{
    struct published *old = (struct published *)garbage; /* its first member */
    struct published *_Atomic *stack = &old->home->reclaimed;
    old->next = atomic_load_explicit(stack, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(stack, &old->next, old, memory_order_release,
                                                  memory_order_relaxed))
        ;
}

void publication_swap(struct publication *publication, struct published *next,
                      const struct publication_garbage *garbage)
{
    next->home = publication;
    struct published *old =
        atomic_exchange_explicit(&publication->current, next, memory_order_acq_rel);
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        old->replaced[kind] = garbage->replaced[kind];
    old->retired = garbage->retired;
    rcu_defer(&old->garbage, push_reclaimed);
}

static void published_free(struct published *published)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (published->replaced[kind])
            collection_garbage_free(published->replaced[kind]);
    while (published->retired) {
        struct stored *stored = published->retired;
        published->retired = stored->next;
        stored_free(stored);
    }
    memory_free(published);
}

static struct published *take_reclaimed(struct publication *publication)
{
    return atomic_exchange_explicit(&publication->reclaimed, NULL, memory_order_acquire);
}

void publication_collect(struct publication *publication)
{
    struct published *old = take_reclaimed(publication);
    while (old) {
        struct published *next = old->next;
        for (const struct stored *stored = old->retired; stored; stored = stored->next)
            if (stored->removed)
                keymap_remove(&publication->keymaps[kind_index(stored->kind)], stored->key_hash,
                              stored->slot);
        published_free(old);
        old = next;
    }
}

void publication_release(struct publication *publication)
{
    struct published *old = take_reclaimed(publication);
    while (old) {
        struct published *next = old->next;
        published_free(old);
        old = next;
    }
    struct published *current = atomic_load_explicit(&publication->current, memory_order_acquire);
    if (current)
        published_free(current);
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        keymap_release(&publication->keymaps[kind]);
}

const struct entry *publication_find(const struct publication *publication, enum record_kind kind,
                                     const struct snapshot *snapshot, struct key key)
{
    struct keymap_probe probe =
        keymap_find(&publication->keymaps[kind_index(kind)], key_hash(key, 0));
    for (;;) {
        size_t slot = keymap_next(&probe);
        if (slot == SIZE_MAX)
            return NULL;
        const struct entry *entry = snapshot_at(snapshot, slot);
        if (entry && key_equal(entry_key(entry), key))
            return entry;
    }
}
