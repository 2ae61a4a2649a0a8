/* See subject.h. The exhaustive search over a snapshot; it visits no tiles. */
#include "subject.h"

#include "base/memory.h"
#include "truth.h"

#include "base/banned.h"

struct subject {
    struct truth truth;
};

struct subject *subject_new(const struct subject_options *options, struct error *error)
{
    struct subject *subject = memory_try_zeroed(1, sizeof *subject);
    if (!subject) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the subject");
        return NULL;
    }
    if (!truth_init(&subject->truth, options->entries, options->count, error)) {
        subject_free(subject);
        return NULL;
    }
    return subject;
}

void subject_free(struct subject *subject)
{
    if (!subject)
        return;
    truth_release(&subject->truth);
    memory_free(subject);
}

bool subject_search(const struct subject *subject, const struct search_request *request,
                    struct arena *arena, struct subject_answer *answer, struct error *error)
{
    if (!truth_search(&subject->truth, request, arena, &answer->result, error))
        return false;
    answer->stats = (struct subject_stats){.pairs_scored = answer->result.candidate_count};
    return true;
}
