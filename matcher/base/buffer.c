/* See buffer.h. Growth doubles, so that appending n bytes costs O(n) in all. Thread: one owner. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"

#include "base/banned.h"

enum { FIRST_CAPACITY_BYTES = 256 };

void buffer_init(struct buffer *buffer, size_t limit_bytes)
{
    *buffer = (struct buffer){.limit_bytes = limit_bytes};
}

void buffer_release(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){.limit_bytes = buffer->limit_bytes};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length_bytes = 0;
    buffer->failed = false;
}

char *buffer_reserve(struct buffer *buffer, size_t size_bytes)
{
    if (buffer->failed || size_bytes > buffer->limit_bytes - buffer->length_bytes)
        goto failed;
    size_t need = buffer->length_bytes + size_bytes;
    if (need > buffer->capacity_bytes || !buffer->data) {
        size_t capacity = buffer->capacity_bytes ? buffer->capacity_bytes : FIRST_CAPACITY_BYTES;
        while (capacity < need && capacity <= buffer->limit_bytes / 2)
            capacity *= 2;
        /* Beyond half the limit doubling would pass it: then all of it. */
        if (capacity < need || capacity > buffer->limit_bytes)
            capacity = buffer->limit_bytes;
        char *data = memory_try_resize(buffer->data, capacity);
        if (!data)
            goto failed;
        buffer->data = data;
        buffer->capacity_bytes = capacity;
    }
    return buffer->data + buffer->length_bytes;
failed:
    buffer->failed = true;
    return NULL;
}

void buffer_commit(struct buffer *buffer, size_t size_bytes)
{
    assert(size_bytes <= buffer->capacity_bytes - buffer->length_bytes);
    buffer->length_bytes += size_bytes;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size_bytes)
{
    char *room = buffer_reserve(buffer, size_bytes);
    if (!room)
        return false;
    if (size_bytes > 0)
        memcpy(room, bytes, size_bytes);
    buffer_commit(buffer, size_bytes);
    return true;
}

bool buffer_append_str(struct buffer *buffer, struct str text)
{
    return buffer_append(buffer, text.data, text.length);
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length + 1);
    if (room) {
        vsnprintf(room, (size_t)length + 1, format, again);
        buffer_commit(buffer, (size_t)length);
    } else {
        buffer->failed = true; /* also when the format itself failed */
    }
    va_end(again);
    return room != NULL;
}

void buffer_consume(struct buffer *buffer, size_t size_bytes)
{
    assert(size_bytes <= buffer->length_bytes);
    buffer->length_bytes -= size_bytes;
    if (buffer->length_bytes > 0 && size_bytes > 0)
        memmove(buffer->data, buffer->data + size_bytes, buffer->length_bytes);
}

char *buffer_detach(struct buffer *buffer, size_t *length_bytes)
{
    char *data = buffer->data;
    *length_bytes = buffer->length_bytes;
    if (*length_bytes == 0) { /* memory may be left from before a clear */
        memory_free(data);
        data = NULL;
    }
    buffer_init(buffer, buffer->limit_bytes);
    return data;
}
