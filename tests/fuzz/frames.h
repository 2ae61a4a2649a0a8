/* HTTP/2 frames for fuzz_session.c, written as a script of bytes asks: lawful where the script does
 * not want them otherwise, so that mutations reach what lies behind the framing. */
#ifndef HAIHE_TESTS_FUZZ_FRAMES_H
#define HAIHE_TESTS_FUZZ_FRAMES_H

#include "base/buffer.h"
#include "base/str.h"

/* The input, taken from the front; at its end everything is 0. */
struct script {
    const uint8_t *at;
    size_t left_bytes;
};

uint8_t script_byte(struct script *script);
uint32_t script_number(struct script *script); /* two bytes */
/* At most `most` bytes of what is left. */
struct str script_bytes(struct script *script, size_t most);

enum { FRAME_LIMIT_BYTES = 64 * 1024 };

/* What opens a connection: the client's preface (server's session only) and empty SETTINGS. */
void frames_open(struct buffer *out, bool is_client);
/* Any frame: type, flags, stream and payload of the script's choosing, the length right. */
void frames_any(struct buffer *out, struct script *script);
/* Bytes as they are. */
void frames_raw(struct buffer *out, struct script *script);
/* A gRPC request's headers with the script's faults; `is_client`: the peer of a server. Otherwise a
 * response's, or trailers. */
void frames_headers(struct buffer *out, struct script *script, bool is_client);
/* DATA with a whole message, or the half of one. */
void frames_message(struct buffer *out, struct script *script);

#endif
