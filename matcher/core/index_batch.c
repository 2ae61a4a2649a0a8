/* Searching for many: see index.h.
 *
 *   subjects --keys--> by place --cut--> neighbourhoods --each by occupation--> order[]
 *   order[]  [ taken by parts, CHUNK at a time | .. next | not taken yet ]
 *
 * A neighbourhood is so many subjects that are neighbours on the curve, as a cell is of documents.
 * Thread: `next` is shared; a part is its thread's own.
 */
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/index.h"
#include "core/order.h"

#include "base/banned.h"

enum {
    NEIGHBOURHOOD = 256, /* subjects */
    CHUNK = 256,         /* subjects that a part takes at a time */
};

struct subject_key {
    uint64_t major, minor;
    uint32_t subject;
};

struct index_batch {
    struct index_batch_options options;
    uint32_t *order; /* owned */
    atomic_size_t next;
};

struct index_batch_part {
    struct index_batch *batch;
    size_t at, end;                /* in order: taken */
    const struct index_view *view; /* of this run */
    struct record_scratch scratch; /* the subject's */
};

/* --- Order ------------------------------------------------------------------------------------ */

static int compare_major(const void *a, const void *b)
{
    const struct subject_key *x = a, *y = b;
    if (x->major != y->major)
        return x->major < y->major ? -1 : 1;
    return x->subject < y->subject ? -1 : x->subject > y->subject;
}

static int compare_minor(const void *a, const void *b)
{
    const struct subject_key *x = a, *y = b;
    if (x->minor != y->minor)
        return x->minor < y->minor ? -1 : 1;
    return compare_major(a, b);
}

static enum ranking other_ranking(const struct index_batch *batch)
{
    return batch->options.request->scoring.ranking == RANK_VACANCIES ? RANK_APPLICANTS
                                                                     : RANK_VACANCIES;
}

/* Whoever stands in no index has no key and comes first. */
static struct subject_key key_of(struct order *order, const struct entry *entry, size_t subject)
{
    struct tile_source sources[RECORD_SITE_LIMIT];
    struct subject_key key = {.subject = (uint32_t)subject};
    if (order_sources(order, entry, sources) > 0) {
        key.major = sources[0].major;
        key.minor = sources[0].minor;
    }
    return key;
}

static bool put_in_order(struct index_batch *batch)
{
    size_t count = batch->options.count;
    struct subject_key *keys = memory_try((count + 1) * sizeof *keys);
    struct order *order = memory_try(sizeof *order);
    if (keys && order) {
        order_init(order, other_ranking(batch), batch->options.taxonomy, batch->options.lexicon);
        for (size_t i = 0; i < count; i++)
            keys[i] = key_of(order, batch->options.subjects[i], i);
        qsort(keys, count, sizeof *keys, compare_major);
        for (size_t at = 0; at < count; at += NEIGHBOURHOOD)
            qsort(keys + at, count - at < NEIGHBOURHOOD ? count - at : NEIGHBOURHOOD, sizeof *keys,
                  compare_minor);
        for (size_t i = 0; i < count; i++)
            batch->order[i] = keys[i].subject;
    }
    bool done = keys && order;
    memory_free(keys);
    memory_free(order);
    return done;
}

struct index_batch *index_batch_new(const struct index_batch_options *options)
{
    assert(options->count < UINT32_MAX && !options->request->after);
    struct index_batch *batch = memory_try_zeroed(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->options = *options;
    batch->order = memory_try((options->count + 1) * sizeof *batch->order);
    if (batch->order && put_in_order(batch))
        return batch;
    index_batch_free(batch);
    return NULL;
}

void index_batch_free(struct index_batch *batch)
{
    if (!batch)
        return;
    memory_free(batch->order);
    memory_free(batch);
}

size_t index_batch_left(const struct index_batch *batch)
{
    size_t next = atomic_load_explicit(&batch->next, memory_order_relaxed); /* a figure to show */
    return next < batch->options.count ? batch->options.count - next : 0;
}

/* --- Parts ------------------------------------------------------------------------------------ */

struct index_batch_part *index_batch_part_new(struct index_batch *batch)
{
    struct index_batch_part *part = memory_try(sizeof *part);
    if (!part)
        return NULL;
    memset(part, 0, offsetof(struct index_batch_part, scratch));
    part->batch = batch;
    record_scratch_init(&part->scratch, batch->options.lexicon);
    return part;
}

void index_batch_part_free(struct index_batch_part *part)
{
    memory_free(part);
}

/* Relaxed: nothing is handed over but the number itself; `order` never changes. */
static bool take(struct index_batch_part *part)
{
    size_t count = part->batch->options.count;
    if (part->at < part->end)
        return true;
    if (index_batch_left(part->batch) == 0) /* else `next` could overflow in the end */
        return false;
    part->at = atomic_fetch_add_explicit(&part->batch->next, CHUNK, memory_order_relaxed);
    part->end = part->at + CHUNK < count ? part->at + CHUNK : count;
    return part->at < part->end;
}

static bool search_next(struct index_batch_part *part, struct arena *arena,
                        index_batch_answer *answer, void *context, struct index_work *work,
                        struct error *error)
{
    const struct index_batch_options *options = &part->batch->options;
    struct search_request request = *options->request;
    struct search_result result;
    struct index_work spent;
    union {
        struct vacancy vacancy;
        struct applicant applicant;
    } subject;
    uint32_t index = part->batch->order[part->at];
    request.vacancy = NULL;
    request.applicant = NULL;
    if (request.scoring.ranking == RANK_VACANCIES) {
        entry_applicant(options->subjects[index], &part->scratch, &subject.applicant);
        request.applicant = &subject.applicant;
    } else {
        entry_vacancy(options->subjects[index], &part->scratch, &subject.vacancy);
        request.vacancy = &subject.vacancy;
    }
    arena_clear(arena);
    if (!index_search(&request, part->view, options->kernel, arena, &result, &spent, error))
        return false;
    part->at++;
#define X(name) work->name += spent.name;
    INDEX_WORK(X)
#undef X
    answer(context, index, &result);
    return true;
}

enum index_batch_outcome index_batch_run(struct index_batch_part *part,
                                         const struct index_view *view, int64_t until_ns,
                                         struct arena *arena, index_batch_answer *answer,
                                         void *context, struct index_work *work,
                                         struct error *error)
{
    struct index_work unasked = {0};
    part->view = view;
    while (take(part)) {
        if (!search_next(part, arena, answer, context, work ? work : &unasked, error))
            return INDEX_BATCH_FAILED;
        if (clock_monotonic_ns() >= until_ns)
            return part->at < part->end || index_batch_left(part->batch) > 0 ? INDEX_BATCH_PAUSED
                                                                             : INDEX_BATCH_DONE;
    }
    return INDEX_BATCH_DONE;
}
