/* Records as text: JSON Lines in record.proto's names, or the CSV columns of `haihectl load`.
 *
 * JSON: one object a line, enum values by their names, amounts in fen, "not stated" is left out.
 * CSV: a header line; lists joined by '|', amounts in yuan, "not stated" is empty.
 * Thread: one owner of the buffer. A full buffer sets its `failed`; the caller looks once.
 */
#ifndef HAIHE_TOOLS_MARKET_WRITE_H
#define HAIHE_TOOLS_MARKET_WRITE_H

#include "base/buffer.h"
#include "sample.h"

void vacancy_write_json(struct buffer *out, const struct sample_vacancy *vacancy);
void applicant_write_json(struct buffer *out, const struct sample_applicant *applicant);

void vacancy_write_csv_header(struct buffer *out);
void vacancy_write_csv(struct buffer *out, const struct sample_vacancy *vacancy);
void applicant_write_csv_header(struct buffer *out);
void applicant_write_csv(struct buffer *out, const struct sample_applicant *applicant);

/* Degrees with five decimals, from 1e-7 degrees: exact, since positions are multiples of 1e-5. */
void write_degrees(struct buffer *out, int32_t degrees_e7);
/* The enums' words, without the prefix that record.proto gives them. By the proto's number. */
const char *unit_word(uint8_t unit);
const char *type_word(uint8_t type);
const char *education_word(uint8_t education);
const char *language_level_word(uint8_t level);
const char *vacancy_status_word(uint8_t status);
const char *applicant_status_word(uint8_t status);

#endif
