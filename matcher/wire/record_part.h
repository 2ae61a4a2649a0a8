/* The parts that both records and the requests share, from checked messages to the model's structs:
 * keys, texts, places, pay, occupations, languages. All results are in the arena or views of the
 * message, which is in the arena, too. Every function returns false with the error filled.
 * Thread: any.
 */
#ifndef HAIHE_WIRE_RECORD_PART_H
#define HAIHE_WIRE_RECORD_PART_H

#include "haihe/v1/record.pb-c.h"
#include "wire/check.h"
#include "wire/record_message.h"

/* What every reader needs. */
struct reading {
    const struct model *model;
    struct arena *arena;
    struct error *error;
    int32_t today;
    enum record_use use;
};

/* The records themselves; the message has been checked. */
bool read_vacancy(const struct reading *reading, const Haihe__V1__Vacancy *message,
                  struct vacancy *out, struct record_extras *extras);
bool read_applicant(const struct reading *reading, const Haihe__V1__Applicant *message,
                    struct applicant *out, struct record_extras *extras);

/* A key that must be there; `field` is its name. Rules "required" and "identity_number". */
bool read_key(const Haihe__V1__Key *message, const char *field, struct key *out,
              struct error *error);
/* As read_key, but for a search the message may be absent or empty. */
bool read_record_key(const struct reading *reading, const Haihe__V1__Key *message, struct key *out);

/* "" gives DATE_NONE; rule "invalid_date". */
bool read_date(const struct reading *reading, const char *field, const char *text, int32_t *out);

/* Folded text; rule "required" when nothing is left of it. */
bool read_folded(const struct reading *reading, const char *field, size_t index, struct str text,
                 struct str *out);
/* Every text folded; with a rule, a duplicate is refused by it. */
bool read_folded_list(const struct reading *reading, const char *field, char *const *texts,
                      size_t count, const char *duplicate_rule, struct str_list *out);
/* Texts as they are. */
bool read_text_list(const struct reading *reading, char *const *texts, size_t count,
                    struct str_list *out);
/* Configured names; rule "unknown_priority_group". */
bool read_priority_groups(const struct reading *reading, char *const *texts, size_t count,
                          struct str_list *out);
bool read_employment_types(const struct reading *reading, const Haihe__V1__EmploymentType *types,
                           size_t count, employment_types *out);
void read_occupation(const Haihe__V1__Occupation *message, struct occupation_code *out);
bool read_languages(const struct reading *reading, Haihe__V1__LanguageSkill *const *messages,
                    size_t count, const struct language **out, uint8_t *count_out);
/* Errors name fields of the place. Neither point nor area: an unknown position. */
bool read_place(const struct reading *reading, const Haihe__V1__Place *message, struct place *out);

/* Amounts into month cents; names of the fields for errors. salary->max_amount is the desired
 * amount of an applicant. */
struct pay_fields {
    const char *message, *max_amount;
    const char *order_rule; /* max below min */
};
bool read_pay(const struct reading *reading, const struct pay_fields *fields,
              const struct salary *salary, int64_t *min_month_cents, int64_t *max_month_cents);

/* --- Skills --- */

/* Names that stand for skills: resolved, or folded when the taxonomy has none. */
struct skill_name {
    uint32_t skill_id;
    struct str folded; /* "" when the id is known */
};
/* Resolves a skill; rules "required" and "duplicate_skill" against the `index` names before. */
bool read_skill_name(const struct reading *reading, const char *text, size_t index,
                     struct skill_name *names);
/* The names of unknown skills as written: items of `written` whose id is SKILL_UNKNOWN. */
bool read_unresolved(const struct reading *reading, const struct skill_name *names,
                     const struct str *written, size_t count, struct str_list *out);

#endif
