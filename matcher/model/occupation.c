/* Occupation codes, level by level. Each system's codes are walked from the top by one function
 * that gives the next level as a view; comparing two codes is walking both. Thread: any. Cost: a
 * few ns a level.
 */
#include "model/taxonomy.h"

#include "base/banned.h"

enum code_form {
    FORM_SEGMENTS, /* a level up to each '-' or '.' */
    FORM_DIGITS,   /* a level a character up to the first '.', then segments */
    FORM_SOC,      /* segment, two digits, one, one, segment */
};

struct code_walk {
    enum code_form form;
    struct str rest;
    size_t depth;   /* levels given so far */
    bool in_digits; /* FORM_DIGITS: no '.' seen yet */
};

static enum code_form form_of(struct str system)
{
    if (str_equal(system, STR("isco-08")) || str_equal(system, STR("esco")))
        return FORM_DIGITS;
    return str_equal(system, STR("onet-soc")) ? FORM_SOC : FORM_SEGMENTS;
}

static struct code_walk walk_begin(enum code_form form, struct str code)
{
    return (struct code_walk){.form = form, .rest = code, .in_digits = form == FORM_DIGITS};
}

static bool is_separator(char c)
{
    return c == '-' || c == '.';
}

static bool is_padding(struct str rest)
{
    for (uint32_t i = 0; i < rest.length; i++)
        if (rest.data[i] != '0' && !is_separator(rest.data[i]))
            return false;
    return true;
}

/* The next level down; false below the last. */
static bool walk_next(struct code_walk *walk, struct str *level)
{
    struct str rest = walk->rest;
    while (rest.length > 0 && is_separator(rest.data[0])) {
        rest = (struct str){rest.data + 1, rest.length - 1};
        walk->in_digits = false;
    }
    if (rest.length == 0 || (walk->form == FORM_SOC && walk->depth > 0 && is_padding(rest)))
        return false;
    uint32_t length = 0;
    while (length < rest.length && !is_separator(rest.data[length]))
        length++;
    uint32_t most = length;
    if (walk->form == FORM_SOC && walk->depth >= 1 && walk->depth <= 3)
        most = walk->depth == 1 ? 2 : 1;
    else if (walk->in_digits)
        most = 1;
    if (length > most)
        length = most;
    *level = (struct str){rest.data, length};
    walk->rest = (struct str){rest.data + length, rest.length - length};
    walk->depth++;
    return true;
}

size_t occupation_shared_levels(struct str system, struct str code_a, struct str code_b)
{
    enum code_form form = form_of(system);
    struct code_walk a = walk_begin(form, code_a), b = walk_begin(form, code_b);
    struct str level_a, level_b;
    size_t shared = 0;
    while (walk_next(&a, &level_a) && walk_next(&b, &level_b) && str_equal(level_a, level_b))
        shared++;
    return shared;
}

struct occupation_path occupation_path_of(struct str system, struct str code)
{
    struct occupation_path path = {.form = (uint8_t)form_of(system)};
    struct code_walk walk = walk_begin(path.form, code);
    while (path.level_count < OCCUPATION_PATH_LEVELS &&
           walk_next(&walk, &path.levels[path.level_count]))
        path.level_count++;
    return path;
}

size_t occupation_path_shared_levels(const struct occupation_path *path, struct str code)
{
    struct code_walk walk = walk_begin(path->form, code);
    struct str level;
    size_t shared = 0;
    while (shared < path->level_count && walk_next(&walk, &level) &&
           str_equal(level, path->levels[shared]))
        shared++;
    return shared;
}

bool occupation_holds(struct str system, struct str upper, struct str code)
{
    enum code_form form = form_of(system);
    struct code_walk above = walk_begin(form, upper), below = walk_begin(form, code);
    struct str level_above, level_below;
    while (walk_next(&above, &level_above))
        if (!walk_next(&below, &level_below) || !str_equal(level_above, level_below))
            return false;
    return above.depth > 0;
}
