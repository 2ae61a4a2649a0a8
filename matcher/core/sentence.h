/* One short text of an explanation, put together piece by piece without allocating.
 *
 * What does not fit is cut at a character's end: a reason is for people, who do not read on.
 * Thread: one owner.
 */
#ifndef HAIHE_CORE_SENTENCE_H
#define HAIHE_CORE_SENTENCE_H

#include "base/arena.h"
#include "model/record.h"

/* Room for a dozen names or the longest single one; an explanation holds about a hundred texts. */
enum { SENTENCE_LIMIT_BYTES = 480 };

struct sentence {
    char text[SENTENCE_LIMIT_BYTES + 1]; /* NUL behind it */
    uint32_t length;
    bool is_full; /* something was cut: nothing more is added */
};

void sentence_add(struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "'name'" */
void sentence_add_quoted(struct sentence *sentence, struct str name);
/* A skill by its code in the taxonomy, or by its folded name. */
void sentence_add_skill(struct sentence *sentence, const struct taxonomy *taxonomy,
                        uint32_t skill_id, struct str name);
/* "12.3 km", rounded to the nearest: rounding keeps the order of two distances. */
void sentence_add_km(struct sentence *sentence, int32_t distance_m);
/* "5000.00 yuan" */
void sentence_add_yuan(struct sentence *sentence, int64_t cents);
/* "'en' at level B2", or "'en'" for any level. */
void sentence_add_language(struct sentence *sentence, const struct language *language);

/* A copy in the arena; data is NULL when the arena is exhausted. */
struct str sentence_finish(const struct sentence *sentence, struct arena *arena);

#endif
