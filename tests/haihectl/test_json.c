/* JSON files: line by line, documents, arrays, graphs; and the reader of JSON text against
 * jansson's own. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/rng.h"
#include "haihectl/json_text.h"
#include "rows.h"

static void expect_ids(const struct rows *rows, const char *ids)
{
    char got[256] = "";
    for (size_t i = 0; i < rows->count; i++) {
        const json_t *key = json_object_get(rows->rows[i].record, "key");
        const char *id = json_string_value(json_object_get(key, "id"));
        strncat(got, id ? id : "!", 32);
    }
    cr_expect_str_eq(got, ids);
}

Test(json, reads_one_object_a_line)
{
    struct rows rows;
    rows_read(&rows, ".jsonl",
              STR("\xEF\xBB\xBF{\"key\":{\"id\":\"a\"}}\r\n\n  {\"key\":{\"id\":\"b\"}}"), NULL);
    expect_ids(&rows, "ab");
    cr_expect_eq(rows.rows[0].line, 1);
    cr_expect_eq(rows.rows[1].line, 3);
    cr_expect_eq(rows.format, FORMAT_JSONL);
    rows_release(&rows);
}

Test(json, loses_one_line_to_a_broken_one)
{
    struct rows rows;
    rows_read(&rows, ".jsonl",
              STR("{\"key\":{\"id\":\"a\"}}\n"
                  "{\"key\":{\"id\":\n"
                  "{\"a\":1,\"a\":2}\n"
                  "[1]\n"
                  "{\"t\":\"\xB5\xE7\"}\n"
                  "{\"key\":{\"id\":\"b\"}}\n"),
              NULL);
    expect_ids(&rows, "a!!!!b");
    rows_expect_refused(&rows, 1, 2, "", "");
    rows_expect_refused(&rows, 2, 3, "", "");
    cr_expect_not_null(strstr(rows.rows[2].error.text, "column 8"), "%s", rows.rows[2].error.text);
    rows_expect_refused(&rows, 3, 4, "", "");
    rows_expect_refused(&rows, 4, 5, "", "");
    cr_expect_eq(rows.rows[5].line, 6);
    rows_release(&rows);
}

Test(json, reads_documents_over_several_lines)
{
    static const char *const texts[] = {
        "[\n {\"key\": {\"id\": \"a\"}},\n {\"key\":\n {\"id\": \"b\", \"x\": \"]}\\\"\"}}\n]\n",
        "{\n\"key\": {\"id\": \"a\"}\n}\n{\n\"key\": {\"id\": \"b\"}}",
        "[{\"key\":{\"id\":\"a\"}},{\"key\":{\"id\":\"b\"}}]",
        "\n[{\"key\":{\"id\":\"a\"}}\n,{\"key\":{\"id\":\"b\"}}]",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct rows rows;
        rows_read(&rows, ".json", str_of(texts[i]), NULL);
        expect_ids(&rows, "ab");
        cr_expect_eq(rows.end, SOURCE_END);
        rows_release(&rows);
    }
}

Test(json, tells_the_line_within_a_document)
{
    struct rows rows;
    rows_read(&rows, ".json", STR("[\n{\n\"a\": 1,\n\"b\": nope\n},\n{\"key\":{\"id\":\"c\"}}\n"),
              NULL);
    cr_assert_eq(rows.count, 2);
    rows_expect_refused(&rows, 0, 4, "", "");
    cr_expect_eq(rows.rows[1].line, 6);
    rows_release(&rows);
    rows_read(&rows, ".json", STR("{\n\"key\": {\"id\": \"a\"\n"), NULL);
    cr_assert_eq(rows.count, 1);
    rows_expect_refused(&rows, 0, 3, "", "");
    rows_release(&rows);
}

Test(json, finds_the_format_by_the_beginning)
{
    static const struct {
        const char *ending, *text;
        enum source_format format;
    } cases[] = {
        {"", "{\"key\":{\"id\":\"a\"}}\n", FORMAT_JSONL},
        {"", "[{\"key\":{\"id\":\"a\"}}]", FORMAT_JSONL},
        {"", "platform,id\np,a\n", FORMAT_CSV},
        {".CSV", "platform,id\np,a\n", FORMAT_CSV},
        {"", "{\"@type\":\"JobPosting\",\"identifier\":\"a\"}", FORMAT_JOBPOSTING},
        {".json", "[{\"@type\":\"JobPosting\",\"identifier\":\"a\"}]", FORMAT_JOBPOSTING},
        {".jsonld", "{\"@graph\":[{\"@type\":\"JobPosting\",\"identifier\":\"a\"}]}",
         FORMAT_JOBPOSTING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        const struct source_options options = {.platform = "p"};
        rows_read(&rows, cases[i].ending, str_of(cases[i].text), &options);
        cr_expect_eq(rows.format, cases[i].format, "case %zu", i);
        expect_ids(&rows, "a");
        rows_release(&rows);
    }
}

Test(json, says_what_job_postings_need)
{
    struct rows rows;
    const struct source_options applicants = {.kind = SOURCE_APPLICANT, .platform = "p"};
    const struct str posting = STR("{\"@type\":\"JobPosting\",\"identifier\":\"a\"}");
    rows_read(&rows, ".json", posting, NULL);
    cr_expect_eq(rows.end, SOURCE_FAILED);
    cr_expect_not_null(strstr(rows.error.text, "--platform"), "%s", rows.error.text);
    rows_read(&rows, ".json", posting, &applicants);
    cr_expect_eq(rows.end, SOURCE_FAILED);
    cr_expect_not_null(strstr(rows.error.text, "vacancies"), "%s", rows.error.text);
}

/* --- json_text_parse ------------------------------------------------------------------------ */

static void expect_same(struct str text, uint64_t seed)
{
    struct error error;
    uint64_t line;
    json_error_t why;
    json_t *ours = json_text_parse(text, &line, &error);
    json_t *theirs =
        json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    cr_expect_eq(ours != NULL, theirs != NULL, "seed %llu: '%.*s': ours %s, theirs %s",
                 (unsigned long long)seed, STR_ARG(text), ours ? "reads" : error.text,
                 theirs ? "reads" : why.text);
    if (ours && theirs)
        cr_expect(json_equal(ours, theirs), "seed %llu: '%.*s'", (unsigned long long)seed,
                  STR_ARG(text));
    json_decref(ours);
    json_decref(theirs);
}

Test(json_text, agrees_with_jansson_on_the_corners)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0",
        "01",
        "-",
        "1.",
        ".5",
        "1e5",
        "1E+05",
        "1e",
        "1.5e-3",
        "1e400",
        "+1",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.1",
        "117.71080000000001",
        "3.141592653589793238462643",
        "\"\"",
        "\"\\u00e9\\n\\/\\\"\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\u0000\"",
        "\"\\ud83dx\"",
        "\"\\x\"",
        "\"a",
        "\"a\tb\"",
        "\"\\u12\"",
        "\"\\uD83D\\u0041\"",
        "true",
        "truex",
        "tru",
        "null",
        "nul",
        "[]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{\"a\":1,\"a\":1}",
        "{\"\":1}",
        " [ 1 , \"x\" , { \"k\" : [ null ] } ] ",
        "1 2",
        "{} x",
        "",
        " ",
        "]",
        "}",
        "\xC3\xA9",
        "\"\xC3\xA9\"",
        "\"\xFF\"",
        "{\"\\u0061\":1,\"a\":2}",
        "[[[[[[]]]]]]",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_same(str_of(texts[i]), 0);
}

static void put_random(struct rng *rng, struct buffer *out, int depth)
{
    static const char *const strings[] = {"a",    "名",  "\\n",           "\\u4e2d",
                                          "\\\"", "x y", "\\ud83d\\ude00"};
    uint64_t kind = rng_below(rng, depth > 4 ? 5 : 7);
    uint64_t count = rng_below(rng, 4);
    switch (kind) {
    case 0:
        buffer_printf(out, "%lld", (long long)rng_next(rng) >> rng_below(rng, 64));
        break;
    case 1:
        buffer_printf(out, "%.*g", (int)rng_between(rng, 1, 17), rng_gauss(rng) * 1e3);
        break;
    case 2:
        buffer_printf(out, "\"%s%s\"", strings[rng_below(rng, 7)], strings[rng_below(rng, 7)]);
        break;
    case 3:
        buffer_printf(out, "%s", rng_below(rng, 2) ? "true" : "null");
        break;
    case 4:
        buffer_printf(out, "%.*f", (int)rng_below(rng, 9), rng_unit(rng) * 200 - 100);
        break;
    case 5:
        buffer_append_str(out, STR("["));
        for (uint64_t i = 0; i < count; i++) {
            buffer_append_str(out, i ? STR(" ,") : STR(""));
            put_random(rng, out, depth + 1);
        }
        buffer_append_str(out, STR("]"));
        break;
    default:
        buffer_append_str(out, STR("{ "));
        for (uint64_t i = 0; i < count; i++) {
            buffer_printf(out, "%s\"%s%llu\": ", i ? "," : "", strings[rng_below(rng, 7)],
                          (unsigned long long)rng_below(rng, 3));
            put_random(rng, out, depth + 1);
        }
        buffer_append_str(out, STR("}"));
    }
}

Test(json_text, agrees_with_jansson_on_random_texts)
{
    enum { TEXT_COUNT = 20000 };
    const uint64_t seed = 20261123;
    struct rng rng;
    struct buffer text;
    rng_init(&rng, seed);
    buffer_init(&text, 1 << 20);
    for (int i = 0; i < TEXT_COUNT; i++) {
        buffer_clear(&text);
        put_random(&rng, &text, 0);
        /* Half of them with a byte changed, so that most are broken somewhere. */
        if (i % 2 == 1 && text.length_bytes > 0)
            text.data[rng_below(&rng, text.length_bytes)] = "\"\\{}[],:0e.-x "[rng_below(&rng, 14)];
        expect_same(buffer_borrow(&text), seed);
    }
    buffer_release(&text);
}

Test(json_text, bounds_the_depth)
{
    char text[2 * (JSON_DEPTH_LIMIT + 1) + 1];
    struct error error;
    uint64_t line;
    for (int depth = JSON_DEPTH_LIMIT - 1; depth <= JSON_DEPTH_LIMIT + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        json_t *value = json_text_parse((struct str){text, 2 * (uint32_t)depth}, &line, &error);
        cr_expect_eq(value != NULL, depth <= JSON_DEPTH_LIMIT, "depth %d", depth);
        json_decref(value);
    }
}

Test(json_text, names_line_and_column)
{
    struct error error;
    uint64_t line;
    cr_assert_null(json_text_parse(STR("{\"a\": 1,\n  \"b\": x}"), &line, &error));
    cr_expect_eq(line, 1);
    cr_expect_not_null(strstr(error.text, "column 8"), "%s", error.text);
}
