/* See catalogue.h. Titles are not part of the taxonomy's interface, so the file is read once more
 * for them. */
#include "catalogue.h"

#include "base/memory.h"
#include "model/csv_reader.h"

#include "base/banned.h"

/* See tools/build/embed.sh. */
extern const char embedded_builtin_occupations_csv[], embedded_builtin_occupations_csv_end[];

static const char *const general_codes[GENERAL_SKILL_COUNT] = {
    "hs:communication",   "hs:teamwork",         "hs:office-software",     "hs:excel",
    "hs:problem-solving", "hs:learning-ability", "hs:stress-tolerance",    "hs:time-management",
    "hs:computer-basics", "hs:mobile-tools",     "hs:attention-to-detail", "hs:mandarin",
    "hs:english",         "hs:ai-tools",
};

enum title_column { COLUMN_CODE, COLUMN_ALTERNATIVE, COLUMN_COUNT };

static const struct csv_column title_columns[COLUMN_COUNT] = {
    [COLUMN_CODE] = {"code", true},
    [COLUMN_ALTERNATIVE] = {"alternative", true},
};

/* The embedded bytes live for ever, the row does not: the view into the former is looked up. */
static struct str embedded_view(struct str cell)
{
    const char *begin = embedded_builtin_occupations_csv;
    size_t size_bytes = (size_t)(embedded_builtin_occupations_csv_end - begin);
    const char *found = cell.length > 0 ? memmem(begin, size_bytes, cell.data, cell.length) : NULL;
    return (struct str){found, found ? cell.length : 0};
}

static bool take_titles(void *context, const struct csv_row *row, struct error *error)
{
    struct catalogue *catalogue = context;
    (void)error;
    for (size_t i = 0; i < catalogue->count; i++)
        if (str_equal(catalogue->items[i].code, row->values[COLUMN_CODE]))
            catalogue->items[i].titles = embedded_view(row->values[COLUMN_ALTERNATIVE]);
    return true;
}

static bool ignore_column(void *context, struct str name, struct error *error)
{
    (void)context, (void)name, (void)error;
    return true;
}

static bool load_titles(struct catalogue *catalogue, struct error *error)
{
    struct csv_handler handler = {
        .columns = title_columns,
        .column_count = COLUMN_COUNT,
        .extra_column = ignore_column,
        .row = take_titles,
        .context = catalogue,
    };
    struct str text = {
        embedded_builtin_occupations_csv,
        (uint32_t)(embedded_builtin_occupations_csv_end - embedded_builtin_occupations_csv)};
    return csv_read_text(&handler, text, error);
}

static void take_occupation(struct catalogue *catalogue, const struct occupation_entry *entry,
                            const struct trait *trait)
{
    catalogue->items[trait - trait_at(0)] = (struct occupation){
        .code = entry->code,
        .label = entry->label_zh,
        .trait = trait,
        .essential_ids = entry->essential_ids,
        .optional_ids = entry->optional_ids,
        .essential_count = entry->essential_count,
        .optional_count = entry->optional_count,
    };
}

static bool join_traits(struct catalogue *catalogue, struct error *error)
{
    size_t count = taxonomy_occupation_count(catalogue->taxonomy);
    if (count != trait_count())
        return error_set(error, ERROR_INTERNAL, "%zu occupations but %zu traits", count,
                         trait_count());
    for (size_t i = 0; i < count; i++) {
        const struct occupation_entry *entry = taxonomy_occupation_at(catalogue->taxonomy, i);
        const struct trait *trait = trait_find(entry->code);
        if (!trait)
            return error_set(error, ERROR_INTERNAL, "occupation '%.*s' has no traits",
                             STR_ARG(entry->code));
        take_occupation(catalogue, entry, trait);
    }
    return true;
}

static void fill_wheels(struct catalogue *catalogue)
{
    uint32_t *weights = memory_must_zeroed(catalogue->count, sizeof weights[0]);
    for (size_t i = 0; i < catalogue->count; i++)
        weights[i] = trait_at(i)->supply;
    wheel_init(&catalogue->supply, weights, catalogue->count);
    for (size_t i = 0; i < catalogue->count; i++)
        weights[i] = (uint32_t)trait_at(i)->supply * trait_at(i)->demand_percent;
    wheel_init(&catalogue->demand, weights, catalogue->count);
    memory_free(weights);
}

static bool find_general(struct catalogue *catalogue, struct error *error)
{
    for (size_t i = 0; i < GENERAL_SKILL_COUNT; i++) {
        catalogue->general_ids[i] =
            taxonomy_find_skill(catalogue->taxonomy, str_of(general_codes[i]));
        if (catalogue->general_ids[i] == SKILL_UNKNOWN)
            return error_set(error, ERROR_INTERNAL, "skill '%s' is not built in", general_codes[i]);
    }
    return true;
}

bool catalogue_init(struct catalogue *catalogue, struct error *error)
{
    *catalogue = (struct catalogue){.count = trait_count()};
    catalogue->taxonomy = taxonomy_builtin(error);
    if (!catalogue->taxonomy)
        return false;
    catalogue->items = memory_must_zeroed(catalogue->count, sizeof catalogue->items[0]);
    fill_wheels(catalogue);
    if (join_traits(catalogue, error) && load_titles(catalogue, error) &&
        find_general(catalogue, error))
        return true;
    catalogue_release(catalogue);
    return false;
}

void catalogue_release(struct catalogue *catalogue)
{
    wheel_release(&catalogue->supply);
    wheel_release(&catalogue->demand);
    memory_free(catalogue->items);
    taxonomy_free(catalogue->taxonomy);
    *catalogue = (struct catalogue){0};
}

struct str catalogue_draw_title(const struct occupation *occupation, struct rng *rng)
{
    if (occupation->titles.length == 0 || draw_chance(rng, 400))
        return occupation->label;
    return draw_word(rng, occupation->titles);
}

struct str catalogue_draw_name(const struct catalogue *catalogue, struct rng *rng, uint32_t skill)
{
    uint64_t manner = rng_below(rng, 100);
    if (manner < 6)
        return taxonomy_skill_code(catalogue->taxonomy, skill);
    return taxonomy_skill_label(catalogue->taxonomy, skill, manner < 12 ? "en" : "zh");
}

const struct occupation *catalogue_draw_relative(const struct catalogue *catalogue, struct rng *rng,
                                                 const struct occupation *occupation)
{
    size_t first = (size_t)(occupation - catalogue->items), last = first;
    while (first > 0 &&
           memcmp(catalogue->items[first - 1].code.data, occupation->code.data, 2) == 0)
        first--;
    while (last + 1 < catalogue->count &&
           memcmp(catalogue->items[last + 1].code.data, occupation->code.data, 2) == 0)
        last++;
    return &catalogue->items[rng_between(rng, (int64_t)first, (int64_t)last)];
}
