/* The method table: every path that is served, and how. Immutable; thread: any. */
#ifndef HAIHE_SERVER_METHOD_H
#define HAIHE_SERVER_METHOD_H

#include "base/buffer.h"
#include "engine/engine.h"
#include "rpc/call.h"

struct server;
struct method;

/* What a handler is asked, on a search worker. */
struct question {
    struct server *server;
    const struct engine_view *view;
    struct str request;            /* the encoded message */
    int64_t deadline_ns;           /* CLOCK_MONOTONIC; 0 = none */
    const _Atomic bool *cancelled; /* nobody waits for the answer any more */
};

/* Appends the encoded answer. False and an error: that is the call's status. */
typedef bool answer_function(const struct question *question, struct buffer *out,
                             struct error *error);

enum method_kind { METHOD_UNARY, METHOD_SERVER_STREAM, METHOD_BIDIRECTIONAL };

/* What a question needs. */
enum method_need {
    NEEDS_RECORDS, /* refused while they are being read */
    NEEDS_NOTHING, /* it is about the daemon itself: answered at any time */
    NEEDS_TIME,    /* and records; it is no search: on a thread of its own, one at a time */
};

struct method {
    const char *path; /* "/package.Service/Method" */
    enum method_kind kind;
    /* Accepts or finishes a new call, on the loop. */
    void (*open)(struct server *server, const struct method *method, struct rpc_call *call);
    answer_function *answer; /* for query_call_open */
    enum method_need need;   /* likewise */
};

enum { METHOD_LIMIT = 32 };

/* NULL when there is no such method. */
const struct method *method_find(struct str path);
size_t method_count(void); /* <= METHOD_LIMIT */
const struct method *method_at(size_t index);
size_t method_index(const struct method *method);
/* True when a method of "package.Service" is served. */
bool method_has_service(struct str service);

#endif
