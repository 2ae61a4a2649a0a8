/* RocksDB's log, as lines of ours.
 *
 * Its own writes a file, and on a full disk the line after the one that failed ends the process:
 * Debian's library has its assertions on, and one says that nobody writes to a file after an error.
 * Its C API cannot make another one, so this is the house's one piece of C++ (rocks_log.cc).
 */
#ifndef HAIHE_STORE_ROCKS_LOG_H
#define HAIHE_STORE_ROCKS_LOG_H

#include <rocksdb/c.h>

/* Called with each line from warnings up, without a line feed. Any thread. */
typedef void rocks_log_line(void *context, int is_error, const char *text);

#ifdef __cplusplus
extern "C" {
#endif
/* NULL when there is no memory. */
rocksdb_logger_t *rocks_log_new(rocks_log_line *line, void *context);
/* Databases that were opened with it keep what they need. NULL is allowed. */
void rocks_log_free(rocksdb_logger_t *log);
#ifdef __cplusplus
}
#endif

#endif
