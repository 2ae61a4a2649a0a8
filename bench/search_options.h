/* The command line of bench_search. */
#ifndef HAIHE_BENCH_SEARCH_OPTIONS_H
#define HAIHE_BENCH_SEARCH_OPTIONS_H

#include "city.h"
#include "core/profile.h"
#include "lab.h"
#include "mark.h"

struct search_options {
    enum ranking ranking;
    bool has_market;          /* the city's records, else the lab's */
    struct lab_options lab;   /* whichever is used is complete */
    struct city_options city; /* with seed, variant, threads, ranking */
    const char *out_path;     /* NULL = nowhere */
    const char *yardstick;    /* NULL = not run; only with whole files as they are */
    struct profile profile;
    enum variant variant;
    struct mark_options mark; /* whom the requests' filter lets through */
    uint64_t seed;
    size_t check_count;
    uint32_t k;
    unsigned threads;
    bool batch; /* all queries as one batch */
};

/* Ends the process with a message when something is missing, wrong or contradicts, as argp does. */
void search_options_parse(struct search_options *options, int argc, char **argv);

#endif
