/* See base64.h. Thread: any. */
#include "wire/base64.h"

#include "base/banned.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct str base64_encode(struct arena *arena, struct str bytes)
{
    size_t length = ((size_t)bytes.length + 2) / 3 * 4;
    char *out = length <= UINT32_MAX ? arena_alloc(arena, length) : NULL;
    if (!out)
        return (struct str){NULL, 0};
    char *at = out;
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t left = bytes.length - i;
        uint32_t group = (uint32_t)(unsigned char)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)(unsigned char)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)(unsigned char)bytes.data[i + 2] : 0;
        *at++ = ALPHABET[group >> 18];
        *at++ = ALPHABET[group >> 12 & 63];
        *at++ = left > 1 ? ALPHABET[group >> 6 & 63] : '=';
        *at++ = left > 2 ? ALPHABET[group & 63] : '=';
    }
    return (struct str){out, (uint32_t)length};
}

/* 0..63, or -1. */
static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

struct str base64_decode(struct arena *arena, struct str text)
{
    const struct str none = {NULL, 0};
    uint32_t padding = 0;
    while (padding < 2 && padding < text.length && text.data[text.length - 1 - padding] == '=')
        padding++;
    if (padding > 0 && text.length % 4 != 0)
        return none;
    text.length -= padding;
    if (text.length % 4 == 1)
        return none;
    char *out = arena_alloc(arena, (size_t)text.length / 4 * 3 + 3);
    if (!out)
        return none;
    uint32_t group = 0, length = 0;
    int bits = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        int digit = digit_of(text.data[i]);
        if (digit < 0)
            return none;
        group = group << 6 | (uint32_t)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[length++] = (char)(group >> bits);
        }
    }
    return (struct str){out, length};
}
