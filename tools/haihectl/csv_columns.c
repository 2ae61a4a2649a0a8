/* See csv_columns.h: everything here reads the one table. */
#include "haihectl/csv_columns.h"

#include "base/text.h"
#include "haihectl/spelling.h"

#include "base/banned.h"

struct column_text {
    const char *name;
    const char *fields[2]; /* by enum source_kind */
    const char *help;
};

static const struct column_text COLUMN_TEXTS[] = {
#define X(name, text, vacancy, applicant, help) {text, {vacancy, applicant}, help},
    CSV_COLUMNS(X)
#undef X
};

void csv_columns(enum source_kind kind, bool platform_required,
                 struct csv_column columns[CSV_RECORD_COLUMN_COUNT])
{
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT; i++)
        columns[i] =
            (struct csv_column){COLUMN_TEXTS[i].fields[kind] ? COLUMN_TEXTS[i].name : "\n", false};
    columns[CSV_PLATFORM].required = platform_required;
    columns[CSV_ID].required = true;
}

/* Only names that mean the same as the column: "月薪" would say more than wage_min does. */
static const struct {
    const char *name;
    enum csv_record_column column;
} SYNONYMS[] = {
    {"平台", CSV_PLATFORM},
    {"编号", CSV_ID},
    {"职位编号", CSV_ID},
    {"岗位编号", CSV_ID},
    {"简历编号", CSV_ID},
    {"职位名称", CSV_TITLE},
    {"岗位名称", CSV_TITLE},
    {"职位描述", CSV_DESCRIPTION},
    {"岗位描述", CSV_DESCRIPTION},
    {"公司名称", CSV_ORGANIZATION},
    {"企业名称", CSV_ORGANIZATION},
    {"单位名称", CSV_ORGANIZATION},
    {"招聘人数", CSV_OPENINGS},
    {"职业代码", CSV_OCCUPATION},
    {"职业名称", CSV_OCCUPATION_LABEL},
    {"技能", CSV_SKILLS},
    {"技能要求", CSV_SKILLS},
    {"行政区划代码", CSV_AREA_CODE},
    {"地区代码", CSV_AREA_CODE},
    {"纬度", CSV_LAT},
    {"经度", CSV_LON},
    {"地址", CSV_ADDRESS},
    {"工作地址", CSV_ADDRESS},
    {"薪资", CSV_WAGE_MIN},
    {"最低薪资", CSV_WAGE_MIN},
    {"最低工资", CSV_WAGE_MIN},
    {"最高薪资", CSV_WAGE_MAX},
    {"最高工资", CSV_WAGE_MAX},
    {"期望薪资", CSV_WAGE_DESIRED},
    {"薪资单位", CSV_WAGE_UNIT},
    {"工作性质", CSV_EMPLOYMENT_TYPES},
    {"发布日期", CSV_DATE_POSTED},
    {"截止日期", CSV_VALID_THROUGH},
    {"有效期至", CSV_VALID_THROUGH},
    {"到岗日期", CSV_AVAILABLE_FROM},
    {"学历", CSV_EDUCATION},
    {"学历要求", CSV_EDUCATION},
    {"证书", CSV_LICENCES},
    {"资格证书", CSV_LICENCES},
};

/* Lower case, '_' for '-' and ' ', ASCII for full-width letters. */
static struct str plain_name(struct str name, char out[SPELLING_LIMIT_BYTES])
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str plain = spelling_plain(name, scratch);
    if (plain.length >= SPELLING_LIMIT_BYTES)
        return name;
    for (uint32_t i = 0; i < plain.length; i++) {
        char c = plain.data[i];
        out[i] = c == '-' || c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){out, plain.length};
}

const char *csv_column_of_name(enum source_kind kind, struct str name)
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str plain = plain_name(name, scratch);
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT; i++)
        if (COLUMN_TEXTS[i].fields[kind] && str_equal(plain, str_of(COLUMN_TEXTS[i].name)))
            return COLUMN_TEXTS[i].name;
    for (size_t i = 0; i < sizeof(SYNONYMS) / sizeof(SYNONYMS[0]); i++)
        if (COLUMN_TEXTS[SYNONYMS[i].column].fields[kind] &&
            str_equal(plain, str_of(SYNONYMS[i].name)))
            return COLUMN_TEXTS[SYNONYMS[i].column].name;
    return NULL;
}

/* Levenshtein's distance, for names below 32 bytes; more is "far". */
static size_t spelling_distance(struct str a, struct str b)
{
    enum { NAME_LIMIT = 32 };
    size_t row[NAME_LIMIT + 1];
    if (a.length > NAME_LIMIT || b.length > NAME_LIMIT)
        return NAME_LIMIT;
    for (size_t j = 0; j <= b.length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t change = diagonal + (a.data[i - 1] != b.data[j - 1]);
            size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < step ? change : step;
        }
    }
    return row[b.length];
}

const char *csv_column_suggest(enum source_kind kind, struct str name)
{
    const char *best = NULL;
    size_t best_distance = 4; /* three typing errors at the most */
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT; i++) {
        const struct column_text *column = &COLUMN_TEXTS[i];
        if (!column->fields[kind])
            continue;
        size_t distance = spelling_distance(name, str_of(column->name));
        if (str_equal(name, str_of(column->fields[kind])))
            distance = 0;
        if (distance < best_distance) {
            best_distance = distance;
            best = column->name;
        }
    }
    return best;
}

static void write_wrapped(const char *text, size_t indent, struct buffer *out);

void csv_columns_synonyms(struct buffer *out)
{
    struct buffer line;
    buffer_init(&line, 4096);
    for (size_t i = 0; i < sizeof(SYNONYMS) / sizeof(SYNONYMS[0]); i++)
        buffer_printf(&line, "%s%s=%s", i > 0 ? " " : "", SYNONYMS[i].name,
                      COLUMN_TEXTS[SYNONYMS[i].column].name);
    buffer_append(&line, "", 1);
    buffer_append_str(out, STR("  "));
    write_wrapped(line.data, 2, out);
    buffer_release(&line);
}

/* Words from the given column on, the lines indented to it. */
static void write_wrapped(const char *text, size_t indent, struct buffer *out)
{
    enum { HELP_COLUMNS = 78 };
    size_t column = indent;
    while (*text) {
        size_t word_bytes = strcspn(text, " ");
        /* argp takes a byte for a column, and would break lines that have more. */
        if (column > indent && column + 1 + word_bytes > HELP_COLUMNS) {
            buffer_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buffer_append_str(out, STR(" "));
            column++;
        }
        buffer_append(out, text, word_bytes);
        column += word_bytes;
        text += word_bytes + (text[word_bytes] == ' ');
    }
    buffer_append_str(out, STR("\n"));
}

void csv_columns_help(enum source_kind kind, struct buffer *out)
{
    enum { NAME_COLUMNS = 25 };
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT; i++) {
        const struct column_text *column = &COLUMN_TEXTS[i];
        if (!column->fields[kind])
            continue;
        buffer_printf(out, "  %-*s", NAME_COLUMNS - 2, column->name);
        write_wrapped(column->help, NAME_COLUMNS, out);
    }
}

const char *source_column_of_field(enum source_kind kind, const char *field)
{
    /* "job_locations[1].point.latitude" is compared as "job_locations.point.latitude". */
    char plain[128];
    size_t length = 0;
    bool in_index = false;
    for (; *field && length + 1 < sizeof(plain); field++) {
        if (*field == '[')
            in_index = true;
        else if (*field == ']')
            in_index = false;
        else if (!in_index)
            plain[length++] = *field;
    }
    plain[length] = '\0';
    const char *best = NULL;
    size_t best_bytes = 0;
    for (size_t i = 0; i < CSV_RECORD_COLUMN_COUNT; i++) {
        const char *path = COLUMN_TEXTS[i].fields[kind];
        size_t path_bytes = path ? strlen(path) : 0;
        bool holds = path && strncmp(plain, path, path_bytes) == 0 &&
                     (plain[path_bytes] == '\0' || plain[path_bytes] == '.');
        if (holds && path_bytes > best_bytes) {
            best = COLUMN_TEXTS[i].name;
            best_bytes = path_bytes;
        }
    }
    return best;
}

const char *csv_column_name(enum csv_record_column column)
{
    return COLUMN_TEXTS[column].name;
}
