/* ApplyRequest: whatever is accepted is a valid record that can be packed. */
#include <assert.h>

#include "base/memory.h"
#include "fuzz/fuzz.h"
#include "wire/record_service_message.h"

static void check_packed(const struct change_request *change)
{
    struct error error = {0};
    if (change->record == RECORD_VACANCY) {
        struct vacancy *packed = vacancy_pack(&change->vacancy);
        assert(packed && vacancy_validate(packed, &error));
        ingest_check_vacancy(fuzz_model(), packed, change->extras.description, FUZZ_TODAY, &error);
        memory_free(packed);
    } else {
        struct applicant *packed = applicant_pack(&change->applicant);
        assert(packed && applicant_validate(packed, &error));
        memory_free(packed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    struct change_request change;
    struct error error = {0};
    struct str request = {(const char *)bytes, (uint32_t)size_bytes};
    if (!wire_read_apply(fuzz_model(), request, FUZZ_TODAY, &arena, &change, &error))
        assert(error.code != ERROR_OK && error.text[0] != '\0');
    else if (change.kind == CHANGE_UPSERT)
        check_packed(&change);
    assert(arena.total_bytes <= FUZZ_ARENA_BYTES);
    arena_release(&arena);
    return 0;
}
