/* haihectl import: published classifications become our taxonomy files. Nothing is written before
 * the files have been loaded the way the daemon will. */
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "haihectl/command.h"
#include "haihectl/esco_directory.h"
#include "haihectl/progress.h"
#include "haihectl/table.h"
#include "haihectl/taxonomy_files.h"

#include "base/banned.h"

enum { OPTION_OUT = 'o', OPTION_DROPPED = 'd', EXAMPLE_LIMIT = 5 };

struct import_arguments {
    const char *format, *directory;
    const char *out, *dropped_path;
};

static const struct argp_option OPTIONS[] = {
    {"out", OPTION_OUT, "DIR", 0, "where skills.csv and occupations.csv go (the current directory)",
     0},
    {"dropped", OPTION_DROPPED, "FILE", 0,
     "write every name that was left out to FILE: JSON Lines with code, language, label, reason, "
     "other",
     0},
    {0},
};

static const char DOC[] =
    "Make taxonomy files of a published classification.\v"
    "esco: DIR holds the CSV files of a 1.x release of ESCO (esco.ec.europa.eu, \"Use ESCO\", "
    "Download), any languages together:\n"
    "  skills_<language>.csv         needed\n"
    "  skillGroups_<language>.csv    become skills, too: what makes siblings\n"
    "  occupations_<language>.csv\n"
    "  broaderRelationsSkillPillar.csv, skillSkillRelations.csv,\n"
    "  occupationSkillRelations.csv\n"
    "A skill's code is its URI, an occupation's is ESCO's own. A name that would belong to several "
    "skills is left out and counted.\n"
    "\n"
    "Example:\n"
    "  haihectl import esco esco-1.2.0 --out taxonomy\n"
    "  haihectl taxonomy check taxonomy\n"
    "  haihed --skills taxonomy/skills.csv --occupations taxonomy/occupations.csv\n";

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct import_arguments *arguments = state->input;
    switch (key) {
    case OPTION_OUT:
        arguments->out = argument;
        return 0;
    case OPTION_DROPPED:
        arguments->dropped_path = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->format)
            arguments->format = argument;
        else if (!arguments->directory)
            arguments->directory = argument;
        else
            argp_error(state, "'%s': one directory only", argument);
        if (strcmp(arguments->format, "esco") != 0)
            argp_error(state, "'%s': esco is what can be imported", arguments->format);
        return 0;
    case ARGP_KEY_END:
        if (!arguments->directory)
            argp_error(state, "esco and a DIR are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- What was left out ---------------------------------------------------------------------- */

struct drop_report {
    FILE *file; /* NULL: none */
    size_t shown[ESCO_DROP_REASON_COUNT];
    struct buffer *examples; /* one for each reason */
};

static void set_text(json_t *object, const char *name, struct str text)
{
    json_object_set_new(object, name, json_stringn(text.data ? text.data : "", text.length));
}

static void on_drop(void *context, const struct esco_drop *drop)
{
    struct drop_report *report = context;
    if (report->shown[drop->reason]++ < EXAMPLE_LIMIT)
        buffer_printf(&report->examples[drop->reason], "%s'%.*s'",
                      report->shown[drop->reason] > 1 ? ", " : "", STR_ARG(drop->label));
    if (!report->file)
        return;
    json_t *object = json_object();
    set_text(object, "code", drop->uri);
    set_text(object, "language", drop->language);
    set_text(object, "label", drop->label);
    json_object_set_new(object, "reason", json_string(esco_drop_reason_text(drop->reason)));
    set_text(object, "other", drop->other);
    json_dumpf(object, report->file, JSON_COMPACT);
    fputc('\n', report->file);
    json_decref(object);
}

static bool report_drops(const struct esco *esco, const char *path, struct buffer *out,
                         struct error *error)
{
    enum { EXAMPLES_BYTES = 64 * 1024 };
    struct buffer examples[ESCO_DROP_REASON_COUNT];
    struct drop_report report = {.examples = examples};
    char count[32];
    if (path && !(report.file = fopen(path, "w")))
        return error_set(error, ERROR_PERMISSION_DENIED, "file '%s' cannot be written: %s", path,
                         strerror(errno));
    for (size_t i = 0; i < ESCO_DROP_REASON_COUNT; i++)
        buffer_init(&examples[i], EXAMPLES_BYTES);
    esco_each_drop(esco, on_drop, &report);
    for (size_t i = 0; i < ESCO_DROP_REASON_COUNT; i++) {
        if (report.shown[i] > 0)
            buffer_printf(out, "left out   %s, a name that %s: %.*s%s\n",
                          count_text(report.shown[i], count),
                          esco_drop_reason_text((enum esco_drop_reason)i),
                          STR_ARG(buffer_borrow(&examples[i])),
                          report.shown[i] > EXAMPLE_LIMIT ? ", .." : "");
        buffer_release(&examples[i]);
    }
    bool failed = report.file && ferror(report.file) != 0;
    failed |= report.file && fclose(report.file) != 0;
    return !failed || error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s' is not complete", path);
}

/* --- What was imported ---------------------------------------------------------------------- */

static void put_count(struct buffer *out, const char *before, size_t number, const char *behind)
{
    char count[32];
    buffer_printf(out, "%s%s %s", before, count_text(number, count), behind);
}

static void put_statistics(const struct esco *esco, unsigned missing, struct buffer *out)
{
    const struct esco_statistics *statistics = esco_statistics(esco);
    put_count(out, "read       ", statistics->skill_count, "skills");
    put_count(out, ", ", statistics->group_count, "groups of skills");
    put_count(out, ", ", statistics->occupation_count, "occupations");
    buffer_append_str(out, STR("; languages:"));
    for (size_t i = 0; i < statistics->language_count; i++)
        buffer_printf(out, " %.*s", STR_ARG(esco_language(esco, i)));
    put_count(out, "\nnames      ", statistics->preferred_count, "preferred");
    put_count(out, ", ", statistics->alternative_count, "others");
    put_count(out, "\nrelations  ", statistics->essential_count, "essential");
    put_count(out, " and ", statistics->optional_count, "optional of occupations");
    put_count(out, "; of skills ", statistics->broader_count, "broader");
    put_count(out, ", ", statistics->related_count, "related\n");
    for (size_t kind = 0; kind < ESCO_KIND_COUNT; kind++) {
        if (statistics->unknown_count[kind] == 0)
            continue;
        put_count(out, "left out   ", statistics->unknown_count[kind], "relations in ");
        buffer_printf(out, "%s with a concept that no file has, the first: %.*s\n",
                      esco_kind_name((enum esco_kind)kind),
                      STR_ARG(statistics->first_unknown[kind]));
    }
    if (statistics->self_count > 0)
        put_count(out, "left out   ", statistics->self_count,
                  "relations of a concept with itself\n");
    if (statistics->repeated_count > 0)
        put_count(out, "left out   ", statistics->repeated_count, "relations that are repeated\n");
    if (statistics->not_released_count > 0)
        put_count(out, "left out   ", statistics->not_released_count,
                  "concepts that are not released\n");
    for (size_t kind = 0; kind < ESCO_KIND_COUNT; kind++)
        if (missing & 1u << kind)
            buffer_printf(out, "not there  %s\n", esco_kind_name((enum esco_kind)kind));
}

/* --- The whole ------------------------------------------------------------------------------ */

static bool write_files(const char *folder, const struct buffer *skills,
                        const struct buffer *occupations, struct buffer *out, struct error *error)
{
    const struct {
        const char *name;
        const struct buffer *content;
    } files[] = {{"skills.csv", skills}, {"occupations.csv", occupations}};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return error_set(error, ERROR_PERMISSION_DENIED, "directory '%s' cannot be made: %s",
                         folder, strerror(errno));
    for (size_t i = 0; i < 2; i++) {
        char path[TAXONOMY_PATH_BYTES];
        int length = snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
        if (length >= TAXONOMY_PATH_BYTES)
            return error_set(error, ERROR_INVALID_ARGUMENT, "path '%s' is too long", folder);
        if (!taxonomy_file_write(path, buffer_borrow(files[i].content), error))
            return false;
        buffer_printf(out, "wrote      %s, %.1f MB\n", path,
                      (double)files[i].content->length_bytes / 1e6);
    }
    return true;
}

static bool convert(const struct esco *esco, const char *folder, struct buffer *out,
                    struct error *error)
{
    struct buffer skills, occupations;
    struct taxonomy *taxonomy = NULL;
    buffer_init(&skills, TAXONOMY_FILE_LIMIT_BYTES);
    buffer_init(&occupations, TAXONOMY_FILE_LIMIT_BYTES);
    bool well = (esco_write_skills(esco, &skills) && esco_write_occupations(esco, &occupations)) ||
                error_set(error, ERROR_RESOURCE_EXHAUSTED, "the files would be above %d MB",
                          TAXONOMY_FILE_LIMIT_BYTES / (1024 * 1024));
    if (well) {
        taxonomy = taxonomy_load(buffer_borrow(&skills), buffer_borrow(&occupations), error);
        well = taxonomy && write_files(folder, &skills, &occupations, out, error);
    }
    taxonomy_free(taxonomy);
    buffer_release(&skills);
    buffer_release(&occupations);
    return well;
}

int command_import(const struct settings *settings, int argc, char **argv)
{
    (void)settings;
    const struct argp argp = {
        .options = OPTIONS, .parser = parse_option, .args_doc = "esco DIR", .doc = DOC};
    struct import_arguments arguments = {.out = "."};
    struct error error;
    struct buffer out;
    unsigned missing = 0;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    int64_t start_ns = clock_monotonic_ns();
    struct esco *esco = esco_read_directory(arguments.directory, &missing, &error);
    if (!esco)
        return command_fail_input(&error);
    buffer_init(&out, 1 << 20);
    put_statistics(esco, missing, &out);
    bool well = report_drops(esco, arguments.dropped_path, &out, &error) &&
                convert(esco, arguments.out, &out, &error);
    if (well)
        buffer_printf(&out, "took       %.2f s\n", (double)(clock_monotonic_ns() - start_ns) / 1e9);
    command_print(&out);
    esco_free(esco);
    return well ? EXIT_OK : command_fail_input(&error);
}
