/* What a posting asks for: skills, occupation, experience, education, licences. */
#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "base/text.h"
#include "haihectl/jobposting_part.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* --- Skills --------------------------------------------------------------------------------- */

/* Appends the skill unless the list has it already, without regard to ASCII case. */
static void add_skill(json_t *skills, struct str text)
{
    for (size_t i = 0; i < json_array_size(skills); i++) {
        const json_t *held = json_object_get(json_array_get(skills, i), "skill");
        if (json_string_length(held) == text.length &&
            strncasecmp(json_string_value(held), text.data, text.length) == 0)
            return;
    }
    json_t *skill = json_object();
    json_object_set_new(skill, "skill", posting_text_json(text));
    json_array_append_new(skills, skill);
}

static void read_skills(const struct posting *posting)
{
    const json_t *value = json_object_get(posting->json, "skills");
    json_t *skills = json_array();
    for (size_t i = 0; i < posting_count(value); i++) {
        char scratch[POSTING_SCRATCH_BYTES];
        const json_t *item = posting_item(value, i);
        struct str rest = posting_text(item, scratch), piece;
        if (json_is_object(item)) {
            if (rest.length == 0)
                rest = posting_text(json_object_get(item, "termCode"), scratch);
            if (rest.length > 0)
                add_skill(skills, rest); /* a term's name may hold a comma */
            continue;
        }
        while (posting_next_piece(&rest, &piece))
            add_skill(skills, piece);
    }
    if (json_array_size(skills) > 0)
        json_object_set(posting->vacancy, "skills", skills);
    json_decref(skills);
}

/* --- Occupation ----------------------------------------------------------------------------- */

static bool holds(struct str text, const char *part)
{
    size_t part_bytes = strlen(part);
    for (uint32_t i = 0; i + part_bytes <= text.length; i++)
        if (strncasecmp(text.data + i, part, part_bytes) == 0)
            return true;
    return false;
}

/* The code system by its name, else by the look of the code: 15-1252.00 is O*NET-SOC, 6-18-02-04 is
 * China's classification of 2022, digits only are ISCO-08. */
static const char *code_system(struct str set, struct str code)
{
    size_t dashes = 0;
    for (uint32_t i = 0; i < code.length; i++)
        dashes += code.data[i] == '-';
    if (holds(set, "isco"))
        return "isco-08";
    if (holds(set, "esco"))
        return "esco";
    if (holds(set, "onet") || holds(set, "o*net") || holds(set, "soc"))
        return "onet-soc";
    if (holds(set, "职业分类") || holds(set, "GB/T 6565"))
        return "cn-2022";
    if (dashes == 1 && code.length >= 7 && code.data[2] == '-')
        return "onet-soc";
    return dashes >= 2 ? "cn-2022" : "isco-08";
}

/* "15-1252.00 Software Developers" -> its code; "" when the text does not begin with a digit. */
static struct str leading_code(struct str text)
{
    uint32_t end = 0;
    if (text.length == 0 || text.data[0] < '0' || text.data[0] > '9')
        return (struct str){NULL, 0};
    while (end < text.length &&
           (strchr("-.", text.data[end]) || (text.data[end] >= '0' && text.data[end] <= '9')))
        end++;
    return (struct str){text.data, end};
}

static void read_occupation(const struct posting *posting)
{
    char code_scratch[POSTING_SCRATCH_BYTES], scratch[POSTING_SCRATCH_BYTES];
    char set_scratch[POSTING_SCRATCH_BYTES];
    const json_t *value = posting_item(json_object_get(posting->json, "occupationalCategory"), 0);
    struct str label = posting_text(value, scratch);
    struct str code = posting_text(json_object_get(value, "codeValue"), code_scratch);
    struct str set = posting_text(json_object_get(value, "inCodeSet"), set_scratch);
    if (code.length == 0) {
        code = leading_code(label);
        label = (struct str){label.data + code.length, label.length - code.length};
        while (label.length > 0 && strchr(" :-", label.data[0]))
            label = (struct str){label.data + 1, label.length - 1};
    }
    if (code.length == 0) {
        if (label.length > 0)
            posting_note(posting, "occupationalCategory", label);
        return;
    }
    json_t *occupation = json_object();
    json_object_set_new(occupation, "system", json_string(code_system(set, code)));
    json_object_set_new(occupation, "code", posting_text_json(code));
    if (label.length > 0)
        json_object_set_new(occupation, "label", posting_text_json(label));
    json_object_set_new(posting->vacancy, "occupational_category", occupation);
}

/* --- Experience, education, qualifications -----------------------------------------------------
 */

static bool read_experience(const struct posting *posting)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *value = posting_item(json_object_get(posting->json, "experienceRequirements"), 0);
    const json_t *months_value =
        json_is_object(value) ? json_object_get(value, "monthsOfExperience") : value;
    struct str text = posting_text(months_value, scratch);
    int64_t months;
    if (text.length == 0)
        return true;
    if (json_is_real(months_value))
        months = (int64_t)ceil(json_real_value(months_value));
    else if (!text_to_int64(text, &months)) {
        if (json_is_object(value))
            return posting_refuse(posting, "experienceRequirements.monthsOfExperience",
                                  months_value, "not a number of months");
        posting_note(posting, "experienceRequirements", text);
        return true;
    }
    if (months > 0)
        json_object_set_new(posting->vacancy, "months_of_experience", json_integer(months));
    return true;
}

/* What says that no degree is asked for. */
static bool means_none(struct str text)
{
    static const char *const words[] = {"no requirements", "none", "不限", "学历不限", "无"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text.length == strlen(words[i]) && strncasecmp(text.data, words[i], text.length) == 0)
            return true;
    return false;
}

static int education_rank(const char *name)
{
    static const char *const order[] = {"PRIMARY",        "LOWER_SECONDARY", "UPPER_SECONDARY",
                                        "POST_SECONDARY", "SHORT_TERTIARY",  "BACHELOR",
                                        "MASTER",         "DOCTOR"};
    int rank = 0;
    while (rank < 8 && strcmp(name + strlen("EDUCATION_LEVEL_"), order[rank]) != 0)
        rank++;
    return rank;
}

/* Any of the listed credentials will do, so the lowest is what is asked for. */
static void read_education(const struct posting *posting)
{
    const json_t *value = json_object_get(posting->json, "educationRequirements");
    const char *lowest = NULL;
    for (size_t i = 0; i < posting_count(value); i++) {
        char scratch[POSTING_SCRATCH_BYTES];
        const json_t *item = posting_item(value, i);
        const json_t *category = json_object_get(item, "credentialCategory");
        struct str rest = posting_text(category ? category : item, scratch), piece;
        while (posting_next_piece(&rest, &piece)) {
            if (means_none(piece))
                return;
            const char *name = term_find(TERM_EDUCATION_LEVEL, piece);
            if (!name)
                posting_note(posting, "educationRequirements", piece);
            else if (!lowest || education_rank(name) < education_rank(lowest))
                lowest = name;
        }
    }
    if (lowest)
        json_object_set_new(posting->vacancy, "education_level", json_string(lowest));
}

static bool is_licence(const json_t *credential)
{
    char scratch[POSTING_SCRATCH_BYTES];
    struct str category = posting_text(json_object_get(credential, "credentialCategory"), scratch);
    return holds(category, "licen") || holds(category, "执业") || holds(category, "准入") ||
           holds(category, "驾驶证");
}

/* Behind the description, because that is kept for people. */
static void append_description(const struct posting *posting, struct str text)
{
    const char *held = json_string_value(json_object_get(posting->vacancy, "description"));
    struct buffer joined;
    buffer_init(&joined, 1024 * 1024);
    if (held)
        buffer_printf(&joined, "%s\n\n", held);
    buffer_append_str(&joined, text);
    if (!joined.failed)
        json_object_set_new(posting->vacancy, "description",
                            posting_text_json(buffer_borrow(&joined)));
    buffer_release(&joined);
}

static void read_qualifications(const struct posting *posting)
{
    const json_t *value = json_object_get(posting->json, "qualifications");
    json_t *licences = json_array();
    for (size_t i = 0; i < posting_count(value); i++) {
        char scratch[POSTING_SCRATCH_BYTES];
        const json_t *item = posting_item(value, i);
        struct str text = posting_text(item, scratch);
        if (text.length == 0)
            continue;
        if (is_licence(item))
            json_array_append_new(licences, posting_text_json(text));
        else
            append_description(posting, text);
    }
    if (json_array_size(licences) > 0)
        json_object_set(posting->vacancy, "licences", licences);
    json_decref(licences);
}

bool posting_read_needs(const struct posting *posting)
{
    read_skills(posting);
    read_occupation(posting);
    read_education(posting);
    read_qualifications(posting);
    return read_experience(posting);
}
