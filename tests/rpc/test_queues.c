/* The two queues of a call, against each other: what an outbox frames, an inbox puts together. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "rpc/inbox.h"
#include "rpc/outbox.h"

static uint8_t *message_of(uint32_t size_bytes, uint8_t fill)
{
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    memset(bytes, fill, size_bytes);
    return bytes;
}

static void expect_message(const uint8_t *bytes, size_t size_bytes, uint32_t size, uint8_t fill)
{
    cr_assert_eq(size_bytes, size);
    for (size_t i = 0; i < size_bytes; i++)
        cr_assert_eq(bytes[i], fill);
}

Test(queues, messages_of_any_size_survive_any_cutting)
{
    enum { COUNT = 300 };
    struct rng rng;
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    size_t queued_bytes = 0;
    struct rpc_outbox outbox;
    rpc_outbox_init(&outbox, &queued_bytes);
    size_t held_bytes = 0;
    struct rpc_inbox inbox;
    rpc_inbox_init(&inbox, &held_bytes);
    uint32_t sizes[COUNT];
    size_t pushed = 0, received = 0;
    while (received < COUNT) {
        while (pushed < COUNT && rng_below(&rng, 3) > 0) {
            sizes[pushed] = rng_below(&rng, 4) == 0 ? (uint32_t)rng_below(&rng, 300000)
                                                    : (uint32_t)rng_below(&rng, 12);
            cr_assert(rpc_outbox_push(&outbox, message_of(sizes[pushed], (uint8_t)pushed),
                                      sizes[pushed]));
            pushed++;
        }
        static uint8_t piece[100000];
        size_t length = rpc_outbox_read(&outbox, piece, 1 + rng_below(&rng, sizeof piece));
        const uint8_t *at = piece;
        while (length > 0) {
            uint8_t *message;
            size_t message_bytes;
            enum rpc_inbox_result result =
                rpc_inbox_feed(&inbox, &at, &length, 1 << 20, &message, &message_bytes);
            if (result == RPC_INBOX_MORE)
                break;
            cr_assert_eq(result, RPC_INBOX_MESSAGE);
            expect_message(message, message_bytes, sizes[received], (uint8_t)received);
            memory_free(message);
            received++;
        }
        cr_assert_eq(length, 0);
    }
    cr_assert(rpc_outbox_is_empty(&outbox));
    cr_assert_eq(rpc_outbox_bytes(&outbox), 0);
    cr_assert_eq(rpc_inbox_pending_bytes(&inbox), 0);
    cr_assert_eq(queued_bytes, 0);
    cr_assert_eq(held_bytes, 0);
    rpc_outbox_release(&outbox);
    rpc_inbox_release(&inbox);
}

Test(queues, an_outbox_counts_even_empty_messages)
{
    size_t queued_bytes = 0;
    struct rpc_outbox outbox;
    rpc_outbox_init(&outbox, &queued_bytes);
    for (int i = 0; i < 100; i++)
        cr_assert(rpc_outbox_push(&outbox, message_of(0, 0), 0));
    cr_assert_eq(rpc_outbox_bytes(&outbox), 100 * OUTBOX_ENTRY_COST_BYTES);
    cr_assert_eq(queued_bytes, 100 * OUTBOX_ENTRY_COST_BYTES);
    rpc_outbox_release(&outbox);
    cr_assert(rpc_outbox_is_empty(&outbox));
    cr_assert_eq(queued_bytes, 0);
}

Test(queues, dropping_keeps_the_rest_of_a_message_that_is_partly_sent)
{
    size_t queued_bytes = 0;
    struct rpc_outbox outbox;
    rpc_outbox_init(&outbox, &queued_bytes);
    uint8_t out[64];
    for (uint8_t i = 0; i < 5; i++)
        cr_assert(rpc_outbox_push(&outbox, message_of(4, i), 4));
    cr_assert_eq(rpc_outbox_read(&outbox, out, 9), 9);
    rpc_outbox_drop(&outbox);
    cr_assert(rpc_outbox_is_empty(&outbox), "between messages everything is dropped");
    for (uint8_t i = 0; i < 5; i++)
        cr_assert(rpc_outbox_push(&outbox, message_of(4, i), 4));
    cr_assert_eq(rpc_outbox_read(&outbox, out, 3), 3);
    rpc_outbox_drop(&outbox);
    cr_assert_eq(rpc_outbox_read(&outbox, out, sizeof out), 6);
    cr_assert(rpc_outbox_is_empty(&outbox));
    rpc_outbox_release(&outbox);
}

static enum rpc_inbox_result feed(struct rpc_inbox *inbox, const void *bytes, size_t size_bytes,
                                  uint32_t limit_bytes, uint8_t **message, size_t *message_bytes)
{
    const uint8_t *at = bytes;
    return rpc_inbox_feed(inbox, &at, &size_bytes, limit_bytes, message, message_bytes);
}

Test(queues, an_inbox_judges_the_prefix_before_the_message)
{
    uint8_t *message;
    size_t size_bytes;
    size_t held_bytes = 0;
    struct rpc_inbox inbox;
    rpc_inbox_init(&inbox, &held_bytes);
    cr_assert_eq(feed(&inbox, "\1\0\0\0\1", 5, 10, &message, &size_bytes), RPC_INBOX_COMPRESSED);
    rpc_inbox_release(&inbox);
    cr_assert_eq(feed(&inbox, "\0\0\0\0\13", 5, 10, &message, &size_bytes), RPC_INBOX_TOO_LARGE);
    cr_assert_eq(inbox.size_bytes, 11);
    rpc_inbox_release(&inbox);
    cr_assert_eq(feed(&inbox, "\0\0\0\0\0", 5, 0, &message, &size_bytes), RPC_INBOX_MESSAGE);
    cr_assert_eq(size_bytes, 0);
    cr_assert_not_null(message);
    memory_free(message);
    cr_assert_eq(feed(&inbox, "\0\0\0\0\2x", 6, 10, &message, &size_bytes), RPC_INBOX_MORE);
    cr_assert_eq(rpc_inbox_pending_bytes(&inbox), 6);
    rpc_inbox_release(&inbox);
}

Test(queues, an_announced_size_alone_takes_little_memory)
{
    uint8_t *message;
    size_t size_bytes;
    size_t held_bytes = 0;
    struct rpc_inbox inbox;
    rpc_inbox_init(&inbox, &held_bytes);
    cr_assert_eq(feed(&inbox, "\0\177\377\377\377", 5, UINT32_MAX, &message, &size_bytes),
                 RPC_INBOX_MORE);
    cr_assert_leq(inbox.capacity_bytes, INBOX_FIRST_BYTES);
    static uint8_t bytes[3 * INBOX_FIRST_BYTES];
    cr_assert_eq(feed(&inbox, bytes, sizeof bytes, UINT32_MAX, &message, &size_bytes),
                 RPC_INBOX_MORE);
    cr_assert_leq(inbox.capacity_bytes, 2 * sizeof bytes);
    cr_assert_eq(held_bytes, inbox.capacity_bytes);
    rpc_inbox_release(&inbox);
    cr_assert_eq(held_bytes, 0);
}
