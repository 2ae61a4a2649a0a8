/* Time. Monotonic for durations and deadlines, wall clock for dates, both behind one injectable
 * object so that tests decide what time it is. Dates are days since 1970-01-01 in the zone of the
 * process (TZ, set once by main). Thread: any; a clock is immutable after init. */
#ifndef HAIHE_BASE_CLOCK_H
#define HAIHE_BASE_CLOCK_H

#include "base/str.h"

struct clock {
    int64_t (*wall_ms)(void *context); /* milliseconds since 1970-01-01T00:00:00Z */
    void *context;
};

/* The machine's own clock. */
struct clock clock_system(void);
int64_t clock_wall_ms(const struct clock *clock);
/* Today's date in the process's zone, days since 1970-01-01. */
int32_t clock_today(const struct clock *clock);
/* CLOCK_MONOTONIC in nanoseconds; not injectable: durations are never decisions. */
int64_t clock_monotonic_ns(void);

/* No date stated. */
#define DATE_NONE INT32_MIN
/* "2026-11-23" (proleptic Gregorian, years 1900..2999) to days since 1970-01-01; false when the
 * text has another form or there is no such day. */
bool date_parse(struct str text, int32_t *days);
/* Writes "2026-11-23" and a NUL; "" for DATE_NONE and outside the years 0..9999. */
void date_format(int32_t days, char out[11]);

#endif
