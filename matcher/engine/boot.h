/* The start: from the records in the store to a book with its indexes.
 *
 *   store --scans, a part each--> threads: check, read --one at a time--> book: pack, place
 *         -> both indexes built in bulk
 *
 * A record that is damaged, or that cannot be read with the present tables, stops the start with
 * its key: it is never left out. Thread: the writer, before anything is published; it starts
 * threads of its own and waits for them. Cost: about 5 us a record and core, most of it decoding,
 * and 1 us for the index.
 */
#ifndef HAIHE_ENGINE_BOOT_H
#define HAIHE_ENGINE_BOOT_H

#include "base/log.h"
#include "base/metric.h"
#include "engine/book.h"

struct boot_options {
    struct book *book; /* empty, with its ledger's store */
    unsigned thread_count;
    size_t arena_bytes; /* what one record may take while it is read */
    struct log *log;
    counter *records_read; /* for those who ask meanwhile */
    bool (*is_stopped)(void *context);
    void *context;
};

/* False and an error: DATA_LOSS, FAILED_PRECONDITION (a record that the tables refuse),
 * RESOURCE_EXHAUSTED, CANCELLED when it was stopped. */
bool boot_load(const struct boot_options *options, struct error *error);

#endif
