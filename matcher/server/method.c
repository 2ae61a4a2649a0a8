/* See method.h. A call is found by comparing lengths first: a dozen rows cost less than a hash. */
#include "server/method.h"

#include <assert.h>

#include "server/apply_call.h"
#include "server/health_call.h"
#include "server/query_call.h"
#include "server/service.h"

#include "base/banned.h"

static const struct method METHODS[] = {
    {"/haihe.v1.MatchService/MatchVacancies", METHOD_UNARY, query_call_open, answer_match_vacancies,
     NEEDS_RECORDS},
    {"/haihe.v1.MatchService/MatchApplicants", METHOD_UNARY, query_call_open,
     answer_match_applicants, NEEDS_RECORDS},
    {"/haihe.v1.MatchService/Explain", METHOD_UNARY, query_call_open, answer_explain,
     NEEDS_RECORDS},
    {"/haihe.v1.RecordService/Apply", METHOD_BIDIRECTIONAL, apply_call_open, NULL, NEEDS_RECORDS},
    {"/haihe.v1.RecordService/Get", METHOD_UNARY, query_call_open, answer_get, NEEDS_RECORDS},
    {"/haihe.v1.RecordService/BatchGet", METHOD_UNARY, query_call_open, answer_batch_get,
     NEEDS_RECORDS},
    {"/haihe.v1.RecordService/List", METHOD_UNARY, query_call_open, answer_list, NEEDS_RECORDS},
    {"/haihe.v1.AdminService/Stats", METHOD_UNARY, query_call_open, answer_stats, NEEDS_NOTHING},
    {"/haihe.v1.AdminService/Backup", METHOD_UNARY, query_call_open, answer_backup, NEEDS_TIME},
    {"/haihe.v1.AdminService/History", METHOD_UNARY, query_call_open, answer_history,
     NEEDS_RECORDS},
    {"/grpc.health.v1.Health/Check", METHOD_UNARY, health_call_open, NULL, NEEDS_NOTHING},
    {"/grpc.health.v1.Health/Watch", METHOD_SERVER_STREAM, health_call_open, NULL, NEEDS_NOTHING},
    {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", METHOD_BIDIRECTIONAL,
     query_call_open, answer_reflection, NEEDS_NOTHING},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", METHOD_BIDIRECTIONAL,
     query_call_open, answer_reflection, NEEDS_NOTHING},
};

enum { COUNT = sizeof METHODS / sizeof METHODS[0] };
static_assert((int)COUNT <= (int)METHOD_LIMIT, "the table fits what counts by method");

const struct method *method_find(struct str path)
{
    for (size_t i = 0; i < COUNT; i++)
        if (str_equal(path, str_of(METHODS[i].path)))
            return &METHODS[i];
    return NULL;
}

size_t method_count(void)
{
    return COUNT;
}

const struct method *method_at(size_t index)
{
    assert(index < COUNT);
    return &METHODS[index];
}

size_t method_index(const struct method *method)
{
    assert(method >= METHODS && method < METHODS + COUNT);
    return (size_t)(method - METHODS);
}

bool method_has_service(struct str service)
{
    for (size_t i = 0; i < COUNT; i++) {
        struct str path = str_of(METHODS[i].path);
        assert(path.length > 0 && path.data);
        struct str rest = {path.data + 1, path.length - 1}; /* without the first slash */
        if (rest.length > service.length && rest.data[service.length] == '/' &&
            str_starts_with(rest, service))
            return true;
    }
    return false;
}
