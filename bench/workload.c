/* See workload.h. */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#include "base/banned.h"

void workload_reserve_candidates(struct workload *workload, size_t count)
{
    size_t room = count > 0 ? count : 1;
    workload->candidates = memory_must_zeroed(room, sizeof(struct entry *));
    workload->candidate_count = count;
}

void workload_reserve_queries(struct workload *workload, size_t count)
{
    workload->queries = memory_must_zeroed(count > 0 ? count : 1, sizeof(void *));
    workload->query_count = count;
}

void workload_put_candidate(struct workload *workload, size_t index, void *document)
{
    struct str no_original = {NULL, 0};
    struct entry *entry = workload->ranking == RANK_VACANCIES
                              ? entry_new_vacancy(document, NULL, no_original)
                              : entry_new_applicant(document, NULL, no_original);
    if (!entry) {
        fprintf(stderr, "no memory for record %zu\n", index);
        abort();
    }
    entry->sequence = index + 1;
    workload->candidates[index] = entry;
    memory_free(document);
}

void workload_close_gaps(struct workload *workload)
{
    size_t count = 0;
    for (size_t i = 0; i < workload->candidate_count; i++) {
        if (!workload->candidates[i])
            continue;
        workload->candidates[count] = workload->candidates[i];
        workload->candidates[count]->sequence = count + 1;
        count++;
    }
    workload->candidate_count = count;
}

const void *workload_candidate(const struct workload *workload, size_t index,
                               struct workload_record *room)
{
    const struct entry *entry = workload->candidates[index];
    record_scratch_init(&room->scratch, NULL);
    if (workload->ranking == RANK_VACANCIES)
        entry_vacancy(entry, &room->scratch, &room->vacancy);
    else
        entry_applicant(entry, &room->scratch, &room->applicant);
    return &room->vacancy;
}

void workload_release(struct workload *workload)
{
    for (size_t i = 0; workload->candidates && i < workload->candidate_count; i++)
        memory_free(workload->candidates[i]);
    for (size_t i = 0; workload->queries && i < workload->query_count; i++)
        memory_free(workload->queries[i]);
    memory_free(workload->candidates);
    memory_free(workload->queries);
    taxonomy_free(workload->taxonomy);
    *workload = (struct workload){0};
}
