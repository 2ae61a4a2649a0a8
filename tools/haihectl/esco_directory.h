/* A directory with the Commission's files, read in the order that esco.h asks for.
 * Thread: the caller's. */
#ifndef HAIHE_HAIHECTL_ESCO_DIRECTORY_H
#define HAIHE_HAIHECTL_ESCO_DIRECTORY_H

#include "haihectl/esco.h"

/* Reads and settles. NULL and an error that names the file when something is wrong or no file of
 * skills is there. `missing` has a bit (1 << kind) for every kind of file that is not there. */
struct esco *esco_read_directory(const char *path, unsigned *missing, struct error *error);

#endif
