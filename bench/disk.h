/* Directories on disk: made, measured, forgotten by the page cache, removed. Thread: any. */
#ifndef HAIHE_BENCH_DISK_H
#define HAIHE_BENCH_DISK_H

#include <stdint.h>

#include "base/error.h"

enum { DISK_PATH_LIMIT_BYTES = 1024 };

/* A new directory below `parent`, which is made when it is missing. */
bool disk_make_directory(const char *parent, char out[DISK_PATH_LIMIT_BYTES], struct error *error);
/* With all that is in it. */
void disk_remove(const char *directory);
/* What its files take on disk. */
int64_t disk_bytes(const char *directory);
/* Asks the kernel to keep nothing of the files in memory, which were written back before. */
void disk_forget(const char *directory);
/* The same of everything, which root may: true when it worked. */
bool disk_drop_caches(void);
/* What this process has read from disks and written to them (/proc/self/io); 0 when not known. */
struct disk_traffic {
    uint64_t read_bytes, written_bytes;
};
struct disk_traffic disk_traffic(void);
/* Returns when this process has written nothing for two seconds: compactions are through. */
void disk_settle(void);

#endif
