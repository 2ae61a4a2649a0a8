/* Tables of text for terminals, aligned by columns of the screen: a Chinese character takes two.
 *
 * Cells are copied; control characters in them become '?', so that what a server sends cannot
 * steer the terminal. When the table is wider than the screen, the columns that may shrink are cut
 * (the widest first) and end in an ellipsis. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_TABLE_H
#define HAIHE_HAIHECTL_TABLE_H

#include <stdio.h>

#include "base/buffer.h"

enum { TABLE_COLUMN_LIMIT = 16 };

struct table_column {
    const char *title;
    bool right;   /* aligned to the right: numbers */
    bool shrinks; /* may be cut, down to 8 columns */
};

struct table;

/* `columns` is borrowed. Ends the process when there is no memory. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);

/* Cells are added row by row, from the left. */
void table_text(struct table *table, struct str text);
void table_format(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the line of titles (when there is any) and the rows; screen_columns 0: as wide as needed.
 */
void table_write(const struct table *table, uint32_t screen_columns, struct buffer *out);

/* The text cut to `columns` screen columns, with an ellipsis when something is missing; appends. */
void table_cut(struct str text, uint32_t columns, struct buffer *out);
/* The screen's width: of the terminal, or 0 when the stream is none. */
uint32_t table_screen_columns(FILE *stream);
/* A bar of `columns` places filled in eighths: part of whole. Appends; the rest is dots. */
void table_bar(int64_t part, int64_t whole, uint32_t columns, struct buffer *out);

#endif
