/* See entry.h. A record is packed into a room of its greatest length first, on the stack unless it
 * is unusually long: only then is known how much it takes. */
#include "core/entry.h"

#include "base/memory.h"

#include "base/banned.h"

enum { STACK_ROOM_BYTES = 4096 };

/* What goes into an entry. */
struct parts {
    enum record_kind kind;
    size_t place_count;
    struct str packed, kept;
};

static struct entry *entry_new(const struct parts *parts)
{
    assert(parts->packed.length <= PACKED_LIMIT_BYTES && parts->place_count <= RECORD_SITE_LIMIT);
    struct entry *entry =
        memory_try(sizeof *entry + parts->place_count * sizeof(struct index_place) +
                   parts->packed.length + parts->kept.length);
    if (!entry)
        return NULL;
    *entry = (struct entry){.packed_bytes = parts->packed.length & PACKED_LIMIT_BYTES,
                            .place_count = parts->place_count & 63,
                            .kind = parts->kind & 3};
    size_t place_count;
    struct index_place *places = entry_places(entry, &place_count);
    memset(places, 0xff, place_count * sizeof *places);
    char *packed = (char *)(places + place_count);
    memcpy(packed, parts->packed.data, parts->packed.length);
    if (parts->kept.length > 0)
        memcpy(packed + parts->packed.length, parts->kept.data, parts->kept.length);
    return entry;
}

static size_t place_count_of(const struct vacancy *vacancy)
{
    size_t count = 0;
    for (size_t i = 0; i < vacancy->site_count; i++)
        count += position_is_known(vacancy->sites[i].position);
    return count > 0 ? count : 1;
}

struct entry *entry_new_vacancy(const struct vacancy *vacancy, struct lexicon *lexicon,
                                struct str kept)
{
    char stack_room[STACK_ROOM_BYTES];
    size_t room_bytes = packed_vacancy_room_bytes(vacancy);
    char *room = room_bytes <= sizeof stack_room ? stack_room : memory_try(room_bytes);
    if (!room)
        return NULL;
    size_t packed_bytes = packed_vacancy_write(vacancy, lexicon, room);
    const struct parts parts = {
        RECORD_VACANCY, place_count_of(vacancy), {room, (uint32_t)packed_bytes}, kept};
    struct entry *entry = entry_new(&parts);
    if (room != stack_room)
        memory_free(room);
    return entry;
}

struct entry *entry_new_applicant(const struct applicant *applicant, struct lexicon *lexicon,
                                  struct str kept)
{
    char stack_room[STACK_ROOM_BYTES];
    size_t room_bytes = packed_applicant_room_bytes(applicant);
    char *room = room_bytes <= sizeof stack_room ? stack_room : memory_try(room_bytes);
    if (!room)
        return NULL;
    size_t packed_bytes = packed_applicant_write(applicant, lexicon, room);
    const struct parts parts = {RECORD_APPLICANT, 1, {room, (uint32_t)packed_bytes}, kept};
    struct entry *entry = entry_new(&parts);
    if (room != stack_room)
        memory_free(room);
    return entry;
}

struct entry *entry_copy(const struct entry *entry, size_t kept_bytes)
{
    const struct parts parts = {entry_kind(entry),
                                entry->place_count,
                                {entry_packed(entry), entry->packed_bytes},
                                {entry_kept(entry), (uint32_t)kept_bytes}};
    return entry_new(&parts);
}
