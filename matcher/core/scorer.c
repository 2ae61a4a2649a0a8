/* The prepared twin of score_pair. score.c is the definition and the oracle:
 * tests/core/test_scorer.c compares every field on random pairs. Only skills and occupations are
 * done differently here; everything else is score_settle, which both share.
 *
 * The credit that a candidate's skill earns depends on the subject, on that skill's id and on its
 * level, of which there are eight; so it is looked up. One hash table with chains serves both
 * directions:
 *
 *   heads    [ 0 | 3 | 0 | 1 | .. ]             2^n, at least two an entry; 0 = empty
 *   entries  [ nothing | entry | entry | .. ]   entry 0 ends every chain: its credits are 0
 *
 *   subject    an entry for each                          credits by
 *   applicant  asked skill that any held one credits      min_level of the candidate's asked skill
 *   vacancy    pair of held skill and asked one           level of the candidate's held skill
 *
 * An applicant's credits are the best of all held skills already. A vacancy's entries of one held
 * skill say which asked one each credits; the best of each is taken while a candidate is scored.
 * Any level satisfies a min_level of 0, and so it does one of 1: eight credits suffice.
 * Skills outside the taxonomy are compared by name, in a list.
 *
 * Thread: any, immutable once made. Cost: see scorer.h.
 */
#include "core/scorer.h"

#include <assert.h>

#include "core/score_internal.h"

#include "base/banned.h"

struct credit_entry {
    uint32_t skill_id;                     /* of the candidate's skill */
    uint32_t next;                         /* in the chain; 0 = the last */
    uint32_t asked_index;                  /* vacancy: into its skills */
    int16_t credits_bp[SKILL_LEVEL_LIMIT]; /* of level or min_level n + 1 */
};

/* A skill of the subject that lies outside the taxonomy. */
struct named_credit {
    struct str name;
    uint32_t asked_index;
    int16_t credits_bp[SKILL_LEVEL_LIMIT];
};

struct credit_table {
    uint32_t *heads;              /* in the arena */
    struct credit_entry *entries; /* in the arena */
    struct named_credit *named;   /* in the arena */
    uint32_t entry_count;         /* entry 0 included */
    uint32_t named_count;
    uint32_t shift; /* 32 - n */
};

/* A vacancy's asked skills, as far as a sum of credits needs them. */
struct asked_sums {
    int16_t importances[RECORD_SKILL_LIMIT];
    int16_t needs_bp[RECORD_SKILL_LIMIT]; /* what an essential skill must be credited, else 0 */
    int32_t importance_sum;
};

struct known_occupation {
    struct occupation_code code;
    struct occupation_path path;
};

struct scorer {
    const struct scoring *scoring;
    const struct vacancy *vacancy;     /* the subject, or NULL */
    const struct applicant *applicant; /* the subject, or NULL */
    struct credit_table credits;
    struct asked_sums asked; /* of a vacancy */
    const struct known_occupation
        *occupations; /* in the arena: the desired ones, or the vacancy's */
    uint32_t occupation_count;
};

/* --- The table ---------------------------------------------------------------------------------*/

static uint32_t bucket_of(const struct credit_table *table, uint32_t skill_id)
{
    return skill_id * UINT32_C(2654435769) >> table->shift;
}

/* Room for so many entries and named skills; false when the arena is exhausted. */
static bool table_init(struct credit_table *table, size_t entry_limit, size_t named_limit,
                       struct arena *arena)
{
    uint32_t bits = 1;
    while (entry_limit * 2 > (size_t)1 << bits)
        bits++;
    *table = (struct credit_table){
        .heads = arena_alloc_zeroed(arena, (size_t)1 << bits, sizeof *table->heads),
        .entries = arena_alloc(arena, (entry_limit + 1) * sizeof *table->entries),
        .named = arena_alloc(arena, named_limit * sizeof *table->named),
        .entry_count = 1,
        .shift = 32 - bits,
    };
    if (!table->heads || !table->entries || !table->named)
        return false;
    table->entries[0] = (struct credit_entry){.skill_id = SKILL_UNKNOWN};
    return true;
}

static void add_entry(struct credit_table *table, uint32_t skill_id, uint32_t asked_index,
                      const int16_t credits_bp[SKILL_LEVEL_LIMIT])
{
    uint32_t *head = &table->heads[bucket_of(table, skill_id)];
    struct credit_entry *entry = &table->entries[table->entry_count];
    entry->skill_id = skill_id;
    entry->next = *head;
    entry->asked_index = asked_index;
    memcpy(entry->credits_bp, credits_bp, sizeof entry->credits_bp);
    *head = table->entry_count++;
}

static void add_named(struct credit_table *table, struct str name, uint32_t asked_index,
                      const int16_t credits_bp[SKILL_LEVEL_LIMIT])
{
    struct named_credit *named = &table->named[table->named_count++];
    named->name = name;
    named->asked_index = asked_index;
    memcpy(named->credits_bp, credits_bp, sizeof named->credits_bp);
}

/* The first entry of a skill in the chain that begins at `index`, or entry 0. Most chains have one
 * entry at the most: whether it is the right one decides no branch, only what is returned. */
static const struct credit_entry *entry_from(const struct credit_table *table, uint32_t index,
                                             uint32_t skill_id)
{
    const struct credit_entry *entry = &table->entries[index];
    while ((entry->skill_id != skill_id) & (entry->next != 0))
        entry = &table->entries[entry->next];
    return entry->skill_id == skill_id ? entry : table->entries;
}

static const struct credit_entry *first_entry(const struct credit_table *table, uint32_t skill_id)
{
    return entry_from(table, table->heads[bucket_of(table, skill_id)], skill_id);
}

/* --- Preparing an applicant --------------------------------------------------------------------*/

static int32_t held_level(const struct scoring *scoring, const struct held_skill *held)
{
    return held->level ? held->level : scoring->profile->default_level;
}

/* What a skill of that level and closeness earns by min_level. */
static void credits_of_held(int16_t credits_bp[SKILL_LEVEL_LIMIT], int32_t closeness_bp,
                            int32_t level)
{
    for (int32_t min_level = 1; min_level <= SKILL_LEVEL_LIMIT; min_level++)
        credits_bp[min_level - 1] =
            (int16_t)(level >= min_level ? closeness_bp : closeness_bp * level / min_level);
}

static void add_best(struct credit_table *table, uint32_t asked_id,
                     const int16_t credits_bp[SKILL_LEVEL_LIMIT])
{
    const struct credit_entry *found = first_entry(table, asked_id);
    if (found == table->entries) {
        add_entry(table, asked_id, 0, credits_bp);
        return;
    }
    struct credit_entry *entry = &table->entries[found - table->entries];
    for (int i = 0; i < SKILL_LEVEL_LIMIT; i++) {
        if (credits_bp[i] > entry->credits_bp[i])
            entry->credits_bp[i] = credits_bp[i];
    }
}

static void add_held(struct scorer *scorer, const struct held_skill *held)
{
    struct credit_table *table = &scorer->credits;
    int32_t level = held_level(scorer->scoring, held), closeness_bp = CLOSENESS_SAME_BP;
    int16_t credits_bp[SKILL_LEVEL_LIMIT];
    credits_of_held(credits_bp, closeness_bp, level);
    if (held->skill_id == SKILL_UNKNOWN) {
        add_named(table, held->name, 0, credits_bp);
        return;
    }
    add_best(table, held->skill_id, credits_bp);
    size_t count;
    const struct closeness *asked =
        taxonomy_asked_neighbours(scorer->scoring->taxonomy, held->skill_id, &count);
    for (size_t i = 0; i < count; i++) {
        if (asked[i].bp != closeness_bp) /* equal ones stand together */
            credits_of_held(credits_bp, closeness_bp = asked[i].bp, level);
        add_best(table, asked[i].skill_id, credits_bp);
    }
}

static bool prepare_held(struct scorer *scorer, struct arena *arena)
{
    const struct applicant *applicant = scorer->applicant;
    size_t entry_limit = 0, named_limit = 0, count;
    for (int i = 0; i < applicant->skill_count; i++) {
        uint32_t id = applicant->skills[i].skill_id;
        if (id == SKILL_UNKNOWN) {
            named_limit++;
            continue;
        }
        taxonomy_asked_neighbours(scorer->scoring->taxonomy, id, &count);
        entry_limit += 1 + count;
    }
    if (!table_init(&scorer->credits, entry_limit, named_limit, arena))
        return false;
    for (int i = 0; i < applicant->skill_count; i++)
        add_held(scorer, &applicant->skills[i]);
    return true;
}

/* --- Preparing a vacancy -----------------------------------------------------------------------*/

/* What a skill of that closeness earns by its level. */
static void credits_of_asked(int16_t credits_bp[SKILL_LEVEL_LIMIT], int32_t closeness_bp,
                             int32_t min_level)
{
    for (int32_t level = 1; level <= SKILL_LEVEL_LIMIT; level++)
        credits_bp[level - 1] =
            (int16_t)(level >= min_level ? closeness_bp : closeness_bp * level / min_level);
}

static void add_asked(struct scorer *scorer, uint32_t asked_index)
{
    const struct asked_skill *asked = &scorer->vacancy->skills[asked_index];
    struct credit_table *table = &scorer->credits;
    int32_t closeness_bp = CLOSENESS_SAME_BP;
    int16_t credits_bp[SKILL_LEVEL_LIMIT];
    credits_of_asked(credits_bp, closeness_bp, asked->min_level);
    if (asked->skill_id == SKILL_UNKNOWN) {
        add_named(table, asked->name, asked_index, credits_bp);
        return;
    }
    add_entry(table, asked->skill_id, asked_index, credits_bp);
    size_t count;
    const struct closeness *held =
        taxonomy_neighbours(scorer->scoring->taxonomy, asked->skill_id, &count);
    for (size_t i = 0; i < count; i++) {
        if (held[i].bp != closeness_bp)
            credits_of_asked(credits_bp, closeness_bp = held[i].bp, asked->min_level);
        add_entry(table, held[i].skill_id, asked_index, credits_bp);
    }
}

static bool prepare_asked(struct scorer *scorer, struct arena *arena)
{
    const struct vacancy *vacancy = scorer->vacancy;
    size_t entry_limit = 0, named_limit = 0, count;
    assert(vacancy->skill_count <= RECORD_SKILL_LIMIT);
    for (int i = 0; i < vacancy->skill_count; i++) {
        const struct asked_skill *asked = &vacancy->skills[i];
        int16_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        scorer->asked.importances[i] = importance;
        scorer->asked.importance_sum += importance;
        scorer->asked.needs_bp[i] = asked->essential ? CLOSENESS_SAME_BP : 0;
        if (asked->skill_id == SKILL_UNKNOWN) {
            named_limit++;
            continue;
        }
        taxonomy_neighbours(scorer->scoring->taxonomy, asked->skill_id, &count);
        entry_limit += 1 + count;
    }
    if (!table_init(&scorer->credits, entry_limit, named_limit, arena))
        return false;
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
    struct known_occupation *known = arena_alloc(arena, count * sizeof *known);
    if (!known)
        return false;
    for (uint32_t i = 0; i < count; i++)
        known[i] =
            (struct known_occupation){codes[i], occupation_path_of(codes[i].system, codes[i].code)};
    scorer->occupations = known;
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
    scorer->scoring = scoring;
    scorer->vacancy = ranks_vacancies ? NULL : vacancy;
    scorer->applicant = ranks_vacancies ? applicant : NULL;
    scorer->asked.importance_sum = 0;
    if (!(ranks_vacancies ? prepare_held(scorer, arena) : prepare_asked(scorer, arena)) ||
        !prepare_occupations(scorer, arena))
        return NULL;
    return scorer;
}

/* --- Occupations -------------------------------------------------------------------------------*/

static int32_t occupation_closeness_bp(const struct known_occupation *known,
                                       struct occupation_code other)
{
    if (!str_equal(known->code.system, other.system))
        return 0;
    if (str_equal(known->code.code, other.code))
        return POINTS_LIMIT_BP;
    return occupation_points_of(occupation_path_shared_levels(&known->path, other.code));
}

/* The best of the subject's occupations with any of the candidate's: one side has a single one. */
static int32_t occupation_points(const struct scorer *scorer, const struct occupation_code *codes,
                                 size_t count)
{
    int32_t best_bp = 0;
    if (scorer->occupation_count == 0 || count == 0)
        return scorer->scoring->profile->unstated_bp;
    for (uint32_t i = 0; i < scorer->occupation_count && best_bp < POINTS_LIMIT_BP; i++) {
        for (size_t j = 0; j < count && best_bp < POINTS_LIMIT_BP; j++) {
            int32_t bp = occupation_closeness_bp(&scorer->occupations[i], codes[j]);
            best_bp = bp > best_bp ? bp : best_bp;
        }
    }
    return best_bp;
}

/* --- Skills ------------------------------------------------------------------------------------*/

/* Entry 0's credits when no skill of the subject has this name. */
static const int16_t *credits_of_name(const struct credit_table *table, struct str name,
                                      uint32_t *asked_index)
{
    for (uint32_t i = 0; i < table->named_count; i++) {
        if (str_equal(table->named[i].name, name)) {
            *asked_index = table->named[i].asked_index;
            return table->named[i].credits_bp;
        }
    }
    return table->entries[0].credits_bp;
}

static int32_t settle_skills(struct pair_facts *facts, int32_t credit_sum, int32_t importance_sum)
{
    facts->credited_count = credit_sum > 0; /* importances are positive */
    return importance_sum > 0 ? credit_sum / importance_sum : facts->scoring->profile->no_skills_bp;
}

static int32_t points_of_asked(const struct credit_table *table, struct pair_facts *facts)
{
    const struct vacancy *vacancy = facts->vacancy;
    int32_t importance_sum = 0, credit_sum = 0;
    uint32_t missing_essential_count = 0;
    for (int i = 0; i < vacancy->skill_count; i++) {
        const struct asked_skill *asked = &vacancy->skills[i];
        uint32_t ignored;
        const int16_t *credits_bp = asked->skill_id == SKILL_UNKNOWN
                                        ? credits_of_name(table, asked->name, &ignored)
                                        : first_entry(table, asked->skill_id)->credits_bp;
        int32_t credit_bp = credits_bp[asked->min_level ? asked->min_level - 1 : 0];
        int32_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        importance_sum += importance;
        credit_sum += importance * credit_bp;
        missing_essential_count += asked->essential & (credit_bp != CLOSENESS_SAME_BP);
    }
    facts->missing_essential_count = missing_essential_count;
    return settle_skills(facts, credit_sum, importance_sum);
}

static int32_t points_of_held(const struct scorer *scorer, struct pair_facts *facts)
{
    const struct applicant *applicant = facts->applicant;
    const struct credit_table *table = &scorer->credits;
    uint32_t asked_count = scorer->vacancy->skill_count;
    int16_t best_bp[RECORD_SKILL_LIMIT];
    memset(best_bp, 0, asked_count * sizeof *best_bp);
    for (int i = 0; i < applicant->skill_count; i++) {
        const struct held_skill *held = &applicant->skills[i];
        int32_t level = held_level(facts->scoring, held);
        uint32_t asked_index = 0;
        if (held->skill_id == SKILL_UNKNOWN) {
            int16_t credit_bp = credits_of_name(table, held->name, &asked_index)[level - 1];
            if (credit_bp > best_bp[asked_index])
                best_bp[asked_index] = credit_bp;
            continue;
        }
        uint32_t index = table->heads[bucket_of(table, held->skill_id)];
        while (index != 0) {
            const struct credit_entry *entry = entry_from(table, index, held->skill_id);
            if (entry->credits_bp[level - 1] > best_bp[entry->asked_index])
                best_bp[entry->asked_index] = entry->credits_bp[level - 1];
            index = entry->next;
        }
    }
    int32_t credit_sum = 0;
    for (uint32_t i = 0; i < asked_count; i++) {
        credit_sum += scorer->asked.importances[i] * best_bp[i];
        facts->missing_essential_count += best_bp[i] < scorer->asked.needs_bp[i];
    }
    return settle_skills(facts, credit_sum, scorer->asked.importance_sum);
}

/* --- The pair ----------------------------------------------------------------------------------*/

void scorer_score_vacancy(const struct scorer *scorer, const struct vacancy *candidate,
                          struct pair_score *out)
{
    assert(scorer->applicant);
    struct pair_facts facts = {
        .scoring = scorer->scoring, .vacancy = candidate, .applicant = scorer->applicant};
    facts.distance_m = pair_distance_m(candidate, scorer->applicant);
    out->points_bp[CRITERION_SKILL] = points_of_asked(&scorer->credits, &facts);
    out->points_bp[CRITERION_OCCUPATION] = occupation_points(
        scorer, &candidate->occupation, candidate->occupation.code.length > 0 ? 1 : 0);
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
    out->points_bp[CRITERION_OCCUPATION] =
        occupation_points(scorer, candidate->desired_occupations, candidate->occupation_count);
    score_settle(&facts, out);
}
