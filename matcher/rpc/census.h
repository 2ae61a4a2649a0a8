/* How many connections come from each network.
 *
 *   slots [ . | network, count | network, count | . ]    open addressing, linear, at most half full
 *
 * A network is an IPv4 address or an IPv6 /64, as conn_network tells it: whoever has one IPv6
 * address has all of its /64. The hash is seeded, so that nobody can choose networks that collide.
 * Thread: one owner. Cost: a cache miss; 32 bytes a network.
 */
#ifndef HAIHE_RPC_CENSUS_H
#define HAIHE_RPC_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census_slot {
    uint64_t network;
    uint32_t count; /* 0: the slot is free */
};

struct census {
    struct census_slot *slots; /* owned; NULL while nobody was counted */
    size_t capacity;           /* of slots, a power of two */
    size_t network_count;
    uint64_t seed;
};

void census_init(struct census *census, uint64_t seed);
void census_release(struct census *census);
/* One more. False, with nothing changed, when there is no memory. */
bool census_add(struct census *census, uint64_t network);
/* One less; it must have been added. */
void census_remove(struct census *census, uint64_t network);
uint32_t census_count(const struct census *census, uint64_t network);

#endif
