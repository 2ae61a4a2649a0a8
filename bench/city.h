/* The records of tools/market, made heavier and normalised exactly as the daemon does it.
 *
 *   vacancy_draw, applicant_draw --burden--> ApplyRequest --> wire --> ingest gate
 *
 * The burden, for what is hard for an index: 10 % of the vacancies are remote, 5 % have 2 to 5
 * workplaces, the 20 % that are negotiable state no amounts, and so many asked skills are
 * essential that about 30 % of the pairs that pass all other gates fail that one. A record depends
 * on seed, number of vacancies (which decides about employers) and index only.
 * Thread: any reader once made; a scratch has one owner.
 */
#ifndef HAIHE_BENCH_CITY_H
#define HAIHE_BENCH_CITY_H

#include "base/buffer.h"
#include "config/reference_data.h"
#include "fill.h"
#include "market/sample.h"

struct city {
    struct market market;
    struct reference_data data; /* the daemon's built-in tables */
    int32_t today;              /* always the same day */
};

struct city_size {
    uint64_t seed;
    size_t vacancies, applicants;
};

bool city_init(struct city *city, const struct city_size *size, struct error *error);
void city_release(struct city *city);

/* What one thread needs to make records. */
struct city_scratch {
    struct arena arena; /* holds the views of a record that was read */
    struct buffer bytes;
    char apart[64]; /* from the next thread's */
};

void city_scratch_init(struct city_scratch *scratch);
void city_scratch_release(struct city_scratch *scratch);

void city_draw_vacancy(const struct city *city, uint64_t index, struct sample_vacancy *out);
void city_draw_applicant(const struct city *city, uint64_t index, struct sample_applicant *out);

/* An encoded haihe.v1.ApplyRequest that upserts the record; a view in the scratch. */
bool city_encode_vacancy(struct city_scratch *scratch, const struct sample_vacancy *vacancy,
                         struct str *request, struct error *error);
bool city_encode_applicant(struct city_scratch *scratch, const struct sample_applicant *applicant,
                           struct str *request, struct error *error);

/* The same that deletes it. */
bool city_encode_delete(struct city_scratch *scratch, enum record_kind kind,
                        const struct sample_key *key, struct str *request, struct error *error);

struct city_options {
    enum ranking ranking;
    struct city_size size;
    size_t query_limit;
    struct fill_options fill; /* the number of skills is put in */
};

/* Candidates are all records of one kind, queries the first ones of the other that can have
 * matches. *refused counts the candidates that the ingest gate refused. */
bool city_load(struct workload *workload, const struct city_options *options, size_t *refused,
               struct error *error);
/* Queries alone, of a city that stays the owner of their taxonomy; workload->ranking says which. */
bool city_fill_queries(struct workload *workload, struct city *city,
                       const struct city_options *options, struct error *error);

#endif
