/* What every test of wire needs: the built-in tables as a model, an arena, and messages written as
 * JSON with single quotes. One test owns one fixture. */
#ifndef HAIHE_TESTS_WIRE_FIXTURE_H
#define HAIHE_TESTS_WIRE_FIXTURE_H

#include <jansson.h>

#include "wire/record_service_message.h"

struct fixture {
    struct model model;
    struct taxonomy *taxonomy;
    struct area_table *areas;
    struct minimum_wage_table *minimum_wages;
    struct arena arena;
    struct buffer out;
    struct error error;
    int32_t today; /* 2026-11-23 */
};

void fixture_init(struct fixture *fixture);
void fixture_release(struct fixture *fixture);

/* Parsed JSON; single quotes stand for double ones. A new reference. */
json_t *fixture_json(const char *text);
/* An encoded message in the arena, from such a text or from JSON (whose reference is taken). */
struct str fixture_message(struct fixture *fixture, const char *message, const char *text);
struct str fixture_encode(struct fixture *fixture, const char *message, json_t *json);
/* What was written to fixture->out, as JSON; empties it. A new reference. */
json_t *fixture_written(struct fixture *fixture, const char *message);

/* Lawful records with every field stated; new references. */
json_t *fixture_vacancy(void);
json_t *fixture_applicant(void);

/* Sets the value at "skills[1].min_level", making what is missing; takes the value's reference. */
void json_put(json_t *root, const char *path, json_t *value);
/* The value at a path, borrowed; NULL when there is none. */
json_t *json_at(const json_t *root, const char *path);

/* Fails the test unless the error is INVALID_ARGUMENT (or what `rule` implies) with this rule,
 * field and value; NULL: not looked at. The text must name field and value. */
void assert_refused(const struct error *error, const char *rule, const char *field,
                    const char *value, const char *context);

#endif
