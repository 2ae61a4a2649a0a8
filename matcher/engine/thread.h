/* Starting the engine's threads. */
#ifndef HAIHE_ENGINE_THREAD_H
#define HAIHE_ENGINE_THREAD_H

#include <pthread.h>

#include "base/error.h"

/* A named thread (at most 15 bytes) that takes no signals: those are the loop's. */
bool thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument,
                  struct error *error);

#endif
