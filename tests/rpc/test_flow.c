/* Windows, queues and budgets: nobody makes the other hold more than was agreed. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "base/memory.h"
#include "rpc/harness.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(120);
}

TestSuite(flow, .init = limit_time);

enum { PIECE_BYTES = 10 * 1000 };

/* Sends whenever there is room, without end. */
static void send_for_ever(struct record *record)
{
    static const uint8_t piece[PIECE_BYTES];
    cr_assert(rpc_call_send_copy(record->call, piece, sizeof piece));
    (*(size_t *)record->context)++;
}

static void hold(struct pair *pair, struct record *record)
{
    (void)pair;
    record->holds = true;
}

Test(flow, a_sender_stalls_until_its_messages_are_consumed)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.call_window_bytes = 100 * 1000;
    struct pair pair;
    struct record record;
    size_t sent = 0;
    pair_init(&pair, &limits, NULL);
    pair.on_call = hold;
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    record.on_writable = send_for_ever;
    record.context = &sent;
    rpc_call_want_room(call);
    pair_pump(&pair);
    struct record *served = &pair.served[0];
    size_t first = served->message_count;
    cr_assert_eq(first, limits.call_window_bytes / (PIECE_BYTES + 5), "%zu messages", first);
    cr_assert_leq(sent, first + 2, "the sender queued %zu although nobody reads", sent);
    uint64_t before = pair.to_server_bytes;
    for (int i = 0; i < 10; i++)
        pair_pump(&pair);
    cr_assert_eq(pair.to_server_bytes, before, "bytes moved although the window is closed");
    for (int round = 0; round < 10; round++) {
        record_consume(served, served->message_count - served->consumed_count);
        size_t had = served->message_count;
        pair_pump(&pair);
        cr_assert_gt(served->message_count, had, "the window was not given back");
        cr_assert_leq((served->message_count - served->consumed_count) * PIECE_BYTES,
                      limits.call_window_bytes);
    }
    pair_release(&pair);
    record_release(&record);
}

Test(flow, a_stalled_call_does_not_stall_the_others)
{
    struct rpc_limits limits = rpc_limits_default();
    struct pair pair;
    struct record slow, quick;
    size_t sent = 0;
    pair_init(&pair, &limits, NULL);
    pair.on_call = hold;
    slow.context = NULL;
    struct rpc_call *call = pair_start(&pair, &slow, "/a.B/Slow");
    slow.on_writable = send_for_ever;
    slow.context = &sent;
    rpc_call_want_room(call);
    pair_pump(&pair);
    pair_ask(&pair, &quick, "/a.B/Quick", STR("hello"));
    pair_pump(&pair);
    cr_assert_eq(pair.served[1].message_count, 1);
    answer_with_echo(&pair.served[1]);
    pair_pump(&pair);
    cr_assert_eq(quick.code, ERROR_OK);
    cr_assert(quick.is_ended);
    pair_release(&pair);
    record_release(&slow);
    record_release(&quick);
}

Test(flow, the_window_of_a_finished_call_comes_back_to_the_connection)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connection_window_bytes = 300 * 1000;
    limits.call_window_bytes = 200 * 1000;
    struct pair pair;
    pair_init(&pair, &limits, NULL);
    pair.on_call = hold; /* no server ever consumes anything */
    size_t size_bytes = 150 * 1000;
    char *bytes = memory_must_zeroed(size_bytes, 1);
    for (int round = 0; round < 30; round++) {
        struct record record;
        struct rpc_call *call =
            pair_ask(&pair, &record, "/a.B/C", (struct str){bytes, (uint32_t)size_bytes});
        pair_pump(&pair);
        cr_assert_eq(pair.served[0].message_count, 1, "round %d", round);
        if (round % 2)
            rpc_call_finish(pair.served[0].call, ERROR_OK, STR(""), STR(""));
        else
            rpc_call_cancel(call);
        pair_pump(&pair);
        cr_assert(record.is_ended);
        record_release(&record);
        record_release(&pair.served[0]);
        pair.served_count = 0;
    }
    memory_free(bytes);
    pair_release(&pair);
}

static void expect_big(uint32_t size_bytes, uint32_t window_bytes)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.message_bytes = size_bytes;
    limits.call_window_bytes = limits.connection_window_bytes = window_bytes;
    struct pair pair;
    struct record record;
    pair_init(&pair, &limits, &limits);
    pair.piece_limit_bytes += 5000;
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    fill_pattern(bytes, size_bytes, size_bytes);
    pair_ask(&pair, &record, "/a.B/C", (struct str){(char *)bytes, size_bytes});
    pair_pump(&pair);
    cr_assert_eq(pair.served[0].message_count, 1);
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_OK);
    cr_assert_eq(record.message_count, 1);
    cr_assert_eq(record.sizes[0], size_bytes);
    cr_assert_eq(memcmp(record.bytes.data, bytes, size_bytes), 0);
    memory_free(bytes);
    pair_release(&pair);
    record_release(&record);
}

Test(flow, a_message_may_be_larger_than_the_window)
{
    expect_big(3 * 1000 * 1000 + 7, 70 * 1000);
    expect_big(70 * 1000, 65535);
    expect_big(65535 - 5, 65535);
}

Test(flow, a_second_large_message_waits_for_the_first_to_be_consumed)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.call_window_bytes = 100 * 1000;
    uint32_t size_bytes = 500 * 1000;
    struct pair pair;
    struct record record;
    pair_init(&pair, &limits, NULL);
    pair.piece_limit_bytes += 5000;
    pair.on_call = hold;
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    cr_assert(rpc_call_send_copy(call, bytes, size_bytes));
    pair_pump(&pair);
    cr_assert_eq(pair.served[0].message_count, 1);
    uint64_t before = pair.to_server_bytes;
    cr_assert(rpc_call_send_copy(call, bytes, size_bytes));
    pair_pump(&pair);
    cr_assert_eq(pair.served[0].message_count, 1);
    cr_assert_leq(pair.to_server_bytes - before, limits.call_window_bytes + 1000);
    record_consume(&pair.served[0], 1);
    pair_pump(&pair);
    cr_assert_eq(pair.served[0].message_count, 2);
    memory_free(bytes);
    pair_release(&pair);
    record_release(&record);
}

Test(flow, a_message_above_the_limit_is_resource_exhausted)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.message_bytes = 1000;
    uint8_t bytes[1001] = {0};
    struct pair pair;
    struct record fits, exceeds;
    pair_init(&pair, &limits, NULL);
    pair_ask(&pair, &fits, "/a.B/C", (struct str){(char *)bytes, 1000});
    pair_ask(&pair, &exceeds, "/a.B/C", (struct str){(char *)bytes, 1001});
    pair_pump(&pair);
    cr_assert_eq(pair.served[0].message_count, 1);
    cr_assert_eq(pair.served[1].message_count, 0);
    cr_assert_eq(exceeds.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert(memmem(exceeds.message.data, exceeds.message.length_bytes, "1001", 4));
    cr_assert(pair.served[1].is_ended);
    cr_assert_eq(pair.served[1].code, ERROR_RESOURCE_EXHAUSTED);
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(fits.code, ERROR_OK, "one call's fault hurt another");
    pair_release(&pair);
    record_release(&fits);
    record_release(&exceeds);
}

Test(flow, a_client_refuses_an_answer_above_its_limit)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.message_bytes = 3;
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, &limits);
    pair_ask(&pair, &record, "/a.B/C", STR("four"));
    pair_pump(&pair);
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert_eq(record.message_count, 0);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(flow, room_shrinks_with_the_queue_and_a_sender_that_ignores_it_is_cut_off)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.call_outgoing_bytes = 10 * 1000;
    struct pair pair;
    struct record record;
    pair_init(&pair, &limits, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    struct rpc_call *call = pair.served[0].call;
    cr_assert_eq(rpc_call_room(call), 10 * 1000);
    uint8_t bytes[1000] = {0};
    int sent = 0;
    while (rpc_call_send_copy(call, bytes, sizeof bytes)) {
        sent++;
        cr_assert(sent < 10 || rpc_call_room(call) == 0);
    }
    cr_assert_eq(sent, 19, "twice the limit, entry costs included: %d", sent);
    cr_assert_eq(rpc_call_room(call), 0);
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert_eq(pair.served[0].code, ERROR_RESOURCE_EXHAUSTED);
    pair_release(&pair);
    record_release(&record);
}

Test(flow, replies_that_nobody_reads_are_bounded_over_all_calls)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connection_outgoing_bytes = 100 * 1000;
    struct pair pair;
    struct record records[3];
    pair_init(&pair, &limits, NULL);
    for (int i = 0; i < 3; i++)
        pair_ask(&pair, &records[i], "/a.B/C", STR("x"));
    pair_pump(&pair);
    uint8_t bytes[40 * 1000] = {0};
    cr_assert(rpc_call_send_copy(pair.served[0].call, bytes, sizeof bytes));
    cr_assert(rpc_call_send_copy(pair.served[1].call, bytes, sizeof bytes));
    cr_assert_not(rpc_call_send_copy(pair.served[2].call, bytes, sizeof bytes));
    pair_pump(&pair);
    cr_assert_eq(records[2].code, ERROR_RESOURCE_EXHAUSTED);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(records[i].message_count, 1);
        cr_assert(rpc_call_send_copy(pair.served[i].call, bytes, sizeof bytes), "room came back");
        rpc_call_finish(pair.served[i].call, ERROR_OK, STR(""), STR(""));
    }
    pair_pump(&pair);
    cr_assert_eq(records[0].code, ERROR_OK);
    cr_assert_eq(records[1].code, ERROR_OK);
    pair_release(&pair);
    for (int i = 0; i < 3; i++)
        record_release(&records[i]);
}

Test(flow, messages_in_the_making_are_bounded_over_all_calls)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connection_incoming_bytes = 1000 * 1000;
    uint32_t size_bytes = 600 * 1000;
    struct pair pair;
    struct record records[2];
    pair_init(&pair, &limits, NULL);
    pair.piece_limit_bytes += 5000;
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    for (int i = 0; i < 2; i++)
        pair_ask(&pair, &records[i], "/a.B/C", (struct str){(char *)bytes, size_bytes});
    pair_pump(&pair); /* the two come side by side */
    size_t refused = records[0].is_ended ? 0 : 1;
    cr_assert_eq(records[refused].code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert_eq(pair.served[1 - refused].message_count, 1);
    memory_free(bytes);
    pair_release(&pair);
    for (int i = 0; i < 2; i++)
        record_release(&records[i]);
}

Test(flow, one_message_of_any_size_is_accepted_by_an_empty_queue)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.call_outgoing_bytes = 1000;
    struct pair pair;
    struct record record;
    pair_init(&pair, &limits, NULL);
    pair.piece_limit_bytes += 5000;
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    uint8_t *bytes = memory_must_zeroed(1 << 20, 1);
    cr_assert(rpc_call_send(pair.served[0].call, bytes, 1 << 20));
    rpc_call_finish(pair.served[0].call, ERROR_OK, STR(""), STR(""));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_OK);
    cr_assert_eq(record.sizes[0], 1 << 20);
    pair_release(&pair);
    record_release(&record);
}

Test(flow, a_client_that_does_not_read_holds_the_server_s_stream_back)
{
    struct rpc_limits client = rpc_limits_default();
    client.call_window_bytes = 100 * 1000;
    struct pair pair;
    struct record record;
    size_t sent = 0;
    pair_init(&pair, NULL, &client);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    record.holds = true;
    pair_pump(&pair);
    struct record *served = &pair.served[0];
    served->context = &sent;
    served->on_writable = send_for_ever;
    rpc_call_want_room(served->call);
    pair_pump(&pair);
    cr_assert_leq(sent, client.call_window_bytes / PIECE_BYTES + 2);
    size_t before = sent;
    record_consume(&record, record.message_count);
    pair_pump(&pair);
    cr_assert_gt(sent, before);
    pair_release(&pair);
    record_release(&record);
}
