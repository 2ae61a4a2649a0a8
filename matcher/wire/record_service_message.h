/* Requests and responses of haihe.v1.RecordService. Reading gives views in the arena and names
 * field and value in errors; writing appends to a buffer and fails only for lack of memory
 * (RESOURCE_EXHAUSTED). Thread: any. */
#ifndef HAIHE_WIRE_RECORD_SERVICE_MESSAGE_H
#define HAIHE_WIRE_RECORD_SERVICE_MESSAGE_H

#include "wire/record_message.h"

enum change_kind { CHANGE_UPSERT = 1, CHANGE_DELETE, CHANGE_SET_STATUS };

/* One ApplyRequest, read and normalised. */
struct change_request {
    uint64_t request_id; /* filled even when reading failed later on */
    enum change_kind kind;
    enum record_kind record;
    struct key key;
    bool has_if_sequence;
    uint64_t if_sequence;
    uint8_t status; /* CHANGE_SET_STATUS: the record.proto value, never 0 */
    /* CHANGE_UPSERT: one of the two, and the bytes to keep: the canonical encoding of the message
     * (unknown fields dropped). */
    struct vacancy vacancy;
    struct applicant applicant;
    struct record_extras extras;
    struct str original;
};

bool wire_read_apply(const struct model *model, struct str bytes, int32_t today,
                     struct arena *arena, struct change_request *out, struct error *error);
/* The id of an ApplyRequest, also of one that cannot be read, as far as it can be found. */
uint64_t wire_apply_request_id(struct str bytes);
/* The kept bytes of a record with another status: for CHANGE_SET_STATUS. In the arena; data is NULL
 * when memory is short. */
struct str wire_with_status(enum record_kind kind, struct str original, uint8_t status,
                            struct arena *arena);

bool wire_write_applied(struct buffer *out, uint64_t request_id, uint64_t sequence,
                        const struct str_list *unresolved_skills);
/* An acknowledgement that refuses; the status carries the error's details. */
bool wire_write_apply_error(struct buffer *out, uint64_t request_id, const struct error *error);

struct get_request {
    enum record_kind kind;
    const struct key *keys; /* one for Get */
    uint32_t key_count;
};
bool wire_read_get(struct str bytes, struct arena *arena, struct get_request *out,
                   struct error *error);
bool wire_read_batch_get(struct str bytes, struct arena *arena, struct get_request *out,
                         struct error *error);
bool wire_write_record(struct buffer *out, const struct model *model, struct arena *arena,
                       const struct stored_record *record);
/* A batch is written piece by piece, in any order. */
bool wire_write_batch_record(struct buffer *out, const struct model *model, struct arena *arena,
                             const struct stored_record *record);
bool wire_write_batch_missing(struct buffer *out, struct key key);

struct list_request {
    enum record_kind kind;
    struct str platform;
    struct str after_id; /* "" = from the first */
    uint32_t page_size;  /* 1..10000 */
};
struct listed_record {
    struct str id;
    uint64_t sequence, hash;
};
bool wire_read_list(struct str bytes, struct arena *arena, struct list_request *out,
                    struct error *error);
bool wire_write_list(struct buffer *out, struct arena *arena, const struct listed_record *records,
                     size_t count, bool more);

#endif
