/* See lab.h. */
#include "lab.h"

#include "base/memory.h"
#include "lines.h"
#include "tsv.h"

#include "base/banned.h"

/* Where a thread is in the file: records are mostly asked for one after another. */
struct cursor {
    size_t index; /* of the line at the offset */
    size_t offset;
    char apart[64]; /* from the next thread's */
};

struct lab {
    struct lines lines;
    enum record_kind kind;
    struct cursor *cursors; /* owned, one a thread */
};

static struct str line_at(struct lab *lab, struct cursor *cursor, size_t index)
{
    if (index != cursor->index || index % BLOCK_LINES == 0) {
        cursor->index = index / BLOCK_LINES * BLOCK_LINES;
        cursor->offset = lab->lines.block_starts[index / BLOCK_LINES];
        for (; cursor->index < index; cursor->index++)
            lines_next(&lab->lines, &cursor->offset);
    }
    cursor->index++;
    return lines_next(&lab->lines, &cursor->offset);
}

static enum fill_outcome read_line(void *context, unsigned worker, size_t index, union draft *draft,
                                   struct error *error)
{
    struct lab *lab = context;
    struct error why = {0};
    struct str line = line_at(lab, &lab->cursors[worker], index);
    bool read = lab->kind == RECORD_VACANCY ? tsv_read_vacancy(line, &draft->vacancy, &why)
                                            : tsv_read_applicant(line, &draft->applicant, &why);
    if (read)
        return FILL_READ;
    error_set(error, why.code, "%s:%zu: %s", lab->lines.path, index + 1, why.text);
    return FILL_FAILED;
}

static bool lab_open(struct lab *lab, const char *path, size_t limit, enum record_kind kind,
                     struct error *error)
{
    lab->kind = kind;
    for (unsigned i = 0; i < BLOCK_THREAD_LIMIT; i++)
        lab->cursors[i] = (struct cursor){.index = SIZE_MAX};
    return lines_open(&lab->lines, path, limit, error);
}

static struct fill_reader lab_reader(struct lab *lab)
{
    return (struct fill_reader){
        .read = read_line, .context = lab, .kind = lab->kind, .count = lab->lines.count};
}

bool lab_load(struct workload *workload, const struct lab_options *options, struct error *error)
{
    *workload = (struct workload){.ranking = options->ranking, .taxonomy = tsv_taxonomy(error)};
    if (!workload->taxonomy)
        return false;
    struct fill_options fill = options->fill;
    struct lab lab = {.cursors = memory_must_zeroed(BLOCK_THREAD_LIMIT, sizeof *lab.cursors)};
    struct fill_reader reader;
    fill.variant.taxonomy_skill_count = TSV_SKILL_COUNT;
    bool loaded = lab_open(&lab, options->candidates_path, options->candidate_limit,
                           workload_candidate_kind(workload), error);
    if (loaded) {
        reader = lab_reader(&lab);
        loaded = fill_candidates(workload, &reader, &fill, error);
        lines_close(&lab.lines);
    }
    if (loaded && lab_open(&lab, options->queries_path, options->query_limit,
                           workload_query_kind(workload), error)) {
        reader = lab_reader(&lab);
        loaded = fill_queries(workload, &reader, SIZE_MAX, &fill, error);
        lines_close(&lab.lines);
    } else {
        loaded = false;
    }
    memory_free(lab.cursors);
    return loaded;
}
