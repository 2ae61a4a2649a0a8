/* Writing of MatchService's answers. The matches, of which there may be a thousand, are written
 * field by field (raw.h) straight from what the search found; the rest of the answer is a generated
 * message, packed behind them. Thread: any. Cost: about 0.1 us a match.
 */
#include "wire/match_message.h"

#include "haihe/v1/match_service.pb-c.h"
#include "wire/message.h"
#include "wire/raw.h"

#include "base/banned.h"

/* Field numbers of match_service.proto and record.proto; tests decode what is written here. */
enum {
    RESPONSE_MATCHES = 1,
    MATCH_KEY = 1,
    MATCH_SCORE = 2,
    MATCH_TIE = 3,
    MATCH_POINTS = 4,
    MATCH_FIT_BP = 5,
    MATCH_APPEAL_BP = 6,
    MATCH_SOFTENED_GATES = 7,
    MATCH_WAGE_UNKNOWN = 8,
    MATCH_DISTANCE_M = 9,
    MATCH_SEQUENCE = 10,
    MATCH_TITLE = 11,
    MATCH_HIRING_ORGANIZATION = 12,
    POINTS_SKILL = 1, /* + enum criterion */
    KEY_PLATFORM = 1,
    KEY_ID = 2,
};

/* --- Matches -------------------------------------------------------------------------------- */

struct ranked {
    const struct match *match;
    struct str title, organization; /* of a vacancy */
};

static void put_key(struct raw_writer *writer, const void *what)
{
    const struct key *key = what;
    raw_put_text(writer, KEY_PLATFORM, key->platform);
    raw_put_text(writer, KEY_ID, key->id);
}

static void put_points(struct raw_writer *writer, const void *what)
{
    const struct pair_score *pair = what;
    for (uint32_t i = 0; i < CRITERION_COUNT; i++)
        raw_put_varint(writer, POINTS_SKILL + i, (uint64_t)pair->points_bp[i]);
}

/* A packed list: the numbers behind one another. */
static void put_gates(struct raw_writer *writer, const void *what)
{
    const gate_set *gates = what;
    for (uint32_t gate = 0; gate < GATE_COUNT; gate++)
        if (*gates & (1u << gate))
            raw_put_packed(writer, gate + 1);
}

static void put_match(struct raw_writer *writer, const void *what)
{
    const struct ranked *ranked = what;
    const struct match *match = ranked->match;
    const struct pair_score *pair = &match->pair;
    raw_put_message(writer, MATCH_KEY, put_key, &match->rank.key);
    raw_put_varint(writer, MATCH_SCORE, (uint64_t)match->rank.score);
    raw_put_fixed64(writer, MATCH_TIE, match->rank.tie);
    raw_put_message(writer, MATCH_POINTS, put_points, pair);
    if (pair->fit_bp >= 0)
        raw_put_varint_always(writer, MATCH_FIT_BP, (uint64_t)pair->fit_bp);
    if (pair->appeal_bp >= 0)
        raw_put_varint_always(writer, MATCH_APPEAL_BP, (uint64_t)pair->appeal_bp);
    if (pair->softened != 0)
        raw_put_message(writer, MATCH_SOFTENED_GATES, put_gates, &pair->softened);
    raw_put_varint(writer, MATCH_WAGE_UNKNOWN, pair->wage_unknown);
    if (pair->distance_m != DISTANCE_UNKNOWN_M)
        raw_put_varint_always(writer, MATCH_DISTANCE_M, (uint64_t)pair->distance_m);
    raw_put_varint(writer, MATCH_SEQUENCE, match->entry->sequence);
    raw_put_text(writer, MATCH_TITLE, ranked->title);
    raw_put_text(writer, MATCH_HIRING_ORGANIZATION, ranked->organization);
}

static bool append_matches(struct buffer *out, const struct match_answer *answer)
{
    struct record_scratch scratch;
    record_scratch_init(&scratch, answer->lexicon);
    for (uint32_t i = 0; i < answer->result->match_count; i++) {
        struct ranked ranked = {.match = &answer->result->matches[i]};
        if (answer->ranking == RANK_VACANCIES) {
            struct vacancy vacancy;
            entry_vacancy(ranked.match->entry, &scratch, &vacancy);
            ranked.title = vacancy.title;
            ranked.organization = vacancy.hiring_organization;
        }
        if (!raw_append(out, RESPONSE_MATCHES, put_match, &ranked))
            return false;
    }
    return true;
}

/* --- The answer ----------------------------------------------------------------------------- */

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
    size_t length_before = out->length_bytes;
    if (put_texts(arena, &answer->unresolved_skills, &response.unresolved_skills,
                  &response.n_unresolved_skills) &&
        append_matches(out, answer) && message_append(out, &response.base))
        return true;
    out->length_bytes = length_before; /* a failed call leaves the buffer as it was */
    return false;
}
