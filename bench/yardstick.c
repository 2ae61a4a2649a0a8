/* See yardstick.h. */
#include "yardstick.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"

enum { QUERY_COUNT_LIMIT = 1000000000, LINE_LIMIT = 4096 };

/* Takes what is behind `name` in the line, as in "us mean 91.3 p50 70.1 ..". */
static bool find_time(const char *line, const char *name, double *us)
{
    const char *at = strstr(line, name);
    return at && sscanf(at + strlen(name), " %lf", us) == 1;
}

static bool read_times(FILE *output, struct yardstick_times *times)
{
    char line[LINE_LIMIT];
    bool found = false;
    while (fgets(line, sizeof line, output)) {
        const char *at = strstr(line, "| us mean ");
        found =
            found || (at && find_time(at, "mean", &times->mean_us) &&
                      find_time(at, "p50", &times->p50_us) && find_time(at, "p99", &times->p99_us));
    }
    return found;
}

/* Starts the program with its output going into `output`. */
static bool start(const struct yardstick_options *options, int output, pid_t *child,
                  struct error *error)
{
    bool ranks_vacancies = options->ranking == RANK_VACANCIES;
    char count[24];
    size_t limit =
        options->query_limit < QUERY_COUNT_LIMIT ? options->query_limit : (size_t)QUERY_COUNT_LIMIT;
    snprintf(count, sizeof count, "%zu", limit);
    /* Direction, data, queries, how many, no truth to compare with, documents a tile, order of the
     * documents, threshold of dense lists: as its README says. */
    const char *const arguments[] = {options->program,
                                     ranks_vacancies ? "av" : "va",
                                     options->candidates_path,
                                     options->queries_path,
                                     count,
                                     "/nonexistent",
                                     "2048",
                                     ranks_vacancies ? "112" : "310",
                                     "4",
                                     NULL};
    posix_spawn_file_actions_t actions;
    setenv("R", "1", 1);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    int failure =
        posix_spawn(child, options->program, &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failure == 0 ||
           error_set(error, ERROR_NOT_FOUND, "'%s': %s", options->program, strerror(failure));
}

static bool finish(const struct yardstick_options *options, pid_t child, FILE *output,
                   struct yardstick_times *times, struct error *error)
{
    int status;
    bool found = read_times(output, times);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return error_set(error, ERROR_UNKNOWN, "'%s': %s", options->program, strerror(errno));
    if (WIFSIGNALED(status))
        return error_set(error, ERROR_UNKNOWN, "'%s': ended by signal %d", options->program,
                         WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return error_set(error, ERROR_UNKNOWN, "'%s': exit status %d", options->program,
                         WEXITSTATUS(status));
    return found || error_set(error, ERROR_UNKNOWN, "'%s': printed no times", options->program);
}

bool yardstick_run(const struct yardstick_options *options, struct yardstick_times *times,
                   struct error *error)
{
    int ends[2];
    pid_t child;
    if (pipe(ends) != 0)
        return error_set(error, ERROR_UNKNOWN, "no pipe: %s", strerror(errno));
    bool started = start(options, ends[1], &child, error);
    close(ends[1]);
    FILE *output = fdopen(ends[0], "r");
    bool finished = started && output && finish(options, child, output, times, error);
    if (output)
        fclose(output);
    else
        close(ends[0]);
    return finished;
}
