/* What the daemon was told, as notes for the order of changes: hashes of tables and profiles, and
 * the short settings themselves. A replay can tell from them which tables a decision was made with.
 *
 *   taxonomy, areas, minimum-wages, banned-terms   XXH3 in hexadecimal; "built in" or "none"
 *   profile:NAME                                   profile_version in hexadecimal
 *   currency, zone, priority-groups                as given
 *
 * Thread: main's. */
#ifndef HAIHE_CONFIG_NOTES_H
#define HAIHE_CONFIG_NOTES_H

#include "config/reference_data.h"
#include "engine/engine.h"

enum { NOTE_LIMIT = 16 };

struct notes {
    struct engine_note items[NOTE_LIMIT];
    size_t count;
    char texts[NOTE_LIMIT][20], names[NOTE_LIMIT][48];
};

/* Points into itself, and borrows the options' texts. */
void notes_init(struct notes *notes, const struct options *options,
                const struct reference_data *data, const struct profile *profiles,
                size_t profile_count);

#endif
