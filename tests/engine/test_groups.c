/* Queues, groups, and who sees what when. */
#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/rcu.h"
#include "engine/counting_memory.h"
#include "support/world.h"

/* --- Jobs that wait inside ------------------------------------------------------------------ */

/* A change whose `done` holds the writer until it is told to go on. */
struct holder {
    struct change_job job;
    struct bytes request;
    sem_t inside, go_on;
};

static void hold(struct change_job *job)
{
    struct holder *holder = (struct holder *)job;
    sem_post(&holder->inside);
    sem_wait(&holder->go_on);
}

/* Returns when the writer is held. */
static void hold_writer(struct world *world, struct holder *holder)
{
    holder->request = world_put_applicant("holder", "");
    holder->job = (struct change_job){
        .request = {holder->request.data, (uint32_t)holder->request.size_bytes}, .done = hold};
    sem_init(&holder->inside, 0, 0);
    sem_init(&holder->go_on, 0, 0);
    cr_assert(engine_submit_change(world->engine, &holder->job));
    sem_wait(&holder->inside);
}

static void holder_release(struct holder *holder)
{
    memory_free(holder->job.response);
    free(holder->request.data);
}

/* A change that notes what a search sees that starts when it is done. */
struct change {
    struct change_job job;
    struct world *world;
    struct bytes request;
    uint64_t seen_sequence;
    uint32_t order;
    uint32_t *done_count;
    sem_t done;
};

static void see_sequence(void *context, const struct engine_view *view)
{
    *(uint64_t *)context = view->root->sequence;
}

static void note(struct change_job *job)
{
    struct change *change = (struct change *)job;
    if (change->world)
        world_query(change->world, see_sequence, &change->seen_sequence);
    change->order = (*change->done_count)++;
    sem_post(&change->done);
}

static void change_init(struct change *change, struct world *world, uint32_t *done_count,
                        struct bytes request)
{
    *change = (struct change){
        .job = {.request = {request.data, (uint32_t)request.size_bytes}, .done = note},
        .world = world,
        .request = request,
        .done_count = done_count,
    };
    sem_init(&change->done, 0, 0);
}

static void change_release(struct change *change)
{
    memory_free(change->job.response);
    free(change->request.data);
}

/* --- Tests ---------------------------------------------------------------------------------- */

Test(groups, all_of_a_group_is_seen_before_its_first_answer)
{
    struct world world;
    struct holder holder;
    struct change changes[8];
    uint32_t done_count = 0;
    world_init(&world, &(struct engine_options){.group_limit = 4});
    hold_writer(&world, &holder);
    for (size_t i = 0; i < 8; i++) {
        char id[8];
        snprintf(id, sizeof id, "a%zu", i);
        change_init(&changes[i], &world, &done_count, world_put_applicant(id, ""));
        cr_assert(engine_submit_change(world.engine, &changes[i].job));
    }
    sem_post(&holder.go_on);
    for (size_t i = 0; i < 8; i++) {
        sem_wait(&changes[i].done);
        cr_assert_eq(changes[i].order, i, "answers come in the order of submission");
        cr_assert_eq(changes[i].seen_sequence, 1 + (i < 4 ? 4 : 8), "change %zu", i);
        change_release(&changes[i]);
    }
    holder_release(&holder);
    world_release(&world);
}

struct search {
    const char *id;
    uint64_t sequence; /* of the record, 0 = not found */
};

static void find(void *context, const struct engine_view *view)
{
    struct search *search = context;
    const struct entry *entry =
        engine_find(view, RECORD_VACANCY, (struct key){STR("tj"), str_of(search->id)});
    search->sequence = entry ? entry->sequence : 0;
}

Test(groups, an_answered_change_is_seen_by_the_next_search)
{
    struct world world;
    struct search search = {.id = "v1"};
    world_init(&world, NULL);
    world_query(&world, find, &search);
    cr_assert_eq(search.sequence, 0);
    for (size_t round = 0; round < 100; round++) {
        uint64_t sequence = world_must_apply(&world, world_put_vacancy("v1", ""));
        world_query(&world, find, &search);
        cr_assert_eq(search.sequence, sequence);
        world_must_apply(&world, world_delete(RECORD_VACANCY, "v1"));
        world_query(&world, find, &search);
        cr_assert_eq(search.sequence, 0);
    }
    world_release(&world);
}

Test(groups, a_full_change_queue_refuses_and_what_it_holds_is_finished)
{
    struct world world;
    struct holder holder;
    struct change changes[3];
    uint32_t done_count = 0;
    world_init(&world, &(struct engine_options){.change_queue_limit = 2});
    hold_writer(&world, &holder);
    for (size_t i = 0; i < 3; i++) {
        change_init(&changes[i], NULL, &done_count, world_put_vacancy("v1", ""));
        cr_assert_eq(engine_submit_change(world.engine, &changes[i].job), i < 2);
    }
    struct engine_stats stats;
    engine_stats(world.engine, &stats);
    cr_assert_eq(stats.change_queue_count, 2);
    sem_post(&holder.go_on);
    engine_free(world.engine);
    world.engine = NULL;
    cr_assert_eq(done_count, 2, "the queue is finished before the engine is gone");
    for (size_t i = 0; i < 3; i++)
        change_release(&changes[i]);
    holder_release(&holder);
    world_release(&world);
}

struct held_query {
    struct query_job job;
    sem_t inside, go_on;
    bool done;
};

static void run_held(struct query_job *job, const struct engine_view *view)
{
    struct held_query *query = (struct held_query *)job;
    (void)view;
    sem_post(&query->inside);
    sem_wait(&query->go_on);
}

static void done_held(struct query_job *job)
{
    ((struct held_query *)job)->done = true;
}

Test(groups, a_full_query_queue_refuses_and_what_it_holds_is_finished)
{
    struct world world;
    struct held_query queries[4];
    world_init(&world, &(struct engine_options){.worker_count = 1, .query_queue_limit = 2});
    for (size_t i = 0; i < 4; i++) {
        queries[i] = (struct held_query){.job = {.run = run_held, .done = done_held}};
        sem_init(&queries[i].inside, 0, 0);
        sem_init(&queries[i].go_on, 0, 0);
        cr_assert_eq(engine_submit_query(world.engine, &queries[i].job), i < 3);
        if (i == 0)
            sem_wait(&queries[0].inside); /* the worker has it: the queue is empty */
    }
    for (size_t i = 0; i < 3; i++)
        sem_post(&queries[i].go_on);
    engine_free(world.engine);
    world.engine = NULL;
    for (size_t i = 0; i < 3; i++)
        cr_assert(queries[i].done);
    cr_assert_not(queries[3].done);
    world_release(&world);
}

Test(groups, stats_tell_what_happened)
{
    struct world world;
    struct engine_stats stats;
    world_init(&world, NULL);
    world_must_apply(&world, world_put_vacancy("v1", ""));
    world_must_apply(&world, world_put_vacancy("v2", "'status': 'VACANCY_STATUS_PAUSED'"));
    world_must_apply(&world, world_put_applicant("a1", ""));
    json_decref(world_apply(&world, world_delete(RECORD_VACANCY, "none")));
    engine_count_pairs(world.engine, 5);
    engine_stats(world.engine, &stats);
    cr_assert_eq(stats.sequence, 3);
    cr_assert_eq(stats.vacancy_count, 2);
    cr_assert_eq(stats.open_vacancy_count, 1);
    cr_assert_eq(stats.applicant_count, 1);
    cr_assert_eq(stats.active_applicant_count, 1);
    cr_assert_eq(stats.changes_applied, 3);
    cr_assert_eq(stats.changes_refused, 1);
    cr_assert_eq(stats.pairs_scored, 5);
    cr_assert_eq(stats.worker_count, 2);
    world_release(&world);
}

Test(groups, profiles_are_found_by_name)
{
    struct world world;
    world_init(&world, NULL);
    cr_assert_str_eq(engine_profile(world.engine, STR("default"))->name, "default");
    cr_assert_str_eq(engine_profile(world.engine, STR("lab"))->name, "lab");
    cr_assert_null(engine_profile(world.engine, STR("labs")));
    world_release(&world);
}

Test(groups, memory_is_given_back_while_records_come_and_go)
{
    struct world world;
    size_t held_count = 0;
    world_init(&world, NULL);
    for (size_t round = 0; round < 60; round++) {
        for (char id[8] = "v0"; id[1] <= '9'; id[1]++) {
            world_must_apply(&world, world_put_vacancy(id, ""));
            world_must_apply(&world, world_put_vacancy(id, ""));
        }
        for (char id[8] = "v0"; id[1] <= '9'; id[1]++)
            world_must_apply(&world, world_delete(RECORD_VACANCY, id));
        if (round == 0)
            held_count = memory_held_count();
    }
    /* What the last groups replaced is freed by the writer, in its next idle moment. */
    for (int waits = 0; waits < 10000 && memory_held_count() > held_count; waits++) {
        const struct timespec nap = {.tv_nsec = 1000000};
        rcu_drain();
        nanosleep(&nap, NULL);
    }
    cr_assert_leq(memory_held_count(), held_count);
    world_release(&world);
    cr_assert_eq(memory_held_count(), 0);
}
