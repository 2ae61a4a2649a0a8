/* One load: batches from the reader go out over RecordService.Apply, answers come back in order,
 * refused rows go to the report.
 *
 *   batches   [ answered | in flight | refused here | not yet sent ] -> [ .. ] -> NULL
 *              freed      ^ack cursor                ^send cursor
 *
 * At most `in_flight_limit` rows wait for their answer; below that the stream's own flow control
 * holds. Rows refused here keep their place, so that the report is in the file's order.
 * Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LOAD_SESSION_H
#define HAIHE_HAIHECTL_LOAD_SESSION_H

#include "haihectl/client.h"
#include "haihectl/load_report.h"

struct load_session_options {
    struct client *client;
    struct load_reader_options reader; /* loop, on_ready and context are the session's */
    uint32_t in_flight_limit;
    struct load_report *report;
    struct progress *progress;
};

struct load_outcome {
    struct error server; /* why the stream ended early; code OK otherwise */
    struct error input;  /* why reading ended early; code OK otherwise */
    bool interrupted;    /* SIGINT or SIGTERM */
    uint64_t unanswered; /* rows sent that nobody answered: they may have been applied */
};

/* Runs the load to its end. False and an error when it could not begin. */
bool load_session_run(const struct load_session_options *options, struct load_outcome *outcome,
                      struct error *error);

#endif
