/* UTF-8 text over utf8proc. Pure ASCII, which most codes and many names are, never reaches it.
 *
 * Folding decomposes into an array of code points on the stack (or, for a long text, in the arena)
 * and encodes in place, so that only the result stays in the arena. Thread: any. Cost: ASCII a byte
 * at a time; otherwise two table look-ups a character.
 */
#include "base/text.h"

#include <utf8proc.h>

#include "base/banned.h"

/* Labels are short: this many code points fold without a second pass. 2 KiB of stack. */
enum { STACK_CODE_POINTS = 512 };

static size_t ascii_prefix_bytes(struct str text)
{
    size_t i = 0;
    while (i < text.length && (unsigned char)text.data[i] < 0x80 && text.data[i] != '\0')
        i++;
    return i;
}

/* Decodes the character at `at`; returns its bytes, or 0 when there is no well-formed one. */
static size_t decode(struct str text, size_t at, int32_t *code_point)
{
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                             (utf8proc_ssize_t)(text.length - at), code_point);
    return size > 0 ? (size_t)size : 0;
}

size_t text_valid_bytes(struct str text)
{
    size_t at = ascii_prefix_bytes(text);
    while (at < text.length) {
        int32_t code_point;
        size_t size = decode(text, at, &code_point);
        if (size == 0 || code_point == 0)
            break;
        at += size;
    }
    return at;
}

bool text_is_valid(struct str text)
{
    return text_valid_bytes(text) == text.length;
}

bool text_is_printable(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r'))
            return false;
        /* U+0080..U+009F is 0xc2 0x80..0x9f, and 0xc2 begins nothing else below 0xa0. */
        if (byte == 0xc2 && i + 1 < text.length && (unsigned char)text.data[i + 1] < 0xa0)
            return false;
    }
    return true;
}

/* What is left of White_Space after NFKC: the other spaces have become U+0020 by then. */
static bool is_space(int32_t code_point)
{
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0x85 ||
           code_point == 0x1680 || code_point == 0x2028 || code_point == 0x2029;
}

/* The text without spaces at its ends. */
static struct str trim(struct str text)
{
    int32_t code_point;
    size_t size;
    while (text.length > 0 && (size = decode(text, 0, &code_point)) > 0 && is_space(code_point))
        text = (struct str){text.data + size, text.length - (uint32_t)size};
    while (text.length > 0) {
        size_t last = text.length - 1;
        while (last > 0 && ((unsigned char)text.data[last] & 0xc0) == 0x80)
            last--;
        if (decode(text, last, &code_point) == 0 || !is_space(code_point))
            break;
        text.length = (uint32_t)last;
    }
    return text;
}

static struct str fold_ascii(struct arena *arena, struct str text)
{
    text = trim(text);
    char *folded = arena_alloc(arena, (size_t)text.length + 1);
    if (!folded)
        return (struct str){NULL, 0};
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    folded[text.length] = '\0';
    return (struct str){folded, text.length};
}

struct str text_fold(struct arena *arena, struct str text)
{
    const struct str failed = {NULL, 0};
    const utf8proc_option_t options =
        UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    if (ascii_prefix_bytes(text) == text.length)
        return fold_ascii(arena, text);
    if (!text_is_valid(text))
        return failed;

    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.data;
    int32_t on_stack[STACK_CODE_POINTS];
    int32_t *points = on_stack;
    /* One entry stays free: utf8proc_reencode puts a NUL behind the text. */
    utf8proc_ssize_t room = STACK_CODE_POINTS - 1;
    utf8proc_ssize_t count = utf8proc_decompose(bytes, text.length, points, room, options);
    if (count > room) {
        room = count;
        points = arena_alloc(arena, ((size_t)room + 1) * sizeof *points);
        if (!points)
            return failed;
        count = utf8proc_decompose(bytes, text.length, points, room, options);
    }
    if (count < 0)
        return failed;
    utf8proc_ssize_t length_bytes = utf8proc_reencode(points, count, options);
    if (length_bytes < 0 || length_bytes > UINT32_MAX)
        return failed;
    struct str folded = trim((struct str){(const char *)points, (uint32_t)length_bytes});
    return points == on_stack ? arena_copy(arena, folded) : folded;
}

size_t text_whole_bytes(const char *text, size_t length_bytes)
{
    size_t start = length_bytes;
    while (start > 0 && length_bytes - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return length_bytes;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return size > length_bytes - (start - 1) ? start - 1 : length_bytes;
}

uint32_t text_character_count(struct str text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

uint32_t text_column_count(struct str text)
{
    uint32_t columns = 0;
    for (size_t at = 0; at < text.length;) {
        int32_t code_point;
        size_t size = decode(text, at, &code_point);
        /* A terminal shows one replacement character for a stray byte. */
        columns += size > 0 ? (uint32_t)utf8proc_charwidth(code_point) : 1;
        at += size > 0 ? size : 1;
    }
    return columns;
}

bool text_to_int64(struct str text, int64_t *out)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    uint32_t i = negative || (text.length > 0 && text.data[0] == '+') ? 1 : 0;
    if (i == text.length)
        return false;
    int64_t value = 0;
    for (; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        int64_t digit = text.data[i] - '0';
        /* Built up on the side of its sign, so that INT64_MIN fits too. */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}
