/* PostgreSQL's client: one connection a thread, one prepared statement, binary answers.
 *
 *   postgresql STATEMENT.sql CONNECTION QUERIES DIRECTION K THREADS OUT
 *
 * STATEMENT's parameters are written down in postgresql/search_*.sql; its answer is rows of id
 * (integer) and score (bigint), best first. Processor time is that of the server's processes that
 * serve the connections, and this one's.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "blocks.h"
#include "columns.h"
#include "reach.h"

#include "base/banned.h"

enum {
    PARAMETER_LIMIT = 9,
    PARAMETER_BYTES = 2048, /* 64 skill ids in braces */
    STATEMENT_LIMIT_BYTES = 65536,
    BINARY = 1,
};

static const char STATEMENT[] = "search";

struct client {
    struct peer_job job;
    PGconn *connections[BLOCK_THREAD_LIMIT]; /* one a thread */
};

/* The texts of one query's parameters. */
struct parameters {
    char texts[PARAMETER_LIMIT][PARAMETER_BYTES];
    const char *pointers[PARAMETER_LIMIT];
    int count;
};

/* --- Connections ----------------------------------------------------------------------------- */

static bool read_statement(const char *path, struct buffer *text, struct error *error)
{
    char *room = buffer_reserve(text, STATEMENT_LIMIT_BYTES);
    FILE *file = room ? fopen(path, "r") : NULL;
    if (!file)
        return error_set(error, ERROR_UNKNOWN, "'%s': cannot be read", path);
    buffer_commit(text, fread(room, 1, STATEMENT_LIMIT_BYTES - 1, file));
    fclose(file);
    return buffer_append(text, "", 1);
}

static bool connect_one(struct client *client, unsigned at, const char *where,
                        const char *statement, struct error *error)
{
    PGconn *connection = client->connections[at] = PQconnectdb(where);
    if (PQstatus(connection) != CONNECTION_OK)
        return error_set(error, ERROR_UNAVAILABLE, "postgresql: %s", PQerrorMessage(connection));
    PGresult *result = PQprepare(connection, STATEMENT, statement, 0, NULL);
    bool prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return prepared ||
           error_set(error, ERROR_INTERNAL, "postgresql: %s", PQerrorMessage(connection));
}

static bool connect_all(struct client *client, const char *path, const char *where,
                        struct error *error)
{
    struct buffer statement;
    buffer_init(&statement, STATEMENT_LIMIT_BYTES);
    bool connected = read_statement(path, &statement, error);
    for (unsigned i = 0; connected && i < client->job.threads; i++)
        connected = connect_one(client, i, where, buffer_borrow(&statement).data, error);
    buffer_release(&statement);
    return connected;
}

/* --- Processor time -------------------------------------------------------------------------- */

/* utime and stime, fields 14 and 15 of /proc/PID/stat; the second field has no space here. */
static int64_t process_cpu_ns(int pid)
{
    char path[64];
    int64_t user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file,
               "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNd64 " %" SCNd64,
               &user, &system) != 2)
        user = system = 0;
    fclose(file);
    return (user + system) * (INT64_C(1000000000) / sysconf(_SC_CLK_TCK));
}

static int64_t cpu_ns(void *context)
{
    struct client *client = context;
    struct timespec own;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    int64_t sum_ns = own.tv_sec * INT64_C(1000000000) + own.tv_nsec;
    for (unsigned i = 0; i < client->job.threads; i++)
        sum_ns += process_cpu_ns(PQbackendPID(client->connections[i]));
    return sum_ns;
}

/* --- Searches -------------------------------------------------------------------------------- */

static void add_number(struct parameters *parameters, int64_t number)
{
    snprintf(parameters->texts[parameters->count++], PARAMETER_BYTES, "%" PRId64, number);
}

/* Which part of a coded skill an array holds. */
enum part { PART_SKILL, PART_IMPORTANCE, PART_LEVEL };

static void add_array(struct parameters *parameters, const struct coded_skill *skills,
                      uint32_t count, enum part part)
{
    char *text = parameters->texts[parameters->count++];
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        int numbers[] = {[PART_SKILL] = skills[i].skill_id,
                         [PART_IMPORTANCE] = skills[i].code >> COLUMN_LEVEL_BITS,
                         [PART_LEVEL] = skills[i].code & ((1 << COLUMN_LEVEL_BITS) - 1)};
        length += (size_t)snprintf(text + length, PARAMETER_BYTES - length, "%c%d",
                                   i == 0 ? '{' : ',', numbers[part]);
    }
    snprintf(text + length, PARAMETER_BYTES - length, "}");
}

static void add_reach(struct parameters *parameters, struct position center)
{
    add_number(parameters, center.lat_e7);
    add_number(parameters, center.lon_e7);
    snprintf(parameters->texts[parameters->count++], PARAMETER_BYTES, "%.9f",
             reach_of(center).cosine);
}

static void fill(struct parameters *parameters, const struct peer_job *job,
                 const union draft *query)
{
    struct coded_skill skills[RECORD_SKILL_LIMIT];
    enum record_kind kind = job->ranking == RANK_VACANCIES ? RECORD_APPLICANT : RECORD_VACANCY;
    uint32_t count = columns_code_skills(query, kind, skills);
    parameters->count = 0;
    add_number(parameters, job->k);
    add_array(parameters, skills, count, PART_SKILL);
    add_array(parameters, skills, count, PART_LEVEL);
    if (kind == RECORD_APPLICANT) {
        struct wish wish = columns_wish(&query->applicant.applicant);
        add_reach(parameters, query->applicant.applicant.home.position);
        add_number(parameters, wish.radius_m);
        add_number(parameters, wish.wage_min);
        add_number(parameters, wish.wage_desired);
    } else {
        const struct vacancy *vacancy = &query->vacancy.vacancy;
        add_reach(parameters, vacancy->sites[0].position);
        add_array(parameters, skills, count, PART_IMPORTANCE);
        add_number(parameters, vacancy->wage_max_month_cents / 100);
    }
    for (int i = 0; i < parameters->count; i++)
        parameters->pointers[i] = parameters->texts[i];
}

static uint32_t read_32(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return ntohl(word);
}

static void take_rows(const PGresult *result, uint32_t k, struct peer_answer *answer)
{
    int rows = PQntuples(result);
    answer->count = (uint32_t)rows < k ? (uint32_t)rows : k;
    for (uint32_t i = 0; i < answer->count; i++) {
        answer->matches[i].id = read_32(PQgetvalue(result, (int)i, 0));
        answer->matches[i].score = (int32_t)read_32(PQgetvalue(result, (int)i, 1));
    }
}

static bool search(void *context, unsigned worker, const union draft *query,
                   struct peer_answer *answer, struct error *error)
{
    struct client *client = context;
    PGconn *connection = client->connections[worker];
    struct parameters parameters;
    fill(&parameters, &client->job, query);
    PGresult *result = PQexecPrepared(connection, STATEMENT, parameters.count, parameters.pointers,
                                      NULL, NULL, BINARY);
    bool answered = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (answered)
        take_rows(result, client->job.k, answer);
    PQclear(result);
    return answered ||
           error_set(error, ERROR_INTERNAL, "postgresql: %s", PQerrorMessage(connection));
}

int main(int argc, char **argv)
{
    struct client client = {.job = {.search = search, .context = &client, .cpu_ns = cpu_ns}};
    struct error error = {0};
    if (argc != 8) {
        fprintf(stderr, "usage: postgresql STATEMENT.sql CONNECTION QUERIES vacancies|applicants K "
                        "THREADS OUT\n");
        return 2;
    }
    bool done = peer_job_parse(&client.job, argv + 3, &error) &&
                connect_all(&client, argv[1], argv[2], &error) && peer_run(&client.job, &error);
    for (unsigned i = 0; i < client.job.threads; i++)
        PQfinish(client.connections[i]);
    if (!done)
        fprintf(stderr, "postgresql: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
