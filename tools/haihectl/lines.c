/* One buffer, read into at its end, consumed from its front; the unread rest is moved to the front
 * before a read, so each byte is moved at most once for every 256 KiB. */
#include "haihectl/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#include "base/banned.h"

enum { READ_BYTES = 256 * 1024 };

struct lines {
    struct lines_options options;
    int fd;
    struct buffer buffer;
    size_t next_index;      /* of the next line in the buffer */
    size_t searched_bytes;  /* behind next_index, known to hold no line break */
    size_t last_line_bytes; /* of the line given last, for unread */
    uint64_t last_number;
    uint64_t read_bytes;
    bool ended;
    bool started;
};

struct lines *lines_open(const struct lines_options *options, struct error *error)
{
    bool standard_input = strcmp(options->path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(options->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be opened: %s", options->path,
                  strerror(errno));
        return NULL;
    }
    struct lines *lines = memory_try_zeroed(1, sizeof(*lines));
    if (!lines) {
        if (!standard_input)
            close(fd);
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s': out of memory", options->path);
        return NULL;
    }
    lines->options = *options;
    lines->fd = fd;
    buffer_init(&lines->buffer, LINE_LIMIT_BYTES + 2 * READ_BYTES);
    return lines;
}

void lines_close(struct lines *lines)
{
    if (!lines)
        return;
    if (lines->fd != STDIN_FILENO)
        close(lines->fd);
    buffer_release(&lines->buffer);
    memory_free(lines);
}

/* False when stop_fd ends the wait. A plain file is always ready. */
static bool wait_for_bytes(const struct lines *lines)
{
    if (lines->options.stop_fd < 0)
        return true;
    struct pollfd fds[2] = {{.fd = lines->fd, .events = POLLIN},
                            {.fd = lines->options.stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return fds[1].revents == 0;
}

static enum lines_status read_more(struct lines *lines, struct error *error)
{
    if (lines->options.before_read)
        lines->options.before_read(lines->options.context);
    if (!wait_for_bytes(lines))
        return LINES_STOPPED;
    buffer_consume(&lines->buffer, lines->next_index);
    lines->next_index = 0;
    lines->last_line_bytes = 0;
    char *room = buffer_reserve(&lines->buffer, READ_BYTES);
    if (!room) {
        error_set(error, ERROR_INVALID_ARGUMENT, "%s:%llu: the line is longer than %d bytes",
                  lines->options.path, (unsigned long long)lines->last_number + 1,
                  LINE_LIMIT_BYTES);
        return LINES_FAILED;
    }
    ssize_t count;
    while ((count = read(lines->fd, room, READ_BYTES)) < 0 && errno == EINTR) {
    }
    if (count < 0) {
        error_set(error, ERROR_UNKNOWN, "file '%s' cannot be read: %s", lines->options.path,
                  strerror(errno));
        return LINES_FAILED;
    }
    buffer_commit(&lines->buffer, (size_t)count);
    lines->read_bytes += (uint64_t)count;
    lines->ended = count == 0;
    return LINES_LINE;
}

/* Looks at the first bytes of the file. */
static enum lines_status start(struct lines *lines, struct error *error)
{
    while (lines->buffer.length_bytes < 3 && !lines->ended) {
        enum lines_status status = read_more(lines, error);
        if (status != LINES_LINE)
            return status;
    }
    lines->started = true;
    const char *bytes = lines->buffer.data;
    size_t length = lines->buffer.length_bytes;
    if (length >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0)) {
        error_set(error, ERROR_INVALID_ARGUMENT,
                  "file '%s' is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8",
                  lines->options.path);
        return LINES_FAILED;
    }
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        buffer_consume(&lines->buffer, 3);
    return LINES_LINE;
}

enum lines_status lines_next(struct lines *lines, struct str *line, uint64_t *number,
                             struct error *error)
{
    enum lines_status status = lines->started ? LINES_LINE : start(lines, error);
    while (status == LINES_LINE) {
        const struct buffer *buffer = &lines->buffer;
        const char *from = buffer->data + lines->next_index;
        size_t rest_bytes = buffer->length_bytes - lines->next_index;
        size_t unsearched_bytes = rest_bytes - lines->searched_bytes;
        const char *end =
            unsearched_bytes ? memchr(from + lines->searched_bytes, '\n', unsearched_bytes) : NULL;
        if (end || (lines->ended && rest_bytes > 0)) {
            size_t line_bytes = end ? (size_t)(end - from) + 1 : rest_bytes;
            *line = (struct str){from, (uint32_t)line_bytes};
            *number = ++lines->last_number;
            lines->next_index += line_bytes;
            lines->last_line_bytes = line_bytes;
            lines->searched_bytes = 0;
            return LINES_LINE;
        }
        if (lines->ended)
            return LINES_END;
        lines->searched_bytes = rest_bytes;
        status = read_more(lines, error);
    }
    return status;
}

void lines_unread(struct lines *lines)
{
    assert(lines->last_line_bytes > 0 && lines->next_index >= lines->last_line_bytes);
    lines->next_index -= lines->last_line_bytes;
    lines->last_line_bytes = 0;
    lines->last_number--;
}

uint64_t lines_read_bytes(const struct lines *lines)
{
    return lines->read_bytes;
}
