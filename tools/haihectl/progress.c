/* See progress.h. The rate is the mean since the start: a load is short, and a steady figure reads
 * better than a jumping one. */
#include "haihectl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "haihectl/table.h"

#include "base/banned.h"

enum { BAR_COLUMNS = 24, LINE_LIMIT_BYTES = 1024 };

const char *count_text(uint64_t count, char out[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

void progress_start(struct progress *progress, const char *what, uint64_t total_bytes)
{
    *progress = (struct progress){.what = what,
                                  .on_terminal = isatty(STDERR_FILENO) == 1,
                                  .start_ns = clock_monotonic_ns(),
                                  .total_bytes = total_bytes};
}

static uint64_t rate(const struct progress *progress, int64_t now_ns)
{
    int64_t elapsed_us = (now_ns - progress->start_ns) / 1000;
    uint64_t rows = progress->applied + progress->refused;
    return rows * 1000000 / (uint64_t)(elapsed_us > 0 ? elapsed_us : 1);
}

void progress_line(const struct progress *progress, int64_t now_ns, uint32_t columns,
                   struct buffer *out)
{
    char rows[32], rows_per_second[32], refused[32];
    struct buffer line;
    buffer_init(&line, LINE_LIMIT_BYTES);
    buffer_printf(&line, "%s  ", progress->what);
    if (progress->total_bytes > 0) {
        uint64_t done = progress->read_bytes < progress->total_bytes ? progress->read_bytes
                                                                     : progress->total_bytes;
        for (uint32_t i = 0; i < BAR_COLUMNS; i++)
            buffer_append_str(&line,
                              i < done * BAR_COLUMNS / progress->total_bytes ? STR("━") : STR("─"));
        buffer_printf(&line, " %3" PRIu64 " %%  ", done * 100 / progress->total_bytes);
    }
    buffer_printf(&line, "%s rows  %s/s", count_text(progress->applied + progress->refused, rows),
                  count_text(rate(progress, now_ns), rows_per_second));
    if (progress->refused > 0)
        buffer_printf(&line, "  %s refused", count_text(progress->refused, refused));
    table_cut(buffer_borrow(&line), columns, out);
    buffer_release(&line);
}

void progress_show(struct progress *progress)
{
    if (!progress->on_terminal)
        return;
    struct buffer line;
    uint32_t columns = table_screen_columns(stderr);
    buffer_init(&line, LINE_LIMIT_BYTES);
    progress_line(progress, clock_monotonic_ns(), columns > 1 ? columns - 1 : 79, &line);
    fprintf(stderr, "\r%.*s\033[K", (int)line.length_bytes, line.data);
    fflush(stderr);
    buffer_release(&line);
    progress->shown = true;
}

void progress_hide(struct progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}

void progress_summary(const struct progress *progress, int64_t now_ns, struct buffer *out)
{
    char applied[32], rows_per_second[32], refused[32];
    buffer_printf(out, "%s %s in %.2f s (%s/s)", count_text(progress->applied, applied),
                  progress->what, (double)(now_ns - progress->start_ns) / 1e9,
                  count_text(rate(progress, now_ns), rows_per_second));
    buffer_printf(out, ", %s refused",
                  progress->refused ? count_text(progress->refused, refused) : "none");
}
