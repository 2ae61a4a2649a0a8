/* See tables.h. Of a table (BlockBasedTable, format version 5):
 *
 *   .. | properties [ .. | restart count u32 ] | trailer | index of blocks | .. | footer
 *
 * The bit is the highest of the restart count. The trailer has 5 bytes. The footer has 53: the
 * kind of checksums, a byte, and then, as a varint, where the index of blocks begins.
 */
#include "store/tables.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#include "base/banned.h"

enum { FOOTER_BYTES = 53, TRAILER_BYTES = 5, VARINT_LIMIT_BYTES = 10, HASH_INDEX_BIT = 0x80 };

/* The varint behind the footer's first byte; false when it is none. */
static bool read_place(const unsigned char footer[FOOTER_BYTES], uint64_t *place)
{
    *place = 0;
    for (size_t i = 0; i < VARINT_LIMIT_BYTES; i++) {
        unsigned char byte = footer[1 + i];
        *place |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* True also for what is no table at all: that is RocksDB's to say. */
static bool is_safe(int fd)
{
    unsigned char footer[FOOTER_BYTES], end = 0;
    uint64_t place;
    struct stat status;
    bool is_table =
        fstat(fd, &status) == 0 && status.st_size > FOOTER_BYTES &&
        pread(fd, footer, FOOTER_BYTES, status.st_size - FOOTER_BYTES) == FOOTER_BYTES &&
        read_place(footer, &place) && place > TRAILER_BYTES && place < (uint64_t)status.st_size &&
        pread(fd, &end, 1, (off_t)place - TRAILER_BYTES - 1) == 1;
    return !is_table || !(end & HASH_INDEX_BIT);
}

static bool check_table(int directory_fd, const char *name, struct error *error)
{
    int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true; /* RocksDB will say why, if it needs it */
    bool safe = is_safe(fd);
    close(fd);
    return safe ||
           error_set(error, ERROR_DATA_LOSS, "table '%s': its properties are damaged", name);
}

bool tables_check(const char *directory, struct error *error)
{
    bool is_safe_so_far = true;
    DIR *listing = opendir(directory);
    for (struct dirent *entry; listing && is_safe_so_far && (entry = readdir(listing));) {
        const char *suffix = strrchr(entry->d_name, '.');
        if (suffix && str_equal(str_of(suffix), STR(".sst")))
            is_safe_so_far = check_table(dirfd(listing), entry->d_name, error);
    }
    if (listing)
        closedir(listing);
    return is_safe_so_far;
}
