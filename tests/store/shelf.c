#include "store/shelf.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool shelf_open(struct shelf *shelf, bool read_only, struct error *error)
{
    const struct store_options options = {
        .directory = shelf->directory, .read_only = read_only, .cache_bytes = 1 << 20};
    shelf->store = store_open(&options, error);
    if (shelf->store)
        shelf->sequence = store_sequence(shelf->store);
    return shelf->store != NULL;
}

void shelf_close(struct shelf *shelf)
{
    store_close(shelf->store);
    shelf->store = NULL;
}

void shelf_init(struct shelf *shelf)
{
    struct error error = {0};
    *shelf = (struct shelf){.directory = "/tmp/haihe-store-XXXXXX"};
    cr_assert(mkdtemp(shelf->directory));
    shelf->batch = store_batch_new();
    cr_assert(shelf_open(shelf, false, &error), "%s", error.text);
}

void shelf_reopen(struct shelf *shelf)
{
    struct error error = {0};
    shelf_close(shelf);
    cr_assert(shelf_open(shelf, false, &error), "%s", error.text);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void shelf_release(struct shelf *shelf)
{
    shelf_close(shelf);
    store_batch_free(shelf->batch);
    nftw(shelf->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void shelf_add(struct shelf *shelf, enum store_change_kind kind, const char *key, const char *bytes)
{
    struct buffer buffer;
    struct store_record present = {0};
    buffer_init(&buffer, 1 << 20);
    store_get(shelf->store, str_of(key), &buffer, &present, NULL);
    const struct store_change change = {
        .sequence = ++shelf->sequence,
        .time_ms = (int64_t)shelf->sequence * 1000,
        .kind = kind,
        .day = 20000,
        .before = present.sequence,
        .key = str_of(key),
        .bytes = str_of(bytes),
    };
    cr_assert(store_batch_add(shelf->batch, &change));
    buffer_release(&buffer);
}

void shelf_commit(struct shelf *shelf)
{
    struct error error = {0};
    cr_assert(store_commit(shelf->store, shelf->batch, &error), "%s", error.text);
    store_batch_clear(shelf->batch);
}

const char *shelf_get(struct shelf *shelf, const char *key)
{
    static char text[256];
    struct buffer buffer;
    struct store_record record;
    struct error error = {0};
    buffer_init(&buffer, 1 << 20);
    switch (store_get(shelf->store, str_of(key), &buffer, &record, &error)) {
    case STORE_FOUND:
        snprintf(text, sizeof text, "%llu:%.*s", (unsigned long long)record.sequence,
                 STR_ARG(record.bytes));
        break;
    case STORE_ABSENT:
        snprintf(text, sizeof text, "-");
        break;
    case STORE_FAILED:
        snprintf(text, sizeof text, "failed: %.200s", error.text);
        break;
    }
    buffer_release(&buffer);
    return text;
}

void shelf_spoil(const struct shelf *shelf, const char *file, long offset, unsigned char flip)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", shelf->directory, file);
    FILE *stream = fopen(path, "r+b");
    cr_assert(stream, "%s", path);
    fseek(stream, offset, offset < 0 ? SEEK_END : SEEK_SET);
    int byte = fgetc(stream);
    fseek(stream, -1, SEEK_CUR);
    fputc(byte ^ flip, stream);
    fclose(stream);
}
