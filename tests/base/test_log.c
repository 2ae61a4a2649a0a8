#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

/* A log into a pipe whose other end the test reads. */
struct captured {
    struct log log;
    int read_fd, write_fd;
    char line[2 * PIPE_BUF];
};

static void capture(struct captured *captured, enum log_level level)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    captured->read_fd = ends[0];
    captured->write_fd = ends[1];
    log_init(&captured->log, ends[1], level);
}

/* What has been written, as one text; "" when nothing. */
static const char *written(struct captured *captured)
{
    ssize_t length = read(captured->read_fd, captured->line, sizeof captured->line - 1);
    captured->line[length > 0 ? length : 0] = '\0';
    return captured->line;
}

static void close_captured(struct captured *captured)
{
    close(captured->read_fd);
    close(captured->write_fd);
}

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;
    cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

#define STAMP "^ts=[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][.][0-9]{3}"

Test(log, line_has_stamp_level_event_and_fields)
{
    setenv("TZ", "CST-8", 1);
    tzset();
    struct captured captured;
    capture(&captured, LOG_INFO);
    log_event(&captured.log, LOG_INFO, "engine: published", "sequence=%d records=%d", 12, 3);
    cr_assert(matches(written(&captured), STAMP "[+]08:00 level=info event=\"engine: published\" "
                                                "sequence=12 records=3\n$"),
              "%s", captured.line);
    log_event(&captured.log, LOG_ERROR, "no fields", "%s", "");
    log_event(&captured.log, LOG_WARNING, "none at all", "");
    cr_assert(matches(written(&captured), "level=error event=\"no fields\" \nts="), "%s",
              captured.line);
    cr_assert(matches(captured.line, "level=warning event=\"none at all\"\n$"), "%s",
              captured.line);
    close_captured(&captured);
}

Test(log, stamp_is_the_local_time_of_the_call)
{
    setenv("TZ", "NST3:30", 1);
    tzset();
    struct captured captured;
    capture(&captured, LOG_INFO);
    const struct clock clock = clock_system();
    int64_t before_ms = clock_wall_ms(&clock);
    log_event(&captured.log, LOG_INFO, "now", "x=%d", 1);
    int64_t after_ms = clock_wall_ms(&clock);
    struct tm tm = {0};
    int ms;
    cr_assert_eq(sscanf(written(&captured), "ts=%d-%d-%dT%d:%d:%d.%d", &tm.tm_year, &tm.tm_mon,
                        &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms),
                 7, "%s", captured.line);
    cr_assert(matches(captured.line, STAMP "-03:30 level=info event=\"now\" x=1\n$"), "%s",
              captured.line);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t stamp_ms = ((int64_t)timegm(&tm) + 12600) * 1000 + ms;
    cr_assert(before_ms <= stamp_ms && stamp_ms <= after_ms);
    close_captured(&captured);
}

Test(log, level_decides_and_may_change)
{
    struct captured captured;
    capture(&captured, LOG_WARNING);
    log_event(&captured.log, LOG_INFO, "quiet", "x=%d", 1);
    log_event(&captured.log, LOG_DEBUG, "quiet", "x=%d", 1);
    cr_assert_str_empty(written(&captured));
    log_event(&captured.log, LOG_WARNING, "loud", "x=%d", 1);
    cr_assert_str_not_empty(written(&captured));
    atomic_store(&captured.log.level, LOG_DEBUG);
    log_event(&captured.log, LOG_DEBUG, "now loud", "x=%d", 1);
    cr_assert(matches(written(&captured), "level=debug"));
    log_event(NULL, LOG_ERROR, "dropped", "x=%d", 1);
    close_captured(&captured);
}

Test(log, a_line_stays_one_line_whatever_it_is_given)
{
    struct captured captured;
    capture(&captured, LOG_INFO);
    log_event(&captured.log, LOG_INFO, "two\nlines", "a=%s", "1\nts=forged\r\x1b[31m\x7f");
    const char *line = written(&captured);
    cr_assert_eq(strchr(line, '\n'), line + strlen(line) - 1);
    cr_assert(matches(line, "event=\"two\\\\nlines\" a=1 ts=forged  \\[31m \n$"), "%s", line);
    close_captured(&captured);
}

Test(log, a_long_line_is_cut_to_one_pipe_write_at_a_characters_end)
{
    static char value[3 * PIPE_BUF];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(value, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof value; i += 3)
            memcpy(value + i, "津", 4);
        struct captured captured;
        capture(&captured, LOG_INFO);
        log_event(&captured.log, LOG_INFO, "long", "value=%s", value);
        const char *line = written(&captured);
        size_t length = strlen(line);
        cr_assert(length <= PIPE_BUF && length >= PIPE_BUF - 4, "%zu bytes", length);
        cr_assert_eq(line[length - 1], '\n');
        cr_assert(text_is_valid(str_of(line)), "shift %zu", shift);
        close_captured(&captured);
    }
}

Test(log, errno_survives_and_a_full_pipe_loses_the_line)
{
    struct captured captured;
    capture(&captured, LOG_INFO);
    errno = 0;
    ssize_t size;
    char filler[PIPE_BUF] = {0};
    while ((size = write(captured.write_fd, filler, sizeof filler)) > 0)
        continue;
    cr_assert_eq(errno, EAGAIN);
    errno = ENOTTY;
    log_event(&captured.log, LOG_INFO, "lost", "x=%d", 1);
    cr_assert_eq(errno, ENOTTY);
    close_captured(&captured);
}

Test(log, levels_parse_by_name)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    for (int i = 0; i < 4; i++) {
        enum log_level level = LOG_ERROR;
        cr_assert(log_level_parse(str_of(names[i]), &level));
        cr_assert_eq((int)level, i);
    }
    enum log_level level = LOG_INFO;
    cr_assert_not(log_level_parse(STR("loud"), &level));
    cr_assert_not(log_level_parse(STR("Info"), &level));
    cr_assert_not(log_level_parse((struct str){NULL, 0}, &level));
    cr_assert_eq(level, LOG_INFO);
}

Test(log, quote_escapes)
{
    char out[100];
    cr_assert_str_eq(log_quote(out, sizeof out, STR("天津 port")), "\"天津 port\"");
    cr_assert_str_eq(log_quote(out, sizeof out, STR("a\"b\\c\n\t\r\x01\x7f")),
                     "\"a\\\"b\\\\c\\n\\t\\r\\x01\\x7f\"");
    cr_assert_str_eq(log_quote(out, sizeof out, (struct str){"a\0b", 3}), "\"a\\x00b\"");
    cr_assert_str_eq(log_quote(out, sizeof out, (struct str){NULL, 0}), "\"\"");
}

Test(log, quote_cuts_between_characters_and_escapes)
{
    for (size_t capacity = 0; capacity < 24; capacity++) {
        char out[32];
        memset(out, '#', sizeof out);
        log_quote(out, capacity,
                  STR("a津\n\x01"
                      "é"));
        static const char *const expected[] = {
            "#", "", "", "\"\"", "\"a\"", "\"a\"", "\"a\"", "\"a津\"", "\"a津\"", "\"a津\\n\""};
        if (capacity > 0 && capacity < 10)
            cr_assert_str_eq(out, expected[capacity], "capacity %zu: %s", capacity, out);
        cr_assert_eq(out[capacity], '#', "nothing behind the capacity is touched");
        if (capacity >= 15)
            cr_assert_str_eq(out, capacity == 15 ? "\"a津\\n\\x01é\"" : "\"a津\\n\\x01é\"");
    }
}

enum { WRITERS = 4, LINES = 500 };

struct writer {
    struct log *log;
    int number;
};

static void *write_lines(void *argument)
{
    const struct writer *writer = argument;
    char filler[200];
    memset(filler, 'a' + writer->number, sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int i = 0; i < LINES; i++)
        log_event(writer->log, LOG_INFO, "line", "n=%d filler=%s", i, filler);
    return NULL;
}

Test(log, lines_of_several_threads_do_not_mix)
{
    FILE *file = tmpfile();
    cr_assert(file);
    fcntl(fileno(file), F_SETFL, O_APPEND);
    struct log log;
    log_init(&log, fileno(file), LOG_INFO);
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){&log, i};
        pthread_create(&threads[i], NULL, write_lines, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    rewind(file);
    char line[1000];
    int count = 0;
    while (fgets(line, sizeof line, file)) {
        cr_assert(matches(line, "^ts=[^ ]+ level=info event=\"line\" n=[0-9]+ "
                                "filler=(a{199}|b{199}|c{199}|d{199})\n$"),
                  "%s", line);
        count++;
    }
    cr_assert_eq(count, WRITERS * LINES);
    fclose(file);
}
