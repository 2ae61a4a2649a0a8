/* See value.h. */
#include "store/value.h"

#include <assert.h>
#include <endian.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/banned.h"

enum { RECORD_FORMAT = 1 }; /* the bytes of a record are those of haihe.v1 */

/* --- Numbers -------------------------------------------------------------------------------- */

static void put_u64(char *out, uint64_t value)
{
    value = htole64(value);
    memcpy(out, &value, sizeof value);
}

static void put_u32(char *out, uint32_t value)
{
    value = htole32(value);
    memcpy(out, &value, sizeof value);
}

static void put_u16(char *out, uint16_t value)
{
    value = htole16(value);
    memcpy(out, &value, sizeof value);
}

static uint64_t get_u64(const char *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return le64toh(value);
}

static uint32_t get_u32(const char *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return le32toh(value);
}

static uint16_t get_u16(const char *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return le16toh(value);
}

void value_sequence_key(uint64_t sequence, char out[VALUE_SEQUENCE_KEY_BYTES])
{
    sequence = htobe64(sequence);
    memcpy(out, &sequence, sizeof sequence);
}

bool value_read_sequence_key(struct str key, uint64_t *sequence)
{
    if (key.length != VALUE_SEQUENCE_KEY_BYTES)
        return false;
    memcpy(sequence, key.data, sizeof *sequence);
    *sequence = be64toh(*sequence);
    return true;
}

/* --- Hashing -------------------------------------------------------------------------------- */

/* Of a key and the parts of a value behind its hash: head and key are hashed first, and theirs
 * seeds the next, so that no byte can move from one part to another unseen. */
static uint64_t hash_value(struct str key, struct str head, struct str middle, struct str bytes)
{
    uint64_t seed = XXH3_64bits_withSeed(key.data, key.length, key.length);
    seed = XXH3_64bits_withSeed(head.data, head.length, seed);
    if (middle.length > 0)
        seed = XXH3_64bits_withSeed(middle.data, middle.length, seed);
    return XXH3_64bits_withSeed(bytes.data, bytes.length, seed);
}

static struct str tail(const char *head, size_t head_bytes)
{
    return (struct str){head + VALUE_HASH_BYTES, (uint32_t)(head_bytes - VALUE_HASH_BYTES)};
}

/* --- Heads ---------------------------------------------------------------------------------- */

void value_record_head(const struct store_record *record, char out[VALUE_RECORD_HEAD_BYTES])
{
    put_u64(out + 8, record->sequence);
    put_u32(out + 16, (uint32_t)record->day);
    put_u32(out + 20, RECORD_FORMAT);
    put_u64(out,
            hash_value(record->key, tail(out, VALUE_RECORD_HEAD_BYTES), STR(""), record->bytes));
}

void value_change_head(const struct store_change *change, char out[VALUE_CHANGE_HEAD_BYTES])
{
    char key[VALUE_SEQUENCE_KEY_BYTES];
    assert(change->key.length <= STORE_KEY_LIMIT_BYTES);
    value_sequence_key(change->sequence, key);
    put_u64(out + 8, (uint64_t)change->time_ms);
    put_u64(out + 16, change->before);
    put_u32(out + 24, (uint32_t)change->day);
    out[28] = (char)change->kind;
    out[29] = 0;
    put_u16(out + 30, (uint16_t)change->key.length);
    put_u64(out, hash_value((struct str){key, sizeof key}, tail(out, VALUE_CHANGE_HEAD_BYTES),
                            change->key, change->bytes));
}

void value_note_head(struct str name, struct str bytes, char out[VALUE_HASH_BYTES])
{
    put_u64(out, hash_value(name, STR(""), STR(""), bytes));
}

/* --- Reading -------------------------------------------------------------------------------- */

static struct str behind(struct str value, size_t offset)
{
    return (struct str){value.data + offset, value.length - (uint32_t)offset};
}

bool value_read_record(struct str key, struct str value, struct store_record *out)
{
    if (value.length < VALUE_RECORD_HEAD_BYTES)
        return false;
    *out = (struct store_record){
        .sequence = get_u64(value.data + 8),
        .day = (int32_t)get_u32(value.data + 16),
        .key = key,
        .bytes = behind(value, VALUE_RECORD_HEAD_BYTES),
    };
    return get_u32(value.data + 20) == RECORD_FORMAT &&
           get_u64(value.data) ==
               hash_value(key, tail(value.data, VALUE_RECORD_HEAD_BYTES), STR(""), out->bytes);
}

bool value_read_change(struct str key, struct str value, struct store_change *out)
{
    uint64_t sequence;
    if (value.length < VALUE_CHANGE_HEAD_BYTES || !value_read_sequence_key(key, &sequence))
        return false;
    uint16_t key_bytes = get_u16(value.data + 30);
    if (value.length < (uint32_t)VALUE_CHANGE_HEAD_BYTES + key_bytes)
        return false;
    *out = (struct store_change){
        .sequence = sequence,
        .time_ms = (int64_t)get_u64(value.data + 8),
        .before = get_u64(value.data + 16),
        .day = (int32_t)get_u32(value.data + 24),
        .kind = (enum store_change_kind)(uint8_t)value.data[28],
        .key = {value.data + VALUE_CHANGE_HEAD_BYTES, key_bytes},
        .bytes = behind(value, (size_t)VALUE_CHANGE_HEAD_BYTES + key_bytes),
    };
    return store_change_kind_name(out->kind) && value.data[29] == 0 &&
           get_u64(value.data) ==
               hash_value(key, tail(value.data, VALUE_CHANGE_HEAD_BYTES), out->key, out->bytes);
}

bool value_read_note(struct str name, struct str value, struct str *out)
{
    if (value.length < VALUE_HASH_BYTES)
        return false;
    *out = behind(value, VALUE_HASH_BYTES);
    return get_u64(value.data) == hash_value(name, STR(""), STR(""), *out);
}

/* --- The state ------------------------------------------------------------------------------ */

uint64_t value_made(uint64_t sequence, struct str key)
{
    return XXH3_64bits_withSeed(key.data, key.length, sequence);
}

uint64_t value_noted(struct str name, struct str bytes)
{
    return XXH3_64bits_withSeed(bytes.data, bytes.length, XXH3_64bits(name.data, name.length));
}

void value_state(const struct state *state, char out[VALUE_STATE_BYTES])
{
    put_u64(out, state->sequence);
    put_u64(out + 8, state->first);
    put_u64(out + 16, state->write_count);
    put_u64(out + 24, state->record_sum);
    put_u64(out + 32, state->note_sum);
    put_u32(out + 40, (uint32_t)state->day);
    put_u32(out + 44, state->has_day);
}

bool value_read_state(struct str bytes, struct state *out)
{
    if (bytes.length != VALUE_STATE_BYTES || get_u32(bytes.data + 44) > 1)
        return false;
    *out = (struct state){
        .sequence = get_u64(bytes.data),
        .first = get_u64(bytes.data + 8),
        .write_count = get_u64(bytes.data + 16),
        .record_sum = get_u64(bytes.data + 24),
        .note_sum = get_u64(bytes.data + 32),
        .has_day = get_u32(bytes.data + 44) == 1,
        .day = (int32_t)get_u32(bytes.data + 40),
    };
    return true;
}

const char *store_change_kind_name(enum store_change_kind kind)
{
    switch (kind) {
#define X(name, number, text)                                                                      \
    case STORE_##name:                                                                             \
        return text;
        STORE_CHANGES(X)
#undef X
    }
    return NULL;
}
