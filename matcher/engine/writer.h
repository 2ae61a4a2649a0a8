/* The writer thread: takes change jobs in groups, and is the only one that changes anything.
 *
 *   read the store (boot.h), then:
 *   pop up to group_limit jobs -> free what no reader sees -> turn the day -> book each change
 *     -> make the group durable -> publish one root -> done for each job, in order
 *
 * It looks at the clock with every group and at least once a second.
 */
#ifndef HAIHE_ENGINE_WRITER_H
#define HAIHE_ENGINE_WRITER_H

#include "engine/root.h"

struct writer;

struct writer_counts {
    uint64_t sequence;
    uint64_t records[KIND_COUNT];  /* by kind_index */
    uint64_t standing[KIND_COUNT]; /* open vacancies, active applicants */
    uint64_t applied, refused;
    uint64_t waiting; /* jobs in the queue */
};

/* The thread runs when it returns. NULL and an error otherwise. */
struct writer *writer_new(const struct engine_options *options, struct error *error);
/* Finishes the jobs in its queue, joins the thread, frees all records: no reader may be left. */
void writer_free(struct writer *writer);

/* Any thread; false when the queue is full or closed. */
bool writer_submit(struct writer *writer, struct change_job *job);
/* Any thread; *error as engine_state has it. */
enum engine_state writer_state(struct writer *writer, struct error *error);
/* The same with the failure as it was, for the log: it may name files and keys. */
enum engine_state writer_failure(struct writer *writer, struct error *failure);
/* NULL without one, and before the state is READY. Any thread; lives as long as the writer. */
struct store *writer_store(struct writer *writer);
/* What readers read; lives as long as the writer. */
const struct publication *writer_publication(const struct writer *writer);
void writer_count(struct writer *writer, struct writer_counts *out);

#endif
