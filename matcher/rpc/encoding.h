/* The small encodings of gRPC over HTTP/2: percent-encoding of status messages, base64 of binary
 * metadata, grpc-timeout. Specification: grpc/doc/PROTOCOL-HTTP2.md. Thread: any. */
#ifndef HAIHE_RPC_ENCODING_H
#define HAIHE_RPC_ENCODING_H

#include "base/buffer.h"
#include "base/str.h"

/* Appends the text with everything but printable ASCII, and '%', as %XX. False: no room. */
bool rpc_percent_encode(struct buffer *out, struct str text);
/* Appends the decoded text; a '%' without two hexadecimal digits stands for itself. */
bool rpc_percent_decode(struct buffer *out, struct str text);

/* Appends base64 without padding. */
bool rpc_base64_encode(struct buffer *out, struct str bytes);
/* Appends the bytes; padding is optional. False, with nothing appended, when the text is not
 * base64, or there is no room. */
bool rpc_base64_decode(struct buffer *out, struct str text);

enum { RPC_TIMEOUT_TEXT_BYTES = 12 };
/* "100m" (1 to 8 digits and one of HMSmun) to nanoseconds, at most INT64_MAX. False: malformed. */
bool rpc_timeout_parse(struct str text, int64_t *timeout_ns);
/* The finest unit that needs at most 8 digits, rounded up; 0 and less: "0n". Returns the length. */
uint32_t rpc_timeout_format(int64_t timeout_ns, char out[RPC_TIMEOUT_TEXT_BYTES]);

#endif
