/* What the daemon settles with its host before it serves: time zone, address, cores, open
 * files, port file.
 * Thread: main's, before any other runs. */
#ifndef HAIHE_CONFIG_HOST_H
#define HAIHE_CONFIG_HOST_H

#include "base/error.h"

#include <stdint.h>

/* Makes `zone` the zone of the process: a name of the tz database. Asia/Shanghai works without the
 * database too (no daylight saving since 1991). Error: field "zone". */
bool host_set_zone(const char *zone, struct error *error);
/* False when the address can be reached from elsewhere, or is none; error: field "listen". */
bool host_check_loopback(const char *address, struct error *error);
/* One less than the cores this process may run on, at least 1. */
uint32_t host_worker_count(void);
/* Beside connections: standard streams, the loop's, files being read; and the store's tables. */
enum { HOST_OWN_DESCRIPTORS = 64, HOST_STORE_DESCRIPTORS = 600 };
/* Raises this process' limit of open files so far that so many connections fit beside the daemon's
 * own files, or as far as it may: returns how many fit, at least 1. */
uint32_t host_reserve_descriptors(uint32_t connections, uint32_t own);
/* The port as text in a file that appears whole, by renaming; "" = nowhere. */
bool host_write_port(const char *path, uint16_t port, struct error *error);

#endif
