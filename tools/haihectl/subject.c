/* See subject.h. */
#include "haihectl/subject.h"

#include "haihectl/command.h"
#include "haihectl/jobposting.h"
#include "model/area.h"

#include "base/banned.h"

/* A posting need not name its id here: the record is not stored. */
static json_t *posting_to_vacancy(json_t *posting, struct error *error)
{
    struct area_table *areas = area_table_builtin(error);
    if (!areas)
        return NULL;
    const struct jobposting_options options = {.platform = "file", .areas = areas};
    if (!json_object_get(posting, "identifier"))
        json_object_set_new(posting, "identifier", json_string("posting"));
    json_t *vacancy = jobposting_to_vacancy(posting, &options, error);
    area_table_free(areas);
    return vacancy;
}

bool subject_set(json_t *request, bool is_vacancy, const char *key, const char *path,
                 struct error *error)
{
    json_t *value;
    if (!path) {
        value = command_parse_key(key);
        if (!value)
            return error_set(error, ERROR_INVALID_ARGUMENT, "'%s' is not a key: platform:id", key);
        json_object_set_new(request, is_vacancy ? "vacancy_key" : "applicant_key", value);
        return true;
    }
    value = command_read_json(path, error);
    if (value && is_vacancy && jobposting_is_linked_data(value)) {
        json_t *posting = value;
        value = posting_to_vacancy(posting, error);
        json_decref(posting);
    }
    if (!value)
        return false;
    json_object_set_new(request, is_vacancy ? "vacancy" : "applicant", value);
    return true;
}
