/* The rules of the .proto comments as tables, and the one walk that enforces them.
 *
 * A table has a row for each field of its message, in the order of field numbers (a test compares
 * them with the descriptors, so that a new field without a row fails). What no row can say, such as
 * dates, duplicates and what the taxonomy knows, is checked by whoever reads the message. Thread:
 * any. Cost: about 5 ns a field, and a look at each byte of text.
 */
#ifndef HAIHE_WIRE_CHECK_H
#define HAIHE_WIRE_CHECK_H

#include "wire/message.h"

enum text_form {
    FORM_ANY,
    FORM_SYSTEM,   /* a-z 0-9 - . */
    FORM_CODE,     /* A-Z a-z 0-9 - . */
    FORM_CURRENCY, /* three capital letters, or nothing */
    FORM_LANGUAGE, /* A-Z a-z */
    FORM_PROFILE,  /* a-z 0-9 - _ */
};

struct message_rules;

struct field_rule {
    const char *name;
    /* Numbers: the range (0 and 0: any). Texts: bytes; an empty one is allowed when low is 0. */
    int64_t low, high;
    const struct message_rules *message; /* of submessages; NULL: nothing is checked inside */
    uint16_t list_limit;                 /* lists: most items */
    uint8_t form;                        /* texts: enum text_form */
    bool required;                       /* messages must be there, lists must have an item */
    bool stated;                         /* enums, in lists too, must not be UNSPECIFIED */
    bool or_zero;                        /* numbers: 0 as well as the range */
};

struct message_rules {
    const ProtobufCMessageDescriptor *descriptor;
    const struct field_rule *fields;
    size_t field_count;
};

/* `static const struct field_rule KEY_FIELDS[]` and a descriptor become KEY_RULES. */
#define MESSAGE_RULES(fields_of, descriptor_of)                                                    \
    {                                                                                              \
        .descriptor = &(descriptor_of), .fields = (fields_of),                                     \
        .field_count = sizeof(fields_of) / sizeof((fields_of)[0])                                  \
    }

/* Checks texts (UTF-8, no NUL, no control characters but tab and line breaks, length, form), ranges
 * (NaN is in none), list lengths, enum values and required fields, in the order of field numbers;
 * drops unknown fields. The error names the path from the message's root. */
bool message_check(ProtobufCMessage *message, const struct message_rules *rules,
                   struct error *error);
/* message_decode and message_check. */
void *message_read(const struct message_rules *rules, struct str bytes, struct arena *arena,
                   struct error *error);

/* Longest field name with an index. */
enum { FIELD_NAME_BYTES = 80 };
/* "skills[3]" or, with index SIZE_MAX, "skills"; returns out. */
const char *field_name(char out[FIELD_NAME_BYTES], const char *name, size_t index);
/* As error_field; shows control characters of the value as \x1f. */
bool refuse_text(struct error *error, const char *rule, const char *field, struct str value,
                 const char *reason);
bool refuse_number(struct error *error, const char *rule, const char *field, int64_t value,
                   const char *reason);

#endif
