/* What RocksDB must not be given to read.
 *
 * It takes a table's properties apart before it looks at their checksum (7.8: Block's constructor),
 * and when the bit is set that says "with a hash index", its assertions, which are on in Debian's
 * library, end the process. All other damage it tells. Thread: any. Cost: a file opened and two
 * reads for each table.
 */
#ifndef HAIHE_STORE_TABLES_H
#define HAIHE_STORE_TABLES_H

#include "base/error.h"

/* Looks at that bit in all tables of a database's directory. DATA_LOSS names the table. */
bool tables_check(const char *directory, struct error *error);

#endif
