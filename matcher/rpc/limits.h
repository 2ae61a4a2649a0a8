/* What clients may cost us, with the reason for each default. haihed's table of options
 * (config/options.c) shows those that an operator may want to change. */
#ifndef HAIHE_RPC_LIMITS_H
#define HAIHE_RPC_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* A token bucket: `burst` at once, refilled by `per_second`. Who exceeds it is told
 * GOAWAY ENHANCE_YOUR_CALM and disconnected. */
struct rpc_rate {
    uint32_t burst;
    uint32_t per_second;
};

struct rpc_limits {
    /* Calls open at once on a connection; more are refused with REFUSED_STREAM, which clients wait
     * for or retry. 1000: load balancers put many users on one connection; a call costs some KiB,
     * which memory_bytes counts. */
    uint32_t concurrent_calls;
    /* Sum of name + value + 32 over a request's headers; more: RESOURCE_EXHAUSTED, and GOAWAY above
     * HEADER_BOMB_FACTOR times as much, which is no mistake any more: a byte of HPACK can stand for
     * 4 KiB. 16 KiB: gRPC's own soft limit is 8 KiB, tokens and traces included. */
    uint32_t header_list_bytes;
    /* One message, either direction's receiver; more: RESOURCE_EXHAUSTED. 4 MiB: gRPC's default. */
    uint32_t message_bytes;
    /* What a peer may send on one call before the application has consumed it. 256 KiB: a hundred
     * records, enough for full speed at 1 ms round trip. */
    uint32_t call_window_bytes;
    /* The same over all calls of a connection: with one message in the making per call this bounds
     * what a connection can make us hold. 1 MiB: four stalled streams do not stall the others. */
    uint32_t connection_window_bytes;
    /* Memory for the messages of a connection that are in the making or that the application has
     * not consumed; a call that needs more ends with RESOURCE_EXHAUSTED. 32 MiB: eight of the
     * largest, or a few hundred usual ones, at once. */
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
    /* Server: a peer that has not begun a frame for keepalive_ns is sent a PING; when
     * keepalive_wait_ns later it still has not, it is gone: its calls end, the connection is
     * closed. A frame that never ends is no sign of life. 60 s and 20 s: a vanished client holds
     * its calls for 80 s; a ping a minute is nothing, and below the patience of most NATs. 0: no
     * pings. */
    int64_t keepalive_ns;
    int64_t keepalive_wait_ns;
    /* Listener: what all connections may hold (rpc_session_held_bytes); above it the connection
     * that holds most is closed, again and again until the rest fits: whoever asks for little is
     * never the one. 512 MiB: 4096 connections with 128 KiB each, or sixteen at their own limit. */
    size_t memory_bytes;
    /* Listener: connections from one address (IPv6: one /64); at the limit one of them that has no
     * call yields to the newcomer, or there is none and it is refused. 1024: a quarter of the
     * default total, far above what a portal's hosts open. 0: no limit of its own. */
    uint32_t connections_per_address;
};

enum { HEADER_BOMB_FACTOR = 4 };

struct rpc_limits rpc_limits_default(void);

#endif
