/* Names of skills that the server did not know, counted, and the labels that they may have meant.
 * Thread: one owner. Memory: distinct names up to a limit; further ones are only counted. */
#ifndef HAIHE_HAIHECTL_UNKNOWN_NAMES_H
#define HAIHE_HAIHECTL_UNKNOWN_NAMES_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "haihectl/taxonomy_search.h"
#include "model/str_map.h"

enum {
    /* Free text in place of skills makes a name a row: more of them tell nothing new. */
    UNKNOWN_NAME_LIMIT = 100000,
    UNKNOWN_NEAREST_COUNT = 3,
};

struct unknown_name {
    struct str name; /* as first written */
    uint64_t count;
};

struct unknown_names {
    struct arena texts;
    struct str_map map;         /* -> items */
    struct unknown_name *items; /* owned */
    size_t count, capacity;
};

void unknown_names_init(struct unknown_names *names);
void unknown_names_release(struct unknown_names *names);
void unknown_names_add(struct unknown_names *names, struct str name);
/* The most frequent first, equal ones by name. */
void unknown_names_sort(struct unknown_names *names);

/* Appends a line for each of the first `limit`: how often, and the nearest labels with how alike
 * they are. */
void unknown_names_show(const struct unknown_names *names, struct taxonomy_search *search,
                        size_t limit, struct buffer *out);
/* All of them, a JSON object a line: skill, count, nearest [{code, label, name, alike}]. `search`
 * NULL: without nearest. */
void unknown_names_write(const struct unknown_names *names, struct taxonomy_search *search,
                         FILE *file);

#endif
