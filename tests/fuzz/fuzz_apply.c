/* ApplyRequest: whatever is accepted is a valid record that can be packed. */
#include <assert.h>

#include "base/memory.h"
#include "core/entry.h"
#include "fuzz/fuzz.h"
#include "wire/record_service_message.h"

static void check_packed(const struct change_request *change)
{
    struct error error = {0};
    struct record_scratch scratch;
    struct entry *entry;
    record_scratch_init(&scratch, NULL);
    if (change->record == RECORD_VACANCY) {
        struct vacancy vacancy;
        entry = entry_new_vacancy(&change->vacancy, NULL, change->original);
        assert(entry);
        entry_vacancy(entry, &scratch, &vacancy);
        assert(vacancy_validate(&vacancy, &error));
        ingest_check_vacancy(fuzz_model(), &vacancy, change->extras.description, FUZZ_TODAY,
                             &error);
    } else {
        struct applicant applicant;
        entry = entry_new_applicant(&change->applicant, NULL, change->original);
        assert(entry);
        entry_applicant(entry, &scratch, &applicant);
        assert(applicant_validate(&applicant, &error));
    }
    memory_free(entry);
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
