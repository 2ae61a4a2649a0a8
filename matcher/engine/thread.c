#include "engine/thread.h"

#include <signal.h>

#include "base/text.h"

#include "base/banned.h"

bool thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument,
                  struct error *error)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != 0)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "thread '%s' could not be started: %s",
                         name, strerror(status));
    pthread_setname_np(*thread, name);
    return true;
}
