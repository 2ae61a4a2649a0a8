/* A platform's records in the order of their ids, a page at a time.
 *
 * There is no order by key kept: each page looks at all records and keeps the `limit` smallest in a
 * heap with the greatest on top. Cost: a cache miss a record (50 ms a million), log(limit) for
 * those that enter; so a platform with a million records and pages of 10,000 is reconciled in 5 s
 * of one worker's time.
 */
#include "engine/root.h"

#include "base/banned.h"

struct heap {
    const struct entry **entries; /* [0] has the greatest id */
    uint32_t count;
};

static bool id_less(const struct entry *a, const struct entry *b)
{
    return str_compare(entry_key(a).id, entry_key(b).id) < 0;
}

static void sift_down(struct heap *heap, uint32_t at)
{
    const struct entry *moved = heap->entries[at];
    for (uint32_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && id_less(heap->entries[child], heap->entries[child + 1]))
            child++;
        if (!id_less(moved, heap->entries[child]))
            break;
        heap->entries[at] = heap->entries[child];
    }
    heap->entries[at] = moved;
}

static void sift_up(struct heap *heap, uint32_t at)
{
    const struct entry *moved = heap->entries[at];
    for (; at > 0 && id_less(heap->entries[(at - 1) / 2], moved); at = (at - 1) / 2)
        heap->entries[at] = heap->entries[(at - 1) / 2];
    heap->entries[at] = moved;
}

/* Heap sort's second half: smallest first. */
static void sort(struct heap *heap)
{
    uint32_t count = heap->count;
    while (heap->count > 1) {
        const struct entry *greatest = heap->entries[0];
        heap->entries[0] = heap->entries[--heap->count];
        sift_down(heap, 0);
        heap->entries[heap->count] = greatest;
    }
    heap->count = count;
}

bool engine_list(const struct engine_view *view, enum record_kind kind, struct key after,
                 uint32_t limit, struct engine_page *page)
{
    const struct snapshot *snapshot =
        kind == RECORD_VACANCY ? &view->root->vacancies : &view->root->applicants;
    if (limit > snapshot->record_count)
        limit = snapshot->record_count > 0 ? (uint32_t)snapshot->record_count : 1;
    struct heap heap = {.entries = arena_alloc(view->arena, limit * sizeof *heap.entries)};
    if (!heap.entries)
        return false;
    *page = (struct engine_page){.entries = heap.entries};
    for (size_t slot = 0; slot < snapshot->chunk_count * COLLECTION_CHUNK_SLOTS; slot++) {
        const struct entry *entry = snapshot_at(snapshot, slot);
        if (!entry || !str_equal(entry_key(entry).platform, after.platform) ||
            str_compare(entry_key(entry).id, after.id) <= 0)
            continue;
        if (heap.count < limit) {
            heap.entries[heap.count] = entry;
            sift_up(&heap, heap.count++);
            continue;
        }
        page->more = true;
        if (id_less(entry, heap.entries[0])) {
            heap.entries[0] = entry;
            sift_down(&heap, 0);
        }
    }
    page->count = heap.count;
    sort(&heap);
    return true;
}
