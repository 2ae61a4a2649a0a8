/* A gRPC load generator on one thread: one request, again and again, over C connections.
 *
 * Closed loop (default): N calls are in flight on each connection; an answer starts the next call.
 * Open loop (--rate R): calls become due R times a second, whatever the server does. They are
 * started at the millisecond in which they become due; one that has to wait because C * N calls are
 * in flight already is measured from the moment it was due, so that a slow server cannot hide its
 * queue (coordinated omission).
 *
 * Latency: from starting a call to its status, in buckets at most 3 % wide. Prints name=value
 * lines; exit code 1 when any call failed. One thread makes about as many calls a second as a bare
 * server answers: on few cores the generator is half of what is measured.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/loop.h"
#include "rpc/channel.h"

#include "base/banned.h"

enum {
    MOST_CONNECTIONS = 1024,
    MOST_IN_FLIGHT = 4096,
    MOST_METADATA = 16,
    MOST_REQUEST_BYTES = 16 * 1024 * 1024,
    CODE_COUNT = ERROR_UNAUTHENTICATED + 1,
    FINISH_WAIT_NS = 1000 * 1000 * 1000 /* times ten: for the answers to the last calls */
};

/* --- Latencies ------------------------------------------------------------------------------ */

enum { SUB_BITS = 5, SUB_COUNT = 1 << SUB_BITS, BUCKET_COUNT = 40 * SUB_COUNT };

/* counts[b]: below SUB_COUNT ns a bucket is one ns; above, SUB_COUNT buckets an octave. */
struct latencies {
    uint64_t counts[BUCKET_COUNT];
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
};

static size_t bucket_of(uint64_t ns)
{
    if (ns < SUB_COUNT)
        return (size_t)ns;
    unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - SUB_BITS;
    size_t bucket = (size_t)shift * SUB_COUNT + (size_t)(ns >> shift);
    return bucket < BUCKET_COUNT ? bucket : BUCKET_COUNT - 1;
}

static double bucket_middle_us(size_t bucket)
{
    if (bucket < SUB_COUNT)
        return (double)bucket / 1000;
    size_t shift = bucket / SUB_COUNT - 1;
    return ((double)(bucket % SUB_COUNT + SUB_COUNT) + 0.5) * (double)(1ULL << shift) / 1000;
}

static void latencies_add(struct latencies *latencies, int64_t ns)
{
    uint64_t value = ns > 0 ? (uint64_t)ns : 0;
    latencies->counts[bucket_of(value)]++;
    latencies->count++;
    latencies->sum_ns += value;
    latencies->max_ns = value > latencies->max_ns ? value : latencies->max_ns;
}

static double latencies_quantile_us(const struct latencies *latencies, double quantile)
{
    uint64_t rank = (uint64_t)(quantile * (double)latencies->count), seen = 0;
    for (size_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        seen += latencies->counts[bucket];
        if (seen > rank)
            return bucket_middle_us(bucket);
    }
    return (double)latencies->max_ns / 1000;
}

/* --- Options -------------------------------------------------------------------------------- */

struct options {
    const char *address;
    const char *method;
    const char *request_file;
    int64_t connections;
    int64_t in_flight; /* per connection */
    int64_t seconds;
    int64_t warmup_seconds;
    int64_t calls; /* 0: by time */
    int64_t rate;  /* 0: closed loop */
    int64_t timeout_ms;
    struct rpc_metadata metadata[MOST_METADATA];
    size_t metadata_count;
};

static const struct argp_option OPTIONS[] = {
    {"address", 'a', "HOST:PORT", 0, "the server", 0},
    {"method", 'm', "/PKG.SERVICE/METHOD", 0, "what to call", 0},
    {"request-file", 'f', "FILE", 0, "the bytes of the request message (default: empty)", 0},
    {"connections", 'c', "COUNT", 0, "TCP connections (default 1)", 0},
    {"in-flight", 'n', "COUNT", 0, "calls at once on each connection (default 32)", 0},
    {"seconds", 's', "SECONDS", 0, "how long to measure (default 5)", 0},
    {"warmup", 'w', "SECONDS", 0, "how long to run before measuring (default 1)", 0},
    {"calls", 'k', "COUNT", 0, "measure so many calls instead of a time", 0},
    {"rate", 'r', "PER_SECOND", 0, "open loop: start so many calls a second", 0},
    {"timeout", 't', "MILLISECONDS", 0, "deadline of each call (default: none)", 0},
    {"metadata", 'H', "NAME:VALUE", 0, "a header to send; may be repeated", 0},
    {0}};

static void read_number(struct argp_state *state, const char *text, const char *name, int64_t low,
                        int64_t high, int64_t *out)
{
    if (!text_to_int64(str_of(text), out) || *out < low || *out > high)
        argp_error(state, "%s '%s': not a whole number from %lld to %lld", name, text,
                   (long long)low, (long long)high);
}

static void add_metadata(struct argp_state *state, struct options *options, const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || options->metadata_count == MOST_METADATA) {
        argp_error(state, "metadata '%s': not NAME:VALUE, or more than %d", text, MOST_METADATA);
        return;
    }
    const char *value = colon + 1;
    value += strspn(value, " ");
    options->metadata[options->metadata_count++] =
        (struct rpc_metadata){{text, (uint32_t)(colon - text)}, str_of(value)};
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'a':
        options->address = argument;
        break;
    case 'm':
        options->method = argument;
        break;
    case 'f':
        options->request_file = argument;
        break;
    case 'c':
        read_number(state, argument, "connections", 1, MOST_CONNECTIONS, &options->connections);
        break;
    case 'n':
        read_number(state, argument, "in-flight", 1, MOST_IN_FLIGHT, &options->in_flight);
        break;
    case 's':
        read_number(state, argument, "seconds", 1, 86400, &options->seconds);
        break;
    case 'w':
        read_number(state, argument, "warmup", 0, 3600, &options->warmup_seconds);
        break;
    case 'k':
        read_number(state, argument, "calls", 1, INT64_MAX, &options->calls);
        break;
    case 'r':
        read_number(state, argument, "rate", 1, 10 * 1000 * 1000, &options->rate);
        break;
    case 't':
        read_number(state, argument, "timeout", 1, INT32_MAX, &options->timeout_ms);
        break;
    case 'H':
        add_metadata(state, options, argument);
        break;
    case ARGP_KEY_END:
        if (!options->address || !options->method)
            argp_error(state, "--address and --method are needed");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char *room;
    size_t got = 1;
    while (got > 0 && (room = buffer_reserve(out, 64 * 1024))) {
        got = fread(room, 1, 64 * 1024, file);
        buffer_commit(out, got);
    }
    bool is_read = !ferror(file) && !out->failed;
    fclose(file);
    return is_read;
}

/* --- Load ----------------------------------------------------------------------------------- */

enum phase { PHASE_WARMUP, PHASE_MEASURE, PHASE_FINISH };

/* One place for a call in flight. */
struct slot {
    struct link *link;
    struct slot *next_free; /* open loop: waiting for the next call to become due */
    int64_t start_ns;
    bool is_measured;
};

struct link {
    struct load *load;
    struct rpc_channel *channel;
    struct slot *slots;
    bool is_gone;
};

struct load {
    struct options options;
    struct buffer request;
    struct loop *loop;
    struct loop_timer *phase_timer;
    struct loop_timer *due_timer; /* open loop */
    struct link *links;
    struct slot *free_slots;
    enum phase phase;
    int64_t open_count;    /* calls in flight */
    int64_t started_count; /* measured ones */
    int64_t begin_ns;      /* of measuring */
    int64_t end_ns;        /* of the last measured answer */
    int64_t due_begin_ns;  /* open loop: due time of the call with number 0 */
    int64_t due_number;    /* the next call's */
    uint64_t message_count;
    uint64_t by_code[CODE_COUNT];
    char first_failure[200];
    struct latencies latencies;
};

static bool start_call(struct slot *slot, int64_t start_ns);

static bool wants_calls(const struct load *load)
{
    if (load->phase == PHASE_FINISH)
        return false;
    return load->phase == PHASE_WARMUP || load->options.calls == 0 ||
           load->started_count < load->options.calls;
}

static void stop_when_done(struct load *load)
{
    if (load->open_count == 0 && !wants_calls(load))
        loop_stop(load->loop);
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes_take, size_t size_bytes)
{
    struct slot *slot = context;
    slot->link->load->message_count += slot->is_measured;
    memory_free(bytes_take);
    rpc_call_consume(call, size_bytes);
}

static void note(struct load *load, const struct slot *slot, const struct rpc_status *status)
{
    if (status->code != ERROR_OK && load->first_failure[0] == '\0')
        snprintf(load->first_failure, sizeof load->first_failure, "%s: %.*s",
                 error_code_name(status->code), STR_ARG(status->message));
    if (!slot->is_measured)
        return;
    load->end_ns = clock_monotonic_ns();
    load->by_code[status->code]++;
    latencies_add(&load->latencies, load->end_ns - slot->start_ns);
}

static int64_t due_ns(const struct load *load, int64_t number)
{
    return load->due_begin_ns + (int64_t)((double)number * 1e9 / (double)load->options.rate);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    (void)call;
    struct slot *slot = context;
    struct load *load = slot->link->load;
    load->open_count--;
    note(load, slot, status);
    if (load->options.rate > 0) {
        int64_t due = due_ns(load, load->due_number);
        if (due <= clock_monotonic_ns() && wants_calls(load) && start_call(slot, due)) {
            load->due_number++; /* it had to wait for this place: measured from its due time */
            return;
        }
        slot->next_free = load->free_slots;
        load->free_slots = slot;
    } else if (wants_calls(load) && start_call(slot, 0)) {
        return;
    }
    stop_when_done(load);
}

static const struct rpc_call_events EVENTS = {.on_message = on_message, .on_end = on_end};

/* start_ns 0: now. False when the slot's connection is gone. */
static bool start_call(struct slot *slot, int64_t start_ns)
{
    struct load *load = slot->link->load;
    const struct options *options = &load->options;
    if (slot->link->is_gone)
        return false;
    slot->start_ns = start_ns ? start_ns : clock_monotonic_ns();
    const struct rpc_request request = {
        .path = str_of(options->method),
        .deadline_ns = options->timeout_ms ? slot->start_ns + options->timeout_ms * 1000000 : 0,
        .metadata = options->metadata,
        .metadata_count = options->metadata_count};
    struct rpc_call *call = rpc_channel_start(slot->link->channel, &request, &EVENTS, slot, NULL);
    if (!call)
        return false;
    slot->is_measured = load->phase == PHASE_MEASURE;
    load->started_count += slot->is_measured;
    load->open_count++;
    rpc_call_send_copy(call, load->request.data, load->request.length_bytes);
    rpc_call_half_close(call);
    return true;
}

static void on_due(void *context)
{
    struct load *load = context;
    int64_t now_ns = clock_monotonic_ns();
    while (load->free_slots && wants_calls(load) && due_ns(load, load->due_number) <= now_ns) {
        struct slot *slot = load->free_slots;
        load->free_slots = slot->next_free;
        if (start_call(slot, 0))
            load->due_number++;
    }
    if (wants_calls(load))
        loop_timer_set(load->due_timer, now_ns + 1000000);
    stop_when_done(load);
}

static void on_close(void *context, const struct error *reason)
{
    struct link *link = context;
    struct load *load = link->load;
    link->is_gone = true;
    if (load->phase == PHASE_FINISH && load->open_count == 0)
        return;
    fprintf(stderr, "load_grpc: %s\n", reason->text[0] ? reason->text : "connection closed");
    bool is_any_left = false;
    for (int64_t i = 0; i < load->options.connections; i++)
        is_any_left |= !load->links[i].is_gone;
    if (!is_any_left)
        loop_stop(load->loop);
}

static void on_phase(void *context)
{
    struct load *load = context;
    int64_t now_ns = clock_monotonic_ns();
    if (load->phase == PHASE_WARMUP) {
        load->phase = PHASE_MEASURE;
        load->begin_ns = now_ns;
        loop_timer_set(load->phase_timer, load->options.calls
                                              ? INT64_MAX
                                              : now_ns + load->options.seconds * 1000000000);
    } else if (load->phase == PHASE_MEASURE) {
        load->phase = PHASE_FINISH;
        loop_timer_set(load->phase_timer, now_ns + 10 * (int64_t)FINISH_WAIT_NS);
        stop_when_done(load);
    } else {
        fprintf(stderr, "load_grpc: %lld calls were never answered\n", (long long)load->open_count);
        loop_stop(load->loop);
    }
}

/* --- The whole ------------------------------------------------------------------------------ */

static bool open_links(struct load *load, struct error *error)
{
    load->links = memory_must_zeroed((size_t)load->options.connections, sizeof *load->links);
    for (int64_t i = 0; i < load->options.connections; i++) {
        struct link *link = &load->links[i];
        link->load = load;
        link->slots = memory_must_zeroed((size_t)load->options.in_flight, sizeof *link->slots);
        const struct rpc_channel_options options = {
            .address = load->options.address, .on_close = on_close, .context = link};
        link->channel = rpc_channel_open(load->loop, &options, error);
        if (!link->channel)
            return false;
    }
    return true;
}

static void start_all(struct load *load)
{
    for (int64_t n = 0; n < load->options.in_flight; n++) {
        for (int64_t i = 0; i < load->options.connections; i++) {
            struct slot *slot = &load->links[i].slots[n];
            slot->link = &load->links[i];
            slot->next_free = load->free_slots;
            load->free_slots = slot;
            if (load->options.rate == 0)
                start_call(slot, 0);
        }
    }
    if (load->options.rate > 0) {
        load->due_begin_ns = clock_monotonic_ns();
        on_due(load);
    }
}

static void print_machine(void)
{
    struct utsname machine;
    if (uname(&machine) == 0)
        printf("machine=%s-%s-%ldcpu\n", machine.sysname, machine.machine,
               sysconf(_SC_NPROCESSORS_ONLN));
}

static uint64_t print_report(const struct load *load)
{
    const struct latencies *l = &load->latencies;
    uint64_t errors = l->count - load->by_code[ERROR_OK];
    double seconds = (double)(load->end_ns - load->begin_ns) / 1e9;
    print_machine();
    printf("connections=%lld\nin_flight=%lld\nrate=%lld\nrequest_bytes=%zu\n",
           (long long)load->options.connections, (long long)load->options.in_flight,
           (long long)load->options.rate, load->request.length_bytes);
    printf("calls=%llu\nerrors=%llu\nmessages=%llu\n", (unsigned long long)l->count,
           (unsigned long long)errors, (unsigned long long)load->message_count);
    for (int code = 1; code < CODE_COUNT; code++) {
        if (load->by_code[code])
            printf("errors_%s=%llu\n", error_code_name((enum error_code)code),
                   (unsigned long long)load->by_code[code]);
    }
    printf("seconds=%.3f\ncalls_per_second=%.0f\n", seconds,
           seconds > 0 ? (double)l->count / seconds : 0);
    printf("mean_us=%.1f\np50_us=%.1f\np99_us=%.1f\np999_us=%.1f\nmax_us=%.1f\n",
           l->count ? (double)l->sum_ns / 1000 / (double)l->count : 0,
           latencies_quantile_us(l, 0.5), latencies_quantile_us(l, 0.99),
           latencies_quantile_us(l, 0.999), (double)l->max_ns / 1000);
    if (errors || l->count == 0)
        fprintf(stderr, "load_grpc: first failure: %s\n",
                load->first_failure[0] ? load->first_failure : "no call was answered");
    return errors;
}

static void release(struct load *load)
{
    load->phase = PHASE_FINISH;
    for (int64_t i = 0; load->links && i < load->options.connections; i++) {
        rpc_channel_free(load->links[i].channel);
        load->links[i].channel = NULL;
        load->links[i].is_gone = true;
    }
    loop_timer_free(load->phase_timer);
    loop_timer_free(load->due_timer);
    loop_free(load->loop);
    for (int64_t i = 0; load->links && i < load->options.connections; i++)
        memory_free(load->links[i].slots);
    memory_free(load->links);
    buffer_release(&load->request);
}

static bool run(struct load *load, struct error *error)
{
    load->loop = loop_new(error);
    if (!load->loop)
        return false;
    load->phase_timer = loop_timer_new(load->loop, on_phase, load);
    load->due_timer = loop_timer_new(load->loop, on_due, load);
    if (!load->phase_timer || !load->due_timer)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "out of memory");
    if (!open_links(load, error))
        return false;
    loop_timer_set(load->phase_timer,
                   clock_monotonic_ns() + load->options.warmup_seconds * 1000000000);
    start_all(load);
    loop_run(load->loop);
    return true;
}

int main(int argc, char **argv)
{
    static const struct argp ARGP = {
        OPTIONS, parse_option,
        NULL,    "Calls one gRPC method again and again and prints name=value lines.",
        NULL,    NULL,
        NULL};
    struct load load = {
        .options = {.connections = 1, .in_flight = 32, .seconds = 5, .warmup_seconds = 1}};
    struct error error = {0};
    argp_parse(&ARGP, argc, argv, 0, NULL, &load.options);
    buffer_init(&load.request, MOST_REQUEST_BYTES);
    if (load.options.request_file && !read_file(load.options.request_file, &load.request)) {
        fprintf(stderr, "load_grpc: request file '%s': cannot be read, or above %d bytes\n",
                load.options.request_file, MOST_REQUEST_BYTES);
        buffer_release(&load.request);
        return 2;
    }
    bool has_run = run(&load, &error);
    uint64_t errors = 0;
    if (has_run)
        errors = print_report(&load);
    else
        fprintf(stderr, "load_grpc: %s\n", error.text);
    bool is_fine = has_run && errors == 0 && load.latencies.count > 0;
    release(&load);
    return is_fine ? 0 : 1;
}
