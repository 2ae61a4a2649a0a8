/* See record_message.h: the two records as messages of their own. What is inside is read by
 * vacancy_message.c and applicant_message.c. Thread: any. */
#include "wire/record_message.h"

#include "wire/record_part.h"
#include "wire/record_rules.h"

#include "base/banned.h"

bool wire_read_vacancy(const struct model *model, struct str bytes, enum record_use use,
                       int32_t today, struct arena *arena, struct vacancy *out,
                       struct record_extras *extras, struct error *error)
{
    const struct reading reading = {model, arena, error, today, use};
    const Haihe__V1__Vacancy *message = message_read(&VACANCY_RULES, bytes, arena, error);
    return message && read_vacancy(&reading, message, out, extras);
}

bool wire_read_applicant(const struct model *model, struct str bytes, enum record_use use,
                         int32_t today, struct arena *arena, struct applicant *out,
                         struct record_extras *extras, struct error *error)
{
    const struct reading reading = {model, arena, error, today, use};
    const Haihe__V1__Applicant *message = message_read(&APPLICANT_RULES, bytes, arena, error);
    return message && read_applicant(&reading, message, out, extras);
}
