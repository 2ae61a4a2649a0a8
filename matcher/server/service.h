/* The handlers of the method table that run on search workers; see answer_function. */
#ifndef HAIHE_SERVER_SERVICE_H
#define HAIHE_SERVER_SERVICE_H

#include "server/method.h"

answer_function answer_match_vacancies;
answer_function answer_match_applicants;
answer_function answer_explain;

answer_function answer_get;
answer_function answer_batch_get;
answer_function answer_list;

answer_function answer_stats;
answer_function answer_backup;
answer_function answer_history;
answer_function answer_reflection;

#endif
