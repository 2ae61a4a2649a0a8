/* What the bytes of a file are: their encoding, or that they are no text at all.
 *
 * A byte order mark is proof. Without one, a text is UTF-8 until bytes that are none appear;
 * GB18030 is then named when enough of them are pairs of common Chinese characters and hardly any
 * line is well-formed UTF-8. It is named, not assumed: whoever loads the file says so with
 * --encoding. Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_ENCODING_H
#define HAIHE_HAIHECTL_ENCODING_H

#include "base/error.h"
#include "base/str.h"

struct encoding {
    const char *name;       /* as people write it: "GB18030" */
    const char *iconv_name; /* for iconv_open; NULL: UTF-8, nothing is to be converted */
    uint32_t unit_bytes;    /* how much is skipped when a character is ill-formed */
};

/* By its name in any case; GBK and GB2312 are read as GB18030, which holds them. NULL when it is
 * not known. */
const struct encoding *encoding_find(struct str name);
/* "UTF-8, GB18030, .." for messages; static. */
const char *encoding_names(void);

/* The encoding that the text's byte order mark states and the mark's size; NULL when it has none.
 */
const struct encoding *encoding_of_mark(struct str text, uint32_t *mark_bytes);

/* What a file that begins with these bytes is, when it is well known and no text ("an Excel
 * workbook or another ZIP archive", with what to do about it); NULL otherwise. */
const char *encoding_not_text(struct str text);

enum encoding_verdict {
    ENCODING_OPEN,    /* ASCII, or too little to tell */
    ENCODING_UTF8,    /* lines of UTF-8 beyond ASCII */
    ENCODING_GB18030, /* with confidence */
};

struct encoding_evidence {
    enum encoding_verdict verdict;
    uint32_t at;        /* of the first byte that is not UTF-8 */
    uint32_t line;      /* the line breaks before it */
    char bytes[16];     /* "B5 E7 BA B8": it and those behind it */
    char line_text[64]; /* GB18030: the beginning of that line, converted */
};

/* Judges whole lines of text: an unfinished line at the end is left out when there are others. */
void encoding_judge(struct str text, struct encoding_evidence *evidence);
/* "B5 E7 BA B8": the first byte that is not UTF-8 and up to three behind it; "" when all are. */
void encoding_show_bytes(struct str text, char out[16]);

#endif
