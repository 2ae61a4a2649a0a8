/* See normalized_message.h. Thread: any. */
#include "wire/normalized_message.h"

#include "haihe/v1/record.pb-c.h"
#include "wire/message.h"

#include "base/banned.h"

static const struct str NOTHING = {NULL, 0};

static Haihe__V1__GeoPoint point_of(struct position position)
{
    Haihe__V1__GeoPoint point;
    haihe__v1__geo_point__init(&point);
    point.latitude = position.lat_e7 / 1e7;
    point.longitude = position.lon_e7 / 1e7;
    return point;
}

/* The skills of either record: codes, and the names of the unknown ones as written. */
struct skill_texts {
    char **codes;
    char **unresolved;
    size_t count, unresolved_count;
};

static bool add_skill(const struct model *model, struct arena *arena, uint32_t skill_id,
                      const char *written, struct skill_texts *out)
{
    struct str code = NOTHING;
    if (skill_id != SKILL_UNKNOWN)
        code = taxonomy_skill_code(model->taxonomy, skill_id);
    else
        out->unresolved[out->unresolved_count++] = (char *)written;
    char *text = message_put_text(arena, code);
    out->codes[out->count++] = text;
    return text != NULL;
}

static bool new_skill_texts(struct arena *arena, size_t count, struct skill_texts *out)
{
    *out = (struct skill_texts){.codes = arena_alloc(arena, count * sizeof(char *)),
                                .unresolved = arena_alloc(arena, count * sizeof(char *))};
    return out->codes && out->unresolved;
}

static bool vacancy_skills(const struct model *model, struct arena *arena,
                           const struct stored_record *record, struct skill_texts *out)
{
    const struct vacancy *vacancy = record->vacancy;
    const Haihe__V1__Vacancy *original = NULL;
    if (!new_skill_texts(arena, vacancy->skill_count, out))
        return false;
    for (size_t i = 0; i < vacancy->skill_count; i++) {
        bool is_known = vacancy->skills[i].skill_id != SKILL_UNKNOWN;
        if (!is_known && !original)
            original =
                message_decode(&haihe__v1__vacancy__descriptor, record->original, arena, NULL);
        if (!is_known && (!original || original->n_skills <= i))
            return false;
        if (!add_skill(model, arena, vacancy->skills[i].skill_id,
                       is_known ? NULL : original->skills[i]->skill, out))
            return false;
    }
    return true;
}

static bool applicant_skills(const struct model *model, struct arena *arena,
                             const struct stored_record *record, struct skill_texts *out)
{
    const struct applicant *applicant = record->applicant;
    const Haihe__V1__Applicant *original = NULL;
    if (!new_skill_texts(arena, applicant->skill_count, out))
        return false;
    for (size_t i = 0; i < applicant->skill_count; i++) {
        bool is_known = applicant->skills[i].skill_id != SKILL_UNKNOWN;
        if (!is_known && !original)
            original =
                message_decode(&haihe__v1__applicant__descriptor, record->original, arena, NULL);
        if (!is_known && (!original || original->n_skills <= i))
            return false;
        if (!add_skill(model, arena, applicant->skills[i].skill_id,
                       is_known ? NULL : original->skills[i]->skill, out))
            return false;
    }
    return true;
}

static struct str encode_vacancy(const struct model *model, struct arena *arena,
                                 const struct stored_record *record)
{
    const struct vacancy *vacancy = record->vacancy;
    Haihe__V1__NormalizedVacancy message;
    haihe__v1__normalized_vacancy__init(&message);
    struct skill_texts skills;
    Haihe__V1__GeoPoint points[RECORD_SITE_LIMIT], *workplaces[RECORD_SITE_LIMIT];
    if (!vacancy_skills(model, arena, record, &skills))
        return NOTHING;
    if (vacancy->wage_min_month_cents != WAGE_UNKNOWN) {
        message._wage_min_month_cents_case =
            HAIHE__V1__NORMALIZED_VACANCY___WAGE_MIN_MONTH_CENTS_WAGE_MIN_MONTH_CENTS;
        message.wage_min_month_cents = vacancy->wage_min_month_cents;
    }
    if (vacancy->wage_max_month_cents != WAGE_UNKNOWN) {
        message._wage_max_month_cents_case =
            HAIHE__V1__NORMALIZED_VACANCY___WAGE_MAX_MONTH_CENTS_WAGE_MAX_MONTH_CENTS;
        message.wage_max_month_cents = vacancy->wage_max_month_cents;
    }
    for (size_t i = 0; i < vacancy->site_count; i++) {
        points[i] = point_of(vacancy->sites[i].position);
        workplaces[i] = &points[i];
    }
    message.n_workplaces = vacancy->site_count;
    message.workplaces = workplaces;
    message.n_skill_codes = skills.count;
    message.skill_codes = skills.codes;
    message.n_unresolved_skills = skills.unresolved_count;
    message.unresolved_skills = skills.unresolved;
    message.open = vacancy->open;
    return message_encode(&message.base, arena);
}

static struct str encode_applicant(const struct model *model, struct arena *arena,
                                   const struct stored_record *record)
{
    const struct applicant *applicant = record->applicant;
    Haihe__V1__NormalizedApplicant message;
    haihe__v1__normalized_applicant__init(&message);
    struct skill_texts skills;
    Haihe__V1__GeoPoint home;
    if (!applicant_skills(model, arena, record, &skills))
        return NOTHING;
    if (applicant->wage_min_month_cents != WAGE_UNKNOWN) {
        message._wage_min_month_cents_case =
            HAIHE__V1__NORMALIZED_APPLICANT___WAGE_MIN_MONTH_CENTS_WAGE_MIN_MONTH_CENTS;
        message.wage_min_month_cents = applicant->wage_min_month_cents;
    }
    if (applicant->wage_desired_month_cents != WAGE_UNKNOWN) {
        message._wage_desired_month_cents_case =
            HAIHE__V1__NORMALIZED_APPLICANT___WAGE_DESIRED_MONTH_CENTS_WAGE_DESIRED_MONTH_CENTS;
        message.wage_desired_month_cents = applicant->wage_desired_month_cents;
    }
    if (position_is_known(applicant->home.position)) {
        home = point_of(applicant->home.position);
        message.home = &home;
    }
    message.n_skill_codes = skills.count;
    message.skill_codes = skills.codes;
    message.n_unresolved_skills = skills.unresolved_count;
    message.unresolved_skills = skills.unresolved;
    message.active = applicant->active;
    message.available = applicant->available;
    return message_encode(&message.base, arena);
}

struct str normalized_encode(const struct model *model, struct arena *arena,
                             const struct stored_record *record)
{
    return record->kind == RECORD_VACANCY ? encode_vacancy(model, arena, record)
                                          : encode_applicant(model, arena, record);
}
