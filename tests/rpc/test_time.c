/* Deadlines, idleness, draining: what sessions do because time passes or the owner wants to stop.
 */
#include <criterion/criterion.h>
#include <unistd.h>

#include "base/memory.h"
#include "rpc/harness.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(session, .init = limit_time);

#define SECONDS(n) (INT64_C(1000000000) * (n))

static struct rpc_call *start_with_deadline(struct pair *pair, struct record *record,
                                            int64_t deadline_ns)
{
    record_init(record);
    const struct rpc_request request = {.path = STR("/a.B/C"), .deadline_ns = deadline_ns};
    struct rpc_call *call = rpc_session_start(pair->client, &request, &RECORD_EVENTS, record, NULL);
    record->call = rpc_call_ref(call);
    return call;
}

Test(session, tells_the_server_the_client_s_deadline)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    start_with_deadline(&pair, &record, pair.now_ns + SECONDS(5));
    pair_pump(&pair);
    int64_t told_ns = rpc_call_deadline_ns(pair.served[0].call);
    cr_assert_geq(told_ns, pair.now_ns + SECONDS(5));
    cr_assert_leq(told_ns, pair.now_ns + SECONDS(5) + 1000000);
    cr_assert_eq(rpc_session_next_deadline_ns(pair.server), told_ns);
    cr_assert_eq(rpc_session_next_deadline_ns(pair.client), pair.now_ns + SECONDS(5));
    pair_release(&pair);
    record_release(&record);
}

Test(session, the_server_answers_an_expired_call_itself)
{
    struct pair pair;
    struct record record, other;
    pair_init(&pair, NULL, NULL);
    start_with_deadline(&pair, &record, pair.now_ns + SECONDS(5));
    start_with_deadline(&pair, &other, pair.now_ns + SECONDS(9));
    pair_pump(&pair);
    pair.now_ns += SECONDS(6);
    rpc_session_tick(pair.server); /* the client has not looked at its clock */
    cr_assert(pair.served[0].is_ended);
    cr_assert_eq(pair.served[0].code, ERROR_DEADLINE_EXCEEDED);
    cr_assert_not(pair.served[1].is_ended);
    pair_pump(&pair);
    cr_assert(record.is_ended);
    cr_assert_eq(record.code, ERROR_DEADLINE_EXCEEDED);
    cr_assert_not(other.is_ended);
    cr_assert_eq(rpc_session_call_count(pair.server), 1);
    pair_release(&pair);
    record_release(&record);
    record_release(&other);
}

Test(session, the_client_keeps_its_deadline_even_if_the_server_is_silent)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    start_with_deadline(&pair, &record, pair.now_ns + SECONDS(1));
    pair_move_to_server(&pair);
    pair.now_ns += SECONDS(1);
    rpc_session_tick(pair.client);
    cr_assert(record.is_ended);
    cr_assert_eq(record.code, ERROR_DEADLINE_EXCEEDED);
    pair_pump(&pair);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(session, an_expired_stream_whose_window_is_closed_is_reset)
{
    struct rpc_limits client = rpc_limits_default();
    client.call_window_bytes = 1000;
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, &client);
    pair_pump(&pair);
    start_with_deadline(&pair, &record, pair.now_ns + SECONDS(5));
    record.holds = true;
    pair_pump(&pair);
    uint8_t bytes[600] = {0};
    for (int i = 0; i < 3; i++)
        rpc_call_send_copy(pair.served[0].call, bytes, sizeof bytes);
    pair_pump(&pair);
    pair.now_ns += SECONDS(5) + 1000000; /* a timeout is rounded up on its way */
    rpc_session_tick(pair.server);
    cr_assert_eq(pair.served[0].code, ERROR_DEADLINE_EXCEEDED);
    cr_assert_eq(rpc_session_call_count(pair.server), 1, "trailers wait behind the window");
    pair_pump(&pair);
    cr_assert_lt(rpc_session_next_deadline_ns(pair.server), pair.now_ns + SECONDS(10));
    pair.now_ns += SECONDS(10);
    rpc_session_tick(pair.server);
    pair_pump(&pair);
    cr_assert_eq(rpc_session_call_count(pair.server), 0);
    pair_release(&pair);
    record_release(&record);
}

Test(session, a_finished_call_is_not_touched_by_its_deadline)
{
    struct pair pair;
    struct record record;
    pair_init(&pair, NULL, NULL);
    struct rpc_call *call = start_with_deadline(&pair, &record, pair.now_ns + SECONDS(5));
    rpc_call_send_copy(call, "x", 1);
    rpc_call_half_close(call);
    pair_pump(&pair);
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    pair_advance(&pair, SECONDS(6));
    pair_pump(&pair);
    cr_assert_eq(record.code, ERROR_OK);
    cr_assert_eq(pair.served[0].code, ERROR_OK);
    pair_release(&pair);
    record_release(&record);
}

Test(session, an_idle_connection_is_told_to_go_and_one_with_a_call_is_not)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.idle_ns = SECONDS(60);
    struct pair pair;
    struct record record;
    pair_init(&pair, &limits, NULL);
    pair_pump(&pair);
    pair_advance(&pair, SECONDS(50));
    pair_ask(&pair, &record, "/a.B/C", STR("x"));
    pair_pump(&pair);
    pair_advance(&pair, SECONDS(500));
    pair_pump(&pair);
    cr_assert_not(rpc_session_is_over(pair.server), "an open call is not idleness");
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(rpc_session_next_deadline_ns(pair.server), pair.now_ns + SECONDS(60));
    pair_advance(&pair, SECONDS(59));
    pair_pump(&pair);
    cr_assert_not(rpc_session_is_over(pair.server));
    pair_advance(&pair, SECONDS(1));
    pair_pump(&pair);
    cr_assert(rpc_session_is_over(pair.server));
    cr_assert(rpc_session_is_over(pair.client));
    cr_assert_not(rpc_session_is_broken(pair.server));
    pair_release(&pair);
    record_release(&record);
}

Test(session, a_peer_that_says_nothing_is_not_waited_for)
{
    struct rpc_limits limits = rpc_limits_default();
    struct pair pair;
    pair_init(&pair, &limits, NULL);
    cr_assert_eq(rpc_session_next_deadline_ns(pair.server), pair.now_ns + limits.handshake_ns);
    pair.now_ns += limits.handshake_ns;
    rpc_session_tick(pair.server);
    uint8_t out[1000];
    while (rpc_session_pull(pair.server, out, sizeof out) > 0)
        ;
    cr_assert(rpc_session_is_over(pair.server));
    cr_assert(rpc_session_is_broken(pair.server));
    pair_release(&pair);
}

Test(session, drains_without_losing_a_call)
{
    struct pair pair;
    struct record before, during, after;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &before, "/a.B/Before", STR("1"));
    pair_pump(&pair);
    rpc_session_drain_notice(pair.server);
    pair_ask(&pair, &during, "/a.B/During", STR("2")); /* on its way while the notice comes */
    while (pair_move_to_server(&pair))
        ;
    pair_pump(&pair);
    cr_assert_eq(pair.served_count, 2, "a call sent before the final word was not served");
    const struct rpc_request request = {.path = STR("/a.B/After")};
    struct error error = {0};
    record_init(&after);
    cr_assert_null(rpc_session_start(pair.client, &request, &RECORD_EVENTS, &after, &error));
    cr_assert_eq(error.code, ERROR_UNAVAILABLE);
    rpc_session_drain(pair.server);
    pair_pump(&pair);
    cr_assert_not(rpc_session_is_over(pair.server));
    answer_with_echo(&pair.served[1]);
    pair_pump(&pair);
    cr_assert_eq(during.code, ERROR_OK);
    cr_assert_not(rpc_session_is_over(pair.server));
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(before.code, ERROR_OK);
    cr_assert(rpc_session_is_over(pair.server));
    cr_assert(rpc_session_is_over(pair.client));
    pair_release(&pair);
    record_release(&before);
    record_release(&during);
    record_release(&after);
}

Test(session, calls_behind_the_final_word_end_as_unavailable)
{
    struct pair pair;
    struct record served, unseen;
    pair_init(&pair, NULL, NULL);
    pair_ask(&pair, &served, "/a.B/C", STR("1"));
    pair_pump(&pair);
    rpc_session_drain(pair.server);
    uint8_t bytes[1000];
    size_t size_bytes = rpc_session_pull(pair.server, bytes, sizeof bytes);
    pair_ask(&pair, &unseen, "/a.B/C", STR("2")); /* the client has not read the GOAWAY yet */
    while (pair_move_to_server(&pair))
        ;
    cr_assert(rpc_session_feed(pair.client, bytes, size_bytes, NULL));
    pair_pump(&pair);
    cr_assert_eq(pair.served_count, 1);
    cr_assert(unseen.is_ended);
    cr_assert_eq(unseen.code, ERROR_UNAVAILABLE);
    answer_with_echo(&pair.served[0]);
    pair_pump(&pair);
    cr_assert_eq(served.code, ERROR_OK);
    pair_release(&pair);
    record_release(&served);
    record_release(&unseen);
}
