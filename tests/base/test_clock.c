#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* A clock that shows what `context` points to. */
static int64_t shown_ms(void *context)
{
    return *(int64_t *)context;
}

static int32_t today_at(const char *zone, int64_t wall_ms)
{
    setenv("TZ", zone, 1); /* each test is a process of its own */
    tzset();
    const struct clock clock = {.wall_ms = shown_ms, .context = &wall_ms};
    return clock_today(&clock);
}

static int32_t day(const char *text)
{
    int32_t days = DATE_NONE;
    cr_assert(date_parse(str_of(text), &days), "'%s'", text);
    return days;
}

static int64_t utc_ms(const char *text, int64_t ms_of_day)
{
    return day(text) * (int64_t)86400000 + ms_of_day;
}

Test(clock, wall_time_is_the_injected_one)
{
    int64_t now_ms = 1700000000123;
    const struct clock clock = {.wall_ms = shown_ms, .context = &now_ms};
    cr_assert_eq(clock_wall_ms(&clock), 1700000000123);
}

Test(clock, system_clock_agrees_with_libc)
{
    const struct clock clock = clock_system();
    int64_t before = (int64_t)time(NULL) - 1;
    int64_t shown = clock_wall_ms(&clock) / 1000;
    int64_t after = (int64_t)time(NULL) + 1;
    cr_assert(before <= shown && shown <= after);
}

Test(clock, monotonic_never_goes_back)
{
    int64_t last = clock_monotonic_ns();
    cr_assert_gt(last, 0);
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_monotonic_ns();
        cr_assert_leq(last, now);
        last = now;
    }
}

Test(clock, today_turns_at_local_midnight)
{
    /* POSIX zones, so that no zone file is needed; CST-8 is eight hours ahead of UTC. */
    cr_assert_eq(today_at("CST-8", utc_ms("2026-11-23", 57599999)), day("2026-11-23"));
    cr_assert_eq(today_at("CST-8", utc_ms("2026-11-23", 57600000)), day("2026-11-24"));
    cr_assert_eq(today_at("UTC0", utc_ms("2026-11-23", 86399999)), day("2026-11-23"));
    cr_assert_eq(today_at("UTC0", utc_ms("2026-11-24", 0)), day("2026-11-24"));
    cr_assert_eq(today_at("PST8", utc_ms("2026-11-24", 28799999)), day("2026-11-23"));
}

Test(clock, today_before_1970)
{
    cr_assert_eq(today_at("UTC0", 0), 0);
    cr_assert_eq(today_at("UTC0", -1), -1);
    cr_assert_eq(today_at("UTC0", -86400000), -1);
    cr_assert_eq(today_at("UTC0", -86400001), -2);
    cr_assert_eq(today_at("CST-8", -1), 0);
}

Test(date, known_days)
{
    cr_assert_eq(day("1970-01-01"), 0);
    cr_assert_eq(day("1969-12-31"), -1);
    cr_assert_eq(day("2000-03-01"), 11017);
    cr_assert_eq(day("1900-01-01"), -25567);
    cr_assert_eq(day("2024-02-29") + 1, day("2024-03-01"));
    cr_assert_eq(day("2000-02-29") + 1, day("2000-03-01"));
}

/* The oracle is libc's calendar: a day exists when timegm does not move it. */
Test(date, exactly_the_days_of_the_calendar_parse)
{
    for (int year = 1890; year <= 3010; year++) {
        for (int month = 0; month <= 13; month++) {
            for (int d = 0; d <= 32; d++) {
                char text[24];
                snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, d);
                struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = d};
                time_t seconds = timegm(&tm);
                bool exists = tm.tm_year == year - 1900 && tm.tm_mon == month - 1 &&
                              tm.tm_mday == d && year >= 1900 && year <= 2999;
                int32_t days = 12345;
                bool parsed = date_parse(str_of(text), &days);
                char back[11];
                date_format(days, back);
                bool right = parsed == exists &&
                             days == (exists ? (int32_t)(seconds / 86400) : 12345) &&
                             (!exists || strcmp(back, text) == 0);
                cr_assert(right, "'%s' %s, gives %d, comes back as '%s'", text,
                          parsed ? "parses" : "does not parse", days, back);
            }
        }
    }
}

Test(date, impossible_days_of_leap_years)
{
    static const char *const bad[] = {"2023-02-29", "1900-02-29", "2100-02-29", "2026-04-31",
                                      "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t days = 7;
        cr_assert_not(date_parse(str_of(bad[i]), &days), "'%s'", bad[i]);
        cr_assert_eq(days, 7);
    }
    day("2024-02-29");
    day("2000-02-29");
}

Test(date, other_forms_are_refused)
{
    static const char *const bad[] = {
        "",           "2026",        "2026-1-1",    "2026/11/23",  "2026-11/23", "2026/11-23",
        "20261123",   "23-11-2026",  "2026-11-23 ", " 2026-11-23", "2026-11-2x", "+026-11-23",
        "2026-11--3", "2026-11-23T", "２０２６",    "2026年1月",   "1899-12-31", "3000-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t days = 7;
        cr_assert_not(date_parse(str_of(bad[i]), &days), "'%s'", bad[i]);
        cr_assert_eq(days, 7);
    }
    int32_t days;
    cr_assert_not(date_parse((struct str){NULL, 0}, &days));
    cr_assert_not(date_parse((struct str){"2026-11-23", 9}, &days));
}

Test(date, format_of_what_is_no_four_digit_date_is_empty)
{
    char text[11] = "x";
    date_format(DATE_NONE, text);
    cr_assert_str_empty(text);
    date_format(INT32_MAX, text);
    cr_assert_str_empty(text);
    date_format(INT32_MIN + 1, text);
    cr_assert_str_empty(text);
    date_format(day("2999-12-31") + 365 * 7000 + 2000, text);
    cr_assert_str_empty(text);
    date_format(-719528, text);
    cr_assert_str_eq(text, "0000-01-01");
    date_format(-719529, text);
    cr_assert_str_empty(text);
    date_format(2932896, text);
    cr_assert_str_eq(text, "9999-12-31");
    date_format(2932897, text);
    cr_assert_str_empty(text);
}
