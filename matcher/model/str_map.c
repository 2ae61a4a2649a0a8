/* See str_map.h. The hash is kept in 32 bits beside the key, so that probing compares few texts and
 * growing hashes none. */
#include "model/str_map.h"

#include <assert.h>

#include <xxhash.h>

#include "base/memory.h"

#include "base/banned.h"

enum { FIRST_CAPACITY = 64 };

struct str_map_slot {
    uint32_t hash;
    uint32_t value;
    struct str key;
};

void str_map_init(struct str_map *map)
{
    *map = (struct str_map){0};
}

void str_map_release(struct str_map *map)
{
    memory_free(map->slots);
    *map = (struct str_map){0};
}

static uint32_t hash_of(struct str key)
{
    return (uint32_t)XXH3_64bits(key.data, key.length);
}

/* The key's slot, or the empty one where it belongs. There is always an empty slot. */
static struct str_map_slot *probe(const struct str_map *map, struct str key, uint32_t hash)
{
    size_t mask = map->capacity - 1;
    size_t at = hash & mask;
    while (map->slots[at].key.data &&
           (map->slots[at].hash != hash || !str_equal(map->slots[at].key, key)))
        at = (at + 1) & mask;
    return &map->slots[at];
}

uint32_t str_map_find(const struct str_map *map, struct str key)
{
    if (map->count == 0 || key.length == 0)
        return STR_MAP_NONE;
    const struct str_map_slot *slot = probe(map, key, hash_of(key));
    return slot->key.data ? slot->value : STR_MAP_NONE;
}

static bool grow(struct str_map *map)
{
    struct str_map larger = {.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY,
                             .count = map->count};
    larger.slots = memory_try_zeroed(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key.data)
            *probe(&larger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    memory_free(map->slots);
    *map = larger;
    return true;
}

bool str_map_insert(struct str_map *map, struct str key, uint32_t *value)
{
    assert(key.length > 0 && *value != STR_MAP_NONE);
    if (map->count >= map->capacity / 4 * 3 && !grow(map))
        return false;
    uint32_t hash = hash_of(key);
    struct str_map_slot *slot = probe(map, key, hash);
    if (slot->key.data) {
        *value = slot->value;
        return true;
    }
    *slot = (struct str_map_slot){hash, *value, key};
    map->count++;
    return true;
}

void str_map_each(const struct str_map *map,
                  void (*found)(void *context, struct str key, uint32_t value), void *context)
{
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key.data)
            found(context, map->slots[i].key, map->slots[i].value);
}
