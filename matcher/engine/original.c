/* See original.h. Zstandard's own allocations come from the same heap; where one fails, an original
 * is kept as it is or its reader is told. */
#include "engine/original.h"

#include <assert.h>
#include <zdict.h>
#include <zstd.h>

#include "base/buffer.h"
#include "base/memory.h"

#include "base/banned.h"

enum {
    KINDS = RECORD_APPLICANT, /* vacancies, applicants */
    SAMPLE_COUNT = 1000,
    SAMPLE_LIMIT_BYTES = 4096,     /* a longer one is no sample */
    SAMPLES_LIMIT_BYTES = 1 << 20, /* all of them; fewer will do */
    DICTIONARY_BYTES = 128 << 10,
    DICTIONARY_HEAD_BYTES = 4 << 10, /* of it, for statistics */
    LEVEL = 3,
    WORTH_IT_BYTES = 8, /* compressing must save as much */
    HEAD_BYTES = 1 + 5, /* of a kept original at the most */
    ORIGINAL_LIMIT_BYTES = 1 << 26,
    TRAINING_COUNT = 2,
    DICTIONARY_COUNT = 1 + KINDS * TRAINING_COUNT,
};

/* So many are kept when a dictionary is made. */
static const uint64_t TRAIN_AT[TRAINING_COUNT] = {SAMPLE_COUNT, 32000};

static const uint8_t MAGIC[4] = {0x28, 0xb5, 0x2f, 0xfd};

/* The writer's, of one kind. */
struct press {
    ZSTD_CDict *dictionary; /* the newest; NULL before the first */
    uint8_t dictionary_number;
    uint64_t kept_count;
    size_t training_count;
    struct buffer samples; /* behind one another */
    size_t *sample_bytes;  /* of each; SAMPLE_COUNT of them while sampling */
    unsigned sample_count;
};

struct originals {
    ZSTD_DDict *dictionaries[DICTIONARY_COUNT]; /* [0] is none */
    uint8_t dictionary_count;                   /* the writer's */
    ZSTD_CCtx *context;
    struct press presses[KINDS];
    struct buffer kept;
};

struct original_reader {
    const struct originals *originals;
    ZSTD_DCtx *context;
    struct buffer frame, bytes;
};

/* --- Life ----------------------------------------------------------------------------------- */

struct originals *originals_new(void)
{
    struct originals *originals = memory_try_zeroed(1, sizeof *originals);
    if (!originals)
        return NULL;
    originals->dictionary_count = 1;
    originals->context = ZSTD_createCCtx();
    if (!originals->context) {
        memory_free(originals);
        return NULL;
    }
    /* The size is worth its byte, the rest is known. */
    ZSTD_CCtx_setParameter(originals->context, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(originals->context, ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(originals->context, ZSTD_c_checksumFlag, 0);
    ZSTD_CCtx_setParameter(originals->context, ZSTD_c_dictIDFlag, 0);
    buffer_init(&originals->kept, ZSTD_compressBound(ORIGINAL_LIMIT_BYTES) + HEAD_BYTES);
    for (size_t kind = 0; kind < KINDS; kind++)
        buffer_init(&originals->presses[kind].samples, SAMPLES_LIMIT_BYTES);
    return originals;
}

static void end_sampling(struct press *press)
{
    buffer_release(&press->samples);
    buffer_init(&press->samples, SAMPLES_LIMIT_BYTES);
    memory_free(press->sample_bytes);
    press->sample_bytes = NULL;
    press->sample_count = 0;
}

void originals_free(struct originals *originals)
{
    if (!originals)
        return;
    for (size_t kind = 0; kind < KINDS; kind++) {
        end_sampling(&originals->presses[kind]);
        ZSTD_freeCDict(originals->presses[kind].dictionary);
    }
    for (size_t i = 0; i < DICTIONARY_COUNT; i++)
        ZSTD_freeDDict(originals->dictionaries[i]);
    ZSTD_freeCCtx(originals->context);
    buffer_release(&originals->kept);
    memory_free(originals);
}

/* --- Dictionaries --------------------------------------------------------------------------- */

/* Takes the bytes as a sample while there is room and memory. */
static void take_sample(struct press *press, struct str bytes)
{
    if (press->sample_count == SAMPLE_COUNT || bytes.length > SAMPLE_LIMIT_BYTES)
        return;
    if (!press->sample_bytes)
        press->sample_bytes = memory_try_zeroed(SAMPLE_COUNT, sizeof *press->sample_bytes);
    if (press->sample_bytes && buffer_append(&press->samples, bytes.data, bytes.length))
        press->sample_bytes[press->sample_count++] = bytes.length;
}

/* The last samples as they are, with statistics of all of them in front: as small as what the
 * library's trainers choose, and a tenth of their time. 0 when it cannot be made. */
static size_t make_dictionary(const struct press *press, void *out)
{
    size_t content_bytes = DICTIONARY_BYTES - DICTIONARY_HEAD_BYTES;
    if (content_bytes > press->samples.length_bytes)
        content_bytes = press->samples.length_bytes;
    const ZDICT_params_t parameters = {.compressionLevel = LEVEL};
    size_t made = ZDICT_finalizeDictionary(
        out, DICTIONARY_BYTES, press->samples.data + press->samples.length_bytes - content_bytes,
        content_bytes, press->samples.data, press->sample_bytes, press->sample_count, parameters);
    return ZDICT_isError(made) ? 0 : made;
}

/* Without memory the press goes on with what it has. */
static void train(struct originals *originals, struct press *press)
{
    void *bytes = press->sample_count > 0 ? memory_try(DICTIONARY_BYTES) : NULL;
    size_t made = bytes ? make_dictionary(press, bytes) : 0;
    ZSTD_CDict *compressing = made > 0 ? ZSTD_createCDict(bytes, made, LEVEL) : NULL;
    ZSTD_DDict *reading = compressing ? ZSTD_createDDict(bytes, made) : NULL;
    memory_free(bytes);
    if (!reading) {
        ZSTD_freeCDict(compressing);
        return;
    }
    ZSTD_freeCDict(press->dictionary);
    press->dictionary = compressing;
    press->dictionary_number = originals->dictionary_count;
    originals->dictionaries[originals->dictionary_count++] = reading;
}

/* Counts what is kept, takes samples shortly before a training, and trains when it is due. */
static void learn(struct originals *originals, struct press *press, struct str bytes)
{
    press->kept_count++;
    if (press->training_count == TRAINING_COUNT)
        return;
    uint64_t due = TRAIN_AT[press->training_count];
    if (press->kept_count + SAMPLE_COUNT > due)
        take_sample(press, bytes);
    if (press->kept_count < due)
        return;
    train(originals, press);
    end_sampling(press);
    press->training_count++;
}

/* --- Keeping -------------------------------------------------------------------------------- */

/* The frame behind its magic number, which stays in front of `frame`; 0 when it is not worth it. */
static size_t compress(struct originals *originals, const struct press *press, struct str bytes,
                       char *frame, size_t room_bytes)
{
    if (!press->dictionary)
        return 0;
    ZSTD_CCtx_refCDict(originals->context, press->dictionary);
    size_t made = ZSTD_compress2(originals->context, frame, room_bytes, bytes.data, bytes.length);
    if (ZSTD_isError(made) || made + WORTH_IT_BYTES > bytes.length + sizeof MAGIC)
        return 0;
    assert(memcmp(frame, MAGIC, sizeof MAGIC) == 0);
    return made - sizeof MAGIC;
}

/* How long the head is. */
static size_t head_bytes_of(size_t size_bytes)
{
    size_t head_bytes = 2;
    for (; size_bytes >= 0x80; size_bytes >>= 7)
        head_bytes++;
    return head_bytes;
}

static void write_head(char *at, uint8_t dictionary, size_t size_bytes)
{
    *at++ = (char)dictionary;
    for (; size_bytes >= 0x80; size_bytes >>= 7)
        *at++ = (char)(size_bytes | 0x80);
    *at = (char)size_bytes;
}

bool original_keep(struct originals *originals, enum record_kind kind, struct str bytes,
                   struct str *kept)
{
    assert(bytes.length <= ORIGINAL_LIMIT_BYTES);
    struct press *press = &originals->presses[kind - RECORD_VACANCY];
    size_t room_bytes = ZSTD_compressBound(bytes.length);
    buffer_clear(&originals->kept);
    char *room = buffer_reserve(&originals->kept, HEAD_BYTES + room_bytes);
    if (!room)
        return false;
    /* The head's place is left free, so that it can stand right before what it heads. */
    char *frame = room + HEAD_BYTES - sizeof MAGIC;
    size_t size_bytes = compress(originals, press, bytes, frame, room_bytes + sizeof MAGIC);
    uint8_t number = size_bytes > 0 ? press->dictionary_number : 0;
    if (number == 0) {
        size_bytes = bytes.length;
        if (size_bytes > 0)
            memcpy(room + HEAD_BYTES, bytes.data, size_bytes);
    }
    size_t head_bytes = head_bytes_of(size_bytes);
    char *head = room + HEAD_BYTES - head_bytes;
    write_head(head, number, size_bytes);
    *kept = (struct str){head, (uint32_t)(head_bytes + size_bytes)};
    learn(originals, press, bytes);
    return true;
}

/* --- Reading -------------------------------------------------------------------------------- */

struct head {
    uint8_t dictionary;
    const char *bytes;
    size_t size_bytes;
};

static struct head read_head(const void *kept)
{
    const uint8_t *at = kept;
    struct head head = {.dictionary = *at++};
    unsigned shift = 0;
    do {
        head.size_bytes |= (size_t)(*at & 0x7f) << shift;
        shift += 7;
    } while (*at++ & 0x80);
    head.bytes = (const char *)at;
    return head;
}

size_t original_kept_bytes(const void *kept)
{
    struct head head = read_head(kept);
    return (size_t)(head.bytes - (const char *)kept) + head.size_bytes;
}

struct original_reader *original_reader_new(const struct originals *originals)
{
    struct original_reader *reader = memory_try_zeroed(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->originals = originals;
    reader->context = ZSTD_createDCtx();
    if (!reader->context) {
        memory_free(reader);
        return NULL;
    }
    buffer_init(&reader->frame, ZSTD_compressBound(ORIGINAL_LIMIT_BYTES) + sizeof MAGIC);
    buffer_init(&reader->bytes, ORIGINAL_LIMIT_BYTES);
    return reader;
}

void original_reader_free(struct original_reader *reader)
{
    if (!reader)
        return;
    ZSTD_freeDCtx(reader->context);
    buffer_release(&reader->frame);
    buffer_release(&reader->bytes);
    memory_free(reader);
}

/* With its magic number again. */
static bool restore_frame(struct original_reader *reader, const struct head *head)
{
    buffer_clear(&reader->frame);
    return buffer_append(&reader->frame, MAGIC, sizeof MAGIC) &&
           buffer_append(&reader->frame, head->bytes, head->size_bytes);
}

bool original_read(struct original_reader *reader, const void *kept, struct str *bytes)
{
    struct head head = read_head(kept);
    if (head.dictionary == 0) {
        *bytes = (struct str){head.bytes, (uint32_t)head.size_bytes};
        return true;
    }
    if (!restore_frame(reader, &head))
        return false;
    unsigned long long size_bytes =
        ZSTD_getFrameContentSize(reader->frame.data, reader->frame.length_bytes);
    assert(size_bytes <= ORIGINAL_LIMIT_BYTES); /* else it is no frame of ours */
    buffer_clear(&reader->bytes);
    char *room = buffer_reserve(&reader->bytes, (size_t)size_bytes);
    if (!room)
        return false;
    size_t read = ZSTD_decompress_usingDDict(reader->context, room, (size_t)size_bytes,
                                             reader->frame.data, reader->frame.length_bytes,
                                             reader->originals->dictionaries[head.dictionary]);
    assert(!ZSTD_isError(read) && read == size_bytes);
    buffer_commit(&reader->bytes, read);
    *bytes = buffer_borrow(&reader->bytes);
    return true;
}
