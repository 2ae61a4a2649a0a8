/* An engine over a store: what a restart finds, what the calendar leaves behind, and what becomes
 * of changes when the disk does not take them. */
#include <criterion/criterion.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"
#include "support/world.h"

struct house {
    struct world world;
    char directory[64];
    struct engine_options options;
};

static enum engine_state wait_while(struct house *house, enum engine_state state,
                                    struct error *error)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    enum engine_state now;
    while ((now = engine_failure(house->world.engine, error)) == state)
        nanosleep(&nap, NULL); /* until the writer has said so; Criterion's timeout bounds it */
    return now;
}

static void open_house(struct house *house)
{
    struct error error;
    struct world before = house->world;
    world_init(&house->world, &house->options);
    if (before.wall_ms)
        atomic_store(&house->world.wall_ms, before.wall_ms);
    cr_assert_eq(wait_while(house, ENGINE_STARTING, &error), ENGINE_READY, "%s", error.text);
}

static void house_init(struct house *house)
{
    *house = (struct house){.directory = "/tmp/haihe-house-XXXXXX"};
    cr_assert(mkdtemp(house->directory));
    house->options.data_directory = house->directory;
    open_house(house);
}

static void restart(struct house *house)
{
    world_release(&house->world);
    open_house(house);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void house_release(struct house *house)
{
    world_release(&house->world);
    nftw(house->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- Looking ---------------------------------------------------------------------------------- */

/* What a search worker sees of a record. */
struct sight {
    enum record_kind kind;
    const char *id;
    uint64_t root_sequence, sequence; /* of the record; 0: there is none */
    bool stands;                      /* open, or active */
    uint64_t standing;                /* so many do */
    json_t *original;                 /* owned */
};

static void see(void *context, const struct engine_view *view)
{
    struct sight *sight = context;
    struct str original;
    struct error error;
    const struct entry *entry =
        engine_find(view, sight->kind, (struct key){STR("tj"), str_of(sight->id)});
    sight->root_sequence = view->root->sequence;
    sight->standing = view->root->open_vacancy_count + view->root->active_applicant_count;
    if (!entry)
        return;
    sight->sequence = entry->sequence;
    sight->stands = entry_kind(entry) == RECORD_VACANCY
                        ? packed_vacancy_is_open(entry_packed(entry))
                        : packed_applicant_is_active(entry_packed(entry));
    cr_assert(engine_original(view, entry, &original, &error), "%s", error.text);
    sight->original =
        world_decode(sight->kind == RECORD_VACANCY ? "haihe.v1.Vacancy" : "haihe.v1.Applicant",
                     original.data, original.length);
}

static struct sight look(struct house *house, enum record_kind kind, const char *id)
{
    struct sight sight = {.kind = kind, .id = id};
    world_query(&house->world, see, &sight);
    json_decref(sight.original);
    return sight;
}

static void expect(struct house *house, enum record_kind kind, const char *id, uint64_t sequence,
                   const char *path, const char *text)
{
    struct sight sight = {.kind = kind, .id = id};
    world_query(&house->world, see, &sight);
    cr_assert_eq(sight.sequence, sequence, "%s: %lu, not %lu", id, sight.sequence, sequence);
    if (sequence != 0)
        cr_assert_str_eq(world_text(sight.original, path), text);
    json_decref(sight.original);
}

static struct bytes close_vacancy(const char *id)
{
    return world_encode("haihe.v1.ApplyRequest",
                        "{'set_status': {'key': {'platform': 'tj', 'id': '%s'}, "
                        "'vacancy_status': 'VACANCY_STATUS_FILLED'}}",
                        id);
}

/* --- Tests ------------------------------------------------------------------------------------ */

Test(durable, a_restart_finds_every_change)
{
    struct house house;
    house_init(&house);
    uint64_t first = world_must_apply(&house.world, world_put_vacancy("v1", ""));
    uint64_t second = world_must_apply(&house.world, world_put_vacancy("v2", "'title': 'old'"));
    world_must_apply(&house.world, world_put_applicant("a1", ""));
    uint64_t newer = world_must_apply(&house.world, world_put_vacancy("v2", "'title': 'new'"));
    world_must_apply(&house.world, world_delete(RECORD_APPLICANT, "a1"));
    uint64_t closed = world_must_apply(&house.world, close_vacancy("v1"));
    cr_assert(first < second && second < newer && newer < closed);
    for (int time = 0; time < 3; time++) {
        expect(&house, RECORD_VACANCY, "v1", closed, "status", "VACANCY_STATUS_FILLED");
        expect(&house, RECORD_VACANCY, "v2", newer, "title", "new");
        expect(&house, RECORD_APPLICANT, "a1", 0, "", "");
        struct sight sight = look(&house, RECORD_VACANCY, "v1");
        cr_assert_eq(sight.root_sequence, closed);
        cr_assert_not(sight.stands);
        cr_assert_eq(sight.standing, 1);
        restart(&house);
    }
    cr_assert_eq(world_must_apply(&house.world, world_put_vacancy("v3", "")), closed + 1,
                 "numbers go on");
    house_release(&house);
}

Test(durable, what_the_calendar_did_is_in_the_order_and_stays)
{
    struct house house;
    house_init(&house);
    world_must_apply(&house.world, world_put_vacancy("ends", "'valid_through': '2026-11-23'"));
    uint64_t before =
        world_must_apply(&house.world, world_put_vacancy("begins", "'date_posted': '2026-11-25'"));
    cr_assert(look(&house, RECORD_VACANCY, "ends").stands);
    cr_assert_not(look(&house, RECORD_VACANCY, "begins").stands);
    world_set_date(&house.world, "2026-11-24");
    restart(&house); /* the day comes while the daemon is down */
    uint64_t after = world_must_apply(&house.world, world_put_applicant("a", ""));
    cr_assert_eq(after, before + 2, "one change by the calendar, one by us");
    cr_assert_not(look(&house, RECORD_VACANCY, "ends").stands);
    expect(&house, RECORD_VACANCY, "ends", before + 1, "title", "CNC operator");
    restart(&house);
    cr_assert_eq(look(&house, RECORD_VACANCY, "ends").root_sequence, after, "a day turns once");
    cr_assert_not(look(&house, RECORD_VACANCY, "ends").stands);
    world_set_date(&house.world, "2026-11-25");
    cr_assert_eq(world_must_apply(&house.world, world_put_applicant("b", "")), after + 2);
    cr_assert(look(&house, RECORD_VACANCY, "begins").stands);
    restart(&house);
    cr_assert(look(&house, RECORD_VACANCY, "begins").stands);
    house_release(&house);
}

/* A minute before midnight and at midnight, east and west of Greenwich, and where there is summer
 * time. 2026-11-23T00:00 there is so many hours before that of Greenwich. */
Test(durable, midnight_is_that_of_the_zone)
{
    static const struct {
        const char *zone;
        int64_t hours_ahead;
    } zones[] = {{"CST-8", 8},
                 {"UTC0", 0},
                 {"NZST-12NZDT,M9.5.0,M4.1.0/3", 13},
                 {"PST8PDT,M3.2.0,M11.1.0", -8}};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct house house;
        int32_t day;
        house_init(&house);
        setenv("TZ", zones[i].zone, 1);
        tzset();
        cr_assert(date_parse(STR("2026-11-25"), &day));
        int64_t midnight_ms = ((int64_t)day * 24 - zones[i].hours_ahead) * 3600 * 1000;
        atomic_store(&house.world.wall_ms, midnight_ms - 60000);
        world_must_apply(&house.world, world_put_applicant("a", "")); /* the day is looked at */
        world_must_apply(&house.world, world_put_vacancy("begins", "'date_posted': '2026-11-25'"));
        cr_assert_not(look(&house, RECORD_VACANCY, "begins").stands, "%s", zones[i].zone);
        atomic_store(&house.world.wall_ms, midnight_ms);
        uint64_t before = look(&house, RECORD_VACANCY, "begins").sequence;
        world_must_apply(&house.world, world_put_applicant("b", ""));
        cr_assert(look(&house, RECORD_VACANCY, "begins").stands, "%s", zones[i].zone);
        cr_assert_eq(look(&house, RECORD_VACANCY, "begins").sequence, before + 1);
        house_release(&house);
    }
}

Test(durable, what_the_daemon_was_told_is_in_the_order_once)
{
    struct house house;
    const struct engine_note first[] = {{"taxonomy", STR("1")}, {"zone", STR("Asia/Shanghai")}};
    const struct engine_note second[] = {{"taxonomy", STR("2")}, {"zone", STR("Asia/Shanghai")}};
    house_init(&house);
    house.options.notes = first;
    house.options.note_count = 2;
    restart(&house);
    cr_assert_eq(look(&house, RECORD_VACANCY, "").root_sequence, 2);
    restart(&house);
    cr_assert_eq(look(&house, RECORD_VACANCY, "").root_sequence, 2);
    house.options.notes = second;
    restart(&house);
    cr_assert_eq(look(&house, RECORD_VACANCY, "").root_sequence, 3);
    house_release(&house);
}

/* --- A disk that takes nothing ---------------------------------------------------------------- */

/* No file may grow. A write beyond fails with EFBIG. */
static void forbid_growth(bool is_forbidden)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = is_forbidden ? 512 : limit.rlim_max; /* the mark is a sector */
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void expect_refusal(struct house *house, struct bytes request, const char *text)
{
    json_t *response = world_apply(&house->world, request);
    cr_assert_eq(world_number(response, "error.code"), ERROR_UNAVAILABLE, "%s",
                 json_dumps(response, 0));
    cr_assert(strstr(world_text(response, "error.message"), text), "%s",
              world_text(response, "error.message"));
    json_decref(response);
}

Test(durable, a_disk_that_takes_nothing_stops_changes_and_nothing_else, .timeout = 120)
{
    struct house house;
    struct error error;
    house_init(&house);
    uint64_t kept = world_must_apply(&house.world, world_put_vacancy("v", "'title': 'kept'"));
    uint64_t last = world_must_apply(&house.world, world_put_applicant("a", ""));
    forbid_growth(true);
    expect_refusal(&house, world_put_vacancy("v", "'title': 'lost'"), "not known");
    cr_assert_eq(engine_state(house.world.engine, &error), ENGINE_READ_ONLY);
    cr_assert(strstr(error.text, "store"), "%s", error.text);
    expect_refusal(&house, world_delete(RECORD_APPLICANT, "a"), "changes are refused");
    expect(&house, RECORD_VACANCY, "v", kept, "title", "kept");
    cr_assert_eq(look(&house, RECORD_APPLICANT, "a").sequence, last);
    forbid_growth(false);
    cr_assert_eq(wait_while(&house, ENGINE_READ_ONLY, &error), ENGINE_READY);
    expect(&house, RECORD_VACANCY, "v", kept, "title", "kept");
    cr_assert_eq(world_must_apply(&house.world, world_put_vacancy("v", "'title': 'again'")),
                 last + 1, "the number was given back");
    restart(&house);
    expect(&house, RECORD_VACANCY, "v", last + 1, "title", "again");
    house_release(&house);
}

/* --- What cannot start ------------------------------------------------------------------------ */

static enum engine_state try_to_open(struct house *house, struct error *error)
{
    world_init(&house->world, &house->options);
    return wait_while(house, ENGINE_STARTING, error);
}

/* Behind the engine's back. */
static void put_in_store(struct house *house, struct str key, struct str bytes)
{
    struct error error;
    struct store *store =
        store_open(&(struct store_options){.directory = house->directory}, &error);
    cr_assert(store, "%s", error.text);
    struct store_batch *batch = store_batch_new();
    const struct store_change change = {
        .sequence = store_sequence(store) + 1, .kind = STORE_PUT, .key = key, .bytes = bytes};
    cr_assert(store_batch_add(batch, &change));
    cr_assert(store_commit(store, batch, &error));
    store_batch_free(batch);
    store_close(store);
}

Test(durable, a_record_that_cannot_be_read_stops_the_start_by_name)
{
    struct house house;
    struct error error;
    house_init(&house);
    world_must_apply(&house.world, world_put_vacancy("v", ""));
    world_release(&house.world);
    put_in_store(&house, STR("\1\2tjodd"), STR("no protobuf at all"));
    cr_assert_eq(try_to_open(&house, &error), ENGINE_FAILED);
    cr_assert(strstr(error.text, "vacancy 'tj:odd' of change 2 cannot be read"), "%s", error.text);
    house_release(&house);
}

Test(durable, a_second_engine_on_one_directory_does_not_start)
{
    struct house house, other;
    struct error error;
    house_init(&house);
    other = house;
    cr_assert_eq(try_to_open(&other, &error), ENGINE_FAILED);
    cr_assert(strstr(error.text, "in use by another process"), "%s", error.text);
    world_release(&other.world);
    house_release(&house);
}
