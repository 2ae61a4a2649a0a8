/* What nghttp2 reports of incoming frames: calls begin, messages come together, streams close; and
 * the accounts of what a peer may do to us (windows, budgets).
 *
 * The window of a call. nghttp2 gives nothing back by itself; rpc_call_credit decides:
 *   uncredited  = bytes received on the call, window not given back
 *   outstanding = framed bytes of messages that the application holds
 *   may stay uncredited = outstanding + the incomplete message behind, while outstanding > 0; else
 * 0 So a peer whose messages are not consumed is stopped after one window. And no message can be
 * too large for the window: one in the making is credited as it comes as long as the application
 * holds none. What a call makes us hold is therefore at most one window and one message of the
 * largest size.
 */
#include <assert.h>
#include <stdio.h>

#include "base/memory.h"
#include "rpc/internal.h"

#include "base/banned.h"

/* --- Budgets -------------------------------------------------------------------------------- */

bool rpc_budget_spend(struct rpc_budget *budget, const struct rpc_rate *rate, int64_t now_ns)
{
    enum { NS_PER_MS = 1000 * 1000 };
    int64_t elapsed_ms = (now_ns - budget->refilled_ns) / NS_PER_MS;
    int64_t refill = elapsed_ms * rate->per_second / 1000;
    if (refill > 0) {
        int64_t tokens = (int64_t)budget->tokens + refill;
        budget->tokens = tokens > rate->burst ? rate->burst : (uint32_t)tokens;
        budget->refilled_ns = now_ns;
    }
    if (budget->tokens == 0)
        return false;
    budget->tokens--;
    return true;
}

/* The bucket that an incoming frame draws from, and what is said when it is empty; false: free. */
static bool find_budget(struct rpc_session *session, const nghttp2_frame_hd *head,
                        struct rpc_budget **budget, const struct rpc_rate **rate,
                        const char **excess)
{
    bool is_ack = (head->flags & NGHTTP2_FLAG_ACK) != 0;
    *budget = &session->oddities;
    *rate = &session->limits.oddities;
    *excess = "too many frames without purpose";
    switch (head->type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_WINDOW_UPDATE:
    case NGHTTP2_CONTINUATION:
    case NGHTTP2_GOAWAY:
        return false;
    case NGHTTP2_DATA:
        return head->length == 0 && (head->flags & NGHTTP2_FLAG_END_STREAM) == 0;
    case NGHTTP2_SETTINGS:
        return !is_ack && session->has_settings;
    case NGHTTP2_PING:
        *budget = &session->pings;
        *rate = &session->limits.pings;
        *excess = "too many pings";
        return !is_ack;
    case NGHTTP2_RST_STREAM:
        *budget = &session->resets;
        *rate = &session->limits.resets;
        *excess = "too many stream resets";
        return true;
    default:
        return true;
    }
}

/* A peer that sends without reading piles up what we owe it. For open calls that has its bounds;
 * but a stream refused, or reset at once, costs a frame in nghttp2's queue although no call is open
 * any more. Four frames for each call that may be open (headers, trailers, window, reset), and some
 * turns' worth of settings and pings: no peer that reads comes near. */
static bool is_queue_full(const struct rpc_session *session)
{
    enum { OTHER_FRAMES = 1000 };
    return session->options.role == RPC_SERVER &&
           nghttp2_session_get_outbound_queue_size(session->http2) >
               4 * (size_t)session->limits.concurrent_calls + OTHER_FRAMES;
}

static int on_begin_frame(nghttp2_session *http2, const nghttp2_frame_hd *head, void *user_data)
{
    (void)http2;
    struct rpc_session *session = user_data;
    struct rpc_budget *budget;
    const struct rpc_rate *rate;
    const char *excess;
    session->heard_ns = session->now_ns;
    session->probed_ns = 0;
    if (find_budget(session, head, &budget, &rate, &excess) &&
        !rpc_budget_spend(budget, rate, session->now_ns))
        rpc_session_condemn(session, excess);
    else if (is_queue_full(session))
        rpc_session_condemn(session, "it does not read what it is sent");
    return 0;
}

/* Faults that the peer makes us answer with a reset cost as much as its own resets. */
static bool is_fault(uint32_t http2_code)
{
    return http2_code != NGHTTP2_NO_ERROR && http2_code != NGHTTP2_CANCEL &&
           http2_code != NGHTTP2_REFUSED_STREAM;
}

static int on_frame_send(nghttp2_session *http2, const nghttp2_frame *frame, void *user_data)
{
    struct rpc_session *session = user_data;
    int32_t stream_id = frame->hd.stream_id;
    if (frame->hd.type == NGHTTP2_RST_STREAM && is_fault(frame->rst_stream.error_code)) {
        if (!rpc_budget_spend(&session->resets, &session->limits.resets, session->now_ns))
            rpc_session_condemn(session, "too many stream errors");
    } else if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
        if (session->violation.code == ERROR_OK)
            error_set(&session->violation, ERROR_INVALID_ARGUMENT, "peer '%s': HTTP/2: %s",
                      session->peer, nghttp2_http2_strerror(frame->goaway.error_code));
    } else if (frame->hd.type == NGHTTP2_HEADERS && session->options.role == RPC_SERVER &&
               (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
        struct rpc_call *call = nghttp2_session_get_stream_user_data(http2, stream_id);
        if (call)
            call->are_trailers_sent = true;
        /* A client that is still sending is told to stop. Only now: a reset that is queued together
         * with the trailers would overtake them. */
        if (nghttp2_session_get_stream_remote_close(http2, stream_id) == 0)
            rpc_session_check(session, nghttp2_submit_rst_stream(http2, NGHTTP2_FLAG_NONE,
                                                                 stream_id, NGHTTP2_NO_ERROR));
    }
    return 0;
}

/* --- Headers -------------------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *http2, const nghttp2_frame *frame, void *user_data)
{
    struct rpc_session *session = user_data;
    if (session->options.role != RPC_SERVER || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct rpc_call *call = rpc_call_new(session);
    if (!call) {
        /* No memory. Nobody has looked at the request, so clients may safely send it again. */
        rpc_session_check(session,
                          nghttp2_submit_rst_stream(http2, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                                    NGHTTP2_REFUSED_STREAM));
        return 0;
    }
    call->stream_id = frame->hd.stream_id;
    nghttp2_session_set_stream_user_data(http2, call->stream_id, call);
    return 0;
}

/* The headers' memory may have grown. */
static void count_headers(struct rpc_call *call)
{
    call->session->header_bytes += call->headers.capacity_bytes - call->header_bytes;
    call->header_bytes = call->headers.capacity_bytes;
}

static int on_header(nghttp2_session *http2, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                     void *user_data)
{
    enum { FIELD_COST_BYTES = 32 }; /* as SETTINGS_MAX_HEADER_LIST_SIZE counts */
    (void)flags;
    struct rpc_session *session = user_data;
    struct rpc_call *call = nghttp2_session_get_stream_user_data(http2, frame->hd.stream_id);
    if (!call || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (!call->is_client && frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0; /* a request's trailers mean nothing in gRPC */
    call->header_list_bytes += (uint32_t)(name_bytes + value_bytes + FIELD_COST_BYTES);
    if (call->header_list_bytes > session->limits.header_list_bytes) {
        call->refusal = REFUSAL_TOO_LARGE;
        if (call->header_list_bytes / HEADER_BOMB_FACTOR > session->limits.header_list_bytes)
            rpc_session_condemn(session, "headers far above the limit");
        return 0;
    }
    struct str name_text = {(const char *)name, (uint32_t)name_bytes};
    struct str value_text = {(const char *)value, (uint32_t)value_bytes};
    if (call->is_client)
        rpc_client_header(call, name_text, value_text);
    else
        rpc_server_header(call, name_text, value_text);
    count_headers(call);
    return 0;
}

/* --- Messages ------------------------------------------------------------------------------- */

void rpc_call_credit(struct rpc_call *call)
{
    uint64_t may_stay = 0;
    if (call->outstanding_count > 0 && !call->is_over)
        may_stay = call->outstanding_bytes + rpc_inbox_pending_bytes(&call->inbox);
    if (call->uncredited_bytes <= may_stay)
        return;
    uint64_t credit = call->uncredited_bytes - may_stay;
    call->uncredited_bytes = may_stay;
    rpc_session_check(call->session, nghttp2_session_consume(call->session->http2, call->stream_id,
                                                             (size_t)credit));
}

static void deliver(struct rpc_call *call, uint8_t *message_take, size_t size_bytes)
{
    if (!call->events || !call->events->on_message) {
        memory_free(message_take);
        return;
    }
    call->outstanding_count++;
    call->outstanding_bytes += size_bytes + sizeof call->inbox.prefix;
    call->session->incoming_bytes += size_bytes + sizeof call->inbox.prefix;
    call->events->on_message(call, call->context, message_take, size_bytes);
}

static void refuse_message(struct rpc_call *call, enum rpc_inbox_result result)
{
    char text[120];
    switch (result) {
    case RPC_INBOX_COMPRESSED:
        call->has_bad_encoding = true;
        rpc_call_abort(call, ERROR_UNIMPLEMENTED,
                       STR("compressed messages are not supported: use grpc-encoding identity"));
        break;
    case RPC_INBOX_TOO_LARGE:
        snprintf(text, sizeof text, "message of %u bytes: above the limit of %u",
                 call->inbox.size_bytes, call->session->limits.message_bytes);
        rpc_call_abort(call, ERROR_RESOURCE_EXHAUSTED, str_of(text));
        break;
    default:
        rpc_call_abort(call, ERROR_RESOURCE_EXHAUSTED, STR("out of memory"));
        break;
    }
}

static int on_data_chunk(nghttp2_session *http2, uint8_t flags, int32_t stream_id,
                         const uint8_t *bytes, size_t size_bytes, void *user_data)
{
    (void)flags;
    struct rpc_session *session = user_data;
    struct rpc_call *call = nghttp2_session_get_stream_user_data(http2, stream_id);
    if (!call) {
        rpc_session_check(session, nghttp2_session_consume(http2, stream_id, size_bytes));
        return 0;
    }
    call->uncredited_bytes += size_bytes;
    while (size_bytes > 0 && !call->is_over) {
        uint8_t *message;
        size_t message_bytes;
        enum rpc_inbox_result result =
            rpc_inbox_feed(&call->inbox, &bytes, &size_bytes, session->limits.message_bytes,
                           &message, &message_bytes);
        if (result == RPC_INBOX_MESSAGE)
            deliver(call, message, message_bytes);
        else if (result != RPC_INBOX_MORE)
            refuse_message(call, result);
        if (session->incoming_bytes > session->limits.connection_incoming_bytes)
            rpc_call_abort(call, ERROR_RESOURCE_EXHAUSTED,
                           STR("too many large messages at once on this connection"));
    }
    rpc_call_credit(call);
    return 0;
}

/* --- Ends ----------------------------------------------------------------------------------- */

static void on_remote_end(struct rpc_call *call)
{
    if (call->is_over)
        return;
    if (call->is_client) {
        rpc_call_abort(call, ERROR_UNKNOWN, STR("the server ended the call without a status"));
    } else if (rpc_inbox_pending_bytes(&call->inbox) > 0) {
        rpc_call_abort(call, ERROR_INTERNAL, STR("the last message is cut off"));
    } else if (call->events && call->events->on_half_close) {
        call->events->on_half_close(call, call->context);
    }
}

static int on_frame_recv(nghttp2_session *http2, const nghttp2_frame *frame, void *user_data)
{
    struct rpc_session *session = user_data;
    bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
        session->has_settings = true;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct rpc_call *call = nghttp2_session_get_stream_user_data(http2, frame->hd.stream_id);
    if (!call)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && call->is_client) {
        rpc_client_response(call, is_end);
        return 0;
    }
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        rpc_server_request(session, call);
    if (is_end)
        on_remote_end(call);
    return 0;
}

static int on_stream_close(nghttp2_session *http2, int32_t stream_id, uint32_t http2_code,
                           void *user_data)
{
    struct rpc_session *session = user_data;
    struct rpc_call *call = nghttp2_session_get_stream_user_data(http2, stream_id);
    if (!call)
        return 0;
    nghttp2_session_set_stream_user_data(http2, stream_id, NULL);
    if (call->is_client && !call->is_over)
        rpc_client_closed(call, http2_code);
    else if (!call->is_client && !call->are_trailers_sent)
        rpc_call_lose(call, ERROR_CANCELLED, STR("the client cancelled the call"));
    if (call->uncredited_bytes > 0)
        rpc_session_check(session,
                          nghttp2_session_consume_connection(http2, call->uncredited_bytes));
    call->uncredited_bytes = 0;
    rpc_call_end(call);
    rpc_call_detach(call);
    return 0;
}

void rpc_receive_register(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
}
