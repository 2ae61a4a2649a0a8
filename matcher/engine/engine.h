/* The engine: all records, one order of changes, many readers.
 *
 *   change jobs --queue--> writer thread: read, check, order, keep --publish--> root (immutable)
 *                                                                                 ^
 *   query jobs  --queue--> search workers: one root from beginning to end ---------+
 *
 * The writer is the only one that changes anything. It takes up to a group of jobs, gives each its
 * sequence number, makes the group durable, publishes one root for it, and then answers each job;
 * so "answered" means "on disk, and seen by every search that starts later". Without a data
 * directory records live in memory alone.
 * Old roots are freed through base/rcu.h. Once a day, at the zone's midnight, the writer turns
 * records whose day has come (published, expired, available) as changes of their own.
 *
 * With a data directory the engine starts in the background: engine_state tells when the records
 * are there. When the store fails, changes are refused (UNAVAILABLE) and searches go on; the writer
 * opens the store again by and by, verifies it, and goes on where it was.
 *
 * A change that cannot be had for lack of memory is refused and leaves everything as it was. Only a
 * publication, which has nobody to refuse, waits for memory instead; searches go on meanwhile.
 *
 * Jobs are the caller's objects: submitted, then handed back through `done` on the engine's thread
 * (post to the loop from there). A full queue refuses a job: the caller sheds the call with
 * RESOURCE_EXHAUSTED. Submitting is for any thread.
 */
#ifndef HAIHE_ENGINE_ENGINE_H
#define HAIHE_ENGINE_ENGINE_H

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "core/collection.h"
#include "core/index.h"
#include "core/profile.h"
#include "model/ingest.h"

struct engine;
struct original_reader;
struct store;

struct engine_options {
    const struct model *model;      /* borrowed, outlives the engine */
    const struct profile *profiles; /* borrowed; the first is "default" */
    size_t profile_count;
    struct clock clock;
    struct log *log;
    uint32_t worker_count;       /* >= 1 */
    uint32_t query_queue_limit;  /* jobs that may wait for a worker */
    uint32_t change_queue_limit; /* jobs that may wait for the writer */
    uint32_t group_limit;        /* changes in one publication; 1000 */
    size_t request_arena_bytes;  /* ceiling of what one request may hold while it is answered */

    /* The durable store; the rest only counts with a directory. */
    const char *data_directory; /* borrowed; NULL or "": none */
    size_t store_cache_bytes;   /* 0: the store's default */
    int64_t history_age_ms;     /* older changes are forgotten; 0: never */
    uint64_t history_bytes;     /* and the oldest when they take more; 0: no limit */
    /* What the daemon was told, by name: a change of it enters the order of changes. Borrowed. */
    const struct engine_note *notes;
    size_t note_count;
    /* The state has changed; on the writer's thread. May be NULL. */
    void (*on_state)(void *context);
    void *state_context;
};

struct engine_note {
    const char *name; /* of at most STORE_NAME_LIMIT_BYTES */
    struct str bytes; /* such as a hash */
};

enum engine_state {
    ENGINE_STARTING, /* reads its records: there is nothing to search yet */
    ENGINE_READY,
    ENGINE_READ_ONLY, /* the store has failed: changes are refused */
    ENGINE_FAILED,    /* could not start: nothing will come of it */
};

/* Threads run when it returns. NULL and an error otherwise. */
struct engine *engine_new(const struct engine_options *options, struct error *error);
/* Refuses new jobs, finishes those in the queues, joins the threads, frees everything. */
void engine_free(struct engine *engine);

/* Any thread; *error says why, where it is READ_ONLY or FAILED, or how far it is, in words for
 * anybody; may be NULL. */
enum engine_state engine_state(struct engine *engine, struct error *error);
/* The same with what went wrong, for those who run it: it may name files and keys. */
enum engine_state engine_failure(struct engine *engine, struct error *failure);

/* What workers and writer see of the state, immutable. */
struct root {
    struct snapshot vacancies;
    struct snapshot applicants;
    const struct index_view *indexes[2]; /* of the same records, by enum ranking */
    uint64_t sequence;
    uint64_t open_vacancy_count, active_applicant_count;
    int32_t today; /* the day by which its records are open and available */
};

/* Given to a running job. */
struct engine_view {
    struct engine *engine;
    const struct root *root; /* valid until `run` returns */
    struct arena *arena;     /* the worker's, empty at the beginning */
    const struct model *model;
    const struct lexicon *lexicon; /* of all entries */
    struct original_reader *reader;
    struct buffer *stored; /* what was read from the store; the worker's */
    int32_t today;         /* the root's */
};

/* A question: `run` on a worker's thread, within one root, then `done` on the same thread. */
struct query_job {
    void (*run)(struct query_job *job, const struct engine_view *view);
    void (*done)(struct query_job *job);
};
bool engine_submit_query(struct engine *engine, struct query_job *job);
/* The same for what takes long and is no search: one at a time, on a thread beside the workers. */
bool engine_submit_upkeep(struct engine *engine, struct query_job *job);

/* A change: bytes of an ApplyRequest in; an encoded ApplyResponse out. `done` runs on the writer's
 * thread after the publication, in the order of submission. */
struct change_job {
    struct str request; /* borrowed until done */
    char *response;     /* memory_free; NULL when memory was short */
    size_t response_bytes;
    void (*done)(struct change_job *job);
};
bool engine_submit_change(struct engine *engine, struct change_job *job);

/* For use inside `run`: the entry of a key in this view's root, NULL when there is none. */
const struct entry *engine_find(const struct engine_view *view, enum record_kind kind,
                                struct key key);
/* The protobuf bytes of a record as it was accepted: a view until the next call in this view. False
 * and an error: RESOURCE_EXHAUSTED, or what the store has to say. */
bool engine_original(const struct engine_view *view, const struct entry *entry,
                     struct str *original, struct error *error);
/* For the history; NULL without a store, and before the state is READY. Any thread. */
struct store *engine_store(struct engine *engine);
/* A copy of the store, as of now, in a new directory (an absolute path). Within an upkeep job,
 * whose view ends here: nobody shall wait for a root that it does not look at. *sequence is the
 * copy's newest change. FAILED_PRECONDITION without a store, UNAVAILABLE while it has failed. */
bool engine_backup(const struct engine_view *view, const char *directory, uint64_t *sequence,
                   struct error *error);
/* By name; NULL when there is no such profile. */
const struct profile *engine_profile(const struct engine *engine, struct str name);

/* For List: a platform's records in the order of their ids. */
struct engine_page {
    const struct entry **entries; /* in the view's arena */
    uint32_t count;
    bool more; /* there are ids beyond the last */
};
/* The first `limit` (>= 1) records of the platform whose ids are greater than after_id. False when
 * the arena is exhausted. Cost: looks at every record of the root. */
bool engine_list(const struct engine_view *view, enum record_kind kind, struct key after,
                 uint32_t limit, struct engine_page *page);

struct engine_stats {
    uint64_t sequence, vacancy_count, applicant_count, open_vacancy_count, active_applicant_count;
    uint64_t changes_applied, changes_refused, pairs_scored;
    uint64_t query_queue_count, change_queue_count;
    uint32_t worker_count;
    bool is_durable; /* there is a store; the rest is 0 without */
    uint64_t records_bytes, history_bytes, oldest_change;
};
/* Any thread. Each number is right, but they may be of neighbouring moments. */
void engine_stats(struct engine *engine, struct engine_stats *out);
/* Workers add what they scored. */
void engine_count_pairs(struct engine *engine, uint64_t pairs);

#endif
