/* List against sorting everything. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "support/world.h"

enum { RECORDS = 300 };

struct listing {
    struct key after;
    uint32_t limit;
    char ids[RECORDS][16];
    uint32_t count;
    bool more, answered;
};

static void list(void *context, const struct engine_view *view)
{
    struct listing *listing = context;
    struct engine_page page;
    listing->answered = engine_list(view, RECORD_APPLICANT, listing->after, listing->limit, &page);
    listing->count = page.count;
    listing->more = page.more;
    for (uint32_t i = 0; i < page.count; i++) {
        struct key key = entry_key(page.entries[i]);
        snprintf(listing->ids[i], sizeof listing->ids[i], "%.*s", STR_ARG(key.id));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

Test(list, pages_give_all_ids_of_the_platform_in_order)
{
    static char ids[RECORDS][16];
    static struct listing page;
    struct world world;
    struct rng rng;
    uint64_t seed = (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    rng_init(&rng, seed);
    world_init(&world, NULL);
    for (size_t i = 0; i < RECORDS; i++) {
        snprintf(ids[i], sizeof ids[i], "%llx-%zu", (unsigned long long)rng_below(&rng, 65536), i);
        world_must_apply(&world, world_put_applicant(ids[i], ""));
    }
    world_must_apply(&world, world_encode("haihe.v1.ApplyRequest",
                                          "{'upsert_applicant': {'key': {'platform': 'other', "
                                          "'id': '5'}}}"));
    qsort(ids, RECORDS, sizeof ids[0], by_text);
    page.limit = 1 + (uint32_t)rng_below(&rng, 40);
    page.after = (struct key){STR("tj"), STR("")};
    char last[16] = "";
    for (size_t seen = 0; seen < RECORDS; seen += page.count) {
        world_query(&world, list, &page);
        cr_assert(page.answered);
        cr_assert_eq(page.count, RECORDS - seen < page.limit ? RECORDS - seen : page.limit);
        cr_assert_eq(page.more, seen + page.count < RECORDS);
        for (uint32_t i = 0; i < page.count; i++)
            cr_assert_str_eq(page.ids[i], ids[seen + i]);
        strcpy(last, page.ids[page.count - 1]);
        page.after.id = str_of(last);
    }
    world_release(&world);
}

Test(list, an_unknown_platform_has_an_empty_page)
{
    static struct listing page;
    struct world world;
    world_init(&world, NULL);
    page.limit = 10;
    page.after = (struct key){STR("nobody"), STR("")};
    world_query(&world, list, &page);
    cr_assert(page.answered);
    cr_assert_eq(page.count, 0);
    cr_assert_not(page.more);
    world_release(&world);
}
