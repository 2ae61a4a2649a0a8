/* What a load says of skills that the server did not know. Thread: the client's. */
#ifndef HAIHE_HAIHECTL_LOAD_NEAREST_H
#define HAIHE_HAIHECTL_LOAD_NEAREST_H

#include "haihectl/client.h"
#include "haihectl/unknown_names.h"

struct nearest_options {
    struct client *client;
    const struct taxonomy *taxonomy; /* of --taxonomy, or NULL: the built-in one, when the server
                                        has no other */
    const char *path;                /* where all of them go; NULL = nowhere */
};

/* Sorts the names, appends lines for the most frequent, writes the file. Nothing without names. */
bool load_nearest_report(const struct nearest_options *options, struct unknown_names *names,
                         struct buffer *out, struct error *error);

#endif
