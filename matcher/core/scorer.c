/* The prepared twin of score_pair. score.c is the definition and the oracle: test_scorer.c compares
 * every field on random pairs. Only skills and occupations are done differently here; everything
 * else is score_settle, which both share.
 *
 * The credit that a candidate's skill earns depends on the subject, on the skill's id and on its
 * level, of which there are nine: so it is looked up, by two tables in the arena.
 *
 *   slots   [ - | id row | - | - | id row | .. ]   2^n, found by hash, at least four a row
 *   rows    [ zeros | credits by level | .. ]      row 0 is that of all other skills
 *
 * For an applicant as the subject, ids are asked skills, and a row has one credit a min_level: the
 * best that any held skill earns. For a vacancy, ids are held skills, and a row has for each level
 * the credits of eight asked skills, its lanes: what lies in the same lane of several held skills
 * is the same asked skill's, and the greatest counts. A vacancy with more than eight skills has
 * groups of eight, and rows of one held skill are chained:
 *
 *   asked   [ 0 .. 7 | 8 .. 15 | 16 .. 18, empty lanes ]   importance and need a lane
 *
 * Thus the loops over a candidate's skills hardly branch on what they find: whether a skill is
 * related is the one thing that cannot be predicted. Skills outside the taxonomy are compared by
 * name, in a list.
 *
 * Thread: any, immutable once made. Cost: see scorer.h.
 */
#include "core/scorer.h"

#include <assert.h>

#include "core/score_internal.h"
#include "model/occupation.h"

#include "base/banned.h"

enum {
    LEVELS = SKILL_LEVEL_LIMIT + 1, /* 0 = not stated, or any */
    LANES = 8,
    GROUP_LIMIT = RECORD_SKILL_LIMIT / LANES,
};
static_assert(RECORD_SKILL_LIMIT % LANES == 0, "groups are whole");
static_assert(CLOSENESS_SAME_BP <= INT16_MAX, "credits fit");

/* Empty: all zeros, so that an id that is not there finds row 0. */
struct slot {
    uint32_t skill_id;
    uint32_t row : 31;
    uint32_t is_passed : 1; /* an id that belongs here had to take a later slot */
};

struct slots {
    struct slot *items; /* in the arena */
    uint32_t mask;      /* their number - 1 */
    uint32_t shift;     /* 32 - n */
};

/* By the candidate's level or min_level. */
struct credits {
    int16_t bp[LEVELS];
};

struct lanes {
    int16_t bp[LANES];
};

/* A held skill's credits for a group of asked ones. */
struct lane_row {
    struct lanes by_level[LEVELS];
    uint32_t group;
    uint32_t next_row; /* the same held skill's, of another group; 0 = none */
};

/* A skill of the subject that lies outside the taxonomy. */
struct named_skill {
    struct str name;
    struct credits credits;
    uint32_t asked_index; /* of a vacancy's */
};

struct scorer {
    const struct scoring *scoring;
    const struct vacancy *vacancy;     /* the subject, or NULL */
    const struct applicant *applicant; /* the subject, or NULL */
    struct slots slots;
    struct credits *rows;                      /* of an applicant; in the arena */
    struct lane_row *lane_rows;                /* of a vacancy; in the arena */
    struct named_skill *named;                 /* in the arena */
    const struct occupation_path *occupations; /* in the arena: desired ones, or the vacancy's */
    uint32_t row_count;                        /* row 0 included */
    uint32_t named_count, occupation_count;
    uint32_t group_count; /* of a vacancy's skills */
    int32_t importance_sum;
    bool has_essential;
    struct lanes importances[GROUP_LIMIT];
    struct lanes needs_bp[GROUP_LIMIT]; /* what an essential skill must be credited, else 0 */
};

/* --- Slots -------------------------------------------------------------------------------------*/

static bool slots_init(struct slots *slots, size_t row_limit, struct arena *arena)
{
    uint32_t bits = 4;
    while (row_limit * 4 > (size_t)1 << bits)
        bits++;
    slots->mask = (UINT32_C(1) << bits) - 1;
    slots->shift = 32 - bits;
    slots->items = arena_alloc_zeroed(arena, (size_t)1 << bits, sizeof *slots->items);
    return slots->items != NULL;
}

static uint32_t slot_of(const struct slots *slots, uint32_t skill_id)
{
    return skill_id * UINT32_C(2654435769) >> slots->shift;
}

/* The skill's row, or 0. Most slots are passed by nobody, so where the loop ends is easily
 * foreseen; whether the id is the right one is not, and decides no branch. */
static inline uint32_t slots_find(const struct slots *slots, uint32_t skill_id)
{
    uint32_t at = slot_of(slots, skill_id);
    while (__builtin_expect(slots->items[at].is_passed, false) &&
           slots->items[at].skill_id != skill_id)
        at = (at + 1) & slots->mask;
    return slots->items[at].row & -(uint32_t)(slots->items[at].skill_id == skill_id);
}

/* The skill must not be there. */
static void slots_add(struct slots *slots, uint32_t skill_id, uint32_t row)
{
    uint32_t at = slot_of(slots, skill_id);
    while (slots->items[at].row != 0) {
        slots->items[at].is_passed = true;
        at = (at + 1) & slots->mask;
    }
    slots->items[at].skill_id = skill_id;
    slots->items[at].row = row;
}

/* --- Preparing an applicant --------------------------------------------------------------------*/

/* What a held skill of that level and closeness earns by min_level. */
static struct credits credits_of_held(int32_t closeness_bp, int32_t level)
{
    struct credits credits;
    for (int32_t min_level = 0; min_level < LEVELS; min_level++)
        credits.bp[min_level] =
            (int16_t)(level >= min_level ? closeness_bp : closeness_bp * level / min_level);
    return credits;
}

static void keep_best(struct scorer *scorer, uint32_t asked_id, const struct credits *credits)
{
    uint32_t row = slots_find(&scorer->slots, asked_id);
    if (row == 0) {
        scorer->rows[scorer->row_count] = *credits;
        slots_add(&scorer->slots, asked_id, scorer->row_count++);
        return;
    }
    struct credits *best = &scorer->rows[row];
    for (int i = 0; i < LEVELS; i++)
        best->bp[i] = credits->bp[i] > best->bp[i] ? credits->bp[i] : best->bp[i];
}

static void add_held(struct scorer *scorer, const struct held_skill *held)
{
    int32_t level = held->level ? held->level : scorer->scoring->profile->default_level;
    int32_t closeness_bp = CLOSENESS_SAME_BP;
    struct credits credits = credits_of_held(closeness_bp, level);
    if (held->skill_id == SKILL_UNKNOWN) {
        scorer->named[scorer->named_count++] = (struct named_skill){held->name, credits, 0};
        return;
    }
    keep_best(scorer, held->skill_id, &credits);
    size_t count;
    const struct closeness *asked =
        taxonomy_asked_neighbours(scorer->scoring->taxonomy, held->skill_id, &count);
    for (size_t i = 0; i < count; i++) {
        if (asked[i].bp != closeness_bp) { /* equal ones stand together */
            closeness_bp = asked[i].bp;
            credits = credits_of_held(closeness_bp, level);
        }
        keep_best(scorer, asked[i].skill_id, &credits);
    }
}

static bool prepare_held(struct scorer *scorer, struct arena *arena)
{
    const struct applicant *applicant = scorer->applicant;
    size_t row_limit = 1, named_limit = 0, count;
    for (int i = 0; i < applicant->skill_count; i++) {
        uint32_t id = applicant->skills[i].skill_id;
        if (id == SKILL_UNKNOWN) {
            named_limit++;
            continue;
        }
        taxonomy_asked_neighbours(scorer->scoring->taxonomy, id, &count);
        row_limit += 1 + count;
    }
    scorer->rows = arena_alloc(arena, row_limit * sizeof *scorer->rows);
    scorer->named = arena_alloc(arena, named_limit * sizeof *scorer->named);
    if (!scorer->rows || !scorer->named || !slots_init(&scorer->slots, row_limit, arena))
        return false;
    scorer->rows[0] = (struct credits){0};
    for (int i = 0; i < applicant->skill_count; i++)
        add_held(scorer, &applicant->skills[i]);
    return true;
}

/* --- Preparing a vacancy -----------------------------------------------------------------------*/

/* What a held skill of that closeness earns by its level. */
static struct credits credits_of_asked(const struct scorer *scorer, int32_t closeness_bp,
                                       int32_t min_level)
{
    struct credits credits;
    for (int32_t level = 1; level < LEVELS; level++)
        credits.bp[level] =
            (int16_t)(level >= min_level ? closeness_bp : closeness_bp * level / min_level);
    credits.bp[0] = credits.bp[scorer->scoring->profile->default_level];
    return credits;
}

/* The held skill's row for that group, made when there is none. */
static struct lane_row *lane_row_of(struct scorer *scorer, uint32_t held_id, uint32_t group)
{
    uint32_t first = slots_find(&scorer->slots, held_id), last = first;
    for (uint32_t row = first; row != 0; row = scorer->lane_rows[row].next_row) {
        if (scorer->lane_rows[row].group == group)
            return &scorer->lane_rows[row];
        last = row;
    }
    uint32_t added = scorer->row_count++;
    scorer->lane_rows[added].group = group; /* all else is 0 */
    if (first == 0)
        slots_add(&scorer->slots, held_id, added);
    else
        scorer->lane_rows[last].next_row = added;
    return &scorer->lane_rows[added];
}

static void set_lane(struct scorer *scorer, uint32_t held_id, uint32_t asked_index,
                     const struct credits *credits)
{
    struct lane_row *row = lane_row_of(scorer, held_id, asked_index / LANES);
    for (int level = 0; level < LEVELS; level++)
        row->by_level[level].bp[asked_index % LANES] = credits->bp[level];
}

static void add_asked(struct scorer *scorer, uint32_t asked_index)
{
    const struct asked_skill *asked = &scorer->vacancy->skills[asked_index];
    int32_t closeness_bp = CLOSENESS_SAME_BP;
    struct credits credits = credits_of_asked(scorer, closeness_bp, asked->min_level);
    if (asked->skill_id == SKILL_UNKNOWN) {
        scorer->named[scorer->named_count++] =
            (struct named_skill){asked->name, credits, asked_index};
        return;
    }
    set_lane(scorer, asked->skill_id, asked_index, &credits);
    size_t count;
    const struct closeness *held =
        taxonomy_neighbours(scorer->scoring->taxonomy, asked->skill_id, &count);
    for (size_t i = 0; i < count; i++) {
        if (held[i].bp != closeness_bp) {
            closeness_bp = held[i].bp;
            credits = credits_of_asked(scorer, closeness_bp, asked->min_level);
        }
        set_lane(scorer, held[i].skill_id, asked_index, &credits);
    }
}

static void prepare_importances(struct scorer *scorer)
{
    const struct vacancy *vacancy = scorer->vacancy;
    scorer->group_count = (vacancy->skill_count + LANES - 1u) / LANES;
    memset(scorer->importances, 0, scorer->group_count * sizeof *scorer->importances);
    memset(scorer->needs_bp, 0, scorer->group_count * sizeof *scorer->needs_bp);
    for (int i = 0; i < vacancy->skill_count; i++) {
        const struct asked_skill *asked = &vacancy->skills[i];
        int16_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        scorer->importances[i / LANES].bp[i % LANES] = importance;
        scorer->needs_bp[i / LANES].bp[i % LANES] = asked->essential ? CLOSENESS_SAME_BP : 0;
        scorer->importance_sum += importance;
        scorer->has_essential |= asked->essential;
    }
}

static bool prepare_asked(struct scorer *scorer, struct arena *arena)
{
    const struct vacancy *vacancy = scorer->vacancy;
    size_t row_limit = 1, named_limit = 0, count;
    assert(vacancy->skill_count <= RECORD_SKILL_LIMIT);
    for (int i = 0; i < vacancy->skill_count; i++) {
        uint32_t id = vacancy->skills[i].skill_id;
        if (id == SKILL_UNKNOWN) {
            named_limit++;
            continue;
        }
        taxonomy_neighbours(scorer->scoring->taxonomy, id, &count);
        row_limit += 1 + count;
    }
    scorer->lane_rows = arena_alloc_zeroed(arena, row_limit, sizeof *scorer->lane_rows);
    scorer->named = arena_alloc(arena, named_limit * sizeof *scorer->named);
    if (!scorer->lane_rows || !scorer->named || !slots_init(&scorer->slots, row_limit, arena))
        return false;
    prepare_importances(scorer);
    for (uint32_t i = 0; i < vacancy->skill_count; i++)
        add_asked(scorer, i);
    return true;
}

/* --- Preparing ---------------------------------------------------------------------------------*/

static bool prepare_occupations(struct scorer *scorer, struct arena *arena)
{
    const struct occupation_code *codes =
        scorer->applicant ? scorer->applicant->desired_occupations : &scorer->vacancy->occupation;
    uint32_t count = scorer->applicant ? scorer->applicant->occupation_count
                                       : scorer->vacancy->occupation.code.length > 0;
    struct occupation_path *paths = arena_alloc(arena, count * sizeof *paths);
    if (!paths)
        return false;
    for (uint32_t i = 0; i < count; i++)
        paths[i] = occupation_path_of(codes[i].system, codes[i].code);
    scorer->occupations = paths;
    scorer->occupation_count = count;
    return true;
}

struct scorer *scorer_new(const struct scoring *scoring, const struct vacancy *vacancy,
                          const struct applicant *applicant, struct arena *arena)
{
    bool ranks_vacancies = scoring->ranking == RANK_VACANCIES;
    assert(ranks_vacancies ? applicant != NULL : vacancy != NULL);
    struct scorer *scorer = arena_alloc(arena, sizeof *scorer);
    if (!scorer)
        return NULL;
    memset(scorer, 0, offsetof(struct scorer, importances));
    scorer->scoring = scoring;
    scorer->vacancy = ranks_vacancies ? NULL : vacancy;
    scorer->applicant = ranks_vacancies ? applicant : NULL;
    scorer->row_count = 1;
    if (!(ranks_vacancies ? prepare_held(scorer, arena) : prepare_asked(scorer, arena)) ||
        !prepare_occupations(scorer, arena))
        return NULL;
    return scorer;
}

/* --- Occupations -------------------------------------------------------------------------------*/

static_assert(POINTS_LIMIT_BP == 2500 * OCCUPATION_EQUAL, "2500 a level, and for equal codes");

/* Of the desired occupations with the candidate's. */
static int32_t occupation_points_of_vacancy(const struct scorer *scorer,
                                            const struct vacancy *candidate)
{
    struct occupation_code offered = candidate->occupation;
    int32_t best = 0;
    if (scorer->occupation_count == 0 || offered.code.length == 0)
        return scorer->scoring->profile->unstated_bp;
    for (uint32_t i = 0; i < scorer->occupation_count; i++) {
        int32_t levels =
            occupation_path_compare(&scorer->occupations[i], offered.system, offered.code);
        best = levels > best ? levels : best;
    }
    return best * (POINTS_LIMIT_BP / OCCUPATION_EQUAL);
}

/* Of the vacancy's occupation with those that the candidate desires. */
static int32_t occupation_points_of_applicant(const struct scorer *scorer,
                                              const struct applicant *candidate)
{
    const struct occupation_code *desired = candidate->desired_occupations;
    int32_t best = 0;
    if (scorer->occupation_count == 0 || candidate->occupation_count == 0)
        return scorer->scoring->profile->unstated_bp;
    for (int i = 0; i < candidate->occupation_count; i++) {
        int32_t levels =
            occupation_path_compare(scorer->occupations, desired[i].system, desired[i].code);
        best = levels > best ? levels : best;
    }
    return best * (POINTS_LIMIT_BP / OCCUPATION_EQUAL);
}

/* --- Skills ------------------------------------------------------------------------------------*/

/* NULL when no skill of the subject has this name. */
static const struct named_skill *find_named(const struct scorer *scorer, struct str name)
{
    for (uint32_t i = 0; i < scorer->named_count; i++) {
        if (str_equal(scorer->named[i].name, name))
            return &scorer->named[i];
    }
    return NULL;
}

/* Of an asked skill outside the taxonomy. */
static int32_t credit_by_name(const struct scorer *scorer, const struct asked_skill *asked)
{
    const struct named_skill *named = find_named(scorer, asked->name);
    return named ? named->credits.bp[asked->min_level] : 0;
}

static int32_t points_of_asked(const struct scorer *scorer, struct pair_facts *facts)
{
    const struct asked_skill *asked = facts->vacancy->skills;
    const struct asked_skill *end = asked + facts->vacancy->skill_count;
    const struct slots slots = scorer->slots; /* in registers */
    const struct credits *rows = scorer->rows;
    int32_t importance_sum = 0, credit_sum = 0;
    uint32_t missing_essential_count = 0;
    for (; asked < end; asked++) {
        int32_t credit_bp = asked->skill_id == SKILL_UNKNOWN
                                ? credit_by_name(scorer, asked)
                                : rows[slots_find(&slots, asked->skill_id)].bp[asked->min_level];
        int32_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        importance_sum += importance;
        credit_sum += importance * credit_bp;
        missing_essential_count += asked->essential & (credit_bp != CLOSENESS_SAME_BP);
    }
    facts->credited_count = credit_sum > 0; /* importances are positive */
    facts->missing_essential_count = missing_essential_count;
    return importance_sum > 0 ? credit_sum / importance_sum
                              : scorer->scoring->profile->no_skills_bp;
}

static inline void raise_lanes(struct lanes *best, const struct lanes *credits)
{
    for (int i = 0; i < LANES; i++)
        best->bp[i] = credits->bp[i] > best->bp[i] ? credits->bp[i] : best->bp[i];
}

static void raise_named(struct lanes *best, const struct named_skill *named, uint8_t level)
{
    int16_t *lane = &best[named->asked_index / LANES].bp[named->asked_index % LANES];
    if (named->credits.bp[level] > *lane)
        *lane = named->credits.bp[level];
}

/* The best credit of each asked skill. */
static void credit_asked(const struct scorer *scorer, const struct applicant *applicant,
                         struct lanes *best)
{
    const struct held_skill *held = applicant->skills, *end = held + applicant->skill_count;
    const struct slots slots = scorer->slots; /* in registers */
    const struct lane_row *rows = scorer->lane_rows;
    for (; held < end; held++) {
        if (held->skill_id == SKILL_UNKNOWN) {
            const struct named_skill *named = find_named(scorer, held->name);
            if (named)
                raise_named(best, named, held->level);
            continue;
        }
        const struct lane_row *row = &rows[slots_find(&slots, held->skill_id)];
        raise_lanes(&best[row->group], &row->by_level[held->level]);
        while (row->next_row != 0) {
            row = &rows[row->next_row];
            raise_lanes(&best[row->group], &row->by_level[held->level]);
        }
    }
}

static int32_t points_of_held(const struct scorer *scorer, struct pair_facts *facts)
{
    struct lanes best[GROUP_LIMIT];
    int32_t credit_sum = 0;
    for (uint32_t group = 0; group < scorer->group_count; group++)
        best[group] = scorer->lane_rows[0].by_level[0]; /* zeros, sooner than by memset */
    credit_asked(scorer, facts->applicant, best);
    for (uint32_t group = 0; group < scorer->group_count; group++) {
        const struct lanes *importances = &scorer->importances[group];
        for (int i = 0; i < LANES; i++)
            credit_sum += importances->bp[i] * best[group].bp[i];
    }
    for (uint32_t group = 0; group < scorer->group_count && scorer->has_essential; group++) {
        for (int i = 0; i < LANES; i++)
            facts->missing_essential_count += best[group].bp[i] < scorer->needs_bp[group].bp[i];
    }
    facts->credited_count = credit_sum > 0; /* importances are positive */
    return scorer->importance_sum > 0 ? credit_sum / scorer->importance_sum
                                      : scorer->scoring->profile->no_skills_bp;
}

/* --- The pair ----------------------------------------------------------------------------------*/

void scorer_score_vacancy(const struct scorer *scorer, const struct vacancy *candidate,
                          struct pair_score *out)
{
    assert(scorer->applicant);
    struct pair_facts facts = {
        .scoring = scorer->scoring, .vacancy = candidate, .applicant = scorer->applicant};
    facts.distance_m = pair_distance_m(candidate, scorer->applicant);
    out->points_bp[CRITERION_SKILL] = points_of_asked(scorer, &facts);
    out->points_bp[CRITERION_OCCUPATION] = occupation_points_of_vacancy(scorer, candidate);
    score_settle(&facts, out);
}

void scorer_score_applicant(const struct scorer *scorer, const struct applicant *candidate,
                            struct pair_score *out)
{
    assert(scorer->vacancy);
    struct pair_facts facts = {
        .scoring = scorer->scoring, .vacancy = scorer->vacancy, .applicant = candidate};
    facts.distance_m = pair_distance_m(scorer->vacancy, candidate);
    out->points_bp[CRITERION_SKILL] = points_of_held(scorer, &facts);
    out->points_bp[CRITERION_OCCUPATION] = occupation_points_of_applicant(scorer, candidate);
    score_settle(&facts, out);
}
