/* See truth.h. */
#include "truth.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/banned.h"

bool truth_init(struct truth *truth, const struct entry *const *entries, size_t count,
                struct error *error)
{
    struct collection_garbage *garbage = NULL;
    *truth = (struct truth){.writer = collection_writer_new(NULL)};
    bool built = truth->writer;
    for (size_t i = 0; built && i < count; i++)
        built = collection_insert(truth->writer, entries[i]) != SIZE_MAX;
    built = built && collection_publish(truth->writer, &truth->snapshot, &garbage);
    collection_garbage_free(garbage); /* of the empty snapshot, which nobody has */
    return built || error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the snapshot");
}

void truth_release(struct truth *truth)
{
    collection_writer_free(truth->writer);
    *truth = (struct truth){0};
}

bool truth_search(const struct truth *truth, const struct search_request *request,
                  struct arena *arena, struct search_result *result, struct error *error)
{
    return search_exhaustive(request, &truth->snapshot, arena, result, error);
}

struct field {
    const char *name;
    int64_t expected, found;
};

enum { FIELD_LIMIT = 32 };

static size_t list_fields(const struct match *a, const struct match *b,
                          struct field fields[FIELD_LIMIT])
{
    static const char *const points[CRITERION_COUNT] = {
        "points of skill",      "points of location",   "points of wage",
        "points of occupation", "points of experience", "points of education"};
    size_t count = 0;
#define FIELD(member) fields[count++] = (struct field){#member, a->member, b->member}
    FIELD(rank.score);
    FIELD(pair.score);
    for (int i = 0; i < CRITERION_COUNT; i++)
        fields[count++] = (struct field){points[i], a->pair.points_bp[i], b->pair.points_bp[i]};
    FIELD(pair.fit_sum);
    FIELD(pair.appeal_sum);
    FIELD(pair.fit_bp);
    FIELD(pair.appeal_bp);
    FIELD(pair.penalty);
    FIELD(pair.distance_m);
    FIELD(pair.failed);
    FIELD(pair.softened);
    FIELD(pair.wage_unknown);
    FIELD(entry->sequence);
#undef FIELD
    fields[count++] = (struct field){"rank.tie", (int64_t)a->rank.tie, (int64_t)b->rank.tie};
    return count;
}

static bool match_differs(const struct match *expected, const struct match *found, char *what,
                          size_t what_bytes)
{
    struct field fields[FIELD_LIMIT];
    if (!key_equal(expected->rank.key, found->rank.key)) {
        snprintf(what, what_bytes, "key '%.*s' (score %" PRId32 ") is '%.*s' (score %" PRId32 ")",
                 STR_ARG(expected->rank.key.id), expected->rank.score, STR_ARG(found->rank.key.id),
                 found->rank.score);
        return true;
    }
    size_t count = list_fields(expected, found, fields);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].expected == fields[i].found)
            continue;
        snprintf(what, what_bytes, "key '%.*s': %s %" PRId64 " is %" PRId64,
                 STR_ARG(expected->rank.key.id), fields[i].name, fields[i].expected,
                 fields[i].found);
        return true;
    }
    return false;
}

bool truth_differs(const struct search_result *expected, const struct search_result *found,
                   char *what, size_t what_bytes)
{
    if (expected->match_count != found->match_count) {
        snprintf(what, what_bytes, "%" PRIu32 " matches are %" PRIu32, expected->match_count,
                 found->match_count);
        return true;
    }
    for (uint32_t i = 0; i < expected->match_count; i++) {
        char part[256];
        if (!match_differs(&expected->matches[i], &found->matches[i], part, sizeof part))
            continue;
        snprintf(what, what_bytes, "rank %" PRIu32 ": %s", i + 1, part);
        return true;
    }
    return false;
}
