/* RecordService.Apply: a stream of changes, each one job for the writer, answered in order.
 *
 *   message -> waiting -> [the writer's queue] -> answered -> sent
 *              |           at most 1024 of a call's changes in these two |
 *
 * Back-pressure instead of refusal: a message is consumed only when its answer has been sent, so a
 * client that does not read its answers, or finds the queue full, is stopped by its own window.
 * Order: the queue, the writer and loop_post each keep it.
 * Half-close ends the stream after the last answer. When the call ends early, what waits is
 * dropped; what the writer has is done, with nobody to tell. Thread: the loop's.
 */
#ifndef HAIHE_SERVER_APPLY_CALL_H
#define HAIHE_SERVER_APPLY_CALL_H

#include "server/method.h"

/* For the method table. */
void apply_call_open(struct server *server, const struct method *method, struct rpc_call *call);

#endif
