/* The tables of record.proto's messages, shared by all requests that hold them. See check.h. */
#ifndef HAIHE_WIRE_RECORD_RULES_H
#define HAIHE_WIRE_RECORD_RULES_H

#include "wire/check.h"

extern const struct message_rules KEY_RULES; /* both parts may be empty: see record_part.h */
extern const struct message_rules OCCUPATION_RULES;
extern const struct message_rules VACANCY_RULES;
extern const struct message_rules APPLICANT_RULES;

#endif
