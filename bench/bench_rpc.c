/* The price of net and rpc alone: a gRPC server whose every method answers with what it was asked.
 *
 * `build/bench/bench_rpc [HOST:PORT]` prints `address=..` and serves until SIGTERM or SIGINT, then
 * drains. Unary and bidirectional calls are the same to it: each message is sent back, the half
 * close ends the call. Drive it with load_grpc or h2load; see bench/README.md. */
#include <signal.h>
#include <stdio.h>

#include "net/loop.h"
#include "rpc/listener.h"

#include "base/banned.h"

struct echo {
    struct loop *loop;
    struct rpc_listener *listener;
};

/* A client that does not read its answers is cut off by rpc_call_send. */
static void on_message(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    (void)context;
    rpc_call_send(call, bytes_take, size_bytes);
    rpc_call_consume(call, size_bytes);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    (void)context;
    rpc_call_finish(call, ERROR_OK, STR(""), STR(""));
}

static const struct rpc_call_events EVENTS = {.on_message = on_message,
                                              .on_half_close = on_half_close};

static void on_call(void *context, struct rpc_call *call)
{
    rpc_call_accept(call, &EVENTS, context);
}

static void on_drained(void *context)
{
    struct echo *echo = context;
    loop_stop(echo->loop);
}

static void on_stop(void *context, int signal_number)
{
    (void)signal_number;
    struct echo *echo = context;
    rpc_listener_drain(echo->listener, on_drained, echo);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct echo echo = {.loop = loop_new(&error)};
    const struct rpc_listener_options options = {
        .address = argc > 1 ? argv[1] : "127.0.0.1:0", .on_call = on_call, .context = &echo};
    if (echo.loop)
        echo.listener = rpc_listener_new(echo.loop, &options, &error);
    if (!echo.listener || !loop_on_signal(echo.loop, SIGTERM, on_stop, &echo, &error) ||
        !loop_on_signal(echo.loop, SIGINT, on_stop, &echo, &error)) {
        fprintf(stderr, "bench_rpc: %s\n", error.text);
        return 1;
    }
    printf("port=%u\n", rpc_listener_port(echo.listener));
    fflush(stdout);
    loop_run(echo.loop);
    rpc_listener_free(echo.listener);
    loop_free(echo.loop);
    return 0;
}
