/* Tables of words, a row per spelling. They are short and searched from the front, the usual
 * spellings first: a lookup costs a few comparisons. */
#include "haihectl/terms.h"

#include <stdio.h>

#include "base/banned.h"

/* Longer than any word below; a longer text is none. */
enum { WORD_LIMIT_BYTES = 64 };

struct term {
    const char *word; /* lower case, '_' between its parts */
    const char *name; /* of the enum value, in full */
};

#define EMPLOYMENT(word, name)                                                                     \
    {                                                                                              \
        word, "EMPLOYMENT_TYPE_" name                                                              \
    }
static const struct term EMPLOYMENT_TYPES[] = {
    EMPLOYMENT("full_time", "FULL_TIME"),   EMPLOYMENT("part_time", "PART_TIME"),
    EMPLOYMENT("contractor", "CONTRACTOR"), EMPLOYMENT("temporary", "TEMPORARY"),
    EMPLOYMENT("intern", "INTERN"),         EMPLOYMENT("volunteer", "VOLUNTEER"),
    EMPLOYMENT("per_diem", "PER_DIEM"),     EMPLOYMENT("other", "OTHER"),
    EMPLOYMENT("fulltime", "FULL_TIME"),    EMPLOYMENT("parttime", "PART_TIME"),
    EMPLOYMENT("contract", "CONTRACTOR"),   EMPLOYMENT("temp", "TEMPORARY"),
    EMPLOYMENT("internship", "INTERN"),     EMPLOYMENT("全职", "FULL_TIME"),
    EMPLOYMENT("兼职", "PART_TIME"),        EMPLOYMENT("临时", "TEMPORARY"),
    EMPLOYMENT("实习", "INTERN"),           EMPLOYMENT("日结", "PER_DIEM"),
};

/* The three-letter codes are UN/CEFACT's, which schema.org allows as unitCode. */
#define PAY(word, name)                                                                            \
    {                                                                                              \
        word, "PAY_UNIT_" name                                                                     \
    }
static const struct term PAY_UNITS[] = {
    PAY("month", "MONTH"), PAY("hour", "HOUR"),     PAY("day", "DAY"),     PAY("week", "WEEK"),
    PAY("year", "YEAR"),   PAY("hourly", "HOUR"),   PAY("daily", "DAY"),   PAY("weekly", "WEEK"),
    PAY("mon", "MONTH"),   PAY("monthly", "MONTH"), PAY("annual", "YEAR"), PAY("yearly", "YEAR"),
    PAY("hur", "HOUR"),    PAY("wee", "WEEK"),      PAY("ann", "YEAR"),    PAY("小时", "HOUR"),
    PAY("时", "HOUR"),     PAY("天", "DAY"),        PAY("日", "DAY"),      PAY("周", "WEEK"),
    PAY("月", "MONTH"),    PAY("年", "YEAR"),
};

/* Degrees of GB/T 4658 and the credential categories of schema.org at their ISCED level. */
#define EDUCATION(word, name)                                                                      \
    {                                                                                              \
        word, "EDUCATION_LEVEL_" name                                                              \
    }
static const struct term EDUCATION_LEVELS[] = {
    EDUCATION("primary", "PRIMARY"),
    EDUCATION("lower_secondary", "LOWER_SECONDARY"),
    EDUCATION("upper_secondary", "UPPER_SECONDARY"),
    EDUCATION("post_secondary", "POST_SECONDARY"),
    EDUCATION("short_tertiary", "SHORT_TERTIARY"),
    EDUCATION("bachelor", "BACHELOR"),
    EDUCATION("master", "MASTER"),
    EDUCATION("doctor", "DOCTOR"),
    EDUCATION("high_school", "UPPER_SECONDARY"),
    EDUCATION("professional_certificate", "POST_SECONDARY"),
    EDUCATION("associate_degree", "SHORT_TERTIARY"),
    EDUCATION("bachelor_degree", "BACHELOR"),
    EDUCATION("master_degree", "MASTER"),
    EDUCATION("postgraduate_degree", "MASTER"),
    EDUCATION("doctoral_degree", "DOCTOR"),
    EDUCATION("小学", "PRIMARY"),
    EDUCATION("初中", "LOWER_SECONDARY"),
    EDUCATION("高中", "UPPER_SECONDARY"),
    EDUCATION("中专", "UPPER_SECONDARY"),
    EDUCATION("技校", "UPPER_SECONDARY"),
    EDUCATION("职高", "UPPER_SECONDARY"),
    EDUCATION("大专", "SHORT_TERTIARY"),
    EDUCATION("专科", "SHORT_TERTIARY"),
    EDUCATION("本科", "BACHELOR"),
    EDUCATION("学士", "BACHELOR"),
    EDUCATION("硕士", "MASTER"),
    EDUCATION("研究生", "MASTER"),
    EDUCATION("博士", "DOCTOR"),
};

#define LANGUAGE(word, name)                                                                       \
    {                                                                                              \
        word, "LANGUAGE_LEVEL_" name                                                               \
    }
static const struct term LANGUAGE_LEVELS[] = {
    LANGUAGE("a1", "A1"), LANGUAGE("a2", "A2"), LANGUAGE("b1", "B1"),
    LANGUAGE("b2", "B2"), LANGUAGE("c1", "C1"), LANGUAGE("c2", "C2"),
};

#define LOCATION(word, name)                                                                       \
    {                                                                                              \
        word, "JOB_LOCATION_TYPE_" name                                                            \
    }
static const struct term JOB_LOCATION_TYPES[] = {
    LOCATION("on_site", "ON_SITE"),
    LOCATION("remote", "REMOTE"),
    LOCATION("telecommute", "REMOTE"),
};

#define VACANCY(word, name)                                                                        \
    {                                                                                              \
        word, "VACANCY_STATUS_" name                                                               \
    }
static const struct term VACANCY_STATUSES[] = {
    VACANCY("open", "OPEN"),
    VACANCY("paused", "PAUSED"),
    VACANCY("filled", "FILLED"),
    VACANCY("withdrawn", "WITHDRAWN"),
};

#define APPLICANT(word, name)                                                                      \
    {                                                                                              \
        word, "APPLICANT_STATUS_" name                                                             \
    }
static const struct term APPLICANT_STATUSES[] = {
    APPLICANT("active", "ACTIVE"),
    APPLICANT("paused", "PAUSED"),
    APPLICANT("placed", "PLACED"),
};

/* All of them: which may be softened is the server's to say. */
#define GATE(word, name)                                                                           \
    {                                                                                              \
        word, "GATE_" name                                                                         \
    }
static const struct term GATES[] = {
    GATE("no_related_skill", "NO_RELATED_SKILL"),
    GATE("too_far", "TOO_FAR"),
    GATE("wage_below_minimum", "WAGE_BELOW_MINIMUM"),
    GATE("essential_skill_missing", "ESSENTIAL_SKILL_MISSING"),
    GATE("language_missing", "LANGUAGE_MISSING"),
    GATE("employment_type", "EMPLOYMENT_TYPE"),
    GATE("not_available_yet", "NOT_AVAILABLE_YET"),
    GATE("excluded_organization", "EXCLUDED_ORGANIZATION"),
    GATE("closed", "CLOSED"),
    GATE("consent", "CONSENT"),
    GATE("licence_missing", "LICENCE_MISSING"),
    GATE("filter", "FILTER"),
};

struct term_table {
    const char *prefix;
    const struct term *terms;
    size_t count;
    const char *choices;
};

#define TERMS(array) array, sizeof(array) / sizeof((array)[0])

static const struct term_table TABLES[] = {
    [TERM_EMPLOYMENT_TYPE] = {"EMPLOYMENT_TYPE_", TERMS(EMPLOYMENT_TYPES),
                              "full_time, part_time, contractor, temporary, intern, volunteer, "
                              "per_diem, other"},
    [TERM_PAY_UNIT] = {"PAY_UNIT_", TERMS(PAY_UNITS), "hour, day, week, month, year"},
    [TERM_EDUCATION_LEVEL] = {"EDUCATION_LEVEL_", TERMS(EDUCATION_LEVELS),
                              "primary, lower_secondary, upper_secondary, post_secondary, "
                              "short_tertiary, bachelor, master, doctor"},
    [TERM_LANGUAGE_LEVEL] = {"LANGUAGE_LEVEL_", TERMS(LANGUAGE_LEVELS), "a1, a2, b1, b2, c1, c2"},
    [TERM_JOB_LOCATION_TYPE] = {"JOB_LOCATION_TYPE_", TERMS(JOB_LOCATION_TYPES), "on_site, remote"},
    [TERM_VACANCY_STATUS] = {"VACANCY_STATUS_", TERMS(VACANCY_STATUSES),
                             "open, paused, filled, withdrawn"},
    [TERM_APPLICANT_STATUS] = {"APPLICANT_STATUS_", TERMS(APPLICANT_STATUSES),
                               "active, paused, placed"},
    [TERM_GATE] = {"GATE_", TERMS(GATES),
                   "no_related_skill, too_far, wage_below_minimum, essential_skill_missing, "
                   "language_missing, employment_type, not_available_yet, excluded_organization"},
};

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The last part of a URL, lower case, '_' for '-' and ' '. "" when the word is too long. */
static struct str normalise(struct str word, char out[WORD_LIMIT_BYTES])
{
    struct str none = {out, 0};
    for (uint32_t i = word.length; i > 0; i--) {
        if (word.data[i - 1] == '/') {
            word = (struct str){word.data + i, word.length - i};
            break;
        }
    }
    if (word.length >= WORD_LIMIT_BYTES)
        return none;
    for (uint32_t i = 0; i < word.length; i++) {
        char c = ascii_lower(word.data[i]);
        out[i] = c == '-' || c == ' ' ? '_' : c;
    }
    return (struct str){out, word.length};
}

const char *term_find(enum term_kind kind, struct str word)
{
    const struct term_table *table = &TABLES[kind];
    char normalised[WORD_LIMIT_BYTES];
    struct str key = normalise(word, normalised);
    char prefix_lower[WORD_LIMIT_BYTES];
    struct str prefix = normalise(str_of(table->prefix), prefix_lower);
    if (str_starts_with(key, prefix))
        key = (struct str){key.data + prefix.length, key.length - prefix.length};
    for (size_t i = 0; i < table->count; i++)
        if (str_equal(key, str_of(table->terms[i].word)))
            return table->terms[i].name;
    return NULL;
}

const char *term_choices(enum term_kind kind)
{
    return TABLES[kind].choices;
}

const char *term_plain(const char *name, const char *prefix, char *out, size_t capacity_bytes)
{
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    size_t length = 0;
    for (; name[length] && length + 1 < capacity_bytes; length++)
        out[length] = ascii_lower(name[length]);
    out[length] = '\0';
    return out;
}

bool term_bool(struct str word, bool *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"1", true},
                 {"0", false},   {"y", true},      {"n", false},  {"是", true},  {"否", false}};
    char normalised[WORD_LIMIT_BYTES];
    struct str key = normalise(word, normalised);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_equal(key, str_of(words[i].word))) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}
