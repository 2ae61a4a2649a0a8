/* What every fuzz target shares: reference data loaded once, an arena a case.
 * libFuzzer calls LLVMFuzzerTestOneInput with bytes that nobody trusts; a target must neither crash
 * nor leak, and accepted input must satisfy the invariants that it asserts. */
#ifndef HAIHE_TESTS_FUZZ_H
#define HAIHE_TESTS_FUZZ_H

#include "base/arena.h"
#include "model/ingest.h"

enum { FUZZ_ARENA_BYTES = 8 * 1024 * 1024, FUZZ_TODAY = 20780 };

/* The built-in reference data, loaded at the first call. */
const struct model *fuzz_model(void);

int LLVMFuzzerInitialize(int *argc, char ***argv); /* optional: before the first input */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

#endif
