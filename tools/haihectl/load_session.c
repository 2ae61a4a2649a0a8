/* See load_session.h. Everything here runs on the client's loop. */
#include "haihectl/load_session.h"

#include <signal.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "wire/json_message.h"

#include "base/banned.h"

enum { ANSWER_LIMIT_BYTES = 16 * 1024 * 1024 };

struct cursor {
    struct load_batch *batch; /* NULL before the first batch */
    size_t index;             /* of the next row in it; may be its count */
};

struct session {
    const struct load_session_options *options;
    struct load_outcome *outcome;
    struct client_stream stream;
    struct load_reader *reader;
    struct cursor send, ack;
    uint64_t in_flight;
    int64_t last_answer_ns;
    struct arena arena;
};

/* --- Batches -------------------------------------------------------------------------------- */

static void begin(struct session *session, struct load_batch *batch)
{
    if (session->send.batch)
        session->send.batch->next = batch;
    else
        session->ack.batch = batch;
    session->send = (struct cursor){batch, 0};
    if (batch->remark.size_bytes > 0)
        load_report_say(session->options->progress, load_batch_text(batch, batch->remark));
    session->options->progress->read_bytes = batch->read_bytes;
}

/* The row at the ack cursor, moved past batches that are done, which are freed; NULL when the
 * cursor has caught up with the send cursor. */
static struct load_row *unanswered_row(struct session *session)
{
    struct cursor *ack = &session->ack;
    while (ack->batch && ack->index == ack->batch->count && ack->batch != session->send.batch) {
        struct load_batch *done = ack->batch;
        *ack = (struct cursor){done->next, 0};
        load_batch_free(done);
    }
    bool caught_up =
        !ack->batch || (ack->batch == session->send.batch && ack->index == session->send.index);
    return caught_up ? NULL : &ack->batch->rows[ack->index];
}

/* Reports the rows refused here that no earlier row in flight holds up. */
static void settle(struct session *session)
{
    struct load_row *row;
    while ((row = unanswered_row(session)) != NULL && row->error) {
        struct error why = *row->error;
        load_report_localise(&why);
        session->options->progress->refused++;
        load_report_refused(session->options->report, session->options->progress,
                            session->ack.batch, row, &why);
        session->ack.index++;
    }
}

/* --- The stream's callbacks ----------------------------------------------------------------- */

/* False: no row is ready; *end tells whether one will ever be. */
static bool next_row(struct session *session, struct load_row **row, bool *end)
{
    struct cursor *send = &session->send;
    *end = false;
    while (!send->batch || send->index == send->batch->count) {
        if (send->batch && send->batch->last) {
            session->outcome->input = send->batch->failure;
            *end = true;
            return false;
        }
        struct load_batch *batch = load_reader_take(session->reader);
        if (!batch)
            return false;
        begin(session, batch);
    }
    *row = &send->batch->rows[send->index];
    return true;
}

static enum client_next next(void *context, struct str *message)
{
    struct session *session = context;
    struct load_row *row;
    bool end;
    for (;;) {
        if (!next_row(session, &row, &end))
            return end ? CLIENT_END : CLIENT_WAIT;
        if (row->error) {
            session->send.index++;
            settle(session);
            continue;
        }
        if (session->in_flight >= session->options->in_flight_limit)
            return CLIENT_WAIT;
        if (session->in_flight++ == 0)
            session->last_answer_ns = clock_monotonic_ns();
        session->send.index++;
        *message = load_batch_text(session->send.batch, row->message);
        return CLIENT_SEND;
    }
}

static void take_answer(struct session *session, const struct load_row *row, const json_t *answer)
{
    const struct load_session_options *options = session->options;
    const json_t *refused = json_object_get(answer, "error");
    if (refused) {
        struct error why;
        client_read_status(refused, &why);
        load_report_localise(&why);
        options->progress->refused++;
        load_report_refused(options->report, options->progress, session->ack.batch, row, &why);
        return;
    }
    options->progress->applied++;
    load_report_note(options->report, session->ack.batch, row);
    const json_t *applied = json_object_get(answer, "applied");
    size_t index;
    json_t *skill;
    json_array_foreach(json_object_get(applied, "unresolved_skills"), index, skill)
        load_report_unknown_skill(
            options->report,
            (struct str){json_string_value(skill), (uint32_t)json_string_length(skill)});
}

static bool on_answer(void *context, struct str message)
{
    struct session *session = context;
    struct load_row *row = unanswered_row(session);
    arena_clear(&session->arena);
    json_t *answer = wire_json_decode(CLIENT_APPLY.response, message, false, &session->arena,
                                      &session->outcome->server);
    if (!answer)
        return false;
    if (!row) {
        json_decref(answer);
        return error_set(&session->outcome->server, ERROR_INTERNAL,
                         "the server sent more answers than it was given changes");
    }
    take_answer(session, row, answer);
    json_decref(answer);
    session->ack.index++;
    session->in_flight--;
    session->last_answer_ns = clock_monotonic_ns();
    settle(session);
    client_stream_resume(&session->stream);
    return true;
}

static bool on_tick(void *context)
{
    struct session *session = context;
    progress_show(session->options->progress);
    int64_t waited_ns = clock_monotonic_ns() - session->last_answer_ns;
    int64_t timeout_ns = client_timeout_ns(session->options->client);
    if (session->in_flight > 0 && waited_ns > timeout_ns)
        return error_set(&session->outcome->server, ERROR_DEADLINE_EXCEEDED,
                         "the server has not answered for %.3g s", (double)timeout_ns / 1e9);
    return !session->outcome->interrupted;
}

static void on_reader_ready(void *context)
{
    struct session *session = context;
    client_stream_resume(&session->stream);
}

static void on_signal(void *context, int signal_number)
{
    (void)signal_number;
    struct session *session = context;
    session->outcome->interrupted = true;
}

/* --- The whole ------------------------------------------------------------------------------ */

static void free_batches(struct session *session)
{
    struct load_batch *batch = session->ack.batch;
    while (batch) {
        struct load_batch *following = batch->next;
        load_batch_free(batch);
        batch = following;
    }
}

static bool start_reader(struct session *session, struct error *error)
{
    struct loop *loop = client_loop(session->options->client);
    struct load_reader_options reader = session->options->reader;
    reader.loop = loop;
    reader.on_ready = on_reader_ready;
    reader.context = session;
    if (!loop_on_signal(loop, SIGINT, on_signal, session, error) ||
        !loop_on_signal(loop, SIGTERM, on_signal, session, error))
        return false;
    session->reader = load_reader_start(&reader, error);
    return session->reader != NULL;
}

bool load_session_run(const struct load_session_options *options, struct load_outcome *outcome,
                      struct error *error)
{
    struct session session = {.options = options,
                              .outcome = outcome,
                              .stream = {.path = CLIENT_APPLY.path,
                                         .next = next,
                                         .on_answer = on_answer,
                                         .on_tick = on_tick,
                                         .context = &session}};
    struct error ended;
    *outcome = (struct load_outcome){.interrupted = false};
    arena_init(&session.arena, ANSWER_LIMIT_BYTES);
    bool started = start_reader(&session, error);
    if (started) {
        bool well = client_stream_run(options->client, &session.stream, &ended);
        /* What made us cancel is the better reason. */
        if (!well && outcome->server.code == ERROR_OK && !outcome->interrupted)
            outcome->server = ended;
        if (well && session.in_flight > 0)
            error_set(&outcome->server, ERROR_INTERNAL,
                      "the server ended the stream before its last answers");
        settle(&session);
        outcome->unanswered = session.in_flight;
    }
    progress_hide(options->progress);
    load_reader_stop(session.reader);
    free_batches(&session);
    arena_release(&session.arena);
    return started;
}
