/* Filling a fixed-size error. The whole is composed aside and then copied, so that the texts handed
 * in may be those of the error itself (`error_set(error, error->code, "line 3: %s", error->text)`).
 * Whatever came in, each text is well-formed UTF-8 afterwards, because it goes into protobuf
 * strings: a character cut at the end is dropped, a stray byte becomes '?'. Thread: the caller's.
 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#include "base/banned.h"

/* Bytes of a well-formed character at `text`, or 0. Reads no further than the NUL. */
static size_t character_bytes(const char *text)
{
    unsigned char lead = (unsigned char)text[0];
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0x80 ? 2 : 1;
    size_t there = strnlen(text, size);
    return text_is_valid((struct str){text, (uint32_t)there}) ? size : 0;
}

__attribute__((format(printf, 3, 0))) static void
compose_arguments(char *out, size_t capacity_bytes, const char *format, va_list arguments)
{
    int length = vsnprintf(out, capacity_bytes, format, arguments);
    if (length < 0)
        out[0] = '\0';
    else if ((size_t)length >= capacity_bytes)
        out[text_whole_bytes(out, capacity_bytes - 1)] = '\0';
    for (char *at = out; *at;) {
        size_t size = character_bytes(at);
        if (size == 0)
            *at = '?';
        at += size ? size : 1;
    }
}

/* snprintf whose cut is meant and leaves whole characters. */
__attribute__((format(printf, 3, 4))) static void compose(char *out, size_t capacity_bytes,
                                                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    compose_arguments(out, capacity_bytes, format, arguments);
    va_end(arguments);
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    if (!error)
        return false;
    struct error made = {.code = code};
    va_list arguments;
    va_start(arguments, format);
    compose_arguments(made.text, sizeof made.text, format, arguments);
    va_end(arguments);
    *error = made;
    return false;
}

bool error_field(struct error *error, const char *rule, const char *field, const char *value,
                 const char *reason_format, ...)
{
    if (!error)
        return false;
    struct error made = {.code = ERROR_INVALID_ARGUMENT};
    char reason[sizeof made.text];
    va_list arguments;
    va_start(arguments, reason_format);
    compose_arguments(reason, sizeof reason, reason_format, arguments);
    va_end(arguments);
    compose(made.rule, sizeof made.rule, "%s", rule ? rule : "");
    compose(made.field, sizeof made.field, "%s", field ? field : "");
    compose(made.value, sizeof made.value, "%s", value ? value : "");
    if (made.value[0] != '\0')
        compose(made.text, sizeof made.text, "%s '%s': %s", made.field, made.value, reason);
    else
        compose(made.text, sizeof made.text, "%s: %s", made.field, reason);
    *error = made;
    return false;
}

void error_prefix_field(struct error *error, const char *prefix)
{
    if (!error || error->field[0] == '\0')
        return;
    struct error made = *error;
    const char *dot = error->field[0] == '[' || prefix[0] == '\0' ? "" : ".";
    compose(made.field, sizeof made.field, "%s%s%s", prefix, dot, error->field);

    /* The text begins with the field, unless somebody wrote a sentence of his own. */
    size_t shown = strlen(error->field);
    bool begins_with_field = strncmp(error->text, error->field, shown) == 0 &&
                             (error->text[shown] == ' ' || error->text[shown] == ':');
    if (begins_with_field)
        compose(made.text, sizeof made.text, "%s%s", made.field, error->text + shown);
    else
        compose(made.text, sizeof made.text, "%s: %s", made.field, error->text);
    *error = made;
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
