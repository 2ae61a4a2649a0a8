/* Tables, cut texts, bars, counts and the progress line, by columns of the screen. */
#include <criterion/criterion.h>

#include "base/text.h"
#include "haihectl/progress.h"
#include "haihectl/table.h"

static struct buffer out;

static void setup(void)
{
    buffer_init(&out, 65536);
}

static void teardown(void)
{
    buffer_release(&out);
}

TestSuite(table, .init = setup, .fini = teardown);

static void expect(const char *text)
{
    cr_expect(str_equal(buffer_borrow(&out), str_of(text)), "got\n%.*s\nexpected\n%s",
              (int)out.length_bytes, out.data, text);
    buffer_clear(&out);
}

static const struct table_column COLUMNS[] = {
    {"#", true, false}, {"title", false, true}, {"key", false, false}};

static struct table *sample(void)
{
    struct table *table = table_new(COLUMNS, 3);
    table_format(table, "%d", 1);
    table_text(table, STR("电气工程师"));
    table_text(table, STR("p:1"));
    table_format(table, "%d", 10);
    table_text(table, STR("PLC工程师 II"));
    table_text(table, STR("p:2"));
    return table;
}

Test(table, aligns_by_screen_columns)
{
    struct table *table = sample();
    table_write(table, 0, &out);
    expect(" #  title         key\n"
           " 1  电气工程师    p:1\n"
           "10  PLC工程师 II  p:2\n");
    table_free(table);
}

Test(table, cuts_what_may_shrink_to_fit_the_screen)
{
    struct table *table = sample();
    table_write(table, 20, &out);
    expect(" #  title        key\n"
           " 1  电气工程师   p:1\n"
           "10  PLC工程师 …  p:2\n");
    table_write(table, 16, &out);
    expect(" #  title     key\n"
           " 1  电气工…   p:1\n"
           "10  PLC工程…  p:2\n");
    table_free(table);
}

Test(table, keeps_every_line_within_the_screen)
{
    struct table *table = sample();
    for (uint32_t columns = 17; columns < 30; columns++) {
        table_write(table, columns, &out);
        for (const char *line = out.data; line < out.data + out.length_bytes;) {
            size_t bytes = strcspn(line, "\n");
            cr_expect_leq(text_column_count((struct str){line, (uint32_t)bytes}), columns);
            line += bytes + 1;
        }
        buffer_append(&out, "", 1);
        buffer_clear(&out);
    }
    table_free(table);
}

Test(table, lets_no_text_steer_the_terminal)
{
    struct table *table = table_new(COLUMNS, 3);
    table_text(table, STR("\033[2J"));
    table_text(table, STR("a\nb\tc\x7F\xC2\x9B"));
    table_text(table, STR("\xFF\xFE"));
    table_write(table, 0, &out);
    expect("   #  title     key\n"
           "?[2J  a?b?c???  ?\n");
    table_free(table);
}

Test(table, leaves_out_a_line_of_no_titles)
{
    static const struct table_column untitled[] = {{"", false, false}, {"", true, false}};
    struct table *table = table_new(untitled, 2);
    table_text(table, STR("a"));
    table_text(table, STR("12"));
    table_text(table, STR("bcd"));
    table_text(table, STR("3"));
    table_write(table, 0, &out);
    expect("a    12\nbcd   3\n");
    table_free(table);
}

Test(table, cuts_at_whole_characters)
{
    table_cut(STR("abc"), 3, &out);
    expect("abc");
    table_cut(STR("abcd"), 3, &out);
    expect("ab…");
    table_cut(STR("工程师"), 6, &out);
    expect("工程师");
    table_cut(STR("工程师"), 5, &out);
    expect("工程…");
    table_cut(STR("工程师"), 4, &out);
    expect("工…");
    table_cut(STR("工程师"), 1, &out);
    expect("…");
    table_cut(STR("工程师"), 0, &out);
    expect("");
}

Test(table, draws_bars_in_eighths)
{
    table_bar(0, 100, 4, &out);
    expect("····");
    table_bar(100, 100, 4, &out);
    expect("████");
    table_bar(50, 100, 3, &out);
    expect("█▌·");
    table_bar(200, 100, 2, &out);
    expect("██");
    table_bar(-5, 100, 2, &out);
    expect("··");
    table_bar(1, 0, 2, &out);
    expect("··");
}

Test(table, separates_thousands)
{
    char text[32];
    cr_expect_str_eq(count_text(0, text), "0");
    cr_expect_str_eq(count_text(999, text), "999");
    cr_expect_str_eq(count_text(1000, text), "1,000");
    cr_expect_str_eq(count_text(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

Test(table, shows_progress_in_one_line_that_fits)
{
    struct progress progress = {.what = "vacancies",
                                .start_ns = 1000000000,
                                .total_bytes = 1000,
                                .read_bytes = 500,
                                .applied = 9990,
                                .refused = 10};
    progress_line(&progress, 3000000000, 200, &out);
    expect("vacancies  ━━━━━━━━━━━━────────────  50 %  10,000 rows  5,000/s  10 refused");
    progress_line(&progress, 3000000000, 20, &out);
    cr_expect_eq(text_column_count(buffer_borrow(&out)), 20);
    buffer_clear(&out);
    progress.total_bytes = 0; /* a pipe */
    progress.refused = 0;
    progress_line(&progress, 3000000000, 200, &out);
    expect("vacancies  9,990 rows  4,995/s");
    progress_summary(&progress, 3000000000, &out);
    expect("9,990 vacancies in 2.00 s (4,995/s), none refused");
}
