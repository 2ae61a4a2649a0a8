/* See city.h: a workload from it. A record goes the way of a change: wire_read_apply, then the
 * ingest gate. */
#include "city.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "blocks.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

struct loading {
    struct city *city;
    struct city_scratch *scratches; /* owned, one a thread */
    enum record_kind kind;
    atomic_size_t refused;
};

static bool read_change(struct loading *loading, struct city_scratch *scratch, size_t index,
                        struct change_request *change, struct error *error)
{
    struct str request;
    struct city *city = loading->city;
    arena_clear(&scratch->arena);
    if (loading->kind == RECORD_VACANCY) {
        struct sample_vacancy vacancy;
        city_draw_vacancy(city, index, &vacancy);
        if (!city_encode_vacancy(scratch, &vacancy, &request, error))
            return false;
    } else {
        struct sample_applicant applicant;
        city_draw_applicant(city, index, &applicant);
        if (!city_encode_applicant(scratch, &applicant, &request, error))
            return false;
    }
    return wire_read_apply(&city->data.model, request, city->today, &scratch->arena, change, error);
}

/* Skills and workplaces go to where a variant may change them. */
static void copy_vacancy(const struct vacancy *vacancy, struct vacancy_draft *draft)
{
    draft->vacancy = *vacancy;
    if (vacancy->skill_count > 0) {
        memcpy(draft->skills, vacancy->skills, vacancy->skill_count * sizeof *vacancy->skills);
        draft->vacancy.skills = draft->skills;
    }
    if (vacancy->site_count > 0) {
        memcpy(draft->sites, vacancy->sites, vacancy->site_count * sizeof *vacancy->sites);
        draft->vacancy.sites = draft->sites;
    }
}

static void copy_applicant(const struct applicant *applicant, struct applicant_draft *draft)
{
    draft->applicant = *applicant;
    if (applicant->skill_count > 0) {
        memcpy(draft->skills, applicant->skills,
               applicant->skill_count * sizeof *applicant->skills);
        draft->applicant.skills = draft->skills;
    }
}

static enum fill_outcome read_record(void *context, unsigned worker, size_t index,
                                     union draft *draft, struct error *error)
{
    struct loading *loading = context;
    struct city *city = loading->city;
    struct change_request change;
    if (!read_change(loading, &loading->scratches[worker], index, &change, error))
        return FILL_FAILED;
    if (loading->kind == RECORD_APPLICANT) {
        copy_applicant(&change.applicant, &draft->applicant);
        return FILL_READ;
    }
    struct error why;
    if (!ingest_check_vacancy(&city->data.model, &change.vacancy, change.extras.description,
                              city->today, &why)) {
        atomic_fetch_add(&loading->refused, 1);
        return FILL_SKIPPED;
    }
    copy_vacancy(&change.vacancy, &draft->vacancy);
    return FILL_READ;
}

static struct fill_reader city_reader(struct loading *loading, const struct city_options *options,
                                      enum record_kind kind)
{
    size_t counts[] = {
        [RECORD_VACANCY] = options->size.vacancies, [RECORD_APPLICANT] = options->size.applicants};
    loading->kind = kind;
    return (struct fill_reader){
        .read = read_record, .context = loading, .kind = kind, .count = counts[kind]};
}

static struct fill_options city_filling(const struct city *city, const struct city_options *options)
{
    struct fill_options filling = options->fill;
    filling.variant.taxonomy_skill_count =
        (uint32_t)taxonomy_skill_count(city->data.model.taxonomy);
    return filling;
}

static void loading_init(struct loading *loading, struct city *city, unsigned threads)
{
    *loading = (struct loading){
        .city = city, .scratches = memory_must_zeroed(threads + 1, sizeof *loading->scratches)};
    for (unsigned i = 0; i < threads; i++)
        city_scratch_init(&loading->scratches[i]);
}

static void loading_release(struct loading *loading, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++)
        city_scratch_release(&loading->scratches[i]);
    memory_free(loading->scratches);
}

bool city_fill_queries(struct workload *workload, struct city *city,
                       const struct city_options *options, struct error *error)
{
    struct loading loading;
    loading_init(&loading, city, 1);
    struct fill_options filling = city_filling(city, options);
    struct fill_reader reader = city_reader(&loading, options, workload_query_kind(workload));
    bool filled = fill_queries(workload, &reader, options->query_limit, &filling, error);
    loading_release(&loading, 1);
    return filled;
}

static bool fill_city_candidates(struct workload *workload, struct city *city,
                                 const struct city_options *options, size_t *refused,
                                 struct error *error)
{
    struct loading loading;
    loading_init(&loading, city, options->fill.threads);
    struct fill_options filling = city_filling(city, options);
    struct fill_reader reader = city_reader(&loading, options, workload_candidate_kind(workload));
    bool filled = fill_candidates(workload, &reader, &filling, error);
    *refused = atomic_load(&loading.refused);
    loading_release(&loading, options->fill.threads);
    return filled;
}

bool city_load(struct workload *workload, const struct city_options *options, size_t *refused,
               struct error *error)
{
    struct city *city = memory_must_zeroed(1, sizeof *city);
    *workload = (struct workload){.ranking = options->ranking};
    bool loaded = city_init(city, &options->size, error);
    if (loaded) {
        loaded = fill_city_candidates(workload, city, options, refused, error) &&
                 city_fill_queries(workload, city, options, error);
        workload->taxonomy = city->data.taxonomy; /* records keep its skill ids */
        city->data.taxonomy = NULL;
        city_release(city);
    }
    memory_free(city);
    return loaded;
}
