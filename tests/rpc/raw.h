/* A client that knows HTTP/2 but keeps none of gRPC's rules: for requests that ours never sends. */
#ifndef HAIHE_TESTS_RPC_RAW_H
#define HAIHE_TESTS_RPC_RAW_H

#include <nghttp2/nghttp2.h>

#include "base/buffer.h"
#include "rpc/session.h"

struct raw {
    nghttp2_session *http2;
    struct rpc_session *server; /* borrowed */
    struct buffer headers;      /* "name: value\n" of all responses */
    struct buffer data;         /* the body still to be sent */
    bool keeps_open;            /* no END_STREAM behind the data */
    bool is_closed;             /* the last stream */
    uint32_t close_code;
    bool has_goaway;
    uint32_t goaway_code;
    size_t header_blocks; /* received */
    bool is_refused;      /* the server's session gave up feeding */
};

struct raw_field {
    const char *name;
    const char *value;
};

void raw_init(struct raw *raw, struct rpc_session *server);
void raw_release(struct raw *raw);
/* Sends a gRPC request for /a.B/C whose fields are overridden or added to by `fields` (a NULL value
 * removes one), with raw->data as body. Returns the stream id. */
int32_t raw_request(struct raw *raw, const struct raw_field *fields, size_t count);
/* Moves bytes until both are quiet. */
void raw_pump(struct raw *raw);
/* Feeds the server bytes of the test's own. */
void raw_feed(struct raw *raw, const void *bytes, size_t size_bytes);
/* Whether the responses had the line "name: value". */
bool raw_has(const struct raw *raw, const char *line);

#endif
