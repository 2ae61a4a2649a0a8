/* See update_options.h. */
#include "update_options.h"

#include <stdlib.h>

#include "arguments.h"
#include "core/search.h"

#include "base/banned.h"

enum {
    /* What is encoded before it is sent stays in memory: about 1 KB a change. */
    RATE_LIMIT = 1000000,
    SECONDS_LIMIT = 600,
    CHECK_LIMIT = 1000000,
    MARKET_LEAST = 10, /* a tenth of it is deleted first */
    OPTION_CHECK = 256,
};

static const struct argp_option option_table[] = {
    {"market", 'm', "SEED,VACANCIES,APPLICANTS", 0, "Generated records (default 1,20000,20000)", 0},
    {"direction", 'd', "vacancies|applicants", 0, "What searches rank (default vacancies)", 0},
    {"rate", 'r', "N", 0, "Changes a second (default 20000)", 0},
    {"seconds", 's', "N", 0, "How long each phase takes (default 5)", 0},
    {"k", 'k', "N", 0, "Matches in an answer, 1..1000 (default 50)", 0},
    {"profile", 'p', "default|lab", 0, "Weights (default: default)", 0},
    {"check", OPTION_CHECK, "N", 0,
     "Compare N answers with the exhaustive search while changes go on", 0},
    {0}};

static double parse_seconds(struct argp_state *state, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0.01 && seconds <= SECONDS_LIMIT))
        argp_error(state, "--seconds '%s': must be 0.01..%d", text, SECONDS_LIMIT);
    return seconds;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct update_options *options = state->input;
    switch (key) {
    case 'm':
        options->size = argument_market(state, argument, MARKET_LEAST);
        break;
    case 'd':
        options->ranking = argument_direction(state, argument);
        break;
    case 'r':
        options->rate = argument_number(state, "rate", argument, 1, RATE_LIMIT);
        break;
    case 's':
        options->seconds = parse_seconds(state, argument);
        break;
    case 'k':
        options->k = argument_number(state, "k", argument, 1, SEARCH_K_LIMIT);
        break;
    case 'p':
        options->profile = argument_profile(state, argument);
        break;
    case OPTION_CHECK:
        options->check_count = argument_number(state, "check", argument, 0, CHECK_LIMIT);
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void update_options_parse(struct update_options *options, int argc, char **argv)
{
    const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .doc = "Measures searches while records change, against searches while none does."};
    *options = (struct update_options){.size = {1, 20000, 20000},
                                       .ranking = RANK_VACANCIES,
                                       .profile = profile_default(),
                                       .k = 50,
                                       .rate = 20000,
                                       .seconds = 5};
    argp_parse(&argp, argc, argv, 0, NULL, options);
}
