/* Every message of the protos, by full name ("haihe.v1.Vacancy"). Immutable; thread: any. */
#ifndef HAIHE_WIRE_MESSAGE_TABLE_H
#define HAIHE_WIRE_MESSAGE_TABLE_H

#include <protobuf-c/protobuf-c.h>

#include "base/str.h"

/* NULL when there is none. */
const ProtobufCMessageDescriptor *message_find(struct str full_name);
/* All of them, ended by NULL. */
const ProtobufCMessageDescriptor *const *message_all(void);

#endif
