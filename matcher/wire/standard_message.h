/* The messages of grpc.health.v1, grpc.reflection (v1 and v1alpha are the same bytes), and
 * haihe.v1.AdminService. Thread: any. */
#ifndef HAIHE_WIRE_STANDARD_MESSAGE_H
#define HAIHE_WIRE_STANDARD_MESSAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum health_status { HEALTH_UNKNOWN, HEALTH_SERVING, HEALTH_NOT_SERVING, HEALTH_SERVICE_UNKNOWN };

bool wire_read_health_check(struct str bytes, struct arena *arena, struct str *service,
                            struct error *error);
bool wire_write_health(struct buffer *out, enum health_status status);

/* The file descriptors built into the program; see descriptor_pool.h. */
struct descriptor_pool;
struct descriptor_pool *descriptor_pool_builtin(struct error *error);
void descriptor_pool_free(struct descriptor_pool *pool);

/* Answers one ServerReflectionRequest with one encoded ServerReflectionResponse; errors about
 * unknown names are answers, too. A file comes with the files that it depends on, itself first.
 * False only for bytes that are no request, or lack of memory. */
bool wire_answer_reflection(const struct descriptor_pool *pool, struct str request,
                            struct arena *arena, struct buffer *out, struct error *error);

/* A StatsRequest holds nothing; false for bytes that are none. */
bool wire_read_stats(struct str bytes, struct arena *arena, struct error *error);

/* The directory is a text in the arena, checked but not touched. */
bool wire_read_backup(struct str bytes, struct arena *arena, const char **directory,
                      struct error *error);
bool wire_write_backup(struct buffer *out, uint64_t sequence);

struct method_stats {
    const char *method; /* "/haihe.v1.MatchService/Explain" */
    uint64_t calls, errors;
    double p50_us, p99_us, mean_us;
};

struct server_stats {
    const char *version;
    uint64_t uptime_s, sequence;
    uint64_t vacancy_count, applicant_count, open_vacancy_count, active_applicant_count;
    uint64_t changes_applied, changes_refused, calls_shed, open_calls, open_connections;
    uint64_t pairs_scored, resident_bytes;
    uint64_t taxonomy_skill_count, taxonomy_occupation_count, taxonomy_version;
    int32_t worker_count;
    const struct method_stats *methods;
    size_t method_count;
    const char *state, *state_reason;
    bool is_durable;
    uint64_t records_bytes, history_bytes, oldest_change;
};
bool wire_write_stats(struct buffer *out, struct arena *arena, const struct server_stats *stats);

#endif
