/* See keymap.h for the drawing and the rules.
 *
 * Why relaxed words are enough: a reader loads a root with acquire, then the table, then words.
 * Every pair that the root needs was stored before the root was published with release, so the
 * reader sees it, in the table of that time or one that replaced it. A word that it sees too early
 * or too late only names a slot where its root has another record, or none.
 */
#include "engine/keymap.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/rcu.h"

#include "base/banned.h"

enum { FIRST_CAPACITY = 1024 };

#define WORD_FREE    UINT64_C(0)
#define WORD_REMOVED (UINT64_C(1) << 32) /* slot part 0, which no pair has */

struct keymap_table {
    struct rcu_garbage garbage;
    size_t capacity; /* a power of two, at most 2^32 */
    _Atomic uint64_t words[];
};

static uint64_t word_of(uint32_t fragment, size_t slot)
{
    assert(slot < UINT32_MAX);
    return (uint64_t)fragment << 32 | (uint64_t)(slot + 1);
}

static uint32_t fragment_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static bool word_is_pair(uint64_t word)
{
    return (uint32_t)word != 0;
}

static uint64_t word_at(const struct keymap_table *table, size_t index)
{
    return atomic_load_explicit(&((struct keymap_table *)table)->words[index],
                                memory_order_relaxed);
}

static void word_set(struct keymap_table *table, size_t index, uint64_t word)
{
    atomic_store_explicit(&table->words[index], word, memory_order_relaxed);
}

/* The writer's own view of the table: nobody else stores the pointer. */
static struct keymap_table *own_table(const struct keymap *keymap)
{
    return atomic_load_explicit(&((struct keymap *)keymap)->table, memory_order_relaxed);
}

static struct keymap_table *table_new(size_t capacity)
{
    size_t words_bytes;
    if (__builtin_mul_overflow(capacity, sizeof(uint64_t), &words_bytes))
        return NULL;
    struct keymap_table *table =
        memory_try_zeroed(1, offsetof(struct keymap_table, words) + words_bytes);
    if (table)
        table->capacity = capacity;
    return table;
}

static void table_reclaim(struct rcu_garbage *garbage)
{
    memory_free(garbage); /* the first member of its table */
}

bool keymap_init(struct keymap *keymap)
{
    memset(keymap, 0, sizeof *keymap);
    struct keymap_table *table = table_new(FIRST_CAPACITY);
    atomic_store_explicit(&keymap->table, table, memory_order_release);
    return table != NULL;
}

void keymap_release(struct keymap *keymap)
{
    memory_free(own_table(keymap));
    memset(keymap, 0, sizeof *keymap);
}

size_t keymap_bytes(const struct keymap *keymap)
{
    return offsetof(struct keymap_table, words) + own_table(keymap)->capacity * sizeof(uint64_t);
}

struct keymap_probe keymap_find(const struct keymap *keymap, uint64_t hash)
{
    const struct keymap_table *table =
        atomic_load_explicit(&((struct keymap *)keymap)->table, memory_order_acquire);
    uint32_t fragment = fragment_of(hash);
    return (struct keymap_probe){table, fragment & (table->capacity - 1), fragment};
}

size_t keymap_next(struct keymap_probe *probe)
{
    for (;;) {
        uint64_t word = word_at(probe->table, probe->index);
        if (word == WORD_FREE)
            return SIZE_MAX;
        probe->index = (probe->index + 1) & (probe->table->capacity - 1);
        if (word_is_pair(word) && word >> 32 == probe->fragment)
            return (size_t)(uint32_t)word - 1;
    }
}

/* Where a new pair goes: the first word that holds none. */
static size_t room_for(const struct keymap_table *table, uint64_t word)
{
    size_t index = (size_t)(word >> 32) & (table->capacity - 1);
    while (word_is_pair(word_at(table, index)))
        index = (index + 1) & (table->capacity - 1);
    return index;
}

/* Words in use after one more pair, against three quarters. */
static bool has_room(const struct keymap *keymap)
{
    size_t used = keymap->pair_count + keymap->removed_count + 1;
    return used <= own_table(keymap)->capacity / 4 * 3;
}

bool keymap_reserve(struct keymap *keymap)
{
    if (has_room(keymap))
        return true;
    struct keymap_table *old = own_table(keymap);
    size_t capacity = FIRST_CAPACITY;
    /* Twice the old one, unless that is full of removed words. */
    while (capacity / 8 * 3 < keymap->pair_count)
        capacity *= 2;
    struct keymap_table *table = table_new(capacity);
    if (!table)
        return false;
    for (size_t i = 0; i < old->capacity; i++) {
        uint64_t word = word_at(old, i);
        if (word_is_pair(word))
            word_set(table, room_for(table, word), word);
    }
    keymap->removed_count = 0;
    atomic_store_explicit(&keymap->table, table, memory_order_release);
    rcu_defer(&old->garbage, table_reclaim);
    return true;
}

void keymap_add(struct keymap *keymap, uint64_t hash, size_t slot)
{
    assert(has_room(keymap));
    struct keymap_table *table = own_table(keymap);
    uint64_t word = word_of(fragment_of(hash), slot);
    size_t index = room_for(table, word);
    if (word_at(table, index) == WORD_REMOVED)
        keymap->removed_count--;
    keymap->pair_count++;
    word_set(table, index, word);
}

void keymap_remove(struct keymap *keymap, uint64_t hash, size_t slot)
{
    struct keymap_table *table = own_table(keymap);
    uint64_t word = word_of(fragment_of(hash), slot);
    size_t index = (size_t)fragment_of(hash) & (table->capacity - 1);
    while (word_at(table, index) != word) {
        assert(word_at(table, index) != WORD_FREE);
        index = (index + 1) & (table->capacity - 1);
    }
    word_set(table, index, WORD_REMOVED);
    keymap->pair_count--;
    keymap->removed_count++;
}
