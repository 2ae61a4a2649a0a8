/* What the truth costs: score_pair, its prepared twin, and a search that scores every candidate.
 *
 * `build/bench/bench_score [SEED [CANDIDATES [SEARCHES]]]` prints name=value lines: the mean time
 * of a pair on warm memory by score_pair and by a scorer, and of making one, with candidates at
 * random and with each subject's best (those that an index leaves to be scored); and that of a
 * whole search over CANDIDATES vacancies for an applicant and over as many applicants for a vacancy
 * (mean, p50, p99; one thread, k = 20, each question another). Records are made from the built-in
 * taxonomy: 3 to 10 skills of one occupation's, Tianjin's surroundings, wages around 6,000 yuan.
 *
 * The times of a pair swing with what else the machine does; instructions do not:
 * `valgrind --tool=callgrind --toggle-collect=scorer_score_vacancy build/bench/bench_score 1 1 1`
 * counts those of one function, to be divided by its calls. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"
#include "core/scorer.h"
#include "core/search.h"

#include "base/banned.h"

enum { SUBJECT_COUNT = 64, PER_SUBJECT = 64, POOL_COUNT = 512, PAIR_ROUNDS = 30 };
enum { K = 20, SKILLS_LEAST = 3, SKILLS_MOST = 10 };

struct bench {
    struct rng rng;
    struct taxonomy *taxonomy;
    struct profile profile;
    struct arena arena;
};

/* --- Records -----------------------------------------------------------------------------------*/

/* A skill of the occupation, or now and then any. */
static uint32_t random_skill(struct bench *bench, const struct occupation_entry *occupation)
{
    size_t count = occupation->essential_count + occupation->optional_count;
    size_t at = count > 0 ? rng_below(&bench->rng, count) : 0;
    if (count == 0 || rng_below(&bench->rng, 10) == 0)
        return (uint32_t)rng_below(&bench->rng, taxonomy_skill_count(bench->taxonomy));
    return at < occupation->essential_count
               ? occupation->essential_ids[at]
               : occupation->optional_ids[at - occupation->essential_count];
}

/* Different skills into ids; returns how many. */
static uint8_t random_skills(struct bench *bench, const struct occupation_entry *occupation,
                             uint32_t ids[SKILLS_MOST])
{
    uint8_t wanted = (uint8_t)rng_between(&bench->rng, SKILLS_LEAST, SKILLS_MOST), count = 0;
    for (int attempt = 0; attempt < 4 * SKILLS_MOST && count < wanted; attempt++) {
        uint32_t id = random_skill(bench, occupation);
        uint8_t i = 0;
        while (i < count && ids[i] != id)
            i++;
        if (i == count)
            ids[count++] = id;
    }
    return count;
}

static const struct occupation_entry *random_occupation(struct bench *bench)
{
    size_t count = taxonomy_occupation_count(bench->taxonomy);
    return taxonomy_occupation_at(bench->taxonomy, rng_below(&bench->rng, count));
}

/* Around the city's centre, 20 km of standard deviation. */
static struct place random_place(struct bench *bench)
{
    struct place place = {0};
    place.position.lat_e7 = 390850000 + (int32_t)(1800000 * rng_gauss(&bench->rng));
    place.position.lon_e7 = 1172000000 + (int32_t)(2300000 * rng_gauss(&bench->rng));
    return place;
}

static struct key random_key(struct bench *bench, char text[24])
{
    snprintf(text, 24, "%016" PRIx64, rng_next(&bench->rng));
    return (struct key){STR("bench"), str_of(text)};
}

static struct vacancy *random_vacancy(struct bench *bench)
{
    char text[24];
    uint32_t ids[SKILLS_MOST];
    struct asked_skill skills[SKILLS_MOST] = {0};
    struct place site = random_place(bench);
    const struct occupation_entry *occupation = random_occupation(bench);
    int64_t low = rng_between(&bench->rng, 300000, 900000);
    struct vacancy vacancy = {.key = random_key(bench, text),
                              .title = STR("vacancy"),
                              .hiring_organization_folded = STR("employer"),
                              .occupation = {STR("isco-08"), occupation->code},
                              .skills = skills,
                              .skill_count = random_skills(bench, occupation, ids),
                              .sites = &site,
                              .site_count = 1,
                              .wage_min_month_cents = low,
                              .wage_max_month_cents = low + rng_between(&bench->rng, 0, 500000),
                              .months_of_experience = (uint16_t)rng_below(&bench->rng, 60),
                              .education_level = (uint8_t)rng_below(&bench->rng, 7),
                              .types = 1u << 1,
                              .open = true};
    for (uint8_t i = 0; i < vacancy.skill_count; i++) {
        skills[i].skill_id = ids[i];
        skills[i].importance = (uint8_t)rng_between(&bench->rng, 1, IMPORTANCE_LIMIT);
        skills[i].min_level = (uint8_t)rng_below(&bench->rng, 6);
    }
    return vacancy_pack(&vacancy);
}

static struct applicant *random_applicant(struct bench *bench)
{
    char text[24];
    uint32_t ids[SKILLS_MOST];
    struct held_skill skills[SKILLS_MOST] = {0};
    const struct occupation_entry *occupation = random_occupation(bench);
    struct occupation_code desired = {STR("isco-08"), occupation->code};
    int64_t low = rng_between(&bench->rng, 300000, 700000);
    struct applicant applicant = {.key = random_key(bench, text),
                                  .skills = skills,
                                  .skill_count = random_skills(bench, occupation, ids),
                                  .home = random_place(bench),
                                  .desired_occupations = &desired,
                                  .occupation_count = 1,
                                  .wage_min_month_cents = low,
                                  .wage_desired_month_cents = low * 3 / 2,
                                  .max_distance_m = (int32_t)rng_between(&bench->rng, 5000, 40000),
                                  .months_of_experience = (uint16_t)rng_below(&bench->rng, 120),
                                  .education_level = (uint8_t)rng_between(&bench->rng, 1, 7),
                                  .types = 1u << 1,
                                  .consent_matching = true,
                                  .consent_visible = true,
                                  .active = true,
                                  .available = true};
    for (uint8_t i = 0; i < applicant.skill_count; i++) {
        skills[i].skill_id = ids[i];
        skills[i].level = (uint8_t)rng_below(&bench->rng, SKILL_LEVEL_LIMIT + 1);
    }
    return applicant_pack(&applicant);
}

static void *random_record(struct bench *bench, enum ranking kind)
{
    void *record =
        kind == RANK_VACANCIES ? (void *)random_vacancy(bench) : (void *)random_applicant(bench);
    if (!record)
        abort();
    return record;
}

static struct entry *random_entry(struct bench *bench, enum ranking kind)
{
    void *record = random_record(bench, kind);
    struct entry *entry = kind == RANK_VACANCIES ? entry_new_vacancy(record, NULL, STR(""))
                                                 : entry_new_applicant(record, NULL, STR(""));
    if (!entry)
        abort();
    memory_free(record);
    return entry;
}

/* --- Measuring ---------------------------------------------------------------------------------*/

/* What this thread has computed: other processes on the machine do not blur it. */
static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum ranking other_kind(enum ranking kind)
{
    return kind == RANK_VACANCIES ? RANK_APPLICANTS : RANK_VACANCIES;
}

/* Subjects, and for each the candidates that it is scored with. */
struct pairing {
    enum ranking ranking;
    void *subjects[SUBJECT_COUNT];
    void *pool[POOL_COUNT];
    const void *candidates[SUBJECT_COUNT][PER_SUBJECT];
};

static int32_t score_of(struct bench *bench, enum ranking ranking, const void *subject,
                        const void *candidate)
{
    struct scoring scoring = {
        .profile = &bench->profile, .taxonomy = bench->taxonomy, .ranking = ranking};
    struct pair_score pair;
    bool ranks_vacancies = ranking == RANK_VACANCIES;
    score_pair(&scoring, ranks_vacancies ? candidate : subject,
               ranks_vacancies ? subject : candidate, &pair);
    return pair_passes(&pair) ? pair.score : -1;
}

/* The best of the pool, best first. */
static void choose_best(struct bench *bench, struct pairing *pairing, int subject)
{
    int32_t scores[POOL_COUNT];
    for (int i = 0; i < POOL_COUNT; i++)
        scores[i] = score_of(bench, pairing->ranking, pairing->subjects[subject], pairing->pool[i]);
    for (int i = 0; i < PER_SUBJECT; i++) {
        int best = 0;
        for (int j = 1; j < POOL_COUNT; j++)
            best = scores[j] > scores[best] ? j : best;
        pairing->candidates[subject][i] = pairing->pool[best];
        scores[best] = -2;
    }
}

static struct pairing *pairing_new(struct bench *bench, enum ranking ranking)
{
    struct pairing *pairing = memory_must_zeroed(1, sizeof *pairing);
    pairing->ranking = ranking;
    for (int i = 0; i < SUBJECT_COUNT; i++)
        pairing->subjects[i] = random_record(bench, other_kind(ranking));
    for (int i = 0; i < POOL_COUNT; i++)
        pairing->pool[i] = random_record(bench, ranking);
    return pairing;
}

static void pairing_free(struct pairing *pairing)
{
    for (int i = 0; i < SUBJECT_COUNT; i++)
        memory_free(pairing->subjects[i]);
    for (int i = 0; i < POOL_COUNT; i++)
        memory_free(pairing->pool[i]);
    memory_free(pairing);
}

static double by_score_pair(struct bench *bench, const struct pairing *pairing, uint64_t *checksum,
                            uint64_t *passed_count)
{
    struct scoring scoring = {
        .profile = &bench->profile, .taxonomy = bench->taxonomy, .ranking = pairing->ranking};
    int64_t begin_ns = cpu_ns();
    for (int i = 0; i < PAIR_ROUNDS * SUBJECT_COUNT; i++) {
        const void *subject = pairing->subjects[i % SUBJECT_COUNT];
        for (int j = 0; j < PER_SUBJECT; j++) {
            struct pair_score pair;
            const void *candidate = pairing->candidates[i % SUBJECT_COUNT][j];
            if (pairing->ranking == RANK_VACANCIES)
                score_pair(&scoring, candidate, subject, &pair);
            else
                score_pair(&scoring, subject, candidate, &pair);
            *checksum += (uint64_t)pair.score;
            *passed_count += pair_passes(&pair);
        }
    }
    return (double)(cpu_ns() - begin_ns) / (PAIR_ROUNDS * SUBJECT_COUNT * PER_SUBJECT);
}

static struct scorer *must_prepare(struct bench *bench, const struct scoring *scoring,
                                   const void *subject)
{
    struct scorer *scorer = scorer_new(scoring, subject, subject, &bench->arena);
    if (!scorer)
        abort();
    return scorer;
}

/* As by_score_pair, and the mean time of making a scorer. */
static double by_scorer(struct bench *bench, const struct pairing *pairing, uint64_t *checksum,
                        double *prepare_ns)
{
    struct scoring scoring = {
        .profile = &bench->profile, .taxonomy = bench->taxonomy, .ranking = pairing->ranking};
    struct scorer *scorers[SUBJECT_COUNT];
    int64_t begin_ns = cpu_ns();
    for (int i = 0; i < PAIR_ROUNDS * SUBJECT_COUNT; i++) {
        arena_clear(&bench->arena);
        must_prepare(bench, &scoring, pairing->subjects[i % SUBJECT_COUNT]);
    }
    *prepare_ns = (double)(cpu_ns() - begin_ns) / (PAIR_ROUNDS * SUBJECT_COUNT);
    for (int i = 0; i < SUBJECT_COUNT; i++)
        scorers[i] = must_prepare(bench, &scoring, pairing->subjects[i]);
    begin_ns = cpu_ns();
    for (int i = 0; i < PAIR_ROUNDS * SUBJECT_COUNT; i++) {
        for (int j = 0; j < PER_SUBJECT; j++) {
            struct pair_score pair;
            const void *candidate = pairing->candidates[i % SUBJECT_COUNT][j];
            if (pairing->ranking == RANK_VACANCIES)
                scorer_score_vacancy(scorers[i % SUBJECT_COUNT], candidate, &pair);
            else
                scorer_score_applicant(scorers[i % SUBJECT_COUNT], candidate, &pair);
            *checksum += (uint64_t)pair.score;
        }
    }
    return (double)(cpu_ns() - begin_ns) / (PAIR_ROUNDS * SUBJECT_COUNT * PER_SUBJECT);
}

static void measure_pairs(struct bench *bench, const struct pairing *pairing, const char *which)
{
    const char *kind = pairing->ranking == RANK_VACANCIES ? "vacancies" : "applicants";
    uint64_t checksum = 0, scorer_checksum = 0, passed_count = 0;
    double prepare_ns;
    double pair_ns = by_score_pair(bench, pairing, &checksum, &passed_count);
    double scorer_ns = by_scorer(bench, pairing, &scorer_checksum, &prepare_ns);
    if (checksum != scorer_checksum) {
        fprintf(stderr, "bench_score: a scorer's checksum is %" PRIu64 ", not %" PRIu64 "\n",
                scorer_checksum, checksum);
        exit(1);
    }
    printf("%s_%s_pair_ns=%.1f\n%s_%s_scorer_ns=%.1f\n%s_%s_prepare_ns=%.1f\n", kind, which,
           pair_ns, kind, which, scorer_ns, kind, which, prepare_ns);
    printf("%s_%s_passed_share=%.3f\n%s_%s_checksum=%" PRIu64 "\n", kind, which,
           (double)passed_count / (PAIR_ROUNDS * SUBJECT_COUNT * PER_SUBJECT), kind, which,
           checksum);
}

static void bench_pairs(struct bench *bench, enum ranking ranking)
{
    struct pairing *pairing = pairing_new(bench, ranking);
    for (int i = 0; i < SUBJECT_COUNT; i++)
        memcpy(pairing->candidates[i], pairing->pool, sizeof pairing->candidates[i]);
    measure_pairs(bench, pairing, "random");
    for (int i = 0; i < SUBJECT_COUNT; i++)
        choose_best(bench, pairing, i);
    measure_pairs(bench, pairing, "best");
    pairing_free(pairing);
}

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t search_once(struct bench *bench, const struct snapshot *snapshot,
                           enum ranking ranking, uint64_t *checksum)
{
    void *subject = random_record(bench, other_kind(ranking));
    struct search_request request = {
        .scoring = {.profile = &bench->profile, .taxonomy = bench->taxonomy, .ranking = ranking},
        .vacancy = subject,
        .applicant = subject,
        .k = K};
    struct search_result result;
    struct error error = {0};
    arena_clear(&bench->arena);
    int64_t begin_ns = cpu_ns();
    if (!search_exhaustive(&request, snapshot, &bench->arena, &result, &error))
        abort();
    int64_t spent_ns = cpu_ns() - begin_ns;
    for (uint32_t i = 0; i < result.match_count; i++)
        *checksum += (uint64_t)result.matches[i].rank.score + result.matches[i].rank.tie;
    memory_free(subject);
    return spent_ns;
}

static void report_searches(const char *kind, int64_t *spent_ns, size_t searches, size_t candidates,
                            uint64_t checksum)
{
    int64_t sum_ns = 0;
    for (size_t i = 0; i < searches; i++)
        sum_ns += spent_ns[i];
    qsort(spent_ns, searches, sizeof *spent_ns, by_value);
    double mean_ns = (double)sum_ns / (double)searches;
    printf("%s_mean_ms=%.3f\n%s_p50_ms=%.3f\n%s_p99_ms=%.3f\n%s_pair_ns=%.1f\n%s_checksum=%" PRIu64
           "\n",
           kind, mean_ns / 1e6, kind, (double)spent_ns[searches / 2] / 1e6, kind,
           (double)spent_ns[searches * 99 / 100] / 1e6, kind, mean_ns / (double)candidates, kind,
           checksum);
}

static void bench_searches(struct bench *bench, enum ranking ranking, size_t candidates,
                           size_t searches)
{
    struct entry **entries = memory_must_zeroed(candidates, sizeof *entries);
    int64_t *spent_ns = memory_must_zeroed(searches, sizeof *spent_ns);
    struct collection_writer *writer = collection_writer_new(NULL);
    struct snapshot snapshot;
    struct collection_garbage *garbage;
    uint64_t checksum = 0;
    for (size_t i = 0; i < candidates; i++) {
        entries[i] = random_entry(bench, ranking);
        entries[i]->sequence = i + 1;
        if (!writer || collection_insert(writer, entries[i]) == SIZE_MAX)
            abort();
    }
    if (!collection_publish(writer, &snapshot, &garbage))
        abort();
    for (size_t i = 0; i < searches; i++)
        spent_ns[i] = search_once(bench, &snapshot, ranking, &checksum);
    report_searches(ranking == RANK_VACANCIES ? "rank_vacancies" : "rank_applicants", spent_ns,
                    searches, candidates, checksum);
    for (size_t i = 0; i < candidates; i++)
        memory_free(entries[i]);
    collection_writer_free(writer);
    memory_free(spent_ns);
    memory_free(entries);
}

/* --- Main --------------------------------------------------------------------------------------*/

/* The first line of a command's output as a value; "unknown" when there is none. */
static void print_command(const char *name, const char *command)
{
    char line[200] = "";
    FILE *pipe = popen(command, "r");
    if (pipe) {
        if (!fgets(line, sizeof line, pipe))
            line[0] = '\0';
        pclose(pipe);
    }
    line[strcspn(line, "\n")] = '\0';
    printf("%s=%s\n", name, line[0] ? line : "unknown");
}

static int64_t argument(int argc, char **argv, int index, int64_t otherwise)
{
    int64_t value = otherwise;
    if (index < argc && (!text_to_int64(str_of(argv[index]), &value) || value < 1)) {
        fprintf(stderr, "bench_score: '%s' is not a positive number\n", argv[index]);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    struct error error = {0};
    uint64_t seed = (uint64_t)argument(argc, argv, 1, 1);
    size_t candidates = (size_t)argument(argc, argv, 2, 100000);
    size_t searches = (size_t)argument(argc, argv, 3, 50);
    struct bench bench = {.taxonomy = taxonomy_builtin(&error), .profile = profile_default()};
    if (!bench.taxonomy) {
        fprintf(stderr, "bench_score: %s\n", error.text);
        return 1;
    }
    rng_init(&bench.rng, seed);
    arena_init(&bench.arena, (size_t)1 << 24);
    print_command("machine", "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo");
    print_command("revision", "git rev-parse --short HEAD 2>/dev/null");
    printf("seed=%" PRIu64 "\ncandidates=%zu\nsearches=%zu\nk=%d\n", seed, candidates, searches, K);
    bench_pairs(&bench, RANK_VACANCIES);
    bench_pairs(&bench, RANK_APPLICANTS);
    bench_searches(&bench, RANK_VACANCIES, candidates, searches);
    bench_searches(&bench, RANK_APPLICANTS, candidates, searches);
    arena_release(&bench.arena);
    taxonomy_free(bench.taxonomy);
    return 0;
}
