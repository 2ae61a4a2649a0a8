#include "rpc/limits.h"

#include "base/banned.h"

struct rpc_limits rpc_limits_default(void)
{
    return (struct rpc_limits){
        .concurrent_calls = 1000,
        .header_list_bytes = 16 * 1024,
        .message_bytes = 4 * 1024 * 1024,
        .call_window_bytes = 256 * 1024,
        .connection_window_bytes = 1024 * 1024,
        .connection_incoming_bytes = 32 * 1024 * 1024,
        .call_outgoing_bytes = 256 * 1024,
        .connection_outgoing_bytes = 32 * 1024 * 1024,
        .resets = {.burst = 1000, .per_second = 100},
        .pings = {.burst = 100, .per_second = 20},
        .oddities = {.burst = 1000, .per_second = 100},
        .idle_ns = INT64_C(1800) * 1000 * 1000 * 1000,
        .handshake_ns = INT64_C(20) * 1000 * 1000 * 1000,
        .keepalive_ns = INT64_C(60) * 1000 * 1000 * 1000,
        .keepalive_wait_ns = INT64_C(20) * 1000 * 1000 * 1000,
        .memory_bytes = (size_t)512 * 1024 * 1024,
        .connections_per_address = 1024,
    };
}
