/* Crowds at the door. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/acceptor.h"

/* Criterion's own .timeout leaks, which LeakSanitizer would count as ours. */
static void limit_time(void)
{
    alarm(60);
}

TestSuite(acceptor, .init = limit_time);

enum { CROWD = 300, TURN_LIMIT = 64 };

struct scene {
    struct loop_task turn; /* first; runs in the turn after the one that posts it */
    struct loop *loop;
    struct acceptor *acceptor;
    uint32_t seen_count;
    uint32_t seen_before_turn;
    uint32_t most_in_turn;
    struct conn *conns[CROWD];
    uint32_t conn_count;
    bool makes_room;
};

static void on_turn(struct loop_task *task)
{
    struct scene *scene = (struct scene *)task;
    uint32_t in_turn = scene->seen_count - scene->seen_before_turn;
    scene->seen_before_turn = scene->seen_count;
    if (in_turn > scene->most_in_turn)
        scene->most_in_turn = in_turn;
    if (scene->seen_count == CROWD)
        loop_stop(scene->loop);
    else
        loop_post(scene->loop, task);
}

static void crowd_to(uint16_t port, int sockets[CROWD])
{
    const struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    for (int i = 0; i < CROWD; i++) {
        sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
        cr_assert_eq(connect(sockets[i], (const struct sockaddr *)&there, sizeof there), 0);
    }
}

static bool count_and_refuse(void *context, struct conn *conn)
{
    (void)conn;
    struct scene *scene = context;
    scene->seen_count++;
    return false;
}

static void scene_init(struct scene *scene, bool (*on_conn)(void *, struct conn *),
                       bool (*on_full)(void *), uint32_t limit)
{
    *scene = (struct scene){.turn = {.run = on_turn}, .loop = loop_new(NULL)};
    const struct acceptor_options options = {.address = "127.0.0.1:0",
                                             .connection_limit = limit,
                                             .on_conn = on_conn,
                                             .on_full = on_full,
                                             .context = scene};
    scene->acceptor = acceptor_new(scene->loop, &options, NULL);
    cr_assert(scene->acceptor);
}

static void scene_release(struct scene *scene, int sockets[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        close(sockets[i]);
    acceptor_free(scene->acceptor);
    loop_free(scene->loop);
}

Test(acceptor, leaves_the_loop_time_for_others_however_many_come)
{
    struct scene scene;
    int sockets[CROWD];
    scene_init(&scene, count_and_refuse, NULL, 0);
    crowd_to(acceptor_port(scene.acceptor), sockets);
    loop_post(scene.loop, &scene.turn);
    loop_run(scene.loop);
    cr_assert_eq(scene.seen_count, CROWD);
    cr_assert_leq(scene.most_in_turn, 2 * TURN_LIMIT, "%u", scene.most_in_turn);
    scene_release(&scene, sockets);
}

static void no_close(void *context, const struct error *reason)
{
    (void)context;
    (void)reason;
}

static size_t no_bytes(void *context, uint8_t *out, size_t capacity_bytes)
{
    (void)context;
    (void)out;
    (void)capacity_bytes;
    return 0;
}

static bool keep(void *context, struct conn *conn)
{
    static const struct conn_protocol PROTOCOL = {.produce = no_bytes, .on_close = no_close};
    struct scene *scene = context;
    scene->seen_count++;
    scene->conns[scene->conn_count++] = conn;
    conn_set_protocol(conn, &PROTOCOL, scene);
    return true;
}

/* The oldest yields. */
static bool close_oldest(void *context)
{
    struct scene *scene = context;
    conn_dismiss(scene->conns[0]);
    memmove(scene->conns, scene->conns + 1, --scene->conn_count * sizeof scene->conns[0]);
    return true;
}

Test(acceptor, one_more_takes_the_place_of_one_that_can_be_spared)
{
    struct scene scene;
    int sockets[CROWD];
    char byte;
    scene_init(&scene, keep, close_oldest, 10);
    crowd_to(acceptor_port(scene.acceptor), sockets);
    loop_post(scene.loop, &scene.turn);
    loop_run(scene.loop);
    cr_assert_eq(acceptor_refused_count(scene.acceptor), 0);
    cr_assert_eq(acceptor_accepted_count(scene.acceptor), CROWD);
    cr_assert_eq(scene.conn_count, 10);
    for (int i = 0; i < CROWD - 10; i++)
        cr_assert_eq(recv(sockets[i], &byte, 1, 0), 0, "%d", i);
    cr_assert_eq(recv(sockets[CROWD - 1], &byte, 1, MSG_DONTWAIT), -1);
    for (uint32_t i = 0; i < scene.conn_count; i++)
        conn_close(scene.conns[i]);
    scene_release(&scene, sockets);
}
