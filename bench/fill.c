/* See fill.h. */
#include "fill.h"

#include <stdio.h>

#include "base/memory.h"
#include "blocks.h"

#include "base/banned.h"

/* Records that one thread takes at a time: also the copies of one in VARIANT_COPIES. */
enum { BLOCK_RECORDS = 1000, COPY_ID_BYTES = KEY_PART_LIMIT_BYTES + 8 };

struct filling {
    struct workload *workload;
    const struct fill_reader *reader;
    const struct fill_options *options;
    union draft *drafts; /* one a thread */
};

static struct key *draft_key(union draft *draft, enum record_kind kind)
{
    return kind == RECORD_VACANCY ? &draft->vacancy.vacancy.key : &draft->applicant.applicant.key;
}

static void *pack(const union draft *draft, enum record_kind kind, struct error *error)
{
    void *packed = kind == RECORD_VACANCY ? (void *)vacancy_pack(&draft->vacancy.vacancy)
                                          : (void *)applicant_pack(&draft->applicant.applicant);
    if (!packed)
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for this record");
    return packed;
}

/* The same record under another id: "v000001" becomes "v000001-7". */
static void *pack_copy(union draft *draft, enum record_kind kind, size_t number,
                       struct error *error)
{
    char id[COPY_ID_BYTES];
    struct key *key = draft_key(draft, kind), kept = *key;
    if (number > 0) {
        snprintf(id, sizeof id, "%.*s-%zu", STR_ARG(kept.id), number);
        key->id = str_of(id);
        if (key->id.length > KEY_PART_LIMIT_BYTES) {
            error_set(error, ERROR_INVALID_ARGUMENT, "id '%s' of a copy is too long", id);
            return NULL;
        }
    }
    void *packed = pack(draft, kind, error);
    *key = kept;
    return packed;
}

static bool fill_block(void *context, unsigned worker, size_t block, struct error *error)
{
    struct filling *filling = context;
    const struct fill_reader *reader = filling->reader;
    union draft *draft = &filling->drafts[worker];
    bool copies = filling->options->variant.variant == VARIANT_COPIES;
    size_t begin = block * BLOCK_RECORDS, end = begin + BLOCK_RECORDS;
    enum fill_outcome outcome = FILL_SKIPPED;
    for (size_t i = begin; i < end && i < reader->count; i++) {
        if (i == begin || !copies || outcome == FILL_SKIPPED) {
            outcome = reader->read(reader->context, worker, i, draft, error);
            if (outcome == FILL_FAILED)
                return false;
            if (outcome == FILL_READ)
                variant_change(&filling->options->variant, reader->kind, false, i, draft);
        }
        if (outcome == FILL_SKIPPED)
            continue;
        void *record = pack_copy(draft, reader->kind, copies ? i - begin : 0, error);
        if (!record)
            return false;
        workload_put_candidate(filling->workload, i, record);
    }
    return true;
}

bool fill_candidates(struct workload *workload, const struct fill_reader *reader,
                     const struct fill_options *options, struct error *error)
{
    struct filling filling = {.workload = workload, .reader = reader, .options = options};
    filling.drafts = memory_must_zeroed(options->threads, sizeof *filling.drafts);
    workload_reserve_candidates(workload, reader->count);
    bool filled = blocks_run((reader->count + BLOCK_RECORDS - 1) / BLOCK_RECORDS, options->threads,
                             fill_block, &filling, error);
    if (filled)
        workload_close_gaps(workload);
    memory_free(filling.drafts);
    return filled;
}

static bool can_have_matches(const union draft *draft, enum record_kind kind)
{
    const struct applicant *applicant = &draft->applicant.applicant;
    if (kind == RECORD_VACANCY)
        return draft->vacancy.vacancy.open;
    return applicant->active && applicant->consent_matching && applicant->available;
}

bool fill_queries(struct workload *workload, const struct fill_reader *reader, size_t limit,
                  const struct fill_options *options, struct error *error)
{
    union draft *draft = memory_must_zeroed(1, sizeof *draft);
    enum fill_outcome outcome = FILL_SKIPPED;
    size_t count = 0, wanted = limit < reader->count ? limit : reader->count;
    workload_reserve_queries(workload, wanted);
    for (size_t i = 0; i < reader->count && count < wanted && outcome != FILL_FAILED; i++) {
        outcome = reader->read(reader->context, 0, i, draft, error);
        if (outcome != FILL_READ || !can_have_matches(draft, reader->kind))
            continue;
        variant_change(&options->variant, reader->kind, true, i, draft);
        workload->queries[count] = pack(draft, reader->kind, error);
        if (workload->queries[count])
            count++;
        else
            outcome = FILL_FAILED;
    }
    workload->query_count = count;
    memory_free(draft);
    return outcome != FILL_FAILED;
}
