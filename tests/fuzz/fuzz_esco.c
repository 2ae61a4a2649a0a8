/* A directory of ESCO files: pieces divided by NUL, each a file's name, a line feed, its content.
 * What the importer accepts the daemon must load, with nothing lost. */
#include <assert.h>
#include <stdio.h>

#include "fuzz/fuzz.h"
#include "haihectl/esco.h"
#include "model/taxonomy.h"

enum { OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024 };

static bool read_piece(struct esco *esco, struct str piece, struct error *error)
{
    char file_name[64] = "";
    struct esco_name name;
    const char *line_feed = piece.length > 0 ? memchr(piece.data, '\n', piece.length) : NULL;
    size_t name_bytes = line_feed ? (size_t)(line_feed - piece.data) : 0;
    if (!line_feed || name_bytes >= sizeof(file_name))
        return true;
    memcpy(file_name, piece.data, name_bytes);
    size_t bytes = piece.length - name_bytes - 1;
    if (bytes == 0 || !esco_parse_name(file_name, &name))
        return true;
    FILE *file = fmemopen((char *)line_feed + 1, bytes, "rb");
    assert(file);
    bool well = esco_read(esco, &name, file, error);
    fclose(file);
    return well;
}

static bool read_all(struct esco *esco, struct str bundle, struct error *error)
{
    while (bundle.length > 0) {
        const char *nul = memchr(bundle.data, '\0', bundle.length);
        uint32_t bytes = nul ? (uint32_t)(nul - bundle.data) : bundle.length;
        if (!read_piece(esco, (struct str){bundle.data, bytes}, error))
            return false;
        bytes += nul != NULL;
        bundle = (struct str){bundle.data + bytes, bundle.length - bytes};
    }
    return esco_settle(esco, error);
}

static void count_drop(void *context, const struct esco_drop *drop)
{
    assert(drop->uri.length > 0 && drop->language.length > 0 && drop->other.length > 0);
    ++*(size_t *)context;
}

static void check_result(const struct esco *esco)
{
    const struct esco_statistics *statistics = esco_statistics(esco);
    struct error error = {0};
    struct buffer skills, occupations;
    size_t dropped = 0;
    buffer_init(&skills, OUTPUT_LIMIT_BYTES);
    buffer_init(&occupations, OUTPUT_LIMIT_BYTES);
    bool written = esco_write_skills(esco, &skills) && esco_write_occupations(esco, &occupations);
    assert(written);
    struct taxonomy *taxonomy =
        taxonomy_load(buffer_borrow(&skills), buffer_borrow(&occupations), &error);
    assert(taxonomy);
    assert(taxonomy_skill_count(taxonomy) == statistics->skill_count + statistics->group_count);
    assert(taxonomy_occupation_count(taxonomy) == statistics->occupation_count);
    size_t links = 0;
    for (size_t i = 0; i < statistics->occupation_count; i++) {
        const struct occupation_entry *entry = taxonomy_occupation_at(taxonomy, i);
        links += entry->essential_count + entry->optional_count;
    }
    assert(links == statistics->essential_count + statistics->optional_count);
    esco_each_drop(esco, count_drop, &dropped);
    for (size_t i = 0; i < ESCO_DROP_REASON_COUNT; i++)
        dropped += i == ESCO_DROP_REPEATED ? 0 : 0 - statistics->dropped_count[i];
    assert(dropped == 0);
    taxonomy_free(taxonomy);
    buffer_release(&skills);
    buffer_release(&occupations);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct error error = {0};
    struct esco *esco = esco_new();
    assert(esco);
    if (read_all(esco, (struct str){(const char *)bytes, (uint32_t)size_bytes}, &error))
        check_result(esco);
    else
        assert(error.code != ERROR_OK && error.text[0] != '\0');
    esco_free(esco);
    return 0;
}
