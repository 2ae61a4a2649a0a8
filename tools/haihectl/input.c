/* Two windows of bytes, each filled at its end and emptied from its front; see input.h.
 *
 * Invariants: start <= end <= WINDOW_BYTES in each window; `packed` has data only for gzip. Without
 * gzip the file is read straight into `plain`.
 */
#include "haihectl/input.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

#include "base/banned.h"

enum {
    WINDOW_BYTES = 256 * 1024,
    MARK_BYTES = 4,                   /* the longest beginning that tells something by itself */
    JUDGED_BYTES_LIMIT = 1024 * 1024, /* beyond that, rows are refused one by one */
};

struct window {
    char *data;
    size_t start, end;
};

struct input {
    struct input_options options;
    int fd;
    struct window packed, plain;
    z_stream unpack;
    bool is_packed, member_ended;
    const struct encoding *encoding;
    bool by_mark;
    iconv_t convert; /* (iconv_t)-1 = none */
    bool started, file_ended, lone_returns;
    bool judged;      /* nothing more is to be found out */
    bool within_line; /* what was judged last did not end with a line */
    uint64_t judged_bytes, judged_lines;
    uint64_t read_bytes;
};

static const iconv_t NO_CONVERSION = (iconv_t)-1;

/* zlib's allocations go where all others go, so that the limits of memory.h hold for them. */
static void *unpack_alloc(void *context, unsigned count, unsigned size)
{
    (void)context;
    return memory_try_zeroed(count, size);
}

static void unpack_free(void *context, void *memory)
{
    (void)context;
    memory_free(memory);
}

struct input *input_open(const struct input_options *options, struct error *error)
{
    bool standard_input = strcmp(options->path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(options->path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0) {
        error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be opened: %s", options->path,
                  strerror(errno));
        return NULL;
    }
    struct input *input = memory_try_zeroed(1, sizeof(*input));
    if (input) {
        input->options = *options;
        input->fd = fd;
        input->convert = NO_CONVERSION;
        input->plain.data = memory_try_zeroed(1, WINDOW_BYTES);
    }
    bool is_directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    if (input && input->plain.data && !is_directory)
        return input;
    if (is_directory)
        error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' is a directory", options->path);
    else
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s': out of memory", options->path);
    if (input)
        input_close(input);
    else if (!standard_input)
        close(fd);
    return NULL;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    if (input->fd != STDIN_FILENO)
        close(input->fd);
    if (input->convert != NO_CONVERSION)
        iconv_close(input->convert);
    if (input->is_packed)
        inflateEnd(&input->unpack);
    memory_free(input->packed.data);
    memory_free(input->plain.data);
    memory_free(input);
}

static enum input_status fail(const struct input *input, const char *what, struct error *error)
{
    error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' %s", input->options.path, what);
    return INPUT_FAILED;
}

/* --- From the file --------------------------------------------------------------------------- */

/* False when stop_fd ends the wait. A plain file is always ready. */
static bool wait_for_bytes(const struct input *input)
{
    if (input->options.stop_fd < 0)
        return true;
    struct pollfd fds[2] = {{.fd = input->fd, .events = POLLIN},
                            {.fd = input->options.stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return fds[1].revents == 0;
}

static void compact(struct window *window)
{
    if (window->start == 0)
        return;
    memmove(window->data, window->data + window->start, window->end - window->start);
    window->end -= window->start;
    window->start = 0;
}

/* One read() into the window's free end. */
static enum input_status read_file(struct input *input, struct window *window, struct error *error)
{
    if (input->options.before_read)
        input->options.before_read(input->options.context);
    if (!wait_for_bytes(input))
        return INPUT_STOPPED;
    compact(window);
    ssize_t count;
    while ((count = read(input->fd, window->data + window->end, WINDOW_BYTES - window->end)) < 0 &&
           errno == EINTR) {
    }
    if (count < 0) {
        error_set(error, ERROR_UNKNOWN, "file '%s' cannot be read: %s", input->options.path,
                  strerror(errno));
        return INPUT_FAILED;
    }
    window->end += (size_t)count;
    input->read_bytes += (uint64_t)count;
    input->file_ended = count == 0;
    return INPUT_BYTES;
}

/* Some of `packed` into the free end of `plain`. A file may hold several members. */
static enum input_status unpack_some(struct input *input, struct error *error)
{
    struct window *packed = &input->packed, *plain = &input->plain;
    compact(plain);
    if (input->member_ended && inflateReset(&input->unpack) != Z_OK)
        return fail(input, "cannot be unpacked (gzip)", error);
    input->member_ended = false;
    input->unpack.next_in = (unsigned char *)packed->data + packed->start;
    input->unpack.avail_in = (unsigned)(packed->end - packed->start);
    input->unpack.next_out = (unsigned char *)plain->data + plain->end;
    input->unpack.avail_out = (unsigned)(WINDOW_BYTES - plain->end);
    int status = inflate(&input->unpack, Z_NO_FLUSH);
    packed->start = packed->end - input->unpack.avail_in;
    plain->end = WINDOW_BYTES - input->unpack.avail_out;
    input->member_ended = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return fail(input, "cannot be unpacked: its gzip data are damaged", error);
    return INPUT_BYTES;
}

/* Adds to `plain`; INPUT_END when nothing can come any more. */
static enum input_status fill(struct input *input, struct error *error)
{
    if (!input->is_packed) {
        if (input->file_ended)
            return INPUT_END;
        enum input_status status = read_file(input, &input->plain, error);
        return status == INPUT_BYTES && input->file_ended ? INPUT_END : status;
    }
    size_t before = input->plain.end - input->plain.start;
    while (input->plain.end - input->plain.start == before) {
        if (input->packed.start == input->packed.end && input->file_ended)
            return input->member_ended ? INPUT_END
                                       : fail(input, "ends in the middle of its gzip data", error);
        enum input_status status = INPUT_BYTES;
        if (input->packed.start == input->packed.end)
            status = read_file(input, &input->packed, error);
        if (status == INPUT_BYTES && input->packed.start < input->packed.end)
            status = unpack_some(input, error);
        if (status != INPUT_BYTES)
            return status;
    }
    return INPUT_BYTES;
}

/* --- What the file is ------------------------------------------------------------------------ */

static struct str beginning(const struct input *input)
{
    return (struct str){input->plain.data + input->plain.start,
                        (uint32_t)(input->plain.end - input->plain.start)};
}

/* Until there are MARK_BYTES, or the end. */
static enum input_status fill_beginning(struct input *input, struct error *error)
{
    enum input_status status = INPUT_BYTES;
    while (status == INPUT_BYTES && beginning(input).length < MARK_BYTES)
        status = fill(input, error);
    return status == INPUT_END ? INPUT_BYTES : status;
}

static enum input_status start_unpacking(struct input *input, struct error *error)
{
    enum { ANY_GZIP = 16 + MAX_WBITS };
    input->unpack = (z_stream){.zalloc = unpack_alloc, .zfree = unpack_free};
    input->packed = input->plain;
    input->plain = (struct window){memory_try_zeroed(1, WINDOW_BYTES), 0, 0};
    if (!input->plain.data || inflateInit2(&input->unpack, ANY_GZIP) != Z_OK)
        return fail(input, "cannot be unpacked (gzip): out of memory", error);
    input->is_packed = true;
    return fill_beginning(input, error);
}

static enum input_status choose_encoding(struct input *input, struct error *error)
{
    uint32_t mark_bytes = 0;
    const struct encoding *wanted = input->options.encoding;
    const struct encoding *marked = encoding_of_mark(beginning(input), &mark_bytes);
    bool any_utf16 = wanted && strcmp(wanted->name, "UTF-16") == 0;
    if (marked && wanted && marked != wanted &&
        !(any_utf16 && strncmp(marked->name, "UTF-16", 6) == 0)) {
        error_set(error, ERROR_INVALID_ARGUMENT,
                  "file '%s' begins with the byte order mark of %s, not of %s (--encoding)",
                  input->options.path, marked->name, wanted->name);
        return INPUT_FAILED;
    }
    input->by_mark = marked != NULL;
    input->encoding = marked ? marked : wanted ? wanted : encoding_find(STR("UTF-8"));
    input->plain.start += mark_bytes;
    if (!input->encoding->iconv_name)
        return INPUT_BYTES;
    input->convert = iconv_open("UTF-8", input->encoding->iconv_name);
    if (input->convert != NO_CONVERSION)
        return INPUT_BYTES;
    error_set(error, ERROR_UNIMPLEMENTED,
              "file '%s': this system's C library does not convert %s (glibc's gconv modules)",
              input->options.path, input->encoding->name);
    return INPUT_FAILED;
}

/* Rows end in carriage returns alone when one is followed by more, and there is no line feed. */
static bool has_lone_returns(struct str text)
{
    return text.length > 1 && memchr(text.data, '\r', text.length - 1) != NULL &&
           memchr(text.data, '\n', text.length) == NULL;
}

static enum input_status start(struct input *input, struct error *error)
{
    enum input_status status = fill_beginning(input, error);
    if (status == INPUT_BYTES && str_starts_with(beginning(input), STR("\x1F\x8B")))
        status = start_unpacking(input, error);
    if (status != INPUT_BYTES)
        return status;
    status = choose_encoding(input, error);
    if (status != INPUT_BYTES)
        return status;
    bool plain = !input->by_mark && !input->encoding->iconv_name;
    const char *what = plain ? encoding_not_text(beginning(input)) : NULL;
    if (what) {
        char text[200];
        snprintf(text, sizeof(text), "is %s", what);
        return fail(input, text, error);
    }
    input->lone_returns = has_lone_returns(beginning(input));
    input->started = true;
    return INPUT_BYTES;
}

/* Looks at bytes that have just come; false with an error when they are of another encoding than
 * the file is read in. */
static bool judge(struct input *input, struct str text, struct error *error)
{
    struct encoding_evidence evidence;
    bool as_utf8 = !input->encoding->iconv_name;
    if (input->judged || input->by_mark || strncmp(input->encoding->name, "UTF-16", 6) == 0)
        return true;
    const char *line_end = memchr(text.data, '\n', text.length);
    uint32_t begun_bytes = 0; /* of a line whose beginning was judged, or not, before */
    if (input->within_line && line_end)
        begun_bytes = (uint32_t)(line_end - text.data) + 1;
    encoding_judge((struct str){text.data + begun_bytes, text.length - begun_bytes}, &evidence);
    if (as_utf8 && evidence.verdict == ENCODING_GB18030)
        return error_set(
            error, ERROR_INVALID_ARGUMENT,
            "file '%s' is not UTF-8 from line %llu on (byte %llu: %s): it looks like "
            "GB18030, '%s': use --encoding GB18030",
            input->options.path,
            (unsigned long long)(input->judged_lines + (begun_bytes > 0) + evidence.line + 1),
            (unsigned long long)(input->judged_bytes + begun_bytes + evidence.at + 1),
            evidence.bytes, evidence.line_text);
    if (!as_utf8 && evidence.verdict == ENCODING_UTF8)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "file '%s' is UTF-8: leave out --encoding %s", input->options.path,
                         input->encoding->name);
    for (uint32_t i = 0; i < text.length; i++)
        input->judged_lines += text.data[i] == '\n';
    input->judged_bytes += text.length;
    input->within_line = text.data[text.length - 1] != '\n';
    input->judged = evidence.verdict == ENCODING_UTF8 || input->judged_bytes > JUDGED_BYTES_LIMIT;
    return true;
}

/* --- To the caller --------------------------------------------------------------------------- */

static size_t copy(struct window *plain, char *room, size_t room_bytes)
{
    size_t bytes = plain->end - plain->start;
    bytes = bytes < room_bytes ? bytes : room_bytes;
    memcpy(room, plain->data + plain->start, bytes);
    plain->start += bytes;
    return bytes;
}

/* Converts as much as there is room for; what is ill-formed becomes 0xFF. `at_end`: no more comes,
 * so a character that is not complete is ill-formed. */
static size_t convert(struct input *input, char *room, size_t room_bytes, bool at_end)
{
    char *to = room;
    size_t left = room_bytes;
    while (input->plain.start < input->plain.end && left > 0) {
        char *from = input->plain.data + input->plain.start;
        size_t from_bytes = input->plain.end - input->plain.start;
        size_t status = iconv(input->convert, &from, &from_bytes, &to, &left);
        input->plain.start = input->plain.end - from_bytes;
        if (status != (size_t)-1 || errno == E2BIG || (errno == EINVAL && !at_end))
            break;
        if (left == 0)
            break;
        *to++ = '\xFF';
        left--;
        size_t skipped = input->encoding->unit_bytes;
        input->plain.start += skipped < from_bytes ? skipped : from_bytes;
    }
    return room_bytes - left;
}

static size_t take(struct input *input, char *room, size_t room_bytes, bool at_end)
{
    if (input->convert == NO_CONVERSION)
        return copy(&input->plain, room, room_bytes);
    return convert(input, room, room_bytes, at_end);
}

/* More into `plain`, judged. INPUT_END: what is there is all. */
static enum input_status fetch(struct input *input, struct error *error)
{
    size_t known = input->plain.end - input->plain.start;
    enum input_status status = input->started ? fill(input, error) : start(input, error);
    if (status != INPUT_BYTES)
        return status;
    uint32_t fresh_bytes = (uint32_t)(input->plain.end - input->plain.start - known);
    const struct str fresh = {input->plain.data + input->plain.end - fresh_bytes, fresh_bytes};
    return fresh_bytes == 0 || judge(input, fresh, error) ? INPUT_BYTES : INPUT_FAILED;
}

enum input_status input_read(struct input *input, char *room, size_t room_bytes, size_t *size_bytes,
                             struct error *error)
{
    bool at_end = false;
    *size_bytes = 0;
    for (;;) {
        if (input->started)
            *size_bytes = take(input, room, room_bytes, at_end);
        if (*size_bytes > 0)
            break;
        if (at_end)
            return INPUT_END;
        enum input_status status = fetch(input, error);
        if (status == INPUT_STOPPED || status == INPUT_FAILED)
            return status;
        at_end = status == INPUT_END;
    }
    for (size_t i = 0; input->lone_returns && i < *size_bytes; i++)
        if (room[i] == '\r')
            room[i] = '\n';
    return INPUT_BYTES;
}

uint64_t input_read_bytes(const struct input *input)
{
    return input->read_bytes;
}

const struct encoding *input_encoding(const struct input *input)
{
    return input->encoding;
}

void input_remark(const struct input *input, struct buffer *out)
{
    const char *comma = "";
    if (input->is_packed) {
        buffer_append_str(out, STR("unpacked (gzip)"));
        comma = ", ";
    }
    if (input->by_mark && input->encoding->iconv_name) {
        buffer_printf(out, "%sas %s, by its byte order mark", comma, input->encoding->name);
        comma = ", ";
    }
    if (input->lone_returns)
        buffer_printf(out, "%slines end with carriage returns", comma);
}
