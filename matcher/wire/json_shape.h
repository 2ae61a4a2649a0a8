/* What JSON reading and writing know about fields, from the descriptors alone. Thread: any. */
#ifndef HAIHE_WIRE_JSON_SHAPE_H
#define HAIHE_WIRE_JSON_SHAPE_H

#include <protobuf-c/protobuf-c.h>

#include "base/str.h"

/* Where JSON says which message an Any holds. */
#define JSON_TYPE_KEY "@type"

/* Deeper than any message of ours; only an Any inside a Status inside an Any could go on. */
enum { JSON_DEPTH_LIMIT = 16 };

/* Bytes of one value of a field in a message's struct or list. */
size_t json_value_bytes(ProtobufCType type);
/* True for map<string, ..>: protobuf-c tells such a field from a repeated message by nothing but
 * the entry's name (`metadata` has ErrorInfo.MetadataEntry) and its two fields. */
bool json_is_map(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field);
/* True when `camel` is the lowerCamelCase of a proto's `snake`. */
bool json_is_camel_of(const char *camel, const char *snake);

#endif
