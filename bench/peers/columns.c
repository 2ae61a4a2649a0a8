/* See columns.h. */
#include "columns.h"

#include "base/memory.h"
#include "lines.h"
#include "tsv.h"

#include "base/banned.h"

enum { CENTS_PER_YUAN = 100 };

static uint16_t code_of(int importance, int level)
{
    return (uint16_t)(importance << COLUMN_LEVEL_BITS | level);
}

uint32_t columns_code_skills(const union draft *draft, enum record_kind kind,
                             struct coded_skill *out)
{
    const struct vacancy *vacancy = &draft->vacancy.vacancy;
    const struct applicant *applicant = &draft->applicant.applicant;
    const int default_level = profile_lab().default_level;
    uint32_t count = kind == RECORD_VACANCY ? vacancy->skill_count : applicant->skill_count;
    for (uint32_t i = 0; i < count; i++) {
        if (kind == RECORD_VACANCY) {
            const struct asked_skill *asked = &vacancy->skills[i];
            out[i] = (struct coded_skill){(uint16_t)asked->skill_id,
                                          code_of(asked->importance, asked->min_level)};
        } else {
            const struct held_skill *held = &applicant->skills[i];
            out[i] = (struct coded_skill){(uint16_t)held->skill_id,
                                          code_of(0, held->level ? held->level : default_level)};
        }
    }
    return count;
}

struct wish columns_wish(const struct applicant *applicant)
{
    return (struct wish){applicant->max_distance_m,
                         (int32_t)(applicant->wage_min_month_cents / CENTS_PER_YUAN),
                         (int32_t)(applicant->wage_desired_month_cents / CENTS_PER_YUAN)};
}

static void put(struct columns *columns, size_t at, const union draft *draft, enum record_kind kind)
{
    uint32_t begin = columns->skill_starts[at];
    uint32_t count = columns_code_skills(draft, kind, columns->skills + begin);
    columns->skill_starts[at + 1] = begin + count;
    columns->ids[at] = peer_id(draft);
    if (kind == RECORD_APPLICANT) {
        columns->places[at] = draft->applicant.applicant.home.position;
        columns->wishes[at] = columns_wish(&draft->applicant.applicant);
        return;
    }
    const struct vacancy *vacancy = &draft->vacancy.vacancy;
    columns->places[at] = vacancy->sites[0].position;
    columns->pays[at] = (int32_t)(vacancy->wage_max_month_cents / CENTS_PER_YUAN);
    for (uint32_t i = 0; i < count; i++)
        columns->importance_sums[at] += vacancy->skills[i].importance;
}

static void allocate(struct columns *columns, size_t count, enum record_kind kind)
{
    columns->count = count;
    columns->ids = memory_must_zeroed(count + 1, sizeof *columns->ids);
    columns->places = memory_must_zeroed(count + 1, sizeof *columns->places);
    columns->importance_sums = memory_must_zeroed(count + 1, sizeof *columns->importance_sums);
    columns->skill_starts = memory_must_zeroed(count + 1, sizeof *columns->skill_starts);
    /* Zeroed pages that are never touched cost nothing. */
    columns->skills = memory_must_zeroed(count * RECORD_SKILL_LIMIT + 1, sizeof *columns->skills);
    if (kind == RECORD_VACANCY)
        columns->pays = memory_must_zeroed(count + 1, sizeof *columns->pays);
    else
        columns->wishes = memory_must_zeroed(count + 1, sizeof *columns->wishes);
}

bool columns_load(struct columns *columns, const char *path, enum record_kind kind,
                  struct error *error)
{
    struct lines lines = {0};
    union draft *draft = memory_must_zeroed(1, sizeof *draft);
    size_t offset = 0;
    *columns = (struct columns){0};
    bool loaded = lines_open(&lines, path, SIZE_MAX, error);
    if (loaded)
        allocate(columns, lines.count, kind);
    for (size_t i = 0; loaded && i < lines.count; i++) {
        loaded = peer_read(path, i + 1, lines_next(&lines, &offset), kind, draft, error);
        if (loaded)
            put(columns, i, draft, kind);
    }
    lines_close(&lines);
    memory_free(draft);
    return loaded;
}

void columns_release(struct columns *columns)
{
    memory_free(columns->ids);
    memory_free(columns->places);
    memory_free(columns->pays);
    memory_free(columns->wishes);
    memory_free(columns->importance_sums);
    memory_free(columns->skill_starts);
    memory_free(columns->skills);
    *columns = (struct columns){0};
}
