/* The tables of whole requests, for message_read and for the test that compares every table with
 * its descriptor. See check.h. */
#ifndef HAIHE_WIRE_REQUEST_RULES_H
#define HAIHE_WIRE_REQUEST_RULES_H

#include "wire/check.h"

/* record_service_message.c */
extern const struct message_rules APPLY_RULES;
extern const struct message_rules GET_RULES;
extern const struct message_rules BATCH_GET_RULES;
extern const struct message_rules LIST_RULES;
/* match_message.c */
extern const struct message_rules MATCH_VACANCIES_RULES;
extern const struct message_rules MATCH_APPLICANTS_RULES;
extern const struct message_rules EXPLAIN_RULES;
/* standard_message.c */
extern const struct message_rules HEALTH_RULES;
extern const struct message_rules STATS_RULES;
extern const struct message_rules BACKUP_RULES;
/* history_message.c */
extern const struct message_rules HISTORY_RULES;
/* reflection.c */
extern const struct message_rules REFLECTION_RULES;

#endif
