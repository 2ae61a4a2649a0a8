/* See mark.h. */
#include "mark.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"
#include "core/pay.h"

#include "base/banned.h"

enum { OTHER_TAGS = 1000, MORE_TAGS = 15, TAG_BYTES = 16 };

static const struct str FAIR = {"the fair", 8};

bool mark_parse(const char *text, struct mark_options *out)
{
    static const char *const names[] = {
#define X(name, text) [MARK_##name] = #name,
        MARKS(X)
#undef X
    };
    const char *colon = strchr(text, ':');
    int64_t one_in;
    if (!colon || !text_to_int64(str_of(colon + 1), &one_in) || one_in < 1)
        return false;
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (str_equal(str_of(names[i]), (struct str){text, (uint32_t)(colon - text)})) {
            *out = (struct mark_options){.mark = (enum mark)i, .one_in = (uint64_t)one_in};
            return true;
        }
    }
    return false;
}

const char *mark_help(void)
{
#define X(name, text) "  " #name ":N: " text "\n"
    return MARKS(X);
#undef X
}

/* --- Tags ------------------------------------------------------------------------------------ */

struct tagging {
    struct workload *workload;
    struct workload_record room;
    struct str tags[MORE_TAGS + RECORD_TAG_LIMIT + 1];
    char texts[MORE_TAGS][TAG_BYTES];
};

/* Its own tags, `more` others of the pool, and the fair's. */
static void retag(struct tagging *tagging, size_t index, struct rng *rng, size_t more, bool is_fair)
{
    struct workload *workload = tagging->workload;
    struct entry *old = workload->candidates[index];
    const void *record = workload_candidate(workload, index, &tagging->room);
    bool vacancies = workload->ranking == RANK_VACANCIES;
    struct str_list *tags = vacancies ? &tagging->room.vacancy.tags : &tagging->room.applicant.tags;
    uint32_t count = 0;
    for (uint32_t i = 0; i < tags->count; i++)
        tagging->tags[count++] = tags->items[i];
    for (size_t i = 0; i < more && count < RECORD_TAG_LIMIT - 1; i++) {
        snprintf(tagging->texts[i], TAG_BYTES, "tag %u", (unsigned)rng_below(rng, OTHER_TAGS));
        tagging->tags[count++] = str_of(tagging->texts[i]);
    }
    if (is_fair)
        tagging->tags[count++] = FAIR;
    *tags = (struct str_list){tagging->tags, count};
    void *packed = vacancies ? (void *)vacancy_pack(record) : (void *)applicant_pack(record);
    if (!packed) {
        fprintf(stderr, "no memory for a tag\n");
        abort();
    }
    workload_put_candidate(workload, index, packed);
    memory_free(old);
}

static size_t tag_some(struct workload *workload, const struct mark_options *options, size_t more)
{
    struct tagging *tagging = memory_must_zeroed(1, sizeof *tagging);
    struct rng rng;
    size_t count = 0;
    tagging->workload = workload;
    rng_init(&rng, options->seed);
    for (size_t i = 0; i < workload->candidate_count; i++) {
        bool is_fair = rng_below(&rng, options->one_in) == 0;
        size_t others = more > 0 ? (size_t)rng_below(&rng, more) : 0;
        if (is_fair || others > 0)
            retag(tagging, i, &rng, others, is_fair);
        count += is_fair;
    }
    memory_free(tagging);
    return count;
}

/* --- Ranks ----------------------------------------------------------------------------------- */

/* A record and what it is chosen by: the lowest are. */
struct standing {
    int64_t value;
    size_t index;
};

static int compare_standings(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static struct position place_of(const struct workload *workload, size_t index)
{
    struct workload_record room;
    workload_candidate(workload, index, &room);
    if (workload->ranking == RANK_APPLICANTS)
        return room.applicant.home.position;
    return room.vacancy.site_count > 0 ? room.vacancy.sites[0].position : POSITION_NONE;
}

static int64_t top_of(const struct workload *workload, size_t index)
{
    struct workload_record room;
    workload_candidate(workload, index, &room);
    return pay_top_month_cents(&room.vacancy);
}

/* Sorted by what they are chosen by; memory_free. */
static struct standing *standings(const struct workload *workload, bool by_wage)
{
    struct standing *all = memory_must_zeroed(workload->candidate_count, sizeof *all);
    struct position centre = place_of(workload, 0);
    for (size_t i = 0; i < workload->candidate_count; i++) {
        struct position place = by_wage ? POSITION_NONE : place_of(workload, i);
        bool is_known = position_is_known(place) && position_is_known(centre);
        all[i].index = i;
        all[i].value = by_wage    ? -top_of(workload, i)
                       : is_known ? geo_distance_m(centre, place)
                                  : INT64_MAX;
    }
    qsort(all, workload->candidate_count, sizeof *all, compare_standings);
    return all;
}

static void tag_nearest(struct workload *workload, size_t count)
{
    struct tagging *tagging = memory_must_zeroed(1, sizeof *tagging);
    struct standing *all = standings(workload, false);
    tagging->workload = workload;
    for (size_t i = 0; i < count; i++)
        retag(tagging, all[i].index, NULL, 0, true);
    memory_free(all);
    memory_free(tagging);
}

/* --- The whole ------------------------------------------------------------------------------- */

static size_t floor_wage(const struct workload *workload, size_t count, struct filter *filter)
{
    struct standing *all = standings(workload, true);
    filter->wage_at_least_month_cents = -all[count - 1].value;
    while (count < workload->candidate_count && all[count].value == all[count - 1].value)
        count++;
    memory_free(all);
    return count;
}

bool mark_candidates(struct workload *workload, const struct mark_options *options,
                     struct filter *filter, size_t *count, struct error *error)
{
    *filter = (struct filter){0};
    *count = workload->candidate_count;
    if (options->mark == MARK_NONE)
        return true;
    if (options->mark != MARK_wage)
        filter->tags = (struct str_list){&FAIR, 1};
    size_t few = workload->candidate_count / options->one_in;
    *count = few > 0 ? few : 1;
    switch (options->mark) {
    case MARK_NONE:
        break;
    case MARK_tag:
        *count = tag_some(workload, options, 0);
        break;
    case MARK_many:
        *count = tag_some(workload, options, MORE_TAGS);
        break;
    case MARK_near:
        tag_nearest(workload, *count);
        break;
    case MARK_wage:
        if (workload->ranking != RANK_VACANCIES)
            return error_set(error, ERROR_INVALID_ARGUMENT, "filter 'wage' is one of vacancies");
        *count = floor_wage(workload, *count, filter);
        break;
    }
    return true;
}
