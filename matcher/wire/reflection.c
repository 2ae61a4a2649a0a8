/* grpc.reflection.v1 and v1alpha: the two differ in their package name only, so one reader and
 * writer serves both. Answers are put together in the arena and packed once. Thread: any; the pool
 * is immutable. */
#include <stdio.h>

#include "grpc/reflection/v1/reflection.pb-c.h"
#include "wire/descriptor_pool.h"
#include "wire/request_rules.h"
#include "wire/standard_message.h"

#include "base/banned.h"

typedef Grpc__Reflection__V1__ServerReflectionRequest reflection_request;
typedef Grpc__Reflection__V1__ServerReflectionResponse reflection_response;
#define REQUEST_CASE(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define RESPONSE_CASE(name)                                                                        \
    GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

enum { HOST_LIMIT_BYTES = 256, NAME_LIMIT_BYTES = 512 };

static const struct field_rule EXTENSION_FIELDS[] = {
    {.name = "containing_type", .high = NAME_LIMIT_BYTES},
    {.name = "extension_number"},
};
static const struct message_rules EXTENSION_RULES =
    MESSAGE_RULES(EXTENSION_FIELDS, grpc__reflection__v1__extension_request__descriptor);

static const struct field_rule REFLECTION_FIELDS[] = {
    {.name = "host", .high = HOST_LIMIT_BYTES},
    {.name = "file_by_filename", .high = NAME_LIMIT_BYTES},
    {.name = "file_containing_symbol", .high = NAME_LIMIT_BYTES},
    {.name = "file_containing_extension", .message = &EXTENSION_RULES},
    {.name = "all_extension_numbers_of_type", .high = NAME_LIMIT_BYTES},
    {.name = "list_services", .high = NAME_LIMIT_BYTES},
};
const struct message_rules REFLECTION_RULES =
    MESSAGE_RULES(REFLECTION_FIELDS, grpc__reflection__v1__server_reflection_request__descriptor);

/* An answer being made. Every function returns false only when the arena is exhausted. */
struct answer {
    const struct descriptor_pool *pool;
    struct arena *arena;
    reflection_response *response;
};

static bool answer_error(struct answer *answer, enum error_code code, const char *text)
{
    Grpc__Reflection__V1__ErrorResponse *error = arena_alloc(answer->arena, sizeof *error);
    if (!error)
        return false;
    grpc__reflection__v1__error_response__init(error);
    error->error_code = (int32_t)code;
    error->error_message = message_put_text(answer->arena, str_of(text));
    answer->response->message_response_case = RESPONSE_CASE(ERROR_RESPONSE);
    answer->response->error_response = error;
    return error->error_message != NULL;
}

static bool answer_not_found(struct answer *answer, const char *what, struct str name)
{
    char text[NAME_LIMIT_BYTES + 40];
    snprintf(text, sizeof text, "there is no %s '%.*s'", what, STR_ARG(name));
    return answer_error(answer, ERROR_NOT_FOUND, text);
}

/* Marks a file and all that it depends on, in the order found: the one asked for is first. */
static size_t collect_files(const struct descriptor_pool *pool, size_t first, size_t *order,
                            bool *is_taken)
{
    size_t count = 0;
    order[count++] = first;
    is_taken[first] = true;
    for (size_t i = 0; i < count; i++) {
        const struct descriptor_file *file = descriptor_pool_file(pool, order[i]);
        for (size_t d = 0; d < file->depend_count; d++) {
            size_t index = descriptor_pool_find_file(pool, file->depends[d]);
            if (index == SIZE_MAX || is_taken[index])
                continue;
            is_taken[index] = true;
            order[count++] = index;
        }
    }
    return count;
}

static bool answer_files(struct answer *answer, size_t file_index)
{
    size_t file_count = descriptor_pool_file_count(answer->pool);
    size_t *order = arena_alloc(answer->arena, file_count * sizeof *order);
    bool *is_taken = arena_alloc_zeroed(answer->arena, file_count, sizeof *is_taken);
    ProtobufCBinaryData *files = arena_alloc(answer->arena, file_count * sizeof *files);
    Grpc__Reflection__V1__FileDescriptorResponse *message =
        arena_alloc(answer->arena, sizeof *message);
    if (!order || !is_taken || !files || !message)
        return false;
    grpc__reflection__v1__file_descriptor_response__init(message);
    message->n_file_descriptor_proto = collect_files(answer->pool, file_index, order, is_taken);
    message->file_descriptor_proto = files;
    for (size_t i = 0; i < message->n_file_descriptor_proto; i++) {
        struct str bytes = descriptor_pool_file(answer->pool, order[i])->bytes;
        files[i] = (ProtobufCBinaryData){bytes.length, (uint8_t *)bytes.data};
    }
    answer->response->message_response_case = RESPONSE_CASE(FILE_DESCRIPTOR_RESPONSE);
    answer->response->file_descriptor_response = message;
    return true;
}

static bool answer_filename(struct answer *answer, struct str name)
{
    size_t index = descriptor_pool_find_file(answer->pool, name);
    return index == SIZE_MAX ? answer_not_found(answer, "file", name) : answer_files(answer, index);
}

static bool answer_symbol(struct answer *answer, struct str name)
{
    const struct descriptor_symbol *symbol = descriptor_pool_find_symbol(answer->pool, name);
    return symbol ? answer_files(answer, symbol->file_index)
                  : answer_not_found(answer, "symbol", name);
}

/* proto3 messages have no extensions: a message that is there has none. */
static bool answer_extension_numbers(struct answer *answer, struct str type)
{
    const struct descriptor_symbol *symbol = descriptor_pool_find_symbol(answer->pool, type);
    if (!symbol || symbol->kind != SYMBOL_MESSAGE)
        return answer_not_found(answer, "message", type);
    Grpc__Reflection__V1__ExtensionNumberResponse *message =
        arena_alloc(answer->arena, sizeof *message);
    if (!message)
        return false;
    grpc__reflection__v1__extension_number_response__init(message);
    message->base_type_name = message_put_text(answer->arena, symbol->name);
    answer->response->message_response_case = RESPONSE_CASE(ALL_EXTENSION_NUMBERS_RESPONSE);
    answer->response->all_extension_numbers_response = message;
    return message->base_type_name != NULL;
}

static bool answer_services(struct answer *answer)
{
    size_t symbol_count = descriptor_pool_symbol_count(answer->pool), count = 0;
    for (size_t i = 0; i < symbol_count; i++)
        count += descriptor_pool_symbol(answer->pool, i)->kind == SYMBOL_SERVICE;
    Grpc__Reflection__V1__ListServiceResponse *message =
        arena_alloc(answer->arena, sizeof *message);
    Grpc__Reflection__V1__ServiceResponse *services =
        arena_alloc(answer->arena, count * sizeof *services);
    Grpc__Reflection__V1__ServiceResponse **list =
        arena_alloc(answer->arena, count * sizeof(Grpc__Reflection__V1__ServiceResponse *));
    if (!message || !services || !list)
        return false;
    grpc__reflection__v1__list_service_response__init(message);
    message->service = list;
    for (size_t i = 0; i < symbol_count; i++) {
        const struct descriptor_symbol *symbol = descriptor_pool_symbol(answer->pool, i);
        if (symbol->kind != SYMBOL_SERVICE)
            continue;
        Grpc__Reflection__V1__ServiceResponse *service = &services[message->n_service];
        grpc__reflection__v1__service_response__init(service);
        service->name = message_put_text(answer->arena, symbol->name);
        if (!service->name)
            return false;
        list[message->n_service++] = service;
    }
    answer->response->message_response_case = RESPONSE_CASE(LIST_SERVICES_RESPONSE);
    answer->response->list_services_response = message;
    return true;
}

static bool answer_request(struct answer *answer, const reflection_request *request)
{
    switch (request->message_request_case) {
    case REQUEST_CASE(FILE_BY_FILENAME):
        return answer_filename(answer, message_text(request->file_by_filename));
    case REQUEST_CASE(FILE_CONTAINING_SYMBOL):
        return answer_symbol(answer, message_text(request->file_containing_symbol));
    case REQUEST_CASE(FILE_CONTAINING_EXTENSION):
        return answer_not_found(answer, "extension of",
                                message_text(request->file_containing_extension->containing_type));
    case REQUEST_CASE(ALL_EXTENSION_NUMBERS_OF_TYPE):
        return answer_extension_numbers(answer,
                                        message_text(request->all_extension_numbers_of_type));
    case REQUEST_CASE(LIST_SERVICES):
        return answer_services(answer);
    default:
        return answer_error(answer, ERROR_INVALID_ARGUMENT, "message_request must be stated");
    }
}

bool wire_answer_reflection(const struct descriptor_pool *pool, struct str request,
                            struct arena *arena, struct buffer *out, struct error *error)
{
    reflection_request *message = message_read(&REFLECTION_RULES, request, arena, error);
    if (!message)
        return false;
    reflection_response response;
    grpc__reflection__v1__server_reflection_response__init(&response);
    response.valid_host = message->host;
    response.original_request = message;
    struct answer answer = {pool, arena, &response};
    if (answer_request(&answer, message) && message_append(out, &response.base))
        return true;
    return message_exhausted(arena, error);
}
