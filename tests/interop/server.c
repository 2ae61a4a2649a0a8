/* grpc.testing.TestService on our rpc floor, for clients that nobody here wrote.
 *
 *   interop_server PORT_FILE     listens on a free port, writes it, serves until SIGTERM
 *
 * Nothing of it is in haihed. Every answer is made on the loop, at once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "config/host.h"
#include "rpc/listener.h"
#include "testing.pb-c.h"

#include "base/banned.h"

/* What the custom metadata case wants back. */
#define ECHO_INITIAL  STR("x-grpc-test-echo-initial")
#define ECHO_TRAILING STR("x-grpc-test-echo-trailing-bin")

enum method {
    EMPTY_CALL,
    UNARY_CALL,
    STREAMING_INPUT,
    STREAMING_OUTPUT,
    FULL_DUPLEX,
    METHOD_COUNT
};

static const char *const PATHS[METHOD_COUNT] = {
    [EMPTY_CALL] = "/grpc.testing.TestService/EmptyCall",
    [UNARY_CALL] = "/grpc.testing.TestService/UnaryCall",
    [STREAMING_INPUT] = "/grpc.testing.TestService/StreamingInputCall",
    [STREAMING_OUTPUT] = "/grpc.testing.TestService/StreamingOutputCall",
    [FULL_DUPLEX] = "/grpc.testing.TestService/FullDuplexCall",
};

struct conversation {
    enum method method;
    int64_t received_bytes; /* of payloads */
    bool is_answered;       /* a unary method's one message has come */
};

static void fail(struct rpc_call *call, enum error_code code, const char *text)
{
    rpc_call_finish(call, code, str_of(text), STR(""));
}

static void send(struct rpc_call *call, const ProtobufCMessage *message)
{
    size_t size_bytes = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = memory_try(size_bytes);
    if (bytes)
        protobuf_c_message_pack(message, bytes);
    rpc_call_send(call, bytes, size_bytes);
}

/* `size_bytes` zeros; memory_free. NULL and the call failed when the size is not one to ask for. */
static uint8_t *make_body(struct rpc_call *call, int32_t size_bytes)
{
    enum { BODY_LIMIT_BYTES = 4 * 1024 * 1024 };
    if (size_bytes < 0 || size_bytes > BODY_LIMIT_BYTES) {
        fail(call, ERROR_INVALID_ARGUMENT, "size: out of range");
        return NULL;
    }
    return memory_try_zeroed(1, size_bytes > 0 ? (size_t)size_bytes : 1);
}

/* True when the request asked for a failure, which the call then ends with. */
static bool fail_as_asked(struct rpc_call *call, const Grpc__Testing__EchoStatus *status)
{
    if (!status || status->code == 0)
        return false;
    rpc_call_finish(call, (enum error_code)status->code, str_of(status->message), STR(""));
    return true;
}

static void answer_unary(struct rpc_call *call, struct str bytes)
{
    Grpc__Testing__SimpleRequest *request =
        grpc__testing__simple_request__unpack(NULL, bytes.length, (const uint8_t *)bytes.data);
    if (!request) {
        fail(call, ERROR_INVALID_ARGUMENT, "not a SimpleRequest");
        return;
    }
    uint8_t *body = NULL;
    if (!fail_as_asked(call, request->response_status) &&
        (body = make_body(call, request->response_size))) {
        Grpc__Testing__Payload payload = GRPC__TESTING__PAYLOAD__INIT;
        Grpc__Testing__SimpleResponse response = GRPC__TESTING__SIMPLE_RESPONSE__INIT;
        payload.body = (ProtobufCBinaryData){(size_t)request->response_size, body};
        response.payload = &payload;
        send(call, &response.base);
    }
    memory_free(body);
    grpc__testing__simple_request__free_unpacked(request, NULL);
}

static void answer_output(struct rpc_call *call, struct str bytes)
{
    Grpc__Testing__StreamingOutputCallRequest *request =
        grpc__testing__streaming_output_call_request__unpack(NULL, bytes.length,
                                                             (const uint8_t *)bytes.data);
    if (!request) {
        fail(call, ERROR_INVALID_ARGUMENT, "not a StreamingOutputCallRequest");
        return;
    }
    bool is_failed = fail_as_asked(call, request->response_status);
    for (size_t i = 0; i < request->n_response_parameters && !is_failed; i++) {
        int32_t size_bytes = request->response_parameters[i]->size;
        uint8_t *body = make_body(call, size_bytes);
        if (!body)
            break;
        Grpc__Testing__Payload payload = GRPC__TESTING__PAYLOAD__INIT;
        Grpc__Testing__StreamingOutputCallResponse response =
            GRPC__TESTING__STREAMING_OUTPUT_CALL_RESPONSE__INIT;
        payload.body = (ProtobufCBinaryData){(size_t)size_bytes, body};
        response.payload = &payload;
        send(call, &response.base);
        memory_free(body);
    }
    grpc__testing__streaming_output_call_request__free_unpacked(request, NULL);
}

static void count_input(struct rpc_call *call, struct conversation *conversation, struct str bytes)
{
    Grpc__Testing__StreamingInputCallRequest *request =
        grpc__testing__streaming_input_call_request__unpack(NULL, bytes.length,
                                                            (const uint8_t *)bytes.data);
    if (!request) {
        fail(call, ERROR_INVALID_ARGUMENT, "not a StreamingInputCallRequest");
        return;
    }
    if (request->payload)
        conversation->received_bytes += (int64_t)request->payload->body.len;
    grpc__testing__streaming_input_call_request__free_unpacked(request, NULL);
}

static void answer(struct rpc_call *call, struct conversation *conversation, struct str bytes)
{
    bool is_unary = conversation->method != STREAMING_INPUT && conversation->method != FULL_DUPLEX;
    if (is_unary && conversation->is_answered) {
        fail(call, ERROR_INVALID_ARGUMENT, "one message is enough");
        return;
    }
    conversation->is_answered = true;
    switch (conversation->method) {
    case EMPTY_CALL:
        rpc_call_send_copy(call, "", 0);
        break;
    case UNARY_CALL:
        answer_unary(call, bytes);
        break;
    case STREAMING_INPUT:
        count_input(call, conversation, bytes);
        break;
    default:
        answer_output(call, bytes);
        break;
    }
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes, size_t size_bytes)
{
    answer(call, context, (struct str){(const char *)bytes, (uint32_t)size_bytes});
    memory_free(bytes);
    rpc_call_consume(call, size_bytes);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    const struct conversation *conversation = context;
    if (conversation->method == STREAMING_INPUT) {
        Grpc__Testing__StreamingInputCallResponse response =
            GRPC__TESTING__STREAMING_INPUT_CALL_RESPONSE__INIT;
        response.aggregated_payload_size = (int32_t)conversation->received_bytes;
        send(call, &response.base);
    }
    rpc_call_finish(call, ERROR_OK, STR(""), STR(""));
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)call;
    (void)status;
    memory_free(context);
}

static const struct rpc_call_events EVENTS = {
    .on_message = on_message, .on_half_close = on_half_close, .on_end = on_end};

static void on_call(void *context, struct rpc_call *call)
{
    (void)context;
    struct str value;
    for (int method = 0; method < METHOD_COUNT; method++) {
        if (!str_equal(rpc_call_path(call), str_of(PATHS[method])))
            continue;
        struct conversation *conversation = memory_must_zeroed(1, sizeof *conversation);
        conversation->method = (enum method)method;
        rpc_call_accept(call, &EVENTS, conversation);
        if (rpc_call_metadata(call, ECHO_INITIAL, &value))
            rpc_call_add_header(call, ECHO_INITIAL, value);
        if (rpc_call_metadata(call, ECHO_TRAILING, &value))
            rpc_call_add_trailer(call, ECHO_TRAILING, value);
        return;
    }
}

static void on_signal(void *context, int signal_number)
{
    (void)signal_number;
    loop_stop(context);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct loop *loop = loop_new(&error);
    struct rpc_listener_options options = {.address = "127.0.0.1:0", .on_call = on_call};
    struct rpc_listener *listener = loop ? rpc_listener_new(loop, &options, &error) : NULL;
    if (argc != 2 || !listener || !loop_on_signal(loop, SIGTERM, on_signal, loop, &error) ||
        !host_write_port(argv[1], rpc_listener_port(listener), &error)) {
        fprintf(stderr, "interop_server: %s\n", argc == 2 ? error.text : "usage: PORT_FILE");
        return EXIT_FAILURE;
    }
    loop_run(loop);
    rpc_listener_free(listener);
    loop_free(loop);
    return EXIT_SUCCESS;
}
