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

static bool fill(struct workload *workload, struct loading *loading,
                 const struct city_options *options, size_t *refused, struct error *error)
{
    struct fill_options filling = options->fill;
    struct fill_reader reader = {.read = read_record, .context = loading};
    size_t counts[] = {
        [RECORD_VACANCY] = options->size.vacancies, [RECORD_APPLICANT] = options->size.applicants};
    filling.variant.taxonomy_skill_count =
        (uint32_t)taxonomy_skill_count(loading->city->data.model.taxonomy);
    loading->kind = reader.kind = workload_candidate_kind(workload);
    reader.count = counts[reader.kind];
    if (!fill_candidates(workload, &reader, &filling, error))
        return false;
    *refused = atomic_load(&loading->refused);
    loading->kind = reader.kind = workload_query_kind(workload);
    reader.count = counts[reader.kind];
    return fill_queries(workload, &reader, options->query_limit, &filling, error);
}

bool city_load(struct workload *workload, const struct city_options *options, size_t *refused,
               struct error *error)
{
    struct city *city = memory_must_zeroed(1, sizeof *city);
    unsigned threads = options->fill.threads;
    struct loading loading = {
        .city = city, .scratches = memory_must_zeroed(threads + 1, sizeof *loading.scratches)};
    *workload = (struct workload){.ranking = options->ranking};
    bool loaded = city_init(city, &options->size, error);
    for (unsigned i = 0; i < threads; i++)
        city_scratch_init(&loading.scratches[i]);
    if (loaded) {
        loaded = fill(workload, &loading, options, refused, error);
        workload->taxonomy = city->data.taxonomy; /* records keep its skill ids */
        city->data.taxonomy = NULL;
        city_release(city);
    }
    for (unsigned i = 0; i < threads; i++)
        city_scratch_release(&loading.scratches[i]);
    memory_free(loading.scratches);
    memory_free(city);
    return loaded;
}
