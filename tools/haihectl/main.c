/* haihectl: the command line of haihed.
 *
 * main parses what stands before the command's name and hands the rest to the command, whose own
 * argp knows --server and --timeout, too. Each command_*.c says what its command does.
 */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "config/version.h"
#include "haihectl/command.h"

#include "base/banned.h"

const char *argp_program_version = "haihectl " HAIHE_VERSION;

static const struct command COMMANDS[] = {
    {"load", "load records from CSV, JSON Lines or schema.org job postings", command_load},
    {"get", "show a record as it is stored and understood", command_get},
    {"delete", "delete records", command_delete},
    {"status", "set a record's status", command_status},
    {"list", "list a platform's keys", command_list},
    {"match", "the best vacancies for an applicant, or applicants for a vacancy", command_match},
    {"explain", "why a vacancy and an applicant have their score", command_explain},
    {"import", "make taxonomy files of a published classification (ESCO)", command_import},
    {"taxonomy", "check taxonomy files, or search them", command_taxonomy},
    {"backup", "copy the server's store, while it serves", command_backup},
    {"check", "whether a store is sound", command_check},
    {"repair", "make a sound store of what is sound in a damaged one", command_repair},
    {"history", "the changes in their order", command_history},
    {"stats", "the server's counters and sizes", command_stats},
    {"health", "whether the server serves", command_health},
};

enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static const char DOC[] =
    "Talk to haihed: load records, ask for matches, see why.\v"
    "Exit status:\n"
    "  0    all is well\n"
    "  1    the server refused, or refused some rows, or is not serving; the store is damaged\n"
    "  2    the command line is wrong\n"
    "  3    the server cannot be reached, or gave no answer in time\n"
    "  4    a file cannot be read, or is not what it should be\n"
    "  130  interrupted\n"
    "\n"
    "Keys are platform:id. `haihectl COMMAND --help` tells a command's options.\n";

struct main_arguments {
    struct settings settings;
    int command_index; /* of the command's name in argv */
};

/* The list of commands comes from the table above. */
static char *help_filter(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC || !text)
        return (char *)text;
    struct buffer help;
    size_t length_bytes;
    buffer_init(&help, 64 * 1024);
    buffer_append_str(&help, STR("Commands:\n"));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_printf(&help, "  %-8s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    buffer_append_str(&help, STR("\n"));
    buffer_append_str(&help, str_of(text));
    buffer_append(&help, "", 1);
    return buffer_detach(&help, &length_bytes);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct main_arguments *arguments = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->settings;
        return 0;
    case ARGP_KEY_ARG:
        /* What follows is the command's. */
        arguments->command_index = state->next - 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(const struct main_arguments *arguments, int argc, char **argv)
{
    const char *name = argv[arguments->command_index];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, COMMANDS[i].name) != 0)
            continue;
        char program[64];
        snprintf(program, sizeof(program), "haihectl %s", name);
        argv[arguments->command_index] = program;
        int exit_code = COMMANDS[i].run(&arguments->settings, argc - arguments->command_index,
                                        argv + arguments->command_index);
        /* A full disk or a closed pipe must not look like success. */
        if (fflush(stdout) != 0 && exit_code == EXIT_OK) {
            fputs("haihectl: standard output cannot be written\n", stderr);
            return EXIT_INPUT;
        }
        return exit_code;
    }
    fprintf(stderr, "haihectl: '%s' is not a command; haihectl --help lists them\n", name);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&SETTINGS_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {.options = NULL,
                              .parser = parse_option,
                              .args_doc = "COMMAND ...",
                              .doc = DOC,
                              .children = children,
                              .help_filter = help_filter};
    struct main_arguments arguments = {.settings = settings_default()};
    argp_err_exit_status = EXIT_USAGE;
    signal(SIGPIPE, SIG_DFL); /* haihectl list .. | head ends quietly */
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
    return run(&arguments, argc, argv);
}
