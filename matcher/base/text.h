/* UTF-8 text as people type it: validation, folding for comparison, numbers.
 *
 * Folding (utf8proc: NFKC, case folding, default-ignorables stripped, spaces at both ends removed)
 * makes full-width letters, case and compatibility forms equal: `ＣＮＣ 编程` and `cnc 编程`.
 * Thread: any; nothing is kept.
 */
#ifndef HAIHE_BASE_TEXT_H
#define HAIHE_BASE_TEXT_H

#include "base/arena.h"
#include "base/str.h"

/* True when the bytes are well-formed UTF-8 without NUL. */
bool text_is_valid(struct str text);
/* How many bytes at the front are; the length when it is valid. */
size_t text_valid_bytes(struct str text);
/* True when a valid text holds no control characters (C0, DEL, C1) but tab and line breaks. */
bool text_is_printable(struct str text);
/* The folded form, in the arena. data is NULL when the text is invalid or memory is short. */
struct str text_fold(struct arena *arena, struct str text);
/* The length without a character that was cut at the end of text; whatever else is ill-formed
 * stays. */
size_t text_whole_bytes(const char *text, size_t length_bytes);
/* Characters (code points), for a valid text. */
uint32_t text_character_count(struct str text);
/* Columns on a terminal: a Chinese character takes two. For tables. */
uint32_t text_column_count(struct str text);
/* A whole decimal integer, optional sign, nothing around it; false when it is not one or does not
 * fit. */
bool text_to_int64(struct str text, int64_t *out);

#endif
