/* A call's life and queues, for both roles. See internal.h for the phases. */
#include "rpc/call.h"

#include <assert.h>

#include "base/memory.h"
#include "rpc/internal.h"

#include "base/banned.h"

/* --- Life ----------------------------------------------------------------------------------- */

void rpc_call_free_memory(struct rpc_call *call)
{
    buffer_release(&call->headers);
    buffer_release(&call->status);
    buffer_release(&call->initial);
    buffer_release(&call->trailers);
    memory_free(call);
}

static struct rpc_call *take_pooled(struct rpc_session *session)
{
    struct rpc_call *call = session->pool;
    if (!call)
        return memory_try_zeroed(1, sizeof *call);
    session->pool = call->next;
    session->pooled_count--;
    struct buffer headers = call->headers;
    memset(call, 0, sizeof *call);
    buffer_clear(&headers);
    call->headers = headers;
    return call;
}

struct rpc_call *rpc_call_new(struct rpc_session *session)
{
    struct rpc_call *call = take_pooled(session);
    if (!call)
        return NULL;
    call->session = session;
    call->references = 1;
    call->is_client = session->options.role == RPC_CLIENT;
    call->deadline_ns = call->expires_ns = INT64_MAX;
    call->headers.limit_bytes = 2 * (size_t)session->limits.header_list_bytes;
    buffer_init(&call->status, STATUS_BYTES);
    buffer_init(&call->initial, OWN_METADATA_BYTES);
    buffer_init(&call->trailers, OWN_METADATA_BYTES);
    rpc_inbox_init(&call->inbox, &session->incoming_bytes);
    rpc_outbox_init(&call->outbox, &session->outgoing_bytes);
    memcpy(call->peer, session->peer, sizeof call->peer);
    call->next = session->calls;
    if (call->next)
        call->next->previous = call;
    session->calls = call;
    session->call_count++;
    return call;
}

static void unlink_ending(struct rpc_call *call)
{
    struct rpc_call **link = &call->session->ending;
    while (*link != call)
        link = &(*link)->next_ending;
    *link = call->next_ending;
    call->is_ending = false;
}

/* Back to the session's pool, so that the next call needs no memory. */
static void pool(struct rpc_session *session, struct rpc_call *call)
{
    buffer_release(&call->status);
    buffer_release(&call->initial);
    buffer_release(&call->trailers);
    if (call->headers.capacity_bytes > POOLED_HEADER_BYTES)
        buffer_release(&call->headers);
    call->next = session->pool;
    session->pool = call;
    session->pooled_count++;
}

void rpc_call_detach(struct rpc_call *call)
{
    struct rpc_session *session = call->session;
    assert(call->is_ended);
    if (call->is_ending)
        unlink_ending(call);
    if (call->previous)
        call->previous->next = call->next;
    else
        session->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    session->call_count--;
    session->idle_since_ns = session->now_ns;
    session->incoming_bytes -= call->outstanding_bytes;
    session->header_bytes -= call->header_bytes;
    call->outstanding_bytes = 0;
    call->outstanding_count = 0;
    call->session = NULL;
    call->next = call->previous = NULL;
    /* What a late reply would find: nothing to send to, nothing that holds memory. */
    rpc_outbox_release(&call->outbox);
    rpc_inbox_release(&call->inbox);
    if (call->references == 1 && session->pooled_count < POOLED_CALLS)
        pool(session, call);
    else
        rpc_call_unref(call);
}

struct rpc_call *rpc_call_ref(struct rpc_call *call)
{
    call->references++;
    return call;
}

void rpc_call_unref(struct rpc_call *call)
{
    if (!call || --call->references > 0)
        return;
    assert(!call->session);
    rpc_call_free_memory(call);
}

/* --- The end -------------------------------------------------------------------------------- */

/* Cuts at a character's end, so that what was UTF-8 stays UTF-8. */
static struct str cut_text(struct str text, uint32_t limit_bytes)
{
    if (text.length <= limit_bytes)
        return text;
    text.length = limit_bytes;
    while (text.length > 0 && ((unsigned char)text.data[text.length] & 0xc0) == 0x80)
        text.length--;
    return text;
}

static void set_outcome(struct rpc_call *call, enum error_code code, struct str message,
                        struct str details)
{
    call->code = code;
    call->status_message_bytes = 0;
    buffer_clear(&call->status);
    if (message.length > 0 && buffer_append_str(&call->status, cut_text(message, STATUS_BYTES / 4)))
        call->status_message_bytes = (uint32_t)call->status.length_bytes;
    if (details.length > 0)
        buffer_append_str(&call->status, details); /* too large: the status goes without */
    atomic_store_explicit(&call->is_over, true, memory_order_release);
}

void rpc_call_decide(struct rpc_call *call, enum error_code code, struct str message,
                     struct str details)
{
    if (!call->is_over)
        set_outcome(call, code, message, details);
}

void rpc_call_lose(struct rpc_call *call, enum error_code code, struct str message)
{
    if (!call->is_ending && !call->is_ended)
        set_outcome(call, code, message, (struct str){NULL, 0});
}

void rpc_call_end(struct rpc_call *call)
{
    assert(call->is_over);
    if (call->is_ended)
        return;
    call->is_ended = true;
    if (!call->events || !call->events->on_end)
        return;
    const char *text = call->status.data;
    struct rpc_status status = {
        .code = call->code,
        .message = {text, call->status_message_bytes},
        .details = {text ? text + call->status_message_bytes : NULL,
                    (uint32_t)call->status.length_bytes - call->status_message_bytes}};
    call->events->on_end(call, call->context, &status);
}

void rpc_call_end_later(struct rpc_call *call)
{
    if (call->is_ending || call->is_ended)
        return;
    call->is_ending = true;
    call->next_ending = call->session->ending;
    call->session->ending = call;
    rpc_session_woken(call->session);
}

void rpc_call_reset(struct rpc_call *call, uint32_t http2_code)
{
    struct rpc_session *session = call->session;
    rpc_outbox_release(&call->outbox);
    rpc_session_check(session, nghttp2_submit_rst_stream(session->http2, NGHTTP2_FLAG_NONE,
                                                         call->stream_id, http2_code));
    rpc_session_woken(session);
}

static void resume(struct rpc_call *call)
{
    if (call->is_deferred) {
        call->is_deferred = false;
        rpc_session_check(call->session,
                          nghttp2_session_resume_data(call->session->http2, call->stream_id));
    }
    rpc_session_woken(call->session);
}

/* Server: lets the decided status go out, after what is queued. Initial metadata has a header block
 * of its own. */
static void answer(struct rpc_call *call)
{
    if (!call->is_started && call->initial_count == 0 && rpc_outbox_is_empty(&call->outbox)) {
        rpc_server_answer_at_once(call);
        rpc_session_woken(call->session);
        return;
    }
    if (!call->is_started)
        rpc_server_start(call);
    resume(call);
}

void rpc_call_abort(struct rpc_call *call, enum error_code code, struct str message)
{
    if (call->is_over || !call->session)
        return;
    rpc_call_decide(call, code, message, (struct str){NULL, 0});
    rpc_call_end_later(call);
    rpc_inbox_release(&call->inbox);
    if (call->is_client) {
        rpc_call_reset(call, NGHTTP2_CANCEL);
        return;
    }
    rpc_outbox_drop(&call->outbox);
    answer(call);
}

/* --- Sending -------------------------------------------------------------------------------- */

static bool may_send(const struct rpc_call *call)
{
    return call->session && !call->is_over && !call->is_half_closed;
}

size_t rpc_call_room(const struct rpc_call *call)
{
    if (!may_send(call))
        return 0;
    size_t queued = rpc_outbox_bytes(&call->outbox);
    size_t limit = call->session->limits.call_outgoing_bytes;
    return queued < limit ? limit - queued : 0;
}

/* Whether a message may be queued: always while the call has room, and then up to twice its limit,
 * for an application that has several on their way; never above the connection's. */
static bool fits(const struct rpc_call *call, size_t size_bytes)
{
    const struct rpc_session *session = call->session;
    if (size_bytes > UINT32_MAX)
        return false;
    if (session->outgoing_bytes > 0 &&
        session->outgoing_bytes + size_bytes > session->limits.connection_outgoing_bytes)
        return false;
    return rpc_call_room(call) > 0 || rpc_outbox_bytes(&call->outbox) + size_bytes <=
                                          2 * (size_t)session->limits.call_outgoing_bytes;
}

static bool push(struct rpc_call *call, uint8_t *bytes_take, size_t size_bytes)
{
    if (!may_send(call))
        return false;
    if (!fits(call, size_bytes)) {
        rpc_call_abort(call, ERROR_RESOURCE_EXHAUSTED,
                       STR("too much is waiting to be read by the peer"));
        return false;
    }
    if (!bytes_take || !rpc_outbox_push(&call->outbox, bytes_take, (uint32_t)size_bytes)) {
        rpc_call_abort(call, ERROR_RESOURCE_EXHAUSTED, STR("out of memory"));
        return false;
    }
    return true;
}

bool rpc_call_send(struct rpc_call *call, uint8_t *bytes_take, size_t size_bytes)
{
    if (!push(call, bytes_take, size_bytes)) {
        memory_free(bytes_take);
        return false;
    }
    call->wants_room = true;
    if (!call->is_started)
        rpc_server_start(call);
    resume(call);
    return true;
}

bool rpc_call_send_copy(struct rpc_call *call, const void *bytes, size_t size_bytes)
{
    uint8_t *copy = may_send(call) ? memory_try(size_bytes) : NULL;
    if (copy && size_bytes > 0)
        memcpy(copy, bytes, size_bytes);
    return rpc_call_send(call, copy, size_bytes);
}

void rpc_call_want_room(struct rpc_call *call)
{
    if (!may_send(call))
        return;
    call->wants_room = true;
    if (!call->is_started)
        rpc_server_start(call);
    resume(call);
}

/* Fills from the outbox, and from on_writable whenever that is empty. */
static size_t fill(struct rpc_call *call, uint8_t *out, size_t capacity_bytes)
{
    size_t length = 0;
    for (;;) {
        length += rpc_outbox_read(&call->outbox, out + length, capacity_bytes - length);
        if (length == capacity_bytes || !may_send(call) || !call->wants_room)
            return length;
        call->wants_room = false;
        if (!call->events || !call->events->on_writable)
            return length;
        call->events->on_writable(call, call->context);
        if (rpc_outbox_is_empty(&call->outbox))
            return length;
    }
}

ssize_t rpc_call_read(nghttp2_session *http2, int32_t stream_id, uint8_t *out,
                      size_t capacity_bytes, uint32_t *flags, nghttp2_data_source *source,
                      void *user_data)
{
    (void)http2;
    (void)stream_id;
    (void)user_data;
    struct rpc_call *call = source->ptr;
    size_t length = fill(call, out, capacity_bytes);
    if (!rpc_outbox_is_empty(&call->outbox))
        return (ssize_t)length;
    if (call->is_client ? call->is_half_closed : call->is_over) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (!call->is_client) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            rpc_server_submit_trailers(call);
        }
        return (ssize_t)length;
    }
    if (length > 0)
        return (ssize_t)length;
    call->is_deferred = true;
    return NGHTTP2_ERR_DEFERRED;
}

/* --- What else the application calls -------------------------------------------------------- */

void rpc_call_accept(struct rpc_call *call, const struct rpc_call_events *events, void *context)
{
    assert(!call->events);
    call->events = events;
    call->context = context;
}

void rpc_call_consume(struct rpc_call *call, size_t size_bytes)
{
    if (!call->session || call->outstanding_count == 0)
        return;
    uint64_t framed_bytes = size_bytes + sizeof call->inbox.prefix;
    if (framed_bytes > call->outstanding_bytes)
        framed_bytes = call->outstanding_bytes;
    call->outstanding_count--;
    call->outstanding_bytes -= framed_bytes;
    call->session->incoming_bytes -= framed_bytes;
    rpc_call_credit(call);
    rpc_session_woken(call->session);
}

void rpc_call_finish(struct rpc_call *call, enum error_code code, struct str message,
                     struct str details)
{
    assert(!call->is_client);
    if (!call->session || call->is_over)
        return;
    rpc_call_decide(call, code, message, details);
    answer(call);
}

void rpc_call_fail(struct rpc_call *call, const struct error *error, struct str details)
{
    rpc_call_finish(call, error->code, str_of(error->text), details);
}

bool rpc_call_add_header(struct rpc_call *call, struct str name, struct str value)
{
    assert(!call->is_client);
    if (call->is_over || call->is_started || call->initial_count == OWN_METADATA_COUNT ||
        !rpc_metadata_add(&call->initial, name, value))
        return false;
    call->initial_count++;
    return true;
}

bool rpc_call_add_trailer(struct rpc_call *call, struct str name, struct str value)
{
    assert(!call->is_client);
    if (call->trailer_count == OWN_METADATA_COUNT ||
        !rpc_metadata_add(&call->trailers, name, value))
        return false;
    call->trailer_count++;
    return true;
}

void rpc_call_half_close(struct rpc_call *call)
{
    assert(call->is_client);
    if (!may_send(call))
        return;
    call->is_half_closed = true;
    resume(call);
}

void rpc_call_cancel(struct rpc_call *call)
{
    if (!call->session || call->is_over)
        return;
    rpc_call_decide(call, ERROR_CANCELLED, STR("cancelled here"), (struct str){NULL, 0});
    rpc_call_end_later(call);
    rpc_call_reset(call, NGHTTP2_CANCEL);
}

bool rpc_call_is_over(const struct rpc_call *call)
{
    return atomic_load_explicit(&call->is_over, memory_order_acquire);
}

int64_t rpc_call_deadline_ns(const struct rpc_call *call)
{
    return call->deadline_ns;
}

struct str rpc_call_path(const struct rpc_call *call)
{
    return (struct str){call->headers.data + call->path_offset, call->path_length};
}

struct str rpc_call_peer(const struct rpc_call *call)
{
    return str_of(call->peer);
}

bool rpc_call_metadata(const struct rpc_call *call, struct str name, struct str *value)
{
    return rpc_metadata_find(&call->headers, name, value);
}

bool rpc_call_metadata_at(const struct rpc_call *call, size_t index, struct str *name,
                          struct str *value)
{
    size_t offset = 0;
    for (size_t i = 0; rpc_metadata_next(&call->headers, &offset, name, value); i++) {
        if (i == index)
            return true;
    }
    return false;
}
