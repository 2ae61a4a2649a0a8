/* CSV files of records: model/csv_reader.h turned round, so that rows are pulled one by one.
 *
 * A malformed row (a stray quotation mark, too few values, bytes that are not UTF-8) is a row with
 * an error; the file goes on at the next line. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LOAD_CSV_H
#define HAIHE_HAIHECTL_LOAD_CSV_H

#include "haihectl/lines.h"
#include "haihectl/source.h"

struct load_csv;

/* Borrows both. NULL when there is no memory. */
struct load_csv *load_csv_new(struct lines *lines, const struct source_options *options);
void load_csv_free(struct load_csv *csv); /* NULL is allowed */
/* The header is read with the first row. */
enum source_status load_csv_next(struct load_csv *csv, struct source_row *row, struct error *error);

/* Appends what is not plain about the file's columns, see source_remark. */
void load_csv_remark(const struct load_csv *csv, struct buffer *out);

#endif
