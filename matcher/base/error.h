/* The one error type: what went wrong, with which field, which value, under which rule.
 *
 * It is filled where the failure happens and travels up unchanged; `wire` turns it into a
 * google.rpc.Status (BadRequest when `field` is set, ErrorInfo when `rule` is set). Fixed size, so
 * that reporting a failure never allocates. Messages are lower case with the subject quoted:
 * `vacancy 'tj:42': wage max 300000 below min 500000`. Thread: the caller's own object.
 */
#ifndef HAIHE_BASE_ERROR_H
#define HAIHE_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* X(name, gRPC status number, text). The numbers are those of google.rpc.Code. */
#define ERROR_CODES(X)                                                                             \
    X(OK, 0, "ok")                                                                                 \
    X(CANCELLED, 1, "cancelled")                                                                   \
    X(UNKNOWN, 2, "unknown")                                                                       \
    X(INVALID_ARGUMENT, 3, "invalid argument")                                                     \
    X(DEADLINE_EXCEEDED, 4, "deadline exceeded")                                                   \
    X(NOT_FOUND, 5, "not found")                                                                   \
    X(ALREADY_EXISTS, 6, "already exists")                                                         \
    X(PERMISSION_DENIED, 7, "permission denied")                                                   \
    X(RESOURCE_EXHAUSTED, 8, "resource exhausted")                                                 \
    X(FAILED_PRECONDITION, 9, "failed precondition")                                               \
    X(ABORTED, 10, "aborted")                                                                      \
    X(OUT_OF_RANGE, 11, "out of range")                                                            \
    X(UNIMPLEMENTED, 12, "unimplemented")                                                          \
    X(INTERNAL, 13, "internal")                                                                    \
    X(UNAVAILABLE, 14, "unavailable")                                                              \
    X(DATA_LOSS, 15, "data loss")                                                                  \
    X(UNAUTHENTICATED, 16, "unauthenticated")

enum error_code {
#define X(name, number, text) ERROR_##name = number,
    ERROR_CODES(X)
#undef X
};

struct error {
    enum error_code code;
    char rule[40];   /* machine-readable id such as "wage_below_statutory_minimum"; "" = none */
    char field[120]; /* path from the message's root such as "skills[3].level"; "" = none */
    char value[120]; /* the offending value as text, cut at a character's end; "" = none */
    char text[320];  /* the whole sentence, for people */
};

/* Every failing function fills an error and returns false (or NULL); these return false so that a
 * failure is one line: `return error_set(error, ERROR_NOT_FOUND, "vacancy '%s' ..", id);`.
 * `error` may be NULL: then nothing is reported. Too long a text is cut at a character's end,
 * and a byte that is not UTF-8 becomes '?'. The arguments may be the error's own texts. */
bool error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An INVALID_ARGUMENT that names field, value and rule. The text becomes "field 'value': reason".
 */
bool error_field(struct error *error, const char *rule, const char *field, const char *value,
                 const char *reason_format, ...) __attribute__((format(printf, 5, 6)));

/* Puts "prefix" and, where the field is an index path, no dot in front of the field: an error in
 * `skills[1].level` seen from the request becomes `upsert_vacancy.skills[1].level`; the text is
 * rewritten likewise. No effect on an error without a field. */
void error_prefix_field(struct error *error, const char *prefix);

/* "not found" and so on; never NULL. */
const char *error_code_text(enum error_code code);
/* "NOT_FOUND" and so on; never NULL. */
const char *error_code_name(enum error_code code);

#endif
