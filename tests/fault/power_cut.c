/* Preloaded into a real haihed: keeps a journal of what a power cut could undo, and fails or kills
 * on demand. power.py makes of the journal, after the process was killed, what a disk could have
 * left.
 *
 *   POWER_CUT_DIRECTORY  what is below this absolute path is watched
 *   POWER_CUT_JOURNAL    appended to, BEFORE each operation; not below the directory
 *   POWER_CUT_GRAVEYARD  a directory of the same file system: what was unlinked, by inode number
 *   POWER_CUT_LIE=1      fsync and fdatasync say yes and settle nothing
 *   POWER_CUT_KILL=KIND:N:before|after|torn       SIGKILL at the N-th call of a kind
 *   POWER_CUT_FAIL=KIND:N:EIO|ENOSPC|SHORT:once|on   it fails, alone or with all that follow;
 * SHORT: a write takes half, the next has no space POWER_CUT_FAIL_FILE  the failing lasts only
 * while this file exists POWER_CUT_COUNTS     calls by kind, then failures, as u64, mapped:
 * readable at any time POWER_CUT_TRACE      a line and a backtrace for each kill, failure, and
 * abort
 *
 * Journal, little-endian: entries of `struct entry`, paths ("from\0to" where there are two), old
 * bytes. Sectors of 512 bytes are what a disk writes whole. One lock stands around each entry and
 * its operation; an fsync runs outside of it and settles what was journalled before it began. Only
 * absolute paths are watched, and no mapped writes: haihed and RocksDB use neither otherwise.
 */
#include "power_cut.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FD_LIMIT = 1 << 16 };

/* An open file or directory that is watched. */
struct file {
    uint64_t inode;
    int reader; /* of the same file, for its old bytes; -1: none */
    int is_directory;
    char path[];
};

static struct {
    const char *directory;
    size_t directory_bytes;
    int lies;
    pthread_mutex_t lock;
    struct file *files[FD_LIMIT];
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    int (*open)(const char *path, int flags, ...);
    int (*openat)(int directory, const char *path, int flags, ...);
    int (*close)(int fd);
    int (*fclose)(FILE *file);
    ssize_t (*write)(int fd, const void *data, size_t bytes);
    ssize_t (*pwrite)(int fd, const void *data, size_t bytes, off_t offset);
    ssize_t (*writev)(int fd, const struct iovec *parts, int count);
    int (*ftruncate)(int fd, off_t bytes);
    int (*fallocate)(int fd, int mode, off_t offset, off_t bytes);
    int (*posix_fallocate)(int fd, off_t offset, off_t bytes);
    int (*fsync)(int fd);
    int (*fdatasync)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*link)(const char *from, const char *to);
    int (*mkdir)(const char *path, mode_t mode);
    int (*rmdir)(const char *path);
    int (*dup)(int fd);
    int (*dup2)(int fd, int to);
    int (*dup3)(int fd, int to, int flags);
} real;

static void find_real(void)
{
    /* POSIX gives functions as object pointers here. */
#define FIND(name) (*(void **)&real.name = dlsym(RTLD_NEXT, #name))
    FIND(open), FIND(openat), FIND(close), FIND(fclose), FIND(write), FIND(pwrite), FIND(writev);
    FIND(ftruncate), FIND(fallocate), FIND(posix_fallocate), FIND(fsync), FIND(fdatasync);
    FIND(rename), FIND(unlink), FIND(link), FIND(mkdir), FIND(rmdir);
    FIND(dup), FIND(dup2), FIND(dup3);
#undef FIND
}

__attribute__((constructor)) static void begin(void)
{
    find_real();
    state.directory = getenv("POWER_CUT_DIRECTORY");
    if (!state.directory)
        return;
    state.directory_bytes = strlen(state.directory);
    state.lies = getenv("POWER_CUT_LIE") && strcmp(getenv("POWER_CUT_LIE"), "1") == 0;
    faults_begin();
    journal_begin(real.link);
}

/* --- What is watched -------------------------------------------------------------------------- */

/* Without doubled and closing slashes, when it is below the directory or is it. */
static int watched_path(const char *path, char out[4096])
{
    size_t length = 0;
    if (!state.directory || !path || path[0] != '/' || strlen(path) >= 4096)
        return 0;
    for (const char *at = path; *at; at++)
        if (*at != '/' || length == 0 || out[length - 1] != '/')
            out[length++] = *at;
    while (length > 1 && out[length - 1] == '/')
        length--;
    out[length] = '\0';
    return strncmp(out, state.directory, state.directory_bytes) == 0 &&
           (out[state.directory_bytes] == '/' || out[state.directory_bytes] == '\0');
}

static void forget(int fd)
{
    if (fd < 0 || fd >= FD_LIMIT || !state.files[fd])
        return;
    if (state.files[fd]->reader >= 0)
        syscall(SYS_close, state.files[fd]->reader);
    free(state.files[fd]);
    state.files[fd] = NULL;
}

/* The file of a descriptor, and its size; NULL when it is not watched. */
static struct file *find(int fd, uint64_t *size)
{
    struct stat status;
    if (fd < 0 || fd >= FD_LIMIT || !state.files[fd])
        return NULL;
    if (fstat(fd, &status) != 0 || status.st_ino != state.files[fd]->inode) {
        forget(fd); /* closed without our knowing */
        return NULL;
    }
    *size = (uint64_t)status.st_size;
    return state.files[fd];
}

static void remember(int fd, const char *path)
{
    struct stat status;
    char name[64], place[4096];
    if (fd < 0 || fd >= FD_LIMIT || fstat(fd, &status) != 0)
        return;
    forget(fd);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t place_bytes = S_ISDIR(status.st_mode) ? readlink(name, place, sizeof place - 1) : -1;
    if (place_bytes > 0) { /* "data/.." is known by its own name */
        place[place_bytes] = '\0';
        path = place;
    }
    struct file *file = malloc(sizeof *file + strlen(path) + 1);
    if (!file)
        _exit(99);
    *file = (struct file){
        .inode = status.st_ino, .reader = -1, .is_directory = S_ISDIR(status.st_mode)};
    strcpy(file->path, path);
    if (!file->is_directory)
        file->reader = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    state.files[fd] = file;
}

static int may_be_watched(int fd)
{
    return fd >= 0 && fd < FD_LIMIT && state.directory && state.files[fd];
}

/* Before [offset, end) of it changes. */
static void put_change_of(const struct file *file, uint64_t size, uint64_t offset, uint64_t end)
{
    journal_put_change(file->reader, (struct entry){.inode = file->inode, .size = size}, file->path,
                       offset, end);
}

static void lock(void)
{
    pthread_mutex_lock(&state.lock);
}

static void unlock(void)
{
    int error = errno;
    pthread_mutex_unlock(&state.lock);
    errno = error;
}

/* Ends a call that was judged: `result` of it, or death. */
static long end(const struct verdict *verdict, enum kind kind, const char *path, long result)
{
    if (verdict->kill != NEVER)
        faults_die(kind, path);
    unlock();
    return result;
}

static long fail(const struct verdict *verdict)
{
    unlock();
    errno = verdict->error;
    return -1;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static int open_watched(const char *path, int flags, mode_t mode)
{
    struct stat status;
    lock();
    int exists = stat(path, &status) == 0, creates = !exists && flags & O_CREAT;
    struct verdict verdict = faults_judge(OPEN, path, creates);
    if (verdict.error)
        return (int)fail(&verdict);
    if (creates)
        journal_put((struct entry){.kind = ENTRY_CREATE}, path);
    if (exists && flags & O_TRUNC && status.st_size > 0) {
        int reader = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        journal_put_change(reader,
                           (struct entry){.inode = status.st_ino, .size = (uint64_t)status.st_size},
                           path, 0, (uint64_t)status.st_size);
        syscall(SYS_close, reader);
    }
    int fd = real.open(path, flags, mode);
    if (fd >= 0)
        remember(fd, path);
    return (int)end(&verdict, OPEN, path, fd);
}

static mode_t mode_of(int flags, va_list *more)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(*more, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    char name[4096];
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, &more);
    va_end(more);
    if (!real.open)
        find_real();
    return watched_path(path, name) ? open_watched(name, flags, mode)
                                    : real.open(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    char name[4096];
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, &more);
    va_end(more);
    if (!real.openat)
        find_real();
    return watched_path(path, name) ? open_watched(name, flags, mode)
                                    : real.openat(directory, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int close(int fd)
{
    if (!may_be_watched(fd))
        return real.close ? real.close(fd) : (int)syscall(SYS_close, fd);
    lock();
    forget(fd);
    int result = real.close(fd);
    unlock();
    return result;
}

/* RocksDB reads through stdio, which closes by itself. */
int fclose(FILE *file)
{
    int fd = file ? fileno(file) : -1;
    if (!may_be_watched(fd))
        return real.fclose(file);
    lock();
    forget(fd);
    int result = real.fclose(file);
    unlock();
    return result;
}

static int duplicated(int from, int to)
{
    if (to < 0 || to == from || !may_be_watched(from))
        return to;
    lock();
    if (state.files[from])
        remember(to, state.files[from]->path);
    unlock();
    return to;
}

int dup(int fd)
{
    return duplicated(fd, real.dup(fd));
}

int dup2(int fd, int to)
{
    return duplicated(fd, real.dup2(fd, to));
}

int dup3(int fd, int to, int flags)
{
    return duplicated(fd, real.dup3(fd, to, flags));
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Where a write without an offset goes. */
static uint64_t place_of(int fd, uint64_t size)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && flags & O_APPEND ? size : (uint64_t)lseek(fd, 0, SEEK_CUR);
}

/* offset < 0: where the file stands. */
static ssize_t write_watched(int fd, const void *data, size_t bytes, off_t offset)
{
    uint64_t size;
    lock();
    struct file *file = find(fd, &size);
    if (!file) {
        unlock();
        return offset < 0 ? real.write(fd, data, bytes) : real.pwrite(fd, data, bytes, offset);
    }
    struct verdict verdict = faults_judge(WRITE, file->path, 1);
    if (verdict.error)
        return fail(&verdict);
    uint64_t at = offset < 0 ? place_of(fd, size) : (uint64_t)offset;
    if (verdict.is_short || verdict.kill == TORN)
        bytes = (bytes + 1) / 2;
    put_change_of(file, size, at, at + bytes);
    ssize_t result =
        offset < 0 ? real.write(fd, data, bytes) : real.pwrite(fd, data, bytes, offset);
    return end(&verdict, WRITE, file->path, result);
}

ssize_t write(int fd, const void *data, size_t bytes)
{
    if (!may_be_watched(fd))
        return real.write ? real.write(fd, data, bytes) : syscall(SYS_write, fd, data, bytes);
    return write_watched(fd, data, bytes, -1);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    return may_be_watched(fd) ? write_watched(fd, data, bytes, offset)
                              : real.pwrite(fd, data, bytes, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off_t offset)
    __attribute__((alias("pwrite")));

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    size_t bytes = 0;
    if (!may_be_watched(fd))
        return real.writev(fd, parts, count);
    for (int i = 0; i < count; i++)
        bytes += parts[i].iov_len;
    char *whole = malloc(bytes + 1), *at = whole;
    for (int i = 0; i < count; i++)
        at = mempcpy(at, parts[i].iov_base, parts[i].iov_len);
    ssize_t result = write_watched(fd, whole, bytes, -1);
    free(whole);
    return result;
}

int ftruncate(int fd, off_t bytes)
{
    uint64_t size;
    if (!may_be_watched(fd))
        return real.ftruncate(fd, bytes);
    lock();
    struct file *file = find(fd, &size);
    if (!file) {
        unlock();
        return real.ftruncate(fd, bytes);
    }
    struct verdict verdict = faults_judge(TRUNCATE, file->path, 0);
    if (verdict.error)
        return (int)fail(&verdict);
    uint64_t to = (uint64_t)bytes;
    if (to != size)
        put_change_of(file, size, to < size ? to : size, to < size ? size : to);
    return (int)end(&verdict, TRUNCATE, file->path, real.ftruncate(fd, bytes));
}

int ftruncate64(int fd, off_t bytes) __attribute__((alias("ftruncate")));

/* Changes the size alone, or nothing that can be seen. */
int fallocate(int fd, int mode, off_t offset, off_t bytes)
{
    uint64_t size;
    if (!may_be_watched(fd))
        return real.fallocate(fd, mode, offset, bytes);
    lock();
    struct file *file = find(fd, &size);
    if (!file) {
        unlock();
        return real.fallocate(fd, mode, offset, bytes);
    }
    struct verdict verdict = faults_judge(ALLOCATE, file->path, 1);
    if (verdict.error)
        return (int)fail(&verdict);
    uint64_t to = (uint64_t)offset + (uint64_t)bytes;
    if (mode & FALLOC_FL_PUNCH_HOLE ? (uint64_t)offset < size
                                    : !(mode & FALLOC_FL_KEEP_SIZE) && to > size)
        put_change_of(file, size, (uint64_t)offset, to);
    return (int)end(&verdict, ALLOCATE, file->path, real.fallocate(fd, mode, offset, bytes));
}

int fallocate64(int fd, int mode, off_t offset, off_t bytes) __attribute__((alias("fallocate")));

int posix_fallocate(int fd, off_t offset, off_t bytes)
{
    if (!may_be_watched(fd))
        return real.posix_fallocate(fd, offset, bytes);
    return fallocate(fd, 0, offset, bytes) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off_t offset, off_t bytes) __attribute__((alias("posix_fallocate")));

/* --- Syncing ---------------------------------------------------------------------------------- */

static void put_sync(int fd, uint64_t mark, int succeeded)
{
    uint64_t size;
    struct file *file = find(fd, &size);
    struct entry entry = {.kind = succeeded ? ENTRY_SYNC : ENTRY_SYNC_FAILED, .mark = mark};
    if (!file || (file->is_directory && !succeeded))
        return;
    entry.inode = file->inode;
    if (file->is_directory)
        entry.kind = ENTRY_SYNC_DIRECTORY;
    journal_put(entry, file->path);
}

static int sync_watched(int fd, int (*sync_it)(int fd))
{
    uint64_t size;
    lock();
    struct file *file = find(fd, &size);
    if (!file) {
        unlock();
        return sync_it(fd);
    }
    struct verdict verdict = faults_judge(FSYNC, file->path, 0);
    if (verdict.error) {
        put_sync(fd, journal_bytes(), 0);
        return (int)fail(&verdict);
    }
    if (state.lies)
        return (int)end(&verdict, FSYNC, file->path, 0);
    uint64_t mark = journal_bytes();
    unlock();
    int result = sync_it(fd);
    lock();
    put_sync(fd, mark, result == 0);
    return (int)end(&verdict, FSYNC, "", result);
}

int fsync(int fd)
{
    return may_be_watched(fd) ? sync_watched(fd, real.fsync) : real.fsync(fd);
}

int fdatasync(int fd)
{
    return may_be_watched(fd) ? sync_watched(fd, real.fdatasync) : real.fdatasync(fd);
}

/* --- Directories ------------------------------------------------------------------------------ */

/* 0: there is none. */
static uint64_t inode_of(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

int rename(const char *old, const char *new)
{
    char from[4096], to[4096];
    if (!watched_path(old, from) || !watched_path(new, to))
        return real.rename(old, new);
    lock();
    struct verdict verdict = faults_judge(RENAME, to, 1);
    if (verdict.error)
        return (int)fail(&verdict);
    uint64_t replaced = inode_of(to);
    if (replaced)
        journal_bury(to, replaced);
    journal_put_two((struct entry){.kind = ENTRY_RENAME, .inode = inode_of(from), .mark = replaced},
                    from, to);
    return (int)end(&verdict, RENAME, to, real.rename(from, to));
}

int unlink(const char *path)
{
    char name[4096];
    if (!watched_path(path, name))
        return real.unlink(path);
    lock();
    struct verdict verdict = faults_judge(UNLINK, name, 0);
    if (verdict.error)
        return (int)fail(&verdict);
    uint64_t inode = inode_of(name);
    if (inode) {
        journal_bury(name, inode);
        journal_put((struct entry){.kind = ENTRY_UNLINK, .inode = inode}, name);
    }
    return (int)end(&verdict, UNLINK, name, real.unlink(name));
}

int link(const char *old, const char *new)
{
    char from[4096], to[4096];
    if (!watched_path(old, from) || !watched_path(new, to))
        return real.link(old, new);
    lock();
    struct verdict verdict = faults_judge(LINK, to, 1);
    if (verdict.error)
        return (int)fail(&verdict);
    if (!inode_of(to))
        journal_put_two((struct entry){.kind = ENTRY_LINK, .inode = inode_of(from)}, from, to);
    return (int)end(&verdict, LINK, to, real.link(from, to));
}

int mkdir(const char *path, mode_t mode)
{
    char name[4096];
    if (!watched_path(path, name))
        return real.mkdir(path, mode);
    lock();
    struct verdict verdict = faults_judge(MKDIR, name, 1);
    if (verdict.error)
        return (int)fail(&verdict);
    if (!inode_of(name))
        journal_put((struct entry){.kind = ENTRY_MKDIR}, name);
    return (int)end(&verdict, MKDIR, name, real.mkdir(name, mode));
}

int rmdir(const char *path)
{
    char name[4096];
    if (!watched_path(path, name))
        return real.rmdir(path);
    lock();
    if (inode_of(name))
        journal_put((struct entry){.kind = ENTRY_RMDIR}, name);
    int result = real.rmdir(name);
    unlock();
    return result;
}
