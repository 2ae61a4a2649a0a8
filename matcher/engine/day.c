/* The turn of the day: what the calendar does to records becomes changes in the one order, so that
 * no search has to read the date. It keeps a record's original and gives it a new sequence number.
 * Thread: the writer. Cost: a look at every record, a copy of those that turn.
 */
#include "engine/book.h"

#include "base/banned.h"

/* *turned is a copy with the new flag; NULL when there is no memory. False when nothing turns. */
static bool vacancy_turns(const struct entry *entry, int32_t today, struct stored **turned)
{
    struct vacancy vacancy = *(const struct vacancy *)entry->document;
    bool open = vacancy_is_open_on(&vacancy, today);
    if (open == vacancy.open)
        return false;
    vacancy.open = open;
    *turned = stored_new_vacancy(&vacancy, (struct str){entry->original, entry->original_bytes});
    return true;
}

static bool applicant_turns(const struct entry *entry, int32_t today, struct stored **turned)
{
    struct applicant applicant = *(const struct applicant *)entry->document;
    bool available = applicant_is_available_on(&applicant, today);
    if (available == applicant.available)
        return false;
    applicant.available = available;
    *turned =
        stored_new_applicant(&applicant, (struct str){entry->original, entry->original_bytes});
    return true;
}

static bool entry_turns(const struct entry *entry, enum record_kind kind, int32_t today,
                        struct stored **turned)
{
    return kind == RECORD_VACANCY ? vacancy_turns(entry, today, turned)
                                  : applicant_turns(entry, today, turned);
}

/* True when all slots of the kind have been looked at. */
static bool turn_kind(struct book *book, struct day_turn *turn, uint32_t *left)
{
    const struct collection_writer *collection = book->collections[kind_index(turn->kind)];
    size_t slot_count = collection_slot_count(collection);
    for (; turn->slot < slot_count; turn->slot++) {
        if (*left == 0)
            return false;
        const struct entry *entry = collection_peek(collection, turn->slot);
        struct stored *turned = NULL;
        if (!entry || !entry_turns(entry, turn->kind, book->today, &turned))
            continue;
        if (!turned || !book_put(book, turned, turn->slot))
            return false;
        (*left)--;
    }
    return true;
}

bool book_turn_day(struct book *book, struct day_turn *turn, uint32_t limit)
{
    while (turn->kind == RECORD_VACANCY || turn->kind == RECORD_APPLICANT) {
        if (!turn_kind(book, turn, &limit))
            return false;
        turn->slot = 0;
        turn->kind = turn->kind == RECORD_VACANCY ? RECORD_APPLICANT : (enum record_kind)0;
    }
    return true;
}
