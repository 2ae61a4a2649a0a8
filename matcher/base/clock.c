/* Time and the calendar. Thread: any. Cost: clock_today takes libc's time zone lock; everything
 * else is a few instructions or one vDSO call.
 *
 * Days and dates convert by the era arithmetic of Howard Hinnant, "chrono-compatible low-level date
 * algorithms" (2013): a year is counted from March, so that the leap day is its last.
 */
#include "base/clock.h"

#include <assert.h>
#include <time.h>

#include "base/banned.h"

enum {
    YEAR_FIRST = 1900,
    YEAR_LAST = 2999,
    DAYS_PER_ERA = 146097, /* 400 years */
    DAYS_0000_03_01_TO_EPOCH = 719468,
};

static int64_t read_ns(clockid_t id)
{
    struct timespec now;
    int status = clock_gettime(id, &now);
    assert(status == 0);
    (void)status;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t system_wall_ms(void *context)
{
    (void)context;
    return read_ns(CLOCK_REALTIME) / 1000000;
}

struct clock clock_system(void)
{
    return (struct clock){.wall_ms = system_wall_ms};
}

int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock->context);
}

int64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

/* Any year from 0 on; month 1..12, day 1..31. */
static int32_t days_of_date(int32_t year, int32_t month, int32_t day)
{
    if (month <= 2)
        year--;
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_0000_03_01_TO_EPOCH;
}

int32_t clock_today(const struct clock *clock)
{
    int64_t ms = clock_wall_ms(clock);
    /* Floor: a moment before 1970 belongs to the second that began before it. */
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    struct tm local;
    struct tm *converted = localtime_r(&seconds, &local);
    assert(converted); /* only a year beyond int fails, which no clock shows */
    (void)converted;
    return days_of_date(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* The number that `count` decimal digits spell, or -1. */
static int32_t read_digits(const char *text, int count)
{
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool date_parse(struct str text, int32_t *days)
{
    if (text.length != 10 || text.data[4] != '-' || text.data[7] != '-')
        return false;
    int32_t year = read_digits(text.data, 4);
    int32_t month = read_digits(text.data + 5, 2);
    int32_t day = read_digits(text.data + 8, 2);
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *days = days_of_date(year, month, day);
    return true;
}

static void write_digits(char *out, int count, int32_t value)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

void date_format(int32_t days, char out[11])
{
    const int32_t first = days_of_date(0, 1, 1);
    const int32_t last = days_of_date(9999, 12, 31);
    out[0] = '\0';
    if (days < first || days > last) /* DATE_NONE too: four digits are all there is room for */
        return;
    int32_t since = days + DAYS_0000_03_01_TO_EPOCH;
    int32_t era = (since >= 0 ? since : since - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int32_t day_of_era = since - era * DAYS_PER_ERA;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t shifted = (5 * day_of_year + 2) / 153; /* months since March */
    int32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    write_digits(out, 4, era * 400 + year_of_era + (month <= 2));
    out[4] = '-';
    write_digits(out + 5, 2, month);
    out[7] = '-';
    write_digits(out + 8, 2, day_of_year - (153 * shifted + 2) / 5 + 1);
    out[10] = '\0';
}
