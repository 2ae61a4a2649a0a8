/* The command line of bench_update. */
#ifndef HAIHE_BENCH_UPDATE_OPTIONS_H
#define HAIHE_BENCH_UPDATE_OPTIONS_H

#include "city.h"
#include "core/profile.h"

struct update_options {
    struct city_size size;
    enum ranking ranking; /* what the searches rank */
    struct profile profile;
    int64_t k;
    int64_t rate;   /* changes a second */
    double seconds; /* of a phase */
    int64_t check_count;
};

/* Ends the process with a message when something is wrong, as argp does. */
void update_options_parse(struct update_options *options, int argc, char **argv);

#endif
