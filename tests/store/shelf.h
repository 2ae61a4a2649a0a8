/* A store in a directory of its own, for tests. */
#ifndef HAIHE_TESTS_STORE_SHELF_H
#define HAIHE_TESTS_STORE_SHELF_H

#include "store/store.h"

struct shelf {
    char directory[64]; /* removed with all in it by shelf_release */
    struct store *store;
    struct store_batch *batch;
    uint64_t sequence; /* of the newest change in the batch or the store */
};

/* The store is open and empty. */
void shelf_init(struct shelf *shelf);
/* Closes it and opens it again. */
void shelf_reopen(struct shelf *shelf);
void shelf_release(struct shelf *shelf);
/* Tries to open it; the store stays NULL when it fails. */
bool shelf_open(struct shelf *shelf, bool read_only, struct error *error);
void shelf_close(struct shelf *shelf);

/* Adds a change to the batch; `before` is looked up in the store. */
void shelf_add(struct shelf *shelf, enum store_change_kind kind, const char *key,
               const char *bytes);
/* Commits the batch and clears it; it must work. */
void shelf_commit(struct shelf *shelf);
/* "sequence:bytes", or "-" when there is none. A static text. */
const char *shelf_get(struct shelf *shelf, const char *key);

/* Applies `change` to the bytes of a file in the store's directory. */
void shelf_spoil(const struct shelf *shelf, const char *file, long offset, unsigned char flip);

#endif
