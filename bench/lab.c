/* See lab.h. A block of lines is read by whichever thread is free, into the places of its lines. */
#include "lab.h"

#include "base/memory.h"
#include "blocks.h"
#include "lines.h"
#include "tsv.h"

#include "base/banned.h"

struct reading {
    struct workload *workload;
    struct lines lines;
    union draft *drafts; /* one a thread */
    bool queries;
};

static void *read_record(enum record_kind kind, struct str line, union draft *draft,
                         struct error *error)
{
    void *packed = NULL;
    if (kind == RECORD_VACANCY) {
        if (!tsv_read_vacancy(line, &draft->vacancy, error))
            return NULL;
        packed = vacancy_pack(&draft->vacancy.vacancy);
    } else {
        if (!tsv_read_applicant(line, &draft->applicant, error))
            return NULL;
        packed = applicant_pack(&draft->applicant.applicant);
    }
    if (!packed)
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for this record");
    return packed;
}

static bool read_block(void *context, unsigned worker, size_t block, struct error *error)
{
    struct reading *reading = context;
    struct workload *workload = reading->workload;
    const struct lines *lines = &reading->lines;
    enum record_kind kind =
        reading->queries ? workload_query_kind(workload) : workload_candidate_kind(workload);
    size_t offset = lines->block_starts[block];
    for (size_t i = 0; i < lines_in_block(lines, block); i++) {
        size_t index = block * BLOCK_LINES + i;
        struct error why = {0};
        void *record =
            read_record(kind, lines_next(lines, &offset), &reading->drafts[worker], &why);
        if (!record)
            return error_set(error, why.code, "%s:%zu: %s", lines->path, index + 1, why.text);
        if (reading->queries)
            workload->queries[index] = record;
        else
            workload_put_candidate(workload, index, record);
    }
    return true;
}

static bool read_file(struct reading *reading, const char *path, size_t limit, unsigned threads,
                      struct error *error)
{
    if (!lines_open(&reading->lines, path, limit, error))
        return false;
    if (reading->queries)
        workload_reserve_queries(reading->workload, reading->lines.count);
    else
        workload_reserve_candidates(reading->workload, reading->lines.count);
    bool read = blocks_run(lines_block_count(&reading->lines), threads, read_block, reading, error);
    lines_close(&reading->lines);
    return read;
}

bool lab_load(struct workload *workload, const struct lab_options *options, struct error *error)
{
    *workload = (struct workload){.ranking = options->ranking, .taxonomy = tsv_taxonomy(error)};
    if (!workload->taxonomy)
        return false;
    struct reading reading = {.workload = workload,
                              .drafts =
                                  memory_must_zeroed(options->threads, sizeof *reading.drafts)};
    bool loaded = read_file(&reading, options->candidates_path, options->candidate_limit,
                            options->threads, error);
    reading.queries = true;
    loaded = loaded && read_file(&reading, options->queries_path, options->query_limit,
                                 options->threads, error);
    memory_free(reading.drafts);
    return loaded;
}
