/* Loads against a server that misbehaves: order, bounds, losses, slow pipes, signals. */
#include <criterion/criterion.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake.h"
#include "haihectl/load_session.h"

struct load {
    struct load_report report;
    struct progress progress;
    struct load_outcome outcome;
};

/* Loads one file of vacancies into the fake. */
static void run_load(struct load *load, const struct fake *fake, const char *path,
                     uint32_t in_flight_limit, const char *refused_path, int64_t timeout_ns)
{
    struct error error;
    char *files[] = {(char *)path};
    struct client *client = client_new(fake->address, timeout_ns, &error);
    cr_assert_not_null(client, "%s", error.text);
    cr_assert(load_report_open(&load->report, SOURCE_VACANCY, refused_path, &error), "%s",
              error.text);
    progress_start(&load->progress, "vacancies", 0);
    load->progress.on_terminal = false;
    const struct load_session_options options = {.client = client,
                                                 .reader = {.files = files, .file_count = 1},
                                                 .in_flight_limit = in_flight_limit,
                                                 .report = &load->report,
                                                 .progress = &load->progress};
    cr_assert(load_session_run(&options, &load->outcome, &error), "%s", error.text);
    cr_assert(load_report_close(&load->report, &error), "%s", error.text);
    client_free(client);
}

static void make_path(char path[64], const char *ending)
{
    snprintf(path, 64, "/tmp/haihectl-test-XXXXXX%s", ending);
    int fd = mkstemps(path, (int)strlen(ending));
    cr_assert_geq(fd, 0);
    close(fd);
}

/* Rows "1", "2", ..; every `bad_every`th is refused by the server, every `broken_every`th here. */
static void write_rows(const char *path, size_t count, size_t bad_every, size_t broken_every)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "platform,id,title,wage_min\n");
    for (size_t i = 1; i <= count; i++)
        fprintf(file, "p,%s%zu,title,%s\n", bad_every && i % bad_every == 0 ? "bad" : "", i,
                broken_every && i % broken_every == 0 ? "x" : "1");
    fclose(file);
}

static const int64_t LONG_NS = 60 * INT64_C(1000000000);

Test(load, sends_every_row_once_in_order, .timeout = 60)
{
    enum { ROW_COUNT = 5000 };
    char path[64];
    struct load load;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 1});
    make_path(path, ".csv");
    write_rows(path, ROW_COUNT, 0, 0);
    run_load(&load, fake, path, 4096, NULL, LONG_NS);
    fake_stop(fake);
    cr_expect_eq(fake->changes, ROW_COUNT);
    cr_expect(fake->request_ids_right);
    cr_expect_eq(load.progress.applied, ROW_COUNT);
    cr_expect_eq(load.progress.refused, 0);
    cr_expect_eq(load.outcome.server.code, ERROR_OK, "%s", load.outcome.server.text);
    cr_expect_eq(load.outcome.input.code, ERROR_OK);
    cr_expect_eq(load.outcome.unanswered, 0);
    cr_expect_eq(load.report.unknown_skill_count, ROW_COUNT);
    cr_expect_eq(load.report.unknown_example_count, 1);
    cr_expect_str_eq(load.report.unknown_examples[0], "socks");
    fake_free(fake);
    unlink(path);
}

Test(load, keeps_to_the_limit_of_rows_in_flight, .timeout = 60)
{
    char path[64];
    struct load load;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 7});
    make_path(path, ".csv");
    write_rows(path, 1003, 0, 0);
    run_load(&load, fake, path, 7, NULL, LONG_NS);
    fake_stop(fake);
    cr_expect_eq(load.progress.applied, 1003);
    cr_expect_eq(fake->due_most, 7);
    fake_free(fake);
    unlink(path);
}

Test(load, reports_refused_rows_in_the_files_order, .timeout = 60)
{
    enum { ROW_COUNT = 2000 };
    char path[64], refused_path[64], line_text[1024];
    struct load load;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 100});
    make_path(path, ".csv");
    make_path(refused_path, ".jsonl");
    write_rows(path, ROW_COUNT, 5, 7);
    run_load(&load, fake, path, 4096, refused_path, LONG_NS);
    fake_stop(fake);
    /* Broken ones: every 7th. Refused ones: every 5th that is not broken. */
    size_t broken = ROW_COUNT / 7, bad = ROW_COUNT / 5 - ROW_COUNT / 35;
    cr_expect_eq(load.progress.refused, broken + bad);
    cr_expect_eq(load.progress.applied, ROW_COUNT - broken - bad);
    cr_expect_eq(fake->changes, ROW_COUNT - broken);
    FILE *file = fopen(refused_path, "r");
    json_int_t line_before = 0;
    size_t lines = 0;
    for (; fgets(line_text, sizeof(line_text), file); lines++) {
        json_t *object = json_loads(line_text, 0, NULL);
        cr_assert_not_null(object, "%s", line_text);
        json_int_t line = json_integer_value(json_object_get(object, "line"));
        const char *field = json_string_value(json_object_get(object, "field"));
        const char *rule = json_string_value(json_object_get(object, "rule"));
        const char *column = json_string_value(json_object_get(object, "column"));
        cr_expect_gt(line, line_before, "line %lld behind %lld", (long long)line,
                     (long long)line_before);
        line_before = line;
        bool is_broken = (line - 1) % 7 == 0; /* the header is line 1 */
        cr_expect_str_eq(field, is_broken ? "wage_min" : "base_salary.min_amount");
        cr_expect_str_eq(rule, is_broken ? "malformed_value" : "made_up");
        cr_expect_str_eq(json_string_value(json_object_get(object, "value")),
                         is_broken ? "x" : "1");
        cr_expect_str_eq(json_string_value(json_object_get(object, "file")), path);
        if (is_broken)
            cr_expect_null(column);
        else
            cr_expect_str_eq(column, "wage_min");
        json_decref(object);
    }
    cr_expect_eq(lines, broken + bad);
    fclose(file);
    fake_free(fake);
    unlink(path);
    unlink(refused_path);
}

Test(load, ends_when_the_connection_is_lost, .timeout = 60)
{
    char path[64];
    struct load load;
    struct fake *fake =
        fake_start(&(struct fake_options){.answer_group = 50, .answers_before_abort = 100});
    make_path(path, ".csv");
    write_rows(path, 20000, 0, 0);
    run_load(&load, fake, path, 1000, NULL, LONG_NS);
    fake_stop(fake);
    cr_expect_eq(load.outcome.server.code, ERROR_UNAVAILABLE, "%s", load.outcome.server.text);
    cr_expect_not_null(strstr(load.outcome.server.text, fake->address), "%s",
                       load.outcome.server.text);
    cr_expect_leq(load.progress.applied, 100);
    cr_expect_gt(load.outcome.unanswered, 0);
    fake_free(fake);
    unlink(path);
}

Test(load, gives_up_on_a_server_that_stays_silent, .timeout = 60)
{
    char path[64];
    struct load load;
    struct fake *fake = fake_start(&(struct fake_options){.silent = true});
    make_path(path, ".csv");
    write_rows(path, 10, 0, 0);
    run_load(&load, fake, path, 4096, NULL, 300 * INT64_C(1000000));
    fake_stop(fake);
    cr_expect_eq(load.outcome.server.code, ERROR_DEADLINE_EXCEEDED, "%s", load.outcome.server.text);
    cr_expect_eq(load.outcome.unanswered, 10);
    fake_free(fake);
    unlink(path);
}

/* A pipe whose writer goes on only when the server has what was written before. */
struct pipe_writer {
    int fd;
    sem_t seen;
};

static void on_piped_change(void *context, size_t count)
{
    struct pipe_writer *writer = context;
    (void)count;
    sem_post(&writer->seen);
}

static void *write_slowly(void *argument)
{
    struct pipe_writer *writer = argument;
    dprintf(writer->fd, "platform,id\n");
    for (int i = 0; i < 3; i++) {
        dprintf(writer->fd, "p,%d\n", i);
        sem_wait(&writer->seen); /* would wait for ever if rows were held back */
    }
    close(writer->fd);
    return NULL;
}

Test(load, sends_what_a_slow_pipe_gives_at_once, .timeout = 60)
{
    int ends[2];
    char path[64];
    struct load load;
    struct pipe_writer writer;
    pthread_t thread;
    cr_assert_eq(pipe(ends), 0);
    writer.fd = ends[1];
    sem_init(&writer.seen, 0, 0);
    struct fake *fake =
        fake_start(&(struct fake_options){.on_change = on_piped_change, .context = &writer});
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    cr_assert_eq(pthread_create(&thread, NULL, write_slowly, &writer), 0);
    run_load(&load, fake, path, 4096, NULL, LONG_NS);
    pthread_join(thread, NULL);
    fake_stop(fake);
    cr_expect_eq(load.progress.applied, 3);
    fake_free(fake);
    close(ends[0]);
}

static void interrupt_first(void *context, size_t count)
{
    (void)context;
    if (count == 1)
        kill(getpid(), SIGINT);
}

Test(load, ends_on_a_signal_while_it_waits_for_input, .timeout = 60)
{
    int ends[2];
    char path[64];
    struct load load;
    cr_assert_eq(pipe(ends), 0);
    struct fake *fake = fake_start(&(struct fake_options){.on_change = interrupt_first});
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    dprintf(ends[1], "platform,id\np,1\n"); /* and then nothing, without an end */
    run_load(&load, fake, path, 4096, NULL, LONG_NS);
    fake_stop(fake);
    cr_expect(load.outcome.interrupted);
    cr_expect_eq(load.progress.applied, 1);
    fake_free(fake);
    close(ends[0]);
    close(ends[1]);
}

Test(load, tells_why_reading_ended_early, .timeout = 60)
{
    char path[64];
    struct load load;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 1});
    make_path(path, ".csv");
    FILE *file = fopen(path, "w");
    fprintf(file, "platform,id,colour\n");
    fclose(file);
    run_load(&load, fake, path, 4096, NULL, LONG_NS);
    fake_stop(fake);
    cr_expect_eq(load.outcome.server.code, ERROR_OK, "%s", load.outcome.server.text);
    cr_expect_eq(load.outcome.input.code, ERROR_INVALID_ARGUMENT);
    cr_expect_not_null(strstr(load.outcome.input.text, "colour"), "%s", load.outcome.input.text);
    fake_free(fake);
    unlink(path);
}

/* --- Unary calls ---------------------------------------------------------------------------- */

static json_t *get(const char *address, int64_t timeout_ns, struct error *error)
{
    struct client *client = client_new(address, timeout_ns, error);
    cr_assert_not_null(client);
    json_t *request = json_pack("{s:{s:s,s:s}}", "key", "platform", "p", "id", "7");
    json_t *record = client_call(client, &CLIENT_GET, request, error);
    json_decref(request);
    client_free(client);
    return record;
}

Test(client, carries_field_value_and_rule_of_the_servers_error, .timeout = 60)
{
    struct error error;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 1});
    cr_expect_null(get(fake->address, LONG_NS, &error));
    fake_stop(fake);
    cr_expect_eq(error.code, ERROR_INVALID_ARGUMENT);
    cr_expect_str_eq(error.field, "key.id");
    cr_expect_str_eq(error.value, "7");
    cr_expect_str_eq(error.rule, "made_up");
    fake_free(fake);
}

Test(client, names_the_server_that_cannot_be_reached, .timeout = 60)
{
    struct error error;
    struct fake *fake = fake_start(&(struct fake_options){.answer_group = 1});
    char address[32];
    snprintf(address, sizeof(address), "%s", fake->address);
    fake_stop(fake);
    fake_free(fake); /* nobody listens there any more */
    cr_expect_null(get(address, LONG_NS, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_not_null(strstr(error.text, address), "%s", error.text);
}

Test(client, gives_up_after_its_timeout, .timeout = 60)
{
    struct error error;
    struct fake *fake = fake_start(&(struct fake_options){.silent = true});
    cr_expect_null(get(fake->address, 100 * INT64_C(1000000), &error));
    fake_stop(fake);
    cr_expect_eq(error.code, ERROR_DEADLINE_EXCEEDED);
    cr_expect_not_null(strstr(error.text, "0.1 s"), "%s", error.text);
    fake_free(fake);
}
