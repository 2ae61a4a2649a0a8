/* See rebuild.h. RocksDB's repair reads files and writes new ones; it changes none in place, so
 * links will do where the file system has them. */
#include "store/rebuild.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

enum { PATH_LIMIT_BYTES = 4096, WALK_DESCRIPTORS = 16, PIECE_BYTES = 1 << 30 };

static bool fail(const char *path, struct error *error)
{
    return error_set(error, ERROR_UNAVAILABLE, "'%s': %s", path, strerror(errno));
}

static bool copy_file(const char *from, const char *to, struct error *error)
{
    ssize_t sent = -1;
    int source = open(from, O_RDONLY | O_CLOEXEC);
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (source >= 0 && target >= 0) {
        do
            sent = sendfile(target, source, NULL, PIECE_BYTES);
        while (sent > 0);
    }
    bool is_copied = sent == 0 || fail(target < 0 ? to : from, error);
    if (source >= 0)
        close(source);
    if (target >= 0)
        close(target);
    return is_copied;
}

static bool take_file(const char *from, const char *to, struct error *error)
{
    return link(from, to) == 0 || copy_file(from, to, error);
}

static bool take_all(DIR *listing, const char *from, const char *to, struct error *error)
{
    char source[PATH_LIMIT_BYTES], target[PATH_LIMIT_BYTES];
    for (struct dirent *entry; (entry = readdir(listing));) {
        struct str name = str_of(entry->d_name);
        if (name.data[0] == '.' || str_equal(name, STR("LOCK")))
            continue;
        if (snprintf(source, sizeof source, "%s/%s", from, name.data) >= (int)sizeof source ||
            snprintf(target, sizeof target, "%s/%s", to, name.data) >= (int)sizeof target)
            return error_set(error, ERROR_INVALID_ARGUMENT, "'%s' is too long a path", to);
        if (!take_file(source, target, error))
            return false;
    }
    return true;
}

bool rebuild_database(const struct rocks_setup *setup, const char *from, const char *to,
                      struct error *error)
{
    char *message = NULL;
    if (mkdir(to, 0700) != 0)
        return fail(to, error);
    DIR *listing = opendir(from);
    if (!listing)
        return fail(from, error);
    bool taken = take_all(listing, from, to, error);
    closedir(listing);
    if (!taken)
        return false;
    rocksdb_repair_db(setup->options[FAMILY_META], to, &message);
    return !message || rocks_fail(message, "rebuilt", error);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void rebuild_remove(const char *directory)
{
    nftw(directory, remove_one, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}
