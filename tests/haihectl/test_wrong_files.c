/* Files as portals and spreadsheets write them: each case one file and what becomes of it, with the
 * whole message. */
#include <criterion/criterion.h>
#include <iconv.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/buffer.h"
#include "rows.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* The error's text without the file's name, which is another each time: "file '..' is" -> "is",
 * "path:1: .." -> "1: ..". */
static const char *without_path(const char *text)
{
    const char *name = strstr(text, "/tmp/haihectl-test-");
    const char *end = name ? name + strcspn(name, ":' ") : text;
    return *end == '\'' && end[1] == ' ' ? end + 2 : *end == ':' ? end + 1 : end;
}

static void expect_remark(const struct rows *rows, const char *remark)
{
    cr_expect_str_eq(rows->remark, remark);
}

Test(wrong_files, refuses_what_is_no_file_of_records_and_says_what_it_is)
{
    static const struct {
        struct str text;
        const char *says;
    } cases[] = {
        {TEXT(""), " the file is empty; a CSV file begins with a header"},
        {TEXT("\n\r\n"), " the file is empty; a CSV file begins with a header"},
        {TEXT("PK\3\4\24\0\0\0"),
         "is an Excel workbook (.xlsx) or another ZIP archive: save the sheet as 'CSV UTF-8' and "
         "load that"},
        {TEXT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
         "is an old Excel workbook (.xls): save the sheet as 'CSV UTF-8' and load that"},
        {TEXT("%PDF-1.7\n"), "is a PDF document"},
        {TEXT("<html><table><tr><td>id</td></tr></table>"),
         "is HTML or XML, whatever its name: open it in a spreadsheet and save it as 'CSV UTF-8'"},
        {TEXT("\x28\xB5\x2F\xFD\0\0"), "is compressed: zstdcat FILE | haihectl load .. -"},
        {TEXT("i\0d\0,\0t\0i\0t\0l\0e\0\n\0"),
         "is UTF-16 without a byte order mark: use --encoding UTF-16LE"},
        {TEXT("\0i\0d\0,\0t\0i\0t\0l\0e\0\n"),
         "is UTF-16 without a byte order mark: use --encoding UTF-16BE"},
        {TEXT("\x7F"
              "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0"),
         "is not a text file"},
        {TEXT("p,1,cook\np,2,smith\n"),
         "1: the header has no known column: a CSV file begins with the names of its "
         "columns, see haihectl load --help"},
        {TEXT("platform，id，title\n"),
         "1: the header's columns are parted by '，', which is no ','"},
        {TEXT("platform,id,title,title\n"),
         "1: column 'title' stands twice in the header (columns 3 and 4)"},
        {TEXT("platform,id,title,职位名称\n"),
         "1: column 'title' stands twice in the header (columns 3 and 4)"},
        {TEXT("\n\ntitle,plattform,idd\n"),
         "3: in the header 'platform' (is it 'plattform'?) and 'id' (is it 'idd'?) are missing; "
         "--platform NAME states one for all rows"},
        {TEXT("platform,title\n"), "1: in the header 'id' is missing"},
        {TEXT("platform,id,wage_mn,colour,titel\n"),
         "1: columns 'wage_mn' (did you mean 'wage_min'?), 'colour', 'titel' (did you mean "
         "'title'?) are not known; --ignore-unknown leaves them out"},
        {TEXT("platform,id,\xD6\xB0\xCE\xBB\xC3\xFB\xB3\xC6,\xB9\xAB\xCB\xBE\xC3\xFB\xB3\xC6\np,1,"
              "a,b\n"),
         "is not UTF-8 from line 1 on (byte 17: C3 FB B3 C6): it looks like GB18030, "
         "'职位名称': use --encoding GB18030"},
        {TEXT("platform,id,title\np,1,cook\np,2,"
              "\xB5\xE7\xBA\xB8\xB9\xA4\xD1\xF8\xC0\xCF\xBB\xA4\xC0\xED\xD4\xB1\n"),
         "is not UTF-8 from line 3 on (byte 32: B5 E7 BA B8): it looks like GB18030, "
         "'电焊工养老护理员': use --encoding GB18030"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        rows_read(&rows, ".csv", cases[i].text, NULL);
        cr_expect_eq(rows.end, SOURCE_FAILED, "case %zu", i);
        cr_expect_eq(rows.count, 0, "case %zu", i);
        cr_expect_str_eq(without_path(rows.error.text), cases[i].says, "case %zu: %s", i,
                         rows.error.text);
        rows_release(&rows);
    }
}

Test(wrong_files, reads_what_has_one_meaning)
{
    static const char *const one = "{'key': {'platform': 'p', 'id': '1'}, 'title': 'a'}";
    static const struct {
        struct str text;
        const char *remark;
    } cases[] = {
        {TEXT("platform,id,title\np,1,a"), ""},
        {TEXT("\xEF\xBB\xBFplatform,id,title\r\np,1,a\r\n"), ""},
        {TEXT("\xEF\xBB\xBF\"platform\",\"id\",\"title\"\r\n\"p\",\"1\",\"a\"\r\n"), ""},
        {TEXT("platform,id,title\rp,1,a\r"), "lines end with carriage returns"},
        {TEXT("platform;id;title\np;1;a\n"), "columns are parted by ';'"},
        {TEXT("platform\tid\ttitle\np\t1\ta\n"), "columns are parted by tabs"},
        {TEXT("platform,id,title,,\np,1,a,,\n"), ""},
        {TEXT("platform,id,title\np,1,a,,,\n,,\n\n,,,,\n"), ""},
        {TEXT("Platform, ID ,ＴＩＴＬＥ\np,1,a\n"), ""},
        {TEXT("平台,职位编号,职位名称\np,1,a\n"), ""},
        {TEXT("\xFF\xFEp\0l\0a\0t\0f\0o\0r\0m\0,\0i\0d\0,\0t\0i\0t\0l\0e\0\n\0p\0,\0"
              "1\0,\0a\0\n\0"),
         "as UTF-16LE, by its byte order mark"},
        {TEXT("\xFE\xFF\0p\0l\0a\0t\0f\0o\0r\0m\0,\0i\0d\0,\0t\0i\0t\0l\0e\0\r\0\n\0p\0,\0"
              "1\0,\0a"),
         "as UTF-16BE, by its byte order mark"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        rows_read(&rows, ".csv", cases[i].text, NULL);
        cr_assert_eq(rows.count, 1, "case %zu: %s", i, rows.error.text);
        rows_expect(&rows, 0, one);
        expect_remark(&rows, cases[i].remark);
        cr_expect_eq(rows.end, SOURCE_END);
        rows_release(&rows);
    }
}

Test(wrong_files, refuses_rows_one_by_one)
{
    static const struct {
        struct str line;
        const char *says;
    } cases[] = {
        {TEXT("p,1\n"), "2 values where the header has 3 columns"},
        {TEXT("p,1,a,b\n"), "4 values where the header has 3 columns"},
        {TEXT("p,1,a\0b\n"), "value 3 'a' is not UTF-8 text: byte 00 (--encoding GB18030 reads "
                             "Chinese files)"},
        {TEXT("p,1,caf\xE9\n"), "value 3 'caf?' is not UTF-8 text: byte E9 (--encoding GB18030 "
                                "reads Chinese files)"},
        {TEXT("p,1,\"a\"b\n"), "a stray '\"'; quote the value and double it"},
        {TEXT("p,1,5\" pipe\n"), "a stray '\"'; quote the value and double it"},
        {TEXT("p,1,\"open\n"), "the quotation mark that opens a value here is never closed as it "
                               "should be: a stray '\"'; quote the value and double it"},
        {TEXT("p,1,a\rp,3,b\n"), "several rows in one line: a carriage return without a line feed "
                                 "ends a row (tr '\\r' '\\n' converts such a file)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        int head = snprintf(text, sizeof(text), "platform,id,title\n");
        memcpy(text + head, cases[i].line.data, cases[i].line.length);
        uint32_t length = (uint32_t)head + cases[i].line.length;
        length += (uint32_t)snprintf(text + length, sizeof(text) - length, "p,2,“b”\np,3,\"c\"\n");
        struct rows rows;
        rows_read(&rows, ".csv", (struct str){text, length}, NULL);
        cr_assert_eq(rows.count, 3, "case %zu: %zu rows", i, rows.count);
        cr_expect_str_eq(rows.rows[0].error.text, cases[i].says, "case %zu", i);
        cr_expect_eq(rows.rows[0].line, 2);
        rows_expect(&rows, 1, "{'key': {'platform': 'p', 'id': '2'}, 'title': '“b”'}");
        rows_expect(&rows, 2, "{'key': {'platform': 'p', 'id': '3'}, 'title': 'c'}");
        cr_expect_eq(rows.rows[1].line, 3);
        cr_expect_eq(rows.rows[2].line, 4);
        rows_release(&rows);
    }
}

/* A quotation mark swallows the lines behind it up to the next one: they are given back. */
Test(wrong_files, loses_no_row_behind_an_open_quotation_mark)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,title\np,1,\"open\np,2,b\n\np,3,\"two\nlines\"\np,4,\"open, too\n"
                  "p,5,e\np,6,\"f\"\n"),
              NULL);
    static const uint64_t lines[] = {2, 3, 5, 7, 8, 9};
    cr_assert_eq(rows.count, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(rows.rows[i].line, lines[i], "row %zu: line %llu", i,
                     (unsigned long long)rows.rows[i].line);
        cr_expect_eq(rows.rows[i].record == NULL, i == 0 || i == 3, "row %zu", i);
    }
    rows_expect(&rows, 2, "{'key': {'platform': 'p', 'id': '3'}, 'title': 'two\\nlines'}");
    rows_release(&rows);
}

/* --- Encodings and compression -------------------------------------------------------------- */

static void convert(struct buffer *out, const char *encoding, struct str text)
{
    iconv_t convert = iconv_open(encoding, "UTF-8");
    cr_assert(convert != (iconv_t)-1, "%s", encoding);
    char *from = (char *)text.data;
    size_t from_bytes = text.length, room_bytes = 4 * (size_t)text.length;
    char *room = buffer_reserve(out, room_bytes), *to = room;
    cr_assert_neq(iconv(convert, &from, &from_bytes, &to, &room_bytes), (size_t)-1);
    buffer_commit(out, (size_t)(to - room));
    iconv_close(convert);
}

static void read_as(struct rows *rows, struct str text, const char *encoding)
{
    const struct source_options options = {.encoding =
                                               encoding ? encoding_find(str_of(encoding)) : NULL};
    rows_read(rows, ".csv", text, &options);
}

static const char CHINESE[] =
    "平台,编号,职位名称,公司名称,薪资\np,1,电焊工,天津港口机械有限公司,8千-1.2万/月\n"
    "p,2,养老护理员（夜班）,和平区颐养中心,面议\n";

Test(wrong_files, reads_every_encoding_it_names)
{
    static const struct {
        const char *option, *written;
    } cases[] = {{"GB18030", "GB18030"},   {"gbk", "GBK"},           {"GB2312", "GB2312"},
                 {"UTF-16LE", "UTF-16LE"}, {"utf-16be", "UTF-16BE"}, {"UTF-16", "UTF-16"},
                 {"UTF8", "UTF-8"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        struct buffer text;
        buffer_init(&text, 65536);
        convert(&text, cases[i].written, STR(CHINESE));
        read_as(&rows, buffer_borrow(&text), cases[i].option);
        cr_assert_eq(rows.count, 2, "%s: %s", cases[i].option, rows.error.text);
        rows_expect(&rows, 0,
                    "{'key': {'platform': 'p', 'id': '1'}, 'title': '电焊工',"
                    "'hiring_organization': '天津港口机械有限公司',"
                    "'base_salary': {'min_amount': 800000, 'max_amount': 1200000,"
                    "'unit': 'PAY_UNIT_MONTH'}}");
        rows_release(&rows);
        buffer_release(&text);
    }
    cr_expect_null(encoding_find(STR("KLINGON")));
}

Test(wrong_files, refuses_an_encoding_that_the_file_is_not_in)
{
    struct rows rows;
    struct buffer text;
    read_as(&rows, STR(CHINESE), "GB18030");
    cr_expect_str_eq(without_path(rows.error.text), "is UTF-8: leave out --encoding GB18030");
    read_as(&rows, STR("\xEF\xBB\xBFplatform,id\n"), "GB18030");
    cr_expect_str_eq(without_path(rows.error.text),
                     "begins with the byte order mark of UTF-8, not of GB18030 (--encoding)");
    buffer_init(&text, 65536);
    convert(&text, "GB18030", STR(CHINESE));
    buffer_append_str(&text, STR("p,3,\xFF\xFF,x,\np,4,d,e,\n"));
    read_as(&rows, buffer_borrow(&text), "GB18030");
    cr_assert_eq(rows.count, 4, "%s", rows.error.text);
    cr_expect_str_eq(rows.rows[2].error.text, "a character that is none in GB18030 (--encoding)");
    cr_expect_not_null(rows.rows[3].record, "%s", rows.rows[3].error.text);
    rows_release(&rows);
    buffer_release(&text);
}

/* A mixed file is read row by row; a file in another encoding than GB18030 is not named so. */
Test(wrong_files, names_gb18030_only_with_confidence)
{
    static const struct {
        const char *encoding, *text;
        bool named;
    } cases[] = {
        {"GB18030", "电焊工，天津（滨海）有限公司\n", true},
        {"GB18030", "电焊工", false}, /* too little */
        {"BIG5", "電焊工護理員軟件工程師天津港口機械\n", false},
        {"SHIFT_JIS", "溶接工ソフトウェア技術者の募集です\n", false},
        {"EUC-JP", "溶接工ソフトウェア技術者の募集です\n", false},
        {"EUC-KR", "용접공을모집합니다서울특별시\n", false},
        {"ISO-8859-1", "éèàüöäßçñéèàüöäßçñ\n", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct encoding_evidence evidence;
        struct buffer text;
        buffer_init(&text, 65536);
        convert(&text, cases[i].encoding, str_of(cases[i].text));
        encoding_judge(buffer_borrow(&text), &evidence);
        cr_expect_eq(evidence.verdict == ENCODING_GB18030, cases[i].named, "case %zu", i);
        buffer_release(&text);
    }
    struct rows rows;
    read_as(&rows, STR("platform,id,title\np,1,电焊工\np,2,\xB5\xE7\xBA\xB8\xB9\xA4\np,3,护理员\n"),
            NULL);
    cr_assert_eq(rows.count, 3, "%s", rows.error.text);
    cr_expect_not_null(rows.rows[0].record);
    cr_expect_null(rows.rows[1].record);
    cr_expect_not_null(rows.rows[2].record);
    rows_release(&rows);
}

/* gzip, in members of `member_bytes`. */
static void pack(struct buffer *out, struct str text, uint32_t member_bytes)
{
    for (uint32_t at = 0; at < text.length; at += member_bytes) {
        uint32_t left = text.length - at;
        z_stream stream = {.next_in = (unsigned char *)text.data + at,
                           .avail_in = left < member_bytes ? left : member_bytes};
        cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
        stream.avail_out = (unsigned)deflateBound(&stream, stream.avail_in);
        stream.next_out = (unsigned char *)buffer_reserve(out, stream.avail_out);
        cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
        buffer_commit(out, stream.total_out);
        deflateEnd(&stream);
    }
}

Test(wrong_files, unpacks_gzip_of_any_encoding)
{
    struct rows rows;
    struct buffer text, packed;
    buffer_init(&text, 65536);
    buffer_init(&packed, 65536);
    convert(&text, "GB18030", STR(CHINESE));
    pack(&packed, buffer_borrow(&text), 37);
    read_as(&rows, buffer_borrow(&packed), "GB18030");
    cr_assert_eq(rows.count, 2, "%s", rows.error.text);
    expect_remark(&rows, "unpacked (gzip)");
    rows_release(&rows);
    read_as(&rows, buffer_borrow(&packed), NULL);
    cr_expect_not_null(strstr(rows.error.text, "looks like GB18030"), "%s", rows.error.text);
    packed.length_bytes -= 5;
    read_as(&rows, buffer_borrow(&packed), "GB18030");
    cr_expect_eq(rows.end, SOURCE_FAILED);
    cr_expect_str_eq(without_path(rows.error.text), "ends in the middle of its gzip data");
    rows_release(&rows);
    packed.data[packed.length_bytes - 20] ^= 0x55;
    read_as(&rows, buffer_borrow(&packed), "GB18030");
    cr_expect_eq(rows.end, SOURCE_FAILED);
    rows_release(&rows);
    buffer_release(&text);
    buffer_release(&packed);
}

/* Conversion at every possible end of a piece: what one read gives is the whole, here the window's
 * 256 KiB end falls on each byte of a character. */
Test(wrong_files, converts_characters_that_pieces_cut)
{
    for (size_t shift = 0; shift < 5; shift++) {
        struct rows rows;
        struct buffer utf8, text;
        buffer_init(&utf8, 4 << 20);
        buffer_init(&text, 16 << 20);
        buffer_printf(&utf8, "platform,id,title\np,1,%.*s", (int)shift, "xxxx");
        for (int i = 0; utf8.length_bytes < 450000; i++)
            buffer_append_str(&utf8, i % 15 ? STR("焊𠀀") : STR("焊\np,2,"));
        for (size_t i = 0, lines = 0; i < utf8.length_bytes; i++) {
            lines += utf8.data[i] == '\n';
            if (lines == ROW_LIMIT - 2) { /* what rows_read holds */
                for (size_t j = i; j < utf8.length_bytes; j++)
                    utf8.data[j] = utf8.data[j] == '\n' || utf8.data[j] == ',' ? ' ' : utf8.data[j];
                break;
            }
        }
        convert(&text, "GB18030", buffer_borrow(&utf8));
        read_as(&rows, buffer_borrow(&text), "GB18030");
        cr_assert_eq(rows.end, SOURCE_END, "%s", rows.error.text);
        for (size_t i = 0; i < rows.count; i++)
            cr_expect_not_null(rows.rows[i].record, "row %zu: %s", i, rows.rows[i].error.text);
        rows_release(&rows);
        buffer_release(&utf8);
        buffer_release(&text);
    }
}

/* --- JSON ----------------------------------------------------------------------------------- */

Test(wrong_files, says_what_is_wrong_with_json)
{
    static const struct {
        struct str line;
        const char *says;
    } cases[] = {
        {TEXT("{\"title\":\"a\",}"), "not JSON: a comma stands behind the last one (column 13)"},
        {TEXT("{\"tags\":[\"a\" , ]}"), "not JSON: a comma stands behind the last one (column 14)"},
        {TEXT("{\"title\":\"a\""), "not JSON: ',' or '}' is missing (column 13)"},
        {TEXT("{\"title\":\"caf\xE9\"}"),
         "not UTF-8 text: bytes E9 22 7D at column 14 (--encoding names another encoding)"},
        {TEXT("{\"title\":\"a\"} {"), "not JSON: something stands behind the value (column 15)"},
        {TEXT("null"), "not a JSON object"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer text;
        struct rows rows;
        buffer_init(&text, 4096);
        buffer_append_str(&text, STR("\xEF\xBB\xBF{\"title\":\"first\"}\r\n"));
        buffer_append_str(&text, cases[i].line);
        buffer_append_str(&text, STR("\n{\"title\":\"last\"}\n"));
        rows_read(&rows, ".jsonl", buffer_borrow(&text), NULL);
        cr_assert_eq(rows.count, 3, "case %zu", i);
        cr_expect_not_null(rows.rows[0].record);
        cr_expect_str_eq(rows.rows[1].error.text, cases[i].says, "case %zu", i);
        cr_expect_eq(rows.rows[1].line, 2);
        rows_expect(&rows, 2, "{'title': 'last'}");
        rows_release(&rows);
        buffer_release(&text);
    }
}

Test(wrong_files, reads_json_of_another_encoding)
{
    struct rows rows;
    struct buffer text;
    const struct source_options options = {.encoding = encoding_find(STR("GBK"))};
    buffer_init(&text, 4096);
    convert(&text, "GBK", STR("[\n{\"title\": \"电焊工\"},\n{\"title\": \"护理员（夜班）\"}\n]\n"));
    rows_read(&rows, ".json", buffer_borrow(&text), &options);
    cr_assert_eq(rows.count, 2, "%s", rows.error.text);
    rows_expect(&rows, 1, "{'title': '护理员（夜班）'}");
    rows_release(&rows);
    rows_read(&rows, ".json", buffer_borrow(&text), NULL);
    cr_expect_not_null(strstr(rows.error.text, "use --encoding GB18030"), "%s", rows.error.text);
    rows_release(&rows);
    buffer_release(&text);
}

/* --- Limits --------------------------------------------------------------------------------- */

Test(wrong_files, refuses_a_directory_and_a_line_beyond_its_limit)
{
    struct error error;
    const struct source_options options = {.path = "/tmp", .stop_fd = -1};
    cr_expect_null(source_open(&options, &error));
    cr_expect_str_eq(error.text, "file '/tmp' is a directory");

    struct rows rows;
    struct buffer text;
    buffer_init(&text, 64 << 20);
    buffer_append_str(&text, STR("platform,id,title\np,1,a\n"));
    size_t long_bytes = 33 << 20;
    memset(buffer_reserve(&text, long_bytes), 'x', long_bytes);
    buffer_commit(&text, long_bytes);
    rows_read(&rows, ".csv", buffer_borrow(&text), NULL);
    cr_expect_eq(rows.count, 1);
    cr_expect_eq(rows.end, SOURCE_FAILED);
    cr_expect_str_eq(without_path(rows.error.text), "3: the line is longer than 33554432 bytes");
    rows_release(&rows);
    text.length_bytes = 26 + (2 << 20);
    buffer_append_str(&text, STR("\np,2,b\n"));
    rows_read(&rows, ".csv", buffer_borrow(&text), NULL);
    cr_assert_eq(rows.count, 3, "%s", rows.error.text);
    cr_expect_str_eq(rows.rows[1].error.text, "the row is longer than 1048576 bytes");
    cr_expect_eq(rows.rows[1].line, 3);
    rows_expect(&rows, 2, "{'key': {'platform': 'p', 'id': '2'}, 'title': 'b'}");
    rows_release(&rows);
    buffer_release(&text);
}
