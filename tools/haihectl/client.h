/* A synchronous gRPC client for command lines: our rpc channel on a loop of its own, run until the
 * answer is there.
 *
 *   client_call:    JSON -> request -> call -> response -> JSON
 *   client_stream:  next() .. -> requests -> call -> answers -> on_answer() ..
 *
 * Messages pass through wire/json_message.h by their full names. One connection, made by the first
 * call. Errors carry what the server said of field, value and rule; UNAVAILABLE names the address.
 * Thread: one owner; client_loop's loop runs only inside of the calls below.
 */
#ifndef HAIHE_HAIHECTL_CLIENT_H
#define HAIHE_HAIHECTL_CLIENT_H

#include <jansson.h>

#include "base/error.h"
#include "base/str.h"

struct client;
struct loop;

struct client_method {
    const char *path;     /* "/haihe.v1.RecordService/Get" */
    const char *request;  /* "haihe.v1.GetRequest" */
    const char *response; /* "haihe.v1.Record" */
};

/* Every method that the tool calls. */
extern const struct client_method CLIENT_APPLY, CLIENT_GET, CLIENT_LIST, CLIENT_MATCH_VACANCIES,
    CLIENT_MATCH_APPLICANTS, CLIENT_EXPLAIN, CLIENT_STATS, CLIENT_BACKUP, CLIENT_HISTORY, CLIENT_HEALTH;

/* `address` is "host:port", borrowed. A call without an answer after timeout_ns fails with
 * DEADLINE_EXCEEDED. NULL and an error when there is no loop. */
struct client *client_new(const char *address, int64_t timeout_ns, struct error *error);
void client_free(struct client *client); /* NULL is allowed */

/* A unary call's response, a new reference, without the fields that are at their defaults; NULL and
 * the server's error otherwise. */
json_t *client_call(struct client *client, const struct client_method *method,
                    const json_t *request, struct error *error);
/* The same with numbers, texts and lists also at their defaults: for scripts. */
json_t *client_call_full(struct client *client, const struct client_method *method,
                         const json_t *request, struct error *error);

enum client_next {
    CLIENT_SEND, /* a message was given */
    CLIENT_WAIT, /* not now: client_stream_resume tells when */
    CLIENT_END,  /* no more */
};

/* A bidirectional call. */
struct client_stream {
    const char *path;
    /* The next encoded request, borrowed until the next call of next. */
    enum client_next (*next)(void *context, struct str *message);
    /* An answer's bytes. False cancels the call. */
    bool (*on_answer)(void *context, struct str message);
    /* Ten times a second; false cancels the call. Optional. */
    bool (*on_tick)(void *context);
    void *context;
    /* The rest is the client's while it runs. */
    struct client *client;
    struct rpc_call *call;
};

/* Runs the call to its end; the server's error when it ends otherwise than well. No deadline:
 * on_tick judges progress. */
bool client_stream_run(struct client *client, struct client_stream *stream, struct error *error);
/* There is something to send again. On the client's thread: from on_answer, on_tick or a task
 * posted to client_loop. Harmless when the stream does not run. */
void client_stream_resume(struct client_stream *stream);

struct loop *client_loop(struct client *client);
int64_t client_timeout_ns(const struct client *client);

/* The error in an encoded or decoded google.rpc.Status: `status` is its JSON. */
void client_read_status(const json_t *status, struct error *error);

#endif
