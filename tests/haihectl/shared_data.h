/* Where the published data sets lie that some tests read: $HAIHE_SHARED_DATA, else ../shared/data
 * beside the repository. Nothing of it is in the repository. */
#ifndef HAIHE_TESTS_HAIHECTL_SHARED_DATA_H
#define HAIHE_TESTS_HAIHECTL_SHARED_DATA_H

#include <stdbool.h>

/* The path of "esco" below it; false when it is not there: the test is then to be skipped by name,
 * see SKIP_WITHOUT. */
bool shared_data_path(const char *name, char out[4096]);

/* Skips the test, which is `suite::name`, and says so: Criterion alone would keep silent. */
#define SKIP_WITHOUT(test, data, out)                                                              \
    do {                                                                                           \
        if (!shared_data_path(data, out)) {                                                        \
            fprintf(stderr, "[SKIP] %s: %s is not there (HAIHE_SHARED_DATA)\n", test, out);        \
            cr_skip_test("%s is not there", out);                                                  \
        }                                                                                          \
    } while (0)

#endif
