/* See kernel.h. */
#include "core/kernel.h"

#include "base/banned.h"

extern const struct kernel kernel_scalar;
#if defined(__x86_64__)
extern const struct kernel kernel_avx2, kernel_avx512;
#endif

const struct kernel *kernel_named(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl")
                   ? &kernel_avx512
                   : NULL;
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") ? &kernel_avx2 : NULL;
#endif
    return strcmp(name, "scalar") == 0 ? &kernel_scalar : NULL;
}

const struct kernel *kernel_best(void)
{
    static const char *const BEST_FIRST[] = {"avx512", "avx2"};
    for (size_t i = 0; i < sizeof BEST_FIRST / sizeof BEST_FIRST[0]; i++) {
        const struct kernel *kernel = kernel_named(BEST_FIRST[i]);
        if (kernel)
            return kernel;
    }
    return &kernel_scalar;
}
