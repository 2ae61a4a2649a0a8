/* Any message of ours <-> JSON, by the descriptors that protobuf-c generates: one converter for
 * files, command line and pages, so that no tool sees generated code.
 *
 * Field names are those of the .proto (snake_case; lowerCamelCase is read too), enums are their
 * names (numbers are read too), bytes are base64, members of a oneof are plain fields, maps are
 * objects, null is as good as absent. 64-bit integers are JSON numbers, but fixed64 (hashes, ties)
 * and what exceeds int64 are texts of digits; reading takes either. NaN and infinities are the
 * texts "NaN", "Infinity", "-Infinity". google.protobuf.Any holds "@type" and the detail's own
 * fields when the type is one of ours, else type_url and value.
 *
 * Refused with INVALID_ARGUMENT that names path and value, rules: unknown_field, wrong_type,
 * out_of_range, unknown_value, several_of_oneof, invalid_base64, invalid_utf8. Whether a record is
 * lawful is not asked here. Thread: any.
 */
#ifndef HAIHE_WIRE_JSON_MESSAGE_H
#define HAIHE_WIRE_JSON_MESSAGE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

/* `message` is a full name: "haihe.v1.Vacancy". Appends the encoded message. */
bool wire_json_encode(const char *message, const json_t *json, struct arena *arena,
                      struct buffer *out, struct error *error);
/* A new reference. Fields without value are left out, as are enums at 0; with `with_defaults`
 * numbers, texts and lists at their default are written too. NULL and an error when the bytes are
 * not such a message. */
json_t *wire_json_decode(const char *message, struct str bytes, bool with_defaults,
                         struct arena *arena, struct error *error);

#endif
