/* See lexicon.h. Open addressing; a lookup is a hash, a slot and a comparison, about 20 ns. */
#include "model/lexicon.h"

#include <xxhash.h>

#include "base/memory.h"

#include "base/banned.h"

struct lexicon *lexicon_new(void)
{
    struct lexicon *lexicon = memory_try_zeroed(1, sizeof *lexicon);
    if (!lexicon)
        return NULL;
    arena_init(&lexicon->arena, LEXICON_BYTES_LIMIT);
    lexicon->texts = memory_try_zeroed(LEXICON_TEXT_LIMIT, sizeof *lexicon->texts);
    lexicon->slots = memory_try_zeroed(LEXICON_SLOT_COUNT, sizeof *lexicon->slots);
    lexicon->seen = memory_try_zeroed(LEXICON_SEEN_COUNT, sizeof *lexicon->seen);
    if (lexicon->texts && lexicon->slots && lexicon->seen)
        return lexicon;
    lexicon_free(lexicon);
    return NULL;
}

void lexicon_free(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    arena_release(&lexicon->arena);
    memory_free(lexicon->texts);
    memory_free(lexicon->slots);
    memory_free(lexicon->seen);
    memory_free(lexicon);
}

/* True when the text was met before; from now on it was. */
static bool was_seen(struct lexicon *lexicon, uint64_t hash)
{
    uint32_t *place = &lexicon->seen[hash % LEXICON_SEEN_COUNT];
    uint32_t fingerprint = (uint32_t)(hash >> 32) | 1; /* never 0, which is "nothing" */
    if (*place == fingerprint)
        return true;
    *place = fingerprint;
    return false;
}

static uint32_t learn(struct lexicon *lexicon, struct str text, uint32_t *slot)
{
    if (lexicon->text_count == LEXICON_TEXT_LIMIT)
        return LEXICON_NONE;
    struct str copy = arena_copy(&lexicon->arena, text);
    if (!copy.data)
        return LEXICON_NONE;
    uint32_t number = lexicon->text_count++;
    lexicon->texts[number] = copy;
    *slot = number + 1;
    return number;
}

uint32_t lexicon_number(struct lexicon *lexicon, struct str text)
{
    if (text.length == 0 || text.length > LEXICON_TEXT_LIMIT_BYTES)
        return LEXICON_NONE;
    uint64_t hash = XXH3_64bits(text.data, text.length);
    size_t at = hash % LEXICON_SLOT_COUNT;
    for (; lexicon->slots[at] != 0; at = (at + 1) % LEXICON_SLOT_COUNT) {
        uint32_t number = lexicon->slots[at] - 1;
        if (str_equal(lexicon->texts[number], text))
            return number;
    }
    return was_seen(lexicon, hash) ? learn(lexicon, text, &lexicon->slots[at]) : LEXICON_NONE;
}
