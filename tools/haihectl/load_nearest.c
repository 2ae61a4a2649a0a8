/* See load_nearest.h. The server's statistics tell which taxonomy it has: nearest labels of another
 * one would mislead. */
#include "haihectl/load_nearest.h"

#include <errno.h>
#include <stdlib.h>

#include "base/banned.h"

enum { SHOWN_COUNT = 5 };

/* The taxonomy's version as the server tells it; 0 when it does not. */
static uint64_t server_version(struct client *client)
{
    struct error ignored;
    json_t *request = json_object();
    json_t *stats = client_call(client, &CLIENT_STATS, request, &ignored);
    const json_t *version = json_object_get(stats, "taxonomy_version");
    uint64_t number = json_is_string(version) ? strtoull(json_string_value(version), NULL, 10)
                                              : (uint64_t)json_integer_value(version);
    json_decref(request);
    json_decref(stats);
    return number;
}

static bool write_file(const struct nearest_options *options, const struct unknown_names *names,
                       struct taxonomy_search *search, struct buffer *out, struct error *error)
{
    FILE *file = fopen(options->path, "w");
    if (!file)
        return error_set(error, ERROR_PERMISSION_DENIED, "file '%s' cannot be written: %s",
                         options->path, strerror(errno));
    unknown_names_write(names, search, file);
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    if (failed)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "file '%s' is not complete",
                         options->path);
    buffer_printf(out, "  unknown skills: %s\n", options->path);
    return true;
}

/* The names of the taxonomy that the server has; *search stays NULL when we have it not. */
static bool open_search(const struct nearest_options *options, const struct taxonomy *builtin,
                        struct taxonomy_search **search, struct buffer *out, struct error *error)
{
    uint64_t version = server_version(options->client);
    const struct taxonomy *taxonomy = options->taxonomy ? options->taxonomy : builtin;
    if (options->taxonomy && taxonomy_version(taxonomy) != version)
        buffer_append_str(out,
                          STR("  the files of --taxonomy are not those that the server has\n"));
    if (!options->taxonomy && taxonomy_version(taxonomy) != version) {
        buffer_append_str(out, STR("  the server has a taxonomy of its own: give its files with "
                                   "--taxonomy to see the nearest labels\n"));
        return true;
    }
    *search = taxonomy_search_new(taxonomy, true, false, error);
    return *search != NULL;
}

bool load_nearest_report(const struct nearest_options *options, struct unknown_names *names,
                         struct buffer *out, struct error *error)
{
    struct taxonomy_search *search = NULL;
    if (names->count == 0)
        return true;
    struct taxonomy *builtin = taxonomy_builtin(error);
    bool well = builtin && open_search(options, builtin, &search, out, error);
    unknown_names_sort(names);
    if (search) {
        buffer_append_str(out, STR("  the most frequent, and the nearest labels:\n"));
        unknown_names_show(names, search, SHOWN_COUNT, out);
    }
    well = well && (!options->path || write_file(options, names, search, out, error));
    taxonomy_search_free(search);
    taxonomy_free(builtin);
    return well;
}
