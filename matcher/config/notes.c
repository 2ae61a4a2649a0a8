#include "config/notes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "model/taxonomy.h"

#include "base/banned.h"

static void add(struct notes *notes, const char *name, struct str bytes)
{
    assert(notes->count < NOTE_LIMIT);
    notes->items[notes->count++] = (struct engine_note){name, bytes};
}

static void add_hash(struct notes *notes, const char *name, uint64_t hash, const char *otherwise)
{
    char *text = notes->texts[notes->count];
    if (hash != 0)
        snprintf(text, sizeof notes->texts[0], "%016" PRIx64, hash);
    else
        snprintf(text, sizeof notes->texts[0], "%s", otherwise);
    add(notes, name, str_of(text));
}

static void add_profile(struct notes *notes, const struct profile *profile)
{
    char *name = notes->names[notes->count];
    snprintf(name, sizeof notes->names[0], "profile:%s", profile->name);
    add_hash(notes, name, profile_version(profile), "");
}

void notes_init(struct notes *notes, const struct options *options,
                const struct reference_data *data, const struct profile *profiles,
                size_t profile_count)
{
    notes->count = 0;
    add_hash(notes, "taxonomy", taxonomy_version(data->taxonomy), "");
    add_hash(notes, "areas", data->areas_hash, "built in");
    add_hash(notes, "minimum-wages", data->minimum_wages_hash, "built in");
    add_hash(notes, "banned-terms", data->banned_terms_hash, "none");
    add(notes, "currency", str_of(options->currency));
    add(notes, "zone", str_of(options->zone));
    add(notes, "priority-groups", str_of(options->priority_groups));
    for (size_t i = 0; i < profile_count; i++)
        add_profile(notes, &profiles[i]);
}
