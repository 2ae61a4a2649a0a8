/* Files of records as haihectl reads them: CSV, JSON Lines, JobPosting. The first byte chooses
 * kind, format and options. A row is a record or an error, never both; a record becomes a request
 * or is refused with a reason. */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "haihectl/source.h"
#include "wire/json_message.h"

/* The input as a file; the path holds for one input. */
static void write_file(int file, const uint8_t *bytes, size_t size_bytes, char path[32])
{
    snprintf(path, 32, "/proc/self/fd/%d", file);
    bool written =
        ftruncate(file, 0) == 0 && pwrite(file, bytes, size_bytes, 0) == (ssize_t)size_bytes;
    assert(written);
}

static void check_row(enum source_kind kind, const struct source_row *row)
{
    if (!row->record) {
        assert(row->error.code != ERROR_OK && row->error.text[0] != '\0');
        return;
    }
    assert(json_is_object(row->record));
    struct error error = {0};
    struct arena arena;
    struct buffer message;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    buffer_init(&message, FUZZ_ARENA_BYTES);
    json_t *request = json_object();
    json_object_set(request, kind == SOURCE_VACANCY ? "upsert_vacancy" : "upsert_applicant",
                    row->record);
    bool encoded = wire_json_encode("haihe.v1.ApplyRequest", request, &arena, &message, &error);
    assert(encoded || (error.code != ERROR_OK && error.text[0] != '\0'));
    json_decref(request);
    json_decref(row->record);
    buffer_release(&message);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static int file = -1; /* a fuzz target is one thread and never ends */
    static const enum source_format FORMATS[] = {FORMAT_AUTO, FORMAT_CSV, FORMAT_JSONL,
                                                 FORMAT_JOBPOSTING};
    if (size_bytes == 0)
        return 0;
    if (file < 0)
        file = memfd_create("input", MFD_CLOEXEC);
    char path[32];
    write_file(file, bytes + 1, size_bytes - 1, path);
    const struct source_options options = {.path = path,
                                           .kind = bytes[0] & 1 ? SOURCE_APPLICANT : SOURCE_VACANCY,
                                           .format = FORMATS[bytes[0] >> 1 & 3],
                                           .platform = bytes[0] & 8 ? NULL : "fuzz",
                                           .ignore_unknown = bytes[0] & 16,
                                           .areas = fuzz_model()->areas,
                                           .encoding =
                                               bytes[0] & 32 ? encoding_find(STR("GB18030")) : NULL,
                                           .stop_fd = -1};
    struct error error = {0};
    struct source_row row;
    struct source *source = source_open(&options, &error);
    enum source_status status = source ? SOURCE_ROW : SOURCE_FAILED;
    /* A row takes at least a byte of what is read, and deflate makes at most 1,032 of one. So many
     * would take a minute: the first ones do. */
    enum { ROW_LIMIT = 20000 };
    for (size_t rows = 0; status == SOURCE_ROW && rows < ROW_LIMIT; rows++) {
        assert(rows <= 1032 * size_bytes);
        status = source_next(source, &row, &error);
        if (status == SOURCE_ROW)
            check_row(options.kind, &row);
    }
    assert(status == SOURCE_END || status == SOURCE_ROW ||
           (error.code != ERROR_OK && error.text[0] != '\0'));
    source_close(source);
    return 0;
}
