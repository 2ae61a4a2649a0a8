/* A database whose table of contents (CURRENT, MANIFEST) is lost or damaged: made anew from its
 * tables and logs, by RocksDB's own repair, in a directory beside it. */
#ifndef HAIHE_STORE_REBUILD_H
#define HAIHE_STORE_REBUILD_H

#include "store/rocks.h"

/* Fills the new directory `to` with links to (or copies of) the files in `from`, which stay as they
 * are, and rebuilds it. False and an error; rebuild_remove cleans up in either case. */
bool rebuild_database(const struct rocks_setup *setup, const char *from, const char *to,
                      struct error *error);
/* Removes the directory and all in it; nothing when it is not there. */
void rebuild_remove(const char *directory);

#endif
