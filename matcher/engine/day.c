/* The turn of the day: what the calendar does to records becomes changes in the one order, so that
 * no search has to read the date. It keeps a record's original and gives it a new sequence number.
 * Thread: the writer. Cost: a look at every record, a copy of those that turn.
 */
#include "engine/book.h"

#include "base/banned.h"

static bool entry_turns(const struct entry *entry, int32_t today)
{
    return entry_kind(entry) == RECORD_VACANCY ? packed_vacancy_turns(entry_packed(entry), today)
                                               : packed_applicant_turns(entry_packed(entry), today);
}

/* False when there is no memory, or its original cannot be read. */
static bool turn_entry(struct book *book, const struct entry *entry, struct error *error)
{
    struct str original = STR("");
    bool is_stored = book->ledger.store != NULL;
    if (is_stored && !ledger_original(&book->ledger, entry, &original, error))
        return false;
    struct entry *turned =
        entry_copy(entry, is_stored ? 0 : original_kept_bytes(entry_kept(entry)));
    if (!turned)
        return false;
    packed_turn((void *)entry_packed(turned), entry_kind(turned));
    return book_put(book, STORE_TURN, turned, entry->slot, original);
}

/* True when all slots of the kind have been looked at. */
static bool turn_kind(struct book *book, struct day_turn *turn, uint32_t *left, struct error *error)
{
    const struct collection_writer *collection = book->collections[kind_index(turn->kind)];
    size_t slot_count = collection_slot_count(collection);
    for (; turn->slot < slot_count; turn->slot++) {
        if (*left == 0)
            return false;
        const struct entry *entry = collection_peek(collection, turn->slot);
        if (!entry || !entry_turns(entry, book->today))
            continue;
        if (!turn_entry(book, entry, error))
            return false;
        (*left)--;
    }
    return true;
}

bool book_turn_day(struct book *book, struct day_turn *turn, uint32_t limit, struct error *error)
{
    error->code = ERROR_OK;
    while (turn->kind == RECORD_VACANCY || turn->kind == RECORD_APPLICANT) {
        if (!turn_kind(book, turn, &limit, error))
            return false;
        turn->slot = 0;
        turn->kind = turn->kind == RECORD_VACANCY ? RECORD_APPLICANT : (enum record_kind)0;
    }
    return true;
}
