/* See sentence.h. */
#include "core/sentence.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

void sentence_add(struct sentence *sentence, const char *format, ...)
{
    size_t room = SENTENCE_LIMIT_BYTES - sentence->length;
    va_list arguments;
    if (sentence->is_full)
        return;
    va_start(arguments, format);
    int added = vsnprintf(sentence->text + sentence->length, room + 1, format, arguments);
    va_end(arguments);
    if (added < 0)
        return;
    sentence->is_full = (size_t)added > room;
    sentence->length += sentence->is_full ? (uint32_t)room : (uint32_t)added;
    if (sentence->is_full)
        sentence->length = (uint32_t)text_whole_bytes(sentence->text, sentence->length);
}

void sentence_add_quoted(struct sentence *sentence, struct str name)
{
    sentence_add(sentence, "'%.*s'", STR_ARG(name));
}

void sentence_add_skill(struct sentence *sentence, const struct taxonomy *taxonomy,
                        uint32_t skill_id, struct str name)
{
    sentence_add_quoted(sentence,
                        skill_id == SKILL_UNKNOWN ? name : taxonomy_skill_code(taxonomy, skill_id));
}

void sentence_add_km(struct sentence *sentence, int32_t distance_m)
{
    int32_t tenths = (distance_m + 50) / 100;
    sentence_add(sentence, "%" PRId32 ".%" PRId32 " km", tenths / 10, tenths % 10);
}

void sentence_add_yuan(struct sentence *sentence, int64_t cents)
{
    sentence_add(sentence, "%" PRId64 ".%02" PRId64 " yuan", cents / 100, cents % 100);
}

void sentence_add_language(struct sentence *sentence, const struct language *language)
{
    static const char *const LEVELS[] = {"any", "A1", "A2", "B1", "B2", "C1", "C2"};
    sentence_add_quoted(sentence, language->tag);
    if (language->level > 0 && language->level <= LANGUAGE_LEVEL_LIMIT)
        sentence_add(sentence, " at level %s", LEVELS[language->level]);
}

struct str sentence_finish(const struct sentence *sentence, struct arena *arena)
{
    return arena_copy(arena, (struct str){sentence->text, sentence->length});
}
