/* grpc.health.v1: Check answers once; Watch answers, and again when the answer changes.
 *
 * Both stay on the loop, requests are at most a kilobyte: a server whose queues are full is busy,
 * not dead, and must say so. Thread: the loop's.
 */
#ifndef HAIHE_SERVER_HEALTH_CALL_H
#define HAIHE_SERVER_HEALTH_CALL_H

#include "server/method.h"

/* For the method table. */
void health_call_open(struct server *server, const struct method *method, struct rpc_call *call);
/* The server has begun to drain, or the engine's state has changed: watchers hear it. */
void health_tell_watchers(struct server *server);
/* Ends all watches, which would hold up the end. */
void health_end_watches(struct server *server);

#endif
