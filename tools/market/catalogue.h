/* The built-in taxonomy as the generator needs it: occupations with their traits, titles, skills.
 *
 * Thread: any reader after catalogue_new.
 */
#ifndef HAIHE_TOOLS_MARKET_CATALOGUE_H
#define HAIHE_TOOLS_MARKET_CATALOGUE_H

#include "draw.h"
#include "model/taxonomy.h"
#include "trait.h"

/* Everything is borrowed from the taxonomy and the built-in bytes. */
struct occupation {
    struct str code, label;
    struct str titles; /* other names in use, joined by '|'; may be empty */
    const struct trait *trait;
    const uint32_t *essential_ids, *optional_ids;
    size_t essential_count, optional_count;
};

/* Skills that any occupation may ask for. */
enum { GENERAL_SKILL_COUNT = 14 };

struct catalogue {
    struct taxonomy *taxonomy; /* owned */
    struct occupation *items;  /* owned, count items, in the order of trait_at */
    size_t count;
    struct wheel supply; /* people by occupation */
    struct wheel demand; /* vacancies by occupation */
    uint32_t general_ids[GENERAL_SKILL_COUNT];
};

/* False when the built-in data and the table of traits do not hold the same occupations. */
bool catalogue_init(struct catalogue *catalogue, struct error *error);
void catalogue_release(struct catalogue *catalogue);
/* A title as advertisements say it: the label or another name of the occupation. */
struct str catalogue_draw_title(const struct occupation *occupation, struct rng *rng);
/* A skill as records name it: mostly the Chinese label, now and then the code or the English one.
 */
struct str catalogue_draw_name(const struct catalogue *catalogue, struct rng *rng, uint32_t skill);
/* An occupation whom people of this one also apply for: of the same group of two digits. */
const struct occupation *catalogue_draw_relative(const struct catalogue *catalogue, struct rng *rng,
                                                 const struct occupation *occupation);

#endif
