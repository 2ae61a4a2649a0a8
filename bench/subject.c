/* See subject.h. */
#include "subject.h"

#include "base/memory.h"
#include "core/index.h"

#include "base/banned.h"

struct subject {
    struct index_writer *writer;
    const struct index_view *view;
    const struct kernel *kernel;
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the index");
}

static bool build(struct subject *subject, const struct subject_options *options,
                  struct error *error)
{
    struct index_garbage *garbage = NULL;
    subject->kernel = options->kernel;
    subject->writer = index_writer_new(options->ranking, options->taxonomy, NULL);
    if (!subject->writer ||
        !index_writer_build(subject->writer, options->entries, options->count, options->threads) ||
        !index_publish(subject->writer, &subject->view, &garbage))
        return no_memory(error);
    index_garbage_free(subject->writer, garbage);
    return true;
}

struct subject *subject_new(const struct subject_options *options, struct error *error)
{
    struct subject *subject = memory_try_zeroed(1, sizeof *subject);
    if (!subject) {
        no_memory(error);
        return NULL;
    }
    if (!build(subject, options, error)) {
        subject_free(subject);
        return NULL;
    }
    return subject;
}

void subject_free(struct subject *subject)
{
    if (!subject)
        return;
    index_writer_free(subject->writer);
    memory_free(subject);
}

bool subject_search(const struct subject *subject, const struct search_request *request,
                    struct arena *arena, struct subject_answer *answer, struct error *error)
{
    return index_search(request, subject->view, subject->kernel, arena, &answer->result,
                        &answer->work, error);
}

const struct index_view *subject_view(const struct subject *subject)
{
    return subject->view;
}
