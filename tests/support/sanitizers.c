/* Linked into every test program; empty in builds without a sanitizer but for two functions that
 * nobody calls there.
 *
 * An allocation that cannot be served gives NULL, as it does without sanitizers: the tests ask for
 * the impossible on purpose. A data race ends its process, because Criterion would not notice a
 * mere report. A test that forks is one thread in its child but for RocksDB's, which stay behind.
 *
 * Criterion hands its tests to processes of their own through memory that its library BoxFort maps
 * at the same address in both: 0x2000_0000_0000 + 2^24 times the low 22 bits of rand_r, for the
 * first of ten numbers that leads to a free place. ThreadSanitizer keeps nearly all of that range
 * for itself, and four starts of five would end before the first test. In TSan builds rand_r
 * therefore gives only numbers that lead to the first 256 GiB from 0x5500_0000_0000, which TSan
 * leaves to programs and where Linux puts none.
 */
#include "support/sanitizers.h"

const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1:halt_on_error=1:die_after_fork=0";
}

#ifdef HAIHE_TSAN
int rand_r(unsigned int *seed);

int rand_r(unsigned int *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return 0x350000 + (int)(*seed >> 16 & 0x3fff);
}
#endif
