/* Requests and peers that do not keep the rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rpc/harness.h"
#include "rpc/raw.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(refusal, .init = limit_time);

struct scene {
    struct pair pair; /* its client is not used */
    struct raw raw;
};

static void scene_init(struct scene *scene, const struct rpc_limits *limits)
{
    pair_init(&scene->pair, limits, NULL);
    raw_init(&scene->raw, scene->pair.server);
}

static void scene_release(struct scene *scene)
{
    raw_release(&scene->raw);
    pair_release(&scene->pair);
}

/* One request with one unusual field; expects these response lines, and no call. */
static void expect_refused(const char *name, const char *value, const char *line,
                           const char *other_line)
{
    struct scene scene;
    scene_init(&scene, NULL);
    const struct raw_field field = {name, value};
    raw_request(&scene.raw, &field, 1);
    raw_pump(&scene.raw);
    cr_assert_eq(scene.pair.served_count, 0);
    cr_assert(raw_has(&scene.raw, line), "%s: %s: wanted '%s', got\n%.*s", name, value, line,
              (int)scene.raw.headers.length_bytes, scene.raw.headers.data);
    cr_assert(!other_line || raw_has(&scene.raw, other_line), "%s: %s: wanted '%s', got\n%.*s",
              name, value, other_line, (int)scene.raw.headers.length_bytes, scene.raw.headers.data);
    cr_assert(scene.raw.is_closed);
    cr_assert_eq(scene.raw.header_blocks, 1);
    cr_assert_eq(rpc_session_call_count(scene.pair.server), 0);
    scene_release(&scene);
}

Test(refusal, other_content_types_get_http_415)
{
    expect_refused("content-type", "application/json", ":status: 415", NULL);
    expect_refused("content-type", "application/grpc-web", ":status: 415", NULL);
    expect_refused("content-type", "application/grpc+json", ":status: 415", NULL);
    expect_refused("content-type", "application/grpcx", ":status: 415", NULL);
    expect_refused("content-type", NULL, ":status: 415", NULL);
}

Test(refusal, other_methods_get_http_405)
{
    expect_refused(":method", "GET", ":status: 405", "allow: POST");
    expect_refused(":method", "PUT", ":status: 405", NULL);
}

Test(refusal, a_path_that_is_no_method_is_unimplemented)
{
    const char *const paths[] = {"/", "/a", "//b", "/a/", "/a.B"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        expect_refused(":path", paths[i], "grpc-status: 12", ":status: 200");
}

Test(refusal, malformed_timeouts_and_binary_values_are_invalid)
{
    expect_refused("grpc-timeout", "abc", "grpc-status: 3",
                   "grpc-message: grpc-timeout: malformed");
    expect_refused("grpc-timeout", "1s", "grpc-status: 3", NULL);
    expect_refused("x-trace-bin", "&&&", "grpc-status: 3", NULL);
}

Test(refusal, a_header_list_above_the_limit_is_resource_exhausted)
{
    static char value[17 * 1024];
    memset(value, 'x', sizeof value - 1);
    expect_refused("x-long", value, "grpc-status: 8", ":status: 200");
}

static void expect_accepted(const char *content_type)
{
    struct scene scene;
    scene_init(&scene, NULL);
    const struct raw_field field = {"content-type", content_type};
    raw_request(&scene.raw, &field, 1);
    raw_pump(&scene.raw);
    cr_assert_eq(scene.pair.served_count, 1, "%s", content_type);
    scene_release(&scene);
}

Test(refusal, grpc_s_content_types_are_accepted)
{
    expect_accepted("application/grpc");
    expect_accepted("application/grpc+proto");
    expect_accepted("application/grpc;charset=utf-8");
}

Test(refusal, a_deadline_in_the_past_is_exceeded_at_once)
{
    struct scene scene;
    scene_init(&scene, NULL);
    const struct raw_field field = {"grpc-timeout", "0n"};
    raw_request(&scene.raw, &field, 1);
    raw_pump(&scene.raw);
    rpc_session_tick(scene.pair.server);
    raw_pump(&scene.raw);
    cr_assert(raw_has(&scene.raw, "grpc-status: 4"));
    scene_release(&scene);
}

Test(refusal, compressed_messages_are_unimplemented_and_told_what_is)
{
    struct scene scene;
    scene_init(&scene, NULL);
    const struct raw_field field = {"grpc-encoding", "gzip"};
    buffer_append(&scene.raw.data, "\1\0\0\0\3abc", 8);
    raw_request(&scene.raw, &field, 1);
    raw_pump(&scene.raw);
    cr_assert(raw_has(&scene.raw, "grpc-status: 12"));
    cr_assert(raw_has(&scene.raw, "grpc-accept-encoding: identity"));
    cr_assert_eq(scene.pair.served[0].code, ERROR_UNIMPLEMENTED);
    cr_assert_eq(scene.pair.served[0].message_count, 0);
    scene_release(&scene);
}

Test(refusal, half_a_message_at_the_end_is_an_error)
{
    struct scene scene;
    scene_init(&scene, NULL);
    buffer_append(&scene.raw.data, "\0\0\0\0\5abc", 8);
    raw_request(&scene.raw, NULL, 0);
    raw_pump(&scene.raw);
    cr_assert(raw_has(&scene.raw, "grpc-status: 13"));
    cr_assert_eq(scene.pair.served[0].code, ERROR_INTERNAL);
    scene_release(&scene);
}

static void finish_at_once(struct pair *pair, struct record *record)
{
    (void)pair;
    rpc_call_send_copy(record->call, "no", 2);
    rpc_call_finish(record->call, ERROR_PERMISSION_DENIED, STR("no"), STR(""));
}

Test(refusal, the_reset_that_stops_a_sender_comes_behind_the_trailers)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.pair.on_call = finish_at_once;
    scene.raw.keeps_open = true;
    buffer_append(&scene.raw.data, "\0\0\0\0\3abc", 8);
    raw_request(&scene.raw, NULL, 0);
    raw_pump(&scene.raw);
    cr_assert(raw_has(&scene.raw, "grpc-status: 7"));
    cr_assert(scene.raw.is_closed);
    cr_assert_eq(scene.raw.close_code, NGHTTP2_NO_ERROR);
    cr_assert_eq(rpc_session_call_count(scene.pair.server), 0);
    scene_release(&scene);
}

/* --- Floods --------------------------------------------------------------------------------- */

static void expect_calmed(struct scene *scene, const char *why)
{
    struct error error = {0};
    raw_pump(&scene->raw);
    cr_assert(scene->raw.is_refused);
    cr_assert(scene->raw.has_goaway);
    cr_assert_eq(scene->raw.goaway_code, NGHTTP2_ENHANCE_YOUR_CALM);
    cr_assert_not(rpc_session_feed(scene->pair.server, (const uint8_t *)"", 0, &error));
    cr_assert(strstr(error.text, why), "%s", error.text);
    cr_assert(rpc_session_is_over(scene->pair.server));
    cr_assert(rpc_session_is_broken(scene->pair.server));
}

Test(refusal, a_ping_flood_ends_the_connection_and_a_few_pings_do_not)
{
    struct scene scene;
    scene_init(&scene, NULL);
    raw_pump(&scene.raw);
    const uint8_t ping[17] = {0, 0, 8, NGHTTP2_PING};
    for (int second = 0; second < 100; second++) {
        scene.pair.now_ns += 1000000000;
        for (int i = 0; i < 20; i++)
            raw_feed(&scene.raw, ping, sizeof ping);
        raw_pump(&scene.raw);
    }
    cr_assert_not(scene.raw.is_refused, "twenty pings a second are allowed");
    for (int i = 0; i < 200; i++)
        raw_feed(&scene.raw, ping, sizeof ping);
    expect_calmed(&scene, "ping");
    scene_release(&scene);
}

Test(refusal, a_settings_flood_ends_the_connection)
{
    struct scene scene;
    scene_init(&scene, NULL);
    raw_pump(&scene.raw);
    const uint8_t settings[9] = {0, 0, 0, NGHTTP2_SETTINGS};
    for (int i = 0; i < 1100; i++) {
        raw_feed(&scene.raw, settings, sizeof settings);
        uint8_t out[100];
        rpc_session_pull(scene.pair.server, out, 9); /* the acknowledgement */
    }
    cr_assert(scene.raw.is_refused);
    scene_release(&scene);
}

Test(refusal, rapid_resets_end_the_connection)
{
    struct scene scene;
    struct rpc_limits limits = rpc_limits_default();
    limits.resets = (struct rpc_rate){.burst = 50, .per_second = 1};
    scene_init(&scene, &limits);
    scene.pair.ignores_calls = true;
    for (int i = 0; i < 60 && !scene.raw.is_refused; i++) {
        scene.raw.keeps_open = true;
        scene.pair.served_count = 0;
        int32_t stream_id = raw_request(&scene.raw, NULL, 0);
        const uint8_t *bytes;
        ssize_t size_bytes;
        while ((size_bytes = nghttp2_session_mem_send(scene.raw.http2, &bytes)) > 0)
            raw_feed(&scene.raw, bytes, (size_t)size_bytes);
        nghttp2_submit_rst_stream(scene.raw.http2, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_CANCEL);
        while ((size_bytes = nghttp2_session_mem_send(scene.raw.http2, &bytes)) > 0)
            raw_feed(&scene.raw, bytes, (size_t)size_bytes);
        cr_assert(i < 51 || scene.raw.is_refused);
    }
    expect_calmed(&scene, "reset");
    scene_release(&scene);
}

/* Each request beyond those that may be open is refused with a frame of ours that nobody takes. */
Test(refusal, a_peer_that_asks_without_reading_is_disconnected)
{
    struct scene scene;
    scene_init(&scene, NULL);
    scene.pair.ignores_calls = true;
    raw_feed(&scene.raw, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
    raw_feed(&scene.raw, "\0\0\0\4\0\0\0\0\0", 9);
    int sent = 0;
    for (; sent < 100000 && !scene.raw.is_refused; sent++) {
        uint32_t stream_id = 2 * (uint32_t)sent + 1;
        /* :method POST, :scheme http, :path / */
        const uint8_t request[] = {0,
                                   0,
                                   3,
                                   NGHTTP2_HEADERS,
                                   NGHTTP2_FLAG_END_HEADERS,
                                   0,
                                   (uint8_t)(stream_id >> 16),
                                   (uint8_t)(stream_id >> 8),
                                   (uint8_t)stream_id,
                                   0x83,
                                   0x86,
                                   0x84};
        raw_feed(&scene.raw, request, sizeof request);
    }
    struct error error = {0};
    cr_assert(scene.raw.is_refused, "%d requests and no answer read", sent);
    cr_assert_gt(sent, 1000, "a burst is not a flood");
    cr_assert_not(rpc_session_feed(scene.pair.server, (const uint8_t *)"", 0, &error));
    cr_assert(strstr(error.text, "does not read"), "%s", error.text);
    scene_release(&scene);
}

Test(refusal, bytes_that_are_not_http2_end_the_connection)
{
    struct scene scene;
    struct error error = {0};
    scene_init(&scene, NULL);
    const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    cr_assert_not(rpc_session_feed(scene.pair.server, (const uint8_t *)text, sizeof text, &error));
    cr_assert_neq(error.code, ERROR_OK);
    cr_assert(strstr(error.text, "1.2.3.4:5"), "%s", error.text);
    scene_release(&scene);
}

Test(refusal, random_bytes_behind_the_preface_never_break_the_session)
{
    static const char PREFACE[] = NGHTTP2_CLIENT_MAGIC;
    struct rng rng;
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    for (int round = 0; round < 500; round++) {
        struct scene scene;
        uint8_t bytes[200];
        scene_init(&scene, NULL);
        raw_feed(&scene.raw, PREFACE, sizeof PREFACE - 1);
        raw_feed(&scene.raw, "\0\0\0\4\0\0\0\0\0", 9);
        for (int i = 0; i < 20; i++) {
            size_t size_bytes = rng_below(&rng, sizeof bytes);
            for (size_t j = 0; j < size_bytes; j++)
                bytes[j] = (uint8_t)rng_next(&rng);
            if (size_bytes > 9 && rng_below(&rng, 4) > 0) { /* a frame that may be true */
                bytes[0] = bytes[1] = 0;
                bytes[2] = (uint8_t)(size_bytes - 9);
                bytes[3] %= 10;
                memset(bytes + 5, 0, 3);
                bytes[8] %= 8;
            }
            raw_feed(&scene.raw, bytes, size_bytes);
            uint8_t out[300];
            while (rpc_session_pull(scene.pair.server, out, sizeof out) > 0)
                ;
        }
        scene_release(&scene);
    }
}
