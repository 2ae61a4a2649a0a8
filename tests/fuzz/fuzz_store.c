/* Values of the store as a disk may hand them out: a key and a value, and which kind they claim to
 * be. What is accepted must be what would be written, byte for byte. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ledger.h"
#include "fuzz/fuzz.h"
#include "store/value.h"

static void check_record(struct str key, struct str value)
{
    struct store_record record;
    char head[VALUE_RECORD_HEAD_BYTES];
    if (!value_read_record(key, value, &record))
        return;
    value_record_head(&record, head);
    assert(memcmp(head, value.data, sizeof head) == 0);
    assert(record.bytes.length + sizeof head == value.length);
}

static void check_change(struct str key, struct str value)
{
    struct store_change change;
    char head[VALUE_CHANGE_HEAD_BYTES];
    if (!value_read_change(key, value, &change) || change.key.length > STORE_KEY_LIMIT_BYTES)
        return;
    value_change_head(&change, head);
    assert(memcmp(head, value.data, sizeof head) == 0);
    assert(change.key.length + change.bytes.length + sizeof head == value.length);
}

static void check_key(struct str key)
{
    enum record_kind kind;
    struct key parts;
    char again[LEDGER_KEY_LIMIT_BYTES];
    if (ledger_read_key(key, &kind, &parts) && key.length <= sizeof again)
        assert(str_equal(ledger_key(kind, parts, again), key));
}

/* Hashes are not guessed: the value gets the one that it should have, now and then. */
static void mend(char *value, uint32_t length, struct str key, uint8_t kind)
{
    struct store_record record = {.key = key};
    char head[VALUE_RECORD_HEAD_BYTES];
    if (kind % 2 == 0 || length < sizeof head)
        return;
    memcpy(&record.sequence, value + 8, sizeof record.sequence);
    memcpy(&record.day, value + 16, sizeof record.day);
    record.bytes = (struct str){value + sizeof head, length - (uint32_t)sizeof head};
    value_record_head(&record, head);
    memcpy(value, head, VALUE_HASH_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes < 2 || size_bytes < 2u + bytes[1])
        return 0;
    const struct str key = {(const char *)bytes + 2, bytes[1]};
    uint32_t length = (uint32_t)size_bytes - 2 - key.length;
    char *copy = malloc(length + 1); /* of its size, so that reading beyond it is seen */
    struct str name;
    if (!copy)
        return 0;
    memcpy(copy, bytes + 2 + key.length, length);
    mend(copy, length, key, bytes[0]);
    const struct str value = {copy, length};
    check_record(key, value);
    check_change(key, value);
    check_key(key);
    if (value_read_note(key, value, &name))
        assert(name.length + VALUE_HASH_BYTES == length);
    free(copy);
    return 0;
}
