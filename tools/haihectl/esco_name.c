/* File names are cut into words; the word that is a kind decides, and the first word of two or
 * three letters behind it is the language. Thread: any; nothing is kept. */
#include <strings.h>

#include "haihectl/esco.h"

#include "base/banned.h"

static const char *const KIND_NAMES[ESCO_KIND_COUNT] = {
    [ESCO_SKILLS] = "skills",
    [ESCO_SKILL_GROUPS] = "skillGroups",
    [ESCO_OCCUPATIONS] = "occupations",
    [ESCO_BROADER] = "broaderRelationsSkillPillar",
    [ESCO_SKILL_RELATIONS] = "skillSkillRelations",
    [ESCO_OCCUPATION_RELATIONS] = "occupationSkillRelations",
};

const char *esco_kind_name(enum esco_kind kind)
{
    return KIND_NAMES[kind];
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A word of two or three letters, but for the end of the name. */
static bool take_language(const char *word, size_t length, struct esco_name *name)
{
    if (length < 2 || length >= ESCO_LANGUAGE_BYTES || strncasecmp(word, "csv", length) == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(word[i]))
            return false;
    for (size_t i = 0; i < length; i++)
        name->language[i] = (char)(word[i] | 0x20);
    name->language[length] = '\0';
    return true;
}

bool esco_parse_name(const char *file_name, struct esco_name *name)
{
    static const char separators[] = "_- .()";
    size_t bytes = strlen(file_name);
    bool found = false;
    if (bytes < 4 || strcasecmp(file_name + bytes - 4, ".csv") != 0)
        return false;
    *name = (struct esco_name){.language = "en"};
    for (const char *word = file_name; *word != '\0';) {
        size_t length = strcspn(word, separators);
        if (found && take_language(word, length, name))
            return true;
        for (size_t kind = 0; !found && kind < ESCO_KIND_COUNT; kind++) {
            found = length == strlen(KIND_NAMES[kind]) &&
                    strncasecmp(word, KIND_NAMES[kind], length) == 0;
            name->kind = (enum esco_kind)kind;
        }
        word += length;
        word += strspn(word, separators);
    }
    return found;
}
