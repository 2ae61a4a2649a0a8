/* Between json_read.c, which walks objects and lists, and json_scalar.c, which reads single values.
 * Thread: any. */
#ifndef HAIHE_WIRE_JSON_READ_H
#define HAIHE_WIRE_JSON_READ_H

#include <jansson.h>

#include "wire/check.h"

struct reader {
    struct arena *arena;
    struct error *error;
    int depth; /* of messages in messages */
};

/* What one value is read into. */
struct target {
    const ProtobufCFieldDescriptor *field;
    size_t index; /* in a list, else SIZE_MAX */
    void *at;
};

/* Any type but messages. Texts are views of the JSON. */
bool json_read_scalar(const struct reader *reader, const json_t *json, const struct target *target);
/* Rule "wrong_type": `wanted` is "a text" or the like. */
bool json_refuse_type(const struct reader *reader, const struct target *target, const json_t *json,
                      const char *wanted);

#endif
