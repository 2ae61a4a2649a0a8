/* See load_report.h. The screen's lines go to stderr, so that a load in a pipe stays silent on
 * stdout but for its summary. */
#include "haihectl/load_report.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "haihectl/table.h"

#include "base/banned.h"

bool load_report_open(struct load_report *report, enum source_kind kind, const char *path,
                      struct error *error)
{
    *report = (struct load_report){.kind = kind, .path = path};
    if (!path)
        return true;
    report->file = fopen(path, "w");
    return report->file || error_set(error, ERROR_PERMISSION_DENIED,
                                     "file '%s' cannot be written: %s", path, strerror(errno));
}

bool load_report_close(struct load_report *report, struct error *error)
{
    if (!report->file)
        return true;
    bool failed = ferror(report->file) != 0;
    failed |= fclose(report->file) != 0;
    report->file = NULL;
    return !failed || error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s' is not complete: %s",
                                report->path, strerror(errno));
}

static void cut_prefix(char *text, const char *prefix)
{
    size_t bytes = strlen(prefix);
    if (strncmp(text, prefix, bytes) == 0)
        memmove(text, text + bytes, strlen(text + bytes) + 1);
}

void load_report_localise(struct error *error)
{
    static const char *const prefixes[] = {"upsert_vacancy.", "upsert_applicant."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        cut_prefix(error->field, prefixes[i]);
        cut_prefix(error->text, prefixes[i]);
    }
}

/* The column of a CSV file that the field comes from, when that says more than the field. */
static const char *column_of(const struct load_report *report, const struct load_row *row,
                             const struct error *why)
{
    const char *column = row->format == FORMAT_CSV && why->field[0]
                             ? source_column_of_field(report->kind, why->field)
                             : NULL;
    return column && strcmp(column, why->field) != 0 ? column : NULL;
}

static void write_screen(const struct load_report *report, const struct load_batch *batch,
                         const struct load_row *row, const struct error *why)
{
    struct str key = load_batch_text(batch, row->key);
    const char *column = column_of(report, row, why);
    fprintf(stderr, "%s:%" PRIu64 ": %.*s%s%s", row->file, row->line, STR_ARG(key),
            key.length > 0 ? ": " : "", why->text);
    if (column)
        fprintf(stderr, " (column %s)", column);
    if (why->rule[0])
        fprintf(stderr, " [%s]", why->rule);
    fputc('\n', stderr);
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, name, json_string(text));
}

static void write_file(const struct load_report *report, const struct load_batch *batch,
                       const struct load_row *row, const struct error *why)
{
    struct str key = load_batch_text(batch, row->key);
    json_t *object = json_object();
    set_text(object, "file", row->file);
    json_object_set_new(object, "line", json_integer((json_int_t)row->line));
    if (key.length > 0)
        json_object_set_new(object, "key", json_stringn(key.data, key.length));
    set_text(object, "field", why->field);
    set_text(object, "column", column_of(report, row, why));
    set_text(object, "value", why->value);
    set_text(object, "rule", why->rule);
    set_text(object, "reason", why->text);
    json_dumpf(object, report->file, JSON_COMPACT);
    fputc('\n', report->file);
    json_decref(object);
}

void load_report_refused(struct load_report *report, struct progress *progress,
                         const struct load_batch *batch, const struct load_row *row,
                         const struct error *why)
{
    report->refused_count++;
    if (report->file)
        write_file(report, batch, row, why);
    if (report->refused_count > LOAD_REPORT_SCREEN_ROWS)
        return;
    progress_hide(progress);
    write_screen(report, batch, row, why);
}

void load_report_say(struct progress *progress, struct str text)
{
    progress_hide(progress);
    fprintf(stderr, "%.*s\n", STR_ARG(text));
}

void load_report_note(struct load_report *report, const struct load_batch *batch,
                      const struct load_row *row)
{
    if (row->note.size_bytes == 0)
        return;
    struct str note = load_batch_text(batch, row->note);
    if (report->noted_count++ == 0)
        snprintf(report->first_note, sizeof(report->first_note), "%s:%" PRIu64 ": %.*s", row->file,
                 row->line, STR_ARG(note));
}

void load_report_unknown_skill(struct load_report *report, struct str skill)
{
    report->unknown_skill_count++;
    if (report->unknown_names)
        unknown_names_add(report->unknown_names, skill);
    if (report->unknown_example_count == LOAD_REPORT_EXAMPLES ||
        skill.length >= sizeof(report->unknown_examples[0]))
        return;
    for (size_t i = 0; i < report->unknown_example_count; i++)
        if (str_equal(skill, str_of(report->unknown_examples[i])))
            return;
    char *example = report->unknown_examples[report->unknown_example_count++];
    memcpy(example, skill.data, skill.length);
    example[skill.length] = '\0';
}

void load_report_remarks(const struct load_report *report, struct buffer *out)
{
    char count[32];
    if (report->refused_count > LOAD_REPORT_SCREEN_ROWS && !report->path)
        buffer_printf(out, "  %s more rows were refused; --refused FILE keeps all of them\n",
                      count_text(report->refused_count - LOAD_REPORT_SCREEN_ROWS, count));
    if (report->refused_count > 0 && report->path)
        buffer_printf(out, "  refused rows: %s\n", report->path);
    if (report->unknown_skill_count > 0) {
        buffer_printf(out,
                      "  skills outside the taxonomy, matched only by themselves, in %s places:",
                      count_text(report->unknown_skill_count, count));
        for (size_t i = 0; i < report->unknown_example_count; i++)
            buffer_printf(out, "%s '%s'", i ? "," : "", report->unknown_examples[i]);
        buffer_printf(out, "%s\n",
                      report->unknown_example_count == LOAD_REPORT_EXAMPLES ? ", .." : "");
    }
    if (report->noted_count > 0)
        buffer_printf(out, "  %s rows hold values without a counterpart, left out; first: %s\n",
                      count_text(report->noted_count, count), report->first_note);
}
