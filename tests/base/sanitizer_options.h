/* What the tests of this folder want from the sanitizers: an allocation that cannot be served gives
 * NULL, as it does without them. The definitions are in sanitizer_options.c. */
#ifndef HAIHE_TESTS_BASE_SANITIZER_OPTIONS_H
#define HAIHE_TESTS_BASE_SANITIZER_OPTIONS_H

#if defined(__SANITIZE_ADDRESS__)
#define TEST_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_UNDER_ASAN 1
#endif
#endif

#ifdef TEST_UNDER_ASAN
#include <sanitizer/asan_interface.h>
#endif

const char *__asan_default_options(void);
const char *__tsan_default_options(void);

#endif
