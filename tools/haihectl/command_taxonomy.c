/* haihectl taxonomy: whether taxonomy files are sound, and what stands in them. No server. */
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/command.h"
#include "haihectl/progress.h"
#include "haihectl/table.h"
#include "haihectl/taxonomy_files.h"
#include "haihectl/taxonomy_search.h"
#include "model/limits.h"

#include "base/banned.h"

enum {
    OPTION_COUNT = 'k',
    OPTION_LANGUAGE = 'l',
    OPTION_KIND = 0x500,
    OPTION_BUILTIN,
    HIT_DEFAULT = 10,
    HIT_LIMIT = 64,
    ARGUMENT_LIMIT = 4, /* the subcommand, two files, the text */
};

struct taxonomy_arguments {
    char *arguments[ARGUMENT_LIMIT];
    size_t argument_count;
    const char *language;
    int64_t limit;
    bool builtin, skills, occupations;
};

static const struct argp_option OPTIONS[] = {
    {"builtin", OPTION_BUILTIN, NULL, 0, "the taxonomy built into haihed, instead of FILES", 0},
    {"count", OPTION_COUNT, "N", 0, "search: at most so many labels (10)", 0},
    {"language", OPTION_LANGUAGE, "LANGUAGE", 0,
     "search: show labels in this language where there are (that of $LANG)", 0},
    {"kind", OPTION_KIND, "KIND", 0, "search: skills or occupations only", 0},
    {0},
};

static const char DOC[] =
    "Check taxonomy files, or search them for a skill or an occupation.\v"
    "FILES: a directory with skills.csv and occupations.csv, or the file of skills and, if there "
    "is "
    "one, the file of occupations. UTF-8, a header line, columns in any order, lists joined by "
    "'|':\n"
    "  skills       code,zh,en,alternative,broader,related[,label:LANGUAGE..]\n"
    "  occupations  code,zh,en,alternative,essential,optional[,label:LANGUAGE..]\n"
    "Only `code` is needed. broader, related, essential and optional hold codes of skills. A "
    "record "
    "names a skill by its code or any of its labels, so none may stand twice.\n"
    "\n"
    "check says what is wrong by line, column and value, or what the files hold. search lists the "
    "labels that are most like TEXT.\n"
    "\n"
    "Examples:\n"
    "  haihectl taxonomy check taxonomy/skills.csv taxonomy/occupations.csv\n"
    "  haihectl taxonomy search taxonomy \"weld pipes\" --kind skills\n"
    "  haihectl taxonomy search --builtin 焊\n";

static bool parse_kind(struct taxonomy_arguments *arguments, const char *kind)
{
    arguments->skills = strcmp(kind, "skill") == 0 || strcmp(kind, "skills") == 0;
    arguments->occupations = strcmp(kind, "occupation") == 0 || strcmp(kind, "occupations") == 0;
    return arguments->skills || arguments->occupations;
}

static void check_arguments(const struct taxonomy_arguments *arguments, struct argp_state *state)
{
    const char *verb = arguments->argument_count > 0 ? arguments->arguments[0] : "";
    bool search = strcmp(verb, "search") == 0;
    if (!search && strcmp(verb, "check") != 0)
        argp_error(state, "'%s': check or search", verb);
    size_t files = arguments->argument_count - 1 - (search && arguments->argument_count > 1);
    if (search && arguments->argument_count < 2)
        argp_error(state, "search needs a TEXT");
    if (arguments->builtin ? files > 0 : files < 1 || files > 2)
        argp_error(state, arguments->builtin ? "FILES or --builtin, not both"
                                             : "one or two FILES are needed");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct taxonomy_arguments *arguments = state->input;
    switch (key) {
    case OPTION_BUILTIN:
        arguments->builtin = true;
        return 0;
    case OPTION_COUNT:
        if (!text_to_int64(str_of(argument), &arguments->limit) || arguments->limit < 1 ||
            arguments->limit > HIT_LIMIT)
            argp_error(state, "--count '%s': 1..%d", argument, HIT_LIMIT);
        return 0;
    case OPTION_LANGUAGE:
        arguments->language = argument;
        return 0;
    case OPTION_KIND:
        if (!parse_kind(arguments, argument))
            argp_error(state, "--kind '%s': skills or occupations", argument);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->argument_count == ARGUMENT_LIMIT)
            argp_error(state, "'%s' is one too many", argument);
        arguments->arguments[arguments->argument_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        check_arguments(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- check ---------------------------------------------------------------------------------- */

struct check {
    size_t neighbour_count, without_neighbours, without_labels;
    size_t essential_count, optional_count, without_skills, above_limit;
};

static bool has_any_label(const struct taxonomy *taxonomy, uint32_t id)
{
    for (size_t i = 0; i < taxonomy_language_count(taxonomy); i++) {
        if (taxonomy_has_label(taxonomy, id, i))
            return true;
    }
    return false;
}

static void examine_skills(const struct taxonomy *taxonomy, struct check *check)
{
    for (uint32_t id = 0; id < taxonomy_skill_count(taxonomy); id++) {
        size_t count;
        taxonomy_neighbours(taxonomy, id, &count);
        check->neighbour_count += count;
        check->without_neighbours += count == 0;
        check->without_labels += !has_any_label(taxonomy, id);
    }
}

static void examine_occupations(const struct taxonomy *taxonomy, struct check *check)
{
    for (size_t i = 0; i < taxonomy_occupation_count(taxonomy); i++) {
        const struct occupation_entry *entry = taxonomy_occupation_at(taxonomy, i);
        size_t count = entry->essential_count + entry->optional_count;
        check->essential_count += entry->essential_count;
        check->optional_count += entry->optional_count;
        check->without_skills += count == 0;
        check->above_limit += count > RECORD_SKILL_LIMIT;
    }
}

static void put(struct buffer *out, const char *before, size_t number, const char *behind)
{
    char count[32];
    buffer_printf(out, "%s%s %s", before, count_text(number, count), behind);
}

/* zh and en are columns of every taxonomy, filled in or not. */
static void put_language(const struct taxonomy *taxonomy, size_t index, struct buffer *out)
{
    char count[32];
    size_t skill_count = 0;
    for (uint32_t id = 0; id < taxonomy_skill_count(taxonomy); id++)
        skill_count += taxonomy_has_label(taxonomy, id, index);
    if (skill_count > 0)
        buffer_printf(out, " %.*s %s", STR_ARG(taxonomy_language(taxonomy, index)),
                      count_text(skill_count, count));
}

static void describe(const struct taxonomy *taxonomy, struct buffer *out)
{
    struct check check = {0};
    examine_skills(taxonomy, &check);
    examine_occupations(taxonomy, &check);
    put(out, "sound: ", taxonomy_skill_count(taxonomy), "skills");
    put(out, ", ", taxonomy_occupation_count(taxonomy), "occupations\n");
    put(out, "names       ", taxonomy_name_count(taxonomy),
        "distinct codes and labels; skills with a label:");
    for (size_t i = 0; i < taxonomy_language_count(taxonomy); i++)
        put_language(taxonomy, i, out);
    put(out, "; without any: ", check.without_labels, "skills\n");
    put(out, "closeness   ", check.neighbour_count, "pairs of related skills");
    put(out, "; without any: ", check.without_neighbours, "skills\n");
    if (taxonomy_occupation_count(taxonomy) > 0) {
        put(out, "occupations ", check.essential_count, "essential");
        put(out, " and ", check.optional_count, "optional skills");
        put(out, "; without any: ", check.without_skills, "occupations");
        buffer_printf(out, "; with more than the %d that a record may have: ", RECORD_SKILL_LIMIT);
        put(out, "", check.above_limit, "occupations\n");
    }
    buffer_printf(out, "version     %016llx\n", (unsigned long long)taxonomy_version(taxonomy));
}

/* --- search --------------------------------------------------------------------------------- */

static void add_hit(struct table *table, const struct taxonomy *taxonomy,
                    const struct taxonomy_hit *hit, const char *language)
{
    struct str code, label;
    if (hit->is_occupation) {
        code = taxonomy_occupation_at(taxonomy, hit->index)->code;
        label = taxonomy_occupation_label(taxonomy, hit->index, language);
    } else {
        code = taxonomy_skill_code(taxonomy, hit->index);
        label = taxonomy_skill_label(taxonomy, hit->index, language);
    }
    table_format(table, "%d", hit->likeness_bp / 100);
    table_text(table, hit->is_occupation ? STR("occupation") : STR("skill"));
    table_text(table, label);
    table_text(table, hit->name);
    table_text(table, code);
}

static bool search(const struct taxonomy *taxonomy, const struct taxonomy_arguments *arguments,
                   struct buffer *out, struct error *error)
{
    static const struct table_column columns[] = {{"alike", true, false},
                                                  {"kind", false, false},
                                                  {"label", false, true},
                                                  {"because of", false, true},
                                                  {"code", false, false}};
    struct taxonomy_hit hits[HIT_LIMIT];
    struct str text = str_of(arguments->arguments[arguments->argument_count - 1]);
    if (!text_is_valid(text))
        return error_set(error, ERROR_INVALID_ARGUMENT, "the text is not UTF-8");
    struct taxonomy_search *names =
        taxonomy_search_new(taxonomy, arguments->skills, arguments->occupations, error);
    if (!names)
        return false;
    size_t count =
        taxonomy_search_find(names, text, NAME_CONTAINING, hits, (size_t)arguments->limit);
    if (count == 0) {
        buffer_printf(out, "nothing is like '%.*s'\n", STR_ARG(text));
    } else {
        struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
        for (size_t i = 0; i < count; i++)
            add_hit(table, taxonomy, &hits[i], arguments->language);
        table_write(table, table_screen_columns(stdout), out);
        table_free(table);
    }
    taxonomy_search_free(names);
    return true;
}

/* --- The whole ------------------------------------------------------------------------------ */

/* "zh" of zh_CN.UTF-8; "en" when the environment says nothing. */
static const char *environment_language(char out[8])
{
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        size_t length = value ? strcspn(value, "_.@-") : 0;
        if (length < 2 || length > 3)
            continue;
        memcpy(out, value, length);
        out[length] = '\0';
        return out;
    }
    return "en";
}

static struct taxonomy *load(const struct taxonomy_arguments *arguments, bool searches,
                             struct error *error)
{
    struct taxonomy_paths paths;
    if (arguments->builtin)
        return taxonomy_builtin(error);
    if (!taxonomy_paths_parse(arguments->arguments + 1, arguments->argument_count - 1 - searches,
                              &paths, error))
        return NULL;
    return taxonomy_paths_load(&paths, error);
}

int command_taxonomy(const struct settings *settings, int argc, char **argv)
{
    (void)settings;
    const struct argp argp = {.options = OPTIONS,
                              .parser = parse_option,
                              .args_doc = "check FILES\nsearch FILES TEXT",
                              .doc = DOC};
    char language[8];
    struct taxonomy_arguments arguments = {.language = environment_language(language),
                                           .limit = HIT_DEFAULT,
                                           .skills = true,
                                           .occupations = true};
    struct error error;
    struct buffer out;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    bool searches = strcmp(arguments.arguments[0], "search") == 0;
    struct taxonomy *taxonomy = load(&arguments, searches, &error);
    if (!taxonomy)
        return command_fail_input(&error);
    buffer_init(&out, 1 << 20);
    bool well = true;
    if (searches)
        well = search(taxonomy, &arguments, &out, &error);
    else
        describe(taxonomy, &out);
    taxonomy_free(taxonomy);
    command_print(&out);
    return well ? EXIT_OK : command_fail_input(&error);
}
