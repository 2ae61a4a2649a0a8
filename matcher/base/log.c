/* One event, one line, one write. The line is built on the stack and cut to what a pipe takes in
 * one piece, so that lines of several threads never mix and logging never allocates. Whatever a
 * value holds, a line stays one line: control bytes become spaces. A line that cannot be written is
 * lost; the program goes on. Thread: any; the level may change at any time.
 */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#include "base/banned.h"

enum { LINE_BYTES = PIPE_BUF, EVENT_BYTES = 256, STAMP_BYTES = 64 };

static const char *level_text(enum log_level level)
{
    switch (level) {
#define X(name, text)                                                                              \
    case LOG_##name:                                                                               \
        return text;
        LOG_LEVELS(X)
#undef X
    }
    return "unknown";
}

void log_init(struct log *log, int fd, enum log_level level)
{
    log->fd = fd;
    atomic_init(&log->level, (int)level);
}

bool log_level_parse(struct str text, enum log_level *level)
{
#define X(name, spelling)                                                                          \
    if (str_equal(text, STR(spelling))) {                                                          \
        *level = LOG_##name;                                                                       \
        return true;                                                                               \
    }
    LOG_LEVELS(X)
#undef X
    return false;
}

/* "2026-11-23T22:31:05.123+08:00" in the zone of the process. */
static void write_stamp(char out[STAMP_BYTES])
{
    struct clock clock = clock_system();
    int64_t ms = clock_wall_ms(&clock);
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    char date[STAMP_BYTES / 2];
    if (!localtime_r(&seconds, &local) ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local) == 0) {
        out[0] = '\0';
        return;
    }
    int offset_min = (int)(local.tm_gmtoff / 60);
    int ahead_min = offset_min < 0 ? -offset_min : offset_min;
    snprintf(out, STAMP_BYTES, "%s.%03d%c%02d:%02d", date, (int)(ms % 1000),
             offset_min < 0 ? '-' : '+', ahead_min / 60, ahead_min % 60);
}

/* Bytes of text that vsnprintf, which answered `wanted`, left in `room_bytes`. */
static size_t written_bytes(int wanted, size_t room_bytes)
{
    if (wanted < 0 || room_bytes == 0)
        return 0;
    return (size_t)wanted < room_bytes ? (size_t)wanted : room_bytes - 1;
}

static void write_line(int fd, const char *line, size_t length_bytes)
{
    while (write(fd, line, length_bytes) < 0 && errno == EINTR)
        continue;
}

void log_event(struct log *log, enum log_level level, const char *event, const char *fields_format,
               ...)
{
    if (!log || (int)level > atomic_load_explicit(&log->level, memory_order_relaxed))
        return;
    int saved_errno = errno;
    char line[LINE_BYTES];
    char stamp[STAMP_BYTES];
    char quoted[EVENT_BYTES];
    write_stamp(stamp);
    /* One byte is kept for the line feed. */
    const size_t room = sizeof line - 1;
    size_t length = written_bytes(
        snprintf(line, room, "ts=%s level=%s event=%s%s", stamp, level_text(level),
                 log_quote(quoted, sizeof quoted, str_of(event)), fields_format[0] ? " " : ""),
        room);
    va_list arguments;
    va_start(arguments, fields_format);
    int wanted = vsnprintf(line + length, room - length, fields_format, arguments);
    va_end(arguments);
    size_t fields = written_bytes(wanted, room - length);
    if (wanted >= 0 && fields < (size_t)wanted)
        fields = text_whole_bytes(line + length, fields);
    length += fields;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    line[length++] = '\n';
    write_line(log->fd, line, length);
    errno = saved_errno;
}

/* The escaped form of one byte; returns its length, 1..4. */
static size_t escape_byte(char byte, char out[4])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char value = (unsigned char)byte;
    const char *letters = "t\tn\nr\r\"\"\\\\";
    for (const char *pair = letters; *pair; pair += 2) {
        if (pair[1] == byte) {
            out[0] = '\\';
            out[1] = pair[0];
            return 2;
        }
    }
    if (value >= 0x20 && value != 0x7f) {
        out[0] = byte;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[value >> 4];
    out[3] = hex[value & 15];
    return 4;
}

const char *log_quote(char *out, size_t capacity_bytes, struct str text)
{
    if (capacity_bytes < 3) { /* no room for two quotes and the NUL */
        if (capacity_bytes > 0)
            out[0] = '\0';
        return out;
    }
    size_t length = 0;
    out[length++] = '"';
    for (uint32_t i = 0; i < text.length; i++) {
        char escaped[4];
        size_t size = escape_byte(text.data[i], escaped);
        if (size > capacity_bytes - 2 - length) {
            length = 1 + text_whole_bytes(out + 1, length - 1);
            break;
        }
        memcpy(out + length, escaped, size);
        length += size;
    }
    out[length++] = '"';
    out[length] = '\0';
    return out;
}
