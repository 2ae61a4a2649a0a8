/* haihe.v1 records <-> model records.
 *
 * Reading validates everything that record.proto states (UTF-8, lengths, ranges, enums,
 * duplicates), folds, resolves skills and areas, normalises pay. The error names the field from the
 * message's root ("skills[3].min_level") and the value. Every function decodes with an allocator
 * over the caller's arena, so a message cannot make us hold more than the arena's limit. Thread:
 * any; `model` is immutable.
 */
#ifndef HAIHE_WIRE_RECORD_MESSAGE_H
#define HAIHE_WIRE_RECORD_MESSAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "model/ingest.h"

/* How strictly a record is read. An inline subject of a search may lack its key. */
enum record_use { RECORD_FOR_STORE, RECORD_FOR_SEARCH };

/* What a record holds beside what is scored. In the arena. */
struct record_extras {
    struct str description;            /* vacancies */
    struct str_list unresolved_skills; /* as written */
};

/* `bytes` is an encoded haihe.v1.Vacancy. All views in *out are in the arena. open/available are
 * set by `today`. The ingest gate (model/ingest.h) is not asked here. */
bool wire_read_vacancy(const struct model *model, struct str bytes, enum record_use use,
                       int32_t today, struct arena *arena, struct vacancy *out,
                       struct record_extras *extras, struct error *error);
bool wire_read_applicant(const struct model *model, struct str bytes, enum record_use use,
                         int32_t today, struct arena *arena, struct applicant *out,
                         struct record_extras *extras, struct error *error);

/* A stored record for Get and BatchGet. */
struct stored_record {
    enum record_kind kind;
    uint64_t sequence, hash;
    struct str original;           /* encoded Vacancy or Applicant */
    const struct vacancy *vacancy; /* one of the two */
    const struct applicant *applicant;
};

#endif
