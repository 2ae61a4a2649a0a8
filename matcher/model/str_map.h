/* A hash map from text to a number: open addressing with linear probing, no deletion.
 *
 *   slots  [ hash | value | key ]  capacity is a power of two, at most 3/4 of it used; an empty
 *                                  slot has no key data
 *
 * Keys are borrowed: their bytes must outlive the map. Thread: one owner while it grows, any reader
 * once it does not. Cost: one XXH3 and about 1.5 slots a look-up; 24 bytes a slot.
 */
#ifndef HAIHE_MODEL_STR_MAP_H
#define HAIHE_MODEL_STR_MAP_H

#include "base/str.h"

struct str_map_slot;

struct str_map {
    struct str_map_slot *slots; /* owned; NULL while empty */
    size_t capacity;
    size_t count;
};

#define STR_MAP_NONE UINT32_MAX

void str_map_init(struct str_map *map);
void str_map_release(struct str_map *map);
/* The value of a key, or STR_MAP_NONE. */
uint32_t str_map_find(const struct str_map *map, struct str key);
/* Adds a key, unless it is there: *value is then the one that is there and nothing changes. The key
 * must not be empty, the value not STR_MAP_NONE. False only when there is no memory. */
bool str_map_insert(struct str_map *map, struct str key, uint32_t *value);

/* Every key and its value, in no order. */
void str_map_each(const struct str_map *map,
                  void (*found)(void *context, struct str key, uint32_t value), void *context);

#endif
