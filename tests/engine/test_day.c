/* The calendar's changes: at midnight records turn, as changes in the one order. */
#include <criterion/criterion.h>

#include "support/world.h"

struct look {
    uint64_t sequence, open_count, available_count, hash;
    int32_t today;
    bool seen_open; /* of vacancy "tomorrow" */
};

static bool applicant_is_available(const struct engine_view *view, const struct entry *entry)
{
    struct record_scratch scratch;
    struct applicant applicant;
    record_scratch_init(&scratch, view->lexicon);
    entry_applicant(entry, &scratch, &applicant);
    return applicant.available;
}

static void look_at(void *context, const struct engine_view *view)
{
    struct look *look = context;
    *look = (struct look){.sequence = view->root->sequence,
                          .open_count = view->root->open_vacancy_count,
                          .today = view->today};
    const struct snapshot *snapshot = &view->root->applicants;
    for (size_t slot = 0; slot < snapshot->chunk_count * COLLECTION_CHUNK_SLOTS; slot++) {
        const struct entry *entry = snapshot_at(snapshot, slot);
        if (entry)
            look->available_count += applicant_is_available(view, entry);
    }
    const struct entry *entry =
        engine_find(view, RECORD_VACANCY, (struct key){STR("tj"), STR("tomorrow")});
    if (entry) {
        struct str original;
        cr_assert(engine_original(view, entry, &original, NULL));
        look->hash = record_hash(original);
        look->seen_open = packed_vacancy_is_open(entry_packed(entry));
    }
}

/* A change by which the writer is sure to have looked at the clock. */
static void nudge(struct world *world)
{
    json_decref(world_apply(world, world_delete(RECORD_VACANCY, "none")));
}

Test(day, records_turn_when_their_day_comes_and_keep_what_was_sent)
{
    struct world world;
    struct look before, after;
    world_init(&world, NULL);
    world_must_apply(&world, world_put_vacancy("tomorrow", "'date_posted': '2026-11-24'"));
    world_must_apply(&world, world_put_vacancy("until-today", "'valid_through': '2026-11-23'"));
    world_must_apply(&world, world_put_vacancy("always", ""));
    world_must_apply(&world, world_put_applicant("soon", "'available_from': '2026-11-24'"));
    world_must_apply(&world, world_put_applicant("now", ""));
    world_query(&world, look_at, &before);
    cr_assert_eq(before.open_count, 2);
    cr_assert_eq(before.available_count, 1);
    cr_assert_not(before.seen_open);
    world_set_date(&world, "2026-11-24");
    nudge(&world);
    world_query(&world, look_at, &after);
    cr_assert_eq(after.today, before.today + 1);
    cr_assert_eq(after.sequence, before.sequence + 3, "each turn is a change of its own");
    cr_assert_eq(after.open_count, 2);
    cr_assert(after.seen_open);
    cr_assert_eq(after.available_count, 2);
    cr_assert_eq(after.hash, before.hash);
    world_release(&world);
}

Test(day, a_day_without_records_to_turn_changes_only_the_date)
{
    struct world world;
    struct look before, after;
    world_init(&world, NULL);
    world_must_apply(&world, world_put_vacancy("always", ""));
    world_query(&world, look_at, &before);
    world_set_date(&world, "2026-11-24");
    nudge(&world);
    world_query(&world, look_at, &after);
    cr_assert_eq(after.today, before.today + 1);
    cr_assert_eq(after.sequence, before.sequence);
    world_release(&world);
}

Test(day, more_records_than_a_group_all_turn)
{
    struct world world;
    struct look after;
    world_init(&world, &(struct engine_options){.group_limit = 3});
    for (size_t i = 0; i < 20; i++) {
        char id[8];
        snprintf(id, sizeof id, "v%zu", i);
        world_must_apply(&world, world_put_vacancy(id, "'valid_through': '2026-11-23'"));
        world_must_apply(&world, world_put_applicant(id, "'available_from': '2026-11-30'"));
    }
    world_set_date(&world, "2026-12-24"); /* several days at once, as after a suspend */
    nudge(&world);
    world_query(&world, look_at, &after);
    cr_assert_eq(after.open_count, 0);
    cr_assert_eq(after.available_count, 20);
    cr_assert_eq(after.sequence, 80);
    world_release(&world);
}

Test(day, midnight_is_seen_without_any_change)
{
    struct world world;
    struct look look;
    world_init(&world, NULL);
    world_must_apply(&world, world_put_vacancy("until-today", "'valid_through': '2026-11-23'"));
    world_set_date(&world, "2026-11-24");
    do /* the writer looks once a second; Criterion's limit bounds this */
        world_query(&world, look_at, &look);
    while (look.open_count > 0);
    cr_assert_eq(look.sequence, 2);
    world_release(&world);
}
