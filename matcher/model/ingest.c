/* The ingest gate; ingest.h names the rules. They are tried in its order, and the first that fails
 * is reported. Thread: any. Cost: a few comparisons and one look-up a workplace (about 0.4 us more
 * where only a point is stated); with banned terms also folding of title and description.
 */
#include "model/ingest.h"

#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

enum {
    NEAREST_AREA_LIMIT_M = 100000,
    /* 16 KiB of description decompose to at most 16384 / 3 * 18 code points of 4 bytes (U+FDFA). */
    FOLD_LIMIT_BYTES = 2 * 1024 * 1024,
    SHOWN_BYTES = 120,
    PART_TIME_TYPES = 1 << 2 | 1 << 7, /* the proto's PART_TIME, PER_DIEM */
};

/* --- What is missing ------------------------------------------------------------------------ */

static bool has_place(const struct vacancy *vacancy)
{
    for (size_t i = 0; i < vacancy->site_count; i++)
        if (position_is_known(vacancy->sites[i].position))
            return true;
    return vacancy->remote;
}

/* Nothing but spaces, those of Chinese text (U+3000) among them. */
static bool is_blank(struct str text)
{
    const struct str wide_space = STR("\xe3\x80\x80");
    while (text.length > 0) {
        uint32_t size = str_starts_with(text, wide_space) ? wide_space.length : 1;
        if (size == 1 && (unsigned char)text.data[0] > ' ')
            return false;
        text = (struct str){text.data + size, text.length - size};
    }
    return true;
}

static bool check_complete(const struct vacancy *vacancy, struct error *error)
{
    const struct salary *pay = &vacancy->base_salary;
    if (is_blank(vacancy->title))
        return error_field(error, "missing_content", "title", "", "must say what the job is");
    if (is_blank(vacancy->hiring_organization))
        return error_field(error, "missing_employer", "hiring_organization", "",
                           "must name the employer");
    if (vacancy->total_job_openings <= 0)
        return error_field(error, "missing_headcount", "total_job_openings", "",
                           "must say how many are sought");
    if (!has_place(vacancy))
        return error_field(error, "missing_place", "job_locations", "",
                           "must name a workplace, unless the job is remote");
    if (pay->min_amount == 0 && pay->max_amount == 0 && !pay->negotiable)
        return error_field(error, "missing_pay", "base_salary", "",
                           "must state pay, or that it is negotiable");
    if (vacancy->valid_through == DATE_NONE)
        return error_field(error, "missing_validity", "valid_through", "",
                           "must say until when the offer stands");
    return true;
}

static bool check_not_expired(const struct vacancy *vacancy, int32_t today, struct error *error)
{
    if (vacancy->valid_through >= today)
        return true;
    char last[11], now[11];
    date_format(vacancy->valid_through, last);
    date_format(today, now);
    return error_field(error, "already_expired", "valid_through", last, "is before today, %s", now);
}

/* --- Minimum wages -------------------------------------------------------------------------- */

/* What is compared with the statutory amount. */
struct offer {
    const char *field;
    int64_t amount; /* as stated */
    int64_t cents;  /* of the server's currency, an hour or a month */
    bool by_hour;
};

/* False with an error when the amount cannot be converted; offer->amount is 0 when there is nothing
 * to compare. */
static bool read_offer(const struct model *model, const struct vacancy *vacancy,
                       struct offer *offer, struct error *error)
{
    struct salary pay = vacancy->base_salary;
    bool from_minimum = pay.min_amount > 0;
    *offer = (struct offer){
        .field = from_minimum ? "base_salary.min_amount" : "base_salary.max_amount",
        .by_hour = pay.unit == PAY_HOUR,
    };
    int64_t amount = from_minimum ? pay.min_amount : pay.max_amount;
    bool only_part_time = vacancy->types != 0 && (vacancy->types & ~PART_TIME_TYPES) == 0;
    if (amount == 0 || (only_part_time && !offer->by_hour))
        return true;
    offer->amount = amount;
    if (offer->by_hour)
        return wage_to_home_cents(&model->currencies, pay.currency, amount, &offer->cents, error);
    /* Each month must reach the minimum; a thirteenth salary does not make up for it. */
    pay.months_per_year = 0;
    return wage_to_month_cents(&model->currencies, &pay, amount, &offer->cents, error);
}

/* The row that binds a workplace. A code that neither table knows says less than the point. */
static const struct minimum_wage *minimum_of(const struct model *model, const struct place *site,
                                             int32_t day)
{
    const struct minimum_wage *found = NULL;
    if (site->area_code.length > 0)
        found = minimum_wage_find(model->minimum_wages, site->area_code, day);
    if (found || !position_is_known(site->position) || area_find(model->areas, site->area_code))
        return found;
    const struct area *area = area_nearest(model->areas, site->position, NEAREST_AREA_LIMIT_M);
    return area ? minimum_wage_find(model->minimum_wages, area->code, day) : NULL;
}

static bool refuse_offer(const struct model *model, const struct offer *offer,
                         const struct minimum_wage *minimum, struct error *error)
{
    int64_t least = offer->by_hour ? minimum->hour_cents : minimum->month_cents;
    bool is_yuan = strcmp(model->currencies.home, "CNY") == 0;
    char value[24], from[11];
    snprintf(value, sizeof value, "%lld", (long long)offer->amount);
    date_format(minimum->from_day, from);
    return error_field(error, "wage_below_statutory_minimum", offer->field, value,
                       "%lld.%02d %s %s is below %.*s's minimum of %lld.%02d since %s",
                       (long long)(offer->cents / 100), (int)(offer->cents % 100),
                       is_yuan ? "yuan" : model->currencies.home,
                       offer->by_hour ? "an hour" : "a month", STR_ARG(minimum->area),
                       (long long)(least / 100), (int)(least % 100), from);
}

static bool check_minimum_wage(const struct model *model, const struct vacancy *vacancy,
                               int32_t today, struct error *error)
{
    struct offer offer;
    if (!model->minimum_wages)
        return true;
    if (!read_offer(model, vacancy, &offer, error)) {
        error_prefix_field(error, "base_salary");
        return false;
    }
    if (offer.amount == 0)
        return true;
    int32_t day = vacancy->date_posted > today ? vacancy->date_posted : today;
    for (size_t i = 0; i < vacancy->site_count; i++) {
        const struct minimum_wage *minimum = minimum_of(model, &vacancy->sites[i], day);
        if (minimum && offer.cents < (offer.by_hour ? minimum->hour_cents : minimum->month_cents))
            return refuse_offer(model, &offer, minimum, error);
    }
    return true;
}

/* --- Banned terms --------------------------------------------------------------------------- */

static bool check_terms(const struct str_list *terms, struct arena *arena, const char *field,
                        struct str text, struct error *error)
{
    struct str folded = text_fold(arena, text);
    if (!folded.data)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory to check %s", field);
    for (uint32_t i = 0; i < terms->count; i++) {
        struct str term = terms->items[i];
        if (term.length == 0 || !memmem(folded.data, folded.length, term.data, term.length))
            continue;
        char shown[SHOWN_BYTES];
        snprintf(shown, sizeof shown, "%.*s", STR_ARG(term));
        return error_field(error, "banned_term", field, shown, "must not be published");
    }
    return true;
}

static bool check_banned_terms(const struct model *model, const struct vacancy *vacancy,
                               struct str description, struct error *error)
{
    if (model->banned_terms.count == 0)
        return true;
    struct arena arena;
    arena_init(&arena, FOLD_LIMIT_BYTES);
    bool well = check_terms(&model->banned_terms, &arena, "title", vacancy->title, error) &&
                check_terms(&model->banned_terms, &arena, "description", description, error);
    arena_release(&arena);
    return well;
}

bool ingest_check_vacancy(const struct model *model, const struct vacancy *vacancy,
                          struct str description, int32_t today, struct error *error)
{
    return check_complete(vacancy, error) && check_not_expired(vacancy, today, error) &&
           check_minimum_wage(model, vacancy, today, error) &&
           check_banned_terms(model, vacancy, description, error);
}
