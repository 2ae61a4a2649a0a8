/* A settled classification as our CSV. Labels and links are sorted by their concept's place, so
 * one cursor into each goes along with the rows. */
#include "haihectl/esco_part.h"

#include "base/banned.h"

static void put_value(struct buffer *out, struct str text)
{
    bool quoted = text.length > 0 && (text.data[0] == ' ' || text.data[text.length - 1] == ' ');
    for (uint32_t i = 0; i < text.length && !quoted; i++)
        quoted = text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' ||
                 text.data[i] == '\r';
    if (!quoted) {
        buffer_append_str(out, text);
        return;
    }
    buffer_append_str(out, STR("\""));
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"')
            buffer_append_str(out, STR("\""));
        buffer_append(out, &text.data[i], 1);
    }
    buffer_append_str(out, STR("\""));
}

struct writer {
    const struct esco *esco;
    struct buffer *out;
    struct buffer list; /* the items of a value, before they are quoted */
    size_t label, link; /* the first that has not been passed */
};

/* The preferred label in a language; "" when there is none. */
static struct str preferred_label(const struct writer *writer, uint32_t concept, size_t language)
{
    const struct esco *esco = writer->esco;
    for (size_t i = writer->label; i < esco->label_count; i++) {
        const struct label *label = &esco->labels[i];
        if (label->concept != concept || label->rank != LABEL_PREFERRED)
            break;
        if (label->language == language && !label->dropped)
            return label->text;
    }
    return (struct str){NULL, 0};
}

static void put_list_item(struct writer *writer, struct str item)
{
    if (writer->list.length_bytes > 0)
        buffer_append_str(&writer->list, STR("|"));
    buffer_append_str(&writer->list, item);
}

static void end_list(struct writer *writer)
{
    buffer_append_str(writer->out, STR(","));
    put_value(writer->out, buffer_borrow(&writer->list));
    if (writer->list.failed)
        writer->out->failed = true;
    buffer_clear(&writer->list);
}

static void put_alternatives(struct writer *writer, uint32_t concept)
{
    const struct esco *esco = writer->esco;
    for (size_t i = writer->label; i < esco->label_count; i++) {
        const struct label *label = &esco->labels[i];
        if (label->concept != concept)
            break;
        if (label->rank == LABEL_ALTERNATIVE && !label->dropped)
            put_list_item(writer, label->text);
    }
    end_list(writer);
}

static void put_links(struct writer *writer, uint32_t concept, enum link_kind kind)
{
    const struct esco *esco = writer->esco;
    for (size_t i = writer->link; i < esco->link_count && esco->links[i].from == concept; i++)
        if (esco->links[i].kind == kind)
            put_list_item(writer, esco->concepts[esco->links[i].to].uri);
    end_list(writer);
}

static void put_header(const struct writer *writer, const char *columns)
{
    const struct esco *esco = writer->esco;
    buffer_append_str(writer->out, str_of(columns));
    for (size_t i = 2; i < esco->language_count; i++)
        buffer_printf(writer->out, ",label:%.*s", STR_ARG(esco->languages[i]));
    buffer_append_str(writer->out, STR("\n"));
}

static void put_row(struct writer *writer, uint32_t concept)
{
    const struct esco *esco = writer->esco;
    bool occupation = esco->concepts[concept].kind == CONCEPT_OCCUPATION;
    put_value(writer->out, occupation ? esco->concepts[concept].code : esco->concepts[concept].uri);
    for (size_t language = 0; language < 2; language++) {
        buffer_append_str(writer->out, STR(","));
        put_value(writer->out, preferred_label(writer, concept, language));
    }
    put_alternatives(writer, concept);
    put_links(writer, concept, occupation ? LINK_ESSENTIAL : LINK_BROADER);
    put_links(writer, concept, occupation ? LINK_OPTIONAL : LINK_RELATED);
    for (size_t language = 2; language < esco->language_count; language++) {
        buffer_append_str(writer->out, STR(","));
        put_value(writer->out, preferred_label(writer, concept, language));
    }
    buffer_append_str(writer->out, STR("\n"));
}

static bool write_rows(const struct esco *esco, bool occupations, const char *columns,
                       struct buffer *out)
{
    struct writer writer = {.esco = esco, .out = out};
    buffer_init(&writer.list, out->limit_bytes);
    put_header(&writer, columns);
    for (size_t place = 0; place < esco->concept_count && !out->failed; place++) {
        uint32_t concept = esco->order[place];
        if ((esco->concepts[concept].kind == CONCEPT_OCCUPATION) == occupations)
            put_row(&writer, concept);
        while (writer.label < esco->label_count && esco->labels[writer.label].concept == concept)
            writer.label++;
        while (writer.link < esco->link_count && esco->links[writer.link].from == concept)
            writer.link++;
    }
    buffer_release(&writer.list);
    return !out->failed;
}

bool esco_write_skills(const struct esco *esco, struct buffer *out)
{
    return write_rows(esco, false, "code,zh,en,alternative,broader,related", out);
}

bool esco_write_occupations(const struct esco *esco, struct buffer *out)
{
    return write_rows(esco, true, "code,zh,en,alternative,essential,optional", out);
}

/* --- What was left out ---------------------------------------------------------------------- */

const char *esco_drop_reason_text(enum esco_drop_reason reason)
{
    static const char *const texts[ESCO_DROP_REASON_COUNT] = {
        [ESCO_DROP_AMBIGUOUS] = "names several concepts",
        [ESCO_DROP_TAKEN] = "is another concept's preferred label",
        [ESCO_DROP_REPEATED] = "repeats a name of its own",
        [ESCO_DROP_UNWRITABLE] = "holds a '|', or nothing",
    };
    return texts[reason];
}

void esco_each_drop(const struct esco *esco,
                    void (*dropped)(void *context, const struct esco_drop *drop), void *context)
{
    for (size_t i = 0; i < esco->label_count; i++) {
        const struct label *label = &esco->labels[i];
        if (!label->dropped || label->reason == ESCO_DROP_REPEATED)
            continue;
        const struct esco_drop drop = {.reason = (enum esco_drop_reason)label->reason,
                                       .uri = esco->concepts[label->concept].uri,
                                       .language = esco->languages[label->language],
                                       .label = label->text,
                                       .other = esco->concepts[label->other].uri};
        dropped(context, &drop);
    }
}
