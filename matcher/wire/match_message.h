/* Requests and responses of haihe.v1.MatchService. As record_service_message.h. */
#ifndef HAIHE_WIRE_MATCH_MESSAGE_H
#define HAIHE_WIRE_MATCH_MESSAGE_H

#include "core/explain.h"
#include "core/filter.h"
#include "core/search.h"
#include "wire/record_message.h"

/* MatchOptions, read. */
struct match_options {
    uint32_t k;         /* 1..1000 */
    struct str profile; /* "default" when not stated */
    bool has_weights;
    int32_t weights[CRITERION_COUNT];
    gate_set soft_gates;
    int32_t penalties[GATE_COUNT];
    bool has_filter;
    struct filter filter; /* folded, in the arena */
    uint64_t min_sequence;
    bool count_gates;
    bool has_after;
    struct rank after;
};

/* A subject by key or inline. */
struct match_subject {
    bool by_key;
    struct key key;         /* of an inline record too, when it has one */
    struct vacancy vacancy; /* inline: one of the two */
    struct applicant applicant;
    struct record_extras extras; /* inline */
};

struct match_request {
    enum ranking ranking;
    struct match_subject subject;
    struct match_options options;
};

bool wire_read_match(const struct model *model, enum ranking ranking, struct str bytes,
                     int32_t today, struct arena *arena, struct match_request *out,
                     struct error *error);

struct match_answer {
    const struct search_result *result;
    enum ranking ranking;
    uint64_t sequence;                 /* of the snapshot */
    const struct lexicon *lexicon;     /* of the matches' entries */
    const struct profile *profile;     /* the one used, the request's weights included */
    struct str_list unresolved_skills; /* of an inline subject */
};
bool wire_write_matches(struct buffer *out, struct arena *arena, const struct match_answer *answer);

struct explain_request {
    struct match_subject vacancy;
    struct match_subject applicant;
    enum ranking ranking;
    struct match_options options;
};
bool wire_read_explain(const struct model *model, struct str bytes, int32_t today,
                       struct arena *arena, struct explain_request *out, struct error *error);

struct explain_answer {
    const struct explanation *explanation;
    const struct scoring *scoring; /* profile used, penalties */
    struct key vacancy_key, applicant_key;
    const struct vacancy *vacancy;
    const struct applicant *applicant;
    uint64_t vacancy_sequence, applicant_sequence; /* 0 = inline */
};
bool wire_write_explanation(struct buffer *out, struct arena *arena,
                            const struct explain_answer *answer);

#endif
