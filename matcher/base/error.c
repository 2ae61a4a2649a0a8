/* Filling a fixed-size error. Every copy is cut at the end of a UTF-8 character, so that what goes
 * into a protobuf string is valid whenever what came in was. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* Removes a UTF-8 sequence that snprintf cut in its middle. */
static void trim_cut_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (length - (start - 1) < want)
        text[start - 1] = '\0';
}

static void copy_text(char *out, size_t capacity_bytes, const char *text)
{
    snprintf(out, capacity_bytes, "%s", text ? text : "");
    trim_cut_character(out);
}

static void compose_field_text(struct error *error, const char *reason)
{
    if (error->value[0] != '\0')
        snprintf(error->text, sizeof error->text, "%s '%s': %s", error->field, error->value,
                 reason);
    else
        snprintf(error->text, sizeof error->text, "%s: %s", error->field, reason);
    trim_cut_character(error->text);
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    if (!error)
        return false;
    memset(error, 0, sizeof *error);
    error->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    trim_cut_character(error->text);
    return false;
}

bool error_field(struct error *error, const char *rule, const char *field, const char *value,
                 const char *reason_format, ...)
{
    if (!error)
        return false;
    char reason[sizeof error->text];
    va_list arguments;
    va_start(arguments, reason_format);
    vsnprintf(reason, sizeof reason, reason_format, arguments);
    va_end(arguments);
    memset(error, 0, sizeof *error);
    error->code = ERROR_INVALID_ARGUMENT;
    copy_text(error->rule, sizeof error->rule, rule);
    copy_text(error->field, sizeof error->field, field);
    copy_text(error->value, sizeof error->value, value);
    compose_field_text(error, reason);
    return false;
}

void error_prefix_field(struct error *error, const char *prefix)
{
    if (!error || error->field[0] == '\0')
        return;
    char field[sizeof error->field];
    char reason[sizeof error->text];
    size_t shown = strlen(error->field);
    copy_text(reason, sizeof reason, error->text + (strncmp(error->text, error->field, shown) == 0
                                                        ? shown
                                                        : 0));
    const char *dot = error->field[0] == '[' || prefix[0] == '\0' ? "" : ".";
    snprintf(field, sizeof field, "%s%s%s", prefix, dot, error->field);
    trim_cut_character(field);
    memcpy(error->field, field, sizeof field);
    snprintf(error->text, sizeof error->text, "%s%s", field, reason);
    trim_cut_character(error->text);
}

const char *error_code_text(enum error_code code)
{
    switch (code) {
#define X(name, number, text)                                                                      \
    case ERROR_##name:                                                                             \
        return text;
        ERROR_CODES(X)
#undef X
    }
    return "unknown";
}

const char *error_code_name(enum error_code code)
{
    switch (code) {
#define X(name, number, text)                                                                      \
    case ERROR_##name:                                                                             \
        return #name;
        ERROR_CODES(X)
#undef X
    }
    return "UNKNOWN";
}
