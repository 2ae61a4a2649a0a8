/* The client's half of gRPC over HTTP/2: requests submitted, responses judged. */
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "rpc/encoding.h"
#include "rpc/internal.h"

#include "base/banned.h"

enum { OWN_FIELD_COUNT = 8, METADATA_COUNT = 64 };

/* --- Requests ------------------------------------------------------------------------------- */

struct request_fields {
    nghttp2_nv fields[OWN_FIELD_COUNT + METADATA_COUNT];
    size_t count;
};

static void add_field(struct request_fields *out, struct str name, struct str value)
{
    out->fields[out->count++] = (nghttp2_nv){(uint8_t *)name.data, (uint8_t *)value.data,
                                             name.length, value.length, NGHTTP2_NV_FLAG_NONE};
}

/* Metadata with its "-bin" values encoded; packed in the call's own buffer, where they stand until
 * nghttp2 has copied them. */
static bool add_metadata(struct request_fields *out, struct buffer *packed,
                         const struct rpc_request *request, struct error *error)
{
    if (request->metadata_count > METADATA_COUNT)
        return error_set(error, ERROR_INVALID_ARGUMENT, "metadata: more than %d entries",
                         METADATA_COUNT);
    for (size_t i = 0; i < request->metadata_count; i++) {
        struct str name = request->metadata[i].name, value = request->metadata[i].value;
        struct buffer encoded;
        buffer_init(&encoded, (size_t)value.length * 2 + 4);
        bool is_added = true;
        if (rpc_metadata_is_binary(name))
            is_added = rpc_base64_encode(&encoded, value) &&
                       rpc_metadata_add(packed, name, buffer_borrow(&encoded));
        else
            is_added = rpc_metadata_add(packed, name, value);
        buffer_release(&encoded);
        if (!is_added)
            return error_set(error, ERROR_INVALID_ARGUMENT, "metadata '%.*s': above the limit",
                             STR_ARG(name));
    }
    size_t offset = 0;
    struct str name, value;
    while (rpc_metadata_next(packed, &offset, &name, &value))
        add_field(out, name, value);
    return true;
}

/* Sets the deadline, and the timeout that tells the server of it. */
static struct str set_deadline(struct rpc_session *session, struct rpc_call *call,
                               int64_t deadline_ns, char text[RPC_TIMEOUT_TEXT_BYTES])
{
    if (deadline_ns <= 0 || deadline_ns == INT64_MAX)
        return (struct str){NULL, 0};
    call->deadline_ns = call->expires_ns = deadline_ns;
    if (deadline_ns < session->next_expiry_ns)
        session->next_expiry_ns = deadline_ns;
    uint32_t length = rpc_timeout_format(deadline_ns - rpc_session_now(session), text);
    return (struct str){text, length};
}

static bool submit(struct rpc_session *session, struct rpc_call *call,
                   const struct rpc_request *request, struct error *error)
{
    char timeout_text[RPC_TIMEOUT_TEXT_BYTES];
    struct request_fields fields = {.count = 0};
    add_field(&fields, STR(":method"), STR("POST"));
    add_field(&fields, STR(":scheme"), STR("http"));
    add_field(&fields, STR(":path"), request->path);
    add_field(&fields, STR(":authority"), str_of(session->authority));
    add_field(&fields, STR("te"), STR("trailers"));
    add_field(&fields, STR("content-type"), STR("application/grpc"));
    add_field(&fields, STR("user-agent"), STR("haihe"));
    struct str timeout = set_deadline(session, call, request->deadline_ns, timeout_text);
    if (timeout.length > 0) {
        add_field(&fields, STR("grpc-timeout"), timeout);
        fields.fields[fields.count - 1].flags = NGHTTP2_NV_FLAG_NO_INDEX;
    }
    if (!add_metadata(&fields, &call->trailers, request, error))
        return false;
    const nghttp2_data_provider provider = {.source = {.ptr = call},
                                            .read_callback = rpc_call_read};
    int32_t stream_id =
        nghttp2_submit_request(session->http2, NULL, fields.fields, fields.count, &provider, call);
    if (stream_id < 0)
        return error_set(
            error, stream_id == NGHTTP2_ERR_NOMEM ? ERROR_RESOURCE_EXHAUSTED : ERROR_UNAVAILABLE,
            "call '%.*s': %s", STR_ARG(request->path), nghttp2_strerror(stream_id));
    call->stream_id = stream_id;
    buffer_clear(&call->trailers);
    return true;
}

struct rpc_call *rpc_session_start(struct rpc_session *session, const struct rpc_request *request,
                                   const struct rpc_call_events *events, void *context,
                                   struct error *error)
{
    if (session->is_failed || nghttp2_session_check_request_allowed(session->http2) == 0) {
        error_set(error, ERROR_UNAVAILABLE, "call '%.*s': the connection takes no more calls",
                  STR_ARG(request->path));
        return NULL;
    }
    struct rpc_call *call = rpc_call_new(session);
    if (!call || !rpc_metadata_add(&call->headers, STR(":path"), request->path)) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "call '%.*s': no memory for it",
                  STR_ARG(request->path));
        goto failed;
    }
    call->path_offset = (uint32_t)call->headers.length_bytes - request->path.length;
    call->path_length = request->path.length;
    call->is_started = true;
    call->trailers.limit_bytes = 2 * (size_t)session->limits.header_list_bytes;
    if (!submit(session, call, request, error))
        goto failed;
    call->events = events;
    call->context = context;
    rpc_session_woken(session);
    return call;
failed:
    if (call) {
        rpc_call_decide(call, ERROR_UNAVAILABLE, STR(""), STR(""));
        rpc_call_end(call);
        rpc_call_detach(call);
    }
    return NULL;
}

/* --- Responses ------------------------------------------------------------------------------ */

void rpc_client_header(struct rpc_call *call, struct str name, struct str value)
{
    int64_t number;
    bool is_kept = true;
    if (str_equal(name, STR(":status"))) {
        call->http_status =
            text_to_int64(value, &number) && number > 0 && number < 1000 ? (uint16_t)number : 0;
    } else if (str_equal(name, STR("content-type"))) {
        call->is_grpc = str_starts_with(value, STR("application/grpc"));
    } else if (str_equal(name, STR("grpc-status"))) {
        bool is_code =
            text_to_int64(value, &number) && number >= 0 && number <= ERROR_UNAUTHENTICATED;
        call->code = is_code ? (enum error_code)number : ERROR_UNKNOWN;
        call->has_grpc_status = true;
    } else if (str_equal(name, STR("grpc-message"))) {
        is_kept = rpc_metadata_add(&call->trailers, name, value);
    } else if (str_equal(name, STR("grpc-status-details-bin"))) {
        rpc_metadata_add_encoded(&call->trailers, name, value); /* not base64: without details */
    } else if (!str_starts_with(name, STR("grpc-")) ||
               str_equal(name, STR("grpc-retry-pushback-ms"))) { /* the application's to obey */
        is_kept = rpc_metadata_add_encoded(&call->headers, name, value) == RPC_METADATA_FINE;
    }
    if (!is_kept)
        call->refusal = REFUSAL_METADATA;
}

/* As grpc/doc/http-grpc-status-mapping.md. */
static enum error_code code_of_http(uint16_t status)
{
    switch (status) {
    case 400:
        return ERROR_INTERNAL;
    case 401:
        return ERROR_UNAUTHENTICATED;
    case 403:
        return ERROR_PERMISSION_DENIED;
    case 404:
        return ERROR_UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
        return ERROR_UNAVAILABLE;
    default:
        return ERROR_UNKNOWN;
    }
}

static enum error_code code_of_http2(uint32_t http2_code)
{
    switch (http2_code) {
    case NGHTTP2_REFUSED_STREAM:
        return ERROR_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return ERROR_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return ERROR_RESOURCE_EXHAUSTED;
    case NGHTTP2_INADEQUATE_SECURITY:
        return ERROR_PERMISSION_DENIED;
    default:
        return ERROR_INTERNAL;
    }
}

static void decide_by_trailers(struct rpc_call *call)
{
    struct str encoded = {NULL, 0}, details = {NULL, 0};
    rpc_metadata_find(&call->trailers, STR("grpc-message"), &encoded);
    if (!rpc_metadata_find(&call->trailers, STR("grpc-status-details-bin"), &details))
        details = (struct str){NULL, 0};
    struct buffer message;
    buffer_init(&message, (size_t)encoded.length + 1);
    rpc_percent_decode(&message, encoded);
    rpc_call_decide(call, call->code, buffer_borrow(&message), details);
    buffer_release(&message);
}

static void refuse_response(struct rpc_call *call, enum error_code code, const char *text)
{
    rpc_call_abort(call, code, str_of(text));
}

/* The status has come: the call is over for us, whatever we were still sending. */
static void conclude(struct rpc_call *call)
{
    struct rpc_session *session = call->session;
    if (call->code == ERROR_OK && rpc_inbox_pending_bytes(&call->inbox) > 0)
        rpc_call_decide(call, ERROR_INTERNAL, STR("the last message is cut off"), STR(""));
    else
        decide_by_trailers(call);
    rpc_call_end(call);
    if (nghttp2_session_get_stream_local_close(session->http2, call->stream_id) == 0)
        rpc_call_reset(call, NGHTTP2_NO_ERROR);
}

void rpc_client_response(struct rpc_call *call, bool is_end)
{
    if (call->is_over)
        return;
    if (!call->has_headers && call->http_status >= 100 && call->http_status < 200) {
        call->http_status = 0; /* an interim response; the real one follows */
        return;
    }
    if (call->refusal == REFUSAL_TOO_LARGE) {
        refuse_response(call, ERROR_RESOURCE_EXHAUSTED, "response headers: above the limit");
    } else if (call->refusal == REFUSAL_METADATA) {
        refuse_response(call, ERROR_INTERNAL, "response headers: cannot be kept");
    } else if (is_end && call->has_grpc_status) {
        conclude(call);
    } else if (call->http_status != 200) {
        char text[60];
        snprintf(text, sizeof text, "the server answered with HTTP status %u", call->http_status);
        refuse_response(call, code_of_http(call->http_status), text);
    } else if (!call->is_grpc) {
        refuse_response(call, ERROR_UNKNOWN, "the response's content type is not gRPC's");
    } else if (is_end) {
        refuse_response(call, ERROR_UNKNOWN, "the server ended the call without a status");
    } else if (!call->has_headers) {
        call->has_headers = true;
        if (call->events && call->events->on_headers)
            call->events->on_headers(call, call->context);
    }
}

void rpc_client_closed(struct rpc_call *call, uint32_t http2_code)
{
    char text[100];
    snprintf(text, sizeof text, "the server closed the stream: %s",
             nghttp2_http2_strerror(http2_code));
    rpc_call_decide(call, code_of_http2(http2_code), str_of(text), (struct str){NULL, 0});
}
