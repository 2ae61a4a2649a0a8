/* What the daemon knows about the world: taxonomy, areas, minimum wages and word lists, from files
 * or built in. Loaded once by main; immutable; everything in `model` is borrowed from here. */
#ifndef HAIHE_CONFIG_REFERENCE_DATA_H
#define HAIHE_CONFIG_REFERENCE_DATA_H

#include "config/options.h"
#include "model/ingest.h"

struct reference_data {
    struct model model;
    struct taxonomy *taxonomy;                /* owned */
    struct area_table *areas;                 /* owned */
    struct minimum_wage_table *minimum_wages; /* owned */
    struct arena texts;                       /* banned terms, priority groups */
    /* XXH3 of the files that were read; 0: built in, or none. */
    uint64_t areas_hash, minimum_wages_hash, banned_terms_hash;
};

/* False with file, line and value in the error; nothing is left to release then. */
bool reference_data_load(struct reference_data *data, const struct options *options,
                         struct error *error);
/* Also after a failed load, and twice. */
void reference_data_release(struct reference_data *data);

#endif
