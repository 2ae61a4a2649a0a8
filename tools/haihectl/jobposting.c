/* The plain properties, and what all parts share. */
#include "haihectl/jobposting.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "haihectl/jobposting_part.h"
#include "haihectl/spelling.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* --- Shared --------------------------------------------------------------------------------- */

size_t posting_count(const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value);
    return value && !json_is_null(value);
}

const json_t *posting_item(const json_t *value, size_t index)
{
    return json_is_array(value) ? json_array_get(value, index) : value;
}

static struct str trim(struct str text)
{
    while (text.length > 0 && strchr(" \t\r\n", text.data[0]))
        text = (struct str){text.data + 1, text.length - 1};
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]))
        text.length--;
    return text;
}

struct str posting_text(const json_t *value, char scratch[POSTING_SCRATCH_BYTES])
{
    value = posting_item(value, 0);
    if (json_is_object(value)) {
        const json_t *inner = json_object_get(value, "@value");
        value = inner ? inner : json_object_get(value, "name");
        value = posting_item(value, 0);
    }
    if (json_is_string(value))
        return trim((struct str){json_string_value(value), (uint32_t)json_string_length(value)});
    if (json_is_integer(value))
        snprintf(scratch, POSTING_SCRATCH_BYTES, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value) && fabs(json_real_value(value)) < 1e15)
        snprintf(scratch, POSTING_SCRATCH_BYTES, "%.6f", json_real_value(value));
    else
        return STR("");
    return str_of(scratch);
}

json_t *posting_text_json(struct str text)
{
    return json_stringn(text.data ? text.data : "", text.length);
}

/* Bytes of the separator at the beginning of text; 0 when there is none. */
static uint32_t separator_bytes(struct str text)
{
    static const char *const separators[] = {",", ";", "\n", "，", "、", "；", "|"};
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
        if (str_starts_with(text, str_of(separators[i])))
            return (uint32_t)strlen(separators[i]);
    return 0;
}

bool posting_next_piece(struct str *rest, struct str *piece)
{
    while (rest->length > 0) {
        uint32_t end = 0, separator = 0;
        while (end < rest->length && separator == 0) {
            separator = separator_bytes((struct str){rest->data + end, rest->length - end});
            end += separator == 0;
        }
        *piece = trim((struct str){rest->data, end});
        *rest = (struct str){rest->data + end + separator, rest->length - end - separator};
        if (piece->length > 0)
            return true;
    }
    return false;
}

bool posting_refuse(const struct posting *posting, const char *property, const json_t *value,
                    const char *reason)
{
    char scratch[POSTING_SCRATCH_BYTES];
    char shown[sizeof posting->error->value], masked[SPELLING_LIMIT_BYTES];
    struct str text = spelling_mask(posting_text(value, scratch), masked);
    if (json_is_boolean(value))
        text = json_is_true(value) ? STR("true") : STR("false");
    size_t bytes =
        text_whole_bytes(text.data, text.length < sizeof(shown) ? text.length : sizeof(shown) - 1);
    if (text.data)
        memcpy(shown, text.data, bytes);
    shown[bytes] = '\0';
    return error_field(posting->error, "malformed_value", property, shown, "%s", reason);
}

void posting_note(const struct posting *posting, const char *property, struct str value)
{
    struct buffer *note = posting->options->note;
    uint32_t shown = value.length < 60 ? value.length : 60;
    if (note)
        buffer_printf(note, "%s%s '%.*s'", note->length_bytes ? "; " : "", property,
                      (int)text_whole_bytes(value.data, shown), value.data ? value.data : "");
}

bool jobposting_is_linked_data(const json_t *value)
{
    return json_object_get(value, "@type") || json_object_get(value, "@context") ||
           json_object_get(value, "@graph");
}

bool jobposting_is_posting(const json_t *value)
{
    const json_t *type = json_object_get(value, "@type");
    for (size_t i = 0; i < posting_count(type); i++) {
        const char *name = json_string_value(posting_item(type, i));
        const char *slash = name ? strrchr(name, '/') : NULL;
        if (name && strcmp(slash ? slash + 1 : name, "JobPosting") == 0)
            return true;
    }
    return false;
}

/* --- Plain properties ----------------------------------------------------------------------- */

static const json_t *property(const struct posting *posting, const char *name)
{
    return json_object_get(posting->json, name);
}

static void read_text(const struct posting *posting, const char *name, const char *field)
{
    char scratch[POSTING_SCRATCH_BYTES];
    struct str text = posting_text(property(posting, name), scratch);
    if (text.length > 0 && !json_object_get(posting->vacancy, field))
        json_object_set_new(posting->vacancy, field, posting_text_json(text));
}

static bool read_key(const struct posting *posting)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *identifier = posting_item(property(posting, "identifier"), 0);
    const json_t *value = json_object_get(identifier, "value");
    struct str id = posting_text(json_is_object(identifier) ? value : identifier, scratch);
    if (id.length == 0)
        return posting_refuse(posting, "identifier", NULL, "missing: it becomes the key's id");
    json_t *key = json_object();
    json_object_set_new(key, "platform", json_string(posting->options->platform));
    json_object_set_new(key, "id", posting_text_json(id));
    json_object_set_new(posting->vacancy, "key", key);
    return true;
}

static bool read_employer(const struct posting *posting)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *employer = posting_item(property(posting, "hiringOrganization"), 0);
    struct str name = posting_text(employer, scratch);
    if (name.length == 0)
        name = posting_text(json_object_get(employer, "legalName"), scratch);
    if (name.length > 0)
        json_object_set_new(posting->vacancy, "hiring_organization", posting_text_json(name));
    return true;
}

/* In the spellings of spelling.h; a time of day behind it is dropped. */
static bool read_date(const struct posting *posting, const char *name, const char *field)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *value = property(posting, name);
    struct str text = posting_text(value, scratch);
    struct spelling_reason reason;
    char date[11];
    if (text.length == 0)
        return true;
    if (!spelling_date(text, date, &reason))
        return posting_refuse(posting, name, value, reason.text);
    json_object_set_new(posting->vacancy, field, json_string(date));
    return true;
}

static bool read_openings(const struct posting *posting)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *value = property(posting, "totalJobOpenings");
    struct str text = posting_text(value, scratch);
    struct spelling_reason reason;
    int64_t count;
    if (text.length == 0)
        return true;
    if (json_is_real(value) && json_real_value(value) == floor(json_real_value(value)))
        count = (int64_t)json_real_value(value);
    else if (!spelling_integer(text, &count, &reason))
        return posting_refuse(posting, "totalJobOpenings", value, reason.text);
    json_object_set_new(posting->vacancy, "total_job_openings", json_integer(count));
    return true;
}

static bool read_employment_types(const struct posting *posting)
{
    const json_t *value = property(posting, "employmentType");
    json_t *types = json_array();
    for (size_t i = 0; i < posting_count(value); i++) {
        char scratch[POSTING_SCRATCH_BYTES];
        struct str rest = posting_text(posting_item(value, i), scratch), piece;
        while (posting_next_piece(&rest, &piece)) {
            const char *name = term_find(TERM_EMPLOYMENT_TYPE, piece);
            if (!name) {
                json_decref(types);
                return posting_refuse(posting, "employmentType", posting_item(value, i),
                                      "not an employment type, such as FULL_TIME");
            }
            json_array_append_new(types, json_string(name));
        }
    }
    if (json_array_size(types) > 0)
        json_object_set(posting->vacancy, "employment_types", types);
    json_decref(types);
    return true;
}

static void read_location_type(const struct posting *posting)
{
    char scratch[POSTING_SCRATCH_BYTES];
    struct str text = posting_text(property(posting, "jobLocationType"), scratch);
    const char *name = term_find(TERM_JOB_LOCATION_TYPE, text);
    if (name)
        json_object_set_new(posting->vacancy, "job_location_type", json_string(name));
    else if (text.length > 0)
        posting_note(posting, "jobLocationType", text);
}

json_t *jobposting_to_vacancy(const json_t *json, const struct jobposting_options *options,
                              struct error *error)
{
    const struct posting posting = {json, options, json_object(), error};
    bool well = true;
    if (json_object_get(json, "@type") && !jobposting_is_posting(json))
        well =
            posting_refuse(&posting, "@type", json_object_get(json, "@type"), "not a JobPosting");
    read_text(&posting, "title", "title");
    read_text(&posting, "name", "title");
    read_text(&posting, "description", "description");
    read_location_type(&posting);
    well = well && read_key(&posting) && read_employer(&posting) &&
           read_date(&posting, "datePosted", "date_posted") &&
           read_date(&posting, "validThrough", "valid_through") && read_openings(&posting) &&
           read_employment_types(&posting) && posting_read_pay(&posting) &&
           posting_read_places(&posting) && posting_read_needs(&posting);
    if (well)
        return posting.vacancy;
    json_decref(posting.vacancy);
    return NULL;
}
