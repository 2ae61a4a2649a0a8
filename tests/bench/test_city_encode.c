#include <criterion/criterion.h>

#include "base/memory.h"
#include "city.h"
#include "market/write.h"
#include "wire/json_message.h"

enum { RECORD_COUNT = 3000 };

struct bench {
    struct city *city;
    struct city_scratch scratch;
    struct arena arena;
    struct buffer text, expected;
};

static void bench_init(struct bench *bench)
{
    const struct city_size size = {9, RECORD_COUNT, RECORD_COUNT};
    struct error error = {0};
    bench->city = memory_must_zeroed(1, sizeof *bench->city);
    cr_assert(city_init(bench->city, &size, &error), "%s", error.text);
    city_scratch_init(&bench->scratch);
    arena_init(&bench->arena, 16 << 20);
    buffer_init(&bench->text, 1 << 20);
    buffer_init(&bench->expected, 1 << 20);
}

static void bench_release(struct bench *bench)
{
    city_release(bench->city);
    memory_free(bench->city);
    city_scratch_release(&bench->scratch);
    arena_release(&bench->arena);
    buffer_release(&bench->text);
    buffer_release(&bench->expected);
}

/* The text in bench->text, closed, as wire encodes it, against the request. */
static void expect_same(struct bench *bench, struct str request, size_t index)
{
    json_error_t why;
    struct error error = {0};
    buffer_append_str(&bench->text, STR("}"));
    struct str text = buffer_borrow(&bench->text);
    json_t *json = json_loadb(text.data, text.length, 0, &why);
    cr_assert(json, "%s", why.text);
    arena_clear(&bench->arena);
    buffer_clear(&bench->expected);
    cr_assert(
        wire_json_encode("haihe.v1.ApplyRequest", json, &bench->arena, &bench->expected, &error),
        "%s", error.text);
    json_decref(json);
    cr_assert(str_equal(request, buffer_borrow(&bench->expected)), "record %zu: %.*s", index,
              STR_ARG(text));
    buffer_clear(&bench->text);
}

Test(city_encode, says_what_the_json_says)
{
    struct bench bench;
    struct str request;
    struct error error = {0};
    bench_init(&bench);
    for (size_t i = 0; i < RECORD_COUNT; i++) {
        struct sample_vacancy vacancy;
        city_draw_vacancy(bench.city, i, &vacancy);
        cr_assert(city_encode_vacancy(&bench.scratch, &vacancy, &request, &error));
        buffer_append_str(&bench.text, STR("{\"upsert_vacancy\":"));
        vacancy_write_json(&bench.text, &vacancy);
        expect_same(&bench, request, i);

        struct sample_applicant applicant;
        city_draw_applicant(bench.city, i, &applicant);
        cr_assert(city_encode_applicant(&bench.scratch, &applicant, &request, &error));
        buffer_append_str(&bench.text, STR("{\"upsert_applicant\":"));
        applicant_write_json(&bench.text, &applicant);
        expect_same(&bench, request, i);
    }
    const struct sample_key key = {.platform = "tj-rc", .id = "v000007"};
    cr_assert(city_encode_delete(&bench.scratch, RECORD_VACANCY, &key, &request, &error));
    buffer_append_str(&bench.text, STR("{\"delete\":{\"kind\":\"RECORD_KIND_VACANCY\",\"key\":"
                                       "{\"platform\":\"tj-rc\",\"id\":\"v000007\"}}"));
    expect_same(&bench, request, 0);
    bench_release(&bench);
}
