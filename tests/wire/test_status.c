#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "base/text.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/status_message.h"

static struct error round_trip(struct fixture *f, const struct error *error)
{
    buffer_clear(&f->out);
    cr_assert(wire_write_status(&f->out, error));
    struct error read;
    cr_assert(wire_read_status(buffer_borrow(&f->out), &f->arena, &read));
    return read;
}

static void assert_same(const struct error *a, const struct error *b)
{
    cr_assert_eq(a->code, b->code);
    cr_assert_str_eq(a->rule, b->rule);
    cr_assert_str_eq(a->field, b->field);
    cr_assert_str_eq(a->value, b->value);
    cr_assert_str_eq(a->text, b->text);
}

Test(status, an_error_survives_the_wire)
{
    struct fixture f;
    fixture_init(&f);
    struct error error, read;
    error_field(&error, "too_long", "upsert_vacancy.skills[3].skill", "值 ' value", "must be %d",
                3);
    read = round_trip(&f, &error);
    assert_same(&read, &error);
    error_set(&error, ERROR_NOT_FOUND, "vacancy 'x' not found");
    read = round_trip(&f, &error);
    assert_same(&read, &error);
    for (int code = ERROR_OK; code <= ERROR_UNAUTHENTICATED; code++) {
        error_set(&error, (enum error_code)code, "code %d", code);
        read = round_trip(&f, &error);
        cr_assert_eq((int)read.code, code);
    }
    fixture_release(&f);
}

Test(status, details_are_there_only_when_the_error_names_a_field_or_a_rule)
{
    struct fixture f;
    fixture_init(&f);
    struct error error;
    error_set(&error, ERROR_ABORTED, "no");
    cr_assert(wire_write_status(&f.out, &error));
    json_t *status = fixture_written(&f, "google.rpc.Status");
    cr_assert_null(json_at(status, "details"));
    json_decref(status);
    snprintf(error.rule, sizeof error.rule, "sequence_mismatch");
    cr_assert(wire_write_status(&f.out, &error));
    status = fixture_written(&f, "google.rpc.Status");
    cr_assert_eq(json_array_size(json_at(status, "details")), 1);
    cr_assert_str_eq(json_string_value(json_at(status, "details[0].reason")), "SEQUENCE_MISMATCH");
    cr_assert_str_eq(json_string_value(json_at(status, "details[0].domain")), "haihe");
    cr_assert_null(json_at(status, "details[0].metadata"));
    json_decref(status);
    fixture_release(&f);
}

Test(status, the_longest_error_fits)
{
    struct fixture f;
    fixture_init(&f);
    struct error error = {.code = ERROR_INVALID_ARGUMENT};
    memset(error.rule, 'r', sizeof error.rule - 1);
    memset(error.field, 'f', sizeof error.field - 1);
    memset(error.value, 'v', sizeof error.value - 1);
    memset(error.text, 't', sizeof error.text - 1);
    struct error read = round_trip(&f, &error);
    assert_same(&read, &error);
    fixture_release(&f);
}

Test(status, a_foreign_status_becomes_a_well_formed_error)
{
    struct fixture f;
    fixture_init(&f);
    struct error read;
    /* Code 99, a detail of a type we do not know, a message that is no UTF-8. */
    json_t *status =
        fixture_json("{'code': 99, 'message': 'QQQQ', 'details': [{'type_url':"
                     " 'type.googleapis.com/google.rpc.RetryInfo', 'value': 'AAAA'}]}");
    struct str bytes = fixture_encode(&f, "google.rpc.Status", status);
    memcpy(memmem(bytes.data, bytes.length, "QQQQ", 4), "a\xff\x00z", 4);
    cr_assert(wire_read_status(bytes, &f.arena, &read));
    cr_assert_eq(read.code, ERROR_UNKNOWN);
    cr_assert(text_is_valid(str_of(read.text)));
    cr_assert_str_eq(read.field, "");
    fixture_release(&f);
}

Test(status, bytes_that_are_no_status_are_refused)
{
    struct fixture f;
    fixture_init(&f);
    struct error read = {0};
    cr_assert_not(wire_read_status(STR("\x0a\xff"), &f.arena, &read));
    cr_assert_eq(read.code, ERROR_INVALID_ARGUMENT);
    /* A detail that is none. */
    static const char *const BROKEN[] = {
        "{'details': [{'type_url': 'type.googleapis.com/google.rpc.BadRequest', 'value': '/w=='}]}",
        "{'details': [{'type_url': 'type.googleapis.com/google.rpc.ErrorInfo', 'value': '/w=='}]}"};
    for (size_t i = 0; i < 2; i++) {
        struct str bytes = fixture_message(&f, "google.rpc.Status", BROKEN[i]);
        cr_assert_not(wire_read_status(bytes, &f.arena, &read));
        cr_assert_eq(read.code, ERROR_INVALID_ARGUMENT);
    }
    fixture_release(&f);
}
