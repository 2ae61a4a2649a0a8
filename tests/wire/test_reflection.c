#include <criterion/criterion.h>
#include <stdio.h>

#include "wire/descriptor_pool.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/message_table.h"
#include "wire/standard_message.h"

struct reflection {
    struct fixture f;
    struct descriptor_pool *pool;
};

static void reflection_init(struct reflection *r)
{
    fixture_init(&r->f);
    r->pool = descriptor_pool_builtin(&r->f.error);
    cr_assert(r->pool, "%s", r->f.error.text);
}

static void reflection_release(struct reflection *r)
{
    descriptor_pool_free(r->pool);
    fixture_release(&r->f);
}

/* Asks with one field of the request; a new reference. */
static json_t *ask(struct reflection *r, const char *field, json_t *value)
{
    json_t *request = json_object();
    json_object_set_new(request, "host", json_string("here"));
    if (field)
        json_object_set_new(request, field, value);
    struct str bytes = fixture_encode(&r->f, "grpc.reflection.v1alpha.ServerReflectionRequest",
                                      json_incref(request));
    buffer_clear(&r->f.out);
    cr_assert(wire_answer_reflection(r->pool, bytes, &r->f.arena, &r->f.out, &r->f.error), "%s",
              r->f.error.text);
    json_t *answer = fixture_written(&r->f, "grpc.reflection.v1.ServerReflectionResponse");
    cr_assert_str_eq(json_string_value(json_at(answer, "valid_host")), "here");
    cr_assert(json_equal(json_at(answer, "original_request"), request));
    json_decref(request);
    return answer;
}

static struct str base64_of(struct str bytes, struct arena *arena)
{
    /* Through an Any, which JSON shows as base64. */
    struct buffer out;
    buffer_init(&out, 1 << 20);
    char header[8];
    size_t length = 0;
    header[length++] = 2 << 3 | 2;
    for (size_t rest = bytes.length; length < 8; rest >>= 7) {
        header[length++] = (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        if (rest <= 0x7f)
            break;
    }
    buffer_append(&out, header, length);
    buffer_append_str(&out, bytes);
    struct error error;
    json_t *json =
        wire_json_decode("google.protobuf.Any", buffer_borrow(&out), false, arena, &error);
    struct str copy = arena_copy(arena, str_of(json_string_value(json_at(json, "value"))));
    json_decref(json);
    buffer_release(&out);
    return copy;
}

static void assert_first_file(struct reflection *r, const json_t *answer, const char *file_name)
{
    size_t index = descriptor_pool_find_file(r->pool, str_of(file_name));
    cr_assert_neq(index, SIZE_MAX, "%s", file_name);
    struct str bytes = descriptor_pool_file(r->pool, index)->bytes;
    const char *found =
        json_string_value(json_at(answer, "file_descriptor_response.file_descriptor_proto[0]"));
    cr_assert(found, "%s", file_name);
    cr_assert_str_eq(found, base64_of(bytes, &r->f.arena).data, "%s", file_name);
}

static void assert_error(json_t *answer, int code, const char *part)
{
    cr_assert_eq(json_integer_value(json_at(answer, "error_response.error_code")), code);
    const char *text = json_string_value(json_at(answer, "error_response.error_message"));
    cr_assert(text && strstr(text, part), "%s", text);
    json_decref(answer);
}

Test(reflection, every_symbol_leads_to_its_file)
{
    struct reflection r;
    reflection_init(&r);
    size_t count = descriptor_pool_symbol_count(r.pool);
    cr_assert_gt(count, 400);
    for (size_t i = 0; i < count; i++) {
        const struct descriptor_symbol *symbol = descriptor_pool_symbol(r.pool, i);
        json_t *answer =
            ask(&r, "file_containing_symbol", json_stringn(symbol->name.data, symbol->name.length));
        struct str file = descriptor_pool_file(r.pool, symbol->file_index)->name;
        char name[200];
        snprintf(name, sizeof name, "%.*s", STR_ARG(file));
        assert_first_file(&r, answer, name);
        json_decref(answer);
        arena_clear(&r.f.arena);
    }
    reflection_release(&r);
}

Test(reflection, symbols_of_every_kind_are_known)
{
    static const char *const SYMBOLS[][2] = {
        {"haihe.v1.Vacancy", "haihe/v1/record.proto"},
        {".haihe.v1.Vacancy", "haihe/v1/record.proto"},
        {"haihe.v1.Vacancy.total_job_openings", "haihe/v1/record.proto"},
        {"haihe.v1.PayUnit", "haihe/v1/record.proto"},
        {"haihe.v1.PAY_UNIT_HOUR", "haihe/v1/record.proto"},
        {"haihe.v1.MatchVacanciesRequest.subject", "haihe/v1/match_service.proto"},
        {"haihe.v1.MatchService", "haihe/v1/match_service.proto"},
        {"haihe.v1.MatchService.Explain", "haihe/v1/match_service.proto"},
        {"google.rpc.BadRequest.FieldViolation.field", "google/rpc/error_details.proto"},
        {"google.protobuf.Any", "google/protobuf/any.proto"},
        {"grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"},
        {"grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"},
    };
    struct reflection r;
    reflection_init(&r);
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof SYMBOLS[0]; i++) {
        json_t *answer = ask(&r, "file_containing_symbol", json_string(SYMBOLS[i][0]));
        assert_first_file(&r, answer, SYMBOLS[i][1]);
        json_decref(answer);
    }
    reflection_release(&r);
}

Test(reflection, every_message_that_wire_knows_is_in_the_pool_and_the_other_way_round)
{
    struct reflection r;
    reflection_init(&r);
    size_t known = 0, described = 0;
    for (const ProtobufCMessageDescriptor *const *type = message_all(); *type; type++, known++) {
        const struct descriptor_symbol *symbol =
            descriptor_pool_find_symbol(r.pool, str_of((*type)->name));
        cr_assert(symbol && symbol->kind == SYMBOL_MESSAGE, "%s", (*type)->name);
    }
    for (size_t i = 0; i < descriptor_pool_symbol_count(r.pool); i++) {
        const struct descriptor_symbol *symbol = descriptor_pool_symbol(r.pool, i);
        if (symbol->kind != SYMBOL_MESSAGE)
            continue;
        described++;
        cr_assert(message_find(symbol->name), "%.*s is not in the table", STR_ARG(symbol->name));
    }
    cr_assert_eq(known, described);
    reflection_release(&r);
}

Test(reflection, a_file_comes_with_all_that_it_depends_on)
{
    struct reflection r;
    reflection_init(&r);
    json_t *answer = ask(&r, "file_by_filename", json_string("haihe/v1/record_service.proto"));
    assert_first_file(&r, answer, "haihe/v1/record_service.proto");
    /* status.proto, record.proto, and any.proto through status.proto. */
    cr_assert_eq(json_array_size(json_at(answer, "file_descriptor_response.file_descriptor_proto")),
                 4);
    json_decref(answer);
    answer = ask(&r, "file_by_filename", json_string("haihe/v1/record.proto"));
    cr_assert_eq(json_array_size(json_at(answer, "file_descriptor_response.file_descriptor_proto")),
                 1);
    json_decref(answer);
    reflection_release(&r);
}

Test(reflection, all_services_are_listed)
{
    struct reflection r;
    reflection_init(&r);
    json_t *answer = ask(&r, "list_services", json_string("*"));
    const json_t *services = json_at(answer, "list_services_response.service");
    static const char *const NAMES[] = {"grpc.health.v1.Health",
                                        "grpc.reflection.v1.ServerReflection",
                                        "grpc.reflection.v1alpha.ServerReflection",
                                        "haihe.v1.AdminService",
                                        "haihe.v1.MatchService",
                                        "haihe.v1.RecordService"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        bool found = false;
        for (size_t s = 0; s < json_array_size(services); s++)
            found |= strcmp(json_string_value(json_at(json_array_get(services, s), "name")),
                            NAMES[i]) == 0;
        cr_assert(found, "%s", NAMES[i]);
    }
    json_decref(answer);
    reflection_release(&r);
}

Test(reflection, what_is_not_there_is_an_answer)
{
    struct reflection r;
    reflection_init(&r);
    assert_error(ask(&r, "file_by_filename", json_string("no.proto")), ERROR_NOT_FOUND,
                 "'no.proto'");
    assert_error(ask(&r, "file_containing_symbol", json_string("haihe.v1.Nope")), ERROR_NOT_FOUND,
                 "'haihe.v1.Nope'");
    assert_error(ask(&r, "file_containing_symbol", json_string("")), ERROR_NOT_FOUND, "''");
    assert_error(ask(&r, "all_extension_numbers_of_type", json_string("haihe.v1.PayUnit")),
                 ERROR_NOT_FOUND, "'haihe.v1.PayUnit'");
    assert_error(ask(&r, "file_containing_extension",
                     fixture_json("{'containing_type': 'haihe.v1.Key', 'extension_number': 5}")),
                 ERROR_NOT_FOUND, "'haihe.v1.Key'");
    assert_error(ask(&r, NULL, NULL), ERROR_INVALID_ARGUMENT, "message_request");
    json_t *answer = ask(&r, "all_extension_numbers_of_type", json_string("haihe.v1.Key"));
    cr_assert_str_eq(
        json_string_value(json_at(answer, "all_extension_numbers_response.base_type_name")),
        "haihe.v1.Key");
    json_decref(answer);
    reflection_release(&r);
}

Test(reflection, without_memory_or_with_wrong_bytes_it_fails_and_says_so)
{
    struct reflection r;
    reflection_init(&r);
    struct str bytes = STR("\x0a\xff");
    cr_assert_not(wire_answer_reflection(r.pool, bytes, &r.f.arena, &r.f.out, &r.f.error));
    cr_assert_eq(r.f.error.code, ERROR_INVALID_ARGUMENT);
    static const char *const FIELDS[] = {"file_by_filename", "file_containing_symbol",
                                         "list_services", "all_extension_numbers_of_type"};
    static const char *const VALUES[] = {"haihe/v1/record_service.proto", "no", "", "haihe.v1.Key"};
    for (size_t i = 0; i < 4; i++) {
        json_t *request = json_object();
        json_object_set_new(request, FIELDS[i], json_string(VALUES[i]));
        bytes = fixture_encode(&r.f, "grpc.reflection.v1.ServerReflectionRequest", request);
        bool answered = false;
        for (size_t limit = 16; limit < 20000 && !answered; limit += 16) {
            struct arena small;
            arena_init(&small, limit);
            answered = wire_answer_reflection(r.pool, bytes, &small, &r.f.out, &r.f.error);
            cr_assert(answered || r.f.error.code == ERROR_RESOURCE_EXHAUSTED);
            arena_release(&small);
        }
        cr_assert(answered, "%s", FIELDS[i]);
    }
    reflection_release(&r);
}

Test(descriptor_pool, bytes_that_are_no_file_set_are_refused)
{
    struct error error = {0};
    cr_assert_null(descriptor_pool_new(STR("\x0a\x7f"), &error));
    cr_assert_eq(error.code, ERROR_INTERNAL);
    cr_assert_null(descriptor_pool_new(STR("\x0a\x04\x22\x02\x12\x7f"), &error));
    cr_assert_null(descriptor_pool_new(STR("\x0b"), &error), "a group");
    cr_assert_null(descriptor_pool_new(STR("\x00\x01"), &error), "field number 0");
    /* Messages in messages in messages. */
    char nested[200], inner[200];
    size_t length = 0;
    for (int i = 0; i < 20; i++) {
        nested[0] = 3 << 3 | 2;
        nested[1] = (char)length;
        memcpy(nested + 2, inner, length);
        length += 2;
        memcpy(inner, nested, length);
    }
    nested[0] = 1 << 3 | 2;
    nested[1] = (char)(length + 2);
    nested[2] = 4 << 3 | 2;
    nested[3] = (char)length;
    memcpy(nested + 4, inner, length);
    cr_assert_null(descriptor_pool_new((struct str){nested, (uint32_t)length + 4}, &error));
    /* Fixed numbers and varints of any length are passed over. */
    struct descriptor_pool *pool =
        descriptor_pool_new(STR("\x19"
                                "12345678"
                                "\x1d"
                                "1234"
                                "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                "\x0a\x03\x0a\x01"
                                "f"),
                            &error);
    cr_assert(pool, "%s", error.text);
    cr_assert_eq(descriptor_pool_find_file(pool, STR("f")), 0);
    descriptor_pool_free(pool);
}
