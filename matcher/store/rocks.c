/* See rocks.h. */
#include "store/rocks.h"

#include <stdio.h>
#include <string.h>

#include "store/rocks_log.h"
#include "store/tables.h"

#include "base/banned.h"

#define MIB (UINT64_C(1) << 20)

enum {
    SKIP_DAMAGED = 3,    /* likewise: it goes on behind it */
    POINT_IN_TIME = 2,   /* of rocksdb's WALRecoveryMode: the log ends where it is not whole */
    CHECKSUM_XXH3 = 4,   /* of rocksdb's ChecksumType */
    FORMAT_VERSION = 5,  /* of tables */
    BLOCK_BYTES = 16384, /* 16 records; smaller ones make the index of a large store too large */
    FILTER_BITS_A_KEY = 10,
    TABLE_BUFFER_COUNT = 3,
};

const char *rocks_family_name(enum rocks_family family)
{
    static const char *const NAMES[FAMILY_COUNT] = {"default", "records", "history"};
    return NAMES[family];
}

static void set_database_options(const struct rocks_setup *setup, rocksdb_options_t *options)
{
    rocksdb_options_set_env(options, setup->env);
    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_max_background_jobs(options, 2);
    rocksdb_options_set_max_open_files(options, ROCKS_FILE_LIMIT);
    rocksdb_options_set_max_file_opening_threads(options, 1);
    rocksdb_options_set_db_write_buffer_size(options, 160 * MIB);
    rocksdb_options_set_max_total_wal_size(options, 256 * MIB);
    rocksdb_options_set_bytes_per_sync(options, MIB); /* written tables reach the disk evenly */
    rocksdb_options_set_info_log(options, setup->log);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);
}

static rocksdb_block_based_table_options_t *new_table_options(rocksdb_cache_t *cache, bool filtered)
{
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
    rocksdb_block_based_options_set_block_size(table, BLOCK_BYTES);
    rocksdb_block_based_options_set_format_version(table, FORMAT_VERSION);
    rocksdb_block_based_options_set_checksum(table, CHECKSUM_XXH3);
    if (filtered)
        rocksdb_block_based_options_set_filter_policy(
            table, rocksdb_filterpolicy_create_bloom_full(FILTER_BITS_A_KEY));
    return table;
}

static void set_family_options(rocksdb_options_t *options,
                               rocksdb_block_based_table_options_t *table)
{
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_write_buffer_size(options, 32 * MIB);
    rocksdb_options_set_max_write_buffer_number(options, TABLE_BUFFER_COUNT);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_target_file_size_base(options, 64 * MIB);
}

/* Work in the background that a close interrupts is begun again later, and is no error. */
static void write_line(void *context, int is_error, const char *text)
{
    char quoted[600];
    if (!strstr(text, "Shutdown in progress"))
        log_event(context, is_error ? LOG_ERROR : LOG_WARNING, "rocksdb", "says=%s",
                  log_quote(quoted, sizeof quoted, str_of(text)));
}

bool rocks_setup_init(struct rocks_setup *setup, size_t cache_bytes, struct log *log)
{
    *setup = (struct rocks_setup){
        .cache = rocksdb_cache_create_lru(cache_bytes),
        .env = rocksdb_create_default_env(),
        .log = rocks_log_new(write_line, log),
        .synced = rocksdb_writeoptions_create(),
        .reading = rocksdb_readoptions_create(),
    };
    rocksdb_writeoptions_set_sync(setup->synced, 1);
    for (size_t family = 0; family < FAMILY_COUNT; family++) {
        setup->options[family] = rocksdb_options_create();
        set_database_options(setup, setup->options[family]);
        setup->tables[family] = new_table_options(setup->cache, family == FAMILY_RECORDS);
        set_family_options(setup->options[family], setup->tables[family]);
    }
    return setup->log != NULL;
}

/* The C API has this option only as text. */
bool rocks_set_period(struct rocks_setup *setup, uint32_t days)
{
    char text[64];
    snprintf(text, sizeof text, "periodic_compaction_seconds=%llu",
             (unsigned long long)days * 24 * 3600);
    for (size_t family = 0; family < FAMILY_COUNT; family++) {
        char *message = NULL;
        rocksdb_get_options_from_string(setup->options[family], text, setup->options[family],
                                        &message);
        if (message) {
            rocksdb_free(message);
            return false;
        }
    }
    return true;
}

void rocks_setup_release(struct rocks_setup *setup)
{
    for (size_t family = 0; family < FAMILY_COUNT; family++) {
        rocksdb_options_destroy(setup->options[family]);
        rocksdb_block_based_options_destroy(setup->tables[family]);
    }
    rocksdb_readoptions_destroy(setup->reading);
    rocksdb_writeoptions_destroy(setup->synced);
    rocksdb_env_destroy(setup->env);
    rocks_log_free(setup->log);
    rocksdb_cache_destroy(setup->cache);
}

bool rocks_open(struct rocks *out, const struct rocks_setup *setup, const char *directory,
                enum rocks_mode mode, struct error *error)
{
    const char *names[FAMILY_COUNT];
    char *message = NULL;
    const rocksdb_options_t *const *options = (const rocksdb_options_t *const *)setup->options;
    for (size_t family = 0; family < FAMILY_COUNT; family++)
        names[family] = rocks_family_name(family);
    rocksdb_options_set_create_if_missing(setup->options[FAMILY_META], mode == ROCKS_CREATE);
    rocksdb_options_set_create_missing_column_families(setup->options[FAMILY_META],
                                                       mode == ROCKS_CREATE);
    rocksdb_options_set_wal_recovery_mode(setup->options[FAMILY_META],
                                          mode == ROCKS_SALVAGE ? SKIP_DAMAGED : POINT_IN_TIME);
    if (!tables_check(directory, error))
        return false;
    if (mode == ROCKS_READ_ONLY || mode == ROCKS_SALVAGE)
        out->db = rocksdb_open_for_read_only_column_families(options[FAMILY_META], directory,
                                                             FAMILY_COUNT, names, options,
                                                             out->families, 0, &message);
    else
        out->db = rocksdb_open_column_families(options[FAMILY_META], directory, FAMILY_COUNT, names,
                                               options, out->families, &message);
    if (!message)
        return true;
    *out = (struct rocks){0};
    return rocks_fail(message, "opened", error);
}

void rocks_close(struct rocks *rocks)
{
    if (!rocks->db)
        return;
    for (size_t family = 0; family < FAMILY_COUNT; family++)
        rocksdb_column_family_handle_destroy(rocks->families[family]);
    rocksdb_close(rocks->db);
    *rocks = (struct rocks){0};
}

/* Leaves of each path its last part: what matters is the file, and the text has an end. In place.
 */
static void shorten_paths(char *message)
{
    char *to = message;
    for (const char *from = message; *from;) {
        size_t length = strcspn(from, " :,;()");
        const char *slash = memrchr(from, '/', length);
        const char *start = slash && slash + 1 < from + length ? slash + 1 : from;
        memmove(to, start, (size_t)(from + length - start));
        to += from + length - start;
        from += length;
        while (*from && strchr(" :,;()", *from))
            *to++ = *from++;
    }
    *to = '\0';
}

bool rocks_fail(char *message, const char *doing, struct error *error)
{
    enum error_code code = ERROR_UNAVAILABLE;
    if (strncmp(message, "Corruption", strlen("Corruption")) == 0)
        code = ERROR_DATA_LOSS;
    else if (strstr(message, "No space left") || strstr(message, "quota exceeded"))
        code = ERROR_RESOURCE_EXHAUSTED;
    shorten_paths(message);
    error_set(error, code, "the store cannot be %s: %s", doing, message);
    rocksdb_free(message);
    return false;
}
