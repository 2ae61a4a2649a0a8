/* ESCO, the European classification of skills and occupations, as the European Commission publishes
 * it in CSV, made into our two taxonomy files (model/taxonomy.h).
 *
 *   skills_<language>.csv, skillGroups_<language>.csv  --> skills.csv       code = the concept's
 * URI broaderRelationsSkillPillar.csv                    -->   broader skillSkillRelations.csv -->
 * related        (essential and optional) occupations_<language>.csv                         -->
 * occupations.csv  code = ESCO's, "2654.1.7" occupationSkillRelations.csv                       -->
 * essential, optional
 *
 * Columns are found by name, so that every 1.x release is read: 1.2 has `_en` behind the names of
 * the relations and columns with labels in them; early ones give occupations no code: theirs is
 * then "<ISCO group>.<first 16 digits of the URI's UUID>". Groups become skills too: they are what
 * makes siblings of skills.
 *
 * No two skills may answer to one name. Who gets it: a preferred label before any other, a skill's
 * before a group's, zh before en before other languages; an alternative or hidden label that two
 * skills have is dropped from both. Whatever is dropped can be listed.
 *
 * Thread: one owner. Memory: all texts. Release 1.1.1 in English: 0.6 s, 68 MB
 * with what is written.
 */
#ifndef HAIHE_HAIHECTL_ESCO_H
#define HAIHE_HAIHECTL_ESCO_H

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"

/* In the order in which they are to be read: concepts before what links them. */
enum esco_kind {
    ESCO_SKILLS,
    ESCO_SKILL_GROUPS,
    ESCO_OCCUPATIONS,
    ESCO_BROADER,
    ESCO_SKILL_RELATIONS,
    ESCO_OCCUPATION_RELATIONS,
    ESCO_KIND_COUNT
};

enum { ESCO_LANGUAGE_BYTES = 4, ESCO_LANGUAGE_LIMIT = 32 };

/* What a file's name says of it. */
struct esco_name {
    enum esco_kind kind;
    char language[ESCO_LANGUAGE_BYTES]; /* of concepts; "en" when the name has none */
};

/* Without regard to case, and with a version, a language or other words around the kind:
 * "skills_en.csv", "ESCO_v1.2.0_skills_en.csv". False when it is none of the files that are read.
 */
bool esco_parse_name(const char *file_name, struct esco_name *name);
/* "skills", "occupationSkillRelations" .. as in the Commission's file names. */
const char *esco_kind_name(enum esco_kind kind);

enum esco_drop_reason {
    ESCO_DROP_AMBIGUOUS,  /* an alternative or hidden label of several concepts */
    ESCO_DROP_TAKEN,      /* the preferred label of another concept */
    ESCO_DROP_REPEATED,   /* another label of its own, but for case and width: nothing is lost */
    ESCO_DROP_UNWRITABLE, /* has a '|', or nothing is left of it when folded */
    ESCO_DROP_REASON_COUNT
};

struct esco_statistics {
    size_t skill_count, group_count, occupation_count;
    size_t language_count;
    size_t preferred_count, alternative_count; /* names of skills and groups that were kept */
    size_t dropped_count[ESCO_DROP_REASON_COUNT];
    size_t broader_count, related_count, essential_count, optional_count;
    size_t unknown_count[ESCO_KIND_COUNT];     /* relations with a concept that no file has */
    struct str first_unknown[ESCO_KIND_COUNT]; /* its URI */
    size_t self_count;                         /* of a concept with itself */
    size_t repeated_count;                     /* seen before, or in a stronger form */
    size_t not_released_count;                 /* concepts of another status */
};

struct esco;

/* NULL when there is no memory. */
struct esco *esco_new(void);
void esco_free(struct esco *esco);
/* Reads one file. False with line, column and value when something is wrong. */
bool esco_read(struct esco *esco, const struct esco_name *name, FILE *file, struct error *error);
/* After the last file: sorts, gives names to their owners, refuses cycles. */
bool esco_settle(struct esco *esco, struct error *error);
/* What follows needs a settled one. False when the buffer is full. */
bool esco_write_skills(const struct esco *esco, struct buffer *out);
bool esco_write_occupations(const struct esco *esco, struct buffer *out);

const struct esco_statistics *esco_statistics(const struct esco *esco);
/* "en", "zh" ..; in the order of the columns, only those that files had. */
struct str esco_language(const struct esco *esco, size_t index);

/* A name that was left out; `other` is the URI of who has it, or of the first who has it too. */
struct esco_drop {
    enum esco_drop_reason reason;
    struct str uri, language, label, other;
};
/* In the order of the skills file; without those repeated. */
void esco_each_drop(const struct esco *esco,
                    void (*dropped)(void *context, const struct esco_drop *drop), void *context);
const char *esco_drop_reason_text(enum esco_drop_reason reason);

#endif
