/* Unary calls and one kind of stream, each by running the loop until the call has ended.
 *
 * The channel is opened by the first call and again by the next one after it was lost, so a long
 * lived command (stats --watch) survives a restart of the server. Each exchange has an arena and
 * buffers of its own: nothing is kept between calls but the connection.
 */
#include "haihectl/client.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "rpc/channel.h"
#include "wire/json_message.h"
#include "wire/status_message.h"

#include "base/banned.h"

/* The server accepts 4 MiB a message (gRPC's default); its JSON on the way takes several times as
 * much. */
enum { MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024, ARENA_LIMIT_BYTES = 64 * 1024 * 1024 };

static const int64_t TICK_NS = 100 * INT64_C(1000000);

const struct client_method CLIENT_APPLY = {"/haihe.v1.RecordService/Apply", "haihe.v1.ApplyRequest",
                                           "haihe.v1.ApplyResponse"};
const struct client_method CLIENT_GET = {"/haihe.v1.RecordService/Get", "haihe.v1.GetRequest",
                                         "haihe.v1.Record"};
const struct client_method CLIENT_LIST = {"/haihe.v1.RecordService/List", "haihe.v1.ListRequest",
                                          "haihe.v1.ListResponse"};
const struct client_method CLIENT_MATCH_VACANCIES = {"/haihe.v1.MatchService/MatchVacancies",
                                                     "haihe.v1.MatchVacanciesRequest",
                                                     "haihe.v1.MatchResponse"};
const struct client_method CLIENT_MATCH_APPLICANTS = {"/haihe.v1.MatchService/MatchApplicants",
                                                      "haihe.v1.MatchApplicantsRequest",
                                                      "haihe.v1.MatchResponse"};
const struct client_method CLIENT_EXPLAIN = {"/haihe.v1.MatchService/Explain",
                                             "haihe.v1.ExplainRequest", "haihe.v1.Explanation"};
const struct client_method CLIENT_STATS = {"/haihe.v1.AdminService/Stats", "haihe.v1.StatsRequest",
                                           "haihe.v1.StatsResponse"};
const struct client_method CLIENT_BACKUP = {
    "/haihe.v1.AdminService/Backup", "haihe.v1.BackupRequest", "haihe.v1.BackupResponse"};
const struct client_method CLIENT_HISTORY = {
    "/haihe.v1.AdminService/History", "haihe.v1.HistoryRequest", "haihe.v1.HistoryResponse"};
const struct client_method CLIENT_HEALTH = {"/grpc.health.v1.Health/Check",
                                            "grpc.health.v1.HealthCheckRequest",
                                            "grpc.health.v1.HealthCheckResponse"};

struct client {
    const char *address;
    int64_t timeout_ns;
    struct loop *loop;
    struct rpc_channel *channel; /* NULL: none yet, or lost */
    bool channel_lost;
};

struct client *client_new(const char *address, int64_t timeout_ns, struct error *error)
{
    struct loop *loop = loop_new(error);
    if (!loop)
        return NULL;
    struct client *client = memory_must_zeroed(1, sizeof(*client));
    client->address = address;
    client->timeout_ns = timeout_ns;
    client->loop = loop;
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    rpc_channel_free(client->channel);
    loop_free(client->loop);
    memory_free(client);
}

struct loop *client_loop(struct client *client)
{
    return client->loop;
}

int64_t client_timeout_ns(const struct client *client)
{
    return client->timeout_ns;
}

static void on_channel_close(void *context, const struct error *reason)
{
    (void)reason;
    struct client *client = context;
    client->channel_lost = true;
}

static struct rpc_call *start_call(struct client *client, const char *path, int64_t deadline_ns,
                                   const struct rpc_call_events *events, void *context,
                                   struct error *error)
{
    if (client->channel_lost) {
        rpc_channel_free(client->channel);
        client->channel = NULL;
        client->channel_lost = false;
    }
    if (!client->channel) {
        const struct rpc_channel_options options = {
            .address = client->address, .on_close = on_channel_close, .context = client};
        client->channel = rpc_channel_open(client->loop, &options, error);
        if (!client->channel)
            return NULL;
    }
    const struct rpc_request request = {.path = str_of(path), .deadline_ns = deadline_ns};
    return rpc_channel_start(client->channel, &request, events, context, error);
}

/* How a call ended, as an error; UNAVAILABLE is made to name the server. */
static void take_status(const struct client *client, const struct rpc_status *status,
                        struct error *error)
{
    struct arena arena;
    arena_init(&arena, ARENA_LIMIT_BYTES);
    if (status->details.length == 0 || !wire_read_status(status->details, &arena, error))
        error_set(error, status->code, "%.*s", STR_ARG(status->message));
    error->code = status->code;
    arena_release(&arena);
    struct error cause = *error;
    if (status->code == ERROR_UNAVAILABLE)
        error_set(error, ERROR_UNAVAILABLE, "server '%s' cannot be reached: %s", client->address,
                  cause.text);
    else if (status->code == ERROR_DEADLINE_EXCEEDED)
        error_set(error, ERROR_DEADLINE_EXCEEDED, "server '%s' gave no answer within %.3g s",
                  client->address, (double)client->timeout_ns / 1e9);
    else if (status->code != ERROR_OK && error->text[0] == '\0')
        error_set(error, status->code, "the server says: %s", error_code_text(status->code));
}

/* --- Unary calls ---------------------------------------------------------------------------- */

struct exchange {
    struct client *client;
    struct buffer response;
    size_t message_count;
    struct error error;
    bool ended;
};

static void on_unary_message(struct rpc_call *call, void *context, uint8_t *bytes_take,
                             size_t size_bytes)
{
    struct exchange *exchange = context;
    if (exchange->message_count++ == 0)
        buffer_append(&exchange->response, bytes_take, size_bytes);
    memory_free(bytes_take);
    rpc_call_consume(call, size_bytes);
}

static void on_unary_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)call;
    struct exchange *exchange = context;
    take_status(exchange->client, status, &exchange->error);
    exchange->ended = true;
    loop_stop(exchange->client->loop);
}

static const struct rpc_call_events UNARY_EVENTS = {.on_message = on_unary_message,
                                                    .on_end = on_unary_end};

/* One request's bytes for one response's. */
static bool exchange_run(struct exchange *exchange, const char *path, const struct buffer *request,
                         struct error *error)
{
    struct client *client = exchange->client;
    struct rpc_call *call = start_call(client, path, clock_monotonic_ns() + client->timeout_ns,
                                       &UNARY_EVENTS, exchange, error);
    if (!call)
        return false;
    rpc_call_send_copy(call, request->data, request->length_bytes);
    rpc_call_half_close(call);
    while (!exchange->ended)
        loop_run(client->loop);
    if (exchange->error.code == ERROR_OK && exchange->message_count != 1)
        error_set(&exchange->error, ERROR_INTERNAL, "server '%s' sent %zu messages for one call",
                  client->address, exchange->message_count);
    if (exchange->error.code != ERROR_OK)
        *error = exchange->error;
    return exchange->error.code == ERROR_OK;
}

static json_t *call(struct client *client, const struct client_method *method,
                    const json_t *request, bool with_defaults, struct error *error)
{
    struct arena arena;
    struct buffer bytes;
    struct exchange exchange = {.client = client};
    json_t *response = NULL;
    arena_init(&arena, ARENA_LIMIT_BYTES);
    buffer_init(&bytes, MESSAGE_LIMIT_BYTES);
    buffer_init(&exchange.response, MESSAGE_LIMIT_BYTES);
    if (wire_json_encode(method->request, request, &arena, &bytes, error) &&
        exchange_run(&exchange, method->path, &bytes, error))
        response = wire_json_decode(method->response, buffer_borrow(&exchange.response),
                                    with_defaults, &arena, error);
    buffer_release(&exchange.response);
    buffer_release(&bytes);
    arena_release(&arena);
    return response;
}

json_t *client_call(struct client *client, const struct client_method *method,
                    const json_t *request, struct error *error)
{
    return call(client, method, request, false, error);
}

json_t *client_call_full(struct client *client, const struct client_method *method,
                         const json_t *request, struct error *error)
{
    return call(client, method, request, true, error);
}

/* --- Streams -------------------------------------------------------------------------------- */

struct running {
    struct client_stream *stream;
    struct loop_timer *timer;
    struct error error;
    bool ended;
    bool half_closed;
};

static void on_stream_writable(struct rpc_call *call, void *context)
{
    struct running *running = context;
    const struct client_stream *stream = running->stream;
    while (!running->half_closed && rpc_call_room(call) > 0) {
        struct str message;
        enum client_next next = stream->next(stream->context, &message);
        if (next == CLIENT_WAIT)
            return;
        if (next == CLIENT_END) {
            running->half_closed = true;
            rpc_call_half_close(call);
            return;
        }
        if (!rpc_call_send_copy(call, message.data, message.length))
            return;
    }
}

static void on_stream_message(struct rpc_call *call, void *context, uint8_t *bytes_take,
                              size_t size_bytes)
{
    struct running *running = context;
    const struct client_stream *stream = running->stream;
    const struct str message = {(const char *)bytes_take, (uint32_t)size_bytes};
    if (!stream->on_answer(stream->context, message))
        rpc_call_cancel(call);
    memory_free(bytes_take);
    rpc_call_consume(call, size_bytes);
}

static void on_stream_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)call;
    struct running *running = context;
    struct client_stream *stream = running->stream;
    take_status(stream->client, status, &running->error);
    running->ended = true;
    stream->call = NULL;
    loop_stop(stream->client->loop);
}

static void on_stream_tick(void *context)
{
    struct running *running = context;
    const struct client_stream *stream = running->stream;
    loop_timer_set(running->timer, clock_monotonic_ns() + TICK_NS);
    if (stream->call && stream->on_tick && !stream->on_tick(stream->context))
        rpc_call_cancel(stream->call);
}

static const struct rpc_call_events STREAM_EVENTS = {
    .on_message = on_stream_message, .on_writable = on_stream_writable, .on_end = on_stream_end};

void client_stream_resume(struct client_stream *stream)
{
    if (stream->call)
        rpc_call_want_room(stream->call);
}

bool client_stream_run(struct client *client, struct client_stream *stream, struct error *error)
{
    struct running running = {.stream = stream};
    stream->client = client;
    stream->call = start_call(client, stream->path, 0, &STREAM_EVENTS, &running, error);
    if (!stream->call)
        return false;
    running.timer = loop_timer_new(client->loop, on_stream_tick, &running);
    if (!running.timer) {
        rpc_call_cancel(stream->call);
    } else {
        loop_timer_set(running.timer, clock_monotonic_ns() + TICK_NS);
        rpc_call_want_room(stream->call);
    }
    while (!running.ended)
        loop_run(client->loop);
    loop_timer_free(running.timer);
    if (running.error.code != ERROR_OK)
        *error = running.error;
    return running.error.code == ERROR_OK;
}

void client_read_status(const json_t *status, struct error *error)
{
    struct arena arena;
    struct buffer bytes;
    struct error why;
    arena_init(&arena, ARENA_LIMIT_BYTES);
    buffer_init(&bytes, MESSAGE_LIMIT_BYTES);
    if (!wire_json_encode("google.rpc.Status", status, &arena, &bytes, &why) ||
        !wire_read_status(buffer_borrow(&bytes), &arena, error))
        error_set(error, ERROR_UNKNOWN, "the server refused, in words that are not understood");
    buffer_release(&bytes);
    arena_release(&arena);
}
