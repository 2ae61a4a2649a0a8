#include "fuzz/frames.h"

enum {
    TYPE_DATA = 0,
    TYPE_HEADERS = 1,
    TYPE_SETTINGS = 4,
    FLAG_END_STREAM = 1,
    FLAG_END_HEADERS = 4,
};

uint8_t script_byte(struct script *script)
{
    if (script->left_bytes == 0)
        return 0;
    script->left_bytes--;
    return *script->at++;
}

uint32_t script_number(struct script *script)
{
    uint32_t high = script_byte(script);
    return high << 8 | script_byte(script);
}

struct str script_bytes(struct script *script, size_t most)
{
    size_t take = most < script->left_bytes ? most : script->left_bytes;
    struct str bytes = {(const char *)script->at, (uint32_t)take};
    script->at += take;
    script->left_bytes -= take;
    return bytes;
}

static void put_frame(struct buffer *out, uint8_t type, uint8_t flags, uint32_t stream_id,
                      struct str payload)
{
    const uint8_t head[] = {(uint8_t)(payload.length >> 16),
                            (uint8_t)(payload.length >> 8),
                            (uint8_t)payload.length,
                            type,
                            flags,
                            (uint8_t)(stream_id >> 24),
                            (uint8_t)(stream_id >> 16),
                            (uint8_t)(stream_id >> 8),
                            (uint8_t)stream_id};
    buffer_append(out, head, sizeof head);
    buffer_append_str(out, payload);
}

/* Mostly the odd ids that clients use. */
static uint32_t take_stream(struct script *script)
{
    uint32_t choice = script_byte(script);
    return choice < 0xf0 ? 2 * (choice & 63) + 1 : choice - 0xf0;
}

void frames_open(struct buffer *out, bool is_client)
{
    if (is_client)
        buffer_append_str(out, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    put_frame(out, TYPE_SETTINGS, 0, 0, STR(""));
}

void frames_any(struct buffer *out, struct script *script)
{
    uint8_t type = script_byte(script);
    uint8_t flags = script_byte(script);
    uint32_t stream_id = type == TYPE_SETTINGS ? 0 : take_stream(script);
    put_frame(out, type, flags, stream_id, script_bytes(script, script_byte(script)));
}

void frames_raw(struct buffer *out, struct script *script)
{
    buffer_append_str(out, script_bytes(script, script_byte(script)));
}

/* HPACK's literal field without indexing; both texts below 127 bytes. */
static void put_field(struct buffer *out, struct str name, struct str value)
{
    const uint8_t name_head[] = {0, (uint8_t)(name.length & 0x7f)};
    const uint8_t value_head[] = {(uint8_t)(value.length & 0x7f)};
    buffer_append(out, name_head, sizeof name_head);
    buffer_append_str(out, (struct str){name.data, name.length & 0x7f});
    buffer_append(out, value_head, sizeof value_head);
    buffer_append_str(out, (struct str){value.data, value.length & 0x7f});
}

/* Each bit of `faults` leaves something out or adds something odd. */
static void put_request(struct buffer *out, struct script *script, uint8_t faults)
{
    put_field(out, STR(":method"), faults & 1 ? STR("GET") : STR("POST"));
    put_field(out, STR(":scheme"), STR("http"));
    put_field(out, STR(":path"), faults & 2 ? script_bytes(script, 6) : STR("/a.B/C"));
    put_field(out, STR(":authority"), STR("fuzz"));
    put_field(out, STR("te"), STR("trailers"));
    put_field(out, STR("content-type"),
              faults & 4 ? script_bytes(script, 24) : STR("application/grpc"));
    if (faults & 8)
        put_field(out, STR("grpc-timeout"), script_bytes(script, 3));
    if (faults & 16)
        put_field(out, STR("token-bin"), script_bytes(script, script_byte(script) & 31));
    if (faults & 32)
        put_field(out, script_bytes(script, 4), script_bytes(script, 100));
}

static void put_response(struct buffer *out, struct script *script, uint8_t faults)
{
    if (!(faults & 1)) {
        put_field(out, STR(":status"), faults & 2 ? script_bytes(script, 3) : STR("200"));
        put_field(out, STR("content-type"),
                  faults & 4 ? script_bytes(script, 24) : STR("application/grpc+proto"));
    }
    if (faults & 8)
        put_field(out, STR("grpc-status"), script_bytes(script, 1 + (faults >> 7)));
    if (faults & 16)
        put_field(out, STR("grpc-message"), script_bytes(script, script_byte(script) & 31));
    if (faults & 32)
        put_field(out, STR("grpc-status-details-bin"), script_bytes(script, 8));
    if (faults & 64)
        put_field(out, script_bytes(script, 4), script_bytes(script, 100));
}

void frames_headers(struct buffer *out, struct script *script, bool is_client)
{
    uint32_t stream_id = take_stream(script);
    uint8_t faults = script_byte(script);
    uint8_t flags = FLAG_END_HEADERS | (script_byte(script) & FLAG_END_STREAM);
    struct buffer block;
    buffer_init(&block, FRAME_LIMIT_BYTES);
    if (is_client)
        put_request(&block, script, faults);
    else
        put_response(&block, script, faults);
    put_frame(out, TYPE_HEADERS, flags, stream_id, buffer_borrow(&block));
    buffer_release(&block);
}

void frames_message(struct buffer *out, struct script *script)
{
    uint32_t stream_id = take_stream(script);
    uint8_t flags = script_byte(script);
    uint32_t size_bytes = script_number(script) & 0x3fff;
    struct buffer payload;
    buffer_init(&payload, FRAME_LIMIT_BYTES);
    const uint8_t prefix[] = {flags >> 7, 0, 0, (uint8_t)(size_bytes >> 8), (uint8_t)size_bytes};
    buffer_append(&payload, prefix, sizeof prefix);
    if (flags & 64)
        size_bytes /= 2; /* the rest may come, or not */
    char *body = buffer_reserve(&payload, size_bytes);
    if (body) {
        memset(body, 'm', size_bytes);
        buffer_commit(&payload, size_bytes);
    }
    put_frame(out, TYPE_DATA, flags & FLAG_END_STREAM, stream_id, buffer_borrow(&payload));
    buffer_release(&payload);
}
