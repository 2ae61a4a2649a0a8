/* See machine.h. */
#include "machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

/* The first line of a command's output as a value; "unknown" when there is none. */
static void print_command(const char *name, const char *command)
{
    char line[200] = "";
    FILE *pipe = popen(command, "r");
    if (pipe) {
        if (!fgets(line, sizeof line, pipe))
            line[0] = '\0';
        pclose(pipe);
    }
    line[strcspn(line, "\n")] = '\0';
    printf("%s=%s\n", name, line[0] ? line : "unknown");
}

void machine_print(void)
{
    print_command("machine", "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo");
    printf("cores=%u\n", machine_cores());
    print_command("revision", "git describe --always --dirty 2>/dev/null");
}

unsigned machine_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}

int64_t machine_anonymous_bytes(void)
{
    char line[200];
    int64_t kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Anonymous: %" SCNd64 " kB", &kilobytes) == 1)
            break;
    fclose(file);
    return kilobytes * 1024;
}
