/* The options that match and explain share, as a MatchOptions' JSON: how many, by which weights,
 * which gates are softened, which filter. An argp child; its input is a struct match_options *. */
#ifndef HAIHE_HAIHECTL_MATCH_OPTIONS_H
#define HAIHE_HAIHECTL_MATCH_OPTIONS_H

#include <argp.h>
#include <jansson.h>

#include "base/error.h"

struct match_options {
    json_t *json;   /* MatchOptions in the making; owned */
    json_t *filter; /* borrowed from json; NULL until something is filtered */
};

extern const struct argp MATCH_OPTIONS_ARGP;

void match_options_init(struct match_options *options);
void match_options_release(struct match_options *options);

/* "550,200,150,50,30,20" as Weights; NULL unless it is six numbers. Their sum is the server's to
 * check. */
json_t *match_options_weights(const char *text);
/* "too_far=500000", or a share of 1 "too_far=0.05", as a SoftGate; NULL when it is neither. */
json_t *match_options_soft_gate(const char *text);

#endif
