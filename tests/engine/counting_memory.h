/* The heap of this test program: it counts the blocks that are held, and fails on demand. */
#ifndef HAIHE_TESTS_ENGINE_COUNTING_MEMORY_H
#define HAIHE_TESTS_ENGINE_COUNTING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Blocks that were handed out and not given back, of all threads. */
size_t memory_held_count(void);
/* On this thread, only the nth allocation from now on (0 is the next) gives NULL; negative: none.
 */
void memory_fail_at(int n);
/* True when the armed failure has happened. Disarms. */
bool memory_has_failed(void);

#endif
