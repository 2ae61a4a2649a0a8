/* An engine that runs over the built-in tables, with a clock that the test turns, and messages
 * written as JSON with single quotes. For tests of engine/ and server/. */
#ifndef HAIHE_TESTS_SUPPORT_WORLD_H
#define HAIHE_TESTS_SUPPORT_WORLD_H

#include <jansson.h>

#include "engine/engine.h"

struct world {
    struct model model;
    struct taxonomy *taxonomy;
    struct area_table *areas;
    struct minimum_wage_table *minimum_wages;
    struct profile profiles[2]; /* default, lab */
    _Atomic int64_t wall_ms;
    struct engine *engine;
};

/* At noon of 2026-11-23 in Tianjin. Fields of `options` that are not 0 replace the test's own: two
 * workers, queues of 1024, groups of 100, 16 MiB a request. NULL: none. */
void world_init(struct world *world, const struct engine_options *options);
/* The tables alone; engine is NULL. For tests that bring their own threads. */
void world_init_tables(struct world *world);
void world_release(struct world *world);
/* Noon of "2026-11-24". */
void world_set_date(struct world *world, const char *date);
struct clock world_clock(struct world *world);

/* An encoded message on the heap: free() it. */
struct bytes {
    char *data;
    size_t size_bytes;
};
struct bytes world_encode(const char *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A new reference. */
json_t *world_decode(const char *message, const void *data, size_t size_bytes);
/* The value at "applied.sequence" or "skills[1].level", borrowed; NULL when there is none. */
json_t *world_at(const json_t *root, const char *path);
/* The same as a number, -1 when there is none; as text, "" when there is none. */
int64_t world_number(const json_t *root, const char *path);
const char *world_text(const json_t *root, const char *path);

/* ApplyRequests. `more` is JSON of further fields of the record, which win: "'title': ''"; or "".
 */
struct bytes world_put_vacancy(const char *id, const char *more);
struct bytes world_put_applicant(const char *id, const char *more);
struct bytes world_delete(enum record_kind kind, const char *id);

/* Has the writer make the change and waits; the ApplyResponse as a new reference. Frees request. */
json_t *world_apply(struct world *world, struct bytes request);
/* As above; the change must be applied. Its sequence. */
uint64_t world_must_apply(struct world *world, struct bytes request);

/* Runs `body` as a query on a worker and waits. */
void world_query(struct world *world, void (*body)(void *context, const struct engine_view *view),
                 void *context);

#endif
