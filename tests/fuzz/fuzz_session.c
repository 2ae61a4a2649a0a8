/* An rpc session of either role: its peer sends anything, its application does anything lawful.
 *
 * The input is a script. Its first byte chooses the role and the limits, then each step is one byte
 * and what it takes: frames to feed, time to pass, bytes to pull, something for a call to do.
 * What must hold: a call that was accepted or started ends exactly once, nothing is heard of it
 * afterwards, and it ends as its own application decided, or with what ended it from outside.
 */
#include <assert.h>

#include "base/memory.h"
#include "fuzz/frames.h"
#include "fuzz/fuzz.h"
#include "rpc/session.h"

enum { CALL_LIMIT = 64, HELD_LIMIT = 32, STEP_LIMIT = 2000 };

/* One call as its application sees it. */
struct heard {
    struct world *world;
    struct rpc_call *call; /* a reference of our own */
    size_t held_bytes[HELD_LIMIT];
    size_t held_count; /* messages not consumed */
    bool is_accepted;
    bool is_ended;
    bool is_decided; /* by us, as `code` */
    enum error_code code;
};

struct world {
    struct rpc_session *session;
    enum rpc_role role;
    int64_t now_ns;
    uint8_t policy; /* what to do with a new call, and with a message */
    struct heard calls[CALL_LIMIT];
    size_t call_count;
};

static void decide(struct heard *heard, enum error_code code)
{
    if (heard->is_decided || rpc_call_is_over(heard->call))
        return;
    heard->is_decided = true;
    heard->code = code;
}

static void send_some(struct heard *heard, size_t size_bytes)
{
    uint8_t *bytes = memory_try(size_bytes);
    assert(bytes);
    memset(bytes, 's', size_bytes);
    rpc_call_send(heard->call, bytes, size_bytes);
}

static void finish(struct heard *heard, enum error_code code)
{
    decide(heard, code);
    rpc_call_finish(heard->call, code, STR("the fuzzer's 100 % \xe6\xb5\xb7"),
                    code % 2 ? STR("details") : STR(""));
}

static void consume(struct heard *heard)
{
    if (heard->held_count > 0)
        rpc_call_consume(heard->call, heard->held_bytes[--heard->held_count]);
}

/* --- Events --------------------------------------------------------------------------------- */

static void on_headers(struct rpc_call *call, void *context)
{
    const struct heard *heard = context;
    assert(heard->call == call && !heard->is_ended && heard->world->role == RPC_CLIENT);
}

static void on_message(struct rpc_call *call, void *context, uint8_t *bytes, size_t size_bytes)
{
    struct heard *heard = context;
    assert(heard->call == call && !heard->is_ended && bytes);
    uint8_t policy = heard->world->policy;
    if (policy & 16 || heard->held_count == HELD_LIMIT)
        rpc_call_consume(call, size_bytes);
    else
        heard->held_bytes[heard->held_count++] = size_bytes;
    if (policy & 32)
        rpc_call_send(call, bytes, size_bytes);
    else
        memory_free(bytes);
}

static void on_half_close(struct rpc_call *call, void *context)
{
    struct heard *heard = context;
    assert(heard->call == call && !heard->is_ended && heard->world->role == RPC_SERVER);
    if (heard->world->policy & 64)
        finish(heard, ERROR_OK);
}

static void on_writable(struct rpc_call *call, void *context)
{
    struct heard *heard = context;
    assert(heard->call == call && !heard->is_ended && rpc_call_room(call) > 0);
    if (heard->world->policy & 128)
        send_some(heard, 100);
}

static void on_end(struct rpc_call *call, void *context, const struct rpc_status *status)
{
    struct heard *heard = context;
    assert(heard->call == call && !heard->is_ended && rpc_call_is_over(call));
    heard->is_ended = true;
    bool may_be_lost = heard->world->role == RPC_SERVER;
    assert(!heard->is_decided || status->code == heard->code ||
           (may_be_lost && status->code == ERROR_CANCELLED));
}

static const struct rpc_call_events EVENTS = {on_headers, on_message, on_half_close, on_writable,
                                              on_end};

static struct heard *remember(struct world *world, struct rpc_call *call)
{
    struct heard *heard = &world->calls[world->call_count++];
    *heard = (struct heard){.world = world, .call = rpc_call_ref(call)};
    return heard;
}

static void on_call(void *context, struct rpc_call *call)
{
    struct world *world = context;
    if (world->call_count == CALL_LIMIT || world->policy % 8 == 0)
        return;
    struct heard *heard = remember(world, call);
    if (world->policy % 8 == 1)
        return; /* kept, to be finished later */
    heard->is_accepted = true;
    rpc_call_accept(call, &EVENTS, heard);
    if (world->policy % 8 == 2)
        finish(heard, ERROR_NOT_FOUND);
    else if (world->policy % 8 == 3)
        send_some(heard, 20000);
    else if (world->policy % 8 == 4)
        rpc_call_want_room(call);
}

/* --- Steps ---------------------------------------------------------------------------------- */

static void start_call(struct world *world, struct script *script)
{
    if (world->role == RPC_SERVER || world->call_count == CALL_LIMIT)
        return;
    uint32_t timeout_ms = script_byte(script);
    const struct rpc_metadata metadata = {STR("token-bin"), script_bytes(script, 5)};
    const struct rpc_request request = {.path = STR("/a.B/C"),
                                        .deadline_ns =
                                            timeout_ms ? world->now_ns + timeout_ms * 1000000 : 0,
                                        .metadata = &metadata,
                                        .metadata_count = timeout_ms % 2};
    struct heard *heard = &world->calls[world->call_count];
    *heard = (struct heard){.world = world, .is_accepted = true};
    struct error error = {0};
    struct rpc_call *call = rpc_session_start(world->session, &request, &EVENTS, heard, &error);
    assert(call || error.code != ERROR_OK);
    if (!call)
        return;
    heard->call = rpc_call_ref(call);
    world->call_count++;
}

/* The application does something with one of its calls, ended ones included. */
static void act(struct world *world, struct script *script)
{
    uint8_t choice = script_byte(script), action = script_byte(script);
    if (world->call_count == 0)
        return;
    struct heard *heard = &world->calls[choice % world->call_count];
    bool is_server = world->role == RPC_SERVER;
    switch (action % 8) {
    case 0:
        send_some(heard, script_number(script));
        break;
    case 1:
        if (is_server)
            finish(heard, (enum error_code)(script_byte(script) % (ERROR_UNAUTHENTICATED + 1)));
        else
            rpc_call_half_close(heard->call);
        break;
    case 2:
        decide(heard, ERROR_CANCELLED);
        rpc_call_cancel(heard->call);
        break;
    case 3:
        consume(heard);
        break;
    case 4:
        rpc_call_want_room(heard->call);
        break;
    case 5:
        if (is_server)
            rpc_call_add_trailer(heard->call, STR("mark-bin"), script_bytes(script, 9));
        break;
    case 6:
        rpc_call_send_copy(heard->call, "", 0);
        break;
    default:
        while (heard->held_count > 0)
            consume(heard);
        break;
    }
}

static void pull(struct world *world, struct script *script)
{
    static uint8_t out[FRAME_LIMIT_BYTES];
    size_t capacity = script_number(script);
    assert(rpc_session_pull(world->session, out, capacity) <= capacity);
}

static void pass_time(struct world *world, struct script *script)
{
    int64_t ms = script_byte(script);
    world->now_ns += ms * ms * 1000000;
    rpc_session_tick(world->session);
    rpc_session_next_deadline_ns(world->session);
}

/* Feeds one step's frames, cut in two somewhere; false when the session is broken. */
static bool feed(struct world *world, struct script *script, uint8_t step)
{
    struct buffer out;
    buffer_init(&out, 2 * FRAME_LIMIT_BYTES);
    bool is_client = world->role == RPC_SERVER;
    if (step == 0)
        frames_any(&out, script);
    else if (step == 1)
        frames_raw(&out, script);
    else if (step == 2)
        frames_headers(&out, script, is_client);
    else
        frames_message(&out, script);
    size_t cut = script_byte(script);
    cut = cut < out.length_bytes ? cut : out.length_bytes;
    struct error error = {0};
    const uint8_t *bytes = (const uint8_t *)(out.data ? out.data : "");
    bool is_fine = rpc_session_feed(world->session, bytes, cut, &error) &&
                   rpc_session_feed(world->session, bytes + cut, out.length_bytes - cut, &error);
    assert(is_fine || error.code != ERROR_OK);
    buffer_release(&out);
    return is_fine;
}

static bool take_step(struct world *world, struct script *script)
{
    uint8_t step = script_byte(script) % 16;
    if (step < 4)
        return feed(world, script, step);
    if (step < 6)
        pull(world, script);
    else if (step < 8)
        pass_time(world, script);
    else if (step < 12)
        act(world, script);
    else if (step < 13)
        start_call(world, script);
    else if (step < 14)
        world->policy = script_byte(script);
    else if (step < 15)
        rpc_session_drain_notice(world->session);
    else if (script_byte(script) == 255)
        rpc_session_drain(world->session);
    return !rpc_session_is_over(world->session);
}

/* --- The world ------------------------------------------------------------------------------ */

static int64_t now_of_world(void *context)
{
    return ((struct world *)context)->now_ns;
}

static void begin(struct world *world, uint8_t choice)
{
    struct rpc_limits limits = rpc_limits_default();
    if (choice & 2) { /* within a script's reach */
        limits.concurrent_calls = 8;
        limits.header_list_bytes = 400;
        limits.message_bytes = 4000;
        limits.call_window_bytes = limits.connection_window_bytes = 66000;
        limits.call_outgoing_bytes = 2000;
        limits.resets = limits.pings = limits.oddities = (struct rpc_rate){20, 1};
    }
    *world = (struct world){.role = choice & 1 ? RPC_CLIENT : RPC_SERVER, .now_ns = 1000};
    const struct rpc_session_options options = {.role = world->role,
                                                .limits = &limits,
                                                .peer = STR("fuzz"),
                                                .authority = STR("fuzz"),
                                                .on_call = on_call,
                                                .context = world,
                                                .now_ns = now_of_world};
    world->session = rpc_session_new(&options, NULL);
    assert(world->session);
    if (choice & 4)
        return; /* the script opens the connection itself */
    struct buffer out;
    buffer_init(&out, FRAME_LIMIT_BYTES);
    frames_open(&out, world->role == RPC_SERVER);
    rpc_session_feed(world->session, (const uint8_t *)out.data, out.length_bytes, NULL);
    buffer_release(&out);
}

static void end(struct world *world)
{
    static uint8_t out[FRAME_LIMIT_BYTES];
    for (int i = 0; i < 100 && rpc_session_pull(world->session, out, sizeof out) > 0; i++)
        ;
    rpc_session_free(world->session);
    for (size_t i = 0; i < world->call_count; i++) {
        struct heard *heard = &world->calls[i];
        assert(heard->is_ended == heard->is_accepted);
        /* A late reply is harmless. */
        rpc_call_send_copy(heard->call, "late", 4);
        consume(heard);
        rpc_call_unref(heard->call);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct script script = {bytes, size_bytes};
    static struct world world; /* large; used by one input at a time */
    begin(&world, script_byte(&script));
    for (int i = 0; i < STEP_LIMIT && script.left_bytes > 0 && take_step(&world, &script); i++)
        ;
    end(&world);
    return 0;
}
