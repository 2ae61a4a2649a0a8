/* What the server made of a record: NormalizedVacancy and NormalizedApplicant. Thread: any. */
#ifndef HAIHE_WIRE_NORMALIZED_MESSAGE_H
#define HAIHE_WIRE_NORMALIZED_MESSAGE_H

#include "wire/record_message.h"

/* Encoded, in the arena; data is NULL when that is exhausted. Decodes the original only when it
 * names a skill that the taxonomy does not know. */
struct str normalized_encode(const struct model *model, struct arena *arena,
                             const struct stored_record *record);

#endif
