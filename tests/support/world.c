#include "support/world.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "wire/json_message.h"

static const struct str PRIORITY_GROUPS[] = {{"graduate", 8}, {"veteran", 7}};

static int64_t read_wall_ms(void *context)
{
    struct world *world = context;
    return atomic_load(&world->wall_ms);
}

struct clock world_clock(struct world *world)
{
    return (struct clock){.wall_ms = read_wall_ms, .context = world};
}

void world_set_date(struct world *world, const char *date)
{
    int32_t day;
    cr_assert(date_parse(str_of(date), &day));
    atomic_store(&world->wall_ms, ((int64_t)day * 24 + 12 - 8) * 3600 * 1000);
}

void world_init_tables(struct world *world)
{
    struct error error = {0};
    setenv("TZ", "CST-8", 1);
    tzset();
    *world = (struct world){.taxonomy = taxonomy_builtin(&error),
                            .areas = area_table_builtin(&error),
                            .minimum_wages = minimum_wage_builtin(&error)};
    cr_assert(world->taxonomy && world->areas && world->minimum_wages, "%s", error.text);
    world->model = (struct model){.taxonomy = world->taxonomy,
                                  .areas = world->areas,
                                  .minimum_wages = world->minimum_wages,
                                  .currencies = {.home = "CNY"},
                                  .priority_groups = {PRIORITY_GROUPS, 2}};
    world->profiles[0] = profile_default();
    world->profiles[1] = profile_lab();
    world_set_date(world, "2026-11-23");
}

void world_init(struct world *world, const struct engine_options *given)
{
    struct error error = {0};
    world_init_tables(world);
    struct engine_options options = given ? *given : (struct engine_options){0};
    options.model = &world->model;
    options.profiles = world->profiles;
    options.profile_count = 2;
    options.clock = world_clock(world);
    options.worker_count = options.worker_count ? options.worker_count : 2;
    options.query_queue_limit = options.query_queue_limit ? options.query_queue_limit : 1024;
    options.change_queue_limit = options.change_queue_limit ? options.change_queue_limit : 1024;
    options.group_limit = options.group_limit ? options.group_limit : 100;
    options.request_arena_bytes =
        options.request_arena_bytes ? options.request_arena_bytes : 16 << 20;
    world->engine = engine_new(&options, &error);
    cr_assert(world->engine, "%s", error.text);
}

void world_release(struct world *world)
{
    engine_free(world->engine);
    taxonomy_free(world->taxonomy);
    area_table_free(world->areas);
    minimum_wage_free(world->minimum_wages);
}

/* --- Messages ------------------------------------------------------------------------------- */

static struct bytes encode_text(const char *message, char *text)
{
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_error_t failed;
    json_t *json = json_loads(text, 0, &failed);
    cr_assert(json, "%s in %s", failed.text, text);
    struct arena arena;
    struct buffer out;
    struct error error = {0};
    arena_init(&arena, 64 << 20);
    buffer_init(&out, 64 << 20);
    cr_assert(wire_json_encode(message, json, &arena, &out, &error), "%s", error.text);
    struct bytes bytes = {malloc(out.length_bytes + 1), out.length_bytes};
    if (out.length_bytes > 0)
        memcpy(bytes.data, out.data, out.length_bytes);
    buffer_release(&out);
    arena_release(&arena);
    json_decref(json);
    return bytes;
}

struct bytes world_encode(const char *message, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    cr_assert(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    struct bytes bytes = encode_text(message, text);
    free(text);
    return bytes;
}

json_t *world_decode(const char *message, const void *data, size_t size_bytes)
{
    struct arena arena;
    struct error error = {0};
    arena_init(&arena, 64 << 20);
    json_t *json =
        wire_json_decode(message, (struct str){data, (uint32_t)size_bytes}, false, &arena, &error);
    cr_assert(json, "%s: %s", message, error.text);
    arena_release(&arena);
    return json;
}

json_t *world_at(const json_t *root, const char *path)
{
    const json_t *here = root;
    while (here && *path) {
        char name[64];
        size_t length = strcspn(path, ".[");
        cr_assert(length < sizeof name);
        memcpy(name, path, length);
        name[length] = '\0';
        here = length > 0 ? json_object_get(here, name) : here;
        path += length;
        if (*path == '[') {
            here = json_array_get(here, (size_t)strtoul(path + 1, (char **)&path, 10));
            path++; /* the closing bracket */
        }
        path += *path == '.';
    }
    return (json_t *)here;
}

int64_t world_number(const json_t *root, const char *path)
{
    const json_t *value = world_at(root, path);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

const char *world_text(const json_t *root, const char *path)
{
    const char *text = json_string_value(world_at(root, path));
    return text ? text : "";
}

struct bytes world_put_vacancy(const char *id, const char *more)
{
    return world_encode(
        "haihe.v1.ApplyRequest",
        "{'request_id': 7, 'upsert_vacancy': {'key': {'platform': 'tj', 'id': '%s'},"
        "'title': 'CNC operator', 'skills': [{'skill': 'test-skill', 'importance': 4}],"
        "'job_locations': [{'area_code': '120101'}],"
        "'base_salary': {'min_amount': 600000, 'max_amount': 900000, 'unit': 'PAY_UNIT_MONTH'},"
        "'hiring_organization': 'Haihe Works', 'total_job_openings': 3,"
        "'valid_through': '2099-12-31'%s%s}}",
        id, *more ? "," : "", more);
}

struct bytes world_put_applicant(const char *id, const char *more)
{
    return world_encode(
        "haihe.v1.ApplyRequest",
        "{'request_id': 8, 'upsert_applicant': {'key': {'platform': 'tj', 'id': '%s'},"
        "'skills': [{'skill': 'test-skill', 'level': 4}], 'home': {'area_code': '120101'},"
        "'max_distance_m': 20000, 'consent': {'matching': true, 'visible_to_employers': true}"
        "%s%s}}",
        id, *more ? "," : "", more);
}

struct bytes world_delete(enum record_kind kind, const char *id)
{
    return world_encode("haihe.v1.ApplyRequest",
                        "{'request_id': 9, 'delete': {'kind': %d, 'key': {'platform': 'tj', "
                        "'id': '%s'}}}",
                        (int)kind, id);
}

/* --- Jobs ----------------------------------------------------------------------------------- */

struct waiting_change {
    struct change_job job;
    sem_t done;
};

static void change_done(struct change_job *job)
{
    sem_post(&((struct waiting_change *)job)->done);
}

json_t *world_apply(struct world *world, struct bytes request)
{
    struct waiting_change change = {
        .job = {.request = {request.data, (uint32_t)request.size_bytes}, .done = change_done}};
    sem_init(&change.done, 0, 0);
    cr_assert(engine_submit_change(world->engine, &change.job));
    while (sem_wait(&change.done) != 0)
        ;
    sem_destroy(&change.done);
    cr_assert(change.job.response);
    json_t *response =
        world_decode("haihe.v1.ApplyResponse", change.job.response, change.job.response_bytes);
    memory_free(change.job.response);
    free(request.data);
    return response;
}

uint64_t world_must_apply(struct world *world, struct bytes request)
{
    json_t *response = world_apply(world, request);
    int64_t sequence = world_number(response, "applied.sequence");
    cr_assert_gt(sequence, 0, "%s", json_dumps(response, 0));
    json_decref(response);
    return (uint64_t)sequence;
}

struct waiting_query {
    struct query_job job;
    void (*body)(void *context, const struct engine_view *view);
    void *context;
    sem_t done;
};

static void query_run(struct query_job *job, const struct engine_view *view)
{
    struct waiting_query *query = (struct waiting_query *)job;
    query->body(query->context, view);
}

static void query_done(struct query_job *job)
{
    sem_post(&((struct waiting_query *)job)->done);
}

void world_query(struct world *world, void (*body)(void *context, const struct engine_view *view),
                 void *context)
{
    struct waiting_query query = {
        .job = {.run = query_run, .done = query_done}, .body = body, .context = context};
    sem_init(&query.done, 0, 0);
    cr_assert(engine_submit_query(world->engine, &query.job));
    while (sem_wait(&query.done) != 0)
        ;
    sem_destroy(&query.done);
}
