#include "rpc/harness.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"

/* --- Records -------------------------------------------------------------------------------- */

void record_init(struct record *record)
{
    *record = (struct record){0};
    buffer_init(&record->bytes, SIZE_MAX / 2);
    buffer_init(&record->message, 1 << 20);
    buffer_init(&record->details, 1 << 20);
}

void record_release(struct record *record)
{
    rpc_call_unref(record->call);
    buffer_release(&record->bytes);
    buffer_release(&record->message);
    buffer_release(&record->details);
}

struct str record_message(const struct record *record, size_t index)
{
    cr_assert_lt(index, record->message_count);
    size_t offset = 0;
    for (size_t i = 0; i < index; i++)
        offset += record->sizes[i];
    return (struct str){record->bytes.data + offset, (uint32_t)record->sizes[index]};
}

void record_consume(struct record *record, size_t count)
{
    cr_assert_leq(record->consumed_count + count, record->message_count);
    for (size_t i = 0; i < count; i++)
        rpc_call_consume(record->call, record->sizes[record->consumed_count++]);
}

static void on_headers(struct rpc_call *call, void *context)
{
    struct record *record = context;
    cr_assert_eq(call, record->call);
    cr_assert_not(record->has_headers);
    record->has_headers = true;
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    struct record *record = context;
    cr_assert_eq(call, record->call);
    cr_assert_not(record->is_ended || record->is_half_closed);
    cr_assert_not_null(bytes_take);
    cr_assert_lt(record->message_count, RECORD_MESSAGES);
    cr_assert(buffer_append(&record->bytes, bytes_take, size_bytes));
    memory_free(bytes_take);
    record->sizes[record->message_count++] = size_bytes;
    if (!record->holds)
        record_consume(record, 1);
    if (record->on_message)
        record->on_message(record, record_message(record, record->message_count - 1));
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct record *record = context;
    cr_assert_eq(call, record->call);
    cr_assert_not(record->is_ended || record->is_half_closed);
    record->is_half_closed = true;
    if (record->on_half_close)
        record->on_half_close(record);
}

static void on_writable(struct rpc_call *call, void *context)
{
    struct record *record = context;
    cr_assert_eq(call, record->call);
    cr_assert_not(record->is_ended);
    if (record->on_writable)
        record->on_writable(record);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    struct record *record = context;
    cr_assert_eq(call, record->call);
    cr_assert_not(record->is_ended);
    cr_assert(rpc_call_is_over(call));
    record->is_ended = true;
    record->code = status->code;
    cr_assert(buffer_append_str(&record->message, status->message));
    cr_assert(buffer_append_str(&record->details, status->details));
}

const struct rpc_call_events RECORD_EVENTS = {on_headers, on_message, on_half_close, on_writable,
                                              on_end};

void answer_with_echo(struct record *record)
{
    struct str message = record_message(record, 0);
    cr_assert(rpc_call_send_copy(record->call, message.data, message.length));
    rpc_call_finish(record->call, ERROR_OK, STR(""), STR(""));
}

/* --- The pair ------------------------------------------------------------------------------- */

static int64_t now_of_pair(void *context)
{
    return ((struct pair *)context)->now_ns;
}

static void on_call(void *context, struct rpc_call *call)
{
    struct pair *pair = context;
    cr_assert_lt(pair->served_count, sizeof pair->served / sizeof pair->served[0]);
    struct record *record = &pair->served[pair->served_count++];
    record_init(record);
    if (pair->ignores_calls)
        return;
    record->call = rpc_call_ref(call);
    record->context = pair;
    rpc_call_accept(call, &RECORD_EVENTS, record);
    if (pair->on_call)
        pair->on_call(pair, record);
}

void pair_init(struct pair *pair, const struct rpc_limits *server, const struct rpc_limits *client)
{
    *pair = (struct pair){.now_ns = 1000, .piece_limit_bytes = 40000};
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    rng_init(&pair->rng, seed);
    /* Half of the pairs see the world in small pieces. */
    if (rng_below(&pair->rng, 2) == 0)
        pair->piece_limit_bytes = 1 + rng_below(&pair->rng, 100);
    struct rpc_session_options options = {.role = RPC_SERVER,
                                          .limits = server,
                                          .peer = STR("1.2.3.4:5"),
                                          .on_call = on_call,
                                          .context = pair,
                                          .now_ns = now_of_pair};
    pair->server = rpc_session_new(&options, NULL);
    options = (struct rpc_session_options){.role = RPC_CLIENT,
                                           .limits = client,
                                           .peer = STR("the server"),
                                           .authority = STR("haihe.test:1"),
                                           .context = pair,
                                           .now_ns = now_of_pair};
    pair->client = rpc_session_new(&options, NULL);
    cr_assert(pair->server && pair->client);
}

void pair_release(struct pair *pair)
{
    rpc_session_free(pair->client);
    rpc_session_free(pair->server);
    for (size_t i = 0; i < pair->served_count; i++)
        record_release(&pair->served[i]);
}

static bool move(struct pair *pair, struct rpc_session *from, struct rpc_session *to,
                 uint64_t *moved_bytes)
{
    uint8_t bytes[50000];
    size_t size_bytes =
        rpc_session_pull(from, bytes, 1 + rng_below(&pair->rng, pair->piece_limit_bytes));
    *moved_bytes += size_bytes;
    size_t offset = 0;
    while (offset < size_bytes) {
        size_t piece = 1 + rng_below(&pair->rng, size_bytes - offset);
        if (!rpc_session_feed(to, bytes + offset, piece, NULL))
            break; /* the test looks at the session itself */
        offset += piece;
    }
    return size_bytes > 0;
}

bool pair_move_to_server(struct pair *pair)
{
    return move(pair, pair->client, pair->server, &pair->to_server_bytes);
}

bool pair_move_to_client(struct pair *pair)
{
    return move(pair, pair->server, pair->client, &pair->to_client_bytes);
}

void pair_pump(struct pair *pair)
{
    int quiet = 0;
    while (quiet < 2) {
        bool moved = rng_below(&pair->rng, 2) ? pair_move_to_server(pair) : false;
        moved |= pair_move_to_client(pair);
        moved |= pair_move_to_server(pair);
        quiet = moved ? 0 : quiet + 1;
    }
}

void pair_advance(struct pair *pair, int64_t by_ns)
{
    pair->now_ns += by_ns;
    rpc_session_tick(pair->server);
    rpc_session_tick(pair->client);
}

struct rpc_call *pair_start(struct pair *pair, struct record *record, const char *path)
{
    struct error error = {0};
    record_init(record);
    const struct rpc_request request = {.path = str_of(path)};
    record->call = rpc_session_start(pair->client, &request, &RECORD_EVENTS, record, &error);
    cr_assert(record->call, "%s", error.text);
    return rpc_call_ref(record->call);
}

struct rpc_call *pair_ask(struct pair *pair, struct record *record, const char *path,
                          struct str message)
{
    struct rpc_call *call = pair_start(pair, record, path);
    cr_assert(rpc_call_send_copy(call, message.data, message.length));
    rpc_call_half_close(call);
    return call;
}

void fill_pattern(uint8_t *bytes, size_t size_bytes, uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
}
