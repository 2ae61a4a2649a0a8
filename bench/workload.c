/* See workload.h. */
#include "workload.h"

#include "base/memory.h"
#include "core/order.h"

#include "base/banned.h"

void workload_reserve_candidates(struct workload *workload, size_t count)
{
    size_t room = count > 0 ? count : 1;
    workload->entries = memory_must_zeroed(room, sizeof *workload->entries);
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
    workload->entries[index] = (struct entry){.document = document, .sequence = index + 1};
    size_t copies = workload->ranking == RANK_VACANCIES ? vacancy_copy_count(document) : 1;
    workload->entries[index].places = memory_must_zeroed(copies, sizeof(struct index_place));
    workload->candidates[index] = &workload->entries[index];
}

void workload_close_gaps(struct workload *workload)
{
    size_t count = 0;
    for (size_t i = 0; i < workload->candidate_count; i++)
        if (workload->entries[i].document)
            workload_put_candidate(workload, count++, (void *)workload->entries[i].document);
    workload->candidate_count = count;
}

void workload_release(struct workload *workload)
{
    for (size_t i = 0; workload->entries && i < workload->candidate_count; i++)
        memory_free((void *)workload->entries[i].document);
    for (size_t i = 0; workload->queries && i < workload->query_count; i++)
        memory_free(workload->queries[i]);
    memory_free(workload->entries);
    memory_free(workload->candidates);
    memory_free(workload->queries);
    taxonomy_free(workload->taxonomy);
    *workload = (struct workload){0};
}
