/* See search_options.h. */
#include "search_options.h"

#include <stdio.h>

#include "arguments.h"
#include "core/search.h"
#include "machine.h"

#include "base/banned.h"

enum { COUNT_LIMIT = 1000000000, MARKET_QUERIES = 2000 };

/* As given; made into search_options at the end. */
struct given {
    struct search_options *options;
    const char *vacancies_path, *applicants_path, *queries_path;
    bool has_direction;
    int64_t limit, queries; /* 0 = not given */
};

enum {
    OPTION_VACANCIES = 256,
    OPTION_APPLICANTS,
    OPTION_QUERIES_FILE,
    OPTION_CHECK,
    OPTION_LIMIT,
    OPTION_QUERIES,
    OPTION_YARDSTICK,
    OPTION_VARIANT,
    OPTION_FILTER,
    OPTION_BATCH,
};

static const struct argp_option option_table[] = {
    {"direction", 'd', "vacancies|applicants", 0, "What is ranked", 0},
    {"tsv-vacancies", OPTION_VACANCIES, "FILE", 0, "Vacancies, when those are ranked", 1},
    {"tsv-applicants", OPTION_APPLICANTS, "FILE", 0, "Applicants, when those are ranked", 1},
    {"tsv-queries", OPTION_QUERIES_FILE, "FILE", 0, "Who asks: records of the other kind", 1},
    {"limit", OPTION_LIMIT, "N", 0, "Use the first N records of the file only", 1},
    {"market", 'm', "SEED,VACANCIES,APPLICANTS", 0, "Generated records instead of files", 1},
    {"queries", OPTION_QUERIES, "N", 0, "Ask the first N only (default: all; 2000 of a market)", 1},
    {"seed", 's', "N", 0, "Of what is drawn at random (default 1, or the market's)", 1},
    {"variant", OPTION_VARIANT, "NAME", 0, "Change the records, see below", 1},
    {"filter", OPTION_FILTER, "NAME:N", 0, "A filter that one record in N passes, see below", 1},
    {"k", 'k', "N", 0, "Matches in an answer, 1..1000 (default 50)", 2},
    {"threads", 't', "N", 0, "Searching threads, which share the queries (default 1)", 2},
    {"batch", OPTION_BATCH, NULL, 0, "All queries as one batch, in its own order", 2},
    {"profile", 'p', "default|lab", 0, "Weights (default: default)", 2},
    {"check", OPTION_CHECK, "N", 0, "Compare the first N answers with the exhaustive search", 3},
    {"out", 'o', "FILE", 0, "Write lines of query, rank, id, score", 3},
    {"yardstick", OPTION_YARDSTICK, "PROGRAM", 0, "Run it before and after, and compare", 3},
    {0}};

static void check_source(struct argp_state *state, const struct given *given)
{
    const struct search_options *options = given->options;
    bool ranks_vacancies = options->ranking == RANK_VACANCIES;
    if (!given->has_direction)
        argp_error(state, "--direction is missing");
    if (options->has_market) {
        if (given->vacancies_path || given->applicants_path || given->queries_path ||
            given->limit > 0)
            argp_error(state, "--market and files exclude each other");
        return;
    }
    if (!(ranks_vacancies ? given->vacancies_path : given->applicants_path))
        argp_error(state, "--tsv-%s or --market is missing",
                   ranks_vacancies ? "vacancies" : "applicants");
    if (!given->queries_path)
        argp_error(state, "--tsv-queries is missing");
}

static void complete(struct argp_state *state, const struct given *given)
{
    struct search_options *options = given->options;
    const struct fill_options fill = {.variant = {options->variant, options->seed, 0},
                                      .threads = machine_cores()};
    check_source(state, given);
    if (options->yardstick &&
        (options->has_market || given->limit > 0 || options->variant != VARIANT_NONE))
        argp_error(state, "--yardstick reads files as they are: no --market, --limit, --variant");
    size_t queries = given->queries > 0 ? (size_t)given->queries : SIZE_MAX;
    options->lab = (struct lab_options){
        .ranking = options->ranking,
        .candidates_path =
            options->ranking == RANK_VACANCIES ? given->vacancies_path : given->applicants_path,
        .queries_path = given->queries_path,
        .candidate_limit = given->limit > 0 ? (size_t)given->limit : SIZE_MAX,
        .query_limit = queries,
        .fill = fill};
    options->mark.seed = options->seed;
    options->city.ranking = options->ranking;
    options->city.query_limit = given->queries > 0 ? queries : MARKET_QUERIES;
    options->city.fill = fill;
}

static error_t parse_number_option(int key, char *argument, struct argp_state *state)
{
    struct given *given = state->input;
    struct search_options *options = given->options;
    switch (key) {
    case OPTION_LIMIT:
        given->limit = argument_number(state, "limit", argument, 1, COUNT_LIMIT);
        break;
    case OPTION_QUERIES:
        given->queries = argument_number(state, "queries", argument, 1, COUNT_LIMIT);
        break;
    case 's':
        options->seed = (uint64_t)argument_number(state, "seed", argument, 0, INT64_MAX);
        break;
    case 'k':
        options->k = (uint32_t)argument_number(state, "k", argument, 1, SEARCH_K_LIMIT);
        break;
    case 't':
        options->threads =
            (unsigned)argument_number(state, "threads", argument, 1, BLOCK_THREAD_LIMIT);
        break;
    case OPTION_CHECK:
        options->check_count = (size_t)argument_number(state, "check", argument, 0, COUNT_LIMIT);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct given *given = state->input;
    switch (key) {
    case 'd':
        given->has_direction = true;
        given->options->ranking = argument_direction(state, argument);
        break;
    case OPTION_VACANCIES:
        given->vacancies_path = argument;
        break;
    case OPTION_APPLICANTS:
        given->applicants_path = argument;
        break;
    case OPTION_QUERIES_FILE:
        given->queries_path = argument;
        break;
    case 'm':
        given->options->has_market = true;
        given->options->city.size = argument_market(state, argument, 1);
        given->options->seed = given->options->city.size.seed;
        break;
    case OPTION_VARIANT:
        if (!variant_find(argument, &given->options->variant))
            argp_error(state, "--variant '%s': there is none of that name", argument);
        break;
    case OPTION_BATCH:
        given->options->batch = true;
        break;
    case OPTION_FILTER:
        if (!mark_parse(argument, &given->options->mark))
            argp_error(state, "--filter '%s': must be a name and a number", argument);
        break;
    case 'p':
        given->options->profile = argument_profile(state, argument);
        break;
    case 'o':
        given->options->out_path = argument;
        break;
    case OPTION_YARDSTICK:
        given->options->yardstick = argument;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        break;
    case ARGP_KEY_END:
        complete(state, given);
        break;
    default:
        return parse_number_option(key, argument, state);
    }
    return 0;
}

void search_options_parse(struct search_options *options, int argc, char **argv)
{
    char doc[2048];
    struct given given = {.options = options};
    snprintf(doc, sizeof doc,
             "Measures searches and compares them with the exhaustive one.\v"
             "Variants:\n%s\nFilters, by who passes:\n%s",
             variant_help(), mark_help());
    const struct argp argp = {.options = option_table, .parser = parse_option, .doc = doc};
    *options =
        (struct search_options){.profile = profile_default(), .seed = 1, .k = 50, .threads = 1};
    argp_parse(&argp, argc, argv, 0, NULL, &given);
}
