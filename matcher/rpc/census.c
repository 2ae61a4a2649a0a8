/* See census.h. */
#include "rpc/census.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

enum { FIRST_CAPACITY = 16 };

void census_init(struct census *census, uint64_t seed)
{
    *census = (struct census){.seed = seed};
}

void census_release(struct census *census)
{
    memory_free(census->slots);
    census_init(census, census->seed);
}

/* The mixer of splitmix64. */
static size_t home_of(const struct census *census, uint64_t network)
{
    uint64_t z = network + census->seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(z ^ (z >> 31)) & (census->capacity - 1);
}

/* The network's slot, or the free one where it would be. There is always a free one. */
static size_t find(const struct census *census, uint64_t network)
{
    size_t at = home_of(census, network);
    while (census->slots[at].count > 0 && census->slots[at].network != network)
        at = (at + 1) & (census->capacity - 1);
    return at;
}

static bool grow(struct census *census)
{
    struct census larger = {.capacity = census->capacity ? census->capacity * 2 : FIRST_CAPACITY,
                            .network_count = census->network_count,
                            .seed = census->seed};
    larger.slots = memory_try_zeroed(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < census->capacity; i++) {
        if (census->slots[i].count > 0)
            larger.slots[find(&larger, census->slots[i].network)] = census->slots[i];
    }
    memory_free(census->slots);
    *census = larger;
    return true;
}

bool census_add(struct census *census, uint64_t network)
{
    if (2 * (census->network_count + 1) > census->capacity && !grow(census))
        return false;
    struct census_slot *slot = &census->slots[find(census, network)];
    if (slot->count == 0)
        census->network_count++;
    slot->network = network;
    slot->count++;
    return true;
}

void census_remove(struct census *census, uint64_t network)
{
    size_t mask = census->capacity - 1;
    size_t hole = find(census, network);
    assert(census->slots[hole].count > 0);
    if (--census->slots[hole].count > 0)
        return;
    census->network_count--;
    /* What stands behind the hole moves into it, unless it is nearer to its home where it is. */
    for (size_t at = (hole + 1) & mask; census->slots[at].count > 0; at = (at + 1) & mask) {
        size_t home = home_of(census, census->slots[at].network);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            census->slots[hole] = census->slots[at];
            census->slots[at].count = 0;
            hole = at;
        }
    }
}

uint32_t census_count(const struct census *census, uint64_t network)
{
    return census->capacity ? census->slots[find(census, network)].count : 0;
}
