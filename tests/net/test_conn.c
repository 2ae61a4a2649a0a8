#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "net/acceptor.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(conn, .init = limit_time);

enum { SERVER_PEERS = 4, BULK_BYTES = 8 * 1024 * 1024 };

/* One end under test: what it got, what it is to send, what it does. */
struct peer {
    struct scene *scene;
    struct conn *conn;
    struct buffer in;
    const uint8_t *out;
    size_t out_bytes; /* left to be produced */
    size_t produced_bytes;
    bool is_echo;               /* produces what is in `in` */
    bool finishes_when_drained; /* conn_finish once everything is produced */
    bool breaks;                /* on_bytes returns false */
    size_t stops_at_bytes;      /* loop_stop when `in` has so many */
    bool is_open;
    bool is_closed;
    int alarm_count;
    struct error reason;
};

/* A listening acceptor, its accepted peers, one client at a time. */
struct scene {
    struct loop *loop;
    struct acceptor *acceptor;
    char address[32];
    struct peer servers[SERVER_PEERS];
    uint32_t server_count;
    struct peer prototype; /* of each server */
    uint32_t open_count;   /* peers not yet closed */
    bool stops_when_all_closed;
};

static void on_open(void *context)
{
    struct peer *peer = context;
    cr_assert_not(peer->is_open);
    peer->is_open = true;
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t size_bytes)
{
    struct peer *peer = context;
    cr_assert(peer->is_open && !peer->is_closed);
    cr_assert(buffer_append(&peer->in, bytes, size_bytes));
    if (peer->stops_at_bytes > 0 && peer->in.length_bytes >= peer->stops_at_bytes)
        loop_stop(peer->scene->loop);
    if (peer->is_echo)
        conn_wake(peer->conn);
    return !peer->breaks;
}

static size_t produce(void *context, uint8_t *out, size_t capacity_bytes)
{
    struct peer *peer = context;
    cr_assert_geq(capacity_bytes, 16 * 1024);
    const uint8_t *from = peer->out;
    size_t left = peer->out_bytes;
    if (peer->is_echo) {
        from = (uint8_t *)peer->in.data + peer->produced_bytes;
        left = peer->in.length_bytes - peer->produced_bytes;
    }
    size_t take = left < capacity_bytes ? left : capacity_bytes;
    if (take > 0)
        memcpy(out, from, take);
    peer->produced_bytes += take;
    if (!peer->is_echo) {
        peer->out += take;
        peer->out_bytes -= take;
        if (peer->out_bytes == 0 && peer->finishes_when_drained)
            conn_finish(peer->conn);
    }
    return take;
}

static void on_alarm(void *context)
{
    struct peer *peer = context;
    peer->alarm_count++;
    loop_stop(peer->scene->loop);
}

static void on_close(void *context, const struct error *reason)
{
    struct peer *peer = context;
    cr_assert_not(peer->is_closed);
    peer->is_closed = true;
    peer->conn = NULL;
    peer->reason = *reason;
    if (--peer->scene->open_count == 0 && peer->scene->stops_when_all_closed)
        loop_stop(peer->scene->loop);
}

static const struct conn_protocol PROTOCOL = {on_open, on_bytes, produce, on_alarm, on_close};

static bool on_conn(void *context, struct conn *conn)
{
    struct scene *scene = context;
    cr_assert_lt(scene->server_count, SERVER_PEERS);
    struct peer *peer = &scene->servers[scene->server_count++];
    *peer = scene->prototype;
    peer->scene = scene;
    peer->conn = conn;
    buffer_init(&peer->in, SIZE_MAX / 2);
    scene->open_count++;
    conn_set_protocol(conn, &PROTOCOL, peer);
    return true;
}

static void scene_init(struct scene *scene, const char *address, uint32_t connection_limit)
{
    *scene = (struct scene){.loop = loop_new(NULL)};
    const struct acceptor_options options = {address, connection_limit, on_conn, NULL, scene};
    struct error error = {0};
    scene->acceptor = acceptor_new(scene->loop, &options, &error);
    cr_assert(scene->acceptor, "%s", error.text);
    cr_assert_neq(acceptor_port(scene->acceptor), 0);
    snprintf(scene->address, sizeof scene->address, "%.*s:%u",
             (int)(strrchr(address, ':') - address), address, acceptor_port(scene->acceptor));
}

static void scene_release(struct scene *scene)
{
    acceptor_free(scene->acceptor);
    for (uint32_t i = 0; i < scene->server_count; i++) {
        if (scene->servers[i].conn)
            conn_close(scene->servers[i].conn);
    }
    loop_free(scene->loop);
    for (uint32_t i = 0; i < scene->server_count; i++) {
        cr_assert(scene->servers[i].is_closed);
        buffer_release(&scene->servers[i].in);
    }
}

static void client_open(struct scene *scene, struct peer *client)
{
    struct error error = {0};
    client->scene = scene;
    buffer_init(&client->in, SIZE_MAX / 2);
    client->conn = conn_connect(scene->loop, scene->address, &PROTOCOL, client, &error);
    cr_assert(client->conn, "%s", error.text);
    scene->open_count++;
}

static void client_release(struct peer *client)
{
    if (client->conn)
        conn_close(client->conn);
    client->conn = NULL;
}

static uint8_t *random_bytes(size_t size_bytes)
{
    struct rng rng;
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
    return bytes;
}

static void expect_echo(const char *address)
{
    struct scene scene;
    scene_init(&scene, address, 0);
    scene.prototype.is_echo = true;
    uint8_t *bytes = random_bytes(BULK_BYTES);
    struct peer client = {.out = bytes, .out_bytes = BULK_BYTES, .stops_at_bytes = BULK_BYTES};
    client_open(&scene, &client);
    loop_run(scene.loop);
    cr_assert_eq(client.in.length_bytes, BULK_BYTES);
    cr_assert_eq(memcmp(client.in.data, bytes, BULK_BYTES), 0);
    cr_assert_eq(acceptor_open_count(scene.acceptor), 1);
    cr_assert_eq(acceptor_accepted_count(scene.acceptor), 1);
    cr_assert(str_starts_with(conn_peer(scene.servers[0].conn),
                              address[0] == '[' ? STR("[::1]:") : STR("127.0.0.1:")));
    client_release(&client);
    scene_release(&scene);
    buffer_release(&client.in);
    memory_free(bytes);
}

Test(conn, carries_bytes_both_ways_over_ipv4)
{
    expect_echo("127.0.0.1:0");
}

Test(conn, carries_bytes_both_ways_over_ipv6)
{
    expect_echo("[::1]:0");
}

/* Lets the loop turn until nothing has been produced for a while: loopback moves bytes within the
 * system calls, so turns are enough, no time need pass. */
struct turning {
    struct loop_task task;
    struct peer *watched;
    size_t last_bytes;
    int quiet_turns;
};

static void turn(struct loop_task *task)
{
    struct turning *turning = (struct turning *)task;
    turning->quiet_turns =
        turning->last_bytes == turning->watched->produced_bytes ? turning->quiet_turns + 1 : 0;
    turning->last_bytes = turning->watched->produced_bytes;
    if (turning->quiet_turns == 500)
        loop_stop(turning->watched->scene->loop);
    else
        loop_post(turning->watched->scene->loop, task);
}

Test(conn, stops_asking_for_bytes_while_the_peer_does_not_read)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    size_t size_bytes = 64 * (size_t)1024 * 1024;
    uint8_t *bytes = memory_must_zeroed(size_bytes, 1);
    struct peer client = {.out = bytes, .out_bytes = size_bytes};
    scene.prototype.stops_at_bytes = 1;
    client_open(&scene, &client);
    loop_run(scene.loop);
    conn_pause(scene.servers[0].conn);
    size_t read_bytes = scene.servers[0].in.length_bytes;
    struct turning turning = {.task.run = turn, .watched = &client};
    loop_post(scene.loop, &turning.task);
    loop_run(scene.loop);
    cr_assert_lt(client.produced_bytes, size_bytes, "all was produced although nobody read");
    cr_assert_eq(scene.servers[0].in.length_bytes, read_bytes, "a paused connection has read");
    scene.servers[0].stops_at_bytes = size_bytes;
    conn_resume(scene.servers[0].conn);
    loop_run(scene.loop);
    cr_assert_eq(scene.servers[0].in.length_bytes, size_bytes);
    client_release(&client);
    scene_release(&scene);
    memory_free(bytes);
}

Test(conn, refuses_connections_above_the_limit)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 2);
    scene.prototype.is_echo = true;
    struct peer clients[4] = {0};
    for (int i = 0; i < 2; i++) {
        clients[i] =
            (struct peer){.out = (const uint8_t *)"hello", .out_bytes = 5, .stops_at_bytes = 5};
        client_open(&scene, &clients[i]);
        loop_run(scene.loop);
    }
    for (int i = 2; i < 4; i++)
        client_open(&scene, &clients[i]);
    while (!clients[2].is_closed || !clients[3].is_closed) {
        struct turning turning = {.task.run = turn, .watched = &clients[0]};
        loop_post(scene.loop, &turning.task);
        loop_run(scene.loop);
    }
    cr_assert_eq(acceptor_open_count(scene.acceptor), 2);
    cr_assert_eq(acceptor_refused_count(scene.acceptor), 2);
    cr_assert_not(clients[0].is_closed);
    conn_close(clients[0].conn); /* makes room for one */
    while (acceptor_open_count(scene.acceptor) == 2) {
        struct turning turning = {.task.run = turn, .watched = &clients[1]};
        loop_post(scene.loop, &turning.task);
        loop_run(scene.loop);
    }
    struct peer late = {.out = (const uint8_t *)"hello", .out_bytes = 5, .stops_at_bytes = 5};
    client_open(&scene, &late);
    loop_run(scene.loop);
    cr_assert_eq(late.in.length_bytes, 5);
    client_release(&clients[1]);
    client_release(&late);
    scene_release(&scene);
    for (int i = 0; i < 4; i++)
        buffer_release(&clients[i].in);
    buffer_release(&late.in);
}

Test(conn, finish_delivers_everything_first)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    uint8_t *bytes = random_bytes(BULK_BYTES);
    scene.stops_when_all_closed = true;
    struct peer client = {.out = bytes, .out_bytes = BULK_BYTES, .finishes_when_drained = true};
    client_open(&scene, &client);
    loop_run(scene.loop);
    cr_assert_eq(scene.servers[0].in.length_bytes, BULK_BYTES);
    cr_assert_eq(memcmp(scene.servers[0].in.data, bytes, BULK_BYTES), 0);
    cr_assert_eq(scene.servers[0].reason.code, ERROR_OK);
    cr_assert_eq(client.reason.code, ERROR_OK);
    scene_release(&scene);
    memory_free(bytes);
}

Test(conn, a_broken_protocol_still_gets_its_last_words_out)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    scene.stops_when_all_closed = true;
    scene.prototype = (struct peer){.breaks = true};
    uint8_t *flood = memory_must_zeroed(BULK_BYTES, 1);
    struct peer client = {.out = flood, .out_bytes = BULK_BYTES};
    client_open(&scene, &client);
    /* Said only when asked after the break: nothing wakes the server before. */
    scene.prototype.out = (const uint8_t *)"go away";
    scene.prototype.out_bytes = 7;
    loop_run(scene.loop);
    cr_assert_eq(scene.servers[0].reason.code, ERROR_INVALID_ARGUMENT);
    cr_assert_eq(client.in.length_bytes, 7);
    cr_assert_eq(memcmp(client.in.data, "go away", 7), 0);
    scene_release(&scene);
    buffer_release(&client.in);
    memory_free(flood);
}

Test(conn, reports_a_refused_connect)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    acceptor_free(scene.acceptor); /* closed with the loop's first turn: the port is free */
    scene.acceptor = NULL;
    struct turning turning = {.task.run = turn, .watched = &scene.prototype};
    scene.prototype.scene = &scene;
    loop_post(scene.loop, &turning.task);
    loop_run(scene.loop);
    scene.stops_when_all_closed = true;
    struct peer client = {0};
    client_open(&scene, &client);
    loop_run(scene.loop);
    cr_assert_eq(client.reason.code, ERROR_UNAVAILABLE);
    cr_assert(strstr(client.reason.text, scene.address), "%s", client.reason.text);
    cr_assert_not(client.is_open);
    scene_release(&scene);
}

Test(conn, an_address_in_use_is_named)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    const struct acceptor_options options = {scene.address, 0, on_conn, NULL, &scene};
    struct error error = {0};
    cr_assert_null(acceptor_new(scene.loop, &options, &error));
    cr_assert_eq(error.code, ERROR_FAILED_PRECONDITION);
    cr_assert(strstr(error.text, scene.address), "%s", error.text);
    scene_release(&scene);
}

Test(conn, alarms_come_at_their_moment_and_follow_a_later_setting)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    struct peer client = {.stops_at_bytes = 1};
    scene.prototype.out = (const uint8_t *)"x";
    scene.prototype.out_bytes = 1;
    client_open(&scene, &client);
    loop_run(scene.loop);
    int64_t early_ns = clock_monotonic_ns() + 1000000;
    int64_t late_ns = early_ns + 20 * 1000000;
    conn_set_alarm(client.conn, early_ns);
    conn_set_alarm(client.conn, late_ns);
    loop_run(scene.loop);
    cr_assert_geq(clock_monotonic_ns(), late_ns);
    cr_assert_eq(client.alarm_count, 1);
    conn_set_alarm(client.conn, INT64_MAX - 1);
    early_ns = clock_monotonic_ns() + 1000000;
    conn_set_alarm(client.conn, early_ns);
    loop_run(scene.loop);
    cr_assert_geq(clock_monotonic_ns(), early_ns);
    cr_assert_eq(client.alarm_count, 2);
    client_release(&client);
    scene_release(&scene);
    buffer_release(&client.in);
}

Test(conn, outlives_its_acceptor)
{
    struct scene scene;
    scene_init(&scene, "127.0.0.1:0", 0);
    scene.prototype.is_echo = true;
    struct peer client = {.out = (const uint8_t *)"one", .out_bytes = 3, .stops_at_bytes = 3};
    client_open(&scene, &client);
    loop_run(scene.loop);
    acceptor_free(scene.acceptor);
    scene.acceptor = NULL;
    client.out = (const uint8_t *)"two";
    client.out_bytes = 3;
    client.stops_at_bytes = 6;
    conn_wake(client.conn);
    loop_run(scene.loop);
    cr_assert_eq(memcmp(client.in.data, "onetwo", 6), 0);
    client_release(&client);
    scene_release(&scene);
    buffer_release(&client.in);
}
