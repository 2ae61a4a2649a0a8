/* See damage_case.h. */
#include "damage_case.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"

/* A length that was damaged must not take the machine's memory along. */
static const rlim_t MEMORY_LIMIT_BYTES = (rlim_t)4 << 30;

void case_describe(const struct injury *injury, char *out, size_t out_bytes)
{
    const char *sample = injury->sample->name;
    const char *file = injury->sample->files[injury->file].name;
    switch (injury->kind) {
    case INJURY_FLIP_BYTE:
    case INJURY_FLIP_BIT:
        snprintf(out, out_bytes, "%s %s byte %zu ^%02x", sample, file, injury->offset,
                 injury->mask);
        break;
    case INJURY_CUT:
        snprintf(out, out_bytes, "%s %s cut to %zu of %zu", sample, file, injury->offset,
                 injury->sample->files[injury->file].size_bytes);
        break;
    case INJURY_REMOVE:
        snprintf(out, out_bytes, "%s %s removed", sample, file);
        break;
    }
}

/* --- The child -------------------------------------------------------------------------------- */

static void write_file(const char *directory, const struct sample_file *file,
                       const struct injury *injury)
{
    char path[SAMPLE_PATH_BYTES];
    size_t size_bytes = injury && injury->kind == INJURY_CUT ? injury->offset : file->size_bytes;
    if (injury && injury->kind == INJURY_REMOVE)
        return;
    snprintf(path, sizeof path, "%s/%s", directory, file->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, file->bytes, size_bytes) != (ssize_t)size_bytes)
        err(2, "%s", path);
    if (injury && injury->kind != INJURY_CUT) {
        unsigned char byte = (unsigned char)file->bytes[injury->offset] ^ injury->mask;
        if (pwrite(fd, &byte, 1, (off_t)injury->offset) != 1)
            err(2, "%s", path);
    }
    close(fd);
}

static void write_copy(const struct injury *injury, const char *directory)
{
    char database[SAMPLE_PATH_BYTES];
    const struct sample *sample = injury->sample;
    snprintf(database, sizeof database, "%s/db", directory);
    sample_remove_tree(directory);
    if (mkdir(directory, 0700) != 0 || mkdir(database, 0700) != 0)
        err(2, "%s", database);
    for (size_t i = 0; i < sample->file_count; i++)
        write_file(directory, &sample->files[i], i == injury->file ? injury : NULL);
}

static void run_one(const struct injury *injury, const char *directory, struct report *report)
{
    write_copy(injury, directory);
    alarm(CASE_LIMIT_S);
    for (size_t i = 0; i < CASE_LOOK_COUNT; i++)
        look_at(directory, &report->looks[i]);
    alarm(0);
    report->is_whole = true;
}

_Noreturn void case_run(struct batch *batch, const char *directory, const char *output)
{
    const struct rlimit memory = {MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES}, core = {0, 0};
    int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
        err(2, "%s", output);
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &core);
    for (size_t i = batch->done; i < batch->count; i++)
        run_one(&batch->injuries[i], directory, &batch->reports[i]);
    _exit(0);
}

/* --- The verdict ------------------------------------------------------------------------------ */

/* What the child said last, so that the reason of an abort is seen. */
static void read_last_line(const char *output, char *line, size_t line_bytes)
{
    FILE *stream = fopen(output, "r");
    line[0] = '\0';
    if (!stream)
        return;
    while (fgets(line, (int)line_bytes, stream))
        line[strcspn(line, "\n")] = '\0';
    fclose(stream);
}

static bool has_code_of_damage(const struct error *error)
{
    return error->code == ERROR_DATA_LOSS || error->code == ERROR_FAILED_PRECONDITION ||
           error->code == ERROR_UNAVAILABLE;
}

/* A file, a key or a sequence: something to begin a repair with. */
static bool names_a_place(const struct error *error)
{
    static const char *const PLACES[] = {
        "store '", "MARK", "MANIFEST", "CURRENT", ".sst", ".log", "record \"", "meta \"",
    };
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
        if (strstr(error->text, PLACES[i]))
            return true;
    const char *change = strstr(error->text, "change ");
    return change && change[7] >= '0' && change[7] <= '9';
}

static void name_differences(const struct facts *sound, const struct facts *found, char *out,
                             size_t out_bytes)
{
    snprintf(out, out_bytes,
             "no error, and other contents:%s%s%s%s%s%s (sequence %llu of %llu, first held %llu of "
             "%llu, day %lld of %lld)",
             found->records != sound->records ? " records" : "",
             found->history != sound->history ? " history" : "",
             found->singles != sound->singles ? " singles" : "",
             found->notes != sound->notes ? " notes" : "", found->day != sound->day ? " day" : "",
             found->first_held != sound->first_held ? " first held" : "",
             (unsigned long long)found->sequence, (unsigned long long)sound->sequence,
             (unsigned long long)found->first_held, (unsigned long long)sound->first_held,
             (long long)found->day, (long long)sound->day);
}

static enum verdict judge_look(const struct sample *sample, const struct look *look, char *why,
                               size_t why_bytes)
{
    if (look->stage == STAGE_DONE) {
        if (memcmp(&look->facts, &sample->facts, sizeof look->facts) == 0)
            return HARMLESS;
        name_differences(&sample->facts, &look->facts, why, why_bytes);
        return WRONG;
    }
    const char *fault = "";
    if (!has_code_of_damage(&look->error))
        fault = "a code that is none of damage: ";
    else if (!names_a_place(&look->error))
        fault = "an error that names no place: ";
    snprintf(why, why_bytes, "%s%s: %s", fault, error_code_name(look->error.code),
             look->error.text);
    return *fault ? WRONG : (enum verdict)look->stage;
}

enum verdict case_judge(const struct injury *injury, const struct report *report, int status,
                        const char *output, char *why, size_t why_bytes)
{
    char said[256], again[512];
    static_assert((int)DETECTED_AT_OPEN == STAGE_OPEN && (int)DETECTED_BY_READ == STAGE_READ &&
                      (int)DETECTED_BY_CHECK == STAGE_CHECK,
                  "who detects is where the look ended");
    if (!report->is_whole) {
        read_last_line(output, said, sizeof said);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            snprintf(why, why_bytes, "hangs: not done after %d s", CASE_LIMIT_S);
        else
            snprintf(why, why_bytes, "ends by %s %d: %s",
                     WIFSIGNALED(status) ? "signal" : "exit status",
                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), said);
        return WRONG;
    }
    enum verdict first = judge_look(injury->sample, &report->looks[0], why, why_bytes);
    enum verdict second = judge_look(injury->sample, &report->looks[1], again, sizeof again);
    if (first == WRONG)
        return first;
    if (second == WRONG) {
        snprintf(why, why_bytes, "opened again: %s", again);
        return second;
    }
    if (first == HARMLESS && second != HARMLESS) { /* loud, but the first opening missed it */
        snprintf(why, why_bytes, "sound at first; opened again: %s", again);
        return second;
    }
    return first;
}
