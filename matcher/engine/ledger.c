/* See ledger.h. */
#include "engine/ledger.h"

#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"

#include "base/banned.h"

enum { KEY_HEAD_BYTES = 2, FIRST_CAPACITY = 64 };
#define ORIGINAL_LIMIT_BYTES ((size_t)1 << 27)

bool ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){.batch = store_batch_new()};
    buffer_init(&ledger->bytes, ORIGINAL_LIMIT_BYTES);
    return ledger->batch != NULL;
}

void ledger_release(struct ledger *ledger)
{
    store_batch_free(ledger->batch);
    memory_free(ledger->steps);
    buffer_release(&ledger->bytes);
}

/* --- Keys ------------------------------------------------------------------------------------ */

struct str ledger_key(enum record_kind kind, struct key key, char out[LEDGER_KEY_LIMIT_BYTES])
{
    assert(key.platform.length <= UINT8_MAX &&
           KEY_HEAD_BYTES + key.platform.length + key.id.length <= LEDGER_KEY_LIMIT_BYTES);
    out[0] = (char)kind;
    out[1] = (char)key.platform.length;
    memcpy(out + KEY_HEAD_BYTES, key.platform.data, key.platform.length);
    memcpy(out + KEY_HEAD_BYTES + key.platform.length, key.id.data, key.id.length);
    return (struct str){out, KEY_HEAD_BYTES + key.platform.length + key.id.length};
}

bool ledger_read_key(struct str bytes, enum record_kind *kind, struct key *key)
{
    if (bytes.length < KEY_HEAD_BYTES ||
        (bytes.data[0] != RECORD_VACANCY && bytes.data[0] != RECORD_APPLICANT))
        return false;
    uint32_t platform_bytes = (uint8_t)bytes.data[1];
    if (bytes.length < KEY_HEAD_BYTES + platform_bytes)
        return false;
    *kind = (enum record_kind)bytes.data[0];
    key->platform = (struct str){bytes.data + KEY_HEAD_BYTES, platform_bytes};
    key->id = (struct str){bytes.data + KEY_HEAD_BYTES + platform_bytes,
                           bytes.length - KEY_HEAD_BYTES - platform_bytes};
    return true;
}

/* --- Noting ---------------------------------------------------------------------------------- */

static bool make_room(struct ledger *ledger)
{
    if (ledger->step_count < ledger->step_capacity)
        return true;
    size_t capacity = ledger->step_capacity ? 2 * ledger->step_capacity : FIRST_CAPACITY;
    struct ledger_step *steps = memory_try_resize(ledger->steps, capacity * sizeof *steps);
    if (!steps)
        return false;
    ledger->steps = steps;
    ledger->step_capacity = capacity;
    return true;
}

bool ledger_add(struct ledger *ledger, enum store_change_kind kind, uint64_t sequence,
                const struct entry *before, const struct entry *after, struct str original)
{
    char key[LEDGER_KEY_LIMIT_BYTES];
    const struct entry *entry = after ? after : before;
    if (!ledger->store)
        return true;
    assert(entry);
    if (!make_room(ledger))
        return false;
    const struct store_change change = {
        .sequence = sequence,
        .time_ms = ledger->now_ms,
        .kind = kind,
        .day = ledger->day,
        .before = before ? before->sequence : 0,
        .key = ledger_key(entry_kind(entry), entry_key(entry), key),
        .bytes = original,
    };
    if (!store_batch_add(ledger->batch, &change))
        return false;
    ledger->steps[ledger->step_count++] = (struct ledger_step){before, after};
    return true;
}

bool ledger_add_note(struct ledger *ledger, uint64_t sequence, struct str name, struct str bytes)
{
    const struct store_change change = {
        .sequence = sequence,
        .time_ms = ledger->now_ms,
        .kind = STORE_NOTE,
        .day = ledger->day,
        .key = name,
        .bytes = bytes,
    };
    if (!make_room(ledger) || !store_batch_add(ledger->batch, &change))
        return false;
    ledger->steps[ledger->step_count++] = (struct ledger_step){NULL, NULL};
    return true;
}

void ledger_drop_last(struct ledger *ledger)
{
    if (!ledger->store)
        return;
    store_batch_drop_last(ledger->batch);
    ledger->step_count--;
}

void ledger_clear(struct ledger *ledger)
{
    store_batch_clear(ledger->batch);
    ledger->step_count = 0;
}

/* --- Originals ------------------------------------------------------------------------------- */

bool ledger_find_original(struct store *store, const struct entry *entry, struct buffer *buffer,
                          struct str *original, struct error *error)
{
    char bytes[LEDGER_KEY_LIMIT_BYTES];
    struct store_record record;
    struct store_change change;
    const struct str key = ledger_key(entry_kind(entry), entry_key(entry), bytes);
    enum store_found found = store_get(store, key, buffer, &record, error);
    if (found == STORE_FOUND && record.sequence == entry->sequence) {
        *original = record.bytes;
        return true;
    }
    if (found != STORE_FAILED) /* replaced since the reader's root */
        found = store_get_change(store, entry->sequence, buffer, &change, error);
    if (found == STORE_FOUND && str_equal(change.key, key)) {
        *original = change.bytes;
        return true;
    }
    if (found == STORE_FAILED)
        return false;
    return error_set(
        error, ERROR_ABORTED,
        "the record has changed since the search began, and its state of change %" PRIu64
        " is no longer held",
        entry->sequence);
}

bool ledger_original(struct ledger *ledger, const struct entry *entry, struct str *original,
                     struct error *error)
{
    uint64_t committed = store_sequence(ledger->store);
    if (entry->sequence <= committed)
        return ledger_find_original(ledger->store, entry, &ledger->bytes, original, error);
    *original = store_batch_bytes(ledger->batch, (size_t)(entry->sequence - committed - 1));
    return true;
}
