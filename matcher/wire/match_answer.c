/* Writing of MatchService's answers: generated messages are filled in the arena and packed once.
 * Thread: any. Cost: about 0.3 us a match. */
#include "wire/match_message.h"

#include "haihe/v1/match_service.pb-c.h"
#include "wire/message.h"

#include "base/banned.h"

/* Fills a Key whose parts are copied; false when the arena is exhausted. */
static bool put_key(struct arena *arena, struct key key, Haihe__V1__Key *out)
{
    haihe__v1__key__init(out);
    out->platform = message_put_text(arena, key.platform);
    out->id = message_put_text(arena, key.id);
    return out->platform && out->id;
}

/* Gates of a set as a list of the proto's numbers. */
static bool put_gates(struct arena *arena, gate_set set, Haihe__V1__Gate **gates, size_t *count)
{
    *count = 0;
    if (set == 0)
        return true;
    *gates = arena_alloc(arena, GATE_COUNT * sizeof **gates);
    for (int gate = 0; *gates && gate < GATE_COUNT; gate++)
        if (set & (1u << gate))
            (*gates)[(*count)++] = (Haihe__V1__Gate)(gate + 1);
    return *gates != NULL;
}

/* --- Matches -------------------------------------------------------------------------------- */

/* Everything that one match needs, in one block. */
struct match_parts {
    Haihe__V1__Match match;
    Haihe__V1__Key key;
    Haihe__V1__Points points;
};

static void put_points(const struct pair_score *pair, Haihe__V1__Points *out)
{
    haihe__v1__points__init(out);
    out->skill = pair->points_bp[CRITERION_SKILL];
    out->location = pair->points_bp[CRITERION_LOCATION];
    out->wage = pair->points_bp[CRITERION_WAGE];
    out->occupation = pair->points_bp[CRITERION_OCCUPATION];
    out->experience = pair->points_bp[CRITERION_EXPERIENCE];
    out->education = pair->points_bp[CRITERION_EDUCATION];
}

static bool put_titles(struct arena *arena, const struct vacancy *vacancy, Haihe__V1__Match *out)
{
    out->title = message_put_text(arena, vacancy->title);
    out->hiring_organization = message_put_text(arena, vacancy->hiring_organization);
    return out->title && out->hiring_organization;
}

static bool put_match(struct arena *arena, const struct match *match, enum ranking ranking,
                      struct match_parts *parts)
{
    const struct pair_score *pair = &match->pair;
    Haihe__V1__Match *out = &parts->match;
    haihe__v1__match__init(out);
    put_points(pair, &parts->points);
    out->key = &parts->key;
    out->points = &parts->points;
    out->score = match->rank.score;
    out->tie = match->rank.tie;
    out->wage_unknown = pair->wage_unknown;
    out->sequence = match->sequence;
    if (pair->fit_bp >= 0) {
        out->_fit_case = HAIHE__V1__MATCH___FIT_FIT_BP;
        out->fit_bp = pair->fit_bp;
    }
    if (pair->appeal_bp >= 0) {
        out->_appeal_case = HAIHE__V1__MATCH___APPEAL_APPEAL_BP;
        out->appeal_bp = pair->appeal_bp;
    }
    if (pair->distance_m != DISTANCE_UNKNOWN_M) {
        out->_distance_m_case = HAIHE__V1__MATCH___DISTANCE_M_DISTANCE_M;
        out->distance_m = pair->distance_m;
    }
    return put_key(arena, match->rank.key, &parts->key) &&
           put_gates(arena, pair->softened, &out->softened_gates, &out->n_softened_gates) &&
           (ranking != RANK_VACANCIES || put_titles(arena, match->document, out));
}

static bool put_matches(struct arena *arena, const struct match_answer *answer,
                        Haihe__V1__MatchResponse *out)
{
    size_t count = answer->result->match_count;
    struct match_parts *parts = arena_alloc(arena, count * sizeof *parts);
    Haihe__V1__Match **list = arena_alloc(arena, count * sizeof(Haihe__V1__Match *));
    if (!parts || !list)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!put_match(arena, &answer->result->matches[i], answer->ranking, &parts[i]))
            return false;
        list[i] = &parts[i].match;
    }
    out->n_matches = count;
    out->matches = list;
    return true;
}

/* Texts that are written as they are. */
static bool put_texts(struct arena *arena, const struct str_list *texts, char ***out, size_t *count)
{
    char **list = arena_alloc(arena, texts->count * sizeof *list);
    *count = 0;
    *out = list;
    while (list && *count < texts->count) {
        list[*count] = message_put_text(arena, texts->items[*count]);
        if (!list[(*count)++])
            return false;
    }
    return list != NULL;
}

bool wire_write_matches(struct buffer *out, struct arena *arena, const struct match_answer *answer)
{
    const struct search_result *result = answer->result;
    Haihe__V1__MatchResponse response;
    haihe__v1__match_response__init(&response);
    response.sequence = answer->sequence;
    response.candidate_count = result->candidate_count;
    response.passed_count = result->passed_count;
    response.profile = (char *)answer->profile->name;
    response.profile_version = profile_version(answer->profile);
    response.score_version = SCORE_VERSION;

    Haihe__V1__GateCount counts[GATE_COUNT], *removed[GATE_COUNT];
    response.removed = removed;
    for (int gate = 0; gate < GATE_COUNT; gate++) {
        if (result->removed[gate] == 0)
            continue;
        haihe__v1__gate_count__init(&counts[gate]);
        counts[gate].gate = (Haihe__V1__Gate)(gate + 1);
        counts[gate].removed = result->removed[gate];
        removed[response.n_removed++] = &counts[gate];
    }
    return put_matches(arena, answer, &response) &&
           put_texts(arena, &answer->unresolved_skills, &response.unresolved_skills,
                     &response.n_unresolved_skills) &&
           message_append(out, &response.base);
}
