/* How well the score ranks, against people's judgement: O*NET's related occupations.
 *
 * Each occupation is a vacancy that asks for its technology skills (O*NET, "Technology Skills").
 * For each occupation with a judged list ("Related Occupations") a person who has that occupation's
 * technology skills asks for vacancies, its own left out. The ranking is judged by nDCG@10 (gains
 * 2^tier - 1, tiers 3, 2, 1) and recall@50, means over all queries; beside it, in the same run,
 * what simple measures reach that know nothing but the sets.
 *
 *   build/bench/bench_quality [FOLDER]      $HAIHE_SHARED_DATA/onet or ../shared/data/onet unless
 * told
 *
 * Prints name=value lines. A record holds at most 64 skills; which ones, is part of each variant.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "core/topk.h"
#include "model/str_map.h"

#include "base/banned.h"

enum {
    NDCG_DEPTH = 10,
    RECALL_DEPTH = 50,
    OCCUPATION_LIMIT = 1200,
    SKILL_LIMIT = 12000,
    COMMODITY_LIMIT = 400,
    SKILLS_OF_ONE_LIMIT = 600,
    TIER_COUNT = 4,
    FILE_LIMIT_BYTES = 64 * 1024 * 1024,
};

struct occupation {
    struct str code;
    uint32_t *skills; /* all of them, in the file's order */
    uint32_t skill_count;
    uint8_t *tiers; /* by occupation: 0 unrelated, 1..3; NULL: not judged */
    uint32_t related_count;
};

struct study {
    struct buffer technologies, relations; /* the files */
    struct arena arena;
    struct occupation occupations[OCCUPATION_LIMIT];
    uint32_t occupation_count;
    struct str skills[SKILL_LIMIT];
    uint32_t commodity_of[SKILL_LIMIT];
    uint32_t holders[SKILL_LIMIT]; /* occupations with the skill */
    uint32_t skill_count;
    struct str commodities[COMMODITY_LIMIT];
    uint32_t commodity_count;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench_quality: %s\n", what);
    exit(EXIT_FAILURE);
}

/* --- Reading -----------------------------------------------------------------------------------*/

static void read_file(const char *folder, const char *name, struct buffer *out)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "bench_quality: '%s' cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    buffer_init(out, FILE_LIMIT_BYTES);
    for (size_t got = 1; got > 0;) {
        char *room = buffer_reserve(out, 1 << 16);
        got = room ? fread(room, 1, 1 << 16, file) : 0;
        buffer_commit(out, got);
    }
    fclose(file);
}

/* The next line of a file, cut at tabs; fields missing are empty. False at the end. */
static bool next_row(struct str *rest, struct str fields[6])
{
    if (rest->length == 0)
        return false;
    const char *newline = memchr(rest->data, '\n', rest->length);
    uint32_t length = newline ? (uint32_t)(newline - rest->data) : rest->length;
    struct str line = {rest->data, length};
    uint32_t used = newline ? length + 1 : length;
    *rest = (struct str){rest->data + used, rest->length - used};
    while (line.length > 0 && line.data[line.length - 1] == '\r')
        line.length--;
    for (int i = 0; i < 6; i++) {
        const char *tab = line.length ? memchr(line.data, '\t', line.length) : NULL;
        uint32_t size = tab ? (uint32_t)(tab - line.data) : line.length;
        fields[i] = (struct str){line.data, size};
        uint32_t taken = tab ? size + 1 : size;
        line = (struct str){line.data + taken, line.length - taken};
    }
    return true;
}

/* The index of a text in a list, which grows by it when it is new. */
static uint32_t intern(struct str *list, uint32_t *count, uint32_t limit, struct str text)
{
    for (uint32_t i = *count; i > 0; i--) {
        if (str_equal(list[i - 1], text))
            return i - 1;
    }
    if (*count == limit)
        give_up("a file of O*NET is larger than expected");
    list[*count] = text;
    return (*count)++;
}

static struct occupation *find_occupation(struct study *study, struct str code)
{
    for (uint32_t i = study->occupation_count; i > 0; i--) {
        if (str_equal(study->occupations[i - 1].code, code))
            return &study->occupations[i - 1];
    }
    return NULL;
}

static struct occupation *add_occupation(struct study *study, struct str code)
{
    if (study->occupation_count == OCCUPATION_LIMIT)
        give_up("more occupations than expected");
    struct occupation *occupation = &study->occupations[study->occupation_count++];
    occupation->code = code;
    occupation->skills =
        arena_alloc_zeroed(&study->arena, SKILLS_OF_ONE_LIMIT, sizeof *occupation->skills);
    if (!occupation->skills)
        give_up("no memory");
    return occupation;
}

static void add_skill(struct study *study, struct occupation *occupation, uint32_t skill)
{
    for (uint32_t i = 0; i < occupation->skill_count; i++) {
        if (occupation->skills[i] == skill)
            return;
    }
    if (occupation->skill_count == SKILLS_OF_ONE_LIMIT)
        give_up("an occupation has more skills than expected");
    occupation->skills[occupation->skill_count++] = skill;
    study->holders[skill]++;
}

/* Skills are found by name through a map: a list of 8,768 is too long to search 31,000 times. */
static void read_technologies(struct study *study)
{
    struct str rest = buffer_borrow(&study->technologies), fields[6];
    struct str_map names;
    struct occupation *occupation = NULL;
    str_map_init(&names);
    next_row(&rest, fields); /* the header */
    while (next_row(&rest, fields)) {
        if (!occupation || !str_equal(occupation->code, fields[0]))
            occupation = find_occupation(study, fields[0]);
        if (!occupation)
            occupation = add_occupation(study, fields[0]);
        uint32_t skill = study->skill_count;
        if (skill == SKILL_LIMIT || !str_map_insert(&names, fields[1], &skill))
            give_up("more technologies than expected");
        if (skill == study->skill_count) {
            study->skills[study->skill_count++] = fields[1];
            study->commodity_of[skill] =
                intern(study->commodities, &study->commodity_count, COMMODITY_LIMIT, fields[2]);
        }
        add_skill(study, occupation, skill);
    }
    str_map_release(&names);
}

static uint8_t tier_of(struct str name)
{
    return str_equal(name, STR("Primary-Short"))  ? 3
           : str_equal(name, STR("Primary-Long")) ? 2
           : str_equal(name, STR("Supplemental")) ? 1
                                                  : 0;
}

/* Related occupations without technology skills cannot be found by anybody; they count all the
 * same. */
static void read_relations(struct study *study)
{
    struct str rest = buffer_borrow(&study->relations), fields[6];
    next_row(&rest, fields);
    while (next_row(&rest, fields)) {
        struct occupation *occupation = find_occupation(study, fields[0]);
        struct occupation *other = find_occupation(study, fields[1]);
        if (!occupation)
            give_up("a judged occupation has no technology skills");
        if (!occupation->tiers)
            occupation->tiers = arena_alloc_zeroed(&study->arena, OCCUPATION_LIMIT, 1);
        if (!occupation->tiers)
            give_up("no memory");
        if (!other)
            other = add_occupation(study, fields[1]);
        occupation->tiers[other - study->occupations] = tier_of(fields[2]);
        occupation->related_count++;
    }
}

/* --- Judging -----------------------------------------------------------------------------------*/

struct ranked {
    double value; /* higher is better */
    uint64_t tie; /* lower is better */
    uint32_t occupation;
};

static int by_value(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

static double gain(uint32_t tier, uint32_t place)
{
    return (double)((1u << tier) - 1) / log2(place + 2.0);
}

static double best_gain(const struct occupation *query)
{
    uint32_t left[TIER_COUNT] = {0};
    double sum = 0;
    for (uint32_t i = 0; i < OCCUPATION_LIMIT; i++)
        left[query->tiers[i]]++;
    for (uint32_t place = 0, tier = 3; place < NDCG_DEPTH && tier > 0;) {
        if (left[tier] == 0) {
            tier--;
            continue;
        }
        left[tier]--;
        sum += gain(tier, place++);
    }
    return sum;
}

/* What a variant reaches: rank() fills in the values of all occupations for a query. */
struct judgement {
    double ndcg, recall;
    uint32_t query_count;
};

typedef void rank_function(const void *context, uint32_t query, struct ranked *all, uint32_t count);

static struct judgement judge(const struct study *study, rank_function *rank, const void *context)
{
    static struct ranked all[OCCUPATION_LIMIT];
    struct judgement judgement = {0};
    for (uint32_t q = 0; q < study->occupation_count; q++) {
        const struct occupation *query = &study->occupations[q];
        if (!query->tiers)
            continue;
        double sum = 0;
        uint32_t found = 0;
        for (uint32_t i = 0; i < study->occupation_count; i++)
            all[i] = (struct ranked){-1, i, i};
        rank(context, q, all, study->occupation_count);
        all[q].value = -2; /* not its own answer */
        qsort(all, study->occupation_count, sizeof *all, by_value);
        for (uint32_t place = 0; place < RECALL_DEPTH && all[place].value >= 0; place++) {
            uint32_t tier = query->tiers[all[place].occupation];
            found += tier > 0;
            sum += place < NDCG_DEPTH ? gain(tier, place) : 0;
        }
        judgement.ndcg += sum / best_gain(query);
        judgement.recall += (double)found / query->related_count;
        judgement.query_count++;
    }
    judgement.ndcg /= judgement.query_count;
    judgement.recall /= judgement.query_count;
    return judgement;
}

static void print(const char *name, struct judgement judgement)
{
    printf("%s_ndcg10=%.4f %s_recall50=%.4f\n", name, judgement.ndcg, name, judgement.recall);
}

/* --- Simple measures ---------------------------------------------------------------------------*/

enum measure { OVERLAP, JACCARD, IDF_COSINE };

struct simple {
    const struct study *study;
    enum measure measure;
    uint32_t limit; /* skills of an occupation that count: the first ones */
};

static uint32_t counted(const struct simple *simple, const struct occupation *occupation)
{
    return occupation->skill_count < simple->limit ? occupation->skill_count : simple->limit;
}

static double weight_of(const struct study *study, uint32_t skill)
{
    return log((double)study->occupation_count / study->holders[skill]);
}

static void rank_simply(const void *context, uint32_t q, struct ranked *all, uint32_t count)
{
    static bool held[SKILL_LIMIT];
    const struct simple *simple = context;
    const struct study *study = simple->study;
    const struct occupation *query = &study->occupations[q];
    uint32_t own = counted(simple, query);
    memset(held, 0, sizeof held);
    for (uint32_t i = 0; i < own; i++)
        held[query->skills[i]] = true;
    for (uint32_t o = 0; o < count; o++) {
        const struct occupation *other = &study->occupations[o];
        double shared = 0, weight = 0, norm = 0;
        uint32_t theirs = counted(simple, other);
        for (uint32_t i = 0; i < theirs; i++) {
            double w = weight_of(study, other->skills[i]);
            norm += w * w;
            shared += held[other->skills[i]];
            weight += held[other->skills[i]] ? w * w : 0;
        }
        /* The query's own norm is the same for all. */
        if (theirs > 0)
            all[o].value = simple->measure == OVERLAP   ? shared
                           : simple->measure == JACCARD ? shared / (own + theirs - shared)
                                                        : weight / sqrt(norm > 0 ? norm : 1);
    }
}

/* --- Our score ---------------------------------------------------------------------------------*/

/* How records are made of an occupation's skills. */
enum preparation {
    FIRST_64,  /* as the file has them */
    RAREST_64, /* those that the fewest occupations have */
};

struct variant {
    const char *name;
    enum preparation preparation;
    bool has_importance; /* 1..5 by rarity; 3 otherwise */
    bool has_closeness;  /* technologies of one commodity are siblings */
    bool both_ways;      /* product of the scores with the roles exchanged */
    double prior;        /* importance that is asked for beside the vacancy's own and never met */
};

static const struct variant VARIANTS[] = {
    {.name = "default"},
    {.name = "rarest", .preparation = RAREST_64},
    {.name = "rarest_importance", .preparation = RAREST_64, .has_importance = true},
    {.name = "rarest_closeness", .preparation = RAREST_64, .has_closeness = true},
    {.name = "rarest_both_ways", .preparation = RAREST_64, .both_ways = true},
    {.name = "rarest_prior_40", .preparation = RAREST_64, .prior = 40 * 3},
    {.name = "rarest_importance_both_ways",
     .preparation = RAREST_64,
     .has_importance = true,
     .both_ways = true},
    {.name = "rarest_importance_prior_80",
     .preparation = RAREST_64,
     .has_importance = true,
     .prior = 80},
};

/* All records of one variant. */
struct exhibit {
    const struct study *study;
    const struct variant *variant;
    struct taxonomy *taxonomy;
    struct profile profile;
    struct vacancy vacancies[OCCUPATION_LIMIT];
    struct applicant applicants[OCCUPATION_LIMIT];
    double importances[OCCUPATION_LIMIT]; /* sums */
};

/* Skills "t00001", .. with, where closeness is wanted, their commodity "c001" as the broader one.
 */
static struct taxonomy *make_taxonomy(const struct study *study, bool has_closeness)
{
    struct buffer csv;
    struct error error = {0};
    buffer_init(&csv, FILE_LIMIT_BYTES);
    buffer_printf(&csv, "code,broader\n");
    for (uint32_t i = 0; i < study->commodity_count; i++)
        buffer_printf(&csv, "c%03" PRIu32 ",\n", i);
    for (uint32_t i = 0; i < study->skill_count; i++) {
        buffer_printf(&csv, "t%05" PRIu32 ",", i);
        if (has_closeness)
            buffer_printf(&csv, "c%03" PRIu32, study->commodity_of[i]);
        buffer_printf(&csv, "\n");
    }
    struct taxonomy *taxonomy = taxonomy_load(buffer_borrow(&csv), STR(""), &error);
    buffer_release(&csv);
    if (!taxonomy)
        give_up(error.text);
    return taxonomy;
}

/* The study whose rarities order skills in rarest_first; a benchmark is one thread. */
static const struct study *ordering;

static int rarest_first(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (ordering->holders[a] != ordering->holders[b])
        return ordering->holders[a] < ordering->holders[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

static uint8_t importance_of(const struct exhibit *exhibit, uint32_t skill)
{
    if (!exhibit->variant->has_importance)
        return IMPORTANCE_DEFAULT;
    double most = log((double)exhibit->study->occupation_count);
    return (uint8_t)(1 + lround(4 * weight_of(exhibit->study, skill) / most));
}

/* The records of an occupation. Only skills are stated, so nothing else tells two vacancies apart.
 */
static void make_records(struct exhibit *exhibit, uint32_t index, struct arena *arena)
{
    const struct occupation *occupation = &exhibit->study->occupations[index];
    uint32_t chosen[SKILLS_OF_ONE_LIMIT];
    uint32_t count = occupation->skill_count;
    struct asked_skill *asked = arena_alloc_zeroed(arena, RECORD_SKILL_LIMIT, sizeof *asked);
    struct held_skill *held = arena_alloc_zeroed(arena, RECORD_SKILL_LIMIT, sizeof *held);
    if (!asked || !held)
        give_up("no memory");
    memcpy(chosen, occupation->skills, count * sizeof *chosen);
    ordering = exhibit->study;
    if (exhibit->variant->preparation == RAREST_64)
        qsort(chosen, count, sizeof *chosen, rarest_first);
    count = count < RECORD_SKILL_LIMIT ? count : RECORD_SKILL_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        char code[16];
        snprintf(code, sizeof code, "t%05" PRIu32, chosen[i]);
        uint32_t id = taxonomy_find_skill(exhibit->taxonomy, str_of(code));
        asked[i] =
            (struct asked_skill){.skill_id = id, .importance = importance_of(exhibit, chosen[i])};
        held[i] = (struct held_skill){.skill_id = id};
        exhibit->importances[index] += asked[i].importance;
    }
    exhibit->vacancies[index] = (struct vacancy){.key = {STR("onet"), occupation->code},
                                                 .skills = asked,
                                                 .skill_count = (uint8_t)count,
                                                 .wage_min_month_cents = WAGE_UNKNOWN,
                                                 .wage_max_month_cents = WAGE_UNKNOWN,
                                                 .open = true};
    exhibit->applicants[index] = (struct applicant){.key = {STR("onet"), occupation->code},
                                                    .skills = held,
                                                    .skill_count = (uint8_t)count,
                                                    .home = {.position = POSITION_NONE},
                                                    .wage_min_month_cents = WAGE_UNKNOWN,
                                                    .wage_desired_month_cents = WAGE_UNKNOWN,
                                                    .months_of_experience = EXPERIENCE_UNKNOWN,
                                                    .consent_matching = true,
                                                    .consent_visible = true,
                                                    .active = true,
                                                    .available = true};
}

/* The score of a vacancy for a person; negative when a gate fails. */
static double score(const struct exhibit *exhibit, uint32_t vacancy, uint32_t applicant)
{
    const struct scoring scoring = {
        .profile = &exhibit->profile, .taxonomy = exhibit->taxonomy, .ranking = RANK_VACANCIES};
    struct pair_score pair;
    score_pair(&scoring, &exhibit->vacancies[vacancy], &exhibit->applicants[applicant], &pair);
    if (!pair_passes(&pair))
        return -1;
    if (exhibit->variant->prior == 0)
        return pair.score;
    double sum = exhibit->importances[vacancy];
    return pair.points_bp[CRITERION_SKILL] * sum / (sum + exhibit->variant->prior);
}

static void rank_by_score(const void *context, uint32_t q, struct ranked *all, uint32_t count)
{
    const struct exhibit *exhibit = context;
    for (uint32_t o = 0; o < count; o++) {
        if (exhibit->vacancies[o].skill_count == 0)
            continue;
        all[o].value = score(exhibit, o, q);
        all[o].tie = key_hash(exhibit->vacancies[o].key, exhibit->profile.tie_seed);
        if (exhibit->variant->both_ways && all[o].value >= 0)
            all[o].value *= score(exhibit, q, o);
    }
}

static void show(const struct study *study, const struct variant *variant)
{
    static struct exhibit exhibit;
    struct arena arena;
    arena_init(&arena, FILE_LIMIT_BYTES);
    memset(&exhibit, 0, sizeof exhibit);
    exhibit.study = study;
    exhibit.variant = variant;
    exhibit.profile = profile_default();
    exhibit.taxonomy = make_taxonomy(study, variant->has_closeness);
    for (uint32_t i = 0; i < study->occupation_count; i++)
        make_records(&exhibit, i, &arena);
    print(variant->name, judge(study, rank_by_score, &exhibit));
    taxonomy_free(exhibit.taxonomy);
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    static struct study study;
    char folder[900];
    struct stat status;
    const char *shared = getenv("HAIHE_SHARED_DATA");
    snprintf(folder, sizeof folder, "%s/onet", shared ? shared : "../shared/data");
    if (argc > 1)
        snprintf(folder, sizeof folder, "%s", argv[1]);
    if (stat(folder, &status) != 0) {
        printf("bench_quality: SKIPPED: O*NET's files are not at '%s'\n", folder);
        return EXIT_SUCCESS;
    }
    arena_init(&study.arena, 4 * FILE_LIMIT_BYTES);
    read_file(folder, "Technology Skills.txt", &study.technologies);
    read_file(folder, "Related Occupations.txt", &study.relations);
    read_technologies(&study);
    read_relations(&study);
    uint32_t queries = 0, cut = 0;
    for (uint32_t i = 0; i < study.occupation_count; i++) {
        queries += study.occupations[i].tiers != NULL;
        cut += study.occupations[i].skill_count > RECORD_SKILL_LIMIT;
    }
    printf("occupations=%" PRIu32 " skills=%" PRIu32 " queries=%" PRIu32 " above_64_skills=%" PRIu32
           "\n",
           study.occupation_count, study.skill_count, queries, cut);
    static const char *const NAMES[][2] = {{"overlap", "overlap_first_64"},
                                           {"jaccard", "jaccard_first_64"},
                                           {"idf_cosine", "idf_cosine_first_64"}};
    for (enum measure measure = OVERLAP; measure <= IDF_COSINE; measure++) {
        struct simple whole = {&study, measure, SKILLS_OF_ONE_LIMIT};
        struct simple cut_off = {&study, measure, RECORD_SKILL_LIMIT};
        print(NAMES[measure][0], judge(&study, rank_simply, &whole));
        print(NAMES[measure][1], judge(&study, rank_simply, &cut_off));
    }
    for (size_t i = 0; i < sizeof VARIANTS / sizeof VARIANTS[0]; i++)
        show(&study, &VARIANTS[i]);
    buffer_release(&study.technologies);
    buffer_release(&study.relations);
    arena_release(&study.arena);
    return EXIT_SUCCESS;
}
