/* What the peers written in C share: they do the job of bench_search, are timed as it is, and write
 * the same lines.
 *
 *   queries file --> peer_run --> search(query) on each thread --> times, answers
 *
 * A peer's index finds records by their skills, so records without any are refused.
 * Thread: main's.
 */
#ifndef HAIHE_BENCH_PEERS_PEER_H
#define HAIHE_BENCH_PEERS_PEER_H

#include "core/score.h"
#include "draft.h"

enum { PEER_K_LIMIT = 1000, PEER_RADIUS_LIMIT_M = 200000 };

struct peer_match {
    int64_t id; /* the number in the first column */
    int32_t score;
};

struct peer_answer {
    struct peer_match *matches; /* room for k, best first */
    uint32_t count;
};

/* Answers one query of the kind that is not ranked. Another thread may be at it as well; `worker`
 * is 0..threads-1. */
typedef bool peer_search(void *context, unsigned worker, const union draft *query,
                         struct peer_answer *answer, struct error *error);

struct peer_job {
    enum ranking ranking; /* what is ranked */
    uint32_t k;
    unsigned threads;
    const char *queries_path, *out_path;
    peer_search *search;
    void *context;
    /* Processor time spent by now on behalf of this process; NULL: by this process alone. */
    int64_t (*cpu_ns)(void *context);
};

/* Five words of a command line: QUERIES DIRECTION K THREADS OUT. */
bool peer_job_parse(struct peer_job *job, char **words, struct error *error);

/* Reads a line of the file of `kind`. False with "FILE:LINE: ..", also for a record without skills,
 * one whose id is no number, or a radius above PEER_RADIUS_LIMIT_M. */
bool peer_read(const char *path, size_t line_number, struct str line, enum record_kind kind,
               union draft *draft, struct error *error);
/* The id of a record that was read. */
int64_t peer_id(const union draft *draft);

/* All queries once to warm up, then once each with the clock running; prints name=value lines as
 * bench_search does, and cpu_us, the processor time of a search. */
bool peer_run(const struct peer_job *job, struct error *error);

#endif
