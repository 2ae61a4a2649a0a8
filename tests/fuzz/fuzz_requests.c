/* The small requests: Get, BatchGet, List, Stats, Backup, History, health and reflection, and the
 * status details that a client reads; the first byte chooses. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "server/method.h"
#include "wire/history_message.h"
#include "wire/record_service_message.h"
#include "wire/standard_message.h"
#include "wire/status_message.h"

/* Answers of reflection are at most all files at once. */
enum { ANSWER_LIMIT_BYTES = 4 * 1024 * 1024 };

static bool read_get(struct str request, struct arena *arena, bool is_batch, struct error *error)
{
    struct get_request get;
    bool read = is_batch ? wire_read_batch_get(request, arena, &get, error)
                         : wire_read_get(request, arena, &get, error);
    assert(!read || (is_batch ? get.key_count >= 1 && get.key_count <= 1000 : get.key_count == 1));
    for (uint32_t i = 0; read && i < get.key_count; i++)
        assert(get.keys[i].id.length >= 1 && get.keys[i].id.length <= 64);
    return read;
}

static bool read_list(struct str request, struct arena *arena, struct error *error)
{
    struct list_request list;
    bool read = wire_read_list(request, arena, &list, error);
    assert(!read || (list.page_size >= 1 && list.page_size <= 10000));
    return read;
}

static bool reflect(struct str request, struct arena *arena, struct error *error)
{
    static struct descriptor_pool *pool; /* a fuzz target is one thread and never ends */
    if (!pool)
        pool = descriptor_pool_builtin(error);
    struct buffer out;
    buffer_init(&out, ANSWER_LIMIT_BYTES);
    bool answered = wire_answer_reflection(pool, request, arena, &out, error);
    assert(!answered || out.length_bytes > 0);
    buffer_release(&out);
    return answered;
}

/* The requests of these are read by one of the targets; a method that is not here has none yet. */
static const char *const COVERED[] = {
    "/haihe.v1.MatchService/MatchVacancies", /* fuzz_match */
    "/haihe.v1.MatchService/MatchApplicants",
    "/haihe.v1.MatchService/Explain",
    "/haihe.v1.RecordService/Apply", /* fuzz_apply */
    "/haihe.v1.RecordService/Get",   /* here */
    "/haihe.v1.RecordService/BatchGet",
    "/haihe.v1.RecordService/List",
    "/haihe.v1.AdminService/Stats",
    "/haihe.v1.AdminService/Backup",
    "/haihe.v1.AdminService/History",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < method_count(); i++) {
        const char *path = method_at(i)->path;
        bool is_covered = false;
        for (size_t n = 0; n < sizeof COVERED / sizeof COVERED[0]; n++)
            is_covered |= strcmp(path, COVERED[n]) == 0;
        if (!is_covered) {
            fprintf(stderr, "no fuzz target reads the requests of %s\n", path);
            exit(EXIT_FAILURE);
        }
    }
    return 0;
}

static bool read_status(struct str bytes, struct arena *arena, struct error *error)
{
    struct error status = {0};
    if (!wire_read_status(bytes, arena, &status))
        return error_set(error, ERROR_INVALID_ARGUMENT, "not a status");
    assert(memchr(status.text, '\0', sizeof status.text));
    assert(memchr(status.field, '\0', sizeof status.field));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    struct str request = {(const char *)bytes + 1, (uint32_t)size_bytes - 1};
    struct str service;
    const char *directory;
    struct history_request history;
    struct error error = {0};
    bool read = false;
    switch (bytes[0] % 9) {
    case 0:
    case 1:
        read = read_get(request, &arena, bytes[0] % 9 == 1, &error);
        break;
    case 2:
        read = read_list(request, &arena, &error);
        break;
    case 3:
        read = wire_read_stats(request, &arena, &error);
        break;
    case 4:
        read = wire_read_health_check(request, &arena, &service, &error);
        break;
    case 5:
        read = read_status(request, &arena, &error);
        break;
    case 6:
        read = wire_read_backup(request, &arena, &directory, &error);
        assert(!read || directory[0] != '\0');
        break;
    case 7:
        read = wire_read_history(request, &arena, &history, &error);
        assert(!read || (history.limit >= 1 && history.limit <= 1000));
        break;
    default:
        read = reflect(request, &arena, &error);
        break;
    }
    assert(read || (error.code != ERROR_OK && error.text[0] != '\0'));
    arena_release(&arena);
    return 0;
}
