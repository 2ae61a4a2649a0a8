/* JSON text to jansson's values, for files of many records: jansson's own reader goes byte by byte
 * through three functions and takes several times as long as all else that a load does.
 *
 * RFC 8259, strict: a name twice in an object, a lone surrogate, U+0000, text behind the value,
 * nesting deeper than JSON_DEPTH_LIMIT and integers beyond int64 are refused, as jansson does.
 * A test compares the two on random texts. Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_JSON_TEXT_H
#define HAIHE_HAIHECTL_JSON_TEXT_H

#include <jansson.h>

#include "base/error.h"
#include "base/str.h"

/* A record has 5 levels, JSON-LD some more. */
enum { JSON_DEPTH_LIMIT = 64 };

/* The value, a new reference; NULL and an error otherwise. *line is then the line within the text
 * (from 0) on which it went wrong; the message names the column (in bytes, from 1). */
json_t *json_text_parse(struct str text, uint64_t *line, struct error *error);

#endif
