/* Occupation codes, level by level. Each system's codes are walked from the top by one function
 * that gives the next level as a view; comparing two codes is walking both. A path is one code
 * walked beforehand. Thread: any. Cost: a few ns a level.
 */
#include "model/occupation.h"

#include <endian.h>

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

size_t occupation_levels(struct str system, struct str code, struct str *levels, size_t limit)
{
    struct code_walk walk = walk_begin(form_of(system), code);
    size_t count = 0;
    while (count < limit && walk_next(&walk, &levels[count]))
        count++;
    return count;
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

/* --- Paths ----------------------------------------------------------------------------------- */

/* The word that a code's head is compared by is padded with separators: behind the last level they
 * change nothing, in any form of code.
 *
 * Why comparing by shape is exact. A walk looks at characters only by asking whether they are
 * separators, and where level n ends depends on no byte beyond the one behind it (or, where a level
 * ends by its count of characters, on none beyond itself). So two codes with separators at the same
 * places so far have their levels at the same places, and share as many as have equal bytes. The
 * one exception is FORM_SOC, where a rest of zeros ends a walk: a level that is not all zeros and
 * equal in both codes shows that neither rest was. */
#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint32_t load_32(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return le32toh(word);
}

static uint64_t head_of(struct str text)
{
    uint64_t head = 0;
    if (text.length >= sizeof head) {
        memcpy(&head, text.data, sizeof head);
        return le64toh(head);
    }
    if (text.length >= 4) /* the two words overlap where there are fewer than eight bytes */
        return load_32(text.data) | (uint64_t)load_32(text.data + text.length - 4)
                                        << 8 * (text.length - 4);
    for (uint32_t i = 0; i < text.length; i++)
        head |= (uint64_t)(unsigned char)text.data[i] << 8 * i;
    return head;
}

static uint64_t code_head_of(struct str code)
{
    return code.length < 8 ? head_of(code) | BYTES('-') << 8 * code.length : head_of(code);
}

static bool text_equal(const struct occupation_text *known, struct str text, uint64_t head)
{
    return text.length == known->text.length && head == known->head &&
           (text.length <= 8 || memcmp(text.data + 8, known->text.data + 8, text.length - 8) == 0);
}

/* 0x80 in each byte that is 0. */
static uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & BYTES(0x7f)) + BYTES(0x7f)) | word | BYTES(0x7f));
}

static uint64_t separators_in(uint64_t head)
{
    return zero_bytes(head ^ BYTES('-')) | zero_bytes(head ^ BYTES('.'));
}

/* Bytes from .. to - 1 of a head; to < 8. */
static uint64_t byte_range(size_t from, size_t to)
{
    return (UINT64_C(1) << 8 * to) - (UINT64_C(1) << 8 * from);
}

struct occupation_path occupation_path_of(struct str system, struct str code)
{
    struct occupation_path path = {
        .system = {system, head_of(system)}, .code = {code, code_head_of(code)}, .is_short = true};
    enum code_form form = form_of(system);
    struct code_walk walk = walk_begin(form, code);
    struct str level;
    uint64_t level_mask = 0, separators = separators_in(path.code.head);
    while (path.is_short && path.level_count < OCCUPATION_PATH_LEVELS && walk_next(&walk, &level)) {
        size_t from = (size_t)(level.data - code.data), to = from + level.length;
        bool may_be_padding = form == FORM_SOC && path.level_count > 0 && is_padding(level);
        path.is_short = to < sizeof path.code.head && !may_be_padding;
        if (!path.is_short)
            break;
        level_mask |= byte_range(from, to);
        path.level_masks[path.level_count++] = level_mask;
        /* The byte behind the level counts only where it is a separator. */
        path.shape_mask =
            (byte_range(0, to) | (separators & UINT64_C(0x80) << 8 * to)) & BYTES(0x80);
    }
    path.shape = separators & path.shape_mask;
    for (int i = path.level_count; i < OCCUPATION_PATH_LEVELS; i++)
        path.level_masks[i] = UINT64_MAX; /* equal heads share every level that there is */
    return path;
}

int32_t occupation_path_compare(const struct occupation_path *path, struct str system,
                                struct str code)
{
    if (!text_equal(&path->system, system, head_of(system)))
        return 0;
    uint64_t head = code_head_of(code), different = head ^ path->code.head;
    if (text_equal(&path->code, code, head))
        return OCCUPATION_EQUAL;
    if (!path->is_short || (separators_in(head) & path->shape_mask) != path->shape) {
        size_t shared_levels = occupation_shared_levels(system, path->code.text, code);
        return shared_levels < OCCUPATION_PATH_LEVELS ? (int32_t)shared_levels
                                                      : OCCUPATION_PATH_LEVELS;
    }
    int32_t shared_levels = 0;
    for (int i = 0; i < OCCUPATION_PATH_LEVELS; i++)
        shared_levels += (different & path->level_masks[i]) == 0;
    return shared_levels < path->level_count ? shared_levels : path->level_count;
}
