/* The heap of this test program: it fails on demand, to show what happens when memory is short. */
#ifndef HAIHE_TESTS_MODEL_FAILING_MEMORY_H
#define HAIHE_TESTS_MODEL_FAILING_MEMORY_H

#include <stdbool.h>

/* The nth allocation from now on (0 is the next) and all later ones give NULL; a negative n
 * disarms.
 */
void memory_fail_at(int n);
/* True when the armed failure has happened. Disarms. */
bool memory_has_failed(void);

#endif
