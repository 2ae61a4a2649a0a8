#include "rpc/raw.h"

#include <criterion/criterion.h>
#include <stdio.h>

static int on_header(nghttp2_session *http2, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                     void *context)
{
    (void)http2;
    (void)frame;
    (void)flags;
    struct raw *raw = context;
    cr_assert(buffer_printf(&raw->headers, "%.*s: %.*s\n", (int)name_bytes, (const char *)name,
                            (int)value_bytes, (const char *)value));
    return 0;
}

static int on_frame(nghttp2_session *http2, const nghttp2_frame *frame, void *context)
{
    (void)http2;
    struct raw *raw = context;
    raw->header_blocks += frame->hd.type == NGHTTP2_HEADERS;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        raw->has_goaway = true;
        raw->goaway_code = frame->goaway.error_code;
    }
    return 0;
}

static int on_stream_close(nghttp2_session *http2, int32_t stream_id, uint32_t code, void *context)
{
    (void)http2;
    (void)stream_id;
    struct raw *raw = context;
    raw->is_closed = true;
    raw->close_code = code;
    return 0;
}

static ssize_t read_body(nghttp2_session *http2, int32_t stream_id, uint8_t *out, size_t capacity,
                         uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)http2;
    (void)stream_id;
    (void)context;
    struct raw *raw = source->ptr;
    size_t take = raw->data.length_bytes < capacity ? raw->data.length_bytes : capacity;
    if (take > 0)
        memcpy(out, raw->data.data, take);
    buffer_consume(&raw->data, take);
    if (raw->data.length_bytes == 0 && !raw->keeps_open)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    else if (take == 0)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)take;
}

void raw_init(struct raw *raw, struct rpc_session *server)
{
    *raw = (struct raw){.server = server};
    buffer_init(&raw->headers, 1 << 20);
    buffer_init(&raw->data, 1 << 26);
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_client_new(&raw->http2, callbacks, raw);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(raw->http2, NGHTTP2_FLAG_NONE, NULL, 0);
}

void raw_release(struct raw *raw)
{
    nghttp2_session_del(raw->http2);
    buffer_release(&raw->headers);
    buffer_release(&raw->data);
}

int32_t raw_request(struct raw *raw, const struct raw_field *fields, size_t count)
{
    static const struct raw_field USUAL[] = {
        {":method", "POST"},    {":scheme", "http"}, {":path", "/a.B/C"},
        {":authority", "test"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
    enum { USUAL_COUNT = sizeof USUAL / sizeof USUAL[0], MOST = 64 };
    struct raw_field all[MOST];
    nghttp2_nv nva[MOST];
    size_t all_count = USUAL_COUNT;
    memcpy(all, USUAL, sizeof USUAL);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < all_count && strcmp(all[at].name, fields[i].name) != 0)
            at++;
        if (at == USUAL_COUNT || at == all_count)
            at = all_count++;
        all[at] = fields[i];
    }
    size_t nv_count = 0;
    for (size_t i = 0; i < all_count; i++) {
        if (all[i].value)
            nva[nv_count++] =
                (nghttp2_nv){(uint8_t *)all[i].name, (uint8_t *)all[i].value, strlen(all[i].name),
                             strlen(all[i].value), NGHTTP2_NV_FLAG_NONE};
    }
    nghttp2_data_provider provider = {.source = {.ptr = raw}, .read_callback = read_body};
    raw->is_closed = false;
    return nghttp2_submit_request(raw->http2, NULL, nva, nv_count, &provider, NULL);
}

void raw_feed(struct raw *raw, const void *bytes, size_t size_bytes)
{
    if (!raw->is_refused && !rpc_session_feed(raw->server, bytes, size_bytes, NULL))
        raw->is_refused = true;
}

void raw_pump(struct raw *raw)
{
    for (bool moved = true; moved;) {
        const uint8_t *bytes;
        ssize_t size_bytes = nghttp2_session_mem_send(raw->http2, &bytes);
        moved = size_bytes > 0;
        if (size_bytes > 0)
            raw_feed(raw, bytes, (size_t)size_bytes);
        uint8_t out[5000];
        size_t out_bytes = rpc_session_pull(raw->server, out, sizeof out);
        if (out_bytes > 0) {
            moved = true;
            cr_assert_eq(nghttp2_session_mem_recv(raw->http2, out, out_bytes), (ssize_t)out_bytes);
        }
    }
}

bool raw_has(const struct raw *raw, const char *line)
{
    char with_end[400];
    snprintf(with_end, sizeof with_end, "%s\n", line);
    return raw->headers.length_bytes > 0 &&
           memmem(raw->headers.data, raw->headers.length_bytes, with_end, strlen(with_end));
}
