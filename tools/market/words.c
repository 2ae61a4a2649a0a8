/* The words of record.proto's enums by number; see write.h. */
#include "write.h"

#include "base/banned.h"

const char *unit_word(uint8_t unit)
{
    static const char *const words[] = {"", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"};
    return words[unit];
}

const char *type_word(uint8_t type)
{
    static const char *const words[] = {"",          "FULL_TIME", "PART_TIME", "CONTRACTOR",
                                        "TEMPORARY", "INTERN",    "VOLUNTEER", "PER_DIEM"};
    return words[type];
}

const char *education_word(uint8_t education)
{
    static const char *const words[] = {"",
                                        "PRIMARY",
                                        "LOWER_SECONDARY",
                                        "UPPER_SECONDARY",
                                        "POST_SECONDARY",
                                        "SHORT_TERTIARY",
                                        "BACHELOR",
                                        "MASTER",
                                        "DOCTOR"};
    return words[education];
}

const char *language_level_word(uint8_t level)
{
    static const char *const words[] = {"", "A1", "A2", "B1", "B2", "C1", "C2"};
    return words[level];
}

const char *vacancy_status_word(uint8_t status)
{
    static const char *const words[] = {"", "OPEN", "PAUSED", "FILLED", "WITHDRAWN"};
    return words[status];
}

const char *applicant_status_word(uint8_t status)
{
    static const char *const words[] = {"", "ACTIVE", "PAUSED", "PLACED"};
    return words[status];
}

void write_degrees(struct buffer *out, int32_t degrees_e7)
{
    int32_t units = degrees_e7 / 100; /* the sample is in the north-east quarter: never negative */
    buffer_printf(out, "%d.%05d", units / 100000, units % 100000);
}
