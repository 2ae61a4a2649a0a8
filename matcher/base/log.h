/* One line per event, logfmt, on one file descriptor; levels. Never personal data.
 *
 * `log_event(log, LOG_INFO, "engine: published", "sequence=%llu records=%zu", ..)` writes
 * `ts=2026-11-23T22:31:05.123+08:00 level=info event="engine: published" sequence=12 records=3`.
 * The caller quotes values that may hold spaces with log_quote. Thread: any; a line is one write of
 * at most PIPE_BUF bytes: a longer one is cut.
 */
#ifndef HAIHE_BASE_LOG_H
#define HAIHE_BASE_LOG_H

#include <stdatomic.h>

#include "base/str.h"

#define LOG_LEVELS(X)                                                                              \
    X(ERROR, "error")                                                                              \
    X(WARNING, "warning")                                                                          \
    X(INFO, "info")                                                                                \
    X(DEBUG, "debug")

enum log_level {
#define X(name, text) LOG_##name,
    LOG_LEVELS(X)
#undef X
};

struct log {
    int fd; /* borrowed */
    _Atomic int level;
};

void log_init(struct log *log, int fd, enum log_level level);
bool log_level_parse(struct str text, enum log_level *level);
/* `fields_format` gives the logfmt fields, "" for none. A NULL log drops the line. */
void log_event(struct log *log, enum log_level level, const char *event, const char *fields_format,
               ...) __attribute__((format(printf, 4, 5)));
/* Writes text as a quoted logfmt value (quotes, backslashes and control bytes escaped), cut to the
 * capacity; returns out. */
const char *log_quote(char *out, size_t capacity_bytes, struct str text);

#endif
