/* See match_options.h. What is a number, a gate or an amount is checked here, because it is the
 * command line that is wrong then; ranges and rules are the server's to check. */
#include "haihectl/match_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/command.h"
#include "haihectl/csv_record.h"
#include "haihectl/money.h"
#include "haihectl/terms.h"

#include "base/banned.h"

enum {
    OPTION_COUNT = 'k',
    OPTION_PROFILE = 0x400,
    OPTION_WEIGHTS,
    OPTION_SOFT,
    OPTION_MIN_SEQUENCE,
    OPTION_FILTER_FILE,
    OPTION_PLATFORM,
    OPTION_TAG,
    OPTION_AREA,
    OPTION_OCCUPATION,
    OPTION_ORGANIZATION,
    OPTION_EMPLOYMENT_TYPE,
    OPTION_GROUP,
    OPTION_REMOTE,
    OPTION_WAGE_AT_LEAST,
    OPTION_WAGE_AT_MOST,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "Ranking:", 1},
    {"count", OPTION_COUNT, "N", 0, "how many matches, 1..1000 (20)", 1},
    {"profile", OPTION_PROFILE, "NAME", 0, "a configured profile (default)", 1},
    {"weights", OPTION_WEIGHTS, "S,L,W,O,X,E", 0,
     "skill, location, wage, occupation, experience, education; they sum to 1000: "
     "550,200,150,50,30,20",
     1},
    {"soft", OPTION_SOFT, "GATE=PENALTY", 0,
     "a failed gate costs points instead of removing: too_far=0.05 (of 1) or too_far=500000 (of "
     "10000000); repeatable",
     1},
    {"min-sequence", OPTION_MIN_SEQUENCE, "N", 0, "the answer must know change N", 1},
    {NULL, 0, NULL, 0, "Filter (repeat an option for any of several):", 2},
    {"filter-file", OPTION_FILTER_FILE, "FILE", 0, "a haihe.v1.Filter as JSON", 2},
    {"platform", OPTION_PLATFORM, "NAME", 0, "of this platform", 2},
    {"tag", OPTION_TAG, "TAG", 0, "with this tag, such as a job fair", 2},
    {"area", OPTION_AREA, "CODE", 0, "in this area; 120000 holds 120101", 2},
    {"occupation", OPTION_OCCUPATION, "[SYSTEM:]CODE", 0, "of this occupation or below it", 2},
    {"organization", OPTION_ORGANIZATION, "NAME", 0, "vacancies of this employer", 2},
    {"employment-type", OPTION_EMPLOYMENT_TYPE, "TYPE", 0, "full_time, part_time, ..", 2},
    {"priority-group", OPTION_GROUP, "NAME", 0, "applicants of this group", 2},
    {"remote", OPTION_REMOTE, NULL, 0, "remote vacancies only", 2},
    {"wage-at-least", OPTION_WAGE_AT_LEAST, "YUAN", 0,
     "vacancies that pay up to YUAN a month or more", 2},
    {"wage-at-most", OPTION_WAGE_AT_MOST, "YUAN", 0, "applicants who accept YUAN a month", 2},
    {0},
};

void match_options_init(struct match_options *options)
{
    *options = (struct match_options){.json = json_object()};
}

void match_options_release(struct match_options *options)
{
    json_decref(options->json);
    *options = (struct match_options){.json = NULL};
}

json_t *match_options_weights(const char *text)
{
    static const char *const names[] = {"skill",      "location",   "wage",
                                        "occupation", "experience", "education"};
    enum { WEIGHT_COUNT = 6 };
    json_t *weights = json_object();
    for (size_t i = 0; i < WEIGHT_COUNT; i++) {
        size_t length = strcspn(text, ",");
        int64_t weight;
        bool last = i + 1 == WEIGHT_COUNT;
        if (!text_to_int64((struct str){text, (uint32_t)length}, &weight) ||
            (text[length] == '\0') != last) {
            json_decref(weights);
            return NULL;
        }
        json_object_set_new(weights, names[i], json_integer(weight));
        text += length + 1;
    }
    return weights;
}

json_t *match_options_soft_gate(const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return NULL;
    const char *gate = term_find(TERM_GATE, (struct str){text, (uint32_t)(equals - text)});
    char *end;
    double share = strtod(equals + 1, &end);
    int64_t penalty;
    if (!gate || end == equals + 1 || *end || !isfinite(share))
        return NULL;
    if (!text_to_int64(str_of(equals + 1), &penalty)) {
        if (share < 0 || share > 1)
            return NULL;
        penalty = llround(share * 10000000);
    }
    return json_pack("{s:s, s:I}", "gate", gate, "penalty", (json_int_t)penalty);
}

/* --- Parsing -------------------------------------------------------------------------------- */

static json_t *filter(struct match_options *options)
{
    if (!options->filter) {
        options->filter = json_object();
        json_object_set_new(options->json, "filter", options->filter);
    }
    return options->filter;
}

/* Appends to the list object[name]. */
static void append(json_t *object, const char *name, json_t *value)
{
    json_t *list = json_object_get(object, name);
    if (!list) {
        list = json_array();
        json_object_set_new(object, name, list);
    }
    json_array_append_new(list, value);
}

static void append_text(struct match_options *options, const char *name, const char *text,
                        struct argp_state *state)
{
    json_t *value = json_string(text);
    if (!value)
        argp_error(state, "'%s': not UTF-8", text);
    append(filter(options), name, value);
}

static int64_t number(const char *option, const char *text, struct argp_state *state)
{
    int64_t value = 0;
    if (!text_to_int64(str_of(text), &value))
        argp_error(state, "--%s '%s': not a whole number", option, text);
    return value;
}

/* YUAN a month in cents. */
static void set_wage(struct match_options *options, const char *name, const char *text,
                     struct argp_state *state)
{
    int64_t cents = 0;
    if (!money_parse(str_of(text), (struct str){NULL, 0}, &cents))
        argp_error(state, "'%s': not an amount such as 8000", text);
    json_object_set_new(filter(options), name, json_integer(cents));
}

static void read_filter_file(struct match_options *options, const char *path)
{
    struct error error;
    json_t *json = command_read_json(path, &error);
    if (!json)
        exit(command_fail_input(&error));
    json_object_update(filter(options), json);
    json_decref(json);
}

static error_t parse_filter(int key, char *argument, struct argp_state *state)
{
    struct match_options *options = state->input;
    const char *name;
    json_t *value;
    switch (key) {
    case OPTION_FILTER_FILE:
        read_filter_file(options, argument);
        return 0;
    case OPTION_PLATFORM:
        append_text(options, "platforms", argument, state);
        return 0;
    case OPTION_TAG:
        append_text(options, "tags", argument, state);
        return 0;
    case OPTION_AREA:
        append_text(options, "area_codes", argument, state);
        return 0;
    case OPTION_ORGANIZATION:
        append_text(options, "organizations", argument, state);
        return 0;
    case OPTION_GROUP:
        append_text(options, "priority_groups", argument, state);
        return 0;
    case OPTION_OCCUPATION:
        value = csv_record_occupation(str_of(argument));
        if (!value)
            argp_error(state, "--occupation '%s': a code such as 7212", argument);
        append(filter(options), "occupations", value);
        return 0;
    case OPTION_EMPLOYMENT_TYPE:
        name = term_find(TERM_EMPLOYMENT_TYPE, str_of(argument));
        if (!name)
            argp_error(state, "--employment-type '%s': not one of %s", argument,
                       term_choices(TERM_EMPLOYMENT_TYPE));
        append(filter(options), "employment_types", json_string(name));
        return 0;
    case OPTION_REMOTE:
        json_object_set_new(filter(options), "remote_only", json_true());
        return 0;
    case OPTION_WAGE_AT_LEAST:
        set_wage(options, "wage_at_least_month_cents", argument, state);
        return 0;
    case OPTION_WAGE_AT_MOST:
        set_wage(options, "wage_at_most_month_cents", argument, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct match_options *options = state->input;
    json_t *value;
    switch (key) {
    case OPTION_COUNT:
        json_object_set_new(options->json, "k", json_integer(number("count", argument, state)));
        return 0;
    case OPTION_PROFILE:
        json_object_set_new(options->json, "profile", json_string(argument));
        return 0;
    case OPTION_MIN_SEQUENCE:
        json_object_set_new(options->json, "min_sequence",
                            json_integer(number("min-sequence", argument, state)));
        return 0;
    case OPTION_WEIGHTS:
        value = match_options_weights(argument);
        if (!value)
            argp_error(state, "--weights '%s': six whole numbers, such as 550,200,150,50,30,20",
                       argument);
        json_object_set_new(options->json, "weights", value);
        return 0;
    case OPTION_SOFT:
        value = match_options_soft_gate(argument);
        if (!value)
            argp_error(state, "--soft '%s': GATE=PENALTY, such as too_far=0.05; gates: %s",
                       argument, term_choices(TERM_GATE));
        append(options->json, "soft_gates", value);
        return 0;
    default:
        return parse_filter(key, argument, state);
    }
}

const struct argp MATCH_OPTIONS_ARGP = {.options = OPTIONS, .parser = parse_option};
