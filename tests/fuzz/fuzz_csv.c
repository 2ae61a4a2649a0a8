/* The CSV reader: whole and in pieces it must find the same rows, lines and errors. The first byte
 * chooses the pieces and what is tolerated. */
#include <assert.h>
#include <xxhash.h>

#include "fuzz/fuzz.h"
#include "model/csv_reader.h"

static const struct csv_column COLUMNS[] = {{"id", true}, {"name", false}, {"amount", false}};
enum { COLUMN_COUNT = sizeof COLUMNS / sizeof COLUMNS[0] };

/* What was found, as one hash. */
struct found {
    uint64_t hash;
    uint64_t row_count;
};

static void add(struct found *found, const void *bytes, size_t size_bytes)
{
    found->hash = XXH3_64bits_withSeed(bytes, size_bytes, found->hash + size_bytes);
}

static void add_text(struct found *found, struct str text)
{
    add(found, text.data ? text.data : "", text.length);
}

static void use_value(struct str value)
{
    int64_t number;
    struct str rest = value, item;
    csv_decimal(value, 7, &number);
    for (uint32_t items = 0; csv_next_item(&rest, &item); items++)
        assert(item.length > 0 && items < value.length);
}

static bool on_row(void *context, const struct csv_row *row, struct error *error)
{
    struct found *found = context;
    (void)error;
    found->row_count++;
    add(found, &row->line, sizeof row->line);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        add_text(found, row->values[i]);
        use_value(row->values[i]);
    }
    for (size_t i = 0; i < row->extra_count; i++) {
        add_text(found, row->extra_names[i]);
        add_text(found, row->extra_values[i]);
    }
    return true;
}

static bool on_bad_row(void *context, uint64_t line, const struct error *why)
{
    assert(why->code != ERROR_OK && why->text[0] != '\0');
    add(context, &line, sizeof line);
    add_text(context, str_of(why->text));
    return true;
}

static bool on_extra_column(void *context, struct str name, struct error *error)
{
    (void)error;
    add_text(context, name);
    return true;
}

static struct found read_all(uint8_t choice, const uint8_t *bytes, size_t size_bytes, size_t piece)
{
    struct found found = {0};
    struct error error = {0};
    const struct csv_handler handler = {.columns = COLUMNS,
                                        .column_count = COLUMN_COUNT,
                                        .extra_column = choice & 1 ? on_extra_column : NULL,
                                        .row = on_row,
                                        .bad_row = choice & 2 ? on_bad_row : NULL,
                                        .context = &found};
    struct csv_reader *reader = csv_reader_new(&handler);
    bool is_fine = true;
    for (size_t at = 0; is_fine && at < size_bytes; at += piece) {
        size_t left = size_bytes - at;
        is_fine = csv_reader_feed(reader, bytes + at, left < piece ? left : piece, &error);
    }
    is_fine = is_fine && csv_reader_finish(reader, &error);
    assert(is_fine || (error.code != ERROR_OK && error.text[0] != '\0'));
    add_text(&found, str_of(error.text));
    csv_reader_free(reader);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    struct found whole = read_all(bytes[0], bytes + 1, size_bytes - 1, size_bytes);
    struct found pieces = read_all(bytes[0], bytes + 1, size_bytes - 1, 1 + bytes[0] / 4);
    assert(whole.row_count == pieces.row_count && whole.hash == pieces.hash);
    return 0;
}
