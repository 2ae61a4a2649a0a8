/* Frequent texts by number: employers, licences, occupation codes, area codes, tags, currencies.
 *
 *   texts [ "CNY" | "isco-08" | "7212" | .. ]     append-only, LEXICON_TEXT_LIMIT of them
 *   slots [ . | 2 | . | 0 | .. ]                  the writer's: hash -> number
 *   seen  [ . | fingerprint | .. ]                the writer's: texts met once
 *
 * A packed record (model/packed.h) holds the number of a text that is frequent and the text itself
 * otherwise; so a full lexicon, or none at all, makes records longer and nothing else. A text is
 * learnt when it is met a second time before another one took its place in `seen`: what occurs once
 * does not use up the room. Nothing is ever forgotten or changed, so what a reader has taken out is
 * good for as long as the lexicon.
 *
 * Threads: one writer calls lexicon_number; a reader may ask for the numbers of a record once that
 * record was handed to it (published with release, read with acquire). Cost: 6 MB of addresses,
 * touched as they are used, and at most LEXICON_BYTES_LIMIT of text.
 */
#ifndef HAIHE_MODEL_LEXICON_H
#define HAIHE_MODEL_LEXICON_H

#include <assert.h>

#include "base/arena.h"

enum {
    LEXICON_TEXT_LIMIT = 1 << 18,
    LEXICON_TEXT_LIMIT_BYTES = 255, /* longer ones are not learnt */
    LEXICON_BYTES_LIMIT = 16 << 20,
    LEXICON_SLOT_COUNT = 2 * LEXICON_TEXT_LIMIT,
    LEXICON_SEEN_COUNT = 1 << 15,
};

#define LEXICON_NONE UINT32_MAX

struct lexicon {
    struct str *texts; /* owned array; bytes in the arena */
    uint32_t *slots;   /* number + 1, 0 = free; at most half of them are in use */
    uint32_t *seen;    /* fingerprints of texts met once, by their hash */
    uint32_t text_count;
    struct arena arena;
};

/* NULL when there is no memory. */
struct lexicon *lexicon_new(void);
/* NULL is allowed. */
void lexicon_free(struct lexicon *lexicon);

/* Writer: the number of a text; LEXICON_NONE while it is not known, which it may be next time. */
uint32_t lexicon_number(struct lexicon *lexicon, struct str text);

/* `number` came from this lexicon. */
static inline struct str lexicon_text(const struct lexicon *lexicon, uint32_t number)
{
    assert(number < LEXICON_TEXT_LIMIT);
    return lexicon->texts[number];
}

#endif
