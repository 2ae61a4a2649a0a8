/* See name_index.h. */
#include "haihectl/name_index.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#include "base/banned.h"

enum {
    BUCKET_COUNT = 1 << 17,
    CHARACTER_LIMIT = 256, /* of a name that are looked at */
    PAIR_LIMIT = 2 * CHARACTER_LIMIT + 1,
    FIRST_IDEOGRAPH = 0x2e80, /* and syllables: characters that mean something alone */
    CANDIDATE_LIMIT = 256,    /* names that are compared by edit distance */
    LEAST_BP = 3000,          /* less alike is not alike */
    WHOLE_BP = 10000,
};

struct name {
    struct str text;
    uint32_t owner;
    uint32_t pair_count; /* distinct buckets */
};

struct name_index {
    struct name *names; /* owned */
    size_t count, capacity;
    uint32_t *first;   /* owned; BUCKET_COUNT + 1 */
    uint32_t *lists;   /* owned */
    uint16_t *shared;  /* owned; pairs shared with the text in hand, by name; 0 between searches */
    uint32_t *touched; /* owned; names with shared > 0 */
};

/* --- Characters and pairs ------------------------------------------------------------------- */

/* The code points of well-formed UTF-8, cut at the limit. */
static size_t decode(struct str text, int32_t out[CHARACTER_LIMIT])
{
    size_t count = 0;
    for (uint32_t i = 0; i < text.length && count < CHARACTER_LIMIT; count++) {
        unsigned char lead = (unsigned char)text.data[i++];
        int32_t point = lead < 0x80   ? lead
                        : lead < 0xe0 ? lead & 0x1f
                        : lead < 0xf0 ? lead & 0x0f
                                      : lead & 0x07;
        while (i < text.length && ((unsigned char)text.data[i] & 0xc0) == 0x80)
            point = point << 6 | ((unsigned char)text.data[i++] & 0x3f);
        out[count] = point;
    }
    return count;
}

/* Letters and digits of any script; '+' and '#' for C++ and C#. */
static bool is_of_word(int32_t point)
{
    bool digit = point >= '0' && point <= '9';
    bool letter = point >= 'a' && point <= 'z';
    return digit || letter || point == '+' || point == '#' || point >= 0x80;
}

static int compare_buckets(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t bucket_of(int32_t left, int32_t right)
{
    uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    return (uint32_t)(pair * UINT64_C(0x9e3779b97f4a7c15) >> 40) % BUCKET_COUNT;
}

static bool has_word(const int32_t *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_of_word(points[i]))
            return true;
    return false;
}

/* The distinct buckets of a text, ascending. In one of signs alone (".", "&") they are the words:
 * without pairs it would be like nothing, not even itself. */
static size_t pairs_of(struct str text, uint32_t out[PAIR_LIMIT])
{
    int32_t points[CHARACTER_LIMIT];
    size_t length = decode(text, points), count = 0;
    int32_t before = ' ';
    bool signs_count = !has_word(points, length);
    for (size_t i = 0; i <= length; i++) {
        int32_t here = i < length && (signs_count || is_of_word(points[i])) ? points[i] : ' ';
        if (here != ' ' || before != ' ')
            out[count++] = bucket_of(before, here);
        if (here >= FIRST_IDEOGRAPH)
            out[count++] = bucket_of(here, here);
        before = here;
    }
    assert(count <= PAIR_LIMIT);
    qsort(out, count, sizeof(*out), compare_buckets);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || out[i] != out[kept - 1])
            out[kept++] = out[i];
    return kept;
}

/* --- Building ------------------------------------------------------------------------------- */

struct name_index *name_index_new(void)
{
    return memory_try_zeroed(1, sizeof(struct name_index));
}

void name_index_free(struct name_index *index)
{
    if (!index)
        return;
    memory_free(index->names);
    memory_free(index->first);
    memory_free(index->lists);
    memory_free(index->shared);
    memory_free(index->touched);
    memory_free(index);
}

bool name_index_add(struct name_index *index, struct str folded, uint32_t owner)
{
    if (index->count == index->capacity) {
        size_t larger = index->capacity ? index->capacity * 2 : 1024;
        struct name *grown = memory_try_resize(index->names, larger * sizeof(*grown));
        if (!grown)
            return false;
        index->names = grown;
        index->capacity = larger;
    }
    index->names[index->count++] = (struct name){.text = folded, .owner = owner};
    return true;
}

bool name_index_build(struct name_index *index)
{
    uint32_t pairs[PAIR_LIMIT];
    assert(!index->first);
    index->first = memory_try_zeroed(BUCKET_COUNT + 2, sizeof(*index->first));
    index->shared = memory_try_zeroed(index->count, sizeof(*index->shared));
    index->touched = memory_try_zeroed(index->count, sizeof(*index->touched));
    if (!index->first || !index->shared || !index->touched)
        return false;
    /* Counted two places on and summed, so that filling moves each start to its right place. */
    uint32_t *next = index->first + 1;
    for (size_t i = 0; i < index->count; i++) {
        index->names[i].pair_count = (uint32_t)pairs_of(index->names[i].text, pairs);
        for (uint32_t j = 0; j < index->names[i].pair_count; j++)
            next[pairs[j] + 1]++;
    }
    for (size_t bucket = 0; bucket < BUCKET_COUNT; bucket++)
        next[bucket + 1] += next[bucket];
    index->lists = memory_try_zeroed(next[BUCKET_COUNT], sizeof(*index->lists));
    if (!index->lists)
        return false;
    for (size_t i = 0; i < index->count; i++) {
        pairs_of(index->names[i].text, pairs);
        for (uint32_t j = 0; j < index->names[i].pair_count; j++)
            index->lists[next[pairs[j]]++] = (uint32_t)i;
    }
    return true;
}

/* --- Likeness ------------------------------------------------------------------------------- */

/* Insertions, deletions, substitutions and swaps of neighbours that make one of the other (optimal
 * string alignment), in three rows. */
static size_t edit_distance(const int32_t *a, size_t a_count, const int32_t *b, size_t b_count)
{
    uint16_t rows[3][CHARACTER_LIMIT + 1];
    uint16_t *older = rows[0], *old = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_count; j++)
        old[j] = (uint16_t)j;
    for (size_t i = 1; i <= a_count; i++) {
        row[0] = (uint16_t)i;
        for (size_t j = 1; j <= b_count; j++) {
            size_t best = old[j - 1] + (size_t)(a[i - 1] != b[j - 1]);
            if (old[j] + 1u < best)
                best = old[j] + 1u;
            if (row[j - 1] + 1u < best)
                best = row[j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                older[j - 2] + 1u < best)
                best = older[j - 2] + 1u;
            row[j] = (uint16_t)best;
        }
        uint16_t *spare = older;
        older = old, old = row, row = spare;
    }
    return old[b_count];
}

/* 0 where lengths alone keep it below `least_bp`. */
static int32_t edit_likeness_bp(struct str a, struct str b, int32_t least_bp)
{
    int32_t points_a[CHARACTER_LIMIT], points_b[CHARACTER_LIMIT];
    size_t a_count = decode(a, points_a), b_count = decode(b, points_b);
    size_t longer = a_count > b_count ? a_count : b_count;
    if (longer == 0)
        return WHOLE_BP;
    size_t shorter = a_count < b_count ? a_count : b_count;
    if (WHOLE_BP * shorter / longer < (size_t)least_bp)
        return 0;
    size_t distance = edit_distance(points_a, a_count, points_b, b_count);
    return (int32_t)(WHOLE_BP * (longer - distance) / longer);
}

/* Dice's coefficient of two sets. */
static int32_t dice_bp(size_t shared, size_t a_count, size_t b_count)
{
    return a_count + b_count > 0 ? (int32_t)(2 * WHOLE_BP * shared / (a_count + b_count)) : 0;
}

/* Only equal texts are wholly alike: the same words in another order are almost. */
static int32_t likeness_bp(struct str a, struct str b, int32_t of_pairs_bp)
{
    if (str_equal(a, b))
        return WHOLE_BP;
    int32_t of_edits_bp = edit_likeness_bp(a, b, of_pairs_bp);
    int32_t better_bp = of_edits_bp > of_pairs_bp ? of_edits_bp : of_pairs_bp;
    return better_bp < WHOLE_BP ? better_bp : WHOLE_BP - 1;
}

int32_t name_likeness_bp(struct str folded_a, struct str folded_b)
{
    uint32_t pairs_a[PAIR_LIMIT], pairs_b[PAIR_LIMIT];
    size_t a_count = pairs_of(folded_a, pairs_a), b_count = pairs_of(folded_b, pairs_b);
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        shared += pairs_a[i] == pairs_b[j];
        uint32_t a = pairs_a[i], b = pairs_b[j];
        i += a <= b;
        j += b <= a;
    }
    return likeness_bp(folded_a, folded_b, dice_bp(shared, a_count, b_count));
}

/* --- Searching ------------------------------------------------------------------------------ */

struct candidate {
    uint32_t name; /* index */
    uint32_t owner;
    uint32_t length;
    int32_t bp;
};

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->bp != b->bp)
        return a->bp > b->bp ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->name < b->name ? -1 : a->name > b->name;
}

/* With NAME_CONTAINING, half of it is how much of the text the name holds. */
static int32_t weigh(enum name_manner manner, int32_t alike_bp, size_t shared, size_t asked)
{
    if (manner == NAME_NEAREST || alike_bp == WHOLE_BP || asked == 0)
        return alike_bp;
    return (alike_bp + (int32_t)(WHOLE_BP * shared / asked)) / 2;
}

static bool holds(struct str name, struct str text)
{
    return text.length > 0 && memmem(name.data, name.length, text.data, text.length) != NULL;
}

static size_t touch(struct name_index *index, const uint32_t *pairs, size_t pair_count)
{
    size_t touched = 0;
    for (size_t i = 0; i < pair_count; i++)
        for (uint32_t at = index->first[pairs[i]]; at < index->first[pairs[i] + 1]; at++)
            if (index->shared[index->lists[at]]++ == 0)
                index->touched[touched++] = index->lists[at];
    return touched;
}

/* Room for the best: once it is twice the limit, the worse half goes. */
static void keep_best(struct candidate *candidates, size_t *count)
{
    qsort(candidates, *count, sizeof(*candidates), compare_candidates);
    if (*count > CANDIDATE_LIMIT)
        *count = CANDIDATE_LIMIT;
}

static size_t choose_candidates(struct name_index *index, size_t touched, size_t pair_count,
                                enum name_manner manner,
                                struct candidate candidates[2 * CANDIDATE_LIMIT])
{
    size_t count = 0;
    int32_t least_bp = -1; /* of a full house; who is as good comes too late */
    for (size_t i = 0; i < touched; i++) {
        uint32_t at = index->touched[i];
        const struct name *name = &index->names[at];
        size_t shared = index->shared[at];
        int32_t bp =
            weigh(manner, dice_bp(shared, pair_count, name->pair_count), shared, pair_count);
        if (bp <= least_bp)
            continue;
        if (count == 2 * CANDIDATE_LIMIT) {
            keep_best(candidates, &count);
            least_bp = candidates[count - 1].bp;
        }
        candidates[count++] = (struct candidate){at, name->owner, name->text.length, bp};
    }
    keep_best(candidates, &count);
    return count;
}

static bool is_listed(const struct name_match *matches, size_t count, uint32_t owner)
{
    for (size_t i = 0; i < count; i++)
        if (matches[i].owner == owner)
            return true;
    return false;
}

size_t name_index_find(struct name_index *index, struct str folded, enum name_manner manner,
                       struct name_match *out, size_t limit)
{
    uint32_t pairs[PAIR_LIMIT];
    struct candidate candidates[2 * CANDIDATE_LIMIT];
    assert(index->first && limit >= 1 && limit <= 64);
    size_t pair_count = pairs_of(folded, pairs), found = 0;
    size_t touched = touch(index, pairs, pair_count);
    size_t count = choose_candidates(index, touched, pair_count, manner, candidates);
    for (size_t i = 0; i < count; i++) {
        const struct name *name = &index->names[candidates[i].name];
        size_t shared = index->shared[candidates[i].name];
        int32_t of_pairs_bp = dice_bp(shared, pair_count, name->pair_count);
        /* A word's part shares no pair with a gap, where no gap is. */
        if (holds(name->text, folded))
            shared = pair_count;
        candidates[i].bp =
            weigh(manner, likeness_bp(folded, name->text, of_pairs_bp), shared, pair_count);
    }
    qsort(candidates, count, sizeof(*candidates), compare_candidates);
    for (size_t i = 0; i < count && found < limit && candidates[i].bp >= LEAST_BP; i++)
        if (!is_listed(out, found, candidates[i].owner))
            out[found++] = (struct name_match){index->names[candidates[i].name].text,
                                               candidates[i].owner, candidates[i].bp};
    for (size_t i = 0; i < touched; i++)
        index->shared[index->touched[i]] = 0;
    return found;
}
