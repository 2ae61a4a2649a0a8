/* See taxonomy_files.h. */
#include "haihectl/taxonomy_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haihectl/encoding.h"

#include "base/banned.h"

static bool set_path(char out[TAXONOMY_PATH_BYTES], const char *folder, const char *path,
                     struct error *error)
{
    int length = snprintf(out, TAXONOMY_PATH_BYTES, "%s%s%s", folder, *folder ? "/" : "", path);
    return length < TAXONOMY_PATH_BYTES ||
           error_set(error, ERROR_INVALID_ARGUMENT, "path '%s' is too long", path);
}

bool taxonomy_paths_parse(char *const *paths, size_t count, struct taxonomy_paths *out,
                          struct error *error)
{
    struct stat status;
    *out = (struct taxonomy_paths){.occupations = ""};
    if (count == 0 || count > 2)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "a directory, or the file of skills and the file of occupations");
    if (stat(paths[0], &status) != 0)
        return error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be read: %s", paths[0],
                         strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return set_path(out->skills, "", paths[0], error) &&
               (count == 1 || set_path(out->occupations, "", paths[1], error));
    if (count == 2)
        return error_set(error, ERROR_INVALID_ARGUMENT, "'%s' is a directory: '%s' is one too many",
                         paths[0], paths[1]);
    if (!set_path(out->skills, paths[0], "skills.csv", error) ||
        !set_path(out->occupations, paths[0], "occupations.csv", error))
        return false;
    if (access(out->occupations, F_OK) != 0)
        out->occupations[0] = '\0';
    return true;
}

static bool read_file(const char *path, struct buffer *out, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be opened: %s", path,
                         strerror(errno));
    for (size_t got = 1; got > 0;) {
        char *room = buffer_reserve(out, 64 * 1024);
        got = room ? fread(room, 1, 64 * 1024, file) : 0;
        buffer_commit(out, got);
    }
    bool broken = ferror(file) != 0;
    int why = errno;
    fclose(file);
    if (broken)
        return error_set(error, ERROR_DATA_LOSS, "file '%s' cannot be read: %s", path,
                         strerror(why));
    return !out->failed || error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s' is above %d MB",
                                     path, TAXONOMY_FILE_LIMIT_BYTES / (1024 * 1024));
}

/* The daemon reads UTF-8 alone: another encoding is named here, where it can be converted. */
static bool check_encoding(const char *path, struct str text, struct error *error)
{
    uint32_t mark_bytes;
    struct encoding_evidence evidence;
    const struct encoding *marked = encoding_of_mark(text, &mark_bytes);
    if (marked && marked->iconv_name)
        return error_set(error, ERROR_INVALID_ARGUMENT,
                         "file '%s' is %s by its byte order mark: taxonomies are UTF-8; "
                         "iconv -f %s -t UTF-8 converts it",
                         path, marked->name, marked->name);
    const char *what = encoding_not_text(text);
    if (what)
        return error_set(error, ERROR_INVALID_ARGUMENT, "file '%s' is %s", path, what);
    encoding_judge(text, &evidence);
    return evidence.verdict != ENCODING_GB18030 ||
           error_set(error, ERROR_INVALID_ARGUMENT,
                     "file '%s' is not UTF-8 from line %u on (byte %u: %s): it looks like GB18030, "
                     "'%s': taxonomies are UTF-8; iconv -f GB18030 -t UTF-8 converts it",
                     path, evidence.line + 1, evidence.at + 1, evidence.bytes, evidence.line_text);
}

static bool read_text(const char *path, struct buffer *out, struct error *error)
{
    return read_file(path, out, error) && check_encoding(path, buffer_borrow(out), error);
}

struct taxonomy *taxonomy_paths_load(const struct taxonomy_paths *paths, struct error *error)
{
    struct taxonomy *taxonomy = NULL;
    struct buffer skills, occupations;
    buffer_init(&skills, TAXONOMY_FILE_LIMIT_BYTES);
    buffer_init(&occupations, TAXONOMY_FILE_LIMIT_BYTES);
    if (read_text(paths->skills, &skills, error) &&
        (!paths->occupations[0] || read_text(paths->occupations, &occupations, error)))
        taxonomy = taxonomy_load(buffer_borrow(&skills), buffer_borrow(&occupations), error);
    buffer_release(&skills);
    buffer_release(&occupations);
    return taxonomy;
}

bool taxonomy_file_write(const char *path, struct str content, struct error *error)
{
    char part[TAXONOMY_PATH_BYTES + 8];
    snprintf(part, sizeof(part), "%s.part", path);
    FILE *file = fopen(part, "wb");
    if (!file)
        return error_set(error, ERROR_PERMISSION_DENIED, "file '%s' cannot be written: %s", part,
                         strerror(errno));
    bool well = fwrite(content.data, 1, content.length, file) == content.length;
    well &= fclose(file) == 0;
    well = well && rename(part, path) == 0;
    if (well)
        return true;
    int why = errno;
    unlink(part);
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s' cannot be written: %s", path,
                     strerror(why));
}
