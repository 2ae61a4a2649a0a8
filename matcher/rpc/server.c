/* The server's half of gRPC over HTTP/2: requests judged, responses and trailers submitted.
 *
 * The header fields of the common answers are constants that nghttp2 neither copies nor frees, and
 * that HPACK sends as one byte each from their second use on.
 */
#include <assert.h>
#include <stdio.h>

#include "base/memory.h"
#include "rpc/encoding.h"
#include "rpc/internal.h"

#include "base/banned.h"

#define FIXED(name_text, value_text)                                                               \
    {                                                                                              \
        (uint8_t *)(name_text), (uint8_t *)(value_text), sizeof(name_text) - 1,                    \
            sizeof(value_text) - 1, NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE   \
    }

static const nghttp2_nv RESPONSE[] = {FIXED(":status", "200"),
                                      FIXED("content-type", "application/grpc")};
static const nghttp2_nv STATUS_OK[] = {FIXED("grpc-status", "0")};
static const nghttp2_nv NOT_POST[] = {FIXED(":status", "405"), FIXED("allow", "POST")};
static const nghttp2_nv NOT_GRPC[] = {FIXED(":status", "415"),
                                      FIXED("accept-post", "application/grpc")};

enum {
    RESPONSE_COUNT = sizeof RESPONSE / sizeof RESPONSE[0],
    OWN_TRAILER_COUNT = 4 /* status, message, details, accept-encoding */
};

/* --- Requests ------------------------------------------------------------------------------- */

/* "application/grpc" and "application/grpc+proto", parameters allowed. */
static bool is_grpc_type(struct str value)
{
    const struct str base = STR("application/grpc"), proto = STR("+proto");
    if (!str_starts_with(value, base))
        return false;
    value = (struct str){value.data + base.length, value.length - base.length};
    if (str_starts_with(value, proto))
        value = (struct str){value.data + proto.length, value.length - proto.length};
    return value.length == 0 || value.data[0] == ';' || value.data[0] == ' ';
}

static void set_timeout(struct rpc_call *call, struct str value)
{
    int64_t timeout_ns;
    if (!rpc_timeout_parse(value, &timeout_ns)) {
        call->refusal = REFUSAL_TIMEOUT;
        return;
    }
    if (__builtin_add_overflow(rpc_session_now(call->session), timeout_ns, &call->deadline_ns))
        call->deadline_ns = INT64_MAX;
}

static void keep_metadata(struct rpc_call *call, struct str name, struct str value)
{
    enum rpc_metadata_fault fault = rpc_metadata_add_encoded(&call->headers, name, value);
    if (fault == RPC_METADATA_NO_ROOM)
        call->refusal = REFUSAL_NO_MEMORY;
    else if (fault == RPC_METADATA_NOT_BASE64)
        call->refusal = REFUSAL_METADATA;
}

void rpc_server_header(struct rpc_call *call, struct str name, struct str value)
{
    if (str_equal(name, STR(":path"))) {
        if (!rpc_metadata_add(&call->headers, name, value)) {
            call->refusal = REFUSAL_NO_MEMORY;
            return;
        }
        call->path_offset = (uint32_t)call->headers.length_bytes - value.length;
        call->path_length = value.length;
    } else if (str_equal(name, STR(":method"))) {
        call->is_post = str_equal(value, STR("POST"));
    } else if (str_equal(name, STR("content-type"))) {
        call->is_grpc = is_grpc_type(value);
    } else if (str_equal(name, STR("grpc-timeout"))) {
        set_timeout(call, value);
    } else if (!str_starts_with(name, STR("grpc-")) && !str_equal(name, STR("te")) &&
               !str_equal(name, STR(":scheme"))) {
        keep_metadata(call, name, value);
    }
}

/* "/service/method", both parts not empty. */
static bool is_method_path(struct str path)
{
    const char *slash = path.length < 4 ? NULL : memchr(path.data + 1, '/', path.length - 1);
    return slash && path.data[0] == '/' && slash > path.data + 1 &&
           slash < path.data + path.length - 1;
}

/* Not even a gRPC call: HTTP's own words, and nobody is told. */
static void refuse_http(struct rpc_call *call, const nghttp2_nv *fields, size_t count)
{
    struct rpc_session *session = call->session;
    rpc_call_decide(call, ERROR_UNKNOWN, STR("not a gRPC request"), (struct str){NULL, 0});
    call->is_started = true;
    rpc_session_check(
        session, nghttp2_submit_response(session->http2, call->stream_id, fields, count, NULL));
}

static void refuse(struct rpc_call *call, enum error_code code, const char *text)
{
    rpc_call_finish(call, code, str_of(text), (struct str){NULL, 0});
}

static void finish_unknown(struct rpc_call *call)
{
    char text[200];
    struct str path = rpc_call_path(call);
    snprintf(text, sizeof text, "method '%.*s': unknown",
             path.length < 150 ? (int)path.length : 150, path.length ? path.data : "");
    refuse(call, ERROR_UNIMPLEMENTED, text);
}

static void watch_deadline(struct rpc_session *session, struct rpc_call *call)
{
    call->expires_ns = call->deadline_ns;
    if (call->expires_ns < session->next_expiry_ns)
        session->next_expiry_ns = call->expires_ns;
}

void rpc_server_request(struct rpc_session *session, struct rpc_call *call)
{
    if (!call->is_post) {
        refuse_http(call, NOT_POST, sizeof NOT_POST / sizeof NOT_POST[0]);
    } else if (!call->is_grpc) {
        refuse_http(call, NOT_GRPC, sizeof NOT_GRPC / sizeof NOT_GRPC[0]);
    } else if (call->refusal == REFUSAL_TOO_LARGE) {
        refuse(call, ERROR_RESOURCE_EXHAUSTED, "request headers: above the limit");
    } else if (call->refusal == REFUSAL_NO_MEMORY) {
        refuse(call, ERROR_RESOURCE_EXHAUSTED, "request headers: no memory");
    } else if (call->refusal == REFUSAL_TIMEOUT) {
        refuse(call, ERROR_INVALID_ARGUMENT, "grpc-timeout: malformed");
    } else if (call->refusal == REFUSAL_METADATA) {
        refuse(call, ERROR_INVALID_ARGUMENT, "metadata: a '-bin' value is not base64");
    } else if (!is_method_path(rpc_call_path(call)) || !session->options.on_call) {
        finish_unknown(call);
    } else {
        watch_deadline(session, call);
        session->options.on_call(session->options.context, call);
        if (!call->events && !call->is_over && call->references == 1)
            finish_unknown(call);
    }
}

/* --- Responses ------------------------------------------------------------------------------ */

static bool add_encoded(struct buffer *packed, struct str name, struct str value,
                        bool (*encode)(struct buffer *out, struct str text))
{
    struct buffer encoded;
    buffer_init(&encoded, (size_t)value.length * 3 + 4);
    bool is_added =
        encode(&encoded, value) && rpc_metadata_add(packed, name, buffer_borrow(&encoded));
    buffer_release(&encoded);
    return is_added;
}

/* The application's own fields, encoded as they go out. */
static void pack_metadata(const struct buffer *metadata, struct buffer *packed)
{
    size_t offset = 0;
    struct str name, value;
    while (rpc_metadata_next(metadata, &offset, &name, &value)) {
        if (rpc_metadata_is_binary(name))
            add_encoded(packed, name, value, rpc_base64_encode);
        else
            rpc_metadata_add(packed, name, value);
    }
}

/* The trailers of anything but a plain OK. What does not fit or finds no memory is left out: the
 * status itself always arrives. */
static void pack_trailers(const struct rpc_call *call, struct buffer *packed)
{
    char code[4];
    snprintf(code, sizeof code, "%u", (unsigned)call->code & 31);
    rpc_metadata_add(packed, STR("grpc-status"), str_of(code));
    if (call->has_bad_encoding)
        rpc_metadata_add(packed, STR("grpc-accept-encoding"), STR("identity"));
    uint32_t message_bytes = call->status_message_bytes;
    uint32_t details_bytes = (uint32_t)call->status.length_bytes - message_bytes;
    if (message_bytes > 0)
        add_encoded(packed, STR("grpc-message"), (struct str){call->status.data, message_bytes},
                    rpc_percent_encode);
    if (details_bytes > 0)
        add_encoded(packed, STR("grpc-status-details-bin"),
                    (struct str){call->status.data + message_bytes, details_bytes},
                    rpc_base64_encode);
    pack_metadata(&call->trailers, packed);
}

/* Fields of their own lifetime are copied by nghttp2, and messages are kept out of HPACK's table.
 */
static size_t unpack_fields(const struct buffer *packed, nghttp2_nv *fields, size_t capacity)
{
    size_t count = 0, offset = 0;
    struct str name, value;
    while (count < capacity && rpc_metadata_next(packed, &offset, &name, &value)) {
        bool is_common = str_equal(name, STR("grpc-status"));
        fields[count++] =
            (nghttp2_nv){(uint8_t *)name.data, (uint8_t *)value.data, name.length, value.length,
                         is_common ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX};
    }
    return count;
}

void rpc_server_start(struct rpc_call *call)
{
    assert(!call->is_client);
    struct rpc_session *session = call->session;
    const nghttp2_data_provider provider = {.source = {.ptr = call},
                                            .read_callback = rpc_call_read};
    nghttp2_nv fields[RESPONSE_COUNT + OWN_METADATA_COUNT];
    size_t count = RESPONSE_COUNT;
    struct buffer packed;
    call->is_started = true;
    memcpy(fields, RESPONSE, sizeof RESPONSE);
    buffer_init(&packed, 2 * (size_t)OWN_METADATA_BYTES);
    if (call->initial_count > 0) {
        pack_metadata(&call->initial, &packed);
        count += unpack_fields(&packed, fields + count, OWN_METADATA_COUNT);
    }
    rpc_session_check(session, nghttp2_submit_response(session->http2, call->stream_id, fields,
                                                       count, &provider));
    buffer_release(&packed);
}

static bool is_plain_ok(const struct rpc_call *call)
{
    return call->code == ERROR_OK && call->status.length_bytes == 0 && call->trailer_count == 0;
}

void rpc_server_submit_trailers(struct rpc_call *call)
{
    struct rpc_session *session = call->session;
    if (is_plain_ok(call)) {
        rpc_session_check(session,
                          nghttp2_submit_trailer(session->http2, call->stream_id, STATUS_OK, 1));
        return;
    }
    struct buffer packed;
    nghttp2_nv fields[OWN_TRAILER_COUNT + OWN_METADATA_COUNT];
    buffer_init(&packed, 4 * (size_t)STATUS_BYTES + 2 * (size_t)OWN_METADATA_BYTES);
    pack_trailers(call, &packed);
    size_t count = unpack_fields(&packed, fields, sizeof fields / sizeof fields[0]);
    rpc_session_check(session,
                      nghttp2_submit_trailer(session->http2, call->stream_id, fields, count));
    buffer_release(&packed);
}

void rpc_server_answer_at_once(struct rpc_call *call)
{
    struct rpc_session *session = call->session;
    struct buffer packed;
    nghttp2_nv fields[RESPONSE_COUNT + OWN_TRAILER_COUNT + OWN_METADATA_COUNT];
    call->is_started = true;
    buffer_init(&packed, 4 * (size_t)STATUS_BYTES + 2 * (size_t)OWN_METADATA_BYTES);
    pack_trailers(call, &packed);
    memcpy(fields, RESPONSE, sizeof RESPONSE);
    size_t count = RESPONSE_COUNT + unpack_fields(&packed, fields + RESPONSE_COUNT,
                                                  OWN_TRAILER_COUNT + OWN_METADATA_COUNT);
    rpc_session_check(
        session, nghttp2_submit_response(session->http2, call->stream_id, fields, count, NULL));
    buffer_release(&packed);
}
