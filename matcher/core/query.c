/* See query.h. Every rounding here is upwards. */
#include "core/query.h"

#include <assert.h>
#include <math.h>

#include "core/pay.h"
#include "core/query_filter.h"
#include "core/row.h"

#include "base/banned.h"

/* --- Helpers ---------------------------------------------------------------------------------- */

static float float_up(int64_t value)
{
    return nextafterf((float)value, INFINITY);
}

static float float_down(int64_t value)
{
    return nextafterf((float)value, -INFINITY);
}

static float weight_of(const struct query *query, enum criterion criterion)
{
    return (float)query->request->scoring.profile->weights[criterion];
}

static bool is_hard(const struct query *query, enum gate gate)
{
    return ((query->request->scoring.soft_gates & ~GATES_ALWAYS_HARD) >> gate & 1) == 0;
}

static int32_t credit_bp(int32_t closeness_bp, int32_t level, int32_t asked)
{
    return level >= asked ? closeness_bp : closeness_bp * level / asked;
}

/* ceil(importance * credit * CREDIT_UNIT / 10000) from a credit in 1/256 of that. */
static uint32_t credit_fraction(int32_t bp)
{
    return ((uint32_t)bp * CREDIT_UNIT * 256 + POINTS_LIMIT_BP - 1) / POINTS_LIMIT_BP;
}

static uint16_t contribution(uint32_t importance, uint32_t fraction)
{
    return (uint16_t)((importance * fraction + 255) >> 8);
}

/* --- Terms when vacancies are ranked: one for each row that some held skill earns in ------------
 */

struct term_table {
    struct query *query;
    uint32_t *slots; /* open addressing: term index + 1 by row */
    uint32_t mask;
};

static struct term *term_of_row(struct term_table *table, uint32_t row)
{
    struct query *query = table->query;
    uint32_t at = row * 2654435761u >> 7 & table->mask;
    while (table->slots[at] != 0 && query->terms[table->slots[at] - 1].row != row)
        at = (at + 1) & table->mask;
    if (table->slots[at] != 0)
        return &query->terms[table->slots[at] - 1];
    struct term *term = &query->terms[query->term_count];
    memset(term, 0, sizeof *term);
    term->row = row;
    term->group = (uint16_t)query->term_count;
    term->is_alone = true;
    table->slots[at] = ++query->term_count;
    return term;
}

static void earn(struct term *term, int32_t closeness_bp, int32_t level)
{
    for (int class = 0; class < ASKED_LEVEL_CLASSES; class ++) {
        uint32_t fraction = credit_fraction(credit_bp(closeness_bp, level, class + 1));
        for (uint32_t importance = 1; importance <= IMPORTANCE_LIMIT; importance++) {
            uint16_t *value =
                &term->table[(importance - 1) * ASKED_LEVEL_CLASSES + (uint32_t) class];
            uint16_t earned = contribution(importance, fraction);
            *value = earned > *value ? earned : *value;
        }
    }
    uint16_t factor = (uint16_t)((closeness_bp * 256 + POINTS_LIMIT_BP - 1) / POINTS_LIMIT_BP);
    uint8_t held_class = asked_level_class((uint8_t)level);
    term->tile_factor = factor > term->tile_factor ? factor : term->tile_factor;
    term->held_class = held_class > term->held_class ? held_class : term->held_class;
}

/* Vacancies that ask nothing stand in one list, with the same points for everybody. */
static void add_none(struct term_table *table, const struct scoring *scoring)
{
    struct term *term = term_of_row(table, row_none(scoring->taxonomy));
    int32_t bp = scoring->profile->no_skills_bp > 0 ? scoring->profile->no_skills_bp : 1;
    earn(term, bp, SKILL_LEVEL_LIMIT);
}

static bool compile_held_skills(struct query *query, struct arena *arena)
{
    const struct scoring *scoring = &query->request->scoring;
    const struct applicant *applicant = query->request->applicant;
    size_t limit = 1;
    for (int i = 0; i < applicant->skill_count; i++) {
        size_t count = 0;
        if (applicant->skills[i].skill_id != SKILL_UNKNOWN)
            taxonomy_asked_neighbours(scoring->taxonomy, applicant->skills[i].skill_id, &count);
        limit += 1 + count;
    }
    struct term_table table = {.query = query, .mask = 63};
    while (table.mask < 2 * limit)
        table.mask = table.mask * 2 + 1;
    table.slots = arena_alloc_zeroed(arena, table.mask + 1, sizeof *table.slots);
    uint8_t *memory = arena_alloc(arena, (limit + 1) * sizeof(struct term));
    if (!table.slots || !memory)
        return false;
    query->terms = (struct term *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    add_none(&table, scoring);
    for (int i = 0; i < applicant->skill_count; i++) {
        const struct held_skill *held = &applicant->skills[i];
        int32_t level = held->level ? held->level : scoring->profile->default_level;
        earn(term_of_row(&table, row_of(scoring->taxonomy, held->skill_id, held->name)),
             CLOSENESS_SAME_BP, level);
        if (held->skill_id == SKILL_UNKNOWN)
            continue;
        size_t count;
        const struct closeness *asked =
            taxonomy_asked_neighbours(scoring->taxonomy, held->skill_id, &count);
        for (size_t j = 0; j < count; j++)
            earn(term_of_row(&table, asked[j].skill_id), asked[j].bp, level);
    }
    query->group_count = query->term_count;
    query->skill_is_optional = !is_hard(query, GATE_NO_RELATED_SKILL);
    query->skill_tile_unit = query->skill_limit / TILE_UNIT;
    query->skill_unit = query->skill_limit / CREDIT_UNIT;
    return true;
}

/* --- Terms when applicants are ranked: a group for each asked skill ------------------------------
 */

static int32_t level_of_matrix_code(int code, int32_t default_level)
{
    static const int8_t UP_TO[] = {1, 2, 3, 4, 5, 6, 8};
    if (code <= SKILL_LEVEL_LIMIT)
        return code;
    int32_t stated = UP_TO[code - SKILL_LEVEL_LIMIT - 1];
    return stated > default_level ? stated : default_level;
}

struct asked_term {
    const struct asked_skill *asked;
    uint32_t row;
    int32_t closeness_bp;
    uint32_t highest_importance; /* of all asked skills */
    bool is_essential;
};

static void set_asked_term(struct query *query, const struct asked_term *from)
{
    int32_t default_level = query->request->scoring.profile->default_level;
    const struct asked_skill *asked = from->asked;
    uint32_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
    struct term *term = &query->terms[query->term_count++];
    memset(term, 0, sizeof *term);
    term->row = from->row;
    term->group = (uint16_t)query->group_count;
    term->is_essential = from->is_essential;
    term->is_shared = row_is_shared(query->request->scoring.taxonomy, from->row);
    for (int code = 0; code <= SKILL_LEVEL_LIMIT; code++) {
        int32_t level = code ? code : default_level;
        term->table[code] = contribution(
            importance, credit_fraction(credit_bp(from->closeness_bp, level, asked->min_level)));
        if (level >= asked->min_level)
            term->essential_table[code] = 1;
    }
    uint32_t whole = POINTS_LIMIT_BP * from->highest_importance;
    for (int code = 1; code < MATRIX_CODES; code++) {
        int32_t level = level_of_matrix_code(code, default_level);
        uint32_t bp = (uint32_t)credit_bp(from->closeness_bp, level, asked->min_level);
        term->tile_table[code] = (uint8_t)((importance * bp * TILE_UNIT + whole - 1) / whole);
        if (level >= asked->min_level)
            term->essential_matrix |= (uint16_t)(1u << code);
    }
}

static void add_group(struct query *query, struct asked_term *term)
{
    const struct taxonomy *taxonomy = query->request->scoring.taxonomy;
    uint32_t first = query->term_count, id = term->asked->skill_id;
    size_t count = 0;
    const struct closeness *neighbours =
        id != SKILL_UNKNOWN ? taxonomy_neighbours(taxonomy, id, &count) : NULL;
    term->row = row_of(taxonomy, id, term->asked->name);
    term->closeness_bp = CLOSENESS_SAME_BP;
    term->is_essential = term->asked->essential && is_hard(query, GATE_ESSENTIAL_SKILL_MISSING);
    query->essential_count += term->is_essential;
    set_asked_term(query, term);
    term->is_essential = false;
    for (size_t i = 0; i < count; i++) {
        term->row = neighbours[i].skill_id;
        term->closeness_bp = neighbours[i].bp;
        set_asked_term(query, term);
    }
    query->terms[first].is_alone = query->term_count == first + 1;
    query->group_count++;
}

static bool compile_asked_skills(struct query *query, struct arena *arena)
{
    const struct scoring *scoring = &query->request->scoring;
    const struct vacancy *vacancy = query->request->vacancy;
    if (vacancy->skill_count == 0) {
        query->skill_is_optional = true;
        query->skill_base =
            weight_of(query, CRITERION_SKILL) * (float)scoring->profile->no_skills_bp;
        query->skill_tile_unit = query->skill_unit = 0;
        return true;
    }
    uint8_t *memory =
        arena_alloc(arena, ((size_t)vacancy->skill_count * (CLOSENESS_NEIGHBOUR_LIMIT + 1) + 1) *
                               sizeof(struct term));
    if (!memory)
        return false;
    query->terms = (struct term *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    uint32_t sum = 0, highest = 0;
    for (int i = 0; i < vacancy->skill_count; i++) {
        uint32_t importance = vacancy->skills[i].importance;
        importance = importance ? importance : IMPORTANCE_DEFAULT;
        sum += importance;
        highest = importance > highest ? importance : highest;
    }
    for (int i = 0; i < vacancy->skill_count; i++)
        add_group(query, &(struct asked_term){.asked = &vacancy->skills[i],
                                              .highest_importance = highest});
    query->skill_is_optional = !is_hard(query, GATE_NO_RELATED_SKILL);
    query->skill_tile_unit = query->skill_limit * (float)highest / ((float)sum * TILE_UNIT);
    query->skill_unit = query->skill_limit / ((float)sum * CREDIT_UNIT);
    return true;
}

/* --- Location ----------------------------------------------------------------------------------
 */

static void add_site(struct query_location *location, struct position position)
{
    double cosine = cos(fabs((double)position.lat_e7) * 1e-7 * M_PI / 180) - 1e-6;
    location->sites[location->site_count++] = (struct query_site){
        .position = position,
        .lat = (float)position.lat_e7,
        .lon = (float)position.lon_e7,
        .cosine_low = cosine > 0 ? (float)cosine : 0,
    };
}

static void compile_location(struct query *query)
{
    const struct search_request *request = query->request;
    struct query_location *location = &query->location;
    const float full = POINTS_LIMIT_BP;
    location->weight = weight_of(query, CRITERION_LOCATION) * full;
    location->is_gate = is_hard(query, GATE_TOO_FAR);
    float unstated = weight_of(query, CRITERION_LOCATION) *
                     (float)request->scoring.profile->unstated_location_bp;
    location->fixed[TILE_REMOTE] = location->weight;
    location->fixed[TILE_UNSTATED] = location->fixed[TILE_PLACED] = unstated;
    if (query->ranking == RANK_VACANCIES) {
        const struct applicant *applicant = request->applicant;
        if (position_is_known(applicant->home.position) && applicant->max_distance_m > 0) {
            add_site(location, applicant->home.position);
            location->radius_m = float_up(applicant->max_distance_m);
        }
    } else if (request->vacancy->remote) {
        for (int kind = 0; kind < TILE_KIND_COUNT; kind++)
            location->fixed[kind] = location->weight;
    } else {
        for (int i = 0; i < request->vacancy->site_count; i++)
            if (position_is_known(request->vacancy->sites[i].position))
                add_site(location, request->vacancy->sites[i].position);
    }
    if (location->site_count > 0)
        location->fixed[TILE_PLACED] = -1;
}

/* --- Pay, occupation, experience, education ------------------------------------------------------
 */

static void compile_pay(struct query *query)
{
    const struct search_request *request = query->request;
    const struct profile *profile = request->scoring.profile;
    struct query_pay *pay = &query->pay;
    float weight = weight_of(query, CRITERION_WAGE);
    pay->weight = weight * POINTS_LIMIT_BP;
    pay->is_gate = is_hard(query, GATE_WAGE_BELOW_MINIMUM);
    pay->unknown = weight * (float)profile->unknown_wage_bp;
    pay->by_midpoint = profile->wage_reference == WAGE_REFERENCE_MIDPOINT;
    if (query->ranking == RANK_VACANCIES) {
        const struct applicant *applicant = request->applicant;
        struct pay_wish wish = pay_wish_of(applicant);
        pay->is_gate = pay->is_gate && applicant->wage_min_month_cents != WAGE_UNKNOWN;
        pay->minimum = float_down(applicant->wage_min_month_cents);
        pay->is_fixed = !wish.is_stated;
        pay->fixed = weight * (float)profile->unstated_wage_bp;
        int64_t span = wish.desired_month_cents - wish.floor_month_cents;
        pay->floor = float_down(wish.floor_month_cents) - 1;
        pay->span_inverse = span > 0 ? nextafterf(1.0f / (float)span, INFINITY) : 1e30f;
        return;
    }
    int64_t reference = pay_reference_month_cents(profile, request->vacancy);
    int64_t top = pay_top_month_cents(request->vacancy);
    pay->is_fixed = reference == WAGE_UNKNOWN;
    pay->fixed = pay->unknown;
    pay->is_gate = pay->is_gate && top != WAGE_UNKNOWN;
    if (!pay->is_fixed)
        pay->unknown = weight * (float)profile->unstated_wage_bp;
    pay->reference = float_up(reference) + 1;
    pay->top = float_up(top);
}

static void compile_occupation(struct query *query)
{
    const struct search_request *request = query->request;
    struct query_occupation *occupation = &query->occupation;
    float weight = weight_of(query, CRITERION_OCCUPATION);
    occupation->weight = weight * POINTS_LIMIT_BP;
    occupation->unstated = weight * (float)request->scoring.profile->unstated_bp;
    if (query->ranking == RANK_VACANCIES) {
        for (int i = 0; i < request->applicant->occupation_count; i++)
            occupation->paths[occupation->count++] =
                occupation_bytes(request->applicant->desired_occupations[i]);
    } else if (request->vacancy->occupation.code.length > 0) {
        occupation->paths[occupation->count++] = occupation_bytes(request->vacancy->occupation);
    }
    occupation->is_fixed = occupation->count == 0;
}

/* Points for `held` of `needed`, each -1 when unknown; as score.c has them. */
static float part_points(int32_t needed, int32_t held, int32_t unstated_bp)
{
    if (needed == 0)
        return POINTS_LIMIT_BP;
    if (held < 0)
        return (float)unstated_bp;
    return held >= needed ? POINTS_LIMIT_BP : (float)(POINTS_LIMIT_BP * held / needed);
}

static void compile_quality(struct query *query)
{
    const struct search_request *request = query->request;
    int32_t unstated = request->scoring.profile->unstated_bp;
    bool vacancies = query->ranking == RANK_VACANCIES;
    float experience_weight = weight_of(query, CRITERION_EXPERIENCE);
    float education_weight = weight_of(query, CRITERION_EDUCATION);
    float best_experience = 0, best_education = 0;
    for (int i = 0; i < 16; i++) {
        int32_t months = i < EXPERIENCE_BUCKET_COUNT ? EXPERIENCE_BUCKET_MONTHS[i] : -1;
        int32_t needed_months, held_months, needed_level, held_level;
        if (vacancies) {
            uint16_t held = request->applicant->months_of_experience;
            needed_months = months < 0 ? 0 : months;
            held_months = held == EXPERIENCE_UNKNOWN ? -1 : held;
            needed_level = i;
            held_level =
                request->applicant->education_level ? request->applicant->education_level : -1;
        } else {
            needed_months = request->vacancy->months_of_experience;
            held_months = i == EXPERIENCE_BUCKET_COUNT - 1 ? EXPERIENCE_LIMIT_MONTHS : months;
            needed_level = request->vacancy->education_level;
            held_level = i ? i : -1;
        }
        query->experience[i] =
            experience_weight * part_points(needed_months, held_months, unstated);
        query->education[i] = education_weight * part_points(needed_level, held_level, unstated);
        best_experience = fmaxf(best_experience, query->experience[i]);
        best_education = fmaxf(best_education, query->education[i]);
    }
    query->quality_limit = best_experience + best_education;
}

/* --- Gates --------------------------------------------------------------------------------------
 */

static void compile_gates_of_applicant(struct query *query)
{
    const struct applicant *applicant = query->request->applicant;
    const struct taxonomy *taxonomy = query->request->scoring.taxonomy;
    uint16_t held = 0;
    uint32_t skills = 0;
    query->is_impossible = !applicant->active || !applicant->consent_matching ||
                           (!applicant->available && is_hard(query, GATE_NOT_AVAILABLE_YET));
    if (is_hard(query, GATE_EMPLOYMENT_TYPE))
        query->types = applicant->types;
    for (uint32_t i = 0; i < applicant->licences.count; i++)
        held |= need_bit_of_licence(applicant->licences.items[i]);
    for (int i = 0; i < applicant->language_count; i++)
        held |= need_bit_of_language(applicant->languages[i].tag);
    uint16_t asked = is_hard(query, GATE_LANGUAGE_MISSING) ? NEED_LICENCE_BITS | NEED_LANGUAGE_BITS
                                                           : NEED_LICENCE_BITS;
    query->needs = (uint16_t)(~held & asked);
    for (int i = 0; i < applicant->skill_count; i++)
        skills |=
            skill_bit(row_of(taxonomy, applicant->skills[i].skill_id, applicant->skills[i].name));
    query->essential_clear = is_hard(query, GATE_ESSENTIAL_SKILL_MISSING) ? ~skills : 0;
}

static void compile_gates_of_vacancy(struct query *query)
{
    const struct vacancy *vacancy = query->request->vacancy;
    query->is_impossible = !vacancy->open;
    if (is_hard(query, GATE_EMPLOYMENT_TYPE))
        query->types = vacancy->types;
    if (is_hard(query, GATE_NOT_AVAILABLE_YET))
        query->required_bits = DOCUMENT_AVAILABLE;
    for (uint32_t i = 0; i < vacancy->licences.count; i++)
        query->needs |= need_bit_of_licence(vacancy->licences.items[i]);
    for (int i = 0; i < vacancy->language_count && is_hard(query, GATE_LANGUAGE_MISSING); i++)
        query->needs |= need_bit_of_language(vacancy->languages[i].tag);
}

bool query_compile(struct query *query, const struct search_request *request, struct arena *arena)
{
    memset(query, 0, sizeof *query);
    query->request = request;
    query->ranking = request->scoring.ranking;
    query->skill_limit = weight_of(query, CRITERION_SKILL) * POINTS_LIMIT_BP;
    bool compiled = query->ranking == RANK_VACANCIES ? compile_held_skills(query, arena)
                                                     : compile_asked_skills(query, arena);
    if (!compiled ||
        !query_filter_compile(&query->filter, request->scoring.filter, query->ranking, arena))
        return false;
    query->has_filter = request->scoring.filter != NULL;
    if (query->ranking == RANK_VACANCIES)
        compile_gates_of_applicant(query);
    else
        compile_gates_of_vacancy(query);
    compile_location(query);
    compile_pay(query);
    compile_occupation(query);
    compile_quality(query);
    query->reads_bits = query->types != 0 || query->required_bits != 0 ||
                        query->ranking == RANK_APPLICANTS || query->pay.by_midpoint;
    query->slack = weight_of(query, CRITERION_LOCATION) + 64;
    return true;
}
