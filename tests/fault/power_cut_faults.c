/* See power_cut.h. */
#include "power_cut.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAME_LIMIT = 48 };

static const char *const KIND_NAMES[KIND_COUNT] = {
#define X(name, text) text,
    KINDS(X)
#undef X
};

static struct {
    const char *fail_file;
    int trace;
    struct {
        enum kind kind;
        uint64_t number;
        enum when when;
    } kill;
    struct {
        enum kind kind;
        uint64_t number; /* 0: none */
        int error;
        int is_short, goes_on;
    } fail;
} told = {.trace = -1};

static _Atomic uint64_t own_counts[KIND_COUNT + 1];
static _Atomic uint64_t *counts = own_counts;

static enum kind kind_of(const char *name)
{
    enum kind kind = WRITE;
    while (kind < KIND_COUNT && strcmp(KIND_NAMES[kind], name) != 0)
        kind++;
    return kind;
}

static void read_kill(const char *text)
{
    char kind[16], when[16];
    unsigned long long number;
    if (!text || sscanf(text, "%15[^:]:%llu:%15s", kind, &number, when) != 3)
        return;
    told.kill.kind = kind_of(kind);
    told.kill.number = number;
    told.kill.when = when[0] == 'b' ? BEFORE : when[0] == 't' ? TORN : AFTER;
}

static void read_fail(const char *text)
{
    char kind[16], error[16], how[16];
    unsigned long long number;
    if (!text || sscanf(text, "%15[^:]:%llu:%15[^:]:%15s", kind, &number, error, how) != 4)
        return;
    told.fail.kind = kind_of(kind);
    told.fail.number = number;
    told.fail.is_short = strcmp(error, "SHORT") == 0;
    told.fail.error = strcmp(error, "EIO") == 0 ? EIO : ENOSPC;
    told.fail.goes_on = strcmp(how, "on") == 0;
}

int faults_open_to_append(const char *path)
{
    return path ? (int)syscall(SYS_openat, AT_FDCWD, path,
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
                : -1;
}

static void map_counts(const char *path)
{
    int fd =
        path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    if (syscall(SYS_ftruncate, fd, sizeof own_counts) == 0) {
        void *mapped = mmap(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapped != MAP_FAILED)
            counts = mapped;
    }
    syscall(SYS_close, fd);
}

static void put_backtrace(void)
{
    void *frames[FRAME_LIMIT];
    backtrace_symbols_fd(frames, backtrace(frames, FRAME_LIMIT), told.trace);
}

static void put_signal(int number)
{
    if (told.trace >= 0) {
        dprintf(told.trace, "SIGNAL %d\n", number);
        put_backtrace();
    }
    signal(number, SIG_DFL);
    raise(number);
}

void faults_begin(void)
{
    void *frame;
    told.fail_file = getenv("POWER_CUT_FAIL_FILE");
    read_kill(getenv("POWER_CUT_KILL"));
    read_fail(getenv("POWER_CUT_FAIL"));
    map_counts(getenv("POWER_CUT_COUNTS"));
    told.trace = faults_open_to_append(getenv("POWER_CUT_TRACE"));
    if (told.trace >= 0) {
        backtrace(&frame, 1); /* loads what it needs, now that nothing is wrong */
        signal(SIGABRT, put_signal);
        signal(SIGSEGV, put_signal);
    }
}

static void note(const char *what, enum kind kind, uint64_t number, const char *path)
{
    if (told.trace < 0)
        return;
    dprintf(told.trace, "%s %s %llu %s\n", what, KIND_NAMES[kind], (unsigned long long)number,
            path);
    put_backtrace();
}

static int trouble_is_on(void)
{
    return !told.fail_file || syscall(SYS_access, told.fail_file, F_OK) == 0;
}

static struct verdict fail_or_pass(enum kind kind, uint64_t number, const char *path)
{
    struct verdict verdict = {0};
    uint64_t first = told.fail.number, behind = number - first;
    uint64_t length = told.fail.is_short && kind == WRITE ? 2 : 1; /* the short one, and the next */
    if (first == 0 || kind != told.fail.kind || number < first ||
        (!told.fail.goes_on && behind >= length) || !trouble_is_on())
        return verdict;
    verdict.is_short = length == 2 && behind == 0;
    verdict.error = verdict.is_short ? 0 : told.fail.error;
    if (behind == 0)
        note("FAIL", kind, number, path);
    atomic_fetch_add(&counts[KIND_COUNT], 1);
    return verdict;
}

void faults_die(enum kind kind, const char *path)
{
    note("KILL", kind, told.kill.number, path);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static uint64_t count(enum kind kind)
{
    return atomic_fetch_add(&counts[kind], 1) + 1;
}

struct verdict faults_judge(enum kind kind, const char *path, int takes_space)
{
    uint64_t number = count(kind);
    struct verdict verdict = fail_or_pass(kind, number, path);
    if (takes_space && !verdict.error)
        verdict.error = fail_or_pass(SPACE, count(SPACE), path).error;
    if (!takes_space && verdict.error == ENOSPC)
        verdict.error = 0; /* no file system says so */
    if (told.kill.when == NEVER || told.kill.kind != kind || told.kill.number != number)
        return verdict;
    if (told.kill.when == BEFORE)
        faults_die(kind, path);
    verdict.kill = told.kill.when;
    return verdict;
}
