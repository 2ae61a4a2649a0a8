/* The engine's outside: wires writer and workers, and answers what jobs ask of their view.
 * Threads: see engine.h. */
#include "engine/engine.h"

#include <assert.h>

#include "base/memory.h"
#include "engine/ledger.h"
#include "engine/worker.h"
#include "engine/writer.h"

#include "base/banned.h"

enum { UPKEEP_QUEUE_LIMIT = 4 }; /* jobs that wait for another one's end; more are shed */

struct engine {
    const struct profile *profiles;
    size_t profile_count;
    uint32_t worker_count;
    struct writer *writer;
    struct worker_pool *workers;
    struct worker_pool *upkeep; /* one thread */
    counter pairs_scored;
};

static struct worker_pool *new_upkeep(struct engine *engine, const struct engine_options *options,
                                      struct error *error)
{
    struct engine_options one = *options;
    one.worker_count = 1;
    one.query_queue_limit = UPKEEP_QUEUE_LIMIT;
    return worker_pool_new("haihe-upkeep", engine, &one, writer_publication(engine->writer), error);
}

struct engine *engine_new(const struct engine_options *options, struct error *error)
{
    assert(options->profile_count >= 1);
    struct engine *engine = memory_try_zeroed(1, sizeof *engine);
    if (!engine) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the engine");
        return NULL;
    }
    engine->profiles = options->profiles;
    engine->profile_count = options->profile_count;
    engine->worker_count = options->worker_count;
    engine->writer = writer_new(options, error);
    if (engine->writer)
        engine->workers = worker_pool_new("haihe-search", engine, options,
                                          writer_publication(engine->writer), error);
    if (engine->workers)
        engine->upkeep = new_upkeep(engine, options, error);
    if (!engine->upkeep) {
        engine_free(engine);
        return NULL;
    }
    return engine;
}

/* Readers first: the writer frees what they read. */
void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    worker_pool_free(engine->upkeep);
    worker_pool_free(engine->workers);
    writer_free(engine->writer);
    memory_free(engine);
}

bool engine_submit_query(struct engine *engine, struct query_job *job)
{
    return worker_pool_submit(engine->workers, job);
}

bool engine_submit_upkeep(struct engine *engine, struct query_job *job)
{
    return worker_pool_submit(engine->upkeep, job);
}

bool engine_submit_change(struct engine *engine, struct change_job *job)
{
    return writer_submit(engine->writer, job);
}

const struct entry *engine_find(const struct engine_view *view, enum record_kind kind,
                                struct key key)
{
    const struct snapshot *snapshot =
        kind == RECORD_VACANCY ? &view->root->vacancies : &view->root->applicants;
    return publication_find(writer_publication(view->engine->writer), kind, snapshot, key);
}

bool engine_original(const struct engine_view *view, const struct entry *entry,
                     struct str *original, struct error *error)
{
    struct store *store = writer_store(view->engine->writer);
    if (store)
        return ledger_find_original(store, entry, view->stored, original, error);
    return original_read(view->reader, entry_kept(entry), original) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the record");
}

enum engine_state engine_state(struct engine *engine, struct error *error)
{
    return writer_state(engine->writer, error);
}

struct store *engine_store(struct engine *engine)
{
    return writer_store(engine->writer);
}

enum engine_state engine_failure(struct engine *engine, struct error *failure)
{
    return writer_failure(engine->writer, failure);
}

bool engine_backup(const struct engine_view *view, const char *directory, uint64_t *sequence,
                   struct error *error)
{
    struct store *store = writer_store(view->engine->writer);
    if (!store)
        return error_set(error, ERROR_FAILED_PRECONDITION,
                         "this haihed keeps its records in memory alone (no --data-dir): there is "
                         "nothing to back up");
    if (engine_state(view->engine, error) != ENGINE_READY)
        return false;
    rcu_read_leave();
    bool done = store_backup(store, directory, sequence, error);
    rcu_read_enter();
    return done;
}

const struct profile *engine_profile(const struct engine *engine, struct str name)
{
    for (size_t i = 0; i < engine->profile_count; i++)
        if (str_equal(str_of(engine->profiles[i].name), name))
            return &engine->profiles[i];
    return NULL;
}

void engine_count_pairs(struct engine *engine, uint64_t pairs)
{
    counter_add(&engine->pairs_scored, pairs);
}

static void add_store_stats(struct engine *engine, struct engine_stats *out)
{
    struct store *store = writer_store(engine->writer);
    struct store_sizes sizes;
    if (!store)
        return;
    store_sizes(store, &sizes);
    out->is_durable = true;
    out->records_bytes = sizes.records_bytes;
    out->history_bytes = sizes.history_bytes;
    out->oldest_change = store_first_held(store);
}

void engine_stats(struct engine *engine, struct engine_stats *out)
{
    struct writer_counts counts;
    writer_count(engine->writer, &counts);
    *out = (struct engine_stats){
        .sequence = counts.sequence,
        .vacancy_count = counts.records[kind_index(RECORD_VACANCY)],
        .applicant_count = counts.records[kind_index(RECORD_APPLICANT)],
        .open_vacancy_count = counts.standing[kind_index(RECORD_VACANCY)],
        .active_applicant_count = counts.standing[kind_index(RECORD_APPLICANT)],
        .changes_applied = counts.applied,
        .changes_refused = counts.refused,
        .pairs_scored = counter_read(&engine->pairs_scored),
        .query_queue_count = worker_pool_waiting(engine->workers),
        .change_queue_count = counts.waiting,
        .worker_count = engine->worker_count,
    };
    add_store_stats(engine, out);
}
