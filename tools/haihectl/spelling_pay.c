/* Pay as job boards write it:
 *
 *   [年薪|月薪 ..] [¥] number [k|千|万] [- number [k|千|万]] [元] [以上|以下] [/月] [·13薪]
 *
 * Cut from the front, piece by piece; what is left at the end is refused.
 */
#include <stdio.h>

#include "haihectl/money.h"
#include "haihectl/spelling.h"
#include "haihectl/terms.h"

#include "base/banned.h"

static const char NO_PAY[] = "not an amount in the currency's unit, such as 8000 or 24.40";

/* A number with its scale: 1, 1,000 or 10,000; 0 = none stated. */
struct amount {
    int64_t millionths;
    int64_t scale;
    int decimals;
    bool grouped;
};

static struct str skip_spaces(struct str rest)
{
    while (rest.length > 0 && rest.data[0] == ' ')
        rest = (struct str){rest.data + 1, rest.length - 1};
    return rest;
}

/* One of the words in front, ASCII in any case; its index, -1 when none. */
static int cut_word(struct str *rest, const char *const *words, size_t count)
{
    struct str text = skip_spaces(*rest);
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(words[i]);
        if (bytes <= text.length && strncasecmp(text.data, words[i], bytes) == 0) {
            *rest = (struct str){text.data + bytes, text.length - (uint32_t)bytes};
            return (int)i;
        }
    }
    return -1;
}

#define CUT(rest, ...)                                                                             \
    cut_word(rest, (const char *const[]){__VA_ARGS__},                                             \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool means_negotiable(struct str text)
{
    struct str rest = text;
    CUT(&rest, "薪资", "工资", "薪酬", "待遇", "薪水");
    return CUT(&rest, "面议", "面谈", "negotiable", "competitive") >= 0 && rest.length == 0;
}

static bool cut_amount(struct str *rest, struct amount *amount, struct spelling_reason *reason)
{
    static const int64_t scales[] = {1000, 1000, 10000, 10000};
    *rest = skip_spaces(*rest);
    if (!spelling_cut_number(rest, &amount->millionths, &amount->decimals, &amount->grouped,
                             reason))
        return false;
    int scale = CUT(rest, "k", "千", "万", "w");
    amount->scale = scale >= 0 ? scales[scale] : 0;
    return true;
}

static bool to_minor_units(const struct amount *amount, struct str currency, int64_t *out,
                           struct spelling_reason *reason)
{
    int64_t per_unit = 1, value;
    int decimals = money_decimals(currency);
    for (int i = 0; i < decimals; i++)
        per_unit *= 10;
    if (amount->grouped && decimals == 3 && amount->decimals == 0 && amount->scale == 0)
        return spelling_refuse(reason, "a thousands separator or a decimal comma? write neither");
    if (__builtin_mul_overflow(amount->millionths, (amount->scale ? amount->scale : 1) * per_unit,
                               &value) ||
        value / 1000000 > INT64_C(10000000000000))
        return spelling_refuse(reason, "too large an amount");
    if (value % 1000000 != 0 && amount->decimals == 3)
        return spelling_refuse(reason,
                               "more decimals than the currency has; for thousands write no point");
    if (value % 1000000 != 0)
        return spelling_refuse(reason, "more decimals than the currency has");
    *out = value / 1000000;
    return true;
}

/* "8k-12k", "8-12k": a scale at the end counts for both when only so the range goes upwards in the
 * numbers as written. */
static bool cut_range(struct str *rest, struct str currency, struct spelling_pay *pay, bool *yuan,
                      struct spelling_reason *reason)
{
    struct amount low, high;
    if (!cut_amount(rest, &low, reason))
        return false;
    *yuan |= CUT(rest, "元", "块") >= 0;
    pay->is_range = CUT(rest, "--", "-", "–", "—", "~", "〜", "至", "到") >= 0;
    if (pay->is_range) {
        *yuan |= CUT(rest, "¥", "￥") >= 0;
        if (!cut_amount(rest, &high, reason))
            return false;
        if (low.scale == 0 && high.scale != 0 && low.millionths <= high.millionths)
            low.scale = high.scale;
    } else {
        high = low;
    }
    if (!to_minor_units(&low, currency, &pay->min_minor_units, reason) ||
        !to_minor_units(&high, currency, &pay->max_minor_units, reason))
        return false;
    return pay->min_minor_units <= pay->max_minor_units ||
           spelling_refuse(reason, "the range ends below its beginning");
}

/* "/月", "元/小时", "per month"; true also when there is none. */
static bool cut_unit(struct str *rest, struct spelling_pay *pay, struct spelling_reason *reason)
{
    static const struct {
        const char *word, *unit;
    } words[] = {{"小时", "HOUR"},   {"时", "HOUR"},   {"hour", "HOUR"},  {"hr", "HOUR"},
                 {"h", "HOUR"},      {"天", "DAY"},    {"日", "DAY"},     {"day", "DAY"},
                 {"周", "WEEK"},     {"week", "WEEK"}, {"个月", "MONTH"}, {"月", "MONTH"},
                 {"month", "MONTH"}, {"mo", "MONTH"},  {"年", "YEAR"},    {"year", "YEAR"},
                 {"yr", "YEAR"}};
    if (CUT(rest, "/", "per ", "每", "a ") < 0)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (cut_word(rest, &words[i].word, 1) < 0)
            continue;
        const char *unit = term_find(TERM_PAY_UNIT, str_of(words[i].unit));
        if (pay->unit && strcmp(pay->unit, unit) != 0)
            return spelling_refuse(reason, "names two units of time");
        pay->unit = unit;
        return true;
    }
    return spelling_refuse(reason, "not per hour, day, week, month or year");
}

static bool cut_months(struct str *rest, struct spelling_pay *pay, struct spelling_reason *reason)
{
    int64_t millionths;
    int decimals;
    bool grouped;
    struct str before = *rest;
    CUT(rest, "·", "•", "*", "x", "×", ",", "、");
    *rest = skip_spaces(*rest);
    if (rest->length == 0 || rest->data[0] < '0' || rest->data[0] > '9') {
        *rest = before; /* what stands there is none of this */
        return true;
    }
    if (!spelling_cut_number(rest, &millionths, &decimals, &grouped, reason))
        return false;
    if (CUT(rest, "薪", "个月薪") < 0 || millionths % 1000000 != 0)
        return spelling_refuse(reason, "%s", NO_PAY);
    pay->months_per_year = millionths / 1000000;
    return true;
}

/* "年薪" in front; its unit, NULL when there is none. */
static const char *cut_front(struct str *rest)
{
    static const char *const units[] = {"YEAR", "MONTH", "DAY", "HOUR", "WEEK"};
    int front = CUT(rest, "年薪", "月薪", "日薪", "时薪", "周薪");
    if (front < 0)
        return NULL;
    CUT(rest, ":");
    return term_find(TERM_PAY_UNIT, str_of(units[front]));
}

/* Behind the amounts: yuan, an open end, the unit, the months. */
static bool cut_rest(struct str *rest, struct spelling_pay *pay, bool *yuan,
                     struct spelling_reason *reason)
{
    *yuan |= CUT(rest, "元", "块", "rmb", "cny") >= 0;
    int open = pay->is_range ? -1 : CUT(rest, "以上", "起", "+", "以下", "以内");
    if (!cut_unit(rest, pay, reason))
        return false;
    if (open < 0 && !pay->is_range)
        open = CUT(rest, "以上", "起", "+", "以下", "以内");
    if (open >= 0) {
        pay->is_range = true;
        if (open < 3)
            pay->max_minor_units = -1;
        else
            pay->min_minor_units = -1;
    }
    return cut_months(rest, pay, reason);
}

static bool refuse_pay(struct str text, struct spelling_reason *reason)
{
    if (spelling_is_short_number(text))
        return spelling_refuse(reason, "a spreadsheet's short form of a long number, whose last "
                                       "digits are lost: format the column as text and export "
                                       "again");
    struct str rest = text;
    if (CUT(&rest, "$", "€", "£", "usd", "eur", "hk$", "us$") >= 0)
        return spelling_refuse(reason, "a currency belongs into wage_currency; %s", NO_PAY);
    return spelling_refuse(reason, "%s, 8k-12k or 1.2万/月", NO_PAY);
}

bool spelling_pay(struct str text, struct str currency, struct spelling_pay *pay,
                  struct spelling_reason *reason)
{
    char scratch[SPELLING_LIMIT_BYTES];
    *pay = (struct spelling_pay){-1, -1, false, false, NULL, 0};
    if (money_parse(text, currency, &pay->min_minor_units)) {
        pay->max_minor_units = pay->min_minor_units;
        return true;
    }
    struct str rest = text = spelling_plain(text, scratch);
    if (means_negotiable(text)) {
        pay->min_minor_units = -1;
        return pay->negotiable = true;
    }
    pay->unit = cut_front(&rest);
    bool yuan = CUT(&rest, "¥", "￥", "rmb", "cny", "人民币") >= 0;
    rest = skip_spaces(rest);
    if (rest.length == 0 || rest.data[0] < '0' || rest.data[0] > '9' ||
        spelling_is_short_number(text))
        return refuse_pay(text, reason);
    if (!cut_range(&rest, currency, pay, &yuan, reason) || !cut_rest(&rest, pay, &yuan, reason))
        return false;
    if (skip_spaces(rest).length > 0)
        return refuse_pay(text, reason);
    if (yuan && currency.length > 0 && !str_equal(currency, STR("CNY")))
        return spelling_refuse(reason, "yuan, where wage_currency is '%.*s'", STR_ARG(currency));
    return true;
}
