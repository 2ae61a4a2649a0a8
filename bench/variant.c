/* See variant.h. */
#include "variant.h"

#include "base/rng.h"

#include "base/banned.h"

enum {
    WIDE_RADIUS_M = 200000,
    FORTY = 40,
    NEAR_ID_STEPS = 100,
    ADD_ATTEMPTS = 4000, /* each finds a new skill more often than not */
};

/* The centre of Tianjin, and one in the Gulf of Guinea. */
static const struct position CITY_CENTRE = {391256000, 1171902000};
static const struct position FAR_AWAY = {0, 0};

bool variant_find(const char *name, enum variant *out)
{
    static const char *const names[] = {
#define X(name, text) #name,
        VARIANTS(X)
#undef X
    };
    for (int i = 0; i < VARIANT_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum variant)i;
            return true;
        }
    }
    return false;
}

const char *variant_name(enum variant variant)
{
    switch (variant) {
#define X(name, text)                                                                              \
    case VARIANT_##name:                                                                           \
        return #name;
        VARIANTS(X)
#undef X
    case VARIANT_COUNT:
        break;
    }
    return "unknown";
}

const char *variant_help(void)
{
#define X(name, text) "  " #name ": " text "\n"
    return VARIANTS(X);
#undef X
}

/* --- Skills ---------------------------------------------------------------------------------- */

/* The skills of a record of either kind, of which each has an id. */
struct skill_view {
    union draft *draft;
    enum record_kind kind;
    struct rng *rng;
};

static uint8_t *view_count(const struct skill_view *view)
{
    return view->kind == RECORD_VACANCY ? &view->draft->vacancy.vacancy.skill_count
                                        : &view->draft->applicant.applicant.skill_count;
}

static uint32_t view_id(const struct skill_view *view, size_t index)
{
    return view->kind == RECORD_VACANCY ? view->draft->vacancy.skills[index].skill_id
                                        : view->draft->applicant.skills[index].skill_id;
}

static void view_set(const struct skill_view *view, size_t index, uint32_t id, struct str name)
{
    uint8_t level = (uint8_t)rng_between(view->rng, 1, 5);
    if (view->kind == RECORD_VACANCY)
        view->draft->vacancy.skills[index] = (struct asked_skill){
            .skill_id = id, .importance = IMPORTANCE_DEFAULT, .min_level = level, .name = name};
    else
        view->draft->applicant.skills[index] =
            (struct held_skill){.skill_id = id, .level = level, .name = name};
}

/* How many skills there are, and the list as the record points to it. */
static void view_resize(const struct skill_view *view, uint8_t count)
{
    *view_count(view) = count;
    if (view->kind == RECORD_VACANCY)
        view->draft->vacancy.vacancy.skills = count > 0 ? view->draft->vacancy.skills : NULL;
    else
        view->draft->applicant.applicant.skills = count > 0 ? view->draft->applicant.skills : NULL;
}

/* At the end, unless it is there; where there is no room, in place of the last. */
static void add_skill(const struct skill_view *view, uint32_t id)
{
    uint8_t count = *view_count(view);
    for (size_t i = 0; i < count; i++)
        if (view_id(view, i) == id)
            return;
    size_t index = count < RECORD_SKILL_LIMIT ? count : RECORD_SKILL_LIMIT - 1;
    view_set(view, index, id, (struct str){NULL, 0});
    view_resize(view, (uint8_t)(index + 1));
}

/* Three of four near one of the first `own_count`, the others anywhere. */
static uint32_t draw_skill(const struct skill_view *view, size_t own_count, uint32_t skill_count)
{
    uint32_t anywhere = (uint32_t)rng_below(view->rng, skill_count);
    if (own_count == 0 || rng_below(view->rng, 4) == 0)
        return anywhere;
    uint32_t own = view_id(view, rng_below(view->rng, own_count));
    int64_t id = (int64_t)own + rng_between(view->rng, -NEAR_ID_STEPS, NEAR_ID_STEPS);
    return own != SKILL_UNKNOWN && id >= 0 && id < skill_count ? (uint32_t)id : anywhere;
}

static void add_forty_skills(const struct skill_view *view, uint32_t skill_count)
{
    size_t own_count = *view_count(view);
    for (int i = 0; i < ADD_ATTEMPTS && *view_count(view) < FORTY; i++)
        add_skill(view, draw_skill(view, own_count, skill_count));
}

static void change_skills(const struct variant_options *options, const struct skill_view *view,
                          bool is_query)
{
    switch (options->variant) {
    case VARIANT_common_skill:
        add_skill(view, 0);
        break;
    case VARIANT_forty_skills:
        add_forty_skills(view, options->taxonomy_skill_count);
        break;
    case VARIANT_one_skill_query:
        if (is_query && *view_count(view) > 1)
            view_resize(view, 1);
        break;
    default:
        break;
    }
}

/* --- Everything else ------------------------------------------------------------------------- */

static void put_in_place(union draft *draft, enum record_kind kind, struct position position)
{
    struct place place = {.position = position};
    if (kind == RECORD_APPLICANT) {
        draft->applicant.applicant.home = place;
        return;
    }
    draft->vacancy.sites[0] = place;
    draft->vacancy.vacancy.sites = draft->vacancy.sites;
    draft->vacancy.vacancy.site_count = 1;
}

static void move_away(union draft *draft, enum record_kind kind)
{
    put_in_place(draft, kind, FAR_AWAY);
    if (kind == RECORD_VACANCY)
        draft->vacancy.vacancy.remote = false;
    else if (draft->applicant.applicant.max_distance_m == 0)
        draft->applicant.applicant.max_distance_m = 10000;
}

static void equal_wages(union draft *draft, enum record_kind kind)
{
    if (kind == RECORD_VACANCY) {
        draft->vacancy.vacancy.wage_min_month_cents = 600000;
        draft->vacancy.vacancy.wage_max_month_cents = 600000;
    } else {
        draft->applicant.applicant.wage_min_month_cents = 400000;
        draft->applicant.applicant.wage_desired_month_cents = 700000;
    }
}

void variant_change(const struct variant_options *options, enum record_kind kind, bool is_query,
                    uint64_t index, union draft *draft)
{
    struct rng rng;
    const struct skill_view view = {draft, kind, &rng};
    rng_init(&rng, options->seed + (index * 2 + is_query) * 2 + (kind == RECORD_VACANCY));
    switch (options->variant) {
    case VARIANT_one_place:
        put_in_place(draft, kind, CITY_CENTRE);
        break;
    case VARIANT_wide_radius:
        if (kind == RECORD_APPLICANT)
            draft->applicant.applicant.max_distance_m = WIDE_RADIUS_M;
        break;
    case VARIANT_match_nothing:
        if (is_query && index % 2 == 0) {
            view_set(&view, 0, SKILL_UNKNOWN, STR("nobody knows this"));
            view_resize(&view, 1);
        } else if (is_query) {
            move_away(draft, kind);
        }
        break;
    case VARIANT_equal_wages:
        equal_wages(draft, kind);
        break;
    default:
        change_skills(options, &view, is_query);
        break;
    }
}
