#include "rpc/encoding.h"

#include <stdio.h>

#include "base/banned.h"

static const char BASE64_DIGITS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool rpc_percent_encode(struct buffer *out, struct str text)
{
    static const char HEX[] = "0123456789ABCDEF";
    char *room = buffer_reserve(out, (size_t)text.length * 3);
    if (!room)
        return false;
    size_t length = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c <= 0x7e && c != '%') {
            room[length++] = (char)c;
        } else {
            room[length++] = '%';
            room[length++] = HEX[c >> 4];
            room[length++] = HEX[c & 15];
        }
    }
    buffer_commit(out, length);
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool rpc_percent_decode(struct buffer *out, struct str text)
{
    char *room = buffer_reserve(out, text.length);
    if (!room)
        return false;
    size_t length = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        int high = -1, low = -1;
        if (text.data[i] == '%' && text.length - i > 2) {
            high = hex_value(text.data[i + 1]);
            low = hex_value(text.data[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            room[length++] = (char)(high << 4 | low);
            i += 2;
        } else {
            room[length++] = text.data[i];
        }
    }
    buffer_commit(out, length);
    return true;
}

bool rpc_base64_encode(struct buffer *out, struct str bytes)
{
    char *room = buffer_reserve(out, ((size_t)bytes.length + 2) / 3 * 4);
    if (!room)
        return false;
    size_t length = 0;
    uint32_t bits = 0, bit_count = 0;
    for (uint32_t i = 0; i < bytes.length; i++) {
        bits = bits << 8 | (unsigned char)bytes.data[i];
        for (bit_count += 8; bit_count >= 6; bit_count -= 6)
            room[length++] = BASE64_DIGITS[bits >> (bit_count - 6) & 63];
    }
    if (bit_count > 0)
        room[length++] = BASE64_DIGITS[bits << (6 - bit_count) & 63];
    buffer_commit(out, length);
    return true;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool rpc_base64_decode(struct buffer *out, struct str text)
{
    if (text.length > 0 && text.length % 4 == 0) {
        for (int i = 0; i < 2 && text.data[text.length - 1] == '='; i++)
            text.length--;
    }
    if (text.length % 4 == 1)
        return false;
    char *room = buffer_reserve(out, text.length);
    if (!room)
        return false;
    size_t length = 0;
    uint32_t bits = 0, bit_count = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            room[length++] = (char)(bits >> bit_count);
        }
    }
    buffer_commit(out, length);
    return true;
}

struct unit {
    char letter;
    int64_t ns;
};

/* Finest first. */
static const struct unit UNITS[] = {{'n', 1},
                                    {'u', 1000},
                                    {'m', 1000 * 1000},
                                    {'S', 1000 * 1000 * 1000},
                                    {'M', INT64_C(60) * 1000 * 1000 * 1000},
                                    {'H', INT64_C(3600) * 1000 * 1000 * 1000}};
enum { UNIT_COUNT = sizeof UNITS / sizeof UNITS[0] };

bool rpc_timeout_parse(struct str text, int64_t *timeout_ns)
{
    if (text.length < 2 || text.length > 9)
        return false;
    int64_t amount = 0;
    for (uint32_t i = 0; i + 1 < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        amount = amount * 10 + (text.data[i] - '0');
    }
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (UNITS[i].letter != text.data[text.length - 1])
            continue;
        if (__builtin_mul_overflow(amount, UNITS[i].ns, timeout_ns))
            *timeout_ns = INT64_MAX;
        return true;
    }
    return false;
}

uint32_t rpc_timeout_format(int64_t timeout_ns, char out[RPC_TIMEOUT_TEXT_BYTES])
{
    if (timeout_ns < 0)
        timeout_ns = 0;
    size_t i = 0;
    int64_t amount = timeout_ns;
    while (amount > 99999999 && i + 1 < UNIT_COUNT) {
        i++;
        amount = timeout_ns / UNITS[i].ns + (timeout_ns % UNITS[i].ns != 0);
    }
    return (uint32_t)snprintf(out, RPC_TIMEOUT_TEXT_BYTES, "%d%c", (int)amount, UNITS[i].letter);
}
