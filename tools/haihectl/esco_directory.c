/* See esco_directory.h. Names first, sorted by kind and language, so that the result does not
 * depend on the order in which the file system lists them. */
#include "haihectl/esco_directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/csv_reader.h"

#include "base/banned.h"

/* A language has three files; whoever has so many has something else. */
enum { FILE_LIMIT = 4096, PATH_BYTES = 4096 };

struct found_file {
    struct esco_name name;
    char file_name[NAME_MAX + 1];
};

struct found_files {
    struct found_file *items; /* owned */
    size_t count, capacity;
};

static bool add_file(struct found_files *files, const struct esco_name *name, const char *file_name,
                     struct error *error)
{
    if (files->count == FILE_LIMIT)
        return error_set(error, ERROR_INVALID_ARGUMENT, "more than %d files", FILE_LIMIT);
    if (files->count == files->capacity) {
        size_t larger = files->capacity ? files->capacity * 2 : 64;
        struct found_file *grown = memory_try_resize(files->items, larger * sizeof(*grown));
        if (!grown)
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the files' names");
        files->items = grown;
        files->capacity = larger;
    }
    struct found_file *file = &files->items[files->count++];
    file->name = *name;
    snprintf(file->file_name, sizeof(file->file_name), "%s", file_name);
    return true;
}

static int compare_files(const void *left, const void *right)
{
    const struct found_file *a = left, *b = right;
    if (a->name.kind != b->name.kind)
        return a->name.kind < b->name.kind ? -1 : 1;
    int order = strcmp(a->name.language, b->name.language);
    return order != 0 ? order : strcmp(a->file_name, b->file_name);
}

/* Two files of one kind and language are a mistake; relations hold no language. */
static bool refuse_doubles(const struct found_files *files, struct error *error)
{
    for (size_t i = 1; i < files->count; i++) {
        const struct found_file *a = &files->items[i - 1], *b = &files->items[i];
        if (a->name.kind == b->name.kind &&
            (a->name.kind > ESCO_OCCUPATIONS || strcmp(a->name.language, b->name.language) == 0))
            return error_set(error, ERROR_INVALID_ARGUMENT, "'%.100s' and '%.100s' are both %s",
                             a->file_name, b->file_name, esco_kind_name(a->name.kind));
    }
    return true;
}

static bool list_files(const char *path, struct found_files *files, struct error *error)
{
    DIR *directory = opendir(path);
    if (!directory)
        return error_set(error, ERROR_NOT_FOUND, "directory '%s' cannot be read: %s", path,
                         strerror(errno));
    bool well = true;
    const struct dirent *entry;
    while (well && (entry = readdir(directory)) != NULL) {
        struct esco_name name;
        if (esco_parse_name(entry->d_name, &name))
            well = add_file(files, &name, entry->d_name, error);
    }
    closedir(directory);
    if (well && files->count > 0)
        qsort(files->items, files->count, sizeof(*files->items), compare_files);
    return well && refuse_doubles(files, error);
}

static bool read_file(struct esco *esco, const char *path, const struct found_file *found,
                      struct error *error)
{
    char whole[PATH_BYTES];
    int length = snprintf(whole, sizeof(whole), "%s/%s", path, found->file_name);
    FILE *file = length < PATH_BYTES ? fopen(whole, "rb") : NULL;
    if (!file)
        return error_set(error, ERROR_NOT_FOUND, "file '%s' cannot be opened: %s", found->file_name,
                         strerror(errno));
    bool well = esco_read(esco, &found->name, file, error);
    fclose(file);
    if (!well)
        csv_name_file(error, found->file_name);
    return well;
}

static bool read_files(struct esco *esco, const char *path, const struct found_files *files,
                       unsigned *missing, struct error *error)
{
    *missing = (1u << ESCO_KIND_COUNT) - 1;
    for (size_t i = 0; i < files->count; i++)
        *missing &= ~(1u << files->items[i].name.kind);
    if (*missing & 1u << ESCO_SKILLS)
        return error_set(error, ERROR_NOT_FOUND, "directory '%s' has no skills_<language>.csv",
                         path);
    for (size_t i = 0; i < files->count; i++)
        if (!read_file(esco, path, &files->items[i], error))
            return false;
    return esco_settle(esco, error);
}

struct esco *esco_read_directory(const char *path, unsigned *missing, struct error *error)
{
    struct found_files files = {0};
    struct esco *esco = esco_new();
    bool well =
        esco ? list_files(path, &files, error) && read_files(esco, path, &files, missing, error)
             : error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the import");
    memory_free(files.items);
    if (well)
        return esco;
    esco_free(esco);
    return NULL;
}
