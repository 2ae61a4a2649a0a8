/* haihectl backup, check, repair: the durable store as a directory. Only backup asks the server;
 * the others read the files themselves, which no haihed may be using then. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "haihectl/command.h"
#include "haihectl/progress.h"
#include "store/store.h"

#include "base/banned.h"

enum { PATH_LIMIT_BYTES = 4096 };

struct store_arguments {
    struct settings settings;
    const char *directories[2];
    int count, wanted;
    bool asks_server;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct store_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        if (arguments->asks_server)
            state->child_inputs[0] = &arguments->settings;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->count == arguments->wanted)
            argp_usage(state);
        arguments->directories[arguments->count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->count < arguments->wanted)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child CHILDREN[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};

/* Damage is what these commands are asked about; all else is a file that is not what it should
 * be. */
static int fail(const struct error *error)
{
    command_fail_input(error);
    return error->code == ERROR_DATA_LOSS ? EXIT_REFUSED : EXIT_INPUT;
}

/* --- backup --------------------------------------------------------------------------------- */

/* The server's place is not ours: it is told the whole path. */
static bool make_absolute(const char *path, char out[PATH_LIMIT_BYTES], struct error *error)
{
    char here[PATH_LIMIT_BYTES];
    int length;
    if (path[0] == '/')
        length = snprintf(out, PATH_LIMIT_BYTES, "%s", path);
    else if (getcwd(here, sizeof(here)))
        length = snprintf(out, PATH_LIMIT_BYTES, "%s/%s", here, path);
    else
        return error_set(error, ERROR_INVALID_ARGUMENT, "the current directory: %s",
                         strerror(errno));
    return length < PATH_LIMIT_BYTES ||
           error_field(error, "too_long", "directory", path, "is too long a path");
}

int command_backup(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse_option,
        .args_doc = "DIRECTORY",
        .doc = "Copy the server's store, as of now, into a new DIRECTORY of its machine. Searches "
               "and changes go on. haihed --data-dir DIRECTORY serves the copy.",
        .children = CHILDREN};
    struct store_arguments arguments = {.settings = *settings, .wanted = 1, .asks_server = true};
    struct error error;
    char path[PATH_LIMIT_BYTES];
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (!make_absolute(arguments.directories[0], path, &error))
        return command_fail_input(&error);
    struct client *client =
        client_new(arguments.settings.server, arguments.settings.timeout_ns, &error);
    json_t *request = json_pack("{s:s}", "directory", path);
    json_t *response = client ? client_call_full(client, &CLIENT_BACKUP, request, &error) : NULL;
    int exit_code = EXIT_OK;
    if (response)
        printf("%s holds everything up to change %" PRIu64 "\n", path,
               json_uint_at(response, "sequence"));
    else
        exit_code = command_fail(&error);
    json_decref(response);
    json_decref(request);
    client_free(client);
    return exit_code;
}

/* --- check ---------------------------------------------------------------------------------- */

int command_check(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse_option,
        .args_doc = "DIRECTORY",
        .doc = "Read all of a store (haihed's --data-dir, or a backup) with its checksums, and "
               "compare its records with its history. Nothing is changed. Exit status 0: sound, 1: "
               "damaged, 4: no store, in use, or cannot be read."};
    struct store_arguments arguments = {.settings = *settings, .wanted = 1};
    struct error error = {0};
    struct store_findings findings;
    char records[32], changes[32], sequence[32];
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    const struct store_options options = {.directory = arguments.directories[0], .read_only = true};
    struct store *store = store_open(&options, &error);
    if (!store)
        return fail(&error);
    bool sound = store_check(store, &findings, &error);
    count_text(store_sequence(store), sequence);
    store_close(store);
    if (!sound)
        return fail(&error);
    printf("sound: %s records, %s changes of history, the newest is change %s\n",
           count_text(findings.record_count, records), count_text(findings.change_count, changes),
           sequence);
    return EXIT_OK;
}

/* --- repair --------------------------------------------------------------------------------- */

static void write_loss(void *context, const char *what)
{
    fprintf(context, "%s\n", what);
}

static void report_repair(const struct store_repair_result *result, const char *list)
{
    char records[32], restored[32], changes[32], losses[32];
    printf("kept: %s records, of which %s were restored from the history, and %s changes of "
           "history\n",
           count_text(result->record_count, records), count_text(result->restored_count, restored),
           count_text(result->change_count, changes));
    if (result->loss_count > 0)
        printf("damaged: %s places, listed in %s\n", count_text(result->loss_count, losses), list);
}

int command_repair(const struct settings *settings, int argc, char **argv)
{
    const struct argp argp = {
        .parser = parse_option,
        .args_doc = "DIRECTORY NEW-DIRECTORY",
        .doc = "Make a sound store of all that is sound in a damaged one, which stays as it is. "
               "What cannot be read is restored from the history where that has it. "
               "NEW-DIRECTORY.damage lists what was damaged. Exit status 0: nothing was, 1: "
               "something was, 4: nothing could be done."};
    struct store_arguments arguments = {.settings = *settings, .wanted = 2};
    struct error error = {0};
    struct store_repair_result result;
    char list[PATH_LIMIT_BYTES];
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    size_t length = strlen(arguments.directories[1]);
    while (length > 1 && arguments.directories[1][length - 1] == '/')
        length--;
    snprintf(list, sizeof(list), "%.*s.damage", (int)length, arguments.directories[1]);
    int fd = open(list, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* it has records' keys */
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        error_field(&error, "not_made", "file", list, "cannot be made: %s", strerror(errno));
        return command_fail_input(&error);
    }
    const struct store_repair_options options = {.from = arguments.directories[0],
                                                 .to = arguments.directories[1],
                                                 .on_loss = write_loss,
                                                 .context = file};
    bool repaired = store_repair(&options, &result, &error);
    bool written = fclose(file) == 0;
    if (!repaired)
        return fail(&error);
    if (result.loss_count == 0)
        unlink(list);
    report_repair(&result, list);
    if (!written) {
        error_field(&error, "not_written", "file", list, "cannot be written");
        return command_fail_input(&error);
    }
    return result.loss_count == 0 ? EXIT_OK : EXIT_REFUSED;
}
