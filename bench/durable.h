/* An engine with a data directory, as the daemon runs it by default. Thread: main's. */
#ifndef HAIHE_BENCH_DURABLE_H
#define HAIHE_BENCH_DURABLE_H

#include <semaphore.h>

#include "city.h"
#include "engine/engine.h"

struct durable_options {
    struct city *city; /* its day is the engine's, for ever */
    const char *directory;
    uint32_t worker_count; /* 0: as many as the daemon has by default */
    uint32_t group_limit;  /* likewise */
    enum log_level log_level;
};

struct durable {
    struct engine *engine;  /* owned */
    struct profile profile; /* the default one */
    struct log log;
    sem_t state_changed;
    int64_t start_ns; /* from the beginning until it was ready */
};

/* Returns when the engine is ready. Stays where it is until durable_stop. */
bool durable_start(struct durable *durable, const struct durable_options *options,
                   struct error *error);
void durable_stop(struct durable *durable);

#endif
