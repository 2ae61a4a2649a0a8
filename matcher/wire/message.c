/* See message.h. Thread: any. Cost of decoding: about 0.1 us a submessage. */
#include "wire/message.h"

#include <stdio.h>

#include "base/banned.h"

struct decoder {
    struct arena *arena;
    bool exhausted;
};

static void *decoder_alloc(void *context, size_t size_bytes)
{
    struct decoder *decoder = context;
    struct message_block *block = NULL;
    /* A text's length must fit struct str. */
    if (size_bytes <= UINT32_MAX)
        block = arena_alloc(decoder->arena, sizeof *block + size_bytes);
    if (!block) {
        decoder->exhausted = true;
        return NULL;
    }
    block->size_bytes = size_bytes;
    return block + 1;
}

static void decoder_free(void *context, void *block)
{
    (void)context;
    (void)block; /* the arena frees everything at once */
}

bool message_exhausted(const struct arena *arena, struct error *error)
{
    error_set(error, ERROR_RESOURCE_EXHAUSTED,
              "the request needs more than %zu bytes of memory to be read", arena->limit_bytes);
    if (error)
        snprintf(error->rule, sizeof error->rule, "message_too_costly");
    return false;
}

void *message_decode(const ProtobufCMessageDescriptor *descriptor, struct str bytes,
                     struct arena *arena, struct error *error)
{
    struct decoder decoder = {.arena = arena};
    ProtobufCAllocator allocator = {decoder_alloc, decoder_free, &decoder};
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.length,
                                                          (const uint8_t *)bytes.data);
    if (message)
        return message;
    if (decoder.exhausted) {
        message_exhausted(arena, error);
        return NULL;
    }
    error_set(error, ERROR_INVALID_ARGUMENT, "%u bytes are not an encoded %s", bytes.length,
              descriptor->name);
    if (error)
        snprintf(error->rule, sizeof error->rule, "malformed_message");
    return NULL;
}

char *message_put_text(struct arena *arena, struct str text)
{
    return (char *)arena_copy(arena, text).data;
}

bool message_append(struct buffer *out, const ProtobufCMessage *message)
{
    size_t size_bytes = protobuf_c_message_get_packed_size(message);
    char *room = buffer_reserve(out, size_bytes);
    if (!room)
        return false;
    buffer_commit(out, protobuf_c_message_pack(message, (uint8_t *)room));
    return true;
}

struct str message_encode(const ProtobufCMessage *message, struct arena *arena)
{
    size_t size_bytes = protobuf_c_message_get_packed_size(message);
    char *bytes = size_bytes <= UINT32_MAX ? arena_alloc(arena, size_bytes) : NULL;
    if (!bytes)
        return (struct str){NULL, 0};
    protobuf_c_message_pack(message, (uint8_t *)bytes);
    return (struct str){bytes, (uint32_t)size_bytes};
}
