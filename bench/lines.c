/* See lines.h. */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#include "base/banned.h"

static bool map_file(struct lines *lines, int file, struct error *error)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return error_set(error, ERROR_UNKNOWN, "'%s': %s", lines->path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(error, ERROR_INVALID_ARGUMENT, "'%s': not a file", lines->path);
    lines->size_bytes = (size_t)status.st_size;
    if (lines->size_bytes == 0)
        return true;
    void *data = mmap(NULL, lines->size_bytes, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED)
        return error_set(error, ERROR_UNKNOWN, "'%s': %s", lines->path, strerror(errno));
    lines->data = data;
    madvise(data, lines->size_bytes, MADV_SEQUENTIAL);
    return true;
}

/* Where the line behind the one at `offset` begins. */
static size_t next_start(const struct lines *lines, size_t offset)
{
    const char *end = memchr(lines->data + offset, '\n', lines->size_bytes - offset);
    return end ? (size_t)(end - lines->data) + 1 : lines->size_bytes;
}

static bool count_lines(struct lines *lines, size_t limit, struct error *error)
{
    size_t capacity = 0;
    for (size_t offset = 0; offset < lines->size_bytes && lines->count < limit; lines->count++) {
        size_t block = lines->count / BLOCK_LINES;
        if (lines->count % BLOCK_LINES == 0) {
            if (block == capacity) {
                capacity = capacity > 0 ? 2 * capacity : 64;
                size_t *starts = memory_try_resize(lines->block_starts, capacity * sizeof *starts);
                if (!starts)
                    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "'%s': no memory",
                                     lines->path);
                lines->block_starts = starts;
            }
            lines->block_starts[block] = offset;
        }
        offset = next_start(lines, offset);
    }
    return true;
}

bool lines_open(struct lines *lines, const char *path, size_t limit, struct error *error)
{
    *lines = (struct lines){.path = path};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_set(error, ERROR_NOT_FOUND, "'%s': %s", path, strerror(errno));
    bool opened = map_file(lines, file, error) && count_lines(lines, limit, error);
    close(file);
    if (!opened)
        lines_close(lines);
    return opened;
}

void lines_close(struct lines *lines)
{
    if (lines->data)
        munmap((void *)lines->data, lines->size_bytes);
    memory_free(lines->block_starts);
    *lines = (struct lines){0};
}

size_t lines_block_count(const struct lines *lines)
{
    return (lines->count + BLOCK_LINES - 1) / BLOCK_LINES;
}

size_t lines_in_block(const struct lines *lines, size_t block)
{
    size_t rest = lines->count - block * BLOCK_LINES;
    return rest < BLOCK_LINES ? rest : BLOCK_LINES;
}

struct str lines_next(const struct lines *lines, size_t *offset)
{
    size_t begin = *offset;
    *offset = next_start(lines, begin);
    size_t length = *offset - begin;
    if (length > 0 && lines->data[*offset - 1] == '\n')
        length--;
    if (length > LINE_LIMIT_BYTES)
        length = LINE_LIMIT_BYTES;
    return (struct str){lines->data + begin, (uint32_t)length};
}
