/* A call whose messages are questions: each is one job for a search worker and has one answer.
 *
 *   unary:          message, half-close -> job -> answer, OK
 *   bidirectional:  messages wait in line; one job at a time, so answers come in order
 *
 * A message is consumed when it has been answered, so the call's window bounds what waits here.
 * When the call ends early (cancelled, deadline, connection lost) a job under way is told by its
 * flag and comes back to nobody. Thread: the loop's; the job's part its worker's.
 */
#ifndef HAIHE_SERVER_QUERY_CALL_H
#define HAIHE_SERVER_QUERY_CALL_H

#include "server/method.h"

/* For the method table. */
void query_call_open(struct server *server, const struct method *method, struct rpc_call *call);

#endif
