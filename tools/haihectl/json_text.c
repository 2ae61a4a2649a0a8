/* Recursive descent over the bytes. The text is checked to be UTF-8 once as a whole, so that texts
 * and names go to jansson unchecked. Recursion is bounded by JSON_DEPTH_LIMIT. */
#include "haihectl/json_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/text.h"
#include "haihectl/encoding.h"

#include "base/banned.h"

enum {
    NUMBER_LIMIT_BYTES = 64,             /* as text; nobody writes more digits */
    TEXT_LIMIT_BYTES = 64 * 1024 * 1024, /* of one string with escapes */
};

struct reader {
    const char *at, *end;
    struct buffer scratch; /* a string that holds escapes */
    const char *reason;    /* why it failed; `at` is where */
};

static json_t *read_value(struct reader *reader, int depth);

static bool fail(struct reader *reader, const char *at, const char *reason)
{
    if (!reader->reason) {
        reader->reason = reason;
        reader->at = at;
    }
    return false;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

static bool take(struct reader *reader, char c)
{
    bool is = reader->at < reader->end && *reader->at == c;
    reader->at += is;
    return is;
}

/* --- Strings -------------------------------------------------------------------------------- */

static bool read_hex(struct reader *reader, uint32_t *out)
{
    *out = 0;
    if (reader->end - reader->at < 4)
        return fail(reader, reader->at, "an escape is cut off");
    for (int i = 0; i < 4; i++) {
        char c = *reader->at;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return fail(reader, reader->at, "not a hexadecimal digit");
        *out = *out * 16 + digit;
        reader->at++;
    }
    return true;
}

static void put_character(struct buffer *out, uint32_t code)
{
    char bytes[4];
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = count; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(lead[count] | code);
    buffer_append(out, bytes, count);
}

/* Behind "\u". */
static bool read_unicode(struct reader *reader)
{
    const char *start = reader->at;
    uint32_t code, low;
    if (!read_hex(reader, &code))
        return false;
    if (code >= 0xD800 && code < 0xDC00) {
        if (!take(reader, '\\') || !take(reader, 'u') || !read_hex(reader, &low) || low < 0xDC00 ||
            low > 0xDFFF)
            return fail(reader, start, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail(reader, start, "half of a surrogate pair");
    }
    if (code == 0)
        return fail(reader, start, "U+0000 is not allowed");
    put_character(&reader->scratch, code);
    return true;
}

/* Behind a backslash. */
static bool read_escape(struct reader *reader)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    if (take(reader, 'u'))
        return read_unicode(reader);
    const char *found = reader->at < reader->end && *reader->at ? strchr(names, *reader->at) : NULL;
    if (!found)
        return fail(reader, reader->at, "an escape that JSON does not know");
    reader->at++;
    return buffer_append(&reader->scratch, &values[found - names], 1);
}

/* Behind the opening quotation mark. The view is valid until the next string. */
static bool read_string(struct reader *reader, struct str *out)
{
    const char *start = reader->at;
    bool escaped = false;
    buffer_clear(&reader->scratch);
    for (;;) {
        const char *from = reader->at;
        while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' &&
               (unsigned char)*reader->at >= 0x20)
            reader->at++;
        if (reader->at == reader->end)
            return fail(reader, start - 1, "the string is not closed");
        char c = *reader->at;
        if ((unsigned char)c < 0x20)
            return fail(reader, reader->at, "a control character in a string");
        if (escaped || c == '\\')
            buffer_append(&reader->scratch, from, (size_t)(reader->at - from));
        reader->at++;
        if (c == '"')
            break;
        escaped = true;
        if (!read_escape(reader))
            return false;
    }
    *out = escaped ? buffer_borrow(&reader->scratch)
                   : (struct str){start, (uint32_t)(reader->at - 1 - start)};
    return !reader->scratch.failed || fail(reader, start, "the string is too long");
}

/* --- Numbers -------------------------------------------------------------------------------- */

struct number {
    uint64_t digits; /* all digits as one integer, while they fit */
    bool fits;       /* .. in 2^53, so that a double holds them */
    bool negative, real;
    int decimals; /* behind the point */
    bool exponent;
};

static bool read_digits(struct reader *reader, struct number *number)
{
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        number->digits = number->digits * 10 + (uint64_t)(*reader->at++ - '0');
        number->fits &= number->digits < UINT64_C(1) << 53;
    }
    return reader->at > start || fail(reader, start, "a digit is missing");
}

static bool scan_number(struct reader *reader, struct number *number)
{
    *number = (struct number){.fits = true};
    number->negative = take(reader, '-');
    const char *start = reader->at;
    if (!read_digits(reader, number))
        return false;
    if (*start == '0' && reader->at - start > 1)
        return fail(reader, start, "a number begins with 0");
    if (take(reader, '.')) {
        const char *point = reader->at;
        number->real = true;
        if (!read_digits(reader, number))
            return false;
        number->decimals = (int)(reader->at - point);
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        struct number ignored = {.fits = true};
        number->real = number->exponent = true;
        if (!take(reader, '-'))
            take(reader, '+');
        return read_digits(reader, &ignored);
    }
    return true;
}

static json_t *read_number(struct reader *reader)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11};
    enum { POWER_COUNT = sizeof(powers) / sizeof(powers[0]) };
    const char *start = reader->at;
    struct number number;
    char text[NUMBER_LIMIT_BYTES];
    if (!scan_number(reader, &number))
        return NULL;
    /* Both operands are exact, so the one division rounds right (Clinger 1990). */
    if (number.fits && number.real && !number.exponent && number.decimals < POWER_COUNT) {
        double value = (double)number.digits / powers[number.decimals];
        return json_real(number.negative ? -value : value);
    }
    if (number.fits && !number.real)
        return json_integer(number.negative ? -(json_int_t)number.digits
                                            : (json_int_t)number.digits);
    size_t size_bytes = (size_t)(reader->at - start);
    if (size_bytes >= sizeof(text)) {
        fail(reader, start, "a number of too many digits");
        return NULL;
    }
    memcpy(text, start, size_bytes);
    text[size_bytes] = '\0';
    int64_t integer;
    double real = strtod(text, NULL);
    if (number.real && isfinite(real))
        return json_real(real);
    if (!number.real && text_to_int64((struct str){text, (uint32_t)size_bytes}, &integer))
        return json_integer(integer);
    fail(reader, start, "a number out of range");
    return NULL;
}

/* --- Values --------------------------------------------------------------------------------- */

static json_t *read_word(struct reader *reader)
{
    static const struct {
        const char *word;
        json_t *(*make)(void);
    } words[] = {{"true", json_true}, {"false", json_false}, {"null", json_null}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t size_bytes = strlen(words[i].word);
        if ((size_t)(reader->end - reader->at) >= size_bytes &&
            memcmp(reader->at, words[i].word, size_bytes) == 0) {
            reader->at += size_bytes;
            return words[i].make();
        }
    }
    fail(reader, reader->at, "not a value");
    return NULL;
}

/* One `"name": value` into the object. */
static bool read_member(struct reader *reader, json_t *object, int depth)
{
    char name_copy[256];
    struct str name = {NULL, 0};
    skip_space(reader);
    const char *start = reader->at;
    if (!take(reader, '"'))
        return fail(reader, reader->at, "a name in quotation marks is missing");
    if (!read_string(reader, &name))
        return false;
    if (name.length >= sizeof(name_copy))
        return fail(reader, start, "a name of more than 255 bytes");
    if (name.data == reader->scratch.data && name.length > 0) {
        memcpy(name_copy, name.data, name.length); /* the value may need the scratch */
        name.data = name_copy;
    }
    skip_space(reader);
    if (!take(reader, ':'))
        return fail(reader, reader->at, "':' is missing");
    json_t *value = read_value(reader, depth);
    if (!value)
        return false;
    size_t count = json_object_size(object);
    if (json_object_setn_new_nocheck(object, name.data, name.length, value) != 0)
        return fail(reader, start, "no memory");
    return json_object_size(object) > count || fail(reader, start, "a name twice in an object");
}

/* True when a comma stands here and something else than the closing bracket behind it. */
static bool take_comma(struct reader *reader, char closing, bool *well)
{
    const char *comma = reader->at;
    if (!take(reader, ','))
        return false;
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == closing)
        *well = fail(reader, comma, "a comma stands behind the last one");
    return *well;
}

static json_t *read_object(struct reader *reader, int depth)
{
    json_t *object = json_object();
    bool well = true;
    skip_space(reader);
    if (take(reader, '}'))
        return object;
    do {
        well = read_member(reader, object, depth);
        skip_space(reader);
    } while (well && take_comma(reader, '}', &well));
    if (well && (take(reader, '}') || fail(reader, reader->at, "',' or '}' is missing")))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *read_array(struct reader *reader, int depth)
{
    json_t *array = json_array();
    bool well = true;
    skip_space(reader);
    if (take(reader, ']'))
        return array;
    do {
        json_t *value = read_value(reader, depth);
        well = value != NULL && json_array_append_new(array, value) == 0;
        skip_space(reader);
    } while (well && take_comma(reader, ']', &well));
    if (well && (take(reader, ']') || fail(reader, reader->at, "',' or ']' is missing")))
        return array;
    json_decref(array);
    return NULL;
}

static json_t *read_value(struct reader *reader, int depth)
{
    struct str text = {NULL, 0};
    skip_space(reader);
    if (depth >= JSON_DEPTH_LIMIT) {
        fail(reader, reader->at, "nested too deeply");
        return NULL;
    }
    if (take(reader, '{'))
        return read_object(reader, depth + 1);
    if (take(reader, '['))
        return read_array(reader, depth + 1);
    if (take(reader, '"'))
        return read_string(reader, &text) ? json_stringn_nocheck(text.data, text.length) : NULL;
    if (reader->at < reader->end &&
        (*reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9')))
        return read_number(reader);
    return read_word(reader);
}

json_t *json_text_parse(struct str text, uint64_t *line, struct error *error)
{
    struct reader reader = {.at = text.data, .end = text.data + text.length};
    json_t *value = NULL;
    *line = 0;
    if (!text_is_valid(text)) {
        char bytes[16];
        encoding_show_bytes(text, bytes);
        error_set(error, ERROR_INVALID_ARGUMENT,
                  "not UTF-8 text: bytes %s at column %zu (--encoding names another encoding)",
                  bytes, text_valid_bytes(text) + 1);
        return NULL;
    }
    buffer_init(&reader.scratch, TEXT_LIMIT_BYTES);
    value = read_value(&reader, 0);
    skip_space(&reader);
    if (value && reader.at < reader.end) {
        fail(&reader, reader.at, "something stands behind the value");
        json_decref(value);
        value = NULL;
    }
    buffer_release(&reader.scratch);
    if (value)
        return value;
    const char *line_start = text.data;
    for (const char *c = text.data; c < reader.at; c++) {
        if (*c == '\n') {
            (*line)++;
            line_start = c + 1;
        }
    }
    error_set(error, ERROR_INVALID_ARGUMENT, "not JSON: %s (column %d)",
              reader.reason ? reader.reason : "no memory", (int)(reader.at - line_start) + 1);
    return NULL;
}
