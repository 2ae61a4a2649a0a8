/* haihe.v1.AdminService and server reflection on a search worker. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "model/taxonomy.h"
#include "server/internal.h"
#include "server/service.h"

#include "base/banned.h"

/* Pages of this process in memory: the second number of /proc/self/statm; 0 when it cannot be
 * read. */
static uint64_t resident_bytes(void)
{
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    close(file);
    text[got > 0 ? got : 0] = '\0';
    unsigned long long pages = 0;
    if (sscanf(text, "%*u %llu", &pages) != 1)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void read_method(const struct server *server, size_t index, struct method_stats *out)
{
    const struct method_metrics *metrics = &server->metrics[index];
    uint64_t answered = histogram_count(&metrics->latency);
    uint64_t sum_ns = atomic_load_explicit(&((struct method_metrics *)metrics)->latency.sum_ns,
                                           memory_order_relaxed);
    *out = (struct method_stats){
        .method = method_at(index)->path,
        .calls = counter_read(&metrics->calls),
        .errors = counter_read(&metrics->errors),
        .p50_us = (double)histogram_quantile_ns(&metrics->latency, 0.5) / 1000,
        .p99_us = (double)histogram_quantile_ns(&metrics->latency, 0.99) / 1000,
        .mean_us = answered > 0 ? (double)sum_ns / (double)answered / 1000 : 0,
    };
}

static const char *state_name(enum engine_state state)
{
    switch (state) {
    case ENGINE_STARTING:
        return "starting";
    case ENGINE_READY:
        return "ready";
    case ENGINE_READ_ONLY:
        return "read-only";
    case ENGINE_FAILED:
        break;
    }
    return "failed";
}

bool answer_stats(const struct question *question, struct buffer *out, struct error *error)
{
    const struct server *server = question->server;
    const struct root *root = question->view->root;
    const struct taxonomy *taxonomy = question->view->model->taxonomy;
    struct method_stats methods[METHOD_LIMIT];
    struct engine_stats engine;
    struct error reason = {0};
    enum engine_state state = engine_state(server->engine, &reason);
    engine_stats(server->engine, &engine);
    for (size_t i = 0; i < method_count(); i++)
        read_method(server, i, &methods[i]);
    const struct server_stats stats = {
        .version = server->version,
        .uptime_s = (uint64_t)((clock_monotonic_ns() - server->started_ns) / 1000000000),
        .sequence = root->sequence,
        .vacancy_count = root->vacancies.record_count,
        .applicant_count = root->applicants.record_count,
        .open_vacancy_count = root->open_vacancy_count,
        .active_applicant_count = root->active_applicant_count,
        .changes_applied = engine.changes_applied,
        .changes_refused = engine.changes_refused,
        .calls_shed = counter_read(&server->calls_shed),
        .open_calls = counter_read(&server->open_calls),
        .open_connections = counter_read(&server->open_connections),
        .pairs_scored = engine.pairs_scored,
        .resident_bytes = resident_bytes(),
        .taxonomy_skill_count = taxonomy_skill_count(taxonomy),
        .taxonomy_occupation_count = taxonomy_occupation_count(taxonomy),
        .taxonomy_version = taxonomy_version(taxonomy),
        .worker_count = (int32_t)engine.worker_count,
        .methods = methods,
        .method_count = method_count(),
        .state = state_name(state),
        .state_reason = reason.text,
        .is_durable = engine.is_durable,
        .records_bytes = engine.records_bytes,
        .history_bytes = engine.history_bytes,
        .oldest_change = engine.oldest_change,
    };
    return wire_write_stats(out, question->view->arena, &stats) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

bool answer_backup(const struct question *question, struct buffer *out, struct error *error)
{
    const char *directory;
    uint64_t sequence;
    if (!wire_read_backup(question->request, question->view->arena, &directory, error) ||
        !engine_backup(question->view, directory, &sequence, error))
        return false;
    log_event(question->server->log, LOG_INFO, "server: backup", "sequence=%" PRIu64, sequence);
    return wire_write_backup(out, sequence) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

bool answer_reflection(const struct question *question, struct buffer *out, struct error *error)
{
    return wire_answer_reflection(question->server->descriptors, question->request,
                                  question->view->arena, out, error);
}
