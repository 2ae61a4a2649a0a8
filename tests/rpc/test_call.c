/* Calls of all four kinds between a client session and a server session. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "rpc/harness.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(call, .init = limit_time);

static void echo_at_half_close(struct pair *pair, struct record *record)
{
    (void)pair;
    record->on_half_close = answer_with_echo;
}

Test(call, unary_carries_message_and_status)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair.on_call = echo_at_half_close;
    struct rpc_call *call = pair_ask(&pair, &record, "/haihe.v1.Match/Explain", STR("hello"));
    pair_pump(&pair);
    cr_assert(record.has_headers);
    cr_assert_eq(record.message_count, 1);
    cr_assert(str_equal(record_message(&record, 0), STR("hello")));
    cr_assert(record.is_ended);
    cr_assert_eq(record.code, ERROR_OK);
    cr_assert_eq(record.message.length_bytes, 0);
    cr_assert(rpc_call_is_over(call));
    struct record *served = &pair.served[0];
    cr_assert(str_equal(rpc_call_path(served->call), STR("/haihe.v1.Match/Explain")));
    cr_assert(str_equal(rpc_call_peer(served->call), STR("1.2.3.4:5")));
    cr_assert_eq(rpc_call_deadline_ns(served->call), INT64_MAX);
    cr_assert(served->is_half_closed && served->is_ended);
    cr_assert_eq(served->code, ERROR_OK);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    cr_assert_eq(rpc_session_call_count(pair.client), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(call, an_empty_message_is_a_message)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair.on_call = echo_at_half_close;
    pair_ask(&pair, &record, "/a.B/C", STR(""));
    pair_pump(&pair);
    cr_assert_eq(record.message_count, 1);
    cr_assert_eq(record.sizes[0], 0);
    cr_assert_eq(record.code, ERROR_OK);
    pair_release(&pair);
    record_release(&record);
}

Test(call, many_calls_on_one_connection_do_not_mix)
{
    enum { ROUNDS = 200 };
    struct pair pair;
    pair_init(&pair, NULL, NULL);
    pair.on_call = echo_at_half_close;
    for (int round = 0; round < ROUNDS; round++) {
        struct record records[4];
        char text[4][8];
        for (int i = 0; i < 4; i++) {
            struct str message = {text[i], (uint32_t)snprintf(text[i], 8, "%d.%d", round, i)};
            pair_ask(&pair, &records[i], "/a.B/C", message);
        }
        pair_pump(&pair);
        for (int i = 0; i < 4; i++) {
            cr_assert_eq(records[i].code, ERROR_OK);
            cr_assert(str_equal(record_message(&records[i], 0), str_of(text[i])));
            record_release(&records[i]);
            record_release(&pair.served[i]);
        }
        pair.served_count = 0;
    }
    pair_release(&pair);
}

/* --- Statuses and metadata ------------------------------------------------------------------ */

static void fail_with_details(struct record *record)
{
    rpc_call_finish(record->call, ERROR_NOT_FOUND, STR("vacancy '天津:42': 100% unknown\n"),
                    STR("\x08\x05\x00\xff"));
}

static void fail_at_half_close(struct pair *pair, struct record *record)
{
    (void)pair;
    record->on_half_close = fail_with_details;
}

static void expect_failure(const struct record *record)
{
    cr_assert(record->is_ended);
    cr_assert_eq(record->code, ERROR_NOT_FOUND);
    cr_assert(str_equal(buffer_borrow(&record->message), STR("vacancy '天津:42': 100% unknown\n")));
    cr_assert(str_equal(buffer_borrow(&record->details), STR("\x08\x05\x00\xff")));
}

Test(call, a_failure_without_messages_is_trailers_only)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair.on_call = fail_at_half_close;
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    expect_failure(&record);
    cr_assert_not(record.has_headers);
    expect_failure(&pair.served[0]);
    pair_release(&pair);
    record_release(&record);
}

static void send_then_fail(struct record *record)
{
    rpc_call_send_copy(record->call, "partial", 7);
    cr_assert(rpc_call_add_trailer(record->call, STR("x-retry-bin"), STR("\0\1\2")));
    cr_assert(rpc_call_add_trailer(record->call, STR("x-note"), STR("later")));
    fail_with_details(record);
}

static void send_then_fail_at_half_close(struct pair *pair, struct record *record)
{
    (void)pair;
    record->on_half_close = send_then_fail;
}

Test(call, a_failure_after_messages_comes_behind_them_with_its_trailers)
{
    struct pair pair;
    struct record record;
    struct str value;
    pair_init(&pair, NULL, NULL);
    pair.on_call = send_then_fail_at_half_close;
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    cr_assert_eq(record.message_count, 1);
    expect_failure(&record);
    cr_assert(rpc_call_metadata(record.call, STR("x-retry-bin"), &value));
    cr_assert(str_equal(value, STR("\0\1\2")));
    cr_assert(rpc_call_metadata(record.call, STR("x-note"), &value));
    cr_assert(str_equal(value, STR("later")));
    pair_release(&pair);
    record_release(&record);
}

static void greet(struct record *record)
{
    cr_assert(rpc_call_add_header(record->call, STR("x-first-bin"), STR("\0\1")));
    cr_assert(rpc_call_add_header(record->call, STR("x-second"), STR("hello")));
    if (record->context)
        rpc_call_send_copy(record->call, "message", 7);
    cr_assert_neq(rpc_call_add_header(record->call, STR("x-third"), STR("late?")),
                  record->context != NULL, "only before the first message");
    fail_with_details(record);
}

static void greet_at_half_close(struct pair *pair, struct record *record)
{
    record->on_half_close = greet;
    record->context = pair->piece_limit_bytes % 2 ? pair : NULL;
}

Test(call, initial_metadata_comes_before_messages_and_before_a_failure_without_any)
{
    for (int with_message = 0; with_message < 2; with_message++) {
        struct pair pair;
        struct record record;
        struct str value;
        pair_init(&pair, NULL, NULL);
        pair.piece_limit_bytes = 100 + (size_t)with_message;
        pair.on_call = greet_at_half_close;
        pair_ask(&pair, &record, "/a.B/C", STR("x"));
        pair_pump(&pair);
        cr_assert(record.has_headers, "not trailers only");
        cr_assert_eq(record.message_count, (size_t)with_message);
        expect_failure(&record);
        cr_assert(rpc_call_metadata(record.call, STR("x-first-bin"), &value));
        cr_assert(str_equal(value, STR("\0\1")));
        cr_assert(rpc_call_metadata(record.call, STR("x-second"), &value));
        cr_assert(str_equal(value, STR("hello")));
        pair_release(&pair);
        record_release(&record);
    }
}

Test(call, initial_metadata_is_bounded)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    for (int i = 0; i < 16; i++)
        cr_assert(rpc_call_add_header(pair.served[0].call, STR("x"), STR("y")));
    cr_assert_not(rpc_call_add_header(pair.served[0].call, STR("x"), STR("y")));
    pair_release(&pair);
    record_release(&record);
}

Test(call, every_status_code_arrives)
{
    for (int code = ERROR_CANCELLED; code <= ERROR_UNAUTHENTICATED; code++) {
        struct pair pair;
        struct record record;
        pair_init(&pair, NULL, NULL);
        pair_ask(&pair, &record, "/a.B/C", STR("x"));
        pair_pump(&pair);
        struct error error = {.code = (enum error_code)code, .text = "why"};
        rpc_call_fail(pair.served[0].call, &error, STR(""));
        pair_pump(&pair);
        cr_assert_eq(record.code, (enum error_code)code);
        cr_assert(str_equal(buffer_borrow(&record.message), STR("why")));
        pair_release(&pair);
        record_release(&record);
    }
}

Test(call, a_long_message_is_cut_at_a_character_s_end)
{
    struct pair pair;
    struct record record;
    char text[9000];
    for (size_t i = 0; i + 3 <= sizeof text; i += 3)
        memcpy(text + i, "工", 3);
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    rpc_call_finish(pair.served[0].call, ERROR_INTERNAL, (struct str){text, sizeof text}, STR(""));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_INTERNAL);
    cr_assert_gt(record.message.length_bytes, 3000);
    cr_assert_eq(record.message.length_bytes % 3, 0);
    cr_assert_eq(memcmp(record.message.data, text, record.message.length_bytes), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(call, metadata_reaches_the_server_decoded)
{
    struct pair pair;
    struct record record;
    struct str value, name;
    pair_init(&pair, NULL, NULL);
    pair.on_call = echo_at_half_close;
    record_init(&record);
    const struct rpc_metadata metadata[] = {{STR("authorization"), STR("Bearer abc")},
                                            {STR("x-trace-bin"), STR("\0\xff\n")},
                                            {STR("x-empty"), STR("")}};
    const struct rpc_request request = {
        .path = STR("/a.B/C"), .metadata = metadata, .metadata_count = 3};
    record.call =
        rpc_call_ref(rpc_session_start(pair.client, &request, &RECORD_EVENTS, &record, NULL));
    rpc_call_half_close(record.call);
    pair.on_call = NULL;
    pair_pump(&pair);
    const struct rpc_call *call = pair.served[0].call;
    cr_assert(rpc_call_metadata(call, STR("authorization"), &value));
    cr_assert(str_equal(value, STR("Bearer abc")));
    cr_assert(rpc_call_metadata(call, STR("x-trace-bin"), &value));
    cr_assert(str_equal(value, STR("\0\xff\n")));
    cr_assert(rpc_call_metadata(call, STR("x-empty"), &value));
    cr_assert_eq(value.length, 0);
    cr_assert(rpc_call_metadata(call, STR(":authority"), &value));
    cr_assert(str_equal(value, STR("haihe.test:1")));
    cr_assert_not(rpc_call_metadata(call, STR("te"), &value));
    cr_assert_not(rpc_call_metadata(call, STR("content-type"), &value));
    size_t count = 0;
    while (rpc_call_metadata_at(call, count, &name, &value))
        count++;
    cr_assert_eq(count, 6, "path, authority, user-agent and three of ours: %zu", count);
    pair_release(&pair);
    cr_assert_eq(record.code, ERROR_UNAVAILABLE, "the call was still open");
    record_release(&record);
}

/* --- Streams -------------------------------------------------------------------------------- */

static void send_numbers(struct record *record)
{
    uint32_t *left = record->context;
    while (*left > 0 && rpc_call_room(record->call) > 0) {
        (*left)--;
        rpc_call_send_copy(record->call, left, sizeof *left);
        if (*left % 3 == 0)
            break; /* now and then one at a time */
    }
    if (*left == 0)
        rpc_call_finish(record->call, ERROR_OK, STR(""), STR(""));
}

static void start_numbers(struct record *record)
{
    rpc_call_want_room(record->call);
}

Test(call, a_server_stream_is_pulled_by_on_writable)
{
    struct pair pair;
    struct record record;
    uint32_t left = 2000;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    pair.served[0].context = &left;
    pair.served[0].on_writable = send_numbers;
    start_numbers(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(left, 0);
    cr_assert_eq(record.message_count, 2000);
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t number;
        memcpy(&number, record.bytes.data + i * sizeof number, sizeof number);
        cr_assert_eq(number, 1999 - i);
    }
    cr_assert_eq(record.code, ERROR_OK);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_stream_that_pauses_goes_on_with_the_next_send)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    for (int i = 0; i < 20; i++) {
        cr_assert(rpc_call_send_copy(pair.served[0].call, &i, sizeof i));
        pair_pump(&pair);
        cr_assert_eq(record.message_count, (size_t)i + 1);
        cr_assert_not(record.is_ended);
    }
    rpc_call_finish(pair.served[0].call, ERROR_OK, STR(""), STR(""));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_OK);
    cr_assert(record.is_ended);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_client_stream_is_collected_until_its_half_close)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    for (int i = 0; i < 50; i++) {
        cr_assert(rpc_call_send_copy(call, &i, sizeof i));
        if (i % 7 == 0)
            pair_pump(&pair);
    }
    cr_assert_not(pair.served[0].is_half_closed);
    rpc_call_half_close(call);
    cr_assert_not(rpc_call_send_copy(call, "late", 4), "sent behind the half close");
    pair_pump(&pair);
    cr_assert(pair.served[0].is_half_closed);
    cr_assert_eq(pair.served[0].message_count, 50);
    rpc_call_finish(pair.served[0].call, ERROR_OK, STR(""), STR(""));
    pair_pump(&pair);
    cr_assert(record.is_ended);
    pair_release(&pair);
    record_release(&record);
}

static void echo_each(struct record *record, struct str message)
{
    cr_assert(rpc_call_send_copy(record->call, message.data, message.length));
}

static void finish_ok(struct record *record)
{
    rpc_call_finish(record->call, ERROR_OK, STR(""), STR(""));
}

static void echo_stream(struct pair *pair, struct record *record)
{
    (void)pair;
    record->on_message = echo_each;
    record->on_half_close = finish_ok;
}

Test(call, both_directions_flow_at_once)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair.on_call = echo_stream;
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    for (int i = 0; i < 1000; i++) {
        cr_assert(rpc_call_send_copy(call, &i, sizeof i));
        if (i % 100 == 0)
            pair_pump(&pair);
    }
    rpc_call_half_close(call);
    pair_pump(&pair);
    cr_assert_eq(record.message_count, 1000);
    cr_assert_eq(record.code, ERROR_OK);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(memcmp(record.bytes.data + (size_t)i * sizeof i, &i, sizeof i), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_server_may_finish_while_the_client_is_still_sending)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    cr_assert(rpc_call_send_copy(call, "first", 5));
    pair_pump(&pair);
    rpc_call_send_copy(pair.served[0].call, "enough", 6);
    rpc_call_finish(pair.served[0].call, ERROR_OUT_OF_RANGE, STR("enough"), STR(""));
    for (int i = 0; i < 100; i++)
        rpc_call_send_copy(call, "more", 4);
    pair_pump(&pair);
    /* The trailers were not overtaken by the reset that stops the client. */
    cr_assert_eq(record.message_count, 1);
    cr_assert_eq(record.code, ERROR_OUT_OF_RANGE);
    cr_assert(pair.served[0].is_ended);
    cr_assert_eq(pair.served[0].code, ERROR_OUT_OF_RANGE);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    cr_assert_eq(rpc_session_call_count(pair.client), 0);
    pair_release(&pair);
    record_release(&record);
}

/* --- Ends before the end -------------------------------------------------------------------- */

Test(call, cancelling_ends_both_sides)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    struct rpc_call *call = pair_start(&pair, &record, "/a.B/C");
    rpc_call_send_copy(call, "x", 1);
    pair_pump(&pair);
    rpc_call_cancel(call);
    cr_assert_not(record.is_ended, "on_end came from inside rpc_call_cancel");
    pair_pump(&pair);
    cr_assert(record.is_ended);
    cr_assert_eq(record.code, ERROR_CANCELLED);
    cr_assert(pair.served[0].is_ended);
    cr_assert_eq(pair.served[0].code, ERROR_CANCELLED);
    cr_assert(rpc_call_is_over(pair.served[0].call));
    pair_release(&pair);
    record_release(&record);
}

Test(call, cancelling_before_anything_was_sent_leaves_no_trace)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    struct rpc_call *call = pair_ask(&pair, &record, "/a.B/C", STR("x"));
    rpc_call_cancel(call);
    pair_pump(&pair);
    cr_assert(record.is_ended);
    cr_assert_eq(record.code, ERROR_CANCELLED);
    cr_assert_eq(rpc_session_call_count(pair.client), 0);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_late_reply_to_a_vanished_client_is_harmless)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    struct rpc_call *pending = rpc_call_ref(pair.served[0].call);
    rpc_session_free(pair.server); /* the connection is gone */
    pair.server = NULL;
    cr_assert(pair.served[0].is_ended);
    cr_assert_eq(pair.served[0].code, ERROR_CANCELLED);
    cr_assert(rpc_call_is_over(pending));
    cr_assert_not(rpc_call_send_copy(pending, "late", 4));
    rpc_call_consume(pending, 1);
    rpc_call_want_room(pending);
    rpc_call_finish(pending, ERROR_OK, STR(""), STR(""));
    rpc_call_cancel(pending);
    cr_assert_eq(rpc_call_room(pending), 0);
    cr_assert(str_equal(rpc_call_path(pending), STR("/a.B/C")));
    cr_assert(str_equal(rpc_call_peer(pending), STR("1.2.3.4:5")));
    rpc_call_unref(pending);
    pair_release(&pair);
    cr_assert_eq(record.code, ERROR_UNAVAILABLE);
    record_release(&record);
}

Test(call, a_lost_connection_ends_calls_with_its_reason)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    struct error reason = {0};
    error_set(&reason, ERROR_UNAVAILABLE, "connection 'h:1': reset");
    rpc_session_lose(pair.client, &reason);
    cr_assert_eq(record.code, ERROR_UNAVAILABLE);
    cr_assert(str_equal(buffer_borrow(&record.message), STR("connection 'h:1': reset")));
    const struct rpc_request request = {.path = STR("/a.B/C")};
    struct error error = {0};
    cr_assert_null(rpc_session_start(pair.client, &request, &RECORD_EVENTS, &record, &error));
    cr_assert_eq(error.code, ERROR_UNAVAILABLE);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_call_nobody_accepts_is_unimplemented)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair.ignores_calls = true;
    pair_ask(&pair, &record, "/a.B/Unknown", STR("x"));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_UNIMPLEMENTED);
    cr_assert(memmem(record.message.data, record.message.length_bytes, "/a.B/Unknown", 12));
    pair_release(&pair);
    record_release(&record);
}

Test(call, finishing_twice_keeps_the_first_status)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    rpc_call_finish(pair.served[0].call, ERROR_ABORTED, STR("one"), STR(""));
    rpc_call_finish(pair.served[0].call, ERROR_OK, STR("two"), STR(""));
    cr_assert_not(rpc_call_send_copy(pair.served[0].call, "late", 4));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_ABORTED);
    cr_assert_eq(record.message_count, 0);
    pair_release(&pair);
    record_release(&record);
}

Test(call, a_call_beyond_the_server_s_limit_waits_its_turn)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.concurrent_calls = 2;
    struct pair pair;
    struct record records[4];
    pair_init(&pair, &limits, NULL);
    pair_pump(&pair); /* the client learns the limit */
    for (int i = 0; i < 4; i++)
        pair_ask(&pair, &records[i], "/a.B/C", STR("x"));
    pair_pump(&pair);
    cr_assert_eq(pair.served_count, 2);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_gt(pair.served_count, i);
        answer_with_echo(&pair.served[i]);
        pair_pump(&pair);
        cr_assert_eq(records[i].code, ERROR_OK);
        cr_assert(records[i].is_ended);
    }
    pair_release(&pair);
    for (int i = 0; i < 4; i++)
        record_release(&records[i]);
}
