/* Health and statistics; see standard_message.h. Thread: any. */
#include "wire/standard_message.h"

#include <assert.h>

#include "grpc/health/v1/health.pb-c.h"
#include "haihe/v1/admin_service.pb-c.h"
#include "wire/request_rules.h"

#include "base/banned.h"

typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus serving_status;
#define SERVING(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name
static_assert((int)SERVING(UNKNOWN) == HEALTH_UNKNOWN && (int)SERVING(SERVING) == HEALTH_SERVING &&
                  (int)SERVING(NOT_SERVING) == HEALTH_NOT_SERVING &&
                  (int)SERVING(SERVICE_UNKNOWN) == HEALTH_SERVICE_UNKNOWN,
              "health keeps the proto's numbers");

enum { SERVICE_LIMIT_BYTES = 256, DIRECTORY_LIMIT_BYTES = 3072 };

static const struct field_rule HEALTH_FIELDS[] = {
    {.name = "service", .high = SERVICE_LIMIT_BYTES},
};
const struct message_rules HEALTH_RULES =
    MESSAGE_RULES(HEALTH_FIELDS, grpc__health__v1__health_check_request__descriptor);

static const struct field_rule BACKUP_FIELDS[] = {
    {.name = "directory", .low = 1, .high = DIRECTORY_LIMIT_BYTES},
};
const struct message_rules BACKUP_RULES =
    MESSAGE_RULES(BACKUP_FIELDS, haihe__v1__backup_request__descriptor);

const struct message_rules STATS_RULES = {.descriptor = &haihe__v1__stats_request__descriptor};

bool wire_read_health_check(struct str bytes, struct arena *arena, struct str *service,
                            struct error *error)
{
    const Grpc__Health__V1__HealthCheckRequest *message =
        message_read(&HEALTH_RULES, bytes, arena, error);
    if (!message)
        return false;
    *service = message_text(message->service);
    return true;
}

bool wire_write_health(struct buffer *out, enum health_status status)
{
    Grpc__Health__V1__HealthCheckResponse response;
    grpc__health__v1__health_check_response__init(&response);
    response.status = (serving_status)status;
    return message_append(out, &response.base);
}

bool wire_read_backup(struct str bytes, struct arena *arena, const char **directory,
                      struct error *error)
{
    const Haihe__V1__BackupRequest *message = message_read(&BACKUP_RULES, bytes, arena, error);
    if (!message)
        return false;
    *directory = message->directory;
    return true;
}

bool wire_write_backup(struct buffer *out, uint64_t sequence)
{
    Haihe__V1__BackupResponse response;
    haihe__v1__backup_response__init(&response);
    response.sequence = sequence;
    return message_append(out, &response.base);
}

bool wire_read_stats(struct str bytes, struct arena *arena, struct error *error)
{
    return message_read(&STATS_RULES, bytes, arena, error) != NULL;
}

static bool put_methods(struct arena *arena, const struct server_stats *stats,
                        Haihe__V1__StatsResponse *out)
{
    size_t count = stats->method_count;
    Haihe__V1__MethodStats *methods = arena_alloc(arena, count * sizeof *methods);
    Haihe__V1__MethodStats **list = arena_alloc(arena, count * sizeof(Haihe__V1__MethodStats *));
    if (!methods || !list)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct method_stats *from = &stats->methods[i];
        haihe__v1__method_stats__init(&methods[i]);
        methods[i].method = (char *)from->method;
        methods[i].calls = from->calls;
        methods[i].errors = from->errors;
        methods[i].p50_us = from->p50_us;
        methods[i].p99_us = from->p99_us;
        methods[i].mean_us = from->mean_us;
        list[i] = &methods[i];
    }
    out->n_methods = count;
    out->methods = list;
    return true;
}

bool wire_write_stats(struct buffer *out, struct arena *arena, const struct server_stats *stats)
{
    Haihe__V1__StatsResponse response;
    haihe__v1__stats_response__init(&response);
    response.version = (char *)stats->version;
    response.uptime_s = stats->uptime_s;
    response.sequence = stats->sequence;
    response.vacancy_count = stats->vacancy_count;
    response.applicant_count = stats->applicant_count;
    response.open_vacancy_count = stats->open_vacancy_count;
    response.active_applicant_count = stats->active_applicant_count;
    response.changes_applied = stats->changes_applied;
    response.changes_refused = stats->changes_refused;
    response.calls_shed = stats->calls_shed;
    response.open_calls = stats->open_calls;
    response.open_connections = stats->open_connections;
    response.pairs_scored = stats->pairs_scored;
    response.resident_bytes = stats->resident_bytes;
    response.taxonomy_skill_count = stats->taxonomy_skill_count;
    response.taxonomy_occupation_count = stats->taxonomy_occupation_count;
    response.taxonomy_version = stats->taxonomy_version;
    response.worker_count = stats->worker_count;
    response.state = (char *)stats->state;
    response.state_reason = (char *)stats->state_reason;
    response.durable = stats->is_durable;
    response.records_bytes = stats->records_bytes;
    response.history_bytes = stats->history_bytes;
    response.oldest_change = stats->oldest_change;
    return put_methods(arena, stats, &response) && message_append(out, &response.base);
}
