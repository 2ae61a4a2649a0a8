/* Limits against peers that are silent, or hold much, or come in crowds. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "rpc/harness.h"
#include "rpc/listener.h"
#include "rpc/raw.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(limits, .init = limit_time);

#define SECONDS(n) (INT64_C(1000000000) * (n))

struct scene {
    struct pair pair; /* its client is not used */
    struct raw raw;
};

static void scene_init(struct scene *scene, const struct rpc_limits *limits)
{
    pair_init(&scene->pair, limits, NULL);
    raw_init(&scene->raw, scene->pair.server);
    scene->pair.on_call = NULL;
    raw_pump(&scene->raw);
}

static void scene_release(struct scene *scene)
{
    raw_release(&scene->raw);
    pair_release(&scene->pair);
}

/* --- Silence -------------------------------------------------------------------------------- */

static struct rpc_limits keepalive_limits(void)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.keepalive_ns = SECONDS(60);
    limits.keepalive_wait_ns = SECONDS(20);
    return limits;
}

/* Time passes for the server. */
static void pass(struct scene *scene, int64_t by_ns)
{
    scene->pair.now_ns += by_ns;
    rpc_session_tick(scene->pair.server);
}

Test(limits, a_silent_peer_that_answers_pings_stays)
{
    const struct rpc_limits limits = keepalive_limits();
    struct scene scene;
    scene_init(&scene, &limits);
    raw_request(&scene.raw, NULL, 0);
    scene.raw.keeps_open = true;
    raw_pump(&scene.raw);
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(rpc_session_next_deadline_ns(scene.pair.server),
                     scene.pair.now_ns + SECONDS(60));
        pass(&scene, SECONDS(60));
        cr_assert_eq(rpc_session_next_deadline_ns(scene.pair.server),
                     scene.pair.now_ns + SECONDS(20));
        pass(&scene, SECONDS(19));
        raw_pump(&scene.raw); /* nghttp2 answers the ping */
    }
    cr_assert_not(rpc_session_is_broken(scene.pair.server));
    cr_assert_eq(rpc_session_call_count(scene.pair.server), 1);
    scene_release(&scene);
}

Test(limits, a_peer_that_answers_no_ping_has_gone)
{
    const struct rpc_limits limits = keepalive_limits();
    struct scene scene;
    scene_init(&scene, &limits);
    scene.raw.keeps_open = true;
    raw_request(&scene.raw, NULL, 0);
    raw_pump(&scene.raw);
    pass(&scene, SECONDS(60));
    /* Half a frame is no sign of life, however slowly it comes. */
    for (int i = 0; i < 8; i++) {
        raw_feed(&scene.raw, "\0", 1);
        pass(&scene, SECONDS(2));
    }
    cr_assert_not(rpc_session_is_broken(scene.pair.server));
    pass(&scene, SECONDS(4));
    cr_assert(rpc_session_is_broken(scene.pair.server));
    struct error error = {0};
    cr_assert_not(rpc_session_feed(scene.pair.server, (const uint8_t *)"", 0, &error));
    cr_assert(strstr(error.text, "does not answer pings"), "%s", error.text);
    scene_release(&scene);
}

Test(limits, zero_means_that_nobody_is_pinged)
{
    struct rpc_limits limits = keepalive_limits();
    limits.keepalive_ns = 0;
    limits.idle_ns = 0;
    struct scene scene;
    scene_init(&scene, &limits);
    cr_assert_eq(rpc_session_next_deadline_ns(scene.pair.server), INT64_MAX);
    pass(&scene, SECONDS(100000));
    cr_assert_not(rpc_session_is_broken(scene.pair.server));
    scene_release(&scene);
}

/* --- Headers and memory --------------------------------------------------------------------- */

static void send_long_header(struct scene *scene, size_t value_bytes)
{
    static char value[100 * 1024];
    memset(value, 'x', value_bytes);
    value[value_bytes] = '\0';
    const struct raw_field field = {"x-long", value};
    raw_request(&scene->raw, &field, 1);
    raw_pump(&scene->raw);
}

Test(limits, headers_far_above_the_limit_end_the_connection)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.header_list_bytes = 4096;
    struct scene scene;
    scene_init(&scene, &limits);
    send_long_header(&scene, 15 * 1024);
    cr_assert(raw_has(&scene.raw, "grpc-status: 8"));
    cr_assert_not(rpc_session_is_broken(scene.pair.server), "a mistake is answered");
    send_long_header(&scene, 20 * 1024);
    cr_assert(rpc_session_is_broken(scene.pair.server));
    cr_assert(scene.raw.has_goaway);
    cr_assert_eq(scene.raw.goaway_code, NGHTTP2_ENHANCE_YOUR_CALM);
    scene_release(&scene);
}

static size_t held(const struct scene *scene)
{
    return rpc_session_held_bytes(scene->pair.server);
}

Test(limits, what_a_peer_makes_us_hold_is_counted_and_comes_back)
{
    enum { MESSAGE_BYTES = 200000 };
    struct scene scene;
    scene_init(&scene, NULL);
    size_t before = held(&scene);
    scene.raw.keeps_open = true;
    uint8_t *message = memory_must_zeroed(5 + MESSAGE_BYTES, 1);
    message[2] = MESSAGE_BYTES >> 16;
    message[3] = (uint8_t)(MESSAGE_BYTES >> 8);
    message[4] = (uint8_t)MESSAGE_BYTES;
    buffer_append(&scene.raw.data, message, MESSAGE_BYTES); /* but for its last bytes */
    int32_t stream_id = raw_request(&scene.raw, NULL, 0);
    raw_pump(&scene.raw);
    scene.pair.served[0].holds = true;
    cr_assert_geq(held(&scene), before + MESSAGE_BYTES, "half a message");
    buffer_append(&scene.raw.data, message, 5);
    nghttp2_session_resume_data(scene.raw.http2, stream_id);
    raw_pump(&scene.raw);
    cr_assert_eq(scene.pair.served[0].message_count, 1);
    cr_assert_geq(held(&scene), before + MESSAGE_BYTES, "a message that nobody consumed");
    record_consume(&scene.pair.served[0], 1);
    cr_assert_lt(held(&scene), before + MESSAGE_BYTES / 2);
    cr_assert_geq(held(&scene), before + 1000, "the call itself");
    nghttp2_submit_rst_stream(scene.raw.http2, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_CANCEL);
    raw_pump(&scene.raw);
    record_release(&scene.pair.served[0]); /* its reference */
    scene.pair.served_count = 0;
    cr_assert_leq(held(&scene), before + 4096, "a call kept for reuse");
    memory_free(message);
    scene_release(&scene);
}

static void hold_message(struct pair *pair, struct record *record)
{
    (void)pair;
    record->holds = true;
}

Test(limits, messages_that_are_not_consumed_are_bounded_over_all_calls)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connection_incoming_bytes = 250000;
    struct pair pair;
    struct record asked[4];
    static char message[100000];
    pair_init(&pair, &limits, NULL);
    pair.on_call = hold_message;
    for (int i = 0; i < 4; i++)
        pair_ask(&pair, &asked[i], "/a.B/C", (struct str){message, sizeof message});
    pair_pump(&pair);
    int refused_count = 0, held_count = 0;
    for (int i = 0; i < 4; i++) {
        refused_count += asked[i].is_ended && asked[i].code == ERROR_RESOURCE_EXHAUSTED;
        held_count += !asked[i].is_ended;
    }
    cr_assert_eq(held_count, 2);
    cr_assert_eq(refused_count, 2);
    pair_release(&pair);
    for (int i = 0; i < 4; i++)
        record_release(&asked[i]);
}

/* --- Crowds, over real sockets -------------------------------------------------------------- */

enum { CROWD = 60 };

struct crowd {
    struct loop *loop;
    struct rpc_listener *listener;
    struct loop_timer *timer;
    bool (*is_ready)(struct crowd *crowd);
    int sockets[CROWD];
    uint32_t count;
    uint32_t wanted;
};

static void on_call_kept(void *context, struct rpc_call *call)
{
    static const struct rpc_call_events EVENTS = {0};
    rpc_call_accept(call, &EVENTS, context);
}

static void look(void *context)
{
    struct crowd *crowd = context;
    if (crowd->is_ready(crowd))
        loop_stop(crowd->loop);
    else
        loop_timer_set(crowd->timer, loop_now_ns(crowd->loop) + 1000000);
}

static void run_until(struct crowd *crowd, bool (*is_ready)(struct crowd *crowd))
{
    crowd->is_ready = is_ready;
    loop_timer_set(crowd->timer, 0);
    loop_run(crowd->loop);
}

static void crowd_init(struct crowd *crowd, const struct rpc_limits *limits, uint32_t connections)
{
    *crowd = (struct crowd){.loop = loop_new(NULL)};
    const struct rpc_listener_options options = {.address = "127.0.0.1:0",
                                                 .limits = limits,
                                                 .connection_limit = connections,
                                                 .on_call = on_call_kept};
    crowd->listener = rpc_listener_new(crowd->loop, &options, NULL);
    crowd->timer = loop_timer_new(crowd->loop, look, crowd);
    cr_assert(crowd->listener && crowd->timer);
}

static void crowd_release(struct crowd *crowd)
{
    for (uint32_t i = 0; i < crowd->count; i++)
        close(crowd->sockets[i]);
    loop_timer_free(crowd->timer);
    rpc_listener_free(crowd->listener);
    loop_free(crowd->loop);
}

/* One more client, from 127.0.0.`from`, that has sent `text`; returns its index. */
static uint32_t join(struct crowd *crowd, uint32_t from, struct str text)
{
    cr_assert_lt(crowd->count, CROWD);
    struct sockaddr_in here = {.sin_family = AF_INET};
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons(rpc_listener_port(crowd->listener)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
    here.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~255u) + from);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(client, (struct sockaddr *)&here, sizeof here), 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&there, sizeof there), 0);
    cr_assert_eq(send(client, text.data, text.length, MSG_NOSIGNAL), (ssize_t)text.length);
    crowd->sockets[crowd->count] = client;
    return crowd->count++;
}

static bool is_closed(const struct crowd *crowd, uint32_t index)
{
    char bytes[1000];
    ssize_t got;
    while ((got = recv(crowd->sockets[index], bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        ;
    return got == 0 || errno != EAGAIN;
}

static bool have_as_many_come(struct crowd *crowd)
{
    struct rpc_listener_counts counts = rpc_listener_count(crowd->listener);
    return counts.accepted + counts.refused >= crowd->wanted;
}

static bool have_as_many_calls(struct crowd *crowd)
{
    return rpc_listener_count(crowd->listener).calls >= crowd->wanted;
}

#define HELLO NGHTTP2_CLIENT_MAGIC "\0\0\0\4\0\0\0\0\0"
/* POST /a/b to x, without END_STREAM. */
#define CALL                                                                                       \
    "\0\0\x1e\1\4\0\0\0\1\x83\x86\x04\x04/a/b\x01\x01x"                                            \
    "\x0f\x10\x10"                                                                                 \
    "application/grpc"

static struct str hello(void)
{
    return (struct str){HELLO, sizeof HELLO - 1};
}

static struct str hello_and_call(void)
{
    return (struct str){HELLO CALL, sizeof HELLO CALL - 1};
}

static void wait_come(struct crowd *crowd, uint32_t count)
{
    crowd->wanted = count;
    run_until(crowd, have_as_many_come);
}

static void wait_calls(struct crowd *crowd, uint32_t count)
{
    crowd->wanted = count;
    run_until(crowd, have_as_many_calls);
}

Test(limits, who_has_no_call_yields_to_newcomers_and_strangers_first)
{
    struct crowd crowd;
    crowd_init(&crowd, NULL, 3);
    uint32_t busy = join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 1);
    uint32_t first = join(&crowd, 1, hello());
    wait_come(&crowd, 2);
    uint32_t second = join(&crowd, 1, hello());
    wait_come(&crowd, 3);
    uint32_t third = join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 2);
    cr_assert(is_closed(&crowd, first), "it had been silent longest");
    cr_assert_not(is_closed(&crowd, busy));
    cr_assert_not(is_closed(&crowd, second));
    /* A reset ends third's call: now both it and second have none, but it has had one. */
    cr_assert_eq(send(crowd.sockets[third], "\0\0\4\3\0\0\0\0\1\0\0\0\x8", 13, 0), 13);
    crowd.wanted = 1;
    while (rpc_listener_count(crowd.listener).calls != 1)
        run_until(&crowd, have_as_many_calls);
    join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 2);
    cr_assert(is_closed(&crowd, second));
    cr_assert_not(is_closed(&crowd, third));
    cr_assert_eq(rpc_listener_count(crowd.listener).yielded, 2);
    crowd_release(&crowd);
}

Test(limits, who_comes_when_all_have_calls_is_refused)
{
    struct crowd crowd;
    crowd_init(&crowd, NULL, 2);
    join(&crowd, 1, hello_and_call());
    join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 2);
    uint32_t late = join(&crowd, 1, (struct str){"", 0});
    wait_come(&crowd, 3);
    cr_assert_eq(rpc_listener_count(crowd.listener).refused, 1);
    cr_assert_eq(rpc_listener_count(crowd.listener).yielded, 0);
    cr_assert_eq(rpc_listener_count(crowd.listener).connections, 2);
    (void)late;
    crowd_release(&crowd);
}

Test(limits, one_address_cannot_take_all_connections)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.connections_per_address = 3;
    struct crowd crowd;
    crowd_init(&crowd, &limits, 10);
    for (int i = 0; i < 3; i++)
        join(&crowd, 2, hello_and_call());
    wait_calls(&crowd, 3);
    for (int i = 0; i < 4; i++)
        join(&crowd, 2, (struct str){"", 0});
    join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 4);
    cr_assert_eq(rpc_listener_count(crowd.listener).refused, 4);
    cr_assert_eq(rpc_listener_count(crowd.listener).connections, 4);
    crowd_release(&crowd);
}

static bool was_somebody_expelled(struct crowd *crowd)
{
    return rpc_listener_count(crowd->listener).expelled > 0;
}

Test(limits, the_connection_that_holds_most_is_the_one_to_go)
{
    struct rpc_limits limits = rpc_limits_default();
    limits.memory_bytes = 400000;
    struct crowd crowd;
    crowd_init(&crowd, &limits, 0);
    uint32_t modest[5];
    for (int i = 0; i < 5; i++)
        modest[i] = join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 5);
    uint32_t greedy = join(&crowd, 1, hello_and_call());
    wait_calls(&crowd, 6);
    /* 200,000 of 300,000 bytes of a message, in frames of 10,000; the first 65,535 bytes are what
     * the window allows before our settings are acknowledged. */
    static char frame[9 + 10000] = {0, 0x27, 0x10, 0, 0, 0, 0, 0, 1};
    static const char PREFIX[5] = {0, 0, 4, (char)0x93, (char)0xe0};
    memcpy(frame + 9, PREFIX, sizeof PREFIX);
    cr_assert_eq(send(crowd.sockets[greedy], "\0\0\0\4\1\0\0\0\0", 9, 0), 9);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(send(crowd.sockets[greedy], frame, sizeof frame, 0), sizeof frame);
        memset(frame + 9, 0, sizeof PREFIX);
    }
    for (int i = 0; i < 10; i++)
        join(&crowd, 1, hello_and_call());
    run_until(&crowd, was_somebody_expelled);
    wait_calls(&crowd, 15);
    cr_assert(is_closed(&crowd, greedy));
    for (int i = 0; i < 5; i++)
        cr_assert_not(is_closed(&crowd, modest[i]));
    cr_assert_eq(rpc_listener_count(crowd.listener).expelled, 1);
    crowd_release(&crowd);
}
