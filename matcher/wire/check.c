/* See check.h. Paths are put together only when something is wrong: the leaf names itself, each
 * level above puts its own name in front on the way out. Thread: any.
 */
#include "wire/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

/* Texts of errors hold no more. */
enum { SHOWN_BYTES = 120 };

/* The field that is looked at. */
struct spot {
    const ProtobufCFieldDescriptor *field;
    const struct field_rule *rule;
    size_t index; /* in a list, else SIZE_MAX */
};

const char *field_name(char out[FIELD_NAME_BYTES], const char *name, size_t index)
{
    if (index == SIZE_MAX)
        snprintf(out, FIELD_NAME_BYTES, "%s", name);
    else
        snprintf(out, FIELD_NAME_BYTES, "%s[%zu]", name, index);
    return out;
}

/* The text without control characters, cut to what an error holds. */
static const char *show(char out[SHOWN_BYTES], struct str text)
{
    size_t length = 0;
    uint32_t i = 0;
    for (; i < text.length && length + 5 < SHOWN_BYTES; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte == 0x7f)
            length += (size_t)snprintf(out + length, SHOWN_BYTES - length, "\\x%02x", byte);
        else
            out[length++] = (char)byte;
    }
    bool is_cut = i < text.length;
    out[is_cut ? text_whole_bytes(out, length) : length] = '\0';
    return out;
}

bool refuse_text(struct error *error, const char *rule, const char *field, struct str value,
                 const char *reason)
{
    char shown[SHOWN_BYTES];
    return error_field(error, rule, field, show(shown, value), "%s", reason);
}

bool refuse_number(struct error *error, const char *rule, const char *field, int64_t value,
                   const char *reason)
{
    char shown[24];
    snprintf(shown, sizeof shown, "%" PRId64, value);
    return error_field(error, rule, field, shown, "%s", reason);
}

__attribute__((format(printf, 5, 6))) static bool refuse(const struct spot *at, struct error *error,
                                                         const char *rule, const char *value,
                                                         const char *reason_format, ...)
{
    char name[FIELD_NAME_BYTES], reason[160];
    va_list arguments;
    va_start(arguments, reason_format);
    vsnprintf(reason, sizeof reason, reason_format, arguments);
    va_end(arguments);
    return error_field(error, rule, field_name(name, at->field->name, at->index), value, "%s",
                       reason);
}

/* --- Texts ---------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool form_allows(enum text_form form, char c)
{
    switch (form) {
    case FORM_SYSTEM:
        return is_small(c) || is_digit(c) || c == '-' || c == '.';
    case FORM_CODE:
        return is_small(c) || is_capital(c) || is_digit(c) || c == '-' || c == '.';
    case FORM_CURRENCY:
        return is_capital(c);
    case FORM_LANGUAGE:
        return is_small(c) || is_capital(c);
    case FORM_PROFILE:
        return is_small(c) || is_digit(c) || c == '-' || c == '_';
    case FORM_ANY:
        break;
    }
    return true;
}

static const char *form_text(enum text_form form)
{
    switch (form) {
    case FORM_SYSTEM:
        return "may hold a-z, 0-9, '-' and '.' only";
    case FORM_CODE:
        return "may hold A-Z, a-z, 0-9, '-' and '.' only";
    case FORM_CURRENCY:
        return "must be three capital letters";
    case FORM_LANGUAGE:
        return "may hold letters a-z only";
    case FORM_PROFILE:
        return "may hold a-z, 0-9, '-' and '_' only";
    case FORM_ANY:
        break;
    }
    return "";
}

static bool form_holds(enum text_form form, struct str text)
{
    if (form == FORM_ANY || text.length == 0)
        return true;
    if (form == FORM_CURRENCY && text.length != 3)
        return false;
    for (uint32_t i = 0; i < text.length; i++)
        if (!form_allows(form, text.data[i]))
            return false;
    return true;
}

static bool check_text(const struct spot *at, struct str text, struct error *error)
{
    const struct field_rule *rule = at->rule;
    if (text.length == 0 && rule->low == 0)
        return true;
    char shown[SHOWN_BYTES];
    if (text.length == 0)
        return refuse(at, error, "required", "", "must not be empty");
    if (text.length > rule->high)
        return refuse(at, error, "too_long", show(shown, text), "%u bytes are more than %" PRId64,
                      text.length, rule->high);
    if (text.length < rule->low)
        return refuse(at, error, "too_short", show(shown, text), "%u bytes are less than %" PRId64,
                      text.length, rule->low);
    if (!text_is_valid(text))
        return refuse(at, error, "invalid_utf8", show(shown, text),
                      "must be valid UTF-8 without NUL");
    if (!text_is_printable(text))
        return refuse(at, error, "control_character", show(shown, text),
                      "must not hold control characters");
    if (!form_holds(rule->form, text))
        return refuse(at, error, "invalid_format", show(shown, text), "%s", form_text(rule->form));
    return true;
}

/* --- Numbers and enums ---------------------------------------------------------------------- */

static bool check_integer(const struct spot *at, int64_t value, struct error *error)
{
    const struct field_rule *rule = at->rule;
    if ((rule->low == 0 && rule->high == 0) || (value >= rule->low && value <= rule->high) ||
        (value == 0 && rule->or_zero))
        return true;
    char shown[24];
    snprintf(shown, sizeof shown, "%" PRId64, value);
    return refuse(at, error, "out_of_range", shown, "must be %s%" PRId64 "..%" PRId64,
                  rule->or_zero ? "0 or " : "", rule->low, rule->high);
}

static bool check_double(const struct spot *at, double value, struct error *error)
{
    const struct field_rule *rule = at->rule;
    if (value >= (double)rule->low && value <= (double)rule->high) /* false for NaN */
        return true;
    char shown[40];
    snprintf(shown, sizeof shown, "%.15g", value);
    return refuse(at, error, "out_of_range", shown, "must be %" PRId64 "..%" PRId64, rule->low,
                  rule->high);
}

static bool check_enum(const struct spot *at, int value, struct error *error)
{
    const ProtobufCEnumDescriptor *values = at->field->descriptor;
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(values, value);
    if (!known) {
        char shown[24];
        snprintf(shown, sizeof shown, "%d", value);
        return refuse(at, error, "unknown_value", shown, "is no %s", values->short_name);
    }
    if (value == 0 && at->rule->stated)
        return refuse(at, error, "required", known->name, "must be stated");
    return true;
}

/* --- The walk ------------------------------------------------------------------------------- */

static bool check_message(const struct spot *at, ProtobufCMessage *message, struct error *error)
{
    if (!message) {
        if (at->rule->required)
            return refuse(at, error, "required", "", "must be stated");
        return true;
    }
    if (!at->rule->message || message_check(message, at->rule->message, error))
        return true;
    char name[FIELD_NAME_BYTES];
    error_prefix_field(error, field_name(name, at->field->name, at->index));
    return false;
}

static bool check_member(const struct spot *at, const void *member, struct error *error)
{
    switch (at->field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return check_text(at, message_text(*(char *const *)member), error);
    case PROTOBUF_C_TYPE_MESSAGE:
        return check_message(at, *(ProtobufCMessage *const *)member, error);
    case PROTOBUF_C_TYPE_ENUM:
        return check_enum(at, *(const int *)member, error);
    case PROTOBUF_C_TYPE_INT32:
        return check_integer(at, *(const int32_t *)member, error);
    case PROTOBUF_C_TYPE_INT64:
        return check_integer(at, *(const int64_t *)member, error);
    case PROTOBUF_C_TYPE_DOUBLE:
        return check_double(at, *(const double *)member, error);
    default: /* bool, and sequences and hashes, of which every value is lawful */
        return true;
    }
}

static size_t member_bytes(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(int);
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(char *);
    default:
        assert(type == PROTOBUF_C_TYPE_MESSAGE); /* no other lists are read */
        return sizeof(ProtobufCMessage *);
    }
}

static bool check_list(struct spot *at, const char *items, size_t count, struct error *error)
{
    if (count == 0 && at->rule->required)
        return refuse(at, error, "required", "", "must name at least one");
    if (count > at->rule->list_limit) {
        char shown[24];
        snprintf(shown, sizeof shown, "%zu", count);
        return refuse(at, error, "too_many", shown, "at most %u are allowed", at->rule->list_limit);
    }
    size_t size_bytes = count > 0 ? member_bytes(at->field->type) : 0;
    for (at->index = 0; at->index < count; at->index++)
        if (!check_member(at, items + at->index * size_bytes, error))
            return false;
    return true;
}

bool message_check(ProtobufCMessage *message, const struct message_rules *rules,
                   struct error *error)
{
    const ProtobufCMessageDescriptor *descriptor = rules->descriptor;
    assert(message->descriptor == descriptor && descriptor->n_fields == rules->field_count);
    message->n_unknown_fields = 0;
    const char *base = (const char *)message;
    for (size_t i = 0; i < rules->field_count; i++) {
        struct spot at = {&descriptor->fields[i], &rules->fields[i], SIZE_MAX};
        const void *member = base + at.field->offset;
        const void *quantifier = base + at.field->quantifier_offset;
        if (at.field->label == PROTOBUF_C_LABEL_REPEATED) {
            if (!check_list(&at, *(const char *const *)member, *(const size_t *)quantifier, error))
                return false;
            continue;
        }
        bool is_other_case = (at.field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
                             *(const uint32_t *)quantifier != at.field->id;
        if (!is_other_case && !check_member(&at, member, error))
            return false;
    }
    return true;
}

void *message_read(const struct message_rules *rules, struct str bytes, struct arena *arena,
                   struct error *error)
{
    ProtobufCMessage *message = message_decode(rules->descriptor, bytes, arena, error);
    return message && message_check(message, rules, error) ? message : NULL;
}
