/* Key -> slot, for one writer and any number of readers without locks.
 *
 *   table -> words [ . | hash:slot | . | x | hash:slot | .. ]     capacity a power of two
 *             32 bits of the key's hash, 32 bits of slot + 1; 0 = free, x = removed
 *
 * It holds no keys: a probe gives the slots whose hash fits, and the caller looks whether the
 * record in its own snapshot's slot has the key. So one map serves every root at once: a record has
 * one pair from before the first root that shows it until after the grace period of the last one.
 * A key that was deleted and came back to its slot has two pairs for a while: hence a multiset.
 * (liburcu's cds_lfht would need a node for each key and version of a root,
 * and is opaque to ThreadSanitizer.)
 *
 * Invariants: a word never becomes free again, so a probe under way cannot be cut short; at least a
 * quarter of the words are free, so that every probe ends. A grown table replaces the old one,
 * which is freed through base/rcu.h. Threads: probes any, inside an rcu section; everything else
 * the writer. Cost: a probe is a cache miss or two; 8 bytes a word, 11 to 21 bytes a key.
 */
#ifndef HAIHE_ENGINE_KEYMAP_H
#define HAIHE_ENGINE_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keymap_table;

struct keymap {
    struct keymap_table *_Atomic table; /* owned */
    size_t pair_count;
    size_t removed_count; /* words that are neither free nor a pair */
};

/* False when there is no memory. */
bool keymap_init(struct keymap *keymap);
/* No reader may be left. Also after a failed init, and on a zeroed one. */
void keymap_release(struct keymap *keymap);

/* Writer: what its table takes. */
size_t keymap_bytes(const struct keymap *keymap);

/* A walk over the slots whose key may have this hash. */
struct keymap_probe {
    const struct keymap_table *table;
    size_t index;
    uint32_t fragment;
};

/* After the root was loaded, within the same section. */
struct keymap_probe keymap_find(const struct keymap *keymap, uint64_t hash);
/* The next slot to look at, perhaps a second time; SIZE_MAX when there are no more. */
size_t keymap_next(struct keymap_probe *probe);

/* Makes room for one more pair. False when there is no memory (nothing changed). */
bool keymap_reserve(struct keymap *keymap);
/* Room must have been reserved. */
void keymap_add(struct keymap *keymap, uint64_t hash, size_t slot);
/* Takes away one pair, which must be there. */
void keymap_remove(struct keymap *keymap, uint64_t hash, size_t slot);

#endif
