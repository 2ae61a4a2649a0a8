/* Dates: three numbers and what stands between them, then which of them is the year. */
#include <stdio.h>

#include "base/clock.h"
#include "haihectl/spelling.h"

#include "base/banned.h"

static const char NO_DATE[] = "not a date, such as 2026-12-31";

/* A run of digits at the front of *rest, at most eight of them. */
struct digits {
    int32_t value;
    uint32_t count;
};

static struct digits cut_digits(struct str *rest)
{
    struct digits digits = {0, 0};
    while (digits.count < rest->length && digits.count < 8 && rest->data[digits.count] >= '0' &&
           rest->data[digits.count] <= '9')
        digits.value = digits.value * 10 + (rest->data[digits.count++] - '0');
    *rest = (struct str){rest->data + digits.count, rest->length - digits.count};
    return digits;
}

static bool cut_text(struct str *rest, const char *text)
{
    if (!str_starts_with(*rest, str_of(text)))
        return false;
    *rest = (struct str){rest->data + strlen(text), rest->length - (uint32_t)strlen(text)};
    return true;
}

/* "", " 8:30", "T08:30:00.5+08:00", "Z" behind: a time of day, and nothing else. */
static bool is_time(struct str rest)
{
    if (rest.length == 0)
        return true;
    if (!cut_text(&rest, "T") && !cut_text(&rest, " "))
        return false;
    while (cut_text(&rest, " ")) {
    }
    struct digits hour = cut_digits(&rest);
    if (hour.count == 0 || hour.count > 2 || hour.value > 24 || !cut_text(&rest, ":"))
        return false;
    struct digits minute = cut_digits(&rest);
    if (minute.count != 2 || minute.value > 59)
        return false;
    if (cut_text(&rest, ":")) {
        struct digits second = cut_digits(&rest);
        if (second.count != 2 || second.value > 60)
            return false;
        if (cut_text(&rest, ".") && cut_digits(&rest).count == 0)
            return false;
    }
    if (cut_text(&rest, "Z") || cut_text(&rest, "z"))
        return rest.length == 0;
    if (cut_text(&rest, "+") || cut_text(&rest, "-")) {
        struct digits zone = cut_digits(&rest);
        bool minutes = zone.count == 2 && cut_text(&rest, ":") && cut_digits(&rest).count == 2;
        return (zone.count == 4 || zone.count == 2 || minutes) && rest.length == 0;
    }
    return rest.length == 0;
}

/* "2026-11-24" when there is such a day. */
static bool make_day(int32_t year, int32_t month, int32_t day, char out[11])
{
    char text[16];
    int32_t days;
    if (year < 1000 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
    if (!date_parse(str_of(text), &days))
        return false;
    memcpy(out, text, 11);
    return true;
}

static bool put_day(int32_t year, int32_t month, int32_t day, char out[11],
                    struct spelling_reason *reason)
{
    return make_day(year, month, day, out) ||
           spelling_refuse(reason, "there is no such day; %s", NO_DATE);
}

/* 24/11/2026 and 11/24/2026: whichever is the only reading. */
static bool put_year_last(int32_t first, int32_t second, int32_t year, char out[11],
                          struct spelling_reason *reason)
{
    char day_first[11], month_first[11];
    bool is_day_first = make_day(year, second, first, day_first);
    bool is_month_first = make_day(year, first, second, month_first);
    if (is_day_first && is_month_first && first != second)
        return spelling_refuse(reason, "may mean %s or %s: write the year first", day_first,
                               month_first);
    if (!is_day_first && !is_month_first)
        return spelling_refuse(reason, "there is no such day; %s", NO_DATE);
    memcpy(out, is_day_first ? day_first : month_first, 11);
    return true;
}

/* A number alone: 20261124, or what is none. */
static bool put_number(struct str text, struct digits number, char out[11],
                       struct spelling_reason *reason)
{
    enum { SERIAL_OF_1970 = 25569, SERIAL_LOW = 20000, SERIAL_HIGH = 80000 };
    if (number.count == 8 && text.length == 8)
        return put_day(number.value / 10000, number.value / 100 % 100, number.value % 100, out,
                       reason);
    if (number.count == 5 && number.value >= SERIAL_LOW && number.value <= SERIAL_HIGH) {
        char meant[11];
        date_format(number.value - SERIAL_OF_1970, meant);
        return spelling_refuse(reason,
                               "a spreadsheet's day number, which would mean %s: format the column "
                               "as a date and export again",
                               meant);
    }
    return spelling_refuse(reason, "%s", NO_DATE);
}

/* *rest from behind the first number on. */
static bool put_parts(struct digits first, struct str rest, char out[11],
                      struct spelling_reason *reason)
{
    static const char *const between[][2] = {{"-", "-"}, {"/", "/"}, {".", "."}, {"年", "月"}};
    enum { DOT = 2, CHINESE = 3, FORMS = 4 };
    size_t form = 0;
    while (form < FORMS && !cut_text(&rest, between[form][0]))
        form++;
    if (form == FORMS)
        return spelling_refuse(reason, "%s", NO_DATE);
    struct digits second = cut_digits(&rest);
    if (second.count == 0 || second.count > 2 || !cut_text(&rest, between[form][1]))
        return spelling_refuse(reason, "%s", NO_DATE);
    struct digits third = cut_digits(&rest);
    if (form == CHINESE && !cut_text(&rest, "日") && !cut_text(&rest, "号"))
        return spelling_refuse(reason, "%s", NO_DATE);
    if (!is_time(rest))
        return spelling_refuse(reason, "%s", NO_DATE);
    if (first.count == 4 && third.count >= 1 && third.count <= 2)
        return put_day(first.value, second.value, third.value, out, reason);
    if (form == CHINESE || first.count < 1 || first.count > 2)
        return spelling_refuse(reason, "%s", NO_DATE);
    if (third.count == 4 && form == DOT) /* day first wherever dates are written with points */
        return put_day(third.value, second.value, first.value, out, reason);
    if (third.count == 4)
        return put_year_last(first.value, second.value, third.value, out, reason);
    return spelling_refuse(reason, "the year needs four digits; %s", NO_DATE);
}

bool spelling_date(struct str text, char out[11], struct spelling_reason *reason)
{
    char scratch[SPELLING_LIMIT_BYTES];
    int32_t days;
    if (text.length == 10 && date_parse(text, &days)) {
        memcpy(out, text.data, 10);
        out[10] = '\0';
        return true;
    }
    struct str rest = text = spelling_plain(text, scratch);
    struct digits first = cut_digits(&rest);
    if (first.count == 0)
        return spelling_refuse(reason, "%s", NO_DATE);
    if (first.count >= 5)
        return put_number(text, first, out, reason);
    return put_parts(first, rest, out, reason);
}
