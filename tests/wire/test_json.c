/* Every message type: bytes -> JSON -> bytes is the identity on random messages, made by descriptor
 * without the code under test. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "wire/base64.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/json_shape.h"
#include "wire/message.h"
#include "wire/message_table.h"

/* --- Random messages ------------------------------------------------------------------------ */

struct maker {
    struct rng rng;
    struct arena *arena;
};

static ProtobufCMessage *make_message(struct maker *maker, const ProtobufCMessageDescriptor *type);

static char *make_text(struct maker *maker)
{
    static const char *const TEXTS[] = {
        "x", "焊接", "\"quoted\" \\ /", "tab\tand\nline", "𝄞", "\x01\x1f\x7f", "9", "true", "null"};
    struct str text = str_of(TEXTS[rng_below(&maker->rng, sizeof TEXTS / sizeof TEXTS[0])]);
    return (char *)arena_copy(maker->arena, text).data;
}

static double make_real(struct maker *maker)
{
    static const double REALS[] = {1, -1.5, 1e300, 5e-324, 0.1, INFINITY, -INFINITY, 39.1234567};
    return REALS[rng_below(&maker->rng, sizeof REALS / sizeof REALS[0])];
}

/* Often at the ends of the range, never 0: a oneof member aside, 0 is the same as absent. */
static uint64_t make_bits(struct maker *maker)
{
    static const uint64_t BITS[] = {1,         2,          INT32_MAX,  UINT32_MAX,
                                    INT64_MAX, UINT64_MAX, 0x80000001, UINT64_C(1) << 63 | 1};
    return rng_below(&maker->rng, 2) ? BITS[rng_below(&maker->rng, 8)] : rng_next(&maker->rng) | 1;
}

static void make_value(struct maker *maker, const ProtobufCFieldDescriptor *field, void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)at = make_text(maker);
        break;
    case PROTOBUF_C_TYPE_BYTES: {
        size_t length = rng_below(&maker->rng, 9);
        uint8_t *bytes = arena_alloc(maker->arena, length);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)rng_next(&maker->rng);
        *(ProtobufCBinaryData *)at = (ProtobufCBinaryData){length, bytes};
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)at = make_message(maker, field->descriptor);
        break;
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *values = field->descriptor;
        bool is_known = rng_below(&maker->rng, 4) > 0;
        *(int *)at = is_known ? values->values[rng_below(&maker->rng, values->n_values)].value : 99;
        break;
    }
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)at = 1;
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)at = make_real(maker);
        break;
    default: {
        uint64_t bits = make_bits(maker);
        memcpy(at, &bits, json_value_bytes(field->type));
    }
    }
}

static void make_list(struct maker *maker, const ProtobufCMessageDescriptor *type,
                      const ProtobufCFieldDescriptor *field, char *base)
{
    size_t count = rng_below(&maker->rng, 4), size = json_value_bytes(field->type);
    /* Two equal keys of a map would become one. */
    if (json_is_map(type, field) && count > 1)
        count = 1;
    char *items = arena_alloc_zeroed(maker->arena, count, size);
    for (size_t i = 0; i < count; i++)
        make_value(maker, field, items + i * size);
    *(size_t *)(void *)(base + field->quantifier_offset) = count;
    *(char **)(void *)(base + field->offset) = items;
}

static ProtobufCMessage *make_message(struct maker *maker, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(maker->arena, type->sizeof_message);
    protobuf_c_message_init(type, message);
    char *base = (char *)message;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (rng_below(&maker->rng, 3) == 0)
            continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            make_list(maker, type, field, base);
            continue;
        }
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
            uint32_t *set_case = (uint32_t *)(void *)(base + field->quantifier_offset);
            if (*set_case != 0)
                continue;
            *set_case = field->id;
        }
        make_value(maker, field, base + field->offset);
    }
    return message;
}

Test(json, every_message_survives_json_and_back)
{
    const uint64_t seed = 20261126;
    fprintf(stderr, "json: seed %" PRIu64 "\n", seed);
    struct fixture f;
    fixture_init(&f);
    struct maker maker = {.arena = &f.arena};
    rng_init(&maker.rng, seed);
    for (const ProtobufCMessageDescriptor *const *type = message_all(); *type; type++) {
        for (int round = 0; round < 200; round++) {
            struct str bytes = message_encode(make_message(&maker, *type), &f.arena);
            json_t *json = wire_json_decode((*type)->name, bytes, round % 2, &f.arena, &f.error);
            cr_assert(json, "%s: %s", (*type)->name, f.error.text);
            /* Through text, as a file would hold it. */
            char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
            json_decref(json);
            json = json_loads(text, 0, NULL);
            cr_assert(json, "%s", text);
            buffer_clear(&f.out);
            cr_assert(wire_json_encode((*type)->name, json, &f.arena, &f.out, &f.error), "%s: %s",
                      text, f.error.text);
            cr_assert(str_equal(buffer_borrow(&f.out), bytes), "%s: %s", (*type)->name, text);
            free(text);
            json_decref(json);
            arena_clear(&f.arena);
        }
    }
    fixture_release(&f);
}

/* --- Reading -------------------------------------------------------------------------------- */

static void assert_same_bytes(struct fixture *f, const char *message, const char *a, const char *b)
{
    struct str left = fixture_message(f, message, a), right = fixture_message(f, message, b);
    cr_assert(str_equal(left, right), "%s: %s is not %s", message, a, b);
}

Test(json, names_numbers_and_enums_are_read_in_several_forms)
{
    struct fixture f;
    fixture_init(&f);
    assert_same_bytes(&f, "haihe.v1.Vacancy", "{'totalJobOpenings': 3, 'jobLocations': null}",
                      "{'total_job_openings': 3.0}");
    assert_same_bytes(&f, "haihe.v1.Salary", "{'minAmount': '600000', 'unit': 4}",
                      "{'min_amount': 6e5, 'unit': 'PAY_UNIT_MONTH'}");
    assert_same_bytes(&f, "haihe.v1.Cursor", "{'tie': '18446744073709551615'}",
                      "{'tie': 1, 'tie': '18446744073709551615'}");
    assert_same_bytes(&f, "haihe.v1.GeoPoint", "{'latitude': 39}", "{'latitude': 39.0}");
    assert_same_bytes(&f, "haihe.v1.Applicant", "{'monthsOfExperience': 0}",
                      "{'months_of_experience': 0}");
    assert_same_bytes(&f, "google.protobuf.Any", "{'value': 'ab-_'}", "{'value': 'ab+/'}");
    assert_same_bytes(&f, "google.protobuf.Any", "{'value': 'YQ'}", "{'value': 'YQ=='}");
    fixture_release(&f);
}

struct refusal {
    const char *message, *json, *rule, *field, *value;
};

Test(json, what_does_not_fit_is_refused_by_rule_field_and_value)
{
    static const struct refusal CASES[] = {
        {"haihe.v1.Vacancy", "{'titel': 'x'}", "unknown_field", "titel", ""},
        {"haihe.v1.Vacancy", "{'skills': [{}, {'level': 3}]}", "unknown_field", "skills[1].level",
         ""},
        {"haihe.v1.Vacancy", "{'job_locations': [{'point': {'lat': 3}}]}", "unknown_field",
         "job_locations[0].point.lat", ""},
        {"haihe.v1.Vacancy", "{'title': 3}", "wrong_type", "title", "a number"},
        {"haihe.v1.Vacancy", "{'title': {}}", "wrong_type", "title", "an object"},
        {"haihe.v1.Vacancy", "{'tags': ['a', true]}", "wrong_type", "tags[1]", "a truth value"},
        {"haihe.v1.Vacancy", "{'tags': [null]}", "wrong_type", "tags[0]", "null"},
        {"haihe.v1.Vacancy", "{'tags': 'a'}", "wrong_type", "tags", "a text"},
        {"haihe.v1.Vacancy", "{'key': []}", "wrong_type", "key", "a list"},
        {"haihe.v1.Vacancy", "{'skills': [3]}", "wrong_type", "skills[0]", "a number"},
        {"haihe.v1.Salary", "{'negotiable': 1}", "wrong_type", "negotiable", "a number"},
        {"haihe.v1.Salary", "{'min_amount': 1.5}", "wrong_type", "min_amount", "1.5"},
        {"haihe.v1.Salary", "{'min_amount': '6k'}", "wrong_type", "min_amount", "6k"},
        {"haihe.v1.Salary", "{'min_amount': ''}", "wrong_type", "min_amount", ""},
        {"haihe.v1.Salary", "{'min_amount': false}", "wrong_type", "min_amount", "a truth value"},
        {"haihe.v1.Salary", "{'min_amount': '9223372036854775808'}", "out_of_range", "min_amount",
         "9223372036854775808"},
        {"haihe.v1.Salary", "{'min_amount': '99999999999999999999'}", "wrong_type", "min_amount",
         "99999999999999999999"},
        {"haihe.v1.Salary", "{'min_amount': 1e30}", "wrong_type", "min_amount", "1e+30"},
        {"haihe.v1.Salary", "{'months_per_year': 2147483648}", "out_of_range", "months_per_year",
         "2147483648"},
        {"haihe.v1.Salary", "{'months_per_year': -2147483649}", "out_of_range", "months_per_year",
         "-2147483649"},
        {"haihe.v1.Salary", "{'unit': 'PAY_UNIT_FORTNIGHT'}", "unknown_value", "unit",
         "PAY_UNIT_FORTNIGHT"},
        {"haihe.v1.Salary", "{'unit': 4294967296}", "out_of_range", "unit", "4294967296"},
        {"haihe.v1.Cursor", "{'tie': -1}", "out_of_range", "tie", "-1"},
        {"haihe.v1.GeoPoint", "{'latitude': '39'}", "wrong_type", "latitude", "39"},
        {"haihe.v1.GeoPoint", "{'latitude': []}", "wrong_type", "latitude", "a list"},
        {"haihe.v1.MatchVacanciesRequest", "{'applicant_key': {}, 'applicant': {}}",
         "several_of_oneof", "applicant", ""},
        {"google.protobuf.Any", "{'value': 'a'}", "invalid_base64", "value", "a"},
        {"google.protobuf.Any", "{'value': 'ab$='}", "invalid_base64", "value", "ab$="},
        {"google.protobuf.Any", "{'value': 'abc=='}", "invalid_base64", "value", "abc=="},
        {"google.protobuf.Any", "{'value': 3}", "wrong_type", "value", "a number"},
        {"google.protobuf.Any", "{'@type': 'type.googleapis.com/no.Such'}", "unknown_value",
         "@type", "type.googleapis.com/no.Such"},
        {"google.rpc.ErrorInfo", "{'metadata': []}", "wrong_type", "metadata", "a list"},
        {"google.rpc.ErrorInfo", "{'metadata': {'a': 3}}", "wrong_type", "metadata.value",
         "a number"},
        {"google.rpc.Status",
         "{'details': [{'@type': 'type.googleapis.com/google.rpc.ErrorInfo', 'nope': 1}]}",
         "unknown_field", "details[0].nope", ""},
    };
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        json_t *json = fixture_json(CASES[i].json);
        cr_assert_not(wire_json_encode(CASES[i].message, json, &f.arena, &f.out, &f.error), "%s",
                      CASES[i].json);
        assert_refused(&f.error, CASES[i].rule, CASES[i].field, CASES[i].value, CASES[i].json);
        cr_assert_eq(f.out.length_bytes, 0);
        json_decref(json);
    }
    fixture_release(&f);
}

Test(json, a_text_with_nul_is_refused_in_both_directions)
{
    struct fixture f;
    fixture_init(&f);
    json_t *json = json_object();
    json_object_set_new(json, "title", json_stringn("a\0b", 3));
    cr_assert_not(wire_json_encode("haihe.v1.Vacancy", json, &f.arena, &f.out, &f.error));
    assert_refused(&f.error, "invalid_utf8", "title", "a\\x00b", "title");
    json_decref(json);
    static const char *const BROKEN[] = {"{'skills': [{'skill': 'QQQQ'}]}", "{'tags': ['QQQQ']}",
                                         "{'key': {'id': 'QQQQ'}}"};
    static const char *const FIELDS[] = {"skills[0].skill", "tags", "key.id"};
    for (size_t i = 0; i < 3; i++) {
        struct str bytes = fixture_message(&f, "haihe.v1.Vacancy", BROKEN[i]);
        memcpy(memmem(bytes.data, bytes.length, "QQQQ", 4), "ab\xff\x00", 4);
        cr_assert_null(wire_json_decode("haihe.v1.Vacancy", bytes, false, &f.arena, &f.error));
        assert_refused(&f.error, "invalid_utf8", FIELDS[i], "ab?\\x00", FIELDS[i]);
    }
    struct str bytes = fixture_message(&f, "google.rpc.ErrorInfo", "{'metadata': {'QQQQ': 'x'}}");
    memcpy(memmem(bytes.data, bytes.length, "QQQQ", 4), "ab\xff\x00", 4);
    cr_assert_null(wire_json_decode("google.rpc.ErrorInfo", bytes, false, &f.arena, &f.error));
    assert_refused(&f.error, "invalid_utf8", "metadata.key", "ab?\\x00", "map");
    fixture_release(&f);
}

Test(json, unknown_messages_wrong_roots_and_wrong_bytes_are_refused)
{
    struct fixture f;
    fixture_init(&f);
    json_t *list = json_array(), *object = json_object();
    cr_assert_not(wire_json_encode("haihe.v1.Nope", object, &f.arena, &f.out, &f.error));
    cr_assert(strstr(f.error.text, "haihe.v1.Nope"));
    cr_assert_not(wire_json_encode("haihe.v1.Key", list, &f.arena, &f.out, &f.error));
    cr_assert_eq(f.error.code, ERROR_INVALID_ARGUMENT);
    cr_assert_null(wire_json_decode("haihe.v1.Nope", STR(""), false, &f.arena, &f.error));
    cr_assert(strstr(f.error.text, "haihe.v1.Nope"));
    cr_assert_null(wire_json_decode("haihe.v1.Key", STR("\x0a\x7f"), false, &f.arena, &f.error));
    cr_assert_eq(f.error.code, ERROR_INVALID_ARGUMENT);
    json_decref(list);
    json_decref(object);
    fixture_release(&f);
}

/* --- Any ------------------------------------------------------------------------------------ */

Test(json, an_any_shows_the_detail_that_it_holds)
{
    struct fixture f;
    fixture_init(&f);
    static const char TEXT[] =
        "{'code': 3, 'details': [{'@type': 'type.googleapis.com/google.rpc.ErrorInfo',"
        " 'reason': 'R', 'metadata': {'b': '2', 'a': '1'}}]}";
    struct str bytes = fixture_message(&f, "google.rpc.Status", TEXT);
    json_t *json = wire_json_decode("google.rpc.Status", bytes, false, &f.arena, &f.error);
    json_t *expected = fixture_json(TEXT);
    cr_assert(json_equal(json, expected));
    json_decref(expected);
    json_decref(json);
    fixture_release(&f);
}

Test(json, an_any_of_unknown_type_or_with_broken_bytes_is_shown_as_it_came)
{
    struct fixture f;
    fixture_init(&f);
    static const char *const TEXTS[] = {
        "{'type_url': 'type.googleapis.com/no.Such', 'value': 'AAE='}",
        "{'type_url': 'type.googleapis.com/google.rpc.ErrorInfo', 'value': '/w=='}",
        "{'type_url': 'no-slash', 'value': 'YWJj'}",
        /* A reason that is no UTF-8. */
        "{'type_url': 'type.googleapis.com/google.rpc.ErrorInfo', 'value': 'CgH/'}"};
    for (size_t i = 0; i < 4; i++) {
        struct str bytes = fixture_message(&f, "google.protobuf.Any", TEXTS[i]);
        json_t *json = wire_json_decode("google.protobuf.Any", bytes, false, &f.arena, &f.error);
        json_t *expected = fixture_json(TEXTS[i]);
        cr_assert(json_equal(json, expected), "%s", TEXTS[i]);
        json_decref(expected);
        json_decref(json);
    }
    fixture_release(&f);
}

Test(json, an_any_inside_an_any_cannot_go_on_for_ever)
{
    struct fixture f;
    fixture_init(&f);
    struct str bytes = fixture_message(&f, "google.rpc.Status", "{'code': 1}");
    json_t *json = fixture_json("{'code': 1}");
    for (int i = 0; i < 40; i++) {
        json_t *outer = fixture_json("{'details': [{}]}");
        json_object_set_new(json, "@type", json_string("type.googleapis.com/google.rpc.Status"));
        json_array_set_new(json_at(outer, "details"), 0, json);
        json = outer;
    }
    cr_assert_not(wire_json_encode("google.rpc.Status", json, &f.arena, &f.out, &f.error));
    cr_assert(strstr(f.error.text, "nested deeper"), "%s", f.error.text);
    json_decref(json);
    /* Encoded by hand: each Status holds the one before as its detail. */
    for (int i = 0; i < 40; i++) {
        char *text = arena_alloc(&f.arena, bytes.length * 2 + 200);
        struct str base64 = base64_encode(&f.arena, bytes);
        sprintf(text,
                "{'details': [{'type_url': 'type.googleapis.com/google.rpc.Status',"
                " 'value': '%.*s'}]}",
                STR_ARG(base64));
        bytes = fixture_message(&f, "google.rpc.Status", text);
    }
    json = wire_json_decode("google.rpc.Status", bytes, false, &f.arena, &f.error);
    cr_assert(json, "the innermost ones are shown as bytes");
    json_decref(json);
    fixture_release(&f);
}

/* --- Writing -------------------------------------------------------------------------------- */

Test(json, defaults_are_written_on_demand)
{
    struct fixture f;
    fixture_init(&f);
    json_t *json = wire_json_decode("haihe.v1.Applicant", STR(""), true, &f.arena, &f.error);
    cr_assert(json_is_array(json_at(json, "skills")));
    cr_assert(json_is_integer(json_at(json, "max_distance_m")));
    cr_assert(json_is_string(json_at(json, "available_from")));
    cr_assert_null(json_at(json, "status"), "an enum at 0");
    cr_assert_null(json_at(json, "months_of_experience"), "a choice that was not made");
    cr_assert_null(json_at(json, "consent"), "a message that is not there");
    json_decref(json);
    json = wire_json_decode("google.rpc.ErrorInfo", STR(""), true, &f.arena, &f.error);
    cr_assert(json_is_object(json_at(json, "metadata")));
    json_decref(json);
    json = wire_json_decode("haihe.v1.Applicant", STR(""), false, &f.arena, &f.error);
    cr_assert_eq(json_object_size(json), 0);
    json_decref(json);
    fixture_release(&f);
}

Test(json, without_memory_it_fails_and_says_so)
{
    struct fixture f;
    fixture_init(&f);
    json_t *json = json_object();
    json_object_set_new(json, "upsert_applicant", fixture_applicant());
    struct str bytes = fixture_encode(&f, "haihe.v1.ApplyRequest", json_incref(json));
    bool encodes = false, decodes = false;
    for (size_t limit = 16; limit < 100000 && !(encodes && decodes); limit += 64) {
        struct arena small;
        arena_init(&small, limit);
        buffer_clear(&f.out);
        encodes = wire_json_encode("haihe.v1.ApplyRequest", json, &small, &f.out, &f.error);
        cr_assert(encodes || f.error.code == ERROR_RESOURCE_EXHAUSTED);
        arena_clear(&small);
        json_t *decoded = wire_json_decode("haihe.v1.ApplyRequest", bytes, false, &small, &f.error);
        decodes = decoded != NULL;
        cr_assert(decodes || f.error.code == ERROR_RESOURCE_EXHAUSTED);
        json_decref(decoded);
        arena_release(&small);
    }
    cr_assert(encodes && decodes);
    struct buffer small;
    buffer_init(&small, 10);
    cr_assert_not(wire_json_encode("haihe.v1.ApplyRequest", json, &f.arena, &small, &f.error));
    cr_assert_eq(f.error.code, ERROR_RESOURCE_EXHAUSTED);
    buffer_release(&small);
    json_decref(json);
    fixture_release(&f);
}

Test(json, base64_agrees_with_the_rfc)
{
    /* RFC 4648, section 10. */
    static const char *const PAIRS[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        struct str plain = str_of(PAIRS[i][0]), coded = str_of(PAIRS[i][1]);
        cr_assert(str_equal(base64_encode(&f.arena, plain), coded));
        cr_assert(str_equal(base64_decode(&f.arena, coded), plain));
    }
    fixture_release(&f);
}
