/* Base64 (RFC 4648, section 4; reading also takes the URL alphabet and a missing padding), as JSON
 * writes bytes. Thread: any. */
#ifndef HAIHE_WIRE_BASE64_H
#define HAIHE_WIRE_BASE64_H

#include "base/arena.h"
#include "base/str.h"

/* Both in the arena; data is NULL when that is exhausted or, decoding, the text is no base64. */
struct str base64_encode(struct arena *arena, struct str bytes);
struct str base64_decode(struct arena *arena, struct str text);

#endif
