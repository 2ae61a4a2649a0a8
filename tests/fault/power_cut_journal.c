/* See power_cut.h. */
#include "power_cut.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512 };

static struct {
    int fd; /* -1: none */
    uint64_t bytes;
    const char *graveyard;
    int (*link_it)(const char *from, const char *to);
} journal = {.fd = -1};

void journal_begin(int (*link_it)(const char *from, const char *to))
{
    journal.link_it = link_it;
    journal.graveyard = getenv("POWER_CUT_GRAVEYARD");
    journal.fd = faults_open_to_append(getenv("POWER_CUT_JOURNAL"));
    if (journal.fd >= 0)
        journal.bytes = (uint64_t)lseek(journal.fd, 0, SEEK_END);
}

uint64_t journal_bytes(void)
{
    return journal.bytes;
}

static void put_entry(struct entry entry, const char *path, size_t path_bytes, const void *data)
{
    struct iovec parts[] = {{&entry, sizeof entry},
                            {(void *)(uintptr_t)path, path_bytes},
                            {(void *)(uintptr_t)data, entry.data_bytes}};
    entry.path_bytes = (uint32_t)path_bytes;
    entry.bytes = (uint32_t)(sizeof entry + path_bytes + entry.data_bytes);
    if (journal.fd < 0)
        return;
    if (syscall(SYS_writev, journal.fd, parts, 3) != (long)entry.bytes) {
        dprintf(2, "power_cut: the journal cannot be written: %s\n", strerror(errno));
        _exit(99);
    }
    journal.bytes += entry.bytes;
}

void journal_put(struct entry entry, const char *path)
{
    put_entry(entry, path, strlen(path), NULL);
}

void journal_put_two(struct entry entry, const char *from, const char *to)
{
    char both[8192];
    int bytes = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
    put_entry(entry, both, (size_t)bytes, NULL);
}

static uint64_t floor_sector(uint64_t offset)
{
    return offset / SECTOR_BYTES * SECTOR_BYTES;
}

void journal_put_change(int reader, struct entry file, const char *path, uint64_t offset,
                        uint64_t end)
{
    uint64_t first = floor_sector(offset), last = floor_sector(end + SECTOR_BYTES - 1);
    uint64_t held = last < file.size ? last : file.size;
    size_t bytes = held > first ? held - first : 0, got = 0;
    char *old = bytes ? malloc(bytes) : NULL;
    while (got < bytes) {
        ssize_t more = pread(reader, old + got, bytes - got, (off_t)(first + got));
        if (more <= 0) {
            dprintf(2, "power_cut: cannot read %s: %s\n", path, strerror(errno));
            _exit(99);
        }
        got += (size_t)more;
    }
    put_entry((struct entry){.kind = ENTRY_CHANGE,
                             .inode = file.inode,
                             .offset = first,
                             .touched = last - first,
                             .size = file.size,
                             .data_bytes = (uint32_t)bytes},
              path, strlen(path), old);
    free(old);
}

void journal_bury(const char *path, uint64_t inode)
{
    char grave[4096];
    if (!journal.graveyard)
        return;
    snprintf(grave, sizeof grave, "%s/%llu", journal.graveyard, (unsigned long long)inode);
    journal.link_it(path, grave);
}
