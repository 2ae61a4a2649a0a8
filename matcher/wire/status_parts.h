/* A google.rpc.Status made of an error without allocating: for statuses of calls and for
 * acknowledgements inside another message. See status_message.h for what goes where. */
#ifndef HAIHE_WIRE_STATUS_PARTS_H
#define HAIHE_WIRE_STATUS_PARTS_H

#include "base/error.h"
#include "google/rpc/status.pb-c.h"

enum {
    STATUS_DETAIL_LIMIT = 2,
    /* All texts of an error are bounded; the largest detail holds field and text. */
    STATUS_DETAIL_BYTES = 640,
};

struct status_parts {
    Google__Rpc__Status status;
    Google__Protobuf__Any details[STATUS_DETAIL_LIMIT];
    Google__Protobuf__Any *detail_list[STATUS_DETAIL_LIMIT];
    uint8_t bytes[STATUS_DETAIL_LIMIT][STATUS_DETAIL_BYTES];
};

/* `parts` and `error` must outlive the use of parts->status. */
void status_compose(struct status_parts *parts, const struct error *error);

#endif
