/* See mark.h. */
#include "store/mark.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/str.h"

#include "base/banned.h"

static const char MAGIC[16] = "haihe-store-1\n";

enum { PATH_LIMIT_BYTES = 4096 };

struct sector {
    char magic[sizeof MAGIC];
    uint64_t sequence; /* little-endian, as the next two */
    uint64_t write_count;
    uint64_t hash; /* of what is before it */
    char rest[MARK_BYTES - sizeof MAGIC - 24];
};
static_assert(sizeof(struct sector) == MARK_BYTES, "a mark is a sector");

static struct sector make_sector(uint64_t sequence, uint64_t write_count)
{
    struct sector sector = {.sequence = htole64(sequence), .write_count = htole64(write_count)};
    memcpy(sector.magic, MAGIC, sizeof MAGIC);
    sector.hash = htole64(XXH3_64bits(&sector, offsetof(struct sector, hash)));
    return sector;
}

static bool path_of(const char *directory, char path[PATH_LIMIT_BYTES], struct error *error)
{
    if (snprintf(path, PATH_LIMIT_BYTES, "%s/MARK", directory) < PATH_LIMIT_BYTES)
        return true;
    return error_field(error, "too_long", "data-dir", directory, "is too long a path");
}

static bool fail(const char *directory, const char *what, struct error *error)
{
    return error_set(error, ERROR_UNAVAILABLE, "store '%s': MARK cannot be %s: %s", directory, what,
                     strerror(errno));
}

static bool lock(int fd, const char *directory, struct error *error)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return error_set(error, ERROR_FAILED_PRECONDITION,
                         "store '%s': is in use by another process", directory);
    return fail(directory, "locked", error);
}

bool mark_exists(const char *directory)
{
    char path[PATH_LIMIT_BYTES];
    return path_of(directory, path, NULL) && access(path, F_OK) == 0;
}

static bool read_sector(const char *directory, struct mark *mark, struct error *error)
{
    int fd = mark->fd;
    struct sector sector;
    char beyond;
    ssize_t got = pread(fd, &sector, sizeof sector, 0);
    if (got < 0)
        return fail(directory, "read", error);
    mark->sequence = le64toh(sector.sequence);
    mark->write_count = le64toh(sector.write_count);
    struct sector sound = make_sector(mark->sequence, mark->write_count);
    if (got != sizeof sector || memcmp(&sector, &sound, sizeof sector) != 0 ||
        pread(fd, &beyond, 1, MARK_BYTES) != 0)
        return error_set(error, ERROR_DATA_LOSS,
                         "store '%s': MARK is damaged: it is not as it was written", directory);
    return true;
}

bool mark_open(struct mark *out, const char *directory, bool read_only, struct error *error)
{
    char path[PATH_LIMIT_BYTES];
    if (!path_of(directory, path, error))
        return false;
    int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return error_set(error, ERROR_FAILED_PRECONDITION, "store '%s': there is none (no MARK)",
                         directory);
    if (fd < 0)
        return fail(directory, "opened", error);
    *out = (struct mark){.fd = fd};
    if (lock(fd, directory, error) && read_sector(directory, out, error))
        return true;
    close(fd);
    return false;
}

/* So that the file's name outlives a power cut. */
static bool sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return is_synced;
}

bool mark_sync_names(const char *directory, struct error *error)
{
    char parent[PATH_LIMIT_BYTES];
    if (snprintf(parent, sizeof parent, "%s/..", directory) >= (int)sizeof parent)
        return error_field(error, "too_long", "data-dir", directory, "is too long a path");
    if (!sync_directory(directory) || (!sync_directory(parent) && errno != EACCES))
        return fail(directory, "made durable by name", error);
    return true;
}

/* Whole, or an errno. */
static bool write_sector(int fd, const struct sector *sector)
{
    ssize_t written = pwrite(fd, sector, sizeof *sector, 0);
    if (written >= 0 && written < (ssize_t)sizeof *sector)
        errno = ENOSPC;
    return written == sizeof *sector;
}

bool mark_create(struct mark *out, const char *directory, uint64_t sequence, uint64_t write_count,
                 struct error *error)
{
    char path[PATH_LIMIT_BYTES], temporary[PATH_LIMIT_BYTES + 4];
    struct sector sector = make_sector(sequence, write_count);
    if (!path_of(directory, path, error))
        return false;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    int fd = open(temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(directory, "made", error);
    *out = (struct mark){.fd = fd, .sequence = sequence, .write_count = write_count};
    if (lock(fd, directory, error)) {
        if (ftruncate(fd, 0) == 0 && write_sector(fd, &sector) && fsync(fd) == 0 &&
            rename(temporary, path) == 0 && sync_directory(directory))
            return true;
        fail(directory, "written", error);
    }
    close(fd);
    return false;
}

void mark_advance(struct mark *mark, uint64_t sequence, uint64_t write_count)
{
    struct sector sector = make_sector(sequence, write_count);
    bool is_first = mark->write_count == 0;
    if (!write_sector(mark->fd, &sector))
        return;
    if (is_first) /* or a power cut soon after would leave a store that looks never used */
        fdatasync(mark->fd);
    mark->sequence = sequence;
    mark->write_count = write_count;
}

void mark_close(struct mark *mark)
{
    fdatasync(mark->fd);
    close(mark->fd);
    mark->fd = -1;
}
