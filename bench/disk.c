/* See disk.h. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum { SETTLE_NAP_NS = 100000000, SETTLED_NAPS = 20 };

bool disk_make_directory(const char *parent, char out[DISK_PATH_LIMIT_BYTES], struct error *error)
{
    char absolute[PATH_MAX];
    if (mkdir(parent, 0777) != 0 && errno != EEXIST)
        return error_set(error, ERROR_UNAVAILABLE, "'%s' cannot be made: %s", parent,
                         strerror(errno));
    if (!realpath(parent, absolute))
        return error_set(error, ERROR_UNAVAILABLE, "'%s': %s", parent, strerror(errno));
    int length = snprintf(out, DISK_PATH_LIMIT_BYTES, "%s/haihe-bench-XXXXXX", absolute);
    if (length >= DISK_PATH_LIMIT_BYTES || !mkdtemp(out))
        return error_set(error, ERROR_UNAVAILABLE, "no directory below '%s': %s", parent,
                         strerror(errno));
    return true;
}

typedef void visit_function(const FTSENT *file, void *context);

static void visit(const char *directory, visit_function *function, void *context)
{
    char *const roots[] = {(char *)directory, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *file;
    while (tree && (file = fts_read(tree)))
        function(file, context);
    if (tree)
        fts_close(tree);
}

static void remove_one(const FTSENT *file, void *context)
{
    (void)context;
    if (file->fts_info == FTS_DP)
        rmdir(file->fts_accpath);
    else if (file->fts_info != FTS_D)
        unlink(file->fts_accpath);
}

void disk_remove(const char *directory)
{
    visit(directory, remove_one, NULL);
}

static void add_one(const FTSENT *file, void *context)
{
    int64_t *bytes = context;
    if (file->fts_info == FTS_F)
        *bytes += (int64_t)file->fts_statp->st_blocks * 512;
}

int64_t disk_bytes(const char *directory)
{
    int64_t bytes = 0;
    visit(directory, add_one, &bytes);
    return bytes;
}

static void forget_one(const FTSENT *file, void *context)
{
    (void)context;
    int fd = file->fts_info == FTS_F ? open(file->fts_accpath, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    fdatasync(fd); /* only clean pages are given up */
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

void disk_forget(const char *directory)
{
    visit(directory, forget_one, NULL);
}

bool disk_drop_caches(void)
{
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
    bool dropped = fd >= 0 && write(fd, "3", 1) == 1;
    if (fd >= 0)
        close(fd);
    return dropped;
}

struct disk_traffic disk_traffic(void)
{
    char line[100];
    struct disk_traffic traffic = {0};
    FILE *file = fopen("/proc/self/io", "r");
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "read_bytes: %" SCNu64, &traffic.read_bytes);
        sscanf(line, "write_bytes: %" SCNu64, &traffic.written_bytes);
    }
    if (file)
        fclose(file);
    return traffic;
}

void disk_settle(void)
{
    const struct timespec nap = {.tv_nsec = SETTLE_NAP_NS};
    uint64_t before_bytes = disk_traffic().written_bytes;
    for (int quiet = 0; quiet < SETTLED_NAPS; quiet++) {
        nanosleep(&nap, NULL);
        uint64_t bytes = disk_traffic().written_bytes;
        if (bytes != before_bytes)
            quiet = 0;
        before_bytes = bytes;
    }
}
