/* What is known after the last file: the order of concepts, who owns which name, which links
 * remain. See esco.h for the rules.
 *
 *   labels sorted by claim (rank, kind, language, place) -> each claims its folded text:
 *       preferred: the first claim has it
 *       alternative: a second one of another concept spoils it for all of them
 *   labels sorted by place, ready to be written
 *
 * Cost: a sort of the labels, twice, and one folding each.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "haihectl/esco_part.h"
#include "model/closeness.h"
#include "model/limits.h"

#include "base/banned.h"

/* --- Order ---------------------------------------------------------------------------------- */

static int compare_uint(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_concepts(const void *left, const void *right, void *context)
{
    const struct concept *concepts = context;
    const struct concept *a = &concepts[*(const uint32_t *)left];
    const struct concept *b = &concepts[*(const uint32_t *)right];
    return a->kind != b->kind ? compare_uint(a->kind, b->kind) : str_compare(a->uri, b->uri);
}

static bool order_concepts(struct esco *esco)
{
    esco->order = memory_try_zeroed(esco->concept_count, sizeof(*esco->order));
    if (!esco->order)
        return false;
    for (size_t i = 0; i < esco->concept_count; i++)
        esco->order[i] = (uint32_t)i;
    qsort_r(esco->order, esco->concept_count, sizeof(*esco->order), compare_concepts,
            esco->concepts);
    for (size_t i = 0; i < esco->concept_count; i++)
        esco->concepts[esco->order[i]].place = (uint32_t)i;
    return true;
}

static int compare_claims(const void *left, const void *right, void *context)
{
    const struct concept *concepts = context;
    const struct label *a = left, *b = right;
    const struct concept *of_a = &concepts[a->concept], *of_b = &concepts[b->concept];
    if (a->rank != b->rank)
        return compare_uint(a->rank, b->rank);
    if (of_a->kind != of_b->kind)
        return compare_uint(of_a->kind, of_b->kind);
    if (a->language != b->language)
        return compare_uint(a->language, b->language);
    if (of_a->place != of_b->place)
        return compare_uint(of_a->place, of_b->place);
    return compare_uint(a->number, b->number);
}

static int compare_labels(const void *left, const void *right, void *context)
{
    const struct concept *concepts = context;
    const struct label *a = left, *b = right;
    uint32_t place_a = concepts[a->concept].place, place_b = concepts[b->concept].place;
    if (place_a != place_b)
        return compare_uint(place_a, place_b);
    if (a->rank != b->rank)
        return compare_uint(a->rank, b->rank);
    if (a->language != b->language)
        return compare_uint(a->language, b->language);
    return compare_uint(a->number, b->number);
}

static void sort_labels(struct esco *esco, int (*compare)(const void *, const void *, void *))
{
    if (esco->label_count > 0)
        qsort_r(esco->labels, esco->label_count, sizeof(*esco->labels), compare, esco->concepts);
}

/* --- Names ---------------------------------------------------------------------------------- */

/* Who claimed a folded name first; and whether it is nobody's because another did, too. */
struct claim {
    uint32_t concept, other;
    bool preferred, ambiguous;
};

struct claims {
    struct str_map names; /* folded -> index */
    struct claim *items;  /* owned; room for every label and URI */
    uint32_t count;
    struct arena texts;
};

static void drop(struct label *label, enum esco_drop_reason reason, uint32_t other)
{
    label->dropped = true;
    label->reason = (uint8_t)reason;
    label->other = other;
}

/* Claims the folded text. *index is the claim's, new (then its count was so many before) or an
 * older one's; STR_MAP_NONE when there is nothing to claim. False when there is no memory. */
static bool claim_name(struct claims *claims, uint32_t concept, struct str text, bool preferred,
                       uint32_t *index)
{
    struct str folded = text_fold(&claims->texts, text);
    *index = folded.length > 0 ? claims->count : STR_MAP_NONE;
    if (!folded.data || folded.length == 0)
        return folded.data != NULL;
    if (!str_map_insert(&claims->names, folded, index))
        return false;
    if (*index == claims->count)
        claims->items[claims->count++] =
            (struct claim){.concept = concept, .other = concept, .preferred = preferred};
    return true;
}

/* URIs are codes: no label may be another concept's. */
static bool claim_uris(const struct esco *esco, struct claims *claims, struct error *error)
{
    for (uint32_t i = 0; i < esco->concept_count; i++) {
        const struct concept *concept = &esco->concepts[i];
        uint32_t index;
        if (concept->kind == CONCEPT_OCCUPATION)
            continue;
        if (!claim_name(claims, i, concept->uri, true, &index) || index == STR_MAP_NONE)
            return esco_no_memory(error);
        const struct claim *claim = &claims->items[index];
        if (claim->concept != i)
            return error_set(error, ERROR_INVALID_ARGUMENT,
                             "conceptUri '%.*s' and '%.*s' differ in nothing but case",
                             STR_ARG(esco->concepts[claim->concept].uri), STR_ARG(concept->uri));
    }
    return true;
}

/* A label that is not the first with its name. A concept may have one preferred label in several
 * languages. */
static void contest(struct label *label, struct claim *claim)
{
    if (claim->concept == label->concept) {
        if (label->rank != LABEL_PREFERRED)
            drop(label, ESCO_DROP_REPEATED, label->concept);
    } else if (claim->preferred)
        drop(label, ESCO_DROP_TAKEN, claim->concept);
    else if (!claim->ambiguous) {
        claim->ambiguous = true;
        claim->other = label->concept;
    }
}

static bool claim_labels(const struct esco *esco, struct claims *claims)
{
    for (size_t i = 0; i < esco->label_count; i++) {
        struct label *label = &esco->labels[i];
        bool preferred = label->rank == LABEL_PREFERRED;
        uint32_t known = claims->count;
        /* Names of occupations are for people: they may repeat. A '|' would part a list. */
        if (!preferred && memchr(label->text.data, '|', label->text.length))
            drop(label, ESCO_DROP_UNWRITABLE, label->concept);
        if (label->dropped || esco->concepts[label->concept].kind == CONCEPT_OCCUPATION)
            continue;
        if (!claim_name(claims, label->concept, label->text, preferred, &label->other))
            return false;
        if (label->other == STR_MAP_NONE)
            drop(label, ESCO_DROP_UNWRITABLE, label->concept);
        else if (label->other < known)
            contest(label, &claims->items[label->other]);
    }
    return true;
}

/* Alternatives that several concepts claimed, the first of them included. */
static void drop_ambiguous(const struct esco *esco, const struct claims *claims)
{
    for (size_t i = 0; i < esco->label_count; i++) {
        struct label *label = &esco->labels[i];
        if (label->dropped || esco->concepts[label->concept].kind == CONCEPT_OCCUPATION)
            continue;
        const struct claim *claim = &claims->items[label->other];
        if (claim->ambiguous)
            drop(label, ESCO_DROP_AMBIGUOUS,
                 claim->concept != label->concept ? claim->concept : claim->other);
    }
}

static void count_labels(struct esco *esco)
{
    for (size_t i = 0; i < esco->label_count; i++) {
        const struct label *label = &esco->labels[i];
        if (label->dropped)
            esco->statistics.dropped_count[label->reason]++;
        else if (esco->concepts[label->concept].kind == CONCEPT_OCCUPATION)
            continue;
        else if (label->rank == LABEL_PREFERRED)
            esco->statistics.preferred_count++;
        else
            esco->statistics.alternative_count++;
    }
}

static bool own_names(struct esco *esco, struct error *error)
{
    enum { FOLDED_LIMIT_BYTES = 1 << 30 };
    struct claims claims = {
        .items = memory_try_zeroed(esco->label_count + esco->concept_count, sizeof(*claims.items))};
    str_map_init(&claims.names);
    arena_init(&claims.texts, FOLDED_LIMIT_BYTES);
    sort_labels(esco, compare_claims);
    bool well = claims.items && claim_uris(esco, &claims, error);
    if (!claims.items || (well && !claim_labels(esco, &claims)))
        well = esco_no_memory(error);
    else if (well)
        drop_ambiguous(esco, &claims);
    str_map_release(&claims.names);
    arena_release(&claims.texts);
    memory_free(claims.items);
    sort_labels(esco, compare_labels);
    count_labels(esco);
    return well;
}

/* --- Links ---------------------------------------------------------------------------------- */

static int compare_links(const void *left, const void *right, void *context)
{
    const struct concept *concepts = context;
    const struct link *a = left, *b = right;
    if (a->from != b->from)
        return compare_uint(concepts[a->from].place, concepts[b->from].place);
    /* An essential skill of an occupation before the same as an optional one. */
    bool lists_a = a->kind >= LINK_ESSENTIAL, lists_b = b->kind >= LINK_ESSENTIAL;
    if (a->kind != b->kind && !(lists_a && lists_b))
        return compare_uint(a->kind, b->kind);
    if (a->to != b->to)
        return compare_uint(concepts[a->to].place, concepts[b->to].place);
    return compare_uint(a->kind, b->kind);
}

static bool is_repeated(const struct link *before, const struct link *link)
{
    bool lists = before->kind >= LINK_ESSENTIAL && link->kind >= LINK_ESSENTIAL;
    return before->from == link->from && before->to == link->to &&
           (before->kind == link->kind || lists);
}

static void sort_links(struct esco *esco)
{
    size_t *counts[] = {
        [LINK_BROADER] = &esco->statistics.broader_count,
        [LINK_RELATED] = &esco->statistics.related_count,
        [LINK_ESSENTIAL] = &esco->statistics.essential_count,
        [LINK_OPTIONAL] = &esco->statistics.optional_count,
    };
    size_t kept = 0;
    if (esco->link_count > 0)
        qsort_r(esco->links, esco->link_count, sizeof(*esco->links), compare_links, esco->concepts);
    for (size_t i = 0; i < esco->link_count; i++) {
        if (kept > 0 && is_repeated(&esco->links[kept - 1], &esco->links[i])) {
            esco->statistics.repeated_count++;
            continue;
        }
        esco->links[kept++] = esco->links[i];
        ++*counts[esco->links[kept - 1].kind];
    }
    esco->link_count = kept;
}

static bool refuse_cycle(const struct esco *esco, struct error *error)
{
    struct skill_links broader = {0};
    uint32_t on_cycle = SKILL_UNKNOWN;
    bool well = true;
    for (size_t i = 0; well && i < esco->link_count; i++)
        if (esco->links[i].kind == LINK_BROADER)
            well = skill_links_add(&broader, esco->links[i].from, esco->links[i].to);
    well = well && skill_links_find_cycle(&broader, (uint32_t)esco->concept_count, &on_cycle);
    skill_links_release(&broader);
    if (!well)
        return esco_no_memory(error);
    return on_cycle == SKILL_UNKNOWN ||
           error_set(error, ERROR_INVALID_ARGUMENT,
                     "%s: the broader concepts of '%.*s' lead back to it",
                     esco_kind_name(ESCO_BROADER), STR_ARG(esco->concepts[on_cycle].uri));
}

/* --- Occupations' codes --------------------------------------------------------------------- */

static bool is_code(struct str code)
{
    for (uint32_t i = 0; i < code.length; i++) {
        char c = code.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return code.length > 0 && code.length <= OCCUPATION_LIMIT_BYTES;
}

/* "<ISCO group>.<16 digits of the UUID>", or the digits alone. */
static struct str make_code(struct esco *esco, const struct concept *concept)
{
    enum { DIGITS = 16 };
    char text[OCCUPATION_LIMIT_BYTES + DIGITS + 2];
    size_t length = 0, digits = 0;
    if (is_code(concept->isco_group) &&
        concept->isco_group.length < OCCUPATION_LIMIT_BYTES - DIGITS) {
        memcpy(text, concept->isco_group.data, concept->isco_group.length);
        length = concept->isco_group.length;
        text[length++] = '.';
    }
    uint32_t at = concept->uri.length;
    while (at > 0 && concept->uri.data[at - 1] != '/')
        at--;
    for (; at < concept->uri.length && digits < DIGITS; at++)
        if (concept->uri.data[at] != '-' && is_code((struct str){concept->uri.data + at, 1})) {
            text[length++] = concept->uri.data[at];
            digits++;
        }
    return arena_copy(&esco->arena, (struct str){text, (uint32_t)length});
}

/* The first occupation by URI keeps a code that several have; a made one must be new. */
static bool settle_codes(struct esco *esco, struct error *error)
{
    struct str_map codes;
    bool well = true;
    str_map_init(&codes);
    for (size_t i = 0; well && i < esco->concept_count; i++) {
        uint32_t holder = (uint32_t)i;
        struct concept *concept = &esco->concepts[esco->order[i]];
        if (concept->kind != CONCEPT_OCCUPATION)
            continue;
        if (is_code(concept->code))
            well = str_map_insert(&codes, concept->code, &holder);
        if (well && (!is_code(concept->code) || holder != i)) {
            concept->code = make_code(esco, concept);
            holder = (uint32_t)i;
            well = concept->code.data && concept->code.length > 0 &&
                   str_map_insert(&codes, concept->code, &holder) && holder == i;
            if (!well)
                error_set(error, ERROR_INVALID_ARGUMENT, "occupation '%.*s' has no code of its own",
                          STR_ARG(concept->uri));
        } else if (!well) {
            esco_no_memory(error);
        }
    }
    str_map_release(&codes);
    return well;
}

/* --- All of it ------------------------------------------------------------------------------ */

static bool count_concepts(struct esco *esco, struct error *error)
{
    for (size_t i = 0; i < esco->concept_count; i++) {
        esco->statistics.skill_count += esco->concepts[i].kind == CONCEPT_SKILL;
        esco->statistics.group_count += esco->concepts[i].kind == CONCEPT_GROUP;
        esco->statistics.occupation_count += esco->concepts[i].kind == CONCEPT_OCCUPATION;
    }
    return esco->statistics.skill_count > 0 ||
           error_set(error, ERROR_INVALID_ARGUMENT, "the files hold no skills");
}

bool esco_settle(struct esco *esco, struct error *error)
{
    if (!count_concepts(esco, error))
        return false;
    if (!order_concepts(esco))
        return esco_no_memory(error);
    sort_links(esco);
    return refuse_cycle(esco, error) && settle_codes(esco, error) && own_names(esco, error);
}
