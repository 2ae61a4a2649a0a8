/* Taxonomy files on disk: read into memory, loaded, written. Thread: the caller's. */
#ifndef HAIHE_HAIHECTL_TAXONOMY_FILES_H
#define HAIHE_HAIHECTL_TAXONOMY_FILES_H

#include "base/buffer.h"
#include "model/taxonomy.h"

/* As the daemon's own limit for such a file. */
enum { TAXONOMY_FILE_LIMIT_BYTES = 256 * 1024 * 1024, TAXONOMY_PATH_BYTES = 4096 };

struct taxonomy_paths {
    char skills[TAXONOMY_PATH_BYTES];
    char occupations[TAXONOMY_PATH_BYTES]; /* "" = none */
};

/* One or two paths: a directory with skills.csv and, if there is one, occupations.csv; or the file
 * of skills, and the file of occupations. False with an error when they cannot be that. */
bool taxonomy_paths_parse(char *const *paths, size_t count, struct taxonomy_paths *out,
                          struct error *error);
/* NULL and an error that names the file. */
struct taxonomy *taxonomy_paths_load(const struct taxonomy_paths *paths, struct error *error);
/* Replaces the file at once or not at all. */
bool taxonomy_file_write(const char *path, struct str content, struct error *error);

#endif
