#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/rng.h"
#include "memory/failing_memory.h"
#include "model/csv_reader.h"

/* What the reader handed out, as lines "line:first|second|extra=value;". */
struct collected {
    struct buffer text;
    int bad_rows;
    uint64_t stop_at; /* the row callback refuses this line */
};

static const struct csv_column columns[] = {{"first", true}, {"second", false}};

static bool collect_row(void *context, const struct csv_row *row, struct error *error)
{
    struct collected *collected = context;
    if (row->line == collected->stop_at)
        return csv_row_fail(row, 0, error, "is not wanted");
    buffer_printf(&collected->text, "%d:%.*s|%.*s", (int)row->line, STR_ARG(row->values[0]),
                  STR_ARG(row->values[1]));
    for (size_t i = 0; i < row->extra_count; i++)
        buffer_printf(&collected->text, "|%.*s=%.*s", STR_ARG(row->extra_names[i]),
                      STR_ARG(row->extra_values[i]));
    buffer_append_str(&collected->text, STR(";"));
    return true;
}

static bool accept_extra(void *context, struct str name, struct error *error)
{
    (void)context;
    if (str_equal(name, STR("refused")))
        return error_set(error, ERROR_INVALID_ARGUMENT, "column 'refused' is refused");
    return true;
}

static bool skip_bad_row(void *context, uint64_t line, const struct error *why)
{
    struct collected *collected = context;
    collected->bad_rows++;
    buffer_printf(&collected->text, "bad %d (%s);", (int)line, why->text);
    return true;
}

static struct collected collected;

static void setup(void)
{
    collected = (struct collected){0};
    buffer_init(&collected.text, 4 << 20);
}

static void teardown(void)
{
    buffer_release(&collected.text);
}

TestSuite(csv_reader, .init = setup, .fini = teardown);

static struct csv_handler handler(void)
{
    return (struct csv_handler){.columns = columns,
                                .column_count = 2,
                                .extra_column = accept_extra,
                                .row = collect_row,
                                .context = &collected};
}

static void assert_rows(const char *csv, const char *expected)
{
    struct csv_handler h = handler();
    struct error error;
    buffer_clear(&collected.text);
    cr_assert(csv_read_text(&h, str_of(csv), &error), "%s", error.text);
    cr_assert(str_equal(buffer_borrow(&collected.text), str_of(expected)), "%.*s",
              STR_ARG(buffer_borrow(&collected.text)));
}

static void assert_fails(struct csv_handler h, struct str csv, const char *text)
{
    struct error error = {0};
    buffer_clear(&collected.text);
    cr_assert(!csv_read_text(&h, csv, &error));
    cr_assert_str_eq(error.text, text);
}

Test(csv_reader, gives_values_by_column_whatever_the_order_of_the_file)
{
    assert_rows("first,second\na,b\nc,d\n", "2:a|b;3:c|d;");
    assert_rows("second,first\na,b\n", "2:b|a;");
    assert_rows("first\na\n", "2:a|;");
}

Test(csv_reader, hands_out_extra_columns_by_name)
{
    assert_rows("x,first,y\n1,a,2\n", "2:a||x=1|y=2;");
}

Test(csv_reader, accepts_byte_order_mark_carriage_returns_and_a_last_line_without_end)
{
    assert_rows("\xef\xbb\xbf"
                "first,second\r\na,b\r\nc,d",
                "2:a|b;3:c|d;");
}

Test(csv_reader, drops_spaces_around_unquoted_values_only)
{
    assert_rows("first,second\n  a ,\" b \"\n", "2:a| b ;");
}

Test(csv_reader, skips_blank_lines_but_counts_them)
{
    assert_rows("\n\nfirst,second\n\na,b\n  \nc,d\n", "5:a|b;7:c|d;");
}

Test(csv_reader, a_quoted_value_may_hold_commas_quotes_and_lines)
{
    assert_rows("first,second\n\"a,\"\"1\"\"\nx\",b\nc,d\n", "2:a,\"1\"\nx|b;4:c|d;");
}

Test(csv_reader, gives_the_same_rows_however_the_bytes_come_in_pieces)
{
    const struct str csv = STR("\xef\xbb\xbf"
                               "first,second,z\r\n\"a\n,b\",\"c\"\"d\",\r\n\r\n和平区,x,y\ne,,f");
    const struct str expected = STR("2:a\n,b|c\"d|z=;5:和平区|x|z=y;6:e||z=f;");
    struct rng rng;
    const uint64_t seed = 99;
    rng_init(&rng, seed);
    for (int round = 0; round < 500; round++) {
        struct csv_handler h = handler();
        struct csv_reader *reader = csv_reader_new(&h);
        struct error error;
        buffer_clear(&collected.text);
        for (uint32_t done = 0; done < csv.length;) {
            uint32_t piece = (uint32_t)rng_between(&rng, 1, round % 7 + 1);
            if (piece > csv.length - done)
                piece = csv.length - done;
            cr_assert(csv_reader_feed(reader, csv.data + done, piece, &error), "%s", error.text);
            done += piece;
        }
        cr_assert(csv_reader_finish(reader, &error), "%s", error.text);
        csv_reader_free(reader);
        cr_assert(str_equal(buffer_borrow(&collected.text), expected), "seed %" PRIu64 ": %.*s",
                  seed, STR_ARG(buffer_borrow(&collected.text)));
    }
}

Test(csv_reader, what_only_begins_like_a_byte_order_mark_is_text)
{
    assert_fails(handler(),
                 STR("\xef\xbb"
                     "first\n"),
                 "line 1: value 1 '??first' is not UTF-8 text: byte EF");
}

Test(csv_reader, refuses_a_header_that_does_not_fit)
{
    assert_fails(handler(), STR(""), "line 1: no header");
    assert_fails(handler(), STR("\n\n"), "line 1: no header");
    assert_fails(handler(), STR("\xef\xbb\xbf"), "line 1: no header");
    assert_fails(handler(), STR("second\nb\n"), "line 1: column 'first' is missing in the header");
    assert_fails(handler(), STR("first,first\n"),
                 "line 1: column 'first' stands twice in the header");
    assert_fails(handler(), STR("first,x,x\n"), "line 1: column 'x' stands twice in the header");
    assert_fails(handler(), STR("first,refused\n"), "column 'refused' is refused");
    struct csv_handler strict = handler();
    strict.extra_column = NULL;
    assert_fails(strict, STR("\nfirst,x\n"), "line 2: unknown column 'x' in the header");
}

Test(csv_reader, refuses_rows_of_another_width_and_other_bytes)
{
    assert_fails(handler(), STR("first,second\na\n"),
                 "line 2: 1 values where the header has 2 columns");
    assert_fails(handler(), STR("first,second\na,b\n\na,b,c\n"),
                 "line 4: 3 values where the header has 2 columns");
    assert_fails(handler(), STR("first,second\na,\xff\n"),
                 "line 2: value 2 '?' is not UTF-8 text: byte FF");
    assert_fails(handler(), STR("first,second\na\0b,c\n"),
                 "line 2: value 1 'a' is not UTF-8 text: byte 00");
    /* Two halves of one character, one in each value. */
    assert_fails(handler(), STR("first,second\n\xe5\x92,\x8c\n"),
                 "line 2: value 1 '\?\?' is not UTF-8 text: byte E5");
}

Test(csv_reader, can_go_on_behind_bad_rows)
{
    struct csv_handler h = handler();
    h.bad_row = skip_bad_row;
    struct error error;
    cr_assert(csv_read_text(&h, STR("first,second\na\nb,\xff\nc,d\n"), &error), "%s", error.text);
    cr_assert_eq(collected.bad_rows, 2);
    cr_assert(str_equal(buffer_borrow(&collected.text),
                        STR("bad 2 (line 2: 1 values where the header has 2 columns);"
                            "bad 3 (line 3: value 2 '?' is not UTF-8 text: byte FF);4:c|d;")));
}

Test(csv_reader, names_the_line_of_a_stray_or_open_quote)
{
    const char *stray = "line 3: a stray '\"'; quote the value and double it";
    assert_fails(handler(), STR("first,second\na,b\na\"b,c\n"), stray);
    assert_fails(handler(), STR("first,second\na,b\n\"a\" b,c\n"), stray);
    assert_fails(handler(), STR("first,second\na,b\nc,\"d\ne,f\n"),
                 "line 3: the quote is never closed");
}

Test(csv_reader, the_error_of_a_row_names_line_column_and_value)
{
    collected.stop_at = 3;
    struct csv_handler h = handler();
    struct error error;
    cr_assert(!csv_read_text(&h, STR("first,second\na,b\nc,d\ne,f\n"), &error));
    cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
    cr_assert_str_eq(error.text, "line 3, column 'first' 'c': is not wanted");
    cr_assert_str_eq(error.field, "first");
    cr_assert_str_eq(error.value, "c");
    cr_assert(str_equal(buffer_borrow(&collected.text), STR("2:a|b;")),
              "rows behind it are not seen");
    csv_name_file(&error, "areas.csv");
    cr_assert_str_eq(error.text, "areas.csv: line 3, column 'first' 'c': is not wanted");
    cr_assert_str_eq(error.field, "first");
}

Test(csv_reader, stays_failed_with_the_same_error)
{
    struct csv_handler h = handler();
    struct csv_reader *reader = csv_reader_new(&h);
    struct error first = {0}, second = {0};
    cr_assert(!csv_reader_feed(reader, "zero\n", 5, &first));
    cr_assert(!csv_reader_feed(reader, "first\n", 6, &second));
    cr_assert_str_eq(first.text, second.text);
    cr_assert(!csv_reader_finish(reader, NULL));
    csv_reader_free(reader);
    csv_reader_free(NULL);
}

static void fill(struct buffer *csv, size_t size_bytes)
{
    char *room = buffer_reserve(csv, size_bytes);
    memset(room, 'x', size_bytes);
    buffer_commit(csv, size_bytes);
}

Test(csv_reader, bounds_a_row_and_its_values)
{
    struct buffer csv;
    buffer_init(&csv, 8 << 20);
    buffer_append_str(&csv, STR("first,second\n"));
    fill(&csv, CSV_ROW_LIMIT_BYTES / 2);
    buffer_append_str(&csv, STR(","));
    fill(&csv, CSV_ROW_LIMIT_BYTES / 2 + 1);
    buffer_append_str(&csv, STR("\n"));
    struct error error;
    struct csv_handler h = handler();
    cr_assert(!csv_read_text(&h, buffer_borrow(&csv), &error));
    cr_assert_eq(error.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert(strstr(error.text, "line 2: the row is longer than 1048576 bytes"), "%s", error.text);

    buffer_clear(&csv);
    buffer_append_str(&csv, STR("first,second\n"));
    fill(&csv, CSV_ROW_LIMIT_BYTES + 200000); /* one value that never ends */
    cr_assert(!csv_read_text(&h, buffer_borrow(&csv), &error));
    cr_assert_eq(error.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert(strstr(error.text, "line 2: the row is longer than 1048576 bytes"), "%s", error.text);

    buffer_clear(&csv);
    buffer_append_str(&csv, STR("first,second\n"));
    fill(&csv, 100000);
    buffer_append_str(&csv, STR(",b\n"));
    cr_assert(csv_read_text(&h, buffer_borrow(&csv), &error), "%s", error.text);
    buffer_release(&csv);
}

Test(csv_reader, bounds_the_columns)
{
    struct buffer csv;
    buffer_init(&csv, 1 << 20);
    buffer_append_str(&csv, STR("first"));
    for (int i = 1; i < CSV_COLUMN_LIMIT; i++)
        buffer_printf(&csv, ",c%d", i);
    struct csv_handler h = handler();
    struct error error;
    cr_assert(csv_read_text(&h, buffer_borrow(&csv), &error), "%s", error.text);
    buffer_append_str(&csv, STR(",more\n"));
    assert_fails(handler(), buffer_borrow(&csv), "line 1: more than 256 values");
    buffer_clear(&csv);
    buffer_append_str(&csv, STR("first,"));
    fill(&csv, 70000);
    assert_fails(handler(), buffer_borrow(&csv), "the header is too large");
    buffer_release(&csv);
}

Test(csv_reader, items_of_a_list_are_cut_at_bars_and_trimmed)
{
    static const struct {
        const char *value, *items;
    } cases[] = {
        {"", ""},         {"a", "[a]"},  {"a|b", "[a][b]"}, {" a | b c |", "[a][b c]"},
        {"||a||", "[a]"}, {"  |  ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str rest = str_of(cases[i].value), item;
        buffer_clear(&collected.text);
        while (csv_next_item(&rest, &item))
            buffer_printf(&collected.text, "[%.*s]", STR_ARG(item));
        cr_assert(str_equal(buffer_borrow(&collected.text), str_of(cases[i].items)), "'%s'",
                  cases[i].value);
    }
}

Test(csv_reader, decimals_are_exact_or_refused)
{
    static const struct {
        const char *text;
        unsigned places;
        bool well;
        int64_t value;
    } cases[] = {
        {"0", 2, true, 0},
        {"2320", 2, true, 232000},
        {"24.4", 2, true, 2440},
        {"24.40", 2, true, 2440},
        {"0.01", 2, true, 1},
        {"-39.1", 7, true, -391000000},
        {"-0.5", 1, true, -5},
        {".5", 1, true, 5},
        {"007", 0, true, 7},
        {"92233720368547758.07", 2, true, INT64_MAX},
        {"92233720368547758.08", 2, false, 0},
        {"922337203685477581", 2, false, 0},
        {"9223372036854775808", 0, false, 0},
        {"24.405", 2, false, 0},
        {"1.0", 0, false, 0},
        {"", 2, false, 0},
        {"-", 2, false, 0},
        {".", 2, false, 0},
        {"1.", 2, false, 0},
        {"1.2.3", 2, false, 0},
        {"+1", 2, false, 0},
        {" 1", 2, false, 0},
        {"1e3", 2, false, 0},
        {"1,5", 2, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 42;
        cr_assert_eq(csv_decimal(str_of(cases[i].text), cases[i].places, &value), cases[i].well,
                     "'%s'", cases[i].text);
        cr_assert_eq(value, cases[i].well ? cases[i].value : 42, "'%s'", cases[i].text);
    }
}

Test(csv_reader, short_memory_fails_and_leaks_nothing)
{
    bool failed = true;
    struct csv_handler h = handler();
    for (int n = 0; failed; n++) {
        struct error error = {0};
        buffer_release(&collected.text); /* the test's own memory is not what fails */
        buffer_init(&collected.text, 1 << 20);
        cr_assert(buffer_reserve(&collected.text, 1000));
        memory_fail_after(n);
        bool well = csv_read_text(&h, STR("first,second,extra\na,b,c\nd,e,f\n"), &error);
        failed = memory_has_failed();
        cr_assert_neq(well, failed, "allocation %d", n);
        cr_assert_eq(error.code, failed ? ERROR_RESOURCE_EXHAUSTED : ERROR_OK);
    }
}
