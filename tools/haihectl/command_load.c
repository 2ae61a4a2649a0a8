/* haihectl load: the command line around load_session. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "haihectl/command.h"
#include "haihectl/csv_columns.h"
#include "haihectl/load_nearest.h"
#include "haihectl/load_session.h"
#include "haihectl/taxonomy_files.h"
#include "model/area.h"

#include "base/banned.h"

enum {
    OPTION_FORMAT = 'f',
    OPTION_ENCODING = 'e',
    OPTION_PLATFORM = 'p',
    OPTION_REFUSED = 'r',
    OPTION_IN_FLIGHT = 0x300,
    OPTION_DEFAULT,
    OPTION_IGNORE_UNKNOWN,
    OPTION_TAXONOMY,
    OPTION_UNRESOLVED,
    IN_FLIGHT_DEFAULT = 4096, /* a window's worth of records, four times over */
    IN_FLIGHT_LIMIT = 1000000,
    HELP_LIMIT_BYTES = 64 * 1024,
};

struct load_arguments {
    struct settings settings;
    const char *kind; /* as written */
    bool is_vacancy;
    char **files;
    size_t file_count;
    enum source_format format;
    const struct encoding *encoding;
    const char *platform;
    const char *refused_path, *unresolved_path;
    char *taxonomy_paths[2];
    size_t taxonomy_path_count;
    json_t *defaults;
    bool ignore_unknown;
    int64_t in_flight_limit;
};

static const struct argp_option OPTIONS[] = {
    {"format", OPTION_FORMAT, "FORMAT", 0,
     "csv, jsonl or jobposting; else by the file's name and beginning", 0},
    {"encoding", OPTION_ENCODING, "NAME", 0,
     "what the files are written in, when that is not UTF-8: GB18030 (also GBK, GB2312), BIG5, "
     "UTF-16, .. ; a byte order mark says it as well",
     0},
    {"platform", OPTION_PLATFORM, "NAME", 0,
     "the platform of records that name none; needed for job postings", 0},
    {"default", OPTION_DEFAULT, "FIELD=VALUE", 0,
     "a record without FIELD (a top-level proto field) gets VALUE, JSON or text; repeatable: "
     "--default total_job_openings=1",
     0},
    {"ignore-unknown", OPTION_IGNORE_UNKNOWN, NULL, 0, "skip CSV columns of unknown names", 0},
    {"in-flight", OPTION_IN_FLIGHT, "N", 0, "rows that may wait for their answer (4096)", 0},
    {"refused", OPTION_REFUSED, "FILE", 0,
     "write every refused row to FILE: JSON Lines with file, line, key, field, column, value, "
     "rule, "
     "reason",
     0},
    {"taxonomy", OPTION_TAXONOMY, "FILES", 0,
     "the server's taxonomy (a directory, or the file of skills and, given again, the file of "
     "occupations): for the labels nearest to skills that it does not know. Not needed when it has "
     "the built-in one",
     0},
    {"unresolved", OPTION_UNRESOLVED, "FILE", 0,
     "write every skill that the server does not know to FILE: JSON Lines with skill, count, "
     "nearest",
     0},
    {0},
};

static const char DOC[] =
    "Load records from files; '-' is standard input. A record that is there already is replaced.\v"
    "Formats:\n"
    "  csv         a header line, columns (below) in any order, parted by ',', ';'\n"
    "              or tab; lists are joined by '|'\n"
    "  jsonl       one object a line, or an array; field names of record.proto\n"
    "  jobposting  schema.org JobPosting (JSON-LD): one a line, an array, @graph\n"
    "Files are UTF-8, or what --encoding or a byte order mark says; gzip is\n"
    "unpacked.\n"
    "\n"
    "Values of CSV are read in every spelling that has one meaning. A row with\n"
    "another is refused, with what was expected; the others are loaded:\n"
    "  numbers     1,234  1 234  1234.0  full-width digits; not 1.2E+17, not 24,5\n"
    "  dates       2026-11-24  2026/11/24  2026.11.24  2026年11月24日  20261124\n"
    "              24.11.2026  24/11/2026, with a time of day; not 03/04/2026,\n"
    "              not 46350\n"
    "  pay         8000  8,000.50  ¥8000  8k  8千  1.2万  8k-12k\n"
    "              1.2万-1.8万/月  8000-12000元/月·13薪  年薪20万\n"
    "              8000元以上  面议\n"
    "  yes or no   yes no y n true false 1 0 是 否\n";

/* The columns come from the table that the loader itself reads. */
static char *help_filter(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC || !text)
        return (char *)text;
    struct buffer help;
    size_t length_bytes;
    buffer_init(&help, HELP_LIMIT_BYTES);
    buffer_append_str(&help, str_of(text));
    buffer_append_str(&help, STR("\nColumns of vacancies:\n"));
    csv_columns_help(SOURCE_VACANCY, &help);
    buffer_append_str(&help, STR("\nColumns of applicants:\n"));
    csv_columns_help(SOURCE_APPLICANT, &help);
    buffer_append_str(&help, STR("\nChinese names of columns:\n"));
    csv_columns_synonyms(&help);
    buffer_append_str(&help, STR("\nExamples:\n"
                                 "  haihectl load vacancies vacancies.csv -r refused.jsonl\n"
                                 "  haihectl load vacancies -p portal -f jobposting postings.json\n"
                                 "  haihectl load vacancies --encoding GB18030 export.csv\n"
                                 "  haihectl load applicants applicants.jsonl.gz\n"));
    buffer_append(&help, "", 1);
    return buffer_detach(&help, &length_bytes);
}

static bool add_default(struct load_arguments *arguments, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return false;
    char field[64];
    if ((size_t)(equals - text) >= sizeof(field))
        return false;
    memcpy(field, text, (size_t)(equals - text));
    field[equals - text] = '\0';
    json_t *value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
    if (!value)
        value = json_string(equals + 1);
    return json_object_set_new(arguments->defaults, field, value) == 0;
}

static void parse_argument(struct load_arguments *arguments, char *argument,
                           struct argp_state *state)
{
    if (!arguments->kind) {
        if (!command_parse_kind(argument, &arguments->is_vacancy))
            argp_error(state, "'%s': vacancies or applicants", argument);
        arguments->kind = argument;
        return;
    }
    arguments->files[arguments->file_count++] = argument;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct load_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->settings;
        return 0;
    case OPTION_FORMAT:
        if (!source_format_parse(argument, &arguments->format))
            argp_error(state, "--format '%s': csv, jsonl or jobposting", argument);
        return 0;
    case OPTION_ENCODING:
        arguments->encoding = encoding_find(str_of(argument));
        if (!arguments->encoding)
            argp_error(state, "--encoding '%s': one of %s", argument, encoding_names());
        return 0;
    case OPTION_PLATFORM:
        arguments->platform = argument;
        return 0;
    case OPTION_REFUSED:
        arguments->refused_path = argument;
        return 0;
    case OPTION_TAXONOMY:
        if (arguments->taxonomy_path_count == 2)
            argp_error(state, "--taxonomy '%s' is one too many", argument);
        arguments->taxonomy_paths[arguments->taxonomy_path_count++] = argument;
        return 0;
    case OPTION_UNRESOLVED:
        arguments->unresolved_path = argument;
        return 0;
    case OPTION_IGNORE_UNKNOWN:
        arguments->ignore_unknown = true;
        return 0;
    case OPTION_DEFAULT:
        if (!add_default(arguments, argument))
            argp_error(state, "--default '%s': FIELD=VALUE", argument);
        return 0;
    case OPTION_IN_FLIGHT:
        if (!text_to_int64(str_of(argument), &arguments->in_flight_limit) ||
            arguments->in_flight_limit < 1 || arguments->in_flight_limit > IN_FLIGHT_LIMIT)
            argp_error(state, "--in-flight '%s': 1..%d", argument, IN_FLIGHT_LIMIT);
        return 0;
    case ARGP_KEY_ARG:
        parse_argument(arguments, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (arguments->file_count == 0)
            argp_error(state, "vacancies or applicants, and at least one FILE are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Looks at all files before anything is sent. The sum of their sizes, 0 when one has none (a pipe).
 */
static bool check_files(const struct load_arguments *arguments, uint64_t *total_bytes,
                        struct error *error)
{
    bool known = true;
    *total_bytes = 0;
    for (size_t i = 0; i < arguments->file_count; i++) {
        const char *path = arguments->files[i];
        struct stat status;
        bool is_stdin = strcmp(path, "-") == 0;
        if (!is_stdin && access(path, R_OK) != 0)
            return error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be read: %s", path,
                             strerror(errno));
        if ((is_stdin ? fstat(STDIN_FILENO, &status) : stat(path, &status)) != 0)
            known = false;
        else if (S_ISDIR(status.st_mode))
            return error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' is a directory", path);
        else if (!S_ISREG(status.st_mode))
            known = false;
        else
            *total_bytes += (uint64_t)status.st_size;
    }
    if (!known)
        *total_bytes = 0;
    return true;
}

/* The closing lines and the exit code. */
static int conclude(const struct load_outcome *outcome, struct load_report *report,
                    const struct progress *progress, const struct nearest_options *nearest)
{
    struct buffer text;
    struct error error;
    buffer_init(&text, HELP_LIMIT_BYTES);
    buffer_append_str(&text, STR("loaded "));
    progress_summary(progress, clock_monotonic_ns(), &text);
    buffer_append_str(&text, STR("\n"));
    load_report_remarks(report, &text);
    bool told = load_nearest_report(nearest, report->unknown_names, &text, &error);
    command_print(&text);
    fflush(stdout);
    if (!told) {
        struct error ignored;
        load_report_close(report, &ignored);
        return command_fail_input(&error);
    }
    if (!load_report_close(report, &error))
        return command_fail_input(&error);
    if (outcome->server.code == ERROR_OK && outcome->input.code == ERROR_OK &&
        !outcome->interrupted)
        return progress->refused > 0 ? EXIT_REFUSED : EXIT_OK;
    int exit_code = EXIT_INTERRUPTED;
    if (outcome->input.code != ERROR_OK)
        exit_code = command_fail_input(&outcome->input);
    if (outcome->server.code != ERROR_OK)
        exit_code = command_fail(&outcome->server);
    if (outcome->unanswered > 0)
        fprintf(stderr,
                "haihectl: %llu rows were sent without an answer; loading the file again is safe\n",
                (unsigned long long)outcome->unanswered);
    return exit_code;
}

static int load(struct load_arguments *arguments, struct client *client, uint64_t total_bytes,
                const struct area_table *areas, const struct taxonomy *taxonomy)
{
    struct error error;
    struct load_report report;
    struct unknown_names unknown_names;
    struct progress progress;
    struct load_outcome outcome;
    enum source_kind kind = arguments->is_vacancy ? SOURCE_VACANCY : SOURCE_APPLICANT;
    if (!load_report_open(&report, kind, arguments->refused_path, &error))
        return command_fail_input(&error);
    unknown_names_init(&unknown_names);
    report.unknown_names = &unknown_names;
    progress_start(&progress, arguments->is_vacancy ? "vacancies" : "applicants", total_bytes);
    const struct load_session_options options = {
        .client = client,
        .reader = {.files = arguments->files,
                   .file_count = arguments->file_count,
                   .source = {.kind = kind,
                              .format = arguments->format,
                              .encoding = arguments->encoding,
                              .platform = arguments->platform,
                              .defaults = arguments->defaults,
                              .ignore_unknown = arguments->ignore_unknown,
                              .areas = areas}},
        .in_flight_limit = (uint32_t)arguments->in_flight_limit,
        .report = &report,
        .progress = &progress};
    const struct nearest_options nearest = {
        .client = client, .taxonomy = taxonomy, .path = arguments->unresolved_path};
    struct error ignored;
    int exit_code;
    if (load_session_run(&options, &outcome, &error)) {
        exit_code = conclude(&outcome, &report, &progress, &nearest);
    } else {
        load_report_close(&report, &ignored);
        exit_code = command_fail(&error);
    }
    unknown_names_release(&unknown_names);
    return exit_code;
}

/* *taxonomy stays NULL without --taxonomy. */
static bool load_taxonomy(const struct load_arguments *arguments, struct taxonomy **taxonomy,
                          struct error *error)
{
    struct taxonomy_paths paths;
    if (arguments->taxonomy_path_count == 0)
        return true;
    if (taxonomy_paths_parse(arguments->taxonomy_paths, arguments->taxonomy_path_count, &paths,
                             error))
        *taxonomy = taxonomy_paths_load(&paths, error);
    return *taxonomy != NULL;
}

int command_load(const struct settings *settings, int argc, char **argv)
{
    static const struct argp_child children[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {.options = OPTIONS,
                              .parser = parse_option,
                              .args_doc = "vacancies|applicants FILE...",
                              .doc = DOC,
                              .children = children,
                              .help_filter = help_filter};
    struct load_arguments arguments = {
        .settings = *settings, .in_flight_limit = IN_FLIGHT_DEFAULT, .defaults = json_object()};
    struct error error;
    uint64_t total_bytes;
    int exit_code;
    char **files = memory_must_zeroed((size_t)argc, sizeof(*files));
    arguments.files = files;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    struct area_table *areas = NULL;
    struct client *client = NULL;
    struct taxonomy *taxonomy = NULL;
    if (!check_files(&arguments, &total_bytes, &error) ||
        !load_taxonomy(&arguments, &taxonomy, &error))
        exit_code = command_fail_input(&error);
    else if (!(areas = area_table_builtin(&error)) ||
             !(client =
                   client_new(arguments.settings.server, arguments.settings.timeout_ns, &error)))
        exit_code = command_fail(&error);
    else
        exit_code = load(&arguments, client, total_bytes, areas, taxonomy);
    client_free(client);
    area_table_free(areas);
    taxonomy_free(taxonomy);
    json_decref(arguments.defaults);
    memory_free(files);
    return exit_code;
}
