/* How a load is going: a bar on a terminal, nothing otherwise; and its one closing line.
 *
 *   vacancies  ━━━━━━━━━━────────────  43 %   8,600 rows   52,310/s   3 refused
 *
 * Thread: one owner. The bar stands on stderr and is erased before anything else is printed there.
 */
#ifndef HAIHE_HAIHECTL_PROGRESS_H
#define HAIHE_HAIHECTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

struct progress {
    const char *what; /* "vacancies" */
    bool on_terminal;
    bool shown;
    int64_t start_ns;
    uint64_t total_bytes; /* of all files; 0 = not known */
    uint64_t read_bytes;
    uint64_t applied, refused;
};

void progress_start(struct progress *progress, const char *what, uint64_t total_bytes);
/* Draws the bar anew, on a terminal. */
void progress_show(struct progress *progress);
/* Erases it. */
void progress_hide(struct progress *progress);
/* "20,000 vacancies in 0.41 s (48,780/s), 3 refused"; appends. */
void progress_summary(const struct progress *progress, int64_t now_ns, struct buffer *out);
/* The bar's line without control characters, for at most `columns`; appends. */
void progress_line(const struct progress *progress, int64_t now_ns, uint32_t columns,
                   struct buffer *out);

/* 1234567 -> "1,234,567". */
const char *count_text(uint64_t count, char out[32]);

#endif
