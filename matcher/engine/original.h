/* Originals: the protobuf bytes of records as they were accepted, kept small until somebody asks.
 *
 *   kept:  [ dictionary | size, a varint | bytes ]      dictionary 0: as they are; n: a Zstandard
 *                                                       frame without its magic number
 *   originals -> dictionaries [ - | 1 | 2 | 3 | .. ]    append-only, shared with readers
 *
 * A record is too short to be compressed alone, but records are alike: the writer takes samples of
 * what it keeps, and makes a dictionary of each kind from the first thousand and once more from the
 * thousand before the 32,000th. What an older dictionary compressed stays readable: none is
 * ever forgotten. Dictionaries hold pieces of the sampled records, they live in memory alone and
 * end with the process. Originals will move to the durable store; whoever reads them need not know.
 *
 * Threads: keeping is the writer's; a reader has a reader object of its own and reads what was
 * published to it. Cost: about 4 us to keep and 1.5 us to read an applicant; 4 to 30 ms for a
 * dictionary; 155 KB for each of them and 0.5 MB for the newest of a kind.
 */
#ifndef HAIHE_ENGINE_ORIGINAL_H
#define HAIHE_ENGINE_ORIGINAL_H

#include "base/str.h"
#include "model/record.h"

struct originals;

/* NULL when there is no memory. */
struct originals *originals_new(void);
/* No reader may be left. NULL is allowed. */
void originals_free(struct originals *originals);

/* Writer: `bytes` as kept, a view until the next call. False when there is no memory. */
bool original_keep(struct originals *originals, enum record_kind kind, struct str bytes,
                   struct str *kept);
/* How many bytes a kept original takes. */
size_t original_kept_bytes(const void *kept);

struct original_reader;

/* NULL when there is no memory. `originals` is borrowed. */
struct original_reader *original_reader_new(const struct originals *originals);
/* NULL is allowed. */
void original_reader_free(struct original_reader *reader);
/* The bytes that were kept, a view until the next call or the end of `kept`. False when there is no
 * memory. */
bool original_read(struct original_reader *reader, const void *kept, struct str *bytes);

#endif
