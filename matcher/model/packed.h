/* Records as few bytes: what the engine keeps of each, and what ranking unpacks.
 *
 *   [ head | key | dates | skills | sites | .. | all texts ]
 *
 * The head has fixed offsets and every count, so that what follows is read in one pass without
 * searching; the texts of all lists are read by one loop, because each loop of unknown length costs
 * a mispredicted branch, and these are most of what reading costs. A skill takes 3 bytes (6 when
 * the taxonomy has more than 65,535 of them and one beyond is named), a text that the
 * lexicon knows 1 to 3, any other its length and 1 or 2; what is not stated takes nothing but its
 * bit. packed_layout.h draws it.
 *
 * Packed bytes mean something only within this process and with the lexicon that they were written
 * with: they hold taxonomy ids and lexicon numbers. They are our own, so they are not validated.
 * What is unpacked is the same in every field as what was packed; lists and texts are views: into
 * the packed bytes, the lexicon and the scratch. Threads: writing belongs to the lexicon's writer;
 * reading is for any.
 * Cost: bench_memory prints it; an applicant of the sample market takes about 80 bytes, and 65
 * to 90 ns to read.
 */
#ifndef HAIHE_MODEL_PACKED_H
#define HAIHE_MODEL_PACKED_H

#include "model/lexicon.h"
#include "model/record.h"

/* No record has more texts beside its key and title: an applicant's currency, area, occupations,
 * languages, lists and names of skills are the most. */
enum {
    PACKED_TEXT_LIMIT = 2 + 2 * RECORD_OCCUPATION_LIMIT + APPLICANT_LANGUAGE_LIMIT +
                        APPLICANT_LICENCE_LIMIT + RECORD_TAG_LIMIT + RECORD_PRIORITY_GROUP_LIMIT +
                        RECORD_EXCLUDED_LIMIT + RECORD_SKILL_LIMIT
};

/* The arrays of one unpacked record at a time, of either kind; it lives as long as they are used.
 * 5 KB, not to be zeroed. */
struct record_scratch {
    const struct lexicon *lexicon; /* borrowed; NULL when the records were written without one */
    union {
        struct asked_skill asked[RECORD_SKILL_LIMIT];
        struct held_skill held[RECORD_SKILL_LIMIT];
    } skills;
    struct place sites[RECORD_SITE_LIMIT];
    struct language languages[APPLICANT_LANGUAGE_LIMIT];
    struct str texts[PACKED_TEXT_LIMIT]; /* lists are stretches of it */
};

static inline void record_scratch_init(struct record_scratch *scratch,
                                       const struct lexicon *lexicon)
{
    scratch->lexicon = lexicon;
}

/* No packed record is longer: the limits of limits.h, every text grown by folding. */
enum { PACKED_LIMIT_BYTES = (1 << 18) - 1 };

/* How much room writing may need, at most PACKED_LIMIT_BYTES; most of it stays unused. */
size_t packed_vacancy_room_bytes(const struct vacancy *vacancy);
size_t packed_applicant_room_bytes(const struct applicant *applicant);
/* Writes a lawful record to `out` and returns how many bytes it took. `lexicon` may be NULL. */
size_t packed_vacancy_write(const struct vacancy *vacancy, struct lexicon *lexicon, void *out);
size_t packed_applicant_write(const struct applicant *applicant, struct lexicon *lexicon,
                              void *out);

/* The inverse. `packed` needs no alignment. */
void packed_vacancy_read(const void *packed, struct record_scratch *scratch, struct vacancy *out);
void packed_applicant_read(const void *packed, struct record_scratch *scratch,
                           struct applicant *out);

/* Parts that are asked for alone: a load or two. */
struct key packed_key(const void *packed, enum record_kind kind);
bool packed_vacancy_is_open(const void *packed);
bool packed_applicant_is_active(const void *packed);
/* What the date makes of it, as vacancy_is_open_on and applicant_is_available_on. */
bool packed_vacancy_turns(const void *packed, int32_t day);
bool packed_applicant_turns(const void *packed, int32_t day);
/* Turns it: open becomes closed, available becomes not available, and back. The bytes must not be
 * shared with readers. */
void packed_turn(void *packed, enum record_kind kind);

#endif
