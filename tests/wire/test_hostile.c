/* Bytes that nobody honest sends: costly, cut off, flipped, nested, merged. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/match_message.h"
#include "wire/random_record.h"
#include "wire/standard_message.h"
#include "wire/status_message.h"

enum { MESSAGE_BYTES = 4 << 20, ARENA_BYTES = 8 << 20, MUTATIONS = 100000 };

/* --- Amplification -------------------------------------------------------------------------- */

/* A request whose field `number` holds nothing but `unit`, over and over. */
static struct str flood(uint32_t number, const char *unit, size_t unit_bytes)
{
    char *bytes = malloc(MESSAGE_BYTES);
    size_t count = (MESSAGE_BYTES - 6) / unit_bytes, inner = count * unit_bytes, length = 0;
    bytes[length++] = (char)(number << 3 | 2);
    for (size_t rest = inner;; rest >>= 7) {
        bytes[length++] = (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        if (rest <= 0x7f)
            break;
    }
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + length + i * unit_bytes, unit, unit_bytes);
    return (struct str){bytes, (uint32_t)(length + inner)};
}

struct costly {
    const char *name, *unit;
    size_t unit_bytes;
};

/* Ways to make a few bytes cost many: empty messages, empty texts, unknown fields, one message in
 * many pieces that have to be merged. */
static const struct costly COSTLY[] = {
    {"empty skills", "\x2a\x00", 2},
    {"empty places", "\x32\x00", 2},
    {"places with empty points", "\x32\x02\x0a\x00", 4},
    {"empty tags", "\x92\x01\x00\x92\x01\x00", 6},
    {"employment types", "\x48\x01", 2},
    {"unknown fields", "\xf8\x07\x01\x01", 4},
    {"one salary in pieces", "\x42\x02\x28\x0d", 4},
};

Test(hostile, a_costly_message_is_refused_within_the_limit)
{
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof COSTLY / sizeof COSTLY[0]; i++) {
        struct str request = flood(2, COSTLY[i].unit, COSTLY[i].unit_bytes);
        struct arena arena;
        arena_init(&arena, ARENA_BYTES);
        struct change_request change;
        struct error error = {0};
        bool read = wire_read_apply(&f.model, request, f.today, &arena, &change, &error);
        cr_assert_not(read, "%s", COSTLY[i].name);
        cr_assert_leq(arena.total_bytes, ARENA_BYTES, "%s", COSTLY[i].name);
        bool exhausted = error.code == ERROR_RESOURCE_EXHAUSTED;
        if (exhausted) {
            cr_assert_str_eq(error.rule, "message_too_costly");
            cr_assert(strstr(error.text, "8388608"), "the limit is named: %s", error.text);
        } else { /* it fitted: then its contents are refused */
            cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT, "%s: %s", COSTLY[i].name, error.text);
        }
        cr_assert(exhausted || i > 3, "%s: %s", COSTLY[i].name, error.text);
        arena_release(&arena);
        free((char *)request.data);
    }
    fixture_release(&f);
}

Test(hostile, a_request_within_the_limits_fits_the_arena)
{
    struct fixture f;
    fixture_init(&f);
    json_t *record = fixture_vacancy();
    char *description = malloc(16385);
    memset(description, 'x', 16384);
    description[16384] = '\0';
    json_put(record, "description", json_string(description));
    json_t *skills = json_array();
    for (int i = 0; i < 64; i++) {
        char name[201];
        snprintf(name, sizeof name, "%0200d", i);
        json_t *skill = json_object();
        json_object_set_new(skill, "skill", json_string(name));
        json_array_append_new(skills, skill);
    }
    json_put(record, "skills", skills);
    json_t *request = json_object();
    json_object_set_new(request, "upsert_vacancy", record);
    struct str bytes = fixture_encode(&f, "haihe.v1.ApplyRequest", request);
    struct arena arena;
    arena_init(&arena, 256 << 10);
    struct change_request change;
    cr_assert(wire_read_apply(&f.model, bytes, f.today, &arena, &change, &f.error), "%s",
              f.error.text);
    free(description);
    arena_release(&arena);
    fixture_release(&f);
}

/* --- Mutations ------------------------------------------------------------------------------ */

/* Every reader of requests, and of what a client gets. */
static void read_everything(struct fixture *f, struct str bytes, size_t reader)
{
    struct change_request change;
    struct match_request match;
    struct explain_request explain;
    struct get_request get;
    struct list_request list;
    struct str service;
    struct error error = {0};
    bool read = true;
    switch (reader) {
    case 0:
        read = wire_read_apply(&f->model, bytes, f->today, &f->arena, &change, &error);
        if (read && change.kind == CHANGE_UPSERT)
            cr_assert(change.record == RECORD_VACANCY
                          ? vacancy_validate(&change.vacancy, &error)
                          : applicant_validate(&change.applicant, &error),
                      "%s", error.text);
        break;
    case 1:
        read =
            wire_read_match(&f->model, RANK_VACANCIES, bytes, f->today, &f->arena, &match, &error);
        break;
    case 2:
        read =
            wire_read_match(&f->model, RANK_APPLICANTS, bytes, f->today, &f->arena, &match, &error);
        break;
    case 3:
        read = wire_read_explain(&f->model, bytes, f->today, &f->arena, &explain, &error);
        break;
    case 4:
        read = wire_read_batch_get(bytes, &f->arena, &get, &error) &&
               wire_read_get(bytes, &f->arena, &get, &error) &&
               wire_read_list(bytes, &f->arena, &list, &error) &&
               wire_read_health_check(bytes, &f->arena, &service, &error);
        break;
    default: {
        struct error status;
        wire_read_status(bytes, &f->arena, &status);
        json_t *json = wire_json_decode("haihe.v1.Record", bytes, false, &f->arena, &error);
        read = json != NULL;
        json_decref(json);
    }
    }
    cr_assert(read || (error.code != ERROR_OK && error.text[0] != '\0'));
}

enum { READER_COUNT = 6 };

/* A message that the reader of this number accepts. */
static struct str lawful(struct fixture *f, struct rng *rng, size_t reader)
{
    json_t *vacancy = random_vacancy(rng, &f->model), *applicant = random_applicant(rng, &f->model);
    const char *message = "haihe.v1.Record";
    json_t *request = json_object();
    bool first = rng_below(rng, 2);
    switch (reader) {
    case 0:
        message = "haihe.v1.ApplyRequest";
        json_object_set(request, first ? "upsert_vacancy" : "upsert_applicant",
                        first ? vacancy : applicant);
        break;
    case 1:
        message = "haihe.v1.MatchVacanciesRequest";
        json_object_set(request, "applicant", applicant);
        json_object_set_new(request, "options",
                            fixture_json("{'filter': {'tags': ['x'], 'occupations': [{'code':"
                                         " '1'}]}, 'soft_gates': [{'gate': 5, 'penalty': 3}],"
                                         " 'weights': {'skill': 1000}}"));
        break;
    case 2:
        message = "haihe.v1.MatchApplicantsRequest";
        json_object_set(request, "vacancy", vacancy);
        break;
    case 3:
        message = "haihe.v1.ExplainRequest";
        json_object_set(request, "vacancy", vacancy);
        json_object_set(request, "applicant", applicant);
        break;
    case 4:
        message = "haihe.v1.BatchGetRequest";
        json_decref(request);
        request = fixture_json("{'kind': 1, 'keys': [{'platform': 'p', 'id': 'i'}, {}]}");
        break;
    default:
        json_object_set(request, first ? "vacancy" : "applicant", first ? vacancy : applicant);
    }
    json_decref(vacancy);
    json_decref(applicant);
    return fixture_encode(f, message, request);
}

/* Flips bits, overwrites bytes, cuts off, doubles a part. */
static struct str mutated(struct rng *rng, struct str bytes, char *room, size_t room_bytes)
{
    uint32_t length = bytes.length;
    memcpy(room, bytes.data, length);
    size_t changes = 1 + rng_below(rng, 4);
    for (size_t i = 0; i < changes && length > 0; i++) {
        size_t at = rng_below(rng, length);
        switch (rng_below(rng, 5)) {
        case 0:
            room[at] = (char)(room[at] ^ 1 << rng_below(rng, 8));
            break;
        case 1:
            room[at] = (char)rng_next(rng);
            break;
        case 2:
            length = (uint32_t)at;
            break;
        case 3:
            room[at] = (char)0xff;
            break;
        default: {
            size_t part = rng_below(rng, length - at) + 1;
            if (length + part > room_bytes)
                break;
            memmove(room + at + part, room + at, length - at);
            length += (uint32_t)part;
        }
        }
    }
    return (struct str){room, length};
}

Test(hostile, mutated_messages_never_crash, .timeout = 600)
{
    const uint64_t seed = 20261127;
    fprintf(stderr, "hostile: seed %" PRIu64 ", %d mutations\n", seed, MUTATIONS);
    enum { ROOM_BYTES = 1 << 16, ROUNDS_EACH = 100 };
    struct rng rng;
    rng_init(&rng, seed);
    struct fixture f;
    fixture_init(&f);
    char *room = malloc(ROOM_BYTES), *kept = malloc(ROOM_BYTES);
    for (size_t i = 0; i < MUTATIONS / ROUNDS_EACH; i++) {
        size_t reader = i % READER_COUNT;
        struct str bytes = lawful(&f, &rng, reader);
        cr_assert_lt(bytes.length, ROOM_BYTES / 2);
        memcpy(kept, bytes.data, bytes.length);
        bytes.data = kept;
        for (int round = 0; round < ROUNDS_EACH; round++) {
            arena_clear(&f.arena);
            read_everything(&f, mutated(&rng, bytes, room, ROOM_BYTES), reader);
        }
    }
    free(room);
    free(kept);
    fixture_release(&f);
}

Test(hostile, a_message_cut_anywhere_never_crashes)
{
    struct fixture f;
    fixture_init(&f);
    struct rng rng;
    rng_init(&rng, 20261128);
    for (size_t reader = 0; reader < READER_COUNT; reader++) {
        struct str bytes = lawful(&f, &rng, reader);
        for (uint32_t length = 0; length <= bytes.length; length++) {
            /* A block of exactly this size: reading beyond it is seen by AddressSanitizer. */
            char *exact = malloc(length ? length : 1);
            memcpy(exact, bytes.data, length);
            read_everything(&f, (struct str){exact, length}, reader);
            free(exact);
        }
        arena_clear(&f.arena);
    }
    fixture_release(&f);
}

Test(hostile, every_small_arena_ends_in_resource_exhausted)
{
    struct fixture f;
    fixture_init(&f);
    json_t *vacancy = json_object(), *applicant = json_object();
    json_object_set_new(vacancy, "upsert_vacancy", fixture_vacancy());
    json_object_set_new(applicant, "upsert_applicant", fixture_applicant());
    struct str requests[] = {
        fixture_encode(&f, "haihe.v1.ApplyRequest", vacancy),
        fixture_encode(&f, "haihe.v1.ApplyRequest", applicant),
        fixture_message(&f, "haihe.v1.MatchVacanciesRequest",
                        "{'applicant_key': {'platform': 'p', 'id': 'i'}, 'options': {'filter':"
                        " {'platforms': ['p'], 'tags': ['t'], 'area_codes': ['1'],"
                        " 'organizations': ['招聘'], 'occupations': [{'code': '1'}]}}}"),
        fixture_message(&f, "haihe.v1.GetRequest",
                        "{'kind': 1, 'key': {'platform': 'p', 'id': 'i'}}"),
    };
    for (size_t i = 0; i < 4; i++) {
        bool read = false;
        for (size_t limit = 16; !read; limit += 16) {
            cr_assert_lt(limit, 100000);
            struct arena small;
            arena_init(&small, limit);
            struct change_request change;
            struct match_request match;
            struct get_request get;
            struct error error = {0};
            if (i < 2)
                read = wire_read_apply(&f.model, requests[i], f.today, &small, &change, &error);
            else if (i == 2)
                read = wire_read_match(&f.model, RANK_VACANCIES, requests[i], f.today, &small,
                                       &match, &error);
            else
                read = wire_read_get(requests[i], &small, &get, &error);
            cr_assert(read || error.code == ERROR_RESOURCE_EXHAUSTED, "%zu bytes: %s", limit,
                      error.text);
            arena_release(&small);
        }
    }
    fixture_release(&f);
}
