/* See peer.h. */
#include "peer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "blocks.h"
#include "distribution.h"
#include "lines.h"
#include "tsv.h"

#include "base/banned.h"

/* --- Reading --------------------------------------------------------------------------------- */

static bool parse_number(const char *name, const char *word, int64_t limit, int64_t *out,
                         struct error *error)
{
    return (text_to_int64(str_of(word), out) && *out >= 1 && *out <= limit) ||
           error_set(error, ERROR_INVALID_ARGUMENT, "%s '%s': must be 1..%" PRId64, name, word,
                     limit);
}

bool peer_job_parse(struct peer_job *job, char **words, struct error *error)
{
    int64_t k, threads;
    job->queries_path = words[0];
    job->out_path = words[4];
    job->ranking = strcmp(words[1], "vacancies") == 0 ? RANK_VACANCIES : RANK_APPLICANTS;
    if (job->ranking == RANK_APPLICANTS && strcmp(words[1], "applicants") != 0)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "direction '%s': must be vacancies or applicants", words[1]);
    if (!parse_number("k", words[2], PEER_K_LIMIT, &k, error) ||
        !parse_number("threads", words[3], BLOCK_THREAD_LIMIT, &threads, error))
        return false;
    job->k = (uint32_t)k;
    job->threads = (unsigned)threads;
    return true;
}

int64_t peer_id(const union draft *draft)
{
    int64_t id = 0; /* peer_read has seen that it is a number */
    text_to_int64(draft->vacancy.vacancy.key.id, &id);
    return id;
}

static bool check_record(const union draft *draft, enum record_kind kind, struct error *why)
{
    const struct applicant *applicant =
        kind == RECORD_APPLICANT ? &draft->applicant.applicant : NULL;
    struct str id = draft->vacancy.vacancy.key.id; /* both records begin with their key */
    int64_t number;
    if (!text_to_int64(id, &number) || number < 0)
        return error_set(why, ERROR_INVALID_ARGUMENT, "column 'id' '%.*s': must be a number",
                         STR_ARG(id));
    if ((applicant ? applicant->skill_count : draft->vacancy.vacancy.skill_count) == 0)
        return error_set(why, ERROR_INVALID_ARGUMENT, "column 'skills': there is none");
    return !applicant || applicant->max_distance_m <= PEER_RADIUS_LIMIT_M ||
           error_set(why, ERROR_INVALID_ARGUMENT, "column 'radius_km' '%" PRId32 "': must be 1..%d",
                     applicant->max_distance_m / 1000, PEER_RADIUS_LIMIT_M / 1000);
}

bool peer_read(const char *path, size_t line_number, struct str line, enum record_kind kind,
               union draft *draft, struct error *error)
{
    struct error why = {0};
    bool read = kind == RECORD_VACANCY ? tsv_read_vacancy(line, &draft->vacancy, &why)
                                       : tsv_read_applicant(line, &draft->applicant, &why);
    return (read && check_record(draft, kind, &why)) ||
           error_set(error, why.code, "%s:%zu: %s", path, line_number, why.text);
}

/* --- Running --------------------------------------------------------------------------------- */

struct session {
    const struct peer_job *job;
    struct lines lines; /* the drafts' texts are views of it */
    union draft *queries;
    struct peer_answer *answers;
    struct peer_match *matches; /* k for each query */
    int64_t *spent_ns;
};

static bool session_open(struct session *session, struct error *error)
{
    const struct peer_job *job = session->job;
    enum record_kind kind = job->ranking == RANK_VACANCIES ? RECORD_APPLICANT : RECORD_VACANCY;
    size_t offset = 0;
    if (!lines_open(&session->lines, job->queries_path, SIZE_MAX, error))
        return false;
    size_t count = session->lines.count;
    session->queries = memory_must_zeroed(count + 1, sizeof *session->queries);
    session->answers = memory_must_zeroed(count + 1, sizeof *session->answers);
    session->matches = memory_must_zeroed(count * job->k + 1, sizeof *session->matches);
    session->spent_ns = memory_must_zeroed(count + 1, sizeof *session->spent_ns);
    for (size_t i = 0; i < count; i++) {
        struct str line = lines_next(&session->lines, &offset);
        session->answers[i].matches = session->matches + i * job->k;
        if (!peer_read(job->queries_path, i + 1, line, kind, &session->queries[i], error))
            return false;
    }
    return true;
}

static void session_close(struct session *session)
{
    memory_free(session->spent_ns);
    memory_free(session->matches);
    memory_free(session->answers);
    memory_free(session->queries);
    lines_close(&session->lines);
}

static bool search_one(void *context, unsigned worker, size_t index, struct error *error)
{
    struct session *session = context;
    const struct peer_job *job = session->job;
    int64_t begin_ns = clock_monotonic_ns();
    if (!job->search(job->context, worker, &session->queries[index], &session->answers[index],
                     error))
        return false;
    session->spent_ns[index] = clock_monotonic_ns() - begin_ns;
    return true;
}

static int64_t cpu_ns_of(const struct peer_job *job)
{
    struct timespec now;
    if (job->cpu_ns)
        return job->cpu_ns(job->context);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool measure(struct session *session, struct error *error)
{
    const struct peer_job *job = session->job;
    size_t count = session->lines.count;
    if (!blocks_run(count, job->threads, search_one, session, error)) /* warms up */
        return false;
    int64_t cpu_ns = cpu_ns_of(job), begin_ns = clock_monotonic_ns();
    if (!blocks_run(count, job->threads, search_one, session, error))
        return false;
    double seconds = (double)(clock_monotonic_ns() - begin_ns) / 1e9;
    cpu_ns = cpu_ns_of(job) - cpu_ns;
    struct distribution spent = distribution_of(session->spent_ns, count);
    printf("queries=%zu\nmean_us=%.1f\np50_us=%.1f\np99_us=%.1f\nmax_us=%.1f\n", count,
           spent.mean_us, spent.p50_us, spent.p99_us, spent.max_us);
    printf("searches_per_second=%.1f\ncpu_us=%.1f\n", (double)count / seconds,
           (double)cpu_ns / 1e3 / (double)count);
    return true;
}

static bool write_answers(const struct session *session, struct error *error)
{
    const char *path = session->job->out_path;
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set(error, ERROR_UNKNOWN, "'%s': %s", path, strerror(errno));
    for (size_t i = 0; i < session->lines.count; i++) {
        const struct peer_answer *answer = &session->answers[i];
        for (uint32_t j = 0; j < answer->count; j++)
            fprintf(file, "%" PRId64 "\t%" PRIu32 "\t%" PRId64 "\t%" PRId32 "\n",
                    peer_id(&session->queries[i]), j + 1, answer->matches[j].id,
                    answer->matches[j].score);
    }
    bool written = ferror(file) == 0;
    written = fclose(file) == 0 && written;
    return written || error_set(error, ERROR_UNKNOWN, "'%s': cannot be written", path);
}

bool peer_run(const struct peer_job *job, struct error *error)
{
    struct session session = {.job = job};
    bool done = session_open(&session, error) &&
                (session.lines.count > 0 ||
                 error_set(error, ERROR_INVALID_ARGUMENT, "%s: no queries", job->queries_path)) &&
                measure(&session, error) && write_answers(&session, error);
    session_close(&session);
    return done;
}
