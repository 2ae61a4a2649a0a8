/* The three requests of MatchService; the first byte chooses which. */
#include <assert.h>

#include "fuzz/fuzz.h"
#include "wire/match_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    struct str request = {(const char *)bytes + 1, (uint32_t)size_bytes - 1};
    struct error error = {0};
    struct match_request match;
    struct explain_request explain;
    bool read;
    if (bytes[0] % 3 == 2) {
        read = wire_read_explain(fuzz_model(), request, FUZZ_TODAY, &arena, &explain, &error);
    } else {
        enum ranking ranking = bytes[0] % 3 ? RANK_APPLICANTS : RANK_VACANCIES;
        read = wire_read_match(fuzz_model(), ranking, request, FUZZ_TODAY, &arena, &match, &error);
        assert(!read || (match.options.k >= 1 && match.options.k <= SEARCH_K_LIMIT));
    }
    assert(read || (error.code != ERROR_OK && error.text[0] != '\0'));
    arena_release(&arena);
    return 0;
}
