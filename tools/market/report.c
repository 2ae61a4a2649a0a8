/* See report.h. Cost: two sorts at the end. */
#include "report.h"

#include <stdlib.h>

#include "base/memory.h"
#include "write.h"

#include "base/banned.h"

void report_init(struct report *report, size_t vacancies, size_t applicants)
{
    *report = (struct report){0};
    report->vacancy_yuan = memory_must_zeroed(vacancies + 1, sizeof report->vacancy_yuan[0]);
    report->applicant_yuan = memory_must_zeroed(applicants + 1, sizeof report->applicant_yuan[0]);
}

void report_release(struct report *report)
{
    memory_free(report->vacancy_yuan);
    memory_free(report->applicant_yuan);
    *report = (struct report){0};
}

void report_add_vacancy(struct report *report, const struct sample_vacancy *vacancy)
{
    const struct sample_pay *pay = &vacancy->pay;
    report->vacancies++;
    report->several_sites += vacancy->site_count > 1;
    report->remote += vacancy->remote;
    report->negotiable += pay->negotiable;
    report->openings += (size_t)vacancy->openings;
    report->vacancy_units[pay->unit]++;
    for (int i = 0; i < vacancy->skill_count; i++)
        report->asked_levels[vacancy->skills[i].level]++;
    if (pay->max_fen > 0 && vacancy->types[0] != TYPE_INTERN)
        report->vacancy_yuan[report->vacancy_count++] = (int32_t)sample_year_yuan(
            (pay->min_fen + pay->max_fen) / 2, (enum sample_unit)pay->unit, pay->months_per_year);
}

void report_add_applicant(struct report *report, const struct sample_applicant *applicant)
{
    const struct sample_pay *wish = &applicant->wish;
    report->applicants++;
    for (int i = 0; i < applicant->skill_count; i++)
        report->held_levels[applicant->skills[i].level]++;
    if (wish->unit != UNIT_NONE)
        report->applicant_yuan[report->applicant_count++] =
            (int32_t)sample_year_yuan(wish->max_fen, (enum sample_unit)wish->unit, 0);
}

static int compare_yuan(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void print_percentiles(FILE *out, const char *who, int32_t *yuan, size_t count)
{
    if (count == 0)
        return;
    qsort(yuan, count, sizeof yuan[0], compare_yuan);
    for (size_t i = 0; i < PAY_PUBLISHED_COUNT; i++) {
        const struct pay_point *point = &pay_published[i];
        int32_t measured = yuan[(count - 1) * point->permille / 1000];
        int64_t off = ((int64_t)measured - point->year_yuan) * 1000 / point->year_yuan;
        fprintf(out, "pay: %-10s p%-2d %7d yuan a year, published %6d, %c%lld.%lld %%\n", who,
                point->permille / 10, measured, point->year_yuan, off < 0 ? '-' : '+',
                llabs(off) / 10, llabs(off) % 10);
    }
}

static void print_share(FILE *out, const char *what, size_t part, size_t whole)
{
    fprintf(out, "share: %-24s %7zu of %zu (%zu.%zu %%)\n", what, part, whole,
            whole ? part * 100 / whole : 0, whole ? part * 1000 / whole % 10 : 0);
}

static void print_levels(FILE *out, const char *what, const size_t levels[9])
{
    fprintf(out, "levels: %-7s none %zu", what, levels[0]);
    for (int level = 1; level <= 8; level++)
        fprintf(out, ", %d: %zu", level, levels[level]);
    fprintf(out, "\n");
}

void report_print(struct report *report, FILE *out)
{
    print_percentiles(out, "applicants", report->applicant_yuan, report->applicant_count);
    print_percentiles(out, "vacancies", report->vacancy_yuan, report->vacancy_count);
    print_share(out, "several workplaces", report->several_sites, report->vacancies);
    print_share(out, "remote", report->remote, report->vacancies);
    print_share(out, "pay to be negotiated", report->negotiable, report->vacancies);
    for (unsigned unit = UNIT_HOUR; unit < UNIT_COUNT; unit++) {
        char what[32];
        snprintf(what, sizeof what, "pay by the %s", unit_word(unit));
        print_share(out, what, report->vacancy_units[unit], report->vacancies);
    }
    print_levels(out, "asked", report->asked_levels);
    print_levels(out, "held", report->held_levels);
    fprintf(out, "made: %zu vacancies with %zu openings, %zu applicants\n", report->vacancies,
            report->openings, report->applicants);
}
