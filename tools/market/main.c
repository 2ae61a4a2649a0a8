/* market: a seeded sample of a port city's labour market, as files that `haihectl load` reads.
 *
 *   catalogue (taxonomy + traits) --+
 *   places, employers --------------+--> vacancy_draw, applicant_draw --> write --> DIR/...
 *   pay scale ----------------------+                                 --> report
 *
 * The same seed, sizes and --today give the same bytes on any machine: everything is drawn in
 * integers. Nobody and no employer in it exists. One thread; 70,000 records take about a second.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "report.h"
#include "write.h"

#include "base/banned.h"

/* Above any single record; what is written goes to the file at half of it. */
enum { BUFFER_LIMIT_BYTES = 1 << 20, RECORD_COUNT_LIMIT = 100000000 };

struct options {
    int64_t seed, vacancies, applicants;
    int32_t today;
    const char *directory;
    bool csv, report;
};

enum { OPTION_TODAY = 256, OPTION_REPORT };

static const struct argp_option option_table[] = {
    {"seed", 's', "N", 0, "Seed, 0 or more (default 1)", 0},
    {"vacancies", 'v', "N", 0, "How many vacancies (default 20000)", 0},
    {"applicants", 'a', "N", 0, "How many applicants (default 50000)", 0},
    {"out", 'o', "DIR", 0, "Directory for vacancies.* and applicants.* (default .); created", 0},
    {"format", 'f', "jsonl|csv", 0, "Format (default jsonl)", 0},
    {"today", OPTION_TODAY, "YYYY-MM-DD", 0, "The day that dates surround (default: today)", 0},
    {"report", OPTION_REPORT, NULL, 0, "Print pay percentiles and shares", 0},
    {0}};

static void parse_count(struct argp_state *state, const char *name, const char *text, int64_t limit,
                        int64_t *out)
{
    if (!text_to_int64(str_of(text), out) || *out < 0 || *out > limit)
        argp_error(state, "--%s '%s': must be 0..%lld", name, text, (long long)limit);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 's':
        parse_count(state, "seed", argument, INT64_MAX, &options->seed);
        break;
    case 'v':
        parse_count(state, "vacancies", argument, RECORD_COUNT_LIMIT, &options->vacancies);
        break;
    case 'a':
        parse_count(state, "applicants", argument, RECORD_COUNT_LIMIT, &options->applicants);
        break;
    case 'o':
        options->directory = argument;
        break;
    case 'f':
        options->csv = strcmp(argument, "csv") == 0;
        if (!options->csv && strcmp(argument, "jsonl") != 0)
            argp_error(state, "--format '%s': must be jsonl or csv", argument);
        break;
    case OPTION_TODAY:
        if (!date_parse(str_of(argument), &options->today))
            argp_error(state, "--today '%s': must be a date such as 2026-11-23", argument);
        break;
    case OPTION_REPORT:
        options->report = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* One file being written. */
struct output {
    FILE *file;
    struct buffer buffer;
    char path[4096];
    bool failed; /* something did not reach the file; errno was reported */
};

static bool output_open(struct output *output, const struct options *options, const char *name)
{
    *output = (struct output){0};
    buffer_init(&output->buffer, BUFFER_LIMIT_BYTES);
    int length = snprintf(output->path, sizeof output->path, "%s/%s.%s", options->directory, name,
                          options->csv ? "csv" : "jsonl");
    if (length >= (int)sizeof output->path) {
        fprintf(stderr, "market: '%s': path is too long\n", options->directory);
        return false;
    }
    output->file = fopen(output->path, "wb");
    if (!output->file)
        fprintf(stderr, "market: cannot write '%s': %s\n", output->path, strerror(errno));
    return output->file != NULL;
}

static void output_flush(struct output *output)
{
    struct str text = buffer_borrow(&output->buffer);
    if (output->buffer.failed || fwrite(text.data, 1, text.length, output->file) != text.length)
        output->failed = true;
    buffer_clear(&output->buffer);
}

static void output_flush_half(struct output *output)
{
    if (output->buffer.failed || output->buffer.length_bytes > BUFFER_LIMIT_BYTES / 2)
        output_flush(output);
}

static bool output_close(struct output *output)
{
    output_flush(output);
    if (fclose(output->file) != 0)
        output->failed = true;
    buffer_release(&output->buffer);
    if (output->failed)
        fprintf(stderr, "market: writing '%s' failed\n", output->path);
    return !output->failed;
}

static bool make_vacancies(const struct market *market, const struct options *options,
                           struct report *report)
{
    struct output output;
    if (!output_open(&output, options, "vacancies"))
        return false;
    if (options->csv)
        vacancy_write_csv_header(&output.buffer);
    for (int64_t i = 0; i < options->vacancies && !output.failed; i++) {
        struct sample_vacancy vacancy;
        vacancy_draw(market, (uint64_t)i, &vacancy);
        report_add_vacancy(report, &vacancy);
        (options->csv ? vacancy_write_csv : vacancy_write_json)(&output.buffer, &vacancy);
        output_flush_half(&output);
    }
    return output_close(&output);
}

static bool make_applicants(const struct market *market, const struct options *options,
                            struct report *report)
{
    struct output output;
    if (!output_open(&output, options, "applicants"))
        return false;
    if (options->csv)
        applicant_write_csv_header(&output.buffer);
    for (int64_t i = 0; i < options->applicants && !output.failed; i++) {
        struct sample_applicant applicant;
        applicant_draw(market, (uint64_t)i, &applicant);
        report_add_applicant(report, &applicant);
        (options->csv ? applicant_write_csv : applicant_write_json)(&output.buffer, &applicant);
        output_flush_half(&output);
    }
    return output_close(&output);
}

int main(int argc, char **argv)
{
    struct clock clock = clock_system();
    struct options options = {
        .seed = 1,
        .vacancies = 20000,
        .applicants = 50000,
        .today = clock_today(&clock),
        .directory = ".",
    };
    struct argp argp = {.options = option_table,
                        .parser = parse_option,
                        .doc = "Writes a seeded sample of a labour market for haihectl load."};
    argp_parse(&argp, argc, argv, 0, NULL, &options);

    struct error error = {0};
    struct market_size size = {.seed = (uint64_t)options.seed,
                               .vacancies = (size_t)options.vacancies,
                               .today = options.today};
    struct market *market = memory_must_zeroed(1, sizeof *market);
    if (!market_init(market, &size, &error)) {
        fprintf(stderr, "market: %s\n", error.text);
        memory_free(market);
        return EXIT_FAILURE;
    }
    if (mkdir(options.directory, 0777) != 0 && errno != EEXIST)
        fprintf(stderr, "market: cannot create '%s': %s\n", options.directory, strerror(errno));
    struct report report;
    report_init(&report, (size_t)options.vacancies, (size_t)options.applicants);
    bool made =
        make_vacancies(market, &options, &report) && make_applicants(market, &options, &report);
    if (made && options.report)
        report_print(&report, stdout);
    report_release(&report);
    market_release(market);
    memory_free(market);
    return made ? EXIT_SUCCESS : EXIT_FAILURE;
}
