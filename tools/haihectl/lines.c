/* One buffer, read into at its end, consumed from its front; the unread rest is moved to the front
 * before a read, so each byte is moved at most once for every 256 KiB. */
#include "haihectl/lines.h"

#include "base/buffer.h"
#include "base/memory.h"

#include "base/banned.h"

enum { READ_BYTES = 256 * 1024 };

struct lines {
    struct input *input;
    const char *path; /* borrowed */
    struct buffer buffer;
    size_t next_index;      /* of the next line in the buffer */
    size_t searched_bytes;  /* behind next_index, known to hold no line break */
    size_t last_line_bytes; /* of the line given last, for unread */
    uint64_t last_number;
    bool ended;
};

struct lines *lines_open(const struct input_options *options, struct error *error)
{
    struct input *input = input_open(options, error);
    struct lines *lines = input ? memory_try_zeroed(1, sizeof(*lines)) : NULL;
    if (input && !lines)
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s': out of memory", options->path);
    if (!lines) {
        input_close(input);
        return NULL;
    }
    lines->input = input;
    lines->path = options->path;
    buffer_init(&lines->buffer, LINE_LIMIT_BYTES + 2 * READ_BYTES);
    return lines;
}

void lines_close(struct lines *lines)
{
    if (!lines)
        return;
    input_close(lines->input);
    buffer_release(&lines->buffer);
    memory_free(lines);
}

static enum lines_status read_more(struct lines *lines, struct error *error)
{
    buffer_consume(&lines->buffer, lines->next_index);
    lines->next_index = 0;
    lines->last_line_bytes = 0;
    char *room = buffer_reserve(&lines->buffer, READ_BYTES);
    if (!room) {
        error_set(error, ERROR_INVALID_ARGUMENT, "%s:%llu: the line is longer than %d bytes",
                  lines->path, (unsigned long long)lines->last_number + 1, LINE_LIMIT_BYTES);
        return LINES_FAILED;
    }
    size_t count;
    enum input_status status = input_read(lines->input, room, READ_BYTES, &count, error);
    if (status == INPUT_STOPPED || status == INPUT_FAILED)
        return status == INPUT_STOPPED ? LINES_STOPPED : LINES_FAILED;
    buffer_commit(&lines->buffer, count);
    lines->ended = status == INPUT_END;
    return LINES_LINE;
}

enum lines_status lines_next(struct lines *lines, struct str *line, uint64_t *number,
                             struct error *error)
{
    enum lines_status status = LINES_LINE;
    while (status == LINES_LINE) {
        const struct buffer *buffer = &lines->buffer;
        size_t rest_bytes = buffer->length_bytes - lines->next_index;
        const char *from = rest_bytes > 0 ? buffer->data + lines->next_index : "";
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

const struct input *lines_input(const struct lines *lines)
{
    return lines->input;
}
