/* Decimal text by hand: a double would turn 24.35 into 2434 fen. */
#include "haihectl/money.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/banned.h"

/* 10^13 minor units, record.proto's limit. */
static const int64_t AMOUNT_LIMIT = INT64_C(10000000000000);

int money_decimals(struct str currency)
{
    static const char *const none[] = {"JPY", "KRW", "VND", "CLP", "ISK",
                                       "PYG", "UGX", "XAF", "XOF"};
    static const char *const three[] = {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (str_equal(currency, str_of(none[i])))
            return 0;
    for (size_t i = 0; i < sizeof(three) / sizeof(three[0]); i++)
        if (str_equal(currency, str_of(three[i])))
            return 3;
    return 2;
}

bool money_parse(struct str text, struct str currency, int64_t *minor_units)
{
    int decimals_left = money_decimals(currency);
    int64_t amount = 0;
    bool digits = false, point = false;
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' && digits && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        digits = true;
        if (point && decimals_left == 0) {
            if (c != '0')
                return false;
            continue;
        }
        decimals_left -= point;
        amount = amount * 10 + (c - '0');
        if (amount > AMOUNT_LIMIT)
            return false;
    }
    for (; decimals_left > 0; decimals_left--)
        amount *= 10;
    if (!digits || (point && text.data[text.length - 1] == '.') || amount > AMOUNT_LIMIT)
        return false;
    *minor_units = amount;
    return true;
}

void money_format(int64_t minor_units, struct str currency, char out[32])
{
    int decimals = money_decimals(currency);
    int64_t unit = decimals == 0 ? 1 : decimals == 2 ? 100 : 1000;
    if (unit == 1)
        snprintf(out, 32, "%" PRId64, minor_units);
    else
        snprintf(out, 32, "%" PRId64 ".%0*" PRId64, minor_units / unit, decimals,
                 minor_units % unit);
}
