/* What pay a pair is judged by: the vacancy's one figure, its top, and the applicant's two ends.
 *
 * The criterion, the gate, the filter and the explanation ask these same functions. All in month
 * cents, 0..10^15, or WAGE_UNKNOWN. Thread: any; nothing is kept.
 */
#ifndef HAIHE_CORE_PAY_H
#define HAIHE_CORE_PAY_H

#include "core/profile.h"
#include "model/record.h"

/* The most that a vacancy may pay: its maximum, or the only end that it states. */
static inline int64_t pay_top_month_cents(const struct vacancy *vacancy)
{
    return vacancy->wage_max_month_cents != WAGE_UNKNOWN ? vacancy->wage_max_month_cents
                                                         : vacancy->wage_min_month_cents;
}

/* The figure that earns points: the middle of a range, floored, or its maximum, as the profile
 * says; of one end, that end. The sum of two ends is at most 2 * 10^15. */
static inline int64_t pay_reference_month_cents(const struct profile *profile,
                                                const struct vacancy *vacancy)
{
    int64_t low = vacancy->wage_min_month_cents, high = vacancy->wage_max_month_cents;
    if (low == WAGE_UNKNOWN || high == WAGE_UNKNOWN ||
        profile->wage_reference == WAGE_REFERENCE_MAXIMUM)
        return pay_top_month_cents(vacancy);
    return (low + high) / 2;
}

/* What an applicant wants: pay at or below `floor` earns nothing, at `desired` everything. */
struct pay_wish {
    int64_t floor_month_cents;
    int64_t desired_month_cents;
    bool is_stated;
};

/* Only a minimum: it is what is desired as well. Only a desired wage: points rise from nothing. */
static inline struct pay_wish pay_wish_of(const struct applicant *applicant)
{
    int64_t low = applicant->wage_min_month_cents, high = applicant->wage_desired_month_cents;
    if (high == WAGE_UNKNOWN)
        return (struct pay_wish){low, low, low != WAGE_UNKNOWN};
    return (struct pay_wish){low == WAGE_UNKNOWN ? 0 : low, high, true};
}

#endif
