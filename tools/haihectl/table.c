/* Cells stand one behind the other in `text`; ends[i] is the end of cell i. Widths are found when
 * the table is written: tables of command lines are small. */
#include "haihectl/table.h"

#include <assert.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#include "base/banned.h"

enum {
    TEXT_LIMIT_BYTES = 64 * 1024 * 1024,
    SHRINK_MINIMUM_COLUMNS = 8,
    GAP_COLUMNS = 2,
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    struct buffer text;
    size_t *ends; /* capacity cells */
    size_t cell_count, capacity;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
    assert(count > 0 && count <= TABLE_COLUMN_LIMIT);
    struct table *table = memory_must_zeroed(1, sizeof(*table));
    table->columns = columns;
    table->column_count = count;
    buffer_init(&table->text, TEXT_LIMIT_BYTES);
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    buffer_release(&table->text);
    memory_free(table->ends);
    memory_free(table);
}

/* What stands behind `start` is the new cell. */
static void end_cell(struct table *table, size_t start)
{
    for (size_t i = start; i < table->text.length_bytes; i++) {
        unsigned char c = (unsigned char)table->text.data[i];
        bool more = i + 1 < table->text.length_bytes;
        if (c < 0x20 || c == 0x7F)
            table->text.data[i] = '?';
        else if (c == 0xC2 && more && (unsigned char)table->text.data[i + 1] < 0xA0)
            table->text.data[i] = table->text.data[i + 1] = '?'; /* U+0080 .. U+009F */
    }
    if (table->cell_count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        size_t *ends = memory_must_zeroed(capacity, sizeof(*ends));
        if (table->cell_count > 0)
            memcpy(ends, table->ends, table->cell_count * sizeof(*ends));
        memory_free(table->ends);
        table->ends = ends;
        table->capacity = capacity;
    }
    table->ends[table->cell_count++] = table->text.length_bytes;
}

void table_text(struct table *table, struct str text)
{
    size_t start = table->text.length_bytes;
    buffer_append_str(&table->text, text_is_valid(text) ? text : STR("?"));
    end_cell(table, start);
}

void table_format(struct table *table, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    table_text(table, (struct str){text, (uint32_t)text_whole_bytes(text, strlen(text))});
}

static struct str cell_at(const struct table *table, size_t index)
{
    size_t start = index > 0 ? table->ends[index - 1] : 0;
    return (struct str){table->text.data + start, (uint32_t)(table->ends[index] - start)};
}

static uint32_t sum(const uint32_t *widths, size_t count)
{
    uint32_t total = (uint32_t)(count - 1) * GAP_COLUMNS;
    for (size_t i = 0; i < count; i++)
        total += widths[i];
    return total;
}

static void find_widths(const struct table *table, uint32_t screen_columns, uint32_t *widths)
{
    assert(table->column_count > 0);
    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = text_column_count(str_of(table->columns[c].title));
    for (size_t i = 0; i < table->cell_count; i++) {
        uint32_t columns = text_column_count(cell_at(table, i));
        uint32_t *width = &widths[i % table->column_count];
        *width = columns > *width ? columns : *width;
    }
    while (screen_columns > 0 && sum(widths, table->column_count) > screen_columns) {
        uint32_t *widest = NULL;
        for (size_t c = 0; c < table->column_count; c++)
            if (table->columns[c].shrinks && widths[c] > SHRINK_MINIMUM_COLUMNS &&
                (!widest || widths[c] > *widest))
                widest = &widths[c];
        if (!widest)
            return;
        (*widest)--;
    }
}

static void pad(uint32_t columns, struct buffer *out)
{
    buffer_printf(out, "%*s", (int)columns, "");
}

static void write_cell(const struct table *table, size_t column, struct str text, uint32_t width,
                       struct buffer *out)
{
    bool last = column + 1 == table->column_count;
    uint32_t columns = text_column_count(text);
    columns = columns < width ? columns : width;
    if (table->columns[column].right)
        pad(width - columns, out);
    size_t before = out->length_bytes;
    table_cut(text, width, out);
    if (last)
        return;
    if (!table->columns[column].right) {
        struct str written = {out->data + before, (uint32_t)(out->length_bytes - before)};
        pad(width - text_column_count(written), out);
    }
    pad(GAP_COLUMNS, out);
}

static void write_titles(const struct table *table, const uint32_t *widths, struct buffer *out)
{
    bool titled = false;
    for (size_t c = 0; c < table->column_count; c++)
        titled |= table->columns[c].title[0] != '\0';
    for (size_t c = 0; titled && c < table->column_count; c++)
        write_cell(table, c, str_of(table->columns[c].title), widths[c], out);
    buffer_append_str(out, titled ? STR("\n") : STR(""));
}

void table_write(const struct table *table, uint32_t screen_columns, struct buffer *out)
{
    uint32_t widths[TABLE_COLUMN_LIMIT];
    find_widths(table, screen_columns, widths);
    write_titles(table, widths, out);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t c = i % table->column_count;
        write_cell(table, c, cell_at(table, i), widths[c], out);
        if (c + 1 == table->column_count)
            buffer_append_str(out, STR("\n"));
    }
}

void table_cut(struct str text, uint32_t columns, struct buffer *out)
{
    if (text_column_count(text) <= columns) {
        buffer_append_str(out, text);
        return;
    }
    /* Takes whole characters while one column is left for the ellipsis. */
    uint32_t end = 0;
    for (uint32_t next = 1; next <= text.length; next++) {
        bool boundary = next == text.length || ((unsigned char)text.data[next] & 0xC0) != 0x80;
        if (boundary && text_column_count((struct str){text.data, next}) + 1 > columns)
            break;
        if (boundary)
            end = next;
    }
    buffer_append_str(out, (struct str){text.data, end});
    buffer_append_str(out, columns > 0 ? STR("…") : STR(""));
}

uint32_t table_screen_columns(FILE *stream)
{
    struct winsize size;
    if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

void table_bar(int64_t part, int64_t whole, uint32_t columns, struct buffer *out)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int64_t filled = whole > 0 ? part * 8 * columns / whole : 0;
    filled = filled < 0 ? 0 : filled > (int64_t)8 * columns ? (int64_t)8 * columns : filled;
    uint32_t used = 0;
    for (; used < filled / 8; used++)
        buffer_append_str(out, STR("█"));
    if (filled % 8 != 0 && used < columns) {
        buffer_append_str(out, str_of(eighths[filled % 8]));
        used++;
    }
    for (; used < columns; used++)
        buffer_append_str(out, STR("·"));
}
