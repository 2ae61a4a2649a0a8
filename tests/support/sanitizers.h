/* What the sanitizers are told in every test program, see sanitizers.c. */
#ifndef HAIHE_SUPPORT_SANITIZERS_H
#define HAIHE_SUPPORT_SANITIZERS_H

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

#endif
