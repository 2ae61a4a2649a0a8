/* Borrowed text: a pointer and a length, never NUL-terminated by contract.
 *
 * A `struct str` owns nothing; who owns the bytes is said where one is stored.
 * The empty string is {NULL, 0} or any pointer with length 0. Thread: any.
 */
#ifndef HAIHE_BASE_STR_H
#define HAIHE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *data;
    uint32_t length; /* bytes */
};

/* A string literal as a view; its length is a compile-time constant. */
#define STR(literal) ((struct str){(literal), (uint32_t)sizeof(literal) - 1})

/* For printf: `"%.*s", STR_ARG(s)`. */
#define STR_ARG(s) (int)(s).length, (s).data ? (s).data : ""

/* A view of a NUL-terminated text; NULL gives the empty string. */
static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? (uint32_t)strlen(text) : 0};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* Bytewise order, a prefix before what it begins: <0, 0 or >0 as memcmp. */
static inline int str_compare(struct str a, struct str b)
{
    uint32_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return a.length < b.length ? -1 : a.length > b.length;
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
    return s.length >= prefix.length &&
           (prefix.length == 0 || memcmp(s.data, prefix.data, prefix.length) == 0);
}

#endif
