/* JSON files of records: one object a line, or one document.
 *
 * When the first line holds a whole value, each line is read by itself, so a broken line costs one
 * row. Otherwise the file is a document over several lines: an object, objects behind one another,
 * or an array, of which one element at a time is held. In either case an array is its elements, and
 * an object with "@graph" is the job postings in it.
 *
 * With FORMAT_AUTO the first value decides: "@type", "@context" or "@graph" mean schema.org
 * JobPostings, else the objects are records with proto field names. Thread: one owner.
 */
#ifndef HAIHE_HAIHECTL_LOAD_JSON_H
#define HAIHE_HAIHECTL_LOAD_JSON_H

#include "haihectl/lines.h"
#include "haihectl/source.h"

struct load_json;

/* Borrows both. NULL when there is no memory. */
struct load_json *load_json_new(struct lines *lines, const struct source_options *options);
void load_json_free(struct load_json *json); /* NULL is allowed */
enum source_status load_json_next(struct load_json *json, struct source_row *row,
                                  struct error *error);
/* FORMAT_JSONL or FORMAT_JOBPOSTING; FORMAT_AUTO before the first row of an undecided file. */
enum source_format load_json_format(const struct load_json *json);

#endif
