/* Scalars of JSON -> message; see json_message.h and json_read.h. Thread: any. */
#include "wire/json_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "wire/base64.h"
#include "wire/json_shape.h"

#include "base/banned.h"

/* --- Refusals ------------------------------------------------------------------------------- */

static const char *type_text(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth value";
    case JSON_NULL:
        break;
    }
    return "null";
}

static const char *target_name(char out[FIELD_NAME_BYTES], const struct target *target)
{
    return field_name(out, target->field->name, target->index);
}

bool json_refuse_type(const struct reader *reader, const struct target *target, const json_t *json,
                      const char *wanted)
{
    char name[FIELD_NAME_BYTES], reason[80];
    snprintf(reason, sizeof reason, "must be %s", wanted);
    return refuse_text(reader->error, "wrong_type", target_name(name, target),
                       str_of(type_text(json)), reason);
}

/* The value of a JSON scalar as text, for errors. */
static struct str scalar_text(const json_t *json, char buffer[40])
{
    if (json_is_string(json))
        return (struct str){json_string_value(json), (uint32_t)json_string_length(json)};
    if (json_is_integer(json))
        snprintf(buffer, 40, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else
        snprintf(buffer, 40, "%.17g", json_real_value(json));
    return str_of(buffer);
}

static bool refuse_value(const struct reader *reader, const char *rule, const struct target *target,
                         const json_t *json, const char *reason)
{
    char name[FIELD_NAME_BYTES], buffer[40];
    return refuse_text(reader->error, rule, target_name(name, target), scalar_text(json, buffer),
                       reason);
}

/* --- Numbers -------------------------------------------------------------------------------- */

/* An integer as sign and size, so that both int64 and uint64 fit. */
struct integer {
    bool is_negative;
    uint64_t size;
};

static bool integer_of_text(struct str text, struct integer *out)
{
    *out = (struct integer){.is_negative = text.length > 0 && text.data[0] == '-'};
    uint32_t i = out->is_negative ? 1 : 0;
    if (i == text.length)
        return false;
    for (; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(out->size, 10u, &out->size) ||
            __builtin_add_overflow(out->size, (uint64_t)(text.data[i] - '0'), &out->size))
            return false;
    }
    return true;
}

/* A number, a real without fraction ("3.0" and "1e3", as JavaScript may write them), or a text. */
static bool integer_of(const json_t *json, struct integer *out)
{
    if (json_is_integer(json)) {
        int64_t value = json_integer_value(json);
        *out = (struct integer){value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value};
        return true;
    }
    if (json_is_string(json))
        return integer_of_text(
            (struct str){json_string_value(json), (uint32_t)json_string_length(json)}, out);
    double value = json_real_value(json);
    if (!(fabs(value) < 18446744073709551616.0) || value != floor(value))
        return false;
    *out = (struct integer){value < 0, (uint64_t)fabs(value)};
    return true;
}

/* The largest sizes of a type on either side of zero. */
static void integer_limits(ProtobufCType type, uint64_t *below, uint64_t *above)
{
    *below = 0;
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        *above = UINT32_MAX;
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        *above = UINT64_MAX;
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        *above = INT64_MAX;
        *below = (uint64_t)INT64_MAX + 1;
        break;
    default: /* 32 bits and enums */
        *above = INT32_MAX;
        *below = (uint64_t)INT32_MAX + 1;
    }
}

static bool read_integer(const struct reader *reader, const json_t *json,
                         const struct target *target)
{
    if (!json_is_number(json) && !json_is_string(json))
        return json_refuse_type(reader, target, json, "a number");
    struct integer value;
    uint64_t below, above;
    integer_limits(target->field->type, &below, &above);
    if (!integer_of(json, &value))
        return refuse_value(reader, "wrong_type", target, json, "must be a whole number");
    if (value.size > (value.is_negative ? below : above))
        return refuse_value(reader, "out_of_range", target, json, "does not fit the field");
    /* Two's complement: the low bytes serve every width and sign. */
    uint64_t bits = value.is_negative ? -value.size : value.size;
    if (json_value_bytes(target->field->type) == 8)
        memcpy(target->at, &bits, 8);
    else
        *(uint32_t *)target->at = (uint32_t)bits;
    return true;
}

static bool read_real(const struct reader *reader, const json_t *json, const struct target *target)
{
    double value;
    if (json_is_number(json))
        value = json_number_value(json);
    else if (!json_is_string(json))
        return json_refuse_type(reader, target, json, "a number");
    else if (strcmp(json_string_value(json), "NaN") == 0)
        value = NAN;
    else if (strcmp(json_string_value(json), "Infinity") == 0)
        value = INFINITY;
    else if (strcmp(json_string_value(json), "-Infinity") == 0)
        value = -INFINITY;
    else
        return refuse_value(reader, "wrong_type", target, json, "must be a number");
    if (target->field->type == PROTOBUF_C_TYPE_DOUBLE)
        *(double *)target->at = value;
    else
        *(float *)target->at = (float)value;
    return true;
}

static bool read_enum(const struct reader *reader, const json_t *json, const struct target *target)
{
    if (!json_is_string(json))
        return read_integer(reader, json, target);
    const ProtobufCEnumDescriptor *values = target->field->descriptor;
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(values, json_string_value(json));
    if (!value) {
        char reason[80];
        snprintf(reason, sizeof reason, "is no %s", values->short_name);
        return refuse_value(reader, "unknown_value", target, json, reason);
    }
    *(int *)target->at = value->value;
    return true;
}

/* --- Texts and bytes ------------------------------------------------------------------------ */

static bool read_text(const struct reader *reader, const json_t *json, const struct target *target)
{
    if (!json_is_string(json))
        return json_refuse_type(reader, target, json, "a text");
    if (strlen(json_string_value(json)) != json_string_length(json))
        return refuse_value(reader, "invalid_utf8", target, json, "must not hold NUL");
    *(char **)target->at = (char *)json_string_value(json);
    return true;
}

static bool read_bytes(const struct reader *reader, const json_t *json, const struct target *target)
{
    if (!json_is_string(json))
        return json_refuse_type(reader, target, json, "a text in base64");
    struct str text = {json_string_value(json), (uint32_t)json_string_length(json)};
    struct str bytes = base64_decode(reader->arena, text);
    if (!bytes.data)
        return refuse_value(reader, "invalid_base64", target, json, "must be base64");
    *(ProtobufCBinaryData *)target->at = (ProtobufCBinaryData){bytes.length, (uint8_t *)bytes.data};
    return true;
}

bool json_read_scalar(const struct reader *reader, const json_t *json, const struct target *target)
{
    switch (target->field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(json))
            return json_refuse_type(reader, target, json, "true or false");
        *(protobuf_c_boolean *)target->at = json_is_true(json);
        return true;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_real(reader, json, target);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(reader, json, target);
    case PROTOBUF_C_TYPE_STRING:
        return read_text(reader, json, target);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reader, json, target);
    default:
        return read_integer(reader, json, target);
    }
}
