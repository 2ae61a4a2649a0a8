/* Amounts as people write them <-> minor units (fen, cents) as records hold them.
 *
 * How many minor units make a unit is the currency's matter (ISO 4217): 100 for most, 1 for JPY,
 * KRW, VND and their like, 1000 for KWD, BHD, OMR, JOD, TND. "" is the server's currency and counts
 * as one with two decimals. Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_MONEY_H
#define HAIHE_HAIHECTL_MONEY_H

#include "base/str.h"

/* "8000", "24.4", "24.40"; no sign, no separators, at most as many decimals as the currency has
 * minor digits (zeros beyond are allowed) and at most 10^13 minor units. False otherwise. */
bool money_parse(struct str text, struct str currency, int64_t *minor_units);
/* "24.40" and a NUL, with the currency's decimals. */
void money_format(int64_t minor_units, struct str currency, char out[32]);
/* 0, 2 or 3. */
int money_decimals(struct str currency);

#endif
