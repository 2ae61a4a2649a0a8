/* A Key of record.proto written field by field (raw.h). */
#ifndef HAIHE_WIRE_RAW_KEY_H
#define HAIHE_WIRE_RAW_KEY_H

#include "model/record.h"
#include "wire/raw.h"

/* A raw_fields: `what` is a struct key. */
void raw_put_key(struct raw_writer *writer, const void *what);

#endif
