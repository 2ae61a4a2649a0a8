/* See root.h. */
#include "engine/root.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/memory.h"

#include "base/banned.h"

/* --- Retired records ----------------------------------------------------------------------- */

bool retired_reserve(struct retired_list *list)
{
    if (list->count < list->capacity)
        return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 4;
    struct retired *items = memory_try_resize(list->items, capacity * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

void retired_add(struct retired_list *list, const struct entry *entry, bool removed)
{
    assert(list->count < list->capacity);
    list->items[list->count++] = (struct retired){(struct entry *)entry, removed};
}

void retired_free(struct retired_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        memory_free(list->items[i].entry);
    memory_free(list->items);
    *list = (struct retired_list){0};
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
    publication->lexicon = lexicon_new();
    publication->originals = originals_new();
    bool initialised = publication->lexicon && publication->originals;
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
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        old->index_replaced[kind] = garbage->index_replaced[kind];
    old->retired = garbage->retired;
    rcu_defer(&old->garbage, push_reclaimed);
}

static void published_free(struct published *published)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (published->replaced[kind])
            collection_garbage_free(published->replaced[kind]);
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (published->index_replaced[kind])
            index_garbage_free(published->home->indexes[kind], published->index_replaced[kind]);
    retired_free(&published->retired);
    memory_free(published);
}

static struct published *take_reclaimed(struct publication *publication)
{
    return atomic_exchange_explicit(&publication->reclaimed, NULL, memory_order_acquire);
}

/* Its keys lead nowhere any more. */
static void forget_removed(struct publication *publication, const struct retired_list *retired)
{
    for (size_t i = 0; i < retired->count; i++) {
        const struct entry *entry = retired->items[i].entry;
        if (retired->items[i].removed)
            keymap_remove(&publication->keymaps[kind_index(entry_kind(entry))],
                          key_hash(entry_key(entry), 0), entry->slot);
    }
}

void publication_collect(struct publication *publication)
{
    struct published *old = take_reclaimed(publication);
    while (old) {
        struct published *next = old->next;
        forget_removed(publication, &old->retired);
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
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        keymap_release(&publication->keymaps[kind]);
        index_writer_free(publication->indexes[kind]);
    }
    lexicon_free(publication->lexicon);
    originals_free(publication->originals);
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
