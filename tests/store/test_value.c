/* What is written is read back, and nothing else is. */
#include <criterion/criterion.h>

#include "store/value.h"

static struct str build(char *value, const char *head, size_t head_bytes, const char *rest)
{
    memcpy(value, head, head_bytes);
    memcpy(value + head_bytes, rest, strlen(rest));
    return (struct str){value, (uint32_t)(head_bytes + strlen(rest))};
}

static struct str build_record(char *value)
{
    char head[VALUE_RECORD_HEAD_BYTES];
    const struct store_record record = {
        .sequence = UINT64_MAX, .day = -7, .key = STR("k"), .bytes = STR("bytes")};
    value_record_head(&record, head);
    return build(value, head, sizeof head, "bytes");
}

static struct str build_change(char *value, const char *key)
{
    char head[VALUE_CHANGE_HEAD_BYTES], rest[64] = "";
    const struct store_change change = {.sequence = 77,
                                        .time_ms = -1,
                                        .kind = STORE_TURN,
                                        .day = 20000,
                                        .before = 76,
                                        .key = str_of(key),
                                        .bytes = STR("content")};
    value_change_head(&change, head);
    strcat(strcat(rest, key), "content");
    return build(value, head, sizeof head, rest);
}

Test(value, records_are_read_back)
{
    char value[64];
    struct store_record record;
    cr_assert(value_read_record(STR("k"), build_record(value), &record));
    cr_assert_eq(record.sequence, UINT64_MAX);
    cr_assert_eq(record.day, -7);
    cr_assert(str_equal(record.bytes, STR("bytes")) && str_equal(record.key, STR("k")));
    cr_assert_not(value_read_record(STR("l"), build_record(value), &record), "another's value");
}

Test(value, changes_are_read_back)
{
    char value[128], key[VALUE_SEQUENCE_KEY_BYTES];
    struct store_change change;
    value_sequence_key(77, key);
    cr_assert(value_read_change((struct str){key, 8}, build_change(value, "key"), &change));
    cr_assert_eq(change.sequence, 77);
    cr_assert_eq(change.time_ms, -1);
    cr_assert_eq(change.kind, STORE_TURN);
    cr_assert_eq(change.before, 76);
    cr_assert_eq(change.day, 20000);
    cr_assert(str_equal(change.key, STR("key")) && str_equal(change.bytes, STR("content")));
    value_sequence_key(78, key);
    cr_assert_not(value_read_change((struct str){key, 8}, build_change(value, "key"), &change));
}

Test(value, notes_are_read_back)
{
    char head[VALUE_HASH_BYTES], value[64];
    struct str bytes;
    value_note_head(STR("day"), STR("x"), head);
    cr_assert(value_read_note(STR("day"), build(value, head, sizeof head, "x"), &bytes));
    cr_assert(str_equal(bytes, STR("x")));
    cr_assert_not(value_read_note(STR("dax"), build(value, head, sizeof head, "x"), &bytes));
}

/* Each bit of a value, of its length and of its key counts. */
Test(value, every_flipped_bit_and_every_cut_is_seen)
{
    char value[128], key[VALUE_SEQUENCE_KEY_BYTES];
    struct store_record record;
    struct store_change change;
    value_sequence_key(77, key);
    const struct str sequence = {key, sizeof key};
    struct str sound = build_record(value);
    for (uint32_t bit = 0; bit < sound.length * 8; bit++) {
        value[bit / 8] ^= (char)(1 << bit % 8);
        cr_assert_not(value_read_record(STR("k"), sound, &record), "bit %u", bit);
        value[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (uint32_t length = 0; length < sound.length; length++)
        cr_assert_not(value_read_record(STR("k"), (struct str){value, length}, &record));
    sound = build_change(value, "key");
    for (uint32_t bit = 0; bit < sound.length * 8; bit++) {
        value[bit / 8] ^= (char)(1 << bit % 8);
        cr_assert_not(value_read_change(sequence, sound, &change), "bit %u", bit);
        value[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (uint32_t length = 0; length < sound.length; length++)
        cr_assert_not(value_read_change(sequence, (struct str){value, length}, &change));
}

Test(value, the_state_is_read_back)
{
    char bytes[VALUE_STATE_BYTES];
    const struct state state = {.sequence = 7,
                                .first = 3,
                                .write_count = UINT64_MAX,
                                .record_sum = 5,
                                .note_sum = 6,
                                .has_day = true,
                                .day = -1};
    struct state read;
    value_state(&state, bytes);
    cr_assert(value_read_state((struct str){bytes, sizeof bytes}, &read));
    cr_assert(read.sequence == 7 && read.first == 3 && read.write_count == UINT64_MAX &&
              read.record_sum == 5 && read.note_sum == 6 && read.has_day && read.day == -1);
    cr_assert_not(value_read_state((struct str){bytes, sizeof bytes - 1}, &read));
    bytes[44] = 2;
    cr_assert_not(value_read_state((struct str){bytes, sizeof bytes}, &read));
}
