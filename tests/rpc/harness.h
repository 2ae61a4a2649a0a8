/* A client session and a server session joined through memory, cut into random pieces on the way;
 * and a recorder of what each end of a call hears. Time stands still unless a test moves it. */
#ifndef HAIHE_TESTS_RPC_HARNESS_H
#define HAIHE_TESTS_RPC_HARNESS_H

#include "base/buffer.h"
#include "base/rng.h"
#include "rpc/session.h"

enum { RECORD_MESSAGES = 4096 };

/* What one end of one call heard. */
struct record {
    struct rpc_call *call; /* a reference of its own, until record_release */
    struct buffer bytes;   /* all messages, one behind the other */
    size_t sizes[RECORD_MESSAGES];
    size_t message_count;
    size_t consumed_count; /* of the messages, given back to the peer's window */
    bool holds;            /* does not consume by itself */
    bool has_headers;
    bool is_half_closed;
    bool is_ended;
    enum error_code code; /* with message and details: the end */
    struct buffer message;
    struct buffer details;
    void (*on_writable)(struct record *record); /* of the test */
    void (*on_message)(struct record *record, struct str message);
    void (*on_half_close)(struct record *record);
    void *context;
};

extern const struct rpc_call_events RECORD_EVENTS; /* context: a struct record */

void record_init(struct record *record);
void record_release(struct record *record);
/* A view of one message. */
struct str record_message(const struct record *record, size_t index);
/* Gives back the next `count` messages. */
void record_consume(struct record *record, size_t count);

struct pair {
    struct rpc_session *server;
    struct rpc_session *client;
    struct rng rng;
    int64_t now_ns;
    size_t piece_limit_bytes; /* pieces are 1 to so many bytes */
    struct record served[8];  /* the server's end of each call, in order */
    size_t served_count;
    void (*on_call)(struct pair *pair, struct record *record); /* after accepting; may be NULL */
    bool ignores_calls; /* on_call neither accepts nor finishes */
    uint64_t to_server_bytes;
    uint64_t to_client_bytes;
};

/* Limits may be NULL. Prints its seed. */
void pair_init(struct pair *pair, const struct rpc_limits *server, const struct rpc_limits *client);
void pair_release(struct pair *pair);
/* Moves bytes both ways until neither end has more, or one is over. */
void pair_pump(struct pair *pair);
/* One pull of at most a piece, fed to the other end; false when there was nothing. */
bool pair_move_to_server(struct pair *pair);
bool pair_move_to_client(struct pair *pair);
/* Moves time and ticks both ends. */
void pair_advance(struct pair *pair, int64_t by_ns);
/* Starts a call with a fresh record. */
struct rpc_call *pair_start(struct pair *pair, struct record *record, const char *path);
/* A unary call's request: one message, half close. */
struct rpc_call *pair_ask(struct pair *pair, struct record *record, const char *path,
                          struct str message);

/* Fixed bytes that differ from place to place. */
void fill_pattern(uint8_t *bytes, size_t size_bytes, uint64_t seed);

/* An answer for scripts: the message echoed, OK. */
void answer_with_echo(struct record *record);

#endif
