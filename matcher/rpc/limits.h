/* What one connection may cost us, with the reason for each default. */
#ifndef HAIHE_RPC_LIMITS_H
#define HAIHE_RPC_LIMITS_H

#include <stdint.h>

/* A token bucket: `burst` at once, refilled by `per_second`. Who exceeds it is told
 * GOAWAY ENHANCE_YOUR_CALM and disconnected. */
struct rpc_rate {
    uint32_t burst;
    uint32_t per_second;
};

struct rpc_limits {
    /* Calls open at once on a connection; more are refused with REFUSED_STREAM, which clients wait
     * for or retry. 256: load balancers put many users on one connection; a call costs ~1 KiB. */
    uint32_t concurrent_calls;
    /* Sum of name + value + 32 over a request's headers; more: RESOURCE_EXHAUSTED.
     * 16 KiB: gRPC's own soft limit is 8 KiB, tokens and traces included. */
    uint32_t header_list_bytes;
    /* One message, either direction's receiver; more: RESOURCE_EXHAUSTED. 4 MiB: gRPC's default. */
    uint32_t message_bytes;
    /* What a peer may send on one call before the application has consumed it. 256 KiB: a hundred
     * records, enough for full speed at 1 ms round trip. */
    uint32_t call_window_bytes;
    /* The same over all calls of a connection: with one message in the making per call this bounds
     * what a connection can make us hold. 1 MiB: four stalled streams do not stall the others. */
    uint32_t connection_window_bytes;
    /* Memory for the messages in the making on a connection; a call that needs more ends with
     * RESOURCE_EXHAUSTED. 32 MiB: eight of the largest, or a few hundred usual ones, at once. */
    uint32_t connection_incoming_bytes;
    /* Replies queued on one call before rpc_call_room is 0. 256 KiB: a window's worth. */
    uint32_t call_outgoing_bytes;
    /* The same over all calls of a connection: a reply beyond ends its call with
     * RESOURCE_EXHAUSTED. 32 MiB: a client that asks much and reads nothing costs no more. */
    uint32_t connection_outgoing_bytes;
    /* Streams reset by the peer, or by us because of its faults (rapid reset). 1000 and 100/s:
     * hedging clients cancel half of their calls. */
    struct rpc_rate resets;
    /* PINGs. 100 and 20/s: grpc-core measures bandwidth with up to 10/s. */
    struct rpc_rate pings;
    /* SETTINGS after the first, PRIORITY, empty DATA, unknown frames. 1000 and 100/s. */
    struct rpc_rate oddities;
    /* Server: a connection without a call for so long gets GOAWAY and is closed. 30 minutes: above
     * the keep-alive of every client library. 0: never. */
    int64_t idle_ns;
    /* Server: from accepting to the first request or settings. 20 s. 0: for ever. */
    int64_t handshake_ns;
};

struct rpc_limits rpc_limits_default(void);

#endif
