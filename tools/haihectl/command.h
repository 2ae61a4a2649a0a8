/* What the sub-commands share: settings, exit codes, messages, keys, output. */
#ifndef HAIHE_HAIHECTL_COMMAND_H
#define HAIHE_HAIHECTL_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "haihectl/client.h"

/* What haihectl ends with. Documented in --help. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_REFUSED = 1,     /* the server, or some rows, or a health that is not serving; damage */
    EXIT_USAGE = 2,       /* the command line is wrong */
    EXIT_UNAVAILABLE = 3, /* no connection, or no answer in time */
    EXIT_INPUT = 4,       /* a file cannot be read, or is not what it should be */
    EXIT_INTERRUPTED = 130,
};

struct settings {
    const char *server;
    int64_t timeout_ns;
};

/* argv[0] is "haihectl NAME". */
struct command {
    const char *name;
    const char *summary; /* for the list of commands */
    int (*run)(const struct settings *settings, int argc, char **argv);
};

int command_load(const struct settings *settings, int argc, char **argv);
int command_get(const struct settings *settings, int argc, char **argv);
int command_delete(const struct settings *settings, int argc, char **argv);
int command_status(const struct settings *settings, int argc, char **argv);
int command_list(const struct settings *settings, int argc, char **argv);
int command_match(const struct settings *settings, int argc, char **argv);
int command_explain(const struct settings *settings, int argc, char **argv);
int command_import(const struct settings *settings, int argc, char **argv);
int command_taxonomy(const struct settings *settings, int argc, char **argv);
int command_stats(const struct settings *settings, int argc, char **argv);
int command_backup(const struct settings *settings, int argc, char **argv);
int command_check(const struct settings *settings, int argc, char **argv);
int command_repair(const struct settings *settings, int argc, char **argv);
int command_history(const struct settings *settings, int argc, char **argv);
int command_health(const struct settings *settings, int argc, char **argv);

/* --server and --timeout, for every command's argp as a child; its input is a struct settings *. */
extern const struct argp SETTINGS_ARGP;
/* The defaults: $HAIHE_SERVER or 127.0.0.1:50051, 30 s. */
struct settings settings_default(void);

/* Prints "haihectl: text [rule]" to stderr and returns the exit code for the error. */
int command_fail(const struct error *error);
/* The same for a file that is not as it should be: EXIT_INPUT. */
int command_fail_input(const struct error *error);

/* "vacancy", "vacancies", "applicant", "applicants". */
bool command_parse_kind(const char *text, bool *is_vacancy);
/* "platform:id" as a Key's JSON; the id may hold colons. NULL when there is no colon, or nothing
 * before or behind it. */
json_t *command_parse_key(const char *text);
/* "platform:id" of a Key's JSON. */
const char *command_key_text(const json_t *key, char out[160]);

/* A JSON object from a file, "-" = standard input; NULL and an error that names the file and line.
 */
json_t *command_read_json(const char *path, struct error *error);
/* Prints JSON for people (indented) or, compact, on one line. */
void command_print_json(const json_t *json, bool compact);
/* Writes a buffer to stdout and releases it. */
void command_print(struct buffer *text);

/* Members of decoded messages; 0 and "" when absent. 64-bit numbers may be texts. */
int64_t json_int_at(const json_t *object, const char *name);
uint64_t json_uint_at(const json_t *object, const char *name);
const char *json_text_at(const json_t *object, const char *name);

/* Sends ApplyRequests (a JSON array) and prints a line for each refusal or, per answer, what `done`
 * says was done ("deleted"). Returns the exit code. */
int command_apply(const struct settings *settings, json_t *requests, const char *done);

#endif
