/* What operators write: options, addresses, word lists; and the small encodings of gRPC's headers.
 * The first byte chooses. Of options, each line is "name=value", as files and the environment have
 * them. */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "config/reference_data.h"
#include "fuzz/fuzz.h"
#include "net/address.h"
#include "rpc/encoding.h"

enum { TEXT_LIMIT_BYTES = 4096, LINE_LIMIT = 64 };

/* A NUL-terminated copy, cut at the limit. */
static const char *copy_of(struct arena *arena, struct str text)
{
    text.length = text.length < TEXT_LIMIT_BYTES ? text.length : TEXT_LIMIT_BYTES;
    struct str copy = arena_copy(arena, text);
    assert(copy.data);
    return copy.data;
}

/* --- Options -----------------------------------------------------------------------------------*/

static void set_line(struct options *options, char *line)
{
    struct options before = *options;
    struct error error = {0};
    char *equals = strchr(line, '=');
    if (!equals)
        return;
    *equals = '\0';
    if (!options_set(options, line, equals + 1, &error)) {
        assert(error.text[0] != '\0' && (line[0] == '\0' || error.field[0] != '\0'));
        assert(memcmp(&before, options, sizeof before) == 0);
    }
}

static void read_options(struct str text)
{
    struct arena arena;
    struct options options;
    struct buffer printed;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    buffer_init(&printed, 2 * FUZZ_ARENA_BYTES);
    options_set_defaults(&options);
    char *rest = (char *)copy_of(&arena, text), *line;
    for (int i = 0; i < LINE_LIMIT && (line = strsep(&rest, "\n")); i++)
        set_line(&options, line);
    /* What passed is within what the daemon can do with. */
    struct rpc_limits limits = options_limits(&options);
    assert(limits.concurrent_calls >= 1 && limits.message_bytes >= 4096);
    assert(limits.memory_bytes >= 1 << 20 && limits.handshake_ns > 0);
    assert(options.workers >= 0 && options.workers <= 256 && options.group_limit >= 1);
    assert(options_print(&options, &printed));
    buffer_release(&printed);
    arena_release(&arena);
}

/* --- Word lists --------------------------------------------------------------------------------*/

enum { FILE_NAME_BYTES = 32 };

/* A nameless file with this content and the name by which it can be opened. */
static int file_of(struct str text, char name[FILE_NAME_BYTES])
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(file >= 0 && write(file, text.data, text.length) == (ssize_t)text.length);
    snprintf(name, FILE_NAME_BYTES, "/proc/self/fd/%d", file);
    return file;
}

/* Banned terms come from a file, priority groups from the option itself; a NUL between the two. The
 * other files are as small as can be: they have a target of their own. */
static void read_word_lists(struct str text)
{
    static char skills[FILE_NAME_BYTES], areas[FILE_NAME_BYTES], wages[FILE_NAME_BYTES];
    if (skills[0] == '\0') {
        file_of(STR("code,en\na,b\n"), skills);
        file_of(STR("code,zh,latitude,longitude\n110000,北京市,39.904030,116.407526\n"), areas);
        file_of(STR("area,from,month_yuan,hour_yuan\n120000,2021-07-01,2180,22.6\n"), wages);
    }
    struct arena arena;
    struct options options;
    struct reference_data data = {0};
    struct error error = {0};
    char path[FILE_NAME_BYTES];
    const char *nul = memchr(text.data, '\0', text.length);
    uint32_t first_bytes = nul ? (uint32_t)(nul - text.data) : text.length;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    options_set_defaults(&options);
    int file = file_of((struct str){text.data, first_bytes}, path);
    options.skills = skills;
    options.areas = areas;
    options.minimum_wages = wages;
    options.banned_terms = path;
    if (nul)
        options.priority_groups = nul + 1; /* the input ends with a NUL */
    bool loaded = reference_data_load(&data, &options, &error);
    assert(loaded || error.text[0] != '\0');
    for (uint32_t i = 0; loaded && i < data.model.priority_groups.count; i++)
        assert(data.model.priority_groups.items[i].length > 0);
    reference_data_release(&data);
    close(file);
    arena_release(&arena);
}

/* --- Addresses and encodings -------------------------------------------------------------------*/

/* Numeric ones only: a name would be looked up. What is read is written the same way again. */
static void read_address(const char *text)
{
    struct sockaddr_storage address, again;
    struct error error = {0};
    char formatted[ADDRESS_TEXT_BYTES];
    if (text[strspn(text, "0123456789abcdefABCDEF:.[]%")] != '\0')
        return;
    if (!address_parse(text, &address, &error)) {
        assert(error.text[0] != '\0');
        return;
    }
    address_format(&address, formatted);
    assert(address_parse(formatted, &again, &error));
    assert(address_port(&address) == address_port(&again));
    assert(address_network(&address) == address_network(&again));
}

static void read_encodings(struct str text)
{
    struct buffer coded, plain;
    buffer_init(&coded, 8 * TEXT_LIMIT_BYTES);
    buffer_init(&plain, 8 * TEXT_LIMIT_BYTES);
    text.length = text.length < TEXT_LIMIT_BYTES ? text.length : TEXT_LIMIT_BYTES;
    assert(rpc_percent_encode(&coded, text) && rpc_percent_decode(&plain, buffer_borrow(&coded)));
    assert(str_equal(buffer_borrow(&plain), text));
    buffer_clear(&plain);
    rpc_percent_decode(&plain, text);
    buffer_clear(&plain);
    rpc_base64_decode(&plain, text);
    buffer_clear(&plain);
    buffer_clear(&coded);
    assert(rpc_base64_encode(&coded, text) && rpc_base64_decode(&plain, buffer_borrow(&coded)));
    assert(str_equal(buffer_borrow(&plain), text));
    int64_t timeout_ns;
    char formatted[RPC_TIMEOUT_TEXT_BYTES];
    if (rpc_timeout_parse(text, &timeout_ns)) {
        assert(timeout_ns >= 0);
        assert(rpc_timeout_format(timeout_ns, formatted) < sizeof formatted);
    }
    buffer_release(&plain);
    buffer_release(&coded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    struct str text =
        arena_copy(&arena, (struct str){(const char *)bytes + 1, (uint32_t)size_bytes - 1});
    assert(text.data);
    if (bytes[0] % 4 == 0)
        read_word_lists(text);
    else if (bytes[0] % 4 == 1)
        read_address(copy_of(&arena, text));
    else if (bytes[0] % 4 == 2)
        read_encodings(text);
    else
        read_options(text);
    arena_release(&arena);
    return 0;
}
