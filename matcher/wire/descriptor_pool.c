/* See descriptor_pool.h. A pool is read twice: first to count files, dependencies and symbols, then
 * to fill arrays of that size; both passes run the same routines. Thread: one while it is made.
 */
#include "wire/descriptor_pool.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"
#include "wire/raw.h"
#include "wire/standard_message.h"

#include "base/banned.h"

/* Made by tools/build/embed.sh. */
extern const char embedded_descriptors_binpb[], embedded_descriptors_binpb_end[];

/* Field numbers of google/protobuf/descriptor.proto. */
enum {
    SET_FILE = 1,
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_DEPENDENCY = 3,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SERVICE = 6,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    MESSAGE_ONEOF = 8,
    ENUM_VALUE = 2,
    SERVICE_METHOD = 2,
    ANY_NAME = 1, /* of every one of these */
};

enum {
    NESTING_LIMIT = 16, /* protoc allows 32; nobody nests messages so deep */
    POOL_LIMIT_BYTES = 16 * 1024 * 1024,
};

struct descriptor_pool {
    struct arena arena; /* everything below */
    struct descriptor_file *files;
    struct descriptor_symbol *symbols; /* sorted by name */
    size_t file_count, symbol_count;
};

/* One pass over the set. */
struct pass {
    struct descriptor_pool *pool;
    bool is_filling; /* else counting */
    bool failed;     /* malformed, or no memory */
    size_t file_index;
};

/* The next field with contents; false at the end. */
static bool next_bytes(struct pass *pass, struct str *rest, struct raw_field *field)
{
    for (;;) {
        enum raw_result result = raw_next(rest, field);
        pass->failed |= result == RAW_MALFORMED;
        if (result != RAW_FIELD)
            return false;
        if (field->type == RAW_BYTES)
            return true;
    }
}

/* The contents of the last field with this number; "" when there is none. */
static struct str find_bytes(struct pass *pass, struct str message, uint32_t number)
{
    struct str found = {NULL, 0};
    struct raw_field field;
    while (next_bytes(pass, &message, &field))
        if (field.number == number)
            found = field.bytes;
    return found;
}

/* "scope.name" in the pool's arena; `scope` may be empty. */
static struct str join(struct pass *pass, struct str scope, struct str name)
{
    char *joined = arena_alloc(&pass->pool->arena, (size_t)scope.length + 1 + name.length);
    if (!joined) {
        pass->failed = true;
        return (struct str){NULL, 0};
    }
    uint32_t length = 0;
    if (scope.length > 0) {
        memcpy(joined, scope.data, scope.length);
        length = scope.length;
        joined[length++] = '.';
    }
    if (name.length > 0)
        memcpy(joined + length, name.data, name.length);
    return (struct str){joined, length + name.length};
}

/* Enters what `described` (any descriptor) is called; its full name. */
static struct str add_symbol(struct pass *pass, struct str scope, struct str described,
                             enum symbol_kind kind)
{
    struct descriptor_pool *pool = pass->pool;
    size_t index = pool->symbol_count++;
    if (!pass->is_filling)
        return (struct str){NULL, 0};
    struct str name = join(pass, scope, find_bytes(pass, described, ANY_NAME));
    pool->symbols[index] = (struct descriptor_symbol){name, kind, pass->file_index};
    return name;
}

/* Values of an enum are named beside it, not inside. */
static void add_enum(struct pass *pass, struct str scope, struct str described)
{
    add_symbol(pass, scope, described, SYMBOL_OTHER);
    struct raw_field field;
    while (next_bytes(pass, &described, &field))
        if (field.number == ENUM_VALUE)
            add_symbol(pass, scope, field.bytes, SYMBOL_OTHER);
}

static void add_message(struct pass *pass, struct str scope, struct str described, int depth)
{
    if (depth > NESTING_LIMIT) {
        pass->failed = true;
        return;
    }
    struct str name = add_symbol(pass, scope, described, SYMBOL_MESSAGE);
    struct raw_field field;
    while (next_bytes(pass, &described, &field)) {
        if (field.number == MESSAGE_FIELD || field.number == MESSAGE_ONEOF)
            add_symbol(pass, name, field.bytes, SYMBOL_OTHER);
        else if (field.number == MESSAGE_NESTED)
            add_message(pass, name, field.bytes, depth + 1);
        else if (field.number == MESSAGE_ENUM)
            add_enum(pass, name, field.bytes);
    }
}

static void add_service(struct pass *pass, struct str scope, struct str described)
{
    struct str name = add_symbol(pass, scope, described, SYMBOL_SERVICE);
    struct raw_field field;
    while (next_bytes(pass, &described, &field))
        if (field.number == SERVICE_METHOD)
            add_symbol(pass, name, field.bytes, SYMBOL_OTHER);
}

static void add_dependencies(struct pass *pass, struct descriptor_file *file)
{
    size_t count = 0;
    struct raw_field field;
    for (struct str rest = file->bytes; next_bytes(pass, &rest, &field);)
        count += field.number == FILE_DEPENDENCY;
    struct str *depends = arena_alloc_zeroed(&pass->pool->arena, count, sizeof *depends);
    if (!depends) {
        pass->failed = true;
        return;
    }
    for (struct str rest = file->bytes; next_bytes(pass, &rest, &field);)
        if (field.number == FILE_DEPENDENCY)
            depends[file->depend_count++] = field.bytes;
    file->depends = depends;
}

static void add_file(struct pass *pass, struct str described)
{
    struct descriptor_pool *pool = pass->pool;
    pass->file_index = pool->file_count++;
    if (pass->is_filling) {
        struct descriptor_file *file = &pool->files[pass->file_index];
        *file = (struct descriptor_file){.name = find_bytes(pass, described, FILE_NAME),
                                         .bytes = described};
        add_dependencies(pass, file);
    }
    struct str package = find_bytes(pass, described, FILE_PACKAGE);
    struct raw_field field;
    while (next_bytes(pass, &described, &field)) {
        if (field.number == FILE_MESSAGE)
            add_message(pass, package, field.bytes, 0);
        else if (field.number == FILE_ENUM)
            add_enum(pass, package, field.bytes);
        else if (field.number == FILE_SERVICE)
            add_service(pass, package, field.bytes);
    }
}

/* False when the set is malformed or memory is short. */
static bool run_pass(struct descriptor_pool *pool, struct str file_set, bool is_filling)
{
    struct pass pass = {.pool = pool, .is_filling = is_filling};
    pool->file_count = pool->symbol_count = 0;
    struct raw_field field;
    while (next_bytes(&pass, &file_set, &field))
        if (field.number == SET_FILE)
            add_file(&pass, field.bytes);
    return !pass.failed;
}

static int compare_symbols(const void *a, const void *b)
{
    const struct descriptor_symbol *left = a, *right = b;
    return str_compare(left->name, right->name);
}

static bool fill_pool(struct descriptor_pool *pool, struct str file_set)
{
    if (!run_pass(pool, file_set, false))
        return false;
    pool->files = arena_alloc_zeroed(&pool->arena, pool->file_count, sizeof *pool->files);
    pool->symbols = arena_alloc_zeroed(&pool->arena, pool->symbol_count, sizeof *pool->symbols);
    if (!pool->files || !pool->symbols || !run_pass(pool, file_set, true))
        return false;
    qsort(pool->symbols, pool->symbol_count, sizeof *pool->symbols, compare_symbols);
    return true;
}

struct descriptor_pool *descriptor_pool_new(struct str file_set, struct error *error)
{
    struct descriptor_pool *pool = memory_try_zeroed(1, sizeof *pool);
    if (pool)
        arena_init(&pool->arena, POOL_LIMIT_BYTES);
    if (pool && fill_pool(pool, file_set))
        return pool;
    descriptor_pool_free(pool);
    error_set(error, ERROR_INTERNAL,
              "%u bytes of file descriptors cannot be indexed, or there is no memory for it",
              file_set.length);
    return NULL;
}

struct descriptor_pool *descriptor_pool_builtin(struct error *error)
{
    size_t length = (size_t)(embedded_descriptors_binpb_end - embedded_descriptors_binpb);
    return descriptor_pool_new((struct str){embedded_descriptors_binpb, (uint32_t)length}, error);
}

void descriptor_pool_free(struct descriptor_pool *pool)
{
    if (pool)
        arena_release(&pool->arena);
    memory_free(pool);
}

size_t descriptor_pool_file_count(const struct descriptor_pool *pool)
{
    return pool->file_count;
}

const struct descriptor_file *descriptor_pool_file(const struct descriptor_pool *pool, size_t index)
{
    return &pool->files[index];
}

size_t descriptor_pool_find_file(const struct descriptor_pool *pool, struct str name)
{
    for (size_t i = 0; i < pool->file_count; i++)
        if (str_equal(pool->files[i].name, name))
            return i;
    return SIZE_MAX;
}

size_t descriptor_pool_symbol_count(const struct descriptor_pool *pool)
{
    return pool->symbol_count;
}

const struct descriptor_symbol *descriptor_pool_symbol(const struct descriptor_pool *pool,
                                                       size_t index)
{
    return &pool->symbols[index];
}

const struct descriptor_symbol *descriptor_pool_find_symbol(const struct descriptor_pool *pool,
                                                            struct str name)
{
    if (name.length > 0 && name.data[0] == '.')
        name = (struct str){name.data + 1, name.length - 1};
    struct descriptor_symbol wanted = {.name = name};
    return bsearch(&wanted, pool->symbols, pool->symbol_count, sizeof wanted, compare_symbols);
}
