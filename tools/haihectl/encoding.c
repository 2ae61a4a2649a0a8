/* See encoding.h. GB18030's two-byte characters are counted by hand: a row of GB 2312's level 1,
 * the 3,755 characters that make up nearly all of written Chinese, begins with B0..D7 and ends with
 * A1..FE. Cost: a pass over the text. */
#include "haihectl/encoding.h"

#include <iconv.h>
#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

static const struct encoding ENCODINGS[] = {
    {"UTF-8", NULL, 1},
    {"GB18030", "GB18030", 1},
    {"BIG5", "BIG5", 1},
    {"UTF-16", "UTF-16", 2},
    {"UTF-16LE", "UTF-16LE", 2},
    {"UTF-16BE", "UTF-16BE", 2},
    {"SHIFT_JIS", "SHIFT_JIS", 1},
    {"EUC-JP", "EUC-JP", 1},
    {"EUC-KR", "EUC-KR", 1},
    {"ISO-8859-1", "ISO-8859-1", 1},
    {"WINDOWS-1252", "WINDOWS-1252", 1},
};
enum { UTF_8, GB18030, UTF_16LE = 4, UTF_16BE = 5 };

static bool equals(struct str text, const char *name)
{
    return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

const struct encoding *encoding_find(struct str name)
{
    static const char *const gb18030[] = {"GBK", "GB2312", "CP936", "GB-18030"};
    for (size_t i = 0; i < sizeof(ENCODINGS) / sizeof(ENCODINGS[0]); i++)
        if (equals(name, ENCODINGS[i].name))
            return &ENCODINGS[i];
    for (size_t i = 0; i < sizeof(gb18030) / sizeof(gb18030[0]); i++)
        if (equals(name, gb18030[i]))
            return &ENCODINGS[GB18030];
    return equals(name, "UTF8") ? &ENCODINGS[UTF_8] : NULL;
}

const char *encoding_names(void)
{
    return "UTF-8, GB18030 (also GBK, GB2312), BIG5, UTF-16, UTF-16LE, UTF-16BE, SHIFT_JIS, "
           "EUC-JP, EUC-KR, ISO-8859-1, WINDOWS-1252";
}

const struct encoding *encoding_of_mark(struct str text, uint32_t *mark_bytes)
{
    static const struct {
        struct str mark;
        int encoding;
    } marks[] = {{{"\xEF\xBB\xBF", 3}, UTF_8},
                 {{"\xFF\xFE", 2}, UTF_16LE},
                 {{"\xFE\xFF", 2}, UTF_16BE},
                 {{"\x84\x31\x95\x33", 4}, GB18030}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (str_starts_with(text, marks[i].mark)) {
            *mark_bytes = marks[i].mark.length;
            return &ENCODINGS[marks[i].encoding];
        }
    }
    return NULL;
}

/* Two-byte characters whose bytes are ASCII beside a NUL: what UTF-16 makes of Latin text. */
static const char *wide_text(struct str text)
{
    uint32_t even = 0, odd = 0, length = text.length < 64 ? text.length & ~1u : 64;
    for (uint32_t i = 0; i < length; i++) {
        even += i % 2 == 0 && text.data[i] == '\0';
        odd += i % 2 == 1 && text.data[i] == '\0';
    }
    if (length >= 4 && even == 0 && odd * 4 >= length)
        return "UTF-16 without a byte order mark: use --encoding UTF-16LE";
    if (length >= 4 && odd == 0 && even * 4 >= length)
        return "UTF-16 without a byte order mark: use --encoding UTF-16BE";
    return NULL;
}

const char *encoding_not_text(struct str text)
{
    static const struct {
        struct str beginning;
        const char *what;
    } kinds[] = {
        {{"PK\3\4", 4},
         "an Excel workbook (.xlsx) or another ZIP archive: save the sheet as 'CSV UTF-8' and load "
         "that"},
        {{"\xD0\xCF\x11\xE0", 4},
         "an old Excel workbook (.xls): save the sheet as 'CSV UTF-8' and load that"},
        {{"%PDF", 4}, "a PDF document"},
        {{"BZh", 3}, "compressed: bzcat FILE | haihectl load .. -"},
        {{"\xFD"
          "7zXZ",
          5},
         "compressed: xzcat FILE | haihectl load .. -"},
        {{"\x28\xB5\x2F\xFD", 4}, "compressed: zstdcat FILE | haihectl load .. -"},
        {{"SQLite format", 13}, "an SQLite database"},
    };
    static const char *const markup[] = {"<!doctype", "<html", "<table", "<?xml"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (str_starts_with(text, kinds[i].beginning))
            return kinds[i].what;
    for (size_t i = 0; i < sizeof(markup) / sizeof(markup[0]); i++)
        if (text.length >= strlen(markup[i]) &&
            strncasecmp(text.data, markup[i], strlen(markup[i])) == 0)
            return "HTML or XML, whatever its name: open it in a spreadsheet and save it as 'CSV "
                   "UTF-8'";
    const char *wide = wide_text(text);
    if (wide)
        return wide;
    uint32_t controls = 0, length = text.length < 4096 ? text.length : 4096;
    for (uint32_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        controls += c < 0x20 && c != '\t' && c != '\r' && c != '\n';
    }
    return controls * 16 > length ? "not a text file" : NULL;
}

/* --- Judging -------------------------------------------------------------------------------- */

static bool is_ascii(struct str text)
{
    for (uint32_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

/* Characters of lines read as GB18030. EUC-KR and EUC-JP have the same shape: Korean syllables come
 * where level 1's characters of A to R are, and none where those of S to Z are, which are nearly
 * half of a Chinese text; Japanese has kana. */
struct gb_counts {
    uint32_t level_1; /* B0A1..D7FE */
    uint32_t late;    /* of them, from S on: C9A1.. */
    uint32_t signs;   /* ，。（）１ */
    uint32_t others, ill_formed;
};

static void count_pair(struct gb_counts *counts, unsigned char lead, unsigned char trail)
{
    bool level_1 = lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1;
    bool kana = lead == 0xa4 || lead == 0xa5;
    bool sign = lead >= 0xa1 && lead <= 0xa9 && trail >= 0xa1 && !kana;
    counts->level_1 += level_1;
    counts->late += level_1 && lead >= 0xc9;
    counts->signs += sign;
    counts->others += !level_1 && !sign;
}

static bool is_chinese(const struct gb_counts *counts)
{
    enum { ENOUGH_CHARACTERS = 8 };
    uint32_t common = counts->level_1 + counts->signs, characters = common + counts->others;
    return characters >= ENOUGH_CHARACTERS && common * 4 >= characters * 3 &&
           counts->late * 16 >= counts->level_1 && counts->ill_formed * 50 <= characters;
}

static void count_gb18030(struct str line, struct gb_counts *counts)
{
    const unsigned char *c = (const unsigned char *)line.data;
    for (uint32_t i = 0; i < line.length;) {
        uint32_t left = line.length - i;
        if (c[i] < 0x80) {
            i++;
        } else if (c[i] == 0x80 || c[i] == 0xff || left < 2) {
            counts->ill_formed++;
            i++;
        } else if (left >= 4 && c[i + 1] >= 0x30 && c[i + 1] <= 0x39) {
            counts->others++;
            i += 4;
        } else if (c[i + 1] >= 0x40 && c[i + 1] != 0x7f && c[i + 1] != 0xff) {
            count_pair(counts, c[i], c[i + 1]);
            i += 2;
        } else {
            counts->ill_formed++;
            i++;
        }
    }
}

/* The first few characters beyond ASCII of a GB18030 line as UTF-8: enough to see that it is right,
 * without the line's numbers. */
static void convert_beginning(struct str line, char out[64])
{
    enum { SHOWN_BYTES = 16 };
    uint32_t start = 0, end;
    while (start < line.length && (unsigned char)line.data[start] < 0x80)
        start++;
    for (end = start; end + 1 < line.length && end < start + SHOWN_BYTES;)
        if ((unsigned char)line.data[end] < 0x80)
            break;
        else
            end += 2;
    char *in = (char *)line.data + start, *to = out;
    size_t in_left = end - start, out_left = 63;
    iconv_t convert = iconv_open("UTF-8", "GB18030");
    if (convert != (iconv_t)-1) {
        iconv(convert, &in, &in_left, &to, &out_left);
        iconv_close(convert);
    }
    *to = '\0';
}

void encoding_show_bytes(struct str text, char out[16])
{
    uint32_t at = (uint32_t)text_valid_bytes(text);
    int length = 0;
    out[0] = '\0';
    for (uint32_t i = at; i < text.length && i < at + 4; i++)
        length += snprintf(out + length, 16 - (size_t)length, "%s%02X", i > at ? " " : "",
                           (unsigned char)text.data[i]);
}

static struct str cut_line(struct str *rest)
{
    const char *end = memchr(rest->data, '\n', rest->length);
    uint32_t bytes = end ? (uint32_t)(end - rest->data) : rest->length;
    struct str line = {rest->data, bytes};
    bytes += end != NULL;
    *rest = (struct str){rest->data + bytes, rest->length - bytes};
    return line;
}

void encoding_judge(struct str text, struct encoding_evidence *evidence)
{
    struct gb_counts counts = {0, 0, 0, 0, 0};
    uint32_t utf8_lines = 0, other_lines = 0, number = 0;
    *evidence = (struct encoding_evidence){.verdict = ENCODING_OPEN};
    const char *last = text.length ? memrchr(text.data, '\n', text.length) : NULL;
    struct str rest = {text.data, last ? (uint32_t)(last - text.data) + 1
                                       : (uint32_t)text_whole_bytes(text.data, text.length)};
    for (; rest.length > 0; number++) {
        struct str line = cut_line(&rest);
        if (is_ascii(line))
            continue;
        if (text_is_valid(line)) {
            utf8_lines++;
            continue;
        }
        if (other_lines++ == 0) {
            evidence->line = number;
            evidence->at = (uint32_t)(line.data - text.data) + (uint32_t)text_valid_bytes(line);
            encoding_show_bytes(line, evidence->bytes);
            convert_beginning(line, evidence->line_text);
        }
        count_gb18030(line, &counts);
    }
    if (utf8_lines > 0 && utf8_lines >= other_lines)
        evidence->verdict = ENCODING_UTF8;
    else if (utf8_lines * 10 <= other_lines && is_chinese(&counts))
        evidence->verdict = ENCODING_GB18030;
}
