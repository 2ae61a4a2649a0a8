#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "core/collection.h"
#include "memory/failing_memory.h"

enum { SLOT_LIMIT = 3000, ENTRY_COUNT = 5000, HELD_COUNT = 5 };

/* A plain array beside the writer. */
struct model {
    const struct entry *slots[SLOT_LIMIT];
    size_t slot_count, record_count;
};

/* A snapshot as it was published, with what it must go on showing, and what replaced it. */
struct held {
    struct snapshot snapshot;
    struct model expected;
    struct collection_garbage *replaced;
};

struct fixture {
    struct rng rng;
    struct collection_writer *writer;
    struct model model;
    struct held held[HELD_COUNT]; /* a ring, oldest at next % HELD_COUNT */
    size_t published_count;
    struct entry entries[ENTRY_COUNT];
};

static void assert_shows(const struct snapshot *snapshot, const struct model *expected)
{
    size_t record_count = 0;
    cr_assert_eq(snapshot->record_count, expected->record_count);
    for (size_t slot = 0; slot < snapshot->chunk_count * COLLECTION_CHUNK_SLOTS; slot++) {
        const struct entry *entry = slot < expected->slot_count ? expected->slots[slot] : NULL;
        cr_assert_eq(snapshot_at(snapshot, slot), entry, "slot %zu", slot);
        cr_assert_eq(
            snapshot_chunk(snapshot, slot / COLLECTION_CHUNK_SLOTS)[slot % COLLECTION_CHUNK_SLOTS],
            entry);
        record_count += entry != NULL;
    }
    cr_assert_eq(record_count, expected->record_count);
    cr_assert_null(snapshot_at(snapshot, snapshot->chunk_count * COLLECTION_CHUNK_SLOTS));
    cr_assert_null(snapshot_at(snapshot, SIZE_MAX));
}

static void assert_writer_shows(const struct fixture *fixture)
{
    const struct model *model = &fixture->model;
    cr_assert_eq(collection_slot_count(fixture->writer), model->slot_count);
    for (size_t slot = 0; slot < model->slot_count; slot++)
        cr_assert_eq(collection_peek(fixture->writer, slot), model->slots[slot]);
    cr_assert_null(collection_peek(fixture->writer, model->slot_count));
}

static const struct entry *random_entry(struct fixture *fixture)
{
    return &fixture->entries[rng_below(&fixture->rng, ENTRY_COUNT)];
}

/* A slot in use, SIZE_MAX when there are none. */
static size_t random_slot(struct fixture *fixture)
{
    if (fixture->model.record_count == 0)
        return SIZE_MAX;
    for (;;) {
        size_t slot = rng_below(&fixture->rng, fixture->model.slot_count);
        if (fixture->model.slots[slot])
            return slot;
    }
}

static bool try_insert(struct fixture *fixture)
{
    struct model *model = &fixture->model;
    const struct entry *entry = random_entry(fixture);
    bool has_free = model->record_count < model->slot_count;
    size_t slot = collection_insert(fixture->writer, entry);
    if (slot == SIZE_MAX)
        return false;
    cr_assert_null(slot < model->slot_count ? model->slots[slot] : NULL, "slot in use");
    cr_assert_eq(slot == model->slot_count, !has_free, "free slots come first");
    model->slots[slot] = entry;
    model->slot_count += slot == model->slot_count;
    model->record_count++;
    return true;
}

static bool try_replace(struct fixture *fixture, size_t slot)
{
    const struct entry *entry = random_entry(fixture), *old = NULL;
    if (!collection_replace(fixture->writer, slot, entry, &old))
        return false;
    cr_assert_eq(old, fixture->model.slots[slot]);
    fixture->model.slots[slot] = entry;
    return true;
}

static bool try_remove(struct fixture *fixture, size_t slot)
{
    const struct entry *old = NULL;
    if (!collection_remove(fixture->writer, slot, &old))
        return false;
    cr_assert_eq(old, fixture->model.slots[slot]);
    fixture->model.slots[slot] = NULL;
    fixture->model.record_count--;
    return true;
}

static void drop(struct held *held)
{
    assert_shows(&held->snapshot, &held->expected);
    collection_garbage_free(held->replaced);
    *held = (struct held){0};
}

static bool try_publish(struct fixture *fixture)
{
    struct snapshot snapshot;
    struct collection_garbage *garbage;
    if (!collection_publish(fixture->writer, &snapshot, &garbage))
        return false;
    if (fixture->published_count > 0)
        fixture->held[(fixture->published_count - 1) % HELD_COUNT].replaced = garbage;
    else
        cr_assert_null(garbage);
    struct held *held = &fixture->held[fixture->published_count++ % HELD_COUNT];
    drop(held); /* the oldest, after everything that was published since */
    held->snapshot = snapshot;
    held->expected = fixture->model;
    assert_shows(&snapshot, &fixture->model);
    return true;
}

static struct fixture *fixture_new(uint64_t seed)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fprintf(stderr, "collection: seed %" PRIu64 "\n", seed);
    rng_init(&fixture->rng, seed);
    fixture->writer = collection_writer_new(NULL);
    return fixture;
}

static void fixture_free(struct fixture *fixture)
{
    for (size_t i = 0; i < HELD_COUNT; i++)
        drop(&fixture->held[(fixture->published_count + i) % HELD_COUNT]);
    collection_writer_free(fixture->writer);
    free(fixture);
}

/* One random change; grows, then shrinks, then grows again. True when it was made. */
static bool step(struct fixture *fixture, int round)
{
    uint64_t choice = rng_below(&fixture->rng, 100);
    uint64_t insert_below = round / 4000 % 2 == 0 ? 55 : 25;
    size_t slot = random_slot(fixture);
    if (choice < 2)
        return try_publish(fixture);
    if (choice < insert_below && fixture->model.record_count < SLOT_LIMIT)
        return try_insert(fixture);
    if (slot == SIZE_MAX)
        return true;
    return choice < 60 ? try_replace(fixture, slot) : try_remove(fixture, slot);
}

Test(collection, agrees_with_a_plain_array_and_old_snapshots_never_change)
{
    struct fixture *fixture = fixture_new(50261);
    for (int round = 0; round < 20000; round++) {
        cr_assert(step(fixture, round));
        if (round % 500 == 0)
            assert_writer_shows(fixture);
    }
    cr_assert_gt(fixture->published_count, 100);
    cr_assert_gt(fixture->model.slot_count, 2 * COLLECTION_CHUNK_SLOTS);
    fixture_free(fixture);
}

Test(collection, without_memory_everything_stays_as_it_was)
{
    struct fixture *fixture = fixture_new(50262);
    int failed_count = 0;
    for (int round = 0; round < 6000; round++) {
        memory_fail_after(rng_below(&fixture->rng, 3)); /* a first insert needs two */
        bool made = step(fixture, round);
        memory_fail_never();
        failed_count += !made;
        if (!made)
            assert_writer_shows(fixture);
        if (round % 10 == 0)
            cr_assert(try_publish(fixture), "what failed before can be done now");
    }
    cr_assert_gt(failed_count, 200);
    cr_assert_gt(fixture->model.slot_count, COLLECTION_CHUNK_SLOTS);
    fixture_free(fixture);
}

Test(collection, an_insert_needs_room_for_a_chunk)
{
    static struct entry entry;
    for (size_t allowed = 0;; allowed++) {
        struct collection_writer *writer = collection_writer_new(NULL);
        memory_fail_after(allowed);
        size_t slot = collection_insert(writer, &entry);
        memory_fail_never();
        cr_assert_eq(collection_slot_count(writer), slot == SIZE_MAX ? 0 : 1);
        collection_writer_free(writer);
        if (slot != SIZE_MAX) {
            cr_assert_eq(allowed, 2, "chunk array, chunk");
            break;
        }
    }
    memory_fail_after(0);
    cr_assert_null(collection_writer_new(NULL));
    memory_fail_never();
    collection_writer_free(NULL);
}

Test(collection, a_publication_without_changes_is_the_same_snapshot)
{
    static struct entry entry;
    struct collection_writer *writer = collection_writer_new(NULL);
    struct snapshot first, second;
    struct collection_garbage *garbage;
    cr_assert(collection_publish(writer, &first, &garbage));
    cr_assert(first.chunk_count == 0 && first.record_count == 0 && !garbage);
    cr_assert_null(snapshot_at(&first, 0));
    collection_insert(writer, &entry);
    cr_assert(collection_publish(writer, &first, &garbage));
    cr_assert_null(garbage, "nothing was there to replace");
    cr_assert(collection_publish(writer, &second, &garbage));
    cr_assert_null(garbage);
    cr_assert_eq(first.chunks, second.chunks);
    collection_writer_free(writer);
}

Test(collection, a_group_copies_a_chunk_once_and_shares_the_rest)
{
    static struct entry entries[2];
    struct collection_writer *writer = collection_writer_new(NULL);
    struct snapshot before, after;
    struct collection_garbage *garbage;
    const struct entry *old;
    for (int i = 0; i < 3 * COLLECTION_CHUNK_SLOTS; i++)
        collection_insert(writer, &entries[0]);
    cr_assert(collection_publish(writer, &before, &garbage));
    memory_fail_after(1); /* the one copy */
    for (size_t slot = 0; slot < COLLECTION_CHUNK_SLOTS; slot++)
        cr_assert(collection_replace(writer, COLLECTION_CHUNK_SLOTS + slot, &entries[1], &old));
    memory_fail_never();
    cr_assert(collection_publish(writer, &after, &garbage));
    cr_assert_eq(before.chunks[0], after.chunks[0]);
    cr_assert_neq(before.chunks[1], after.chunks[1]);
    cr_assert_eq(before.chunks[2], after.chunks[2]);
    cr_assert_eq(snapshot_at(&before, COLLECTION_CHUNK_SLOTS), &entries[0]);
    collection_garbage_free(garbage);
    collection_writer_free(writer);
}
