/* JSON -> message -> JSON -> message: the second round must change nothing. */
#include <assert.h>

#include "fuzz/fuzz.h"
#include "wire/json_message.h"

static const char *const MESSAGES[] = {"haihe.v1.ApplyRequest", "haihe.v1.MatchVacanciesRequest",
                                       "haihe.v1.MatchResponse", "haihe.v1.Explanation",
                                       "haihe.v1.Record"};

static void check_round_trip(const char *message, const json_t *json, struct arena *arena)
{
    struct error error = {0};
    struct buffer first, second;
    buffer_init(&first, FUZZ_ARENA_BYTES);
    buffer_init(&second, FUZZ_ARENA_BYTES);
    if (wire_json_encode(message, json, arena, &first, &error)) {
        json_t *again = wire_json_decode(message, buffer_borrow(&first), false, arena, &error);
        assert(again);
        assert(wire_json_encode(message, again, arena, &second, &error));
        assert(str_equal(buffer_borrow(&first), buffer_borrow(&second)));
        json_decref(again);
    } else {
        assert(error.text[0] != '\0');
    }
    buffer_release(&first);
    buffer_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    json_t *json = json_loadb((const char *)bytes + 1, size_bytes - 1, 0, NULL);
    if (!json)
        return 0;
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    check_round_trip(MESSAGES[bytes[0] % (sizeof MESSAGES / sizeof MESSAGES[0])], json, &arena);
    arena_release(&arena);
    json_decref(json);
    return 0;
}
