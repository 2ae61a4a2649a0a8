/* The file descriptors built into the program, indexed by file name and by symbol.
 *
 *   descriptors.binpb:  FileDescriptorSet [ file | file | .. ]     kept as bytes, never decoded
 * whole
 *                                            ^
 *   symbols (sorted):   "haihe.v1.Key" ------+   messages, fields, oneofs, enums, enum values,
 *                                                services, methods
 *
 * Only names and dependencies are read, straight from the wire format (raw.h): a client of
 * reflection gets the bytes that protoc wrote, comments included. Immutable once made; thread: any.
 * Cost: a look-up is a binary search; a pool is made in well under a millisecond.
 */
#ifndef HAIHE_WIRE_DESCRIPTOR_POOL_H
#define HAIHE_WIRE_DESCRIPTOR_POOL_H

#include "base/error.h"
#include "base/str.h"

enum symbol_kind { SYMBOL_MESSAGE = 1, SYMBOL_SERVICE, SYMBOL_OTHER };

struct descriptor_file {
    struct str name;           /* "haihe/v1/record.proto" */
    struct str bytes;          /* an encoded FileDescriptorProto */
    const struct str *depends; /* names of other files */
    size_t depend_count;
};

struct descriptor_symbol {
    struct str name; /* "haihe.v1.MatchService.Explain" */
    enum symbol_kind kind;
    size_t file_index;
};

struct descriptor_pool;

/* Of an encoded FileDescriptorSet, borrowed. NULL and an error when it is none. */
struct descriptor_pool *descriptor_pool_new(struct str file_set, struct error *error);

size_t descriptor_pool_file_count(const struct descriptor_pool *pool);
const struct descriptor_file *descriptor_pool_file(const struct descriptor_pool *pool,
                                                   size_t index);
/* SIZE_MAX when there is no such file. */
size_t descriptor_pool_find_file(const struct descriptor_pool *pool, struct str name);
/* All symbols in bytewise order; index < count. */
size_t descriptor_pool_symbol_count(const struct descriptor_pool *pool);
const struct descriptor_symbol *descriptor_pool_symbol(const struct descriptor_pool *pool,
                                                       size_t index);
/* NULL when there is none; a dot in front is allowed. */
const struct descriptor_symbol *descriptor_pool_find_symbol(const struct descriptor_pool *pool,
                                                            struct str name);

#endif
