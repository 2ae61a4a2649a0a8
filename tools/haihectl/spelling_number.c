/* Numbers, and what all spellings share. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/spelling.h"
#include "model/record.h"

#include "base/banned.h"

bool spelling_refuse(struct spelling_reason *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(reason->text, sizeof(reason->text), format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(reason->text))
        reason->text[text_whole_bytes(reason->text, sizeof(reason->text) - 1)] = '\0';
    return false;
}

/* The ASCII character that the one at `text` stands for, 0 when none; *size_bytes is its own. */
static char ascii_of(struct str text, uint32_t *size_bytes)
{
    const unsigned char *c = (const unsigned char *)text.data;
    *size_bytes = 1;
    if (c[0] < 0x80)
        return (char)c[0];
    if (text.length >= 2 && c[0] == 0xc2 && c[1] == 0xa0) { /* no-break space */
        *size_bytes = 2;
        return ' ';
    }
    if (text.length < 3)
        return 0;
    *size_bytes = 3;
    if (c[0] == 0xef && (c[1] == 0xbc || c[1] == 0xbd)) { /* U+FF01..U+FF5E */
        unsigned code = (c[1] == 0xbc ? 0xff00u : 0xff40u) + (c[2] - 0x80u);
        if (code >= 0xff01 && code <= 0xff5e)
            return (char)(code - 0xff01 + '!');
    }
    if (c[0] == 0xe3 && c[1] == 0x80 && c[2] == 0x80) /* ideographic space */
        return ' ';
    if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] <= 0x8a || c[2] == 0xaf)) /* thin and other spaces */
        return ' ';
    *size_bytes = 1;
    return 0;
}

static struct str trim(struct str text)
{
    while (text.length > 0 && text.data[0] == ' ')
        text = (struct str){text.data + 1, text.length - 1};
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.length--;
    return text;
}

struct str spelling_plain(struct str text, char out[SPELLING_LIMIT_BYTES])
{
    uint32_t length = 0;
    if (text.length >= SPELLING_LIMIT_BYTES)
        return text;
    for (uint32_t at = 0, size; at < text.length; at += size) {
        char c = ascii_of((struct str){text.data + at, text.length - at}, &size);
        out[length++] = c ? c : text.data[at];
    }
    struct str plain = trim((struct str){out, length});
    if (plain.length > 1 && plain.data[0] == '\'')
        plain = trim((struct str){plain.data + 1, plain.length - 1});
    return str_equal(plain, text) ? text : plain;
}

struct str spelling_mask(struct str value, char out[SPELLING_LIMIT_BYTES])
{
    enum { AREA_BYTES = 6 };
    char scratch[SPELLING_LIMIT_BYTES];
    struct str plain = spelling_plain(value, scratch);
    if (!key_part_is_identity_number(plain))
        return value;
    int length = snprintf(out, SPELLING_LIMIT_BYTES, "%.*s************", AREA_BYTES, plain.data);
    return (struct str){out, (uint32_t)length};
}

bool spelling_is_sheet_error(struct str text)
{
    static const char *const errors[] = {"#N/A",  "#REF!",  "#VALUE!", "#DIV/0!",
                                         "#NUM!", "#NAME?", "#NULL!",  "#SPILL!"};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (str_equal(text, str_of(errors[i])))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool spelling_is_short_number(struct str text)
{
    uint32_t at = 0, digits = 0;
    for (; at < text.length && (is_digit(text.data[at]) || (at > 0 && text.data[at] == '.')); at++)
        digits += text.data[at] != '.';
    if (digits == 0 || at + 2 >= text.length || (text.data[at] != 'E' && text.data[at] != 'e') ||
        (text.data[at + 1] != '+' && text.data[at + 1] != '-'))
        return false;
    for (at += 2; at < text.length; at++)
        if (!is_digit(text.data[at]))
            return false;
    return true;
}

/* What a cell holds in place of a number or date, when that is well known. */
static bool refuse_known(struct str text, const char *expected, struct spelling_reason *reason)
{
    static const char *const nothing[] = {"-",   "--",  "/",   "N/A",  "n/a", "NA",  "NULL",
                                          "nan", "NaN", "\\N", "null", "无",  "暂无"};
    if (spelling_is_short_number(text))
        return spelling_refuse(reason,
                               "a spreadsheet's short form of a long number, whose last digits are "
                               "lost: format the column as text and export again");
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
        if (str_equal(text, str_of(nothing[i])))
            return spelling_refuse(reason, "%s; leave the value empty when nothing is stated",
                                   expected);
    return spelling_refuse(reason, "%s", expected);
}

static const char NO_NUMBER[] = "not a number";
enum { DECIMALS = 6 };

/* Digits of the whole part, with separators between groups of three where there are any. */
static bool cut_whole(struct str *rest, int64_t *whole, bool *grouped,
                      struct spelling_reason *reason)
{
    uint32_t at = 0, group = 0, groups = 0;
    char separator = 0;
    *whole = 0;
    for (; at < rest->length; at++) {
        char c = rest->data[at];
        if (is_digit(c)) {
            if (__builtin_mul_overflow(*whole, 10, whole) ||
                __builtin_add_overflow(*whole, c - '0', whole))
                return spelling_refuse(reason, "too large a number");
            group++;
            continue;
        }
        bool next_is_digit = at + 1 < rest->length && is_digit(rest->data[at + 1]);
        if ((c != ',' && c != ' ' && c != '\'') || !next_is_digit || (separator && c != separator))
            break;
        if (group == 0 || group > 3 || (groups > 0 && group != 3))
            return spelling_refuse(reason, "'%c' does not part groups of three digits", c);
        separator = c;
        group = 0;
        groups++;
    }
    if (groups > 0 && group != 3)
        return spelling_refuse(reason, separator == ',' && groups == 1
                                           ? "a decimal comma? write a point: 24.5"
                                           : "separators do not part groups of three digits");
    if (at == 0)
        return spelling_refuse(reason, "%s", NO_NUMBER);
    *grouped = groups > 0;
    *rest = (struct str){rest->data + at, rest->length - at};
    return true;
}

bool spelling_cut_number(struct str *rest, int64_t *millionths, int *decimals, bool *grouped,
                         struct spelling_reason *reason)
{
    struct str text = *rest;
    *decimals = 0;
    if (text.length == 0 || !is_digit(text.data[0]))
        return spelling_refuse(reason, "%s", NO_NUMBER);
    if (!cut_whole(&text, millionths, grouped, reason))
        return false;
    uint32_t at = text.length > 1 && text.data[0] == '.' && is_digit(text.data[1]);
    int64_t value = *millionths;
    uint32_t scaled = 0;
    for (; at > 0 && at < text.length && is_digit(text.data[at]); at++) {
        ++*decimals;
        if (scaled == DECIMALS && text.data[at] != '0')
            return spelling_refuse(reason, "more than %d decimals", DECIMALS);
        if (scaled == DECIMALS)
            continue;
        scaled++;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text.data[at] - '0', &value))
            return spelling_refuse(reason, "too large a number");
    }
    for (; scaled < DECIMALS; scaled++)
        if (__builtin_mul_overflow(value, 10, &value))
            return spelling_refuse(reason, "too large a number");
    *millionths = value;
    *rest = (struct str){text.data + at, text.length - at};
    return true;
}

bool spelling_integer(struct str text, int64_t *number, struct spelling_reason *reason)
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str rest;
    int64_t millionths;
    int decimals;
    bool grouped;
    if (text_to_int64(text, number))
        return true;
    text = rest = spelling_plain(text, scratch);
    if (text_to_int64(text, number))
        return true;
    if (!spelling_cut_number(&rest, &millionths, &decimals, &grouped, reason) || rest.length > 0)
        return refuse_known(text, "not a whole number, such as 1200", reason);
    if (grouped && decimals > 0)
        return spelling_refuse(reason, "not a whole number, such as 1200");
    if (millionths % 1000000 != 0 || decimals > 2)
        return spelling_refuse(reason, "not a whole number, such as 1200");
    *number = millionths / 1000000;
    return true;
}

bool spelling_degrees(struct str text, double *degrees, struct spelling_reason *reason)
{
    char scratch[SPELLING_LIMIT_BYTES], copy[32];
    char *end = copy;
    text = spelling_plain(text, scratch);
    bool plain = text.length > 0 && text.length < sizeof(copy) &&
                 (is_digit(text.data[0]) || text.data[0] == '-' || text.data[0] == '+');
    for (uint32_t i = 1; plain && i < text.length; i++)
        plain = is_digit(text.data[i]) || text.data[i] == '.';
    if (plain) {
        memcpy(copy, text.data, text.length);
        copy[text.length] = '\0';
        *degrees = strtod(copy, &end);
    }
    if (end != copy && *end == '\0' && isfinite(*degrees))
        return true;
    if (text.length > 0 && memchr(text.data, ',', text.length))
        return spelling_refuse(reason,
                               "not degrees, such as 39.0842: with a point, and one number");
    return refuse_known(text, "not degrees, such as 39.0842", reason);
}
