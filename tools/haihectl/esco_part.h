/* What the importer's parts share; for esco*.c only.
 *
 *   esco_name.c    what file names say
 *   esco_read.c    rows -> concepts, labels, links
 *   esco_settle.c  order, owners of names, cycles
 *   esco_write.c   our CSV
 */
#ifndef HAIHE_HAIHECTL_ESCO_PART_H
#define HAIHE_HAIHECTL_ESCO_PART_H

#include "base/arena.h"
#include "haihectl/esco.h"
#include "model/str_map.h"

enum concept_kind { CONCEPT_SKILL, CONCEPT_GROUP, CONCEPT_OCCUPATION };

struct concept {
    struct str uri;
    struct str code; /* of an occupation: unique, valid in our file once settled */
    struct str isco_group;
    enum concept_kind kind;
    uint32_t file_number; /* the last file that had a row of it */
    uint32_t place;       /* skills, groups, occupations; each by URI. Once settled */
};

enum label_rank { LABEL_PREFERRED, LABEL_ALTERNATIVE };

struct label {
    struct str text;
    uint32_t concept;
    uint32_t number;  /* in reading order */
    uint32_t other;   /* concept, when dropped; while settling its claim */
    uint8_t language; /* 0 = zh, 1 = en, then in reading order */
    uint8_t rank;
    bool dropped;
    uint8_t reason;
};

enum link_kind { LINK_BROADER, LINK_RELATED, LINK_ESSENTIAL, LINK_OPTIONAL };

struct link {
    uint32_t from, to; /* concepts */
    enum link_kind kind;
};

struct esco {
    struct arena arena;       /* owns all texts */
    struct str_map uris;      /* -> concept */
    struct concept *concepts; /* owned */
    size_t concept_count, concept_capacity;
    struct label *labels; /* owned; once settled by place, rank, language, number */
    size_t label_count, label_capacity;
    struct link *links; /* owned; once settled by from's place, kind, to's place */
    size_t link_count, link_capacity;
    uint32_t *order; /* owned; concepts by place. Once settled */
    struct str languages[ESCO_LANGUAGE_LIMIT];
    bool language_seen[ESCO_LANGUAGE_LIMIT]; /* zh and en have their columns always */
    size_t language_count;
    uint32_t file_count;
    struct esco_statistics statistics;
};

bool esco_no_memory(struct error *error);

#endif
