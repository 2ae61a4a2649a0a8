#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/random_record.h"

static bool apply_text(struct fixture *f, const char *text, struct change_request *change)
{
    struct str bytes = fixture_message(f, "haihe.v1.ApplyRequest", text);
    f->error = (struct error){0};
    return wire_read_apply(&f->model, bytes, f->today, &f->arena, change, &f->error);
}

/* --- Reading -------------------------------------------------------------------------------- */

Test(apply, an_upsert_keeps_the_canonical_bytes)
{
    struct fixture f;
    fixture_init(&f);
    json_t *request = json_object();
    json_object_set_new(request, "request_id", json_integer(77));
    json_object_set_new(request, "if_sequence", json_integer(0));
    json_object_set_new(request, "upsert_vacancy", fixture_vacancy());
    struct str bytes = fixture_encode(&f, "haihe.v1.ApplyRequest", request);
    struct change_request change;
    cr_assert(wire_read_apply(&f.model, bytes, f.today, &f.arena, &change, &f.error), "%s",
              f.error.text);
    cr_assert_eq(change.request_id, 77);
    cr_assert_eq(change.kind, CHANGE_UPSERT);
    cr_assert_eq(change.record, RECORD_VACANCY);
    cr_assert(change.has_if_sequence && change.if_sequence == 0, "0 is a value of its own");
    cr_assert(str_equal(change.key.id, STR("v-1")));
    cr_assert(
        str_equal(change.original, fixture_encode(&f, "haihe.v1.Vacancy", fixture_vacancy())));
    cr_assert_eq(change.extras.unresolved_skills.count, 1);
    fixture_release(&f);
}

/* A message with one more field, number 200, anywhere inside. */
static struct str with_unknown_field(struct fixture *f, struct str message)
{
    char *bytes = arena_alloc(&f->arena, message.length + 6);
    memcpy(bytes, message.data, message.length);
    memcpy(bytes + message.length, "\xc2\x0c\x03new", 6);
    return (struct str){bytes, message.length + 6};
}

/* A message that holds `inner` as its field `number` (below 16). */
static struct str wrapped(struct fixture *f, uint32_t number, struct str inner)
{
    char *bytes = arena_alloc(&f->arena, inner.length + 4);
    bytes[0] = (char)(number << 3 | 2);
    bytes[1] = (char)((inner.length & 0x7f) | 0x80);
    bytes[2] = (char)(inner.length >> 7 | 0x80);
    bytes[3] = 0;
    memcpy(bytes + 4, inner.data, inner.length);
    return (struct str){bytes, inner.length + 4};
}

Test(apply, fields_of_a_newer_client_are_dropped_from_what_is_kept)
{
    struct fixture f;
    fixture_init(&f);
    struct str plain = fixture_encode(&f, "haihe.v1.Applicant", fixture_applicant());
    struct str request = with_unknown_field(&f, wrapped(&f, 3, with_unknown_field(&f, plain)));
    struct change_request change;
    cr_assert(wire_read_apply(&f.model, request, f.today, &f.arena, &change, &f.error), "%s",
              f.error.text);
    cr_assert_eq(change.record, RECORD_APPLICANT);
    cr_assert(str_equal(change.original, plain));
    fixture_release(&f);
}

Test(apply, a_delete_and_a_status_name_kind_and_key)
{
    struct fixture f;
    fixture_init(&f);
    struct change_request change;
    cr_assert(apply_text(&f,
                         "{'delete': {'kind': 'RECORD_KIND_APPLICANT',"
                         " 'key': {'platform': 'p', 'id': 'i'}}, 'if_sequence': 9}",
                         &change));
    cr_assert_eq(change.kind, CHANGE_DELETE);
    cr_assert_eq(change.record, RECORD_APPLICANT);
    cr_assert(str_equal(change.key.platform, STR("p")) && str_equal(change.key.id, STR("i")));
    cr_assert_eq(change.if_sequence, 9);
    cr_assert(apply_text(&f,
                         "{'set_status': {'key': {'platform': 'p', 'id': 'i'},"
                         " 'vacancy_status': 'VACANCY_STATUS_WITHDRAWN'}}",
                         &change));
    cr_assert_eq(change.kind, CHANGE_SET_STATUS);
    cr_assert_eq(change.record, RECORD_VACANCY);
    cr_assert_eq(change.status, STATUS_WITHDRAWN);
    cr_assert_not(change.has_if_sequence);
    cr_assert(apply_text(&f,
                         "{'set_status': {'key': {'platform': 'p', 'id': 'i'},"
                         " 'applicant_status': 'APPLICANT_STATUS_PLACED'}}",
                         &change));
    cr_assert_eq(change.record, RECORD_APPLICANT);
    cr_assert_eq(change.status, STATUS_ENDED);
    fixture_release(&f);
}

struct refusal {
    const char *text, *rule, *field, *value;
};

Test(apply, a_wrong_request_is_refused_by_rule_field_and_value_with_its_id)
{
    static const struct refusal CASES[] = {
        {"{'request_id': 5}", "required", "change", ""},
        {"{'request_id': 5, 'delete': {'key': {'platform': 'p', 'id': 'i'}}}", "required",
         "delete.kind", "RECORD_KIND_UNSPECIFIED"},
        {"{'request_id': 5, 'delete': {'kind': 3, 'key': {}}}", "unknown_value", "delete.kind",
         "3"},
        {"{'request_id': 5, 'delete': {'kind': 1}}", "required", "delete.key", ""},
        {"{'request_id': 5, 'delete': {'kind': 1, 'key': {'id': 'i'}}}", "required",
         "delete.key.platform", ""},
        {"{'request_id': 5, 'set_status': {'key': {'platform': 'p', 'id': 'i'}}}", "required",
         "set_status.status", ""},
        {"{'request_id': 5, 'set_status': {'vacancy_status': 1}}", "required", "set_status.key",
         ""},
        {"{'request_id': 5, 'set_status': {'key': {}, 'vacancy_status': 1}}", "required",
         "set_status.key.platform", ""},
        {"{'request_id': 5, 'set_status': {'key': {}, 'vacancy_status': 0}}", "required",
         "set_status.vacancy_status", "VACANCY_STATUS_UNSPECIFIED"},
        {"{'request_id': 5, 'set_status': {'key': {}, 'applicant_status': 4}}", "unknown_value",
         "set_status.applicant_status", "4"},
    };
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct change_request change;
        cr_assert_not(apply_text(&f, CASES[i].text, &change), "%s", CASES[i].text);
        assert_refused(&f.error, CASES[i].rule, CASES[i].field, CASES[i].value, CASES[i].text);
        cr_assert_eq(change.request_id, 5);
    }
    fixture_release(&f);
}

Test(apply, a_request_that_cannot_be_decoded_still_has_its_id)
{
    struct fixture f;
    fixture_init(&f);
    struct change_request change;
    /* request_id 300, then a vacancy that claims more bytes than there are inside. */
    static const char BYTES[] = "\x08\xac\x02\x12\x03\x0a\x7f\x00";
    struct str request = {BYTES, 8};
    cr_assert_not(wire_read_apply(&f.model, request, f.today, &f.arena, &change, &f.error));
    cr_assert_eq(f.error.code, ERROR_INVALID_ARGUMENT);
    cr_assert_str_eq(f.error.rule, "malformed_message");
    cr_assert_eq(change.request_id, 300);
    fixture_release(&f);
}

Test(apply, with_status_changes_nothing_else)
{
    struct fixture f;
    fixture_init(&f);
    struct str before = fixture_encode(&f, "haihe.v1.Vacancy", fixture_vacancy());
    json_t *vacancy = fixture_vacancy();
    json_put(vacancy, "status", json_integer(2));
    struct str after = fixture_encode(&f, "haihe.v1.Vacancy", vacancy);
    cr_assert(str_equal(wire_with_status(RECORD_VACANCY, before, STATUS_PAUSED, &f.arena), after));

    before = fixture_encode(&f, "haihe.v1.Applicant", fixture_applicant());
    json_t *applicant = fixture_applicant();
    json_put(applicant, "status", json_integer(1));
    after = fixture_encode(&f, "haihe.v1.Applicant", applicant);
    cr_assert(str_equal(wire_with_status(RECORD_APPLICANT, before, STATUS_OPEN, &f.arena), after));

    struct arena small;
    arena_init(&small, 64);
    cr_assert_null(wire_with_status(RECORD_VACANCY, before, STATUS_PAUSED, &small).data);
    cr_assert_null(wire_with_status(RECORD_APPLICANT, before, STATUS_PAUSED, &small).data);
    arena_release(&small);
    fixture_release(&f);
}

Test(get, requests_are_read)
{
    struct fixture f;
    fixture_init(&f);
    struct get_request get;
    cr_assert(wire_read_get(fixture_message(&f, "haihe.v1.GetRequest",
                                            "{'kind': 2, 'key': {'platform': 'p', 'id': 'i'}}"),
                            &f.arena, &get, &f.error));
    cr_assert_eq(get.kind, RECORD_APPLICANT);
    cr_assert_eq(get.key_count, 1);
    cr_assert(str_equal(get.keys[0].id, STR("i")));
    cr_assert(
        wire_read_batch_get(fixture_message(&f, "haihe.v1.BatchGetRequest",
                                            "{'kind': 1, 'keys': [{'platform': 'p', 'id': 'i'},"
                                            " {'platform': 'q', 'id': 'j'}]}"),
                            &f.arena, &get, &f.error));
    cr_assert_eq(get.key_count, 2);
    cr_assert(str_equal(get.keys[1].platform, STR("q")));
    struct list_request list;
    cr_assert(
        wire_read_list(fixture_message(&f, "haihe.v1.ListRequest", "{'kind': 1, 'platform': 'p'}"),
                       &f.arena, &list, &f.error));
    cr_assert_eq(list.page_size, 1000);
    cr_assert_eq(list.after_id.length, 0);
    cr_assert(wire_read_list(
        fixture_message(&f, "haihe.v1.ListRequest",
                        "{'kind': 2, 'platform': 'p', 'after_id': 'x', 'page_size': 10000}"),
        &f.arena, &list, &f.error));
    cr_assert_eq(list.kind, RECORD_APPLICANT);
    cr_assert_eq(list.page_size, 10000);
    cr_assert(str_equal(list.after_id, STR("x")));
    fixture_release(&f);
}

Test(get, wrong_requests_are_refused_by_rule_field_and_value)
{
    static const struct refusal GET[] = {
        {"{}", "required", "kind", "RECORD_KIND_UNSPECIFIED"},
        {"{'kind': 1}", "required", "key", ""},
        {"{'kind': 1, 'key': {'platform': 'p'}}", "required", "key.id", ""},
    };
    static const struct refusal BATCH[] = {
        {"{'kind': 5}", "unknown_value", "kind", "5"},
        {"{'kind': 1}", "required", "keys", ""},
        {"{'kind': 1, 'keys': [{'platform': 'p', 'id': 'i'}, {'platform': 'p'}]}", "required",
         "keys[1].id", ""},
    };
    static const struct refusal LIST[] = {
        {"{'platform': 'p'}", "required", "kind", "RECORD_KIND_UNSPECIFIED"},
        {"{'kind': 1}", "required", "platform", ""},
        {"{'kind': 1, 'platform': 'p', 'page_size': 10001}", "out_of_range", "page_size", "10001"},
        {"{'kind': 1, 'platform': 'p', 'page_size': -1}", "out_of_range", "page_size", "-1"},
    };
    struct fixture f;
    fixture_init(&f);
    struct get_request get;
    struct list_request list;
    for (size_t i = 0; i < 3; i++) {
        struct str bytes = fixture_message(&f, "haihe.v1.GetRequest", GET[i].text);
        cr_assert_not(wire_read_get(bytes, &f.arena, &get, &f.error));
        assert_refused(&f.error, GET[i].rule, GET[i].field, GET[i].value, GET[i].text);
        bytes = fixture_message(&f, "haihe.v1.BatchGetRequest", BATCH[i].text);
        cr_assert_not(wire_read_batch_get(bytes, &f.arena, &get, &f.error));
        assert_refused(&f.error, BATCH[i].rule, BATCH[i].field, BATCH[i].value, BATCH[i].text);
    }
    for (size_t i = 0; i < 4; i++) {
        struct str bytes = fixture_message(&f, "haihe.v1.ListRequest", LIST[i].text);
        cr_assert_not(wire_read_list(bytes, &f.arena, &list, &f.error));
        assert_refused(&f.error, LIST[i].rule, LIST[i].field, LIST[i].value, LIST[i].text);
    }
    json_t *many = fixture_json("{'kind': 1, 'keys': []}");
    for (int i = 0; i < 1001; i++)
        json_array_append_new(json_at(many, "keys"), fixture_json("{'platform': 'p', 'id': 'i'}"));
    struct str bytes = fixture_encode(&f, "haihe.v1.BatchGetRequest", many);
    cr_assert_not(wire_read_batch_get(bytes, &f.arena, &get, &f.error));
    assert_refused(&f.error, "too_many", "keys", "1001", "keys");
    fixture_release(&f);
}

/* --- Writing -------------------------------------------------------------------------------- */

static void assert_json(json_t *found, const char *expected)
{
    json_t *wanted = fixture_json(expected);
    char *text = json_dumps(found, JSON_SORT_KEYS);
    cr_assert(json_equal(found, wanted), "%s", text);
    json_decref(wanted);
    json_decref(found);
    free(text);
}

Test(answer, an_acknowledgement_holds_sequence_and_unknown_skills)
{
    struct fixture f;
    fixture_init(&f);
    struct str names[] = {STR("未知"), STR("x")};
    const struct str_list none = {0}, two = {names, 2};
    cr_assert(wire_write_applied(&f.out, 7, UINT64_C(1) << 40, &two));
    assert_json(fixture_written(&f, "haihe.v1.ApplyResponse"),
                "{'request_id': 7, 'applied': {'sequence': 1099511627776,"
                " 'unresolved_skills': ['未知', 'x']}}");
    cr_assert(wire_write_applied(&f.out, 0, 1, &none));
    assert_json(fixture_written(&f, "haihe.v1.ApplyResponse"), "{'applied': {'sequence': 1}}");
    fixture_release(&f);
}

Test(answer, a_refusal_holds_the_status_with_its_details)
{
    struct fixture f;
    fixture_init(&f);
    error_field(&f.error, "out_of_range", "upsert_vacancy.title", "x", "bad");
    cr_assert(wire_write_apply_error(&f.out, 3, &f.error));
    assert_json(
        fixture_written(&f, "haihe.v1.ApplyResponse"),
        "{'request_id': 3, 'error': {'code': 3, 'message': \"upsert_vacancy.title \\u0027x\\u0027: "
        "bad\", 'details': [{'@type': 'type.googleapis.com/google.rpc.BadRequest',"
        " 'field_violations': [{'field': 'upsert_vacancy.title',"
        " 'description': \"upsert_vacancy.title \\u0027x\\u0027: bad\"}]},"
        " {'@type': 'type.googleapis.com/google.rpc.ErrorInfo', 'reason': 'OUT_OF_RANGE',"
        " 'domain': 'haihe', 'metadata': {'value': 'x'}}]}}");
    fixture_release(&f);
}

/* The record as the engine would keep it. */
static struct stored_record stored_vacancy(struct fixture *f, json_t *json)
{
    struct str bytes = fixture_encode(f, "haihe.v1.Vacancy", json);
    struct vacancy vacancy;
    struct record_extras extras;
    cr_assert(wire_read_vacancy(&f->model, bytes, RECORD_FOR_STORE, f->today, &f->arena, &vacancy,
                                &extras, &f->error));
    return (struct stored_record){.kind = RECORD_VACANCY,
                                  .sequence = 12,
                                  .hash = UINT64_C(0xfedcba9876543210),
                                  .original = bytes,
                                  .vacancy = vacancy_pack(&vacancy)};
}

static struct stored_record stored_applicant(struct fixture *f, json_t *json)
{
    struct str bytes = fixture_encode(f, "haihe.v1.Applicant", json);
    struct applicant applicant;
    struct record_extras extras;
    cr_assert(wire_read_applicant(&f->model, bytes, RECORD_FOR_STORE, f->today, &f->arena,
                                  &applicant, &extras, &f->error));
    return (struct stored_record){.kind = RECORD_APPLICANT,
                                  .sequence = 13,
                                  .hash = 1,
                                  .original = bytes,
                                  .applicant = applicant_pack(&applicant)};
}

Test(answer, a_record_comes_back_as_sent_and_as_understood)
{
    struct fixture f;
    fixture_init(&f);
    struct stored_record record = stored_vacancy(&f, fixture_vacancy());
    cr_assert(wire_write_record(&f.out, &f.model, &f.arena, &record));
    json_t *written = fixture_written(&f, "haihe.v1.Record");
    json_t *original = wire_json_decode("haihe.v1.Vacancy", record.original, false, &f.arena, NULL);
    cr_assert(json_equal(json_at(written, "vacancy"), original));
    cr_assert_eq(json_integer_value(json_at(written, "sequence")), 12);
    cr_assert_str_eq(json_string_value(json_at(written, "hash")), "18364758544493064720");
    struct position centre = area_find(f.areas, STR("120102"))->centre;
    char expected[600];
    snprintf(expected, sizeof expected,
             "{'wage_min_month_cents': 650000, 'wage_max_month_cents': 975000,"
             " 'workplaces': [{'latitude': 39.1, 'longitude': 117.2},"
             "                {'latitude': %.7f, 'longitude': %.7f}],"
             " 'skill_codes': ['hs:welding', ''], 'unresolved_skills': ['不存在的技能'],"
             " 'open': true}",
             centre.lat_e7 / 1e7, centre.lon_e7 / 1e7);
    assert_json(json_incref(json_at(written, "normalized_vacancy")), expected);
    json_decref(original);
    json_decref(written);
    memory_free((void *)record.vacancy);

    record = stored_applicant(&f, fixture_applicant());
    cr_assert(wire_write_record(&f.out, &f.model, &f.arena, &record));
    written = fixture_written(&f, "haihe.v1.Record");
    original = wire_json_decode("haihe.v1.Applicant", record.original, false, &f.arena, NULL);
    cr_assert(json_equal(json_at(written, "applicant"), original));
    /* 30 dollars an hour: 3000 * 174 * 7.1. */
    assert_json(json_incref(json_at(written, "normalized_applicant")),
                "{'wage_min_month_cents': 3706200, 'wage_desired_month_cents': 4941600,"
                " 'home': {'latitude': -39.1, 'longitude': -117.2},"
                " 'skill_codes': ['hs:tig-welding', ''], 'unresolved_skills': ['看不懂的技能']}");
    json_decref(original);
    json_decref(written);
    memory_free((void *)record.applicant);
    fixture_release(&f);
}

Test(answer, what_is_not_known_of_a_record_is_left_out)
{
    struct fixture f;
    fixture_init(&f);
    struct stored_record record =
        stored_vacancy(&f, fixture_json("{'key': {'platform': 'p', 'id': 'i'}}"));
    cr_assert(wire_write_record(&f.out, &f.model, &f.arena, &record));
    json_t *written = fixture_written(&f, "haihe.v1.Record");
    assert_json(json_incref(json_at(written, "normalized_vacancy")), "{'open': true}");
    json_decref(written);
    memory_free((void *)record.vacancy);
    record = stored_applicant(&f, fixture_json("{'key': {'platform': 'p', 'id': 'i'}}"));
    cr_assert(wire_write_record(&f.out, &f.model, &f.arena, &record));
    written = fixture_written(&f, "haihe.v1.Record");
    assert_json(json_incref(json_at(written, "normalized_applicant")),
                "{'active': true, 'available': true}");
    json_decref(written);
    memory_free((void *)record.applicant);
    fixture_release(&f);
}

Test(answer, a_batch_holds_records_and_what_is_missing)
{
    struct fixture f;
    fixture_init(&f);
    const uint64_t seed = 20261125;
    fprintf(stderr, "record_service: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    enum { COUNT = 50 };
    struct stored_record records[COUNT];
    json_t *sent[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        sent[i] = i % 2 ? random_vacancy(&rng, &f.model) : random_applicant(&rng, &f.model);
        records[i] = i % 2 ? stored_vacancy(&f, json_incref(sent[i]))
                           : stored_applicant(&f, json_incref(sent[i]));
    }
    const struct key missing[] = {{STR("p"), STR("1")}, {STR("平台"), STR("2")}};
    for (size_t i = 0; i < COUNT; i++)
        cr_assert(wire_write_batch_record(&f.out, &f.model, &f.arena, &records[i]));
    for (size_t i = 0; i < 2; i++)
        cr_assert(wire_write_batch_missing(&f.out, missing[i]));
    json_t *written = fixture_written(&f, "haihe.v1.BatchGetResponse");
    cr_assert_eq(json_array_size(json_at(written, "records")), COUNT);
    assert_json(json_incref(json_at(written, "missing")),
                "[{'platform': 'p', 'id': '1'}, {'platform': '平台', 'id': '2'}]");
    for (size_t i = 0; i < COUNT; i++) {
        const json_t *record = json_array_get(json_at(written, "records"), i);
        const json_t *key = json_at(record, i % 2 ? "vacancy.key" : "applicant.key");
        cr_assert(json_equal(key, json_at(sent[i], "key")));
        const json_t *codes = json_at(record, i % 2 ? "normalized_vacancy.skill_codes"
                                                    : "normalized_applicant.skill_codes");
        cr_assert_eq(json_array_size(codes), json_array_size(json_at(sent[i], "skills")));
        json_decref(sent[i]);
        memory_free((void *)records[i].vacancy);
        memory_free((void *)records[i].applicant);
    }
    json_decref(written);
    fixture_release(&f);
}

Test(answer, a_list_holds_ids_and_whether_there_is_more)
{
    struct fixture f;
    fixture_init(&f);
    const struct listed_record records[] = {{STR("a"), 1, UINT64_MAX}, {STR("b"), 300, 2}};
    cr_assert(wire_write_list(&f.out, &f.arena, records, 2, true));
    assert_json(fixture_written(&f, "haihe.v1.ListResponse"),
                "{'records': [{'id': 'a', 'sequence': 1, 'hash': '18446744073709551615'},"
                " {'id': 'b', 'sequence': 300, 'hash': '2'}], 'more': true}");
    cr_assert(wire_write_list(&f.out, &f.arena, NULL, 0, false));
    assert_json(fixture_written(&f, "haihe.v1.ListResponse"), "{}");
    fixture_release(&f);
}

Test(answer, a_buffer_that_is_too_small_stays_as_it_was)
{
    struct fixture f;
    fixture_init(&f);
    struct stored_record record = stored_vacancy(&f, fixture_vacancy());
    const struct listed_record listed[] = {{STR("a"), 1, 1}, {STR("b"), 2, 2}};
    const struct key missing = {STR("p"), STR("1")};
    const struct str_list none = {0};
    struct buffer small;
    for (size_t limit = 3; limit < 2000; limit += 13) {
        buffer_init(&small, limit);
        buffer_append(&small, "abc", 3);
        size_t length = 3;
        if (!wire_write_batch_record(&small, &f.model, &f.arena, &record))
            cr_assert_eq(small.length_bytes, length);
        length = small.length_bytes;
        if (!wire_write_batch_missing(&small, missing))
            cr_assert_eq(small.length_bytes, length);
        length = small.length_bytes;
        if (!wire_write_record(&small, &f.model, &f.arena, &record))
            cr_assert_eq(small.length_bytes, length);
        length = small.length_bytes;
        if (!wire_write_list(&small, &f.arena, listed, 2, true))
            cr_assert_eq(small.length_bytes, length);
        length = small.length_bytes;
        if (!wire_write_applied(&small, 1, 1, &none))
            cr_assert_eq(small.length_bytes, length);
        length = small.length_bytes;
        if (!wire_write_apply_error(&small, 1, &f.error))
            cr_assert_eq(small.length_bytes, length);
        buffer_release(&small);
        arena_clear(&f.arena);
        record.original = fixture_encode(&f, "haihe.v1.Vacancy", fixture_vacancy());
    }
    memory_free((void *)record.vacancy);
    fixture_release(&f);
}
