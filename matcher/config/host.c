#include "config/host.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "net/address.h"

#include "base/banned.h"

static bool zone_is_installed(const char *zone)
{
    char path[256];
    struct stat file;
    int length = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    return zone[0] != '\0' && zone[0] != '/' && !strstr(zone, "..") && length < (int)sizeof path &&
           stat(path, &file) == 0 && S_ISREG(file.st_mode);
}

bool host_set_zone(const char *zone, struct error *error)
{
    const char *value = zone;
    if (!zone_is_installed(zone)) {
        if (!str_equal(str_of(zone), STR("Asia/Shanghai")))
            return error_field(error, "unknown_zone", "zone", zone,
                               "is not in this machine's tz database");
        value = "CST-8";
    }
    if (setenv("TZ", value, 1) != 0)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "zone '%s': %s", zone, strerror(errno));
    tzset();
    return true;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    return address->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

bool host_check_loopback(const char *text, struct error *error)
{
    struct sockaddr_storage address;
    if (!address_parse(text, &address, error))
        return false;
    if (is_loopback(&address))
        return true;
    return error_field(error, "not_loopback", "listen", text,
                       "can be reached from elsewhere, and there is no access control yet: "
                       "give --insecure-any-address to do it all the same");
}

uint32_t host_worker_count(void)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count > 1 ? (uint32_t)count - 1 : 1;
}

uint32_t host_reserve_descriptors(uint32_t connections, uint32_t own)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return connections;
    rlim_t need = (rlim_t)connections + own;
    if (limit.rlim_cur < need) {
        limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= need)
        return connections;
    return limit.rlim_cur > own ? (uint32_t)limit.rlim_cur - own : 1;
}

bool host_write_port(const char *path, uint16_t port, struct error *error)
{
    char temporary[4096];
    if (path[0] == '\0')
        return true;
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
        return error_field(error, "too_long", "port-file", path, "is too long a path");
    FILE *file = fopen(temporary, "w");
    bool written = file && fprintf(file, "%u\n", port) > 0;
    if (file && fclose(file) != 0)
        written = false;
    if (!written || rename(temporary, path) != 0)
        return error_set(error, ERROR_UNAVAILABLE, "port file '%s': %s", path, strerror(errno));
    return true;
}
