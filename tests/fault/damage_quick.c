/* Calls of the C library that cost a case much of its time and decide nothing here, where the power
 * stays on: making files durable; reserving room for them (35 MB of zeroes for each log, where
 * files are kept in memory); the second that RocksDB rests after a compaction that failed. The
 * program's own functions come before the library's, for RocksDB too.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

int fsync(int fd)
{
    return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

int sync_file_range(int fd, off64_t offset, off64_t count, unsigned int flags)
{
    (void)offset, (void)count, (void)flags;
    return fsync(fd);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    (void)mode, (void)offset, (void)length;
    return fsync(fd);
}

int usleep(useconds_t wait_us)
{
    const struct timespec nap = {.tv_nsec = (wait_us < 1000 ? (long)wait_us : 1000) * 1000};
    return nanosleep(&nap, NULL);
}
