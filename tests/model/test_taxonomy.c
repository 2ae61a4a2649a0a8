#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/rng.h"
#include "base/text.h"
#include "memory/failing_memory.h"
#include "model/taxonomy.h"

#define HEADER "code,zh,en,alternative,broader,related\n"

static struct taxonomy *load(const char *skills)
{
    struct error error;
    struct taxonomy *taxonomy = taxonomy_load(str_of(skills), STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    return taxonomy;
}

static struct taxonomy *builtin(void)
{
    struct error error;
    struct taxonomy *taxonomy = taxonomy_builtin(&error);
    cr_assert(taxonomy, "%s", error.text);
    return taxonomy;
}

/* By name as people write it. */
static uint32_t find(const struct taxonomy *taxonomy, const char *name)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct str folded = text_fold(&arena, str_of(name));
    cr_assert(folded.data);
    uint32_t id = taxonomy_find_skill(taxonomy, folded);
    arena_release(&arena);
    return id;
}

static int32_t closeness(const struct taxonomy *taxonomy, const char *held, const char *asked)
{
    return taxonomy_closeness_bp(taxonomy, find(taxonomy, held), find(taxonomy, asked));
}

/* --- Names ---------------------------------------------------------------------------------- */

Test(taxonomy, finds_a_skill_by_code_and_by_every_label)
{
    struct taxonomy *taxonomy =
        load(HEADER "hs:cnc,数控加工,CNC Machining,数控 操作|Numerical Control,,\n"
                    "hs:art,美术,,,,\n");
    uint32_t id = find(taxonomy, "hs:cnc");
    cr_assert_neq(id, SKILL_UNKNOWN);
    const char *names[] = {"HS:CNC",      "数控加工",         "cnc machining", "ＣＮＣ　Machining",
                           " 数控 操作 ", "numerical control"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_assert_eq(find(taxonomy, names[i]), id, "%s", names[i]);
    cr_assert_neq(find(taxonomy, "美术"), id);
    cr_assert_eq(find(taxonomy, "数控"), SKILL_UNKNOWN);
    cr_assert_eq(find(taxonomy, ""), SKILL_UNKNOWN);
    taxonomy_free(taxonomy);
}

Test(taxonomy, ids_follow_the_order_of_codes)
{
    struct taxonomy *taxonomy = load(HEADER "c,,,,,\na,,,,,\nb,,,,,\n");
    cr_assert_eq(taxonomy_skill_count(taxonomy), 3);
    cr_assert(str_equal(taxonomy_skill_code(taxonomy, 0), STR("a")));
    cr_assert(str_equal(taxonomy_skill_code(taxonomy, 1), STR("b")));
    cr_assert(str_equal(taxonomy_skill_code(taxonomy, 2), STR("c")));
    taxonomy_free(taxonomy);
}

Test(taxonomy, labels_fall_back_to_another_language_and_then_to_the_code)
{
    struct taxonomy *taxonomy = load("code,zh,label:de,en,label:fr\n"
                                     "a,焊接,Schweißen,Welding,\n"
                                     "b,,Löten,,\n"
                                     "c,,,,\n");
    static const struct {
        uint32_t id;
        const char *language, *label;
    } cases[] = {
        {0, "zh", "焊接"},  {0, "en", "Welding"}, {0, "de", "Schweißen"},
        {0, "fr", "焊接"},  {0, "xx", "焊接"},    {0, NULL, "焊接"},
        {1, "zh", "Löten"}, {1, "de", "Löten"},   {2, "zh", "c"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str label = taxonomy_skill_label(taxonomy, cases[i].id, cases[i].language);
        cr_assert(str_equal(label, str_of(cases[i].label)), "%u in %s is %.*s", cases[i].id,
                  cases[i].language ? cases[i].language : "no language", STR_ARG(label));
    }
    cr_assert_eq(find(taxonomy, "löten"), 1, "added languages are names too");
    taxonomy_free(taxonomy);
}

struct heard_names {
    size_t count;
    bool known[4];
};

static void hear_name(void *context, struct str folded, uint32_t skill_id)
{
    static const struct {
        const char *name;
        uint32_t id;
    } expected[] = {{"a", 0}, {"welding", 0}, {"schweissen", 0}, {"b", 1}};
    struct heard_names *heard = context;
    heard->count++;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        if (str_equal(folded, str_of(expected[i].name)) && skill_id == expected[i].id)
            heard->known[i] = true;
}

Test(taxonomy, every_name_can_be_listed)
{
    struct taxonomy *taxonomy = load("code,en,label:de\na,Welding,Schweissen\nb,,\n");
    struct heard_names heard = {0};
    taxonomy_each_name(taxonomy, hear_name, &heard);
    cr_assert_eq(heard.count, 4);
    cr_assert_eq(taxonomy_name_count(taxonomy), 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert(heard.known[i], "name %zu", i);
    cr_assert_eq(taxonomy_language_count(taxonomy), 3);
    cr_assert(str_equal(taxonomy_language(taxonomy, 2), STR("de")));
    taxonomy_free(taxonomy);
}

Test(taxonomy, occupations_have_labels_in_every_language_of_their_own_file)
{
    struct error error;
    struct taxonomy *taxonomy =
        taxonomy_load(STR("code,label:fr\na,souder\n"),
                      STR("label:de,code,en,alternative,essential\n"
                          "Schweisser,7212,welder,weld hand|torch operator,a\n"
                          ",7213,,,\n"),
                      &error);
    cr_assert(taxonomy, "%s", error.text);
    cr_assert_eq(taxonomy_occupation_language_count(taxonomy), 3);
    cr_assert(str_equal(taxonomy_occupation_label(taxonomy, 0, "de"), STR("Schweisser")));
    cr_assert(str_equal(taxonomy_occupation_label(taxonomy, 0, "fr"), STR("welder")));
    cr_assert(str_equal(taxonomy_occupation_label(taxonomy, 1, "de"), STR("7213")));
    cr_assert(str_equal(taxonomy_occupation_at(taxonomy, 0)->alternative,
                        STR("weld hand|torch operator")));
    taxonomy_free(taxonomy);
    taxonomy = taxonomy_load(STR("code\na\n"), STR("code,title\n1,x\n"), &error);
    cr_assert_not(taxonomy);
    cr_assert_str_eq(error.text, "occupations: line 1: unknown column 'title' in the header");
}

Test(taxonomy, a_skill_may_repeat_its_own_names)
{
    struct taxonomy *taxonomy = load(HEADER "excel,Excel,EXCEL,excel|Ｅｘｃｅｌ,,\n");
    cr_assert_eq(find(taxonomy, "Excel"), 0);
    taxonomy_free(taxonomy);
}

Test(taxonomy, the_version_follows_the_content_of_both_files)
{
    struct error error;
    const struct str skills = STR("code\na\n"), other = STR("code\nb\n");
    const struct str occupations = STR("code,zh\n2512,软件\n");
    struct taxonomy *loaded[] = {
        taxonomy_load(skills, STR(""), &error),
        taxonomy_load(skills, STR(""), &error),
        taxonomy_load(other, STR(""), &error),
        taxonomy_load(skills, occupations, &error),
    };
    cr_assert_eq(taxonomy_version(loaded[0]), taxonomy_version(loaded[1]));
    cr_assert_neq(taxonomy_version(loaded[0]), taxonomy_version(loaded[2]));
    cr_assert_neq(taxonomy_version(loaded[0]), taxonomy_version(loaded[3]));
    for (size_t i = 0; i < 4; i++)
        taxonomy_free(loaded[i]);
    taxonomy_free(NULL);
}

/* --- Closeness ------------------------------------------------------------------------------ */

Test(taxonomy, closeness_follows_the_links)
{
    struct taxonomy *taxonomy = load(HEADER "welding,,,,,soldering\n"
                                            "tig,,,,welding,\n"
                                            "mig,,,,welding,\n"
                                            "robot-tig,,,,tig,\n"
                                            "soldering,,,,,\n"
                                            "cooking,,,,,\n");
    cr_assert_eq(closeness(taxonomy, "tig", "tig"), 10000);
    cr_assert_eq(closeness(taxonomy, "tig", "welding"), 9000, "the special does the general");
    cr_assert_eq(closeness(taxonomy, "welding", "tig"), 5000, "the general does half");
    cr_assert_eq(closeness(taxonomy, "welding", "soldering"), 7000);
    cr_assert_eq(closeness(taxonomy, "soldering", "welding"), 7000, "related is both ways");
    cr_assert_eq(closeness(taxonomy, "tig", "mig"), 5500, "siblings of a parent with 2 children");
    cr_assert_eq(closeness(taxonomy, "robot-tig", "welding"), 0, "never a chain");
    cr_assert_eq(closeness(taxonomy, "robot-tig", "tig"), 9000);
    cr_assert_eq(closeness(taxonomy, "cooking", "tig"), 0);
    taxonomy_free(taxonomy);
}

/* n children c00.. of one parent p. */
static struct taxonomy *load_family(int n)
{
    struct buffer csv;
    buffer_init(&csv, 1 << 16);
    buffer_append_str(&csv, STR("code,broader\np,\n"));
    for (int i = 0; i < n; i++)
        buffer_printf(&csv, "c%02d,p\n", i);
    struct error error;
    struct taxonomy *taxonomy = taxonomy_load(buffer_borrow(&csv), STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    buffer_release(&csv);
    return taxonomy;
}

Test(taxonomy, siblings_are_the_closer_the_fewer_they_are)
{
    for (int n = 2; n <= 20; n++) {
        struct taxonomy *taxonomy = load_family(n);
        int32_t expected = n > 16 ? 0 : 6000 - 250 * n;
        cr_assert_eq(closeness(taxonomy, "c00", "c01"), expected, "%d children", n);
        taxonomy_free(taxonomy);
    }
}

Test(taxonomy, keeps_the_sixteen_closest_and_equal_ones_by_code)
{
    struct taxonomy *taxonomy = load_family(20);
    size_t count;
    const struct closeness *near = taxonomy_neighbours(taxonomy, find(taxonomy, "p"), &count);
    cr_assert_eq(count, CLOSENESS_NEIGHBOUR_LIMIT);
    for (size_t i = 0; i < count; i++) {
        char code[24];
        snprintf(code, sizeof code, "c%02zu", i);
        cr_assert(str_equal(taxonomy_skill_code(taxonomy, near[i].skill_id), str_of(code)));
        cr_assert_eq(near[i].bp, 9000);
    }
    cr_assert_eq(closeness(taxonomy, "c16", "p"), 0, "the seventeenth is not kept");
    cr_assert_eq(closeness(taxonomy, "p", "c16"), 5000, "which concerns one direction only");
    taxonomy_free(taxonomy);
}

Test(taxonomy, the_best_of_several_links_counts)
{
    struct taxonomy *taxonomy = load(HEADER "p,,,,,\na,,,,p,b\nb,,,,p,\nc,,,,p|a,\n");
    cr_assert_eq(closeness(taxonomy, "a", "b"), 7000, "related and siblings");
    cr_assert_eq(closeness(taxonomy, "c", "a"), 9000, "narrower and siblings");
    cr_assert_eq(closeness(taxonomy, "a", "c"), 5250, "siblings of three, and broader with 5000");
    size_t count;
    const struct closeness *near = taxonomy_neighbours(taxonomy, find(taxonomy, "a"), &count);
    cr_assert_eq(count, 3);
    cr_assert(near[0].bp == 9000 && near[1].bp == 7000 && near[2].bp == 5000);
    taxonomy_free(taxonomy);
}

Test(taxonomy, repeated_links_count_once)
{
    struct taxonomy *taxonomy = load(HEADER "p,,,,,\na,,,,p|p| p ,b|b\nb,,,,p,a\n");
    cr_assert_eq(closeness(taxonomy, "a", "b"), 7000);
    size_t count;
    taxonomy_neighbours(taxonomy, find(taxonomy, "p"), &count);
    cr_assert_eq(count, 2);
    taxonomy_free(taxonomy);
}

/* The formula of taxonomy.h once more, on links as a matrix. */
enum { RANDOM_SKILLS = 60 };
struct matrix {
    bool broader[RANDOM_SKILLS][RANDOM_SKILLS]; /* [s][t]: t is a broader of s */
    bool related[RANDOM_SKILLS][RANDOM_SKILLS];
    int32_t closeness[RANDOM_SKILLS][RANDOM_SKILLS]; /* [held][asked], before any limit */
};

static int32_t plain_closeness(const struct matrix *links, int held, int asked)
{
    int32_t best = 0;
    if (held == asked)
        return 10000;
    if (links->broader[held][asked])
        return 9000;
    if (links->related[held][asked] || links->related[asked][held])
        return 7000;
    if (links->broader[asked][held])
        best = 5000;
    for (int parent = 0; parent < RANDOM_SKILLS; parent++) {
        int children = 0;
        for (int child = 0; child < RANDOM_SKILLS; child++)
            children += links->broader[child][parent];
        if (!links->broader[held][parent] || !links->broader[asked][parent] || children > 16)
            continue;
        int32_t bp = 6000 - 250 * children;
        if (bp < 2000)
            bp = 2000;
        if (bp > best)
            best = bp;
    }
    return best;
}

static void fill_closeness(struct matrix *links)
{
    for (int held = 0; held < RANDOM_SKILLS; held++)
        for (int asked = 0; asked < RANDOM_SKILLS; asked++)
            links->closeness[held][asked] = plain_closeness(links, held, asked);
}

/* What is left of the closeness when only the 16 best of each asked skill are kept. */
static int32_t kept_closeness(const struct matrix *links, int held, int asked)
{
    int32_t bp = links->closeness[held][asked];
    int before = 0;
    for (int other = 0; other < RANDOM_SKILLS; other++) {
        int32_t other_bp = links->closeness[other][asked];
        if (other != asked && (other_bp > bp || (other_bp == bp && other < held)))
            before++;
    }
    return held == asked || before < 16 ? bp : 0;
}

static void write_links(struct buffer *csv, const bool *links)
{
    buffer_append_str(csv, STR(","));
    for (int other = 0; other < RANDOM_SKILLS; other++)
        if (links[other])
            buffer_printf(csv, "s%02d|", other);
}

/* The kept closeness read along the other axis: every pair once, in the stated order. */
static void check_asked_neighbours(const struct taxonomy *taxonomy, const struct matrix *links,
                                   uint64_t seed, size_t *longest)
{
    for (int held = 0; held < RANDOM_SKILLS; held++) {
        size_t count, expected = 0;
        const struct closeness *list = taxonomy_asked_neighbours(taxonomy, (uint32_t)held, &count);
        for (size_t i = 0; i < count; i++) {
            cr_assert_neq(list[i].skill_id, (uint32_t)held, "seed %" PRIu64 ": s%02d itself", seed,
                          held);
            cr_assert_eq(list[i].bp, kept_closeness(links, held, (int)list[i].skill_id),
                         "seed %" PRIu64 ": held s%02d asked s%02u", seed, held, list[i].skill_id);
            cr_assert(i == 0 || list[i - 1].bp > list[i].bp ||
                          (list[i - 1].bp == list[i].bp && list[i - 1].skill_id < list[i].skill_id),
                      "seed %" PRIu64 ": order of s%02d's list at %zu", seed, held, i);
        }
        for (int asked = 0; asked < RANDOM_SKILLS; asked++)
            expected += asked != held && kept_closeness(links, held, asked) > 0;
        cr_assert_eq(count, expected, "seed %" PRIu64 ": length of s%02d's list", seed, held);
        *longest = count > *longest ? count : *longest;
    }
}

Test(taxonomy, closeness_is_the_formula_on_random_links)
{
    size_t longest = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        static struct matrix links;
        links = (struct matrix){0};
        /* Few parents and many links: large and small families, lists longer than 16. */
        int parents = (int)rng_between(&rng, 2, 30);
        struct buffer csv;
        buffer_init(&csv, 1 << 20);
        buffer_append_str(&csv, STR("code,broader,related\n"));
        for (int s = 0; s < RANDOM_SKILLS; s++) {
            for (int i = 0; i < 2; i++) {
                int parent = (int)rng_below(&rng, (uint64_t)parents);
                if (parent < s && rng_below(&rng, 3) > 0)
                    links.broader[s][parent] = true;
                int other = (int)rng_below(&rng, RANDOM_SKILLS);
                if (other != s && rng_below(&rng, 3) == 0)
                    links.related[s][other] = true;
            }
            buffer_printf(&csv, "s%02d", s);
            write_links(&csv, links.broader[s]);
            write_links(&csv, links.related[s]);
            buffer_append_str(&csv, STR("\n"));
        }
        struct error error;
        struct taxonomy *taxonomy = taxonomy_load(buffer_borrow(&csv), STR(""), &error);
        cr_assert(taxonomy, "seed %" PRIu64 ": %s", seed, error.text);
        fill_closeness(&links);
        for (int asked = 0; asked < RANDOM_SKILLS; asked++)
            for (int held = 0; held < RANDOM_SKILLS; held++)
                cr_assert_eq(taxonomy_closeness_bp(taxonomy, (uint32_t)held, (uint32_t)asked),
                             kept_closeness(&links, held, asked),
                             "seed %" PRIu64 ": held s%02d asked s%02d", seed, held, asked);
        check_asked_neighbours(taxonomy, &links, seed, &longest);
        taxonomy_free(taxonomy);
        buffer_release(&csv);
    }
    cr_assert_gt(longest, CLOSENESS_NEIGHBOUR_LIMIT, "no list longer than an asked skill's");
}

Test(taxonomy, neighbours_and_closeness_agree_over_all_pairs_of_the_builtin_one)
{
    struct taxonomy *taxonomy = builtin();
    uint32_t skills = (uint32_t)taxonomy_skill_count(taxonomy);
    size_t related = 0;
    for (uint32_t asked = 0; asked < skills; asked++) {
        size_t count, found = 0;
        const struct closeness *near = taxonomy_neighbours(taxonomy, asked, &count);
        cr_assert_leq(count, CLOSENESS_NEIGHBOUR_LIMIT);
        for (size_t i = 1; i < count; i++)
            cr_assert(near[i - 1].bp > near[i].bp ||
                      (near[i - 1].bp == near[i].bp && near[i - 1].skill_id < near[i].skill_id));
        for (uint32_t held = 0; held < skills; held++) {
            int32_t listed = held == asked ? 10000 : 0;
            for (size_t i = 0; i < count; i++)
                if (near[i].skill_id == held)
                    listed = near[i].bp;
            cr_assert_eq(taxonomy_closeness_bp(taxonomy, held, asked), listed);
            found += listed > 0 && held != asked;
        }
        cr_assert_eq(found, count);
        related += count;
    }
    cr_assert_gt(related, skills, "a taxonomy without neighbours would show nothing");
    taxonomy_free(taxonomy);
}

/* --- The built-in one ----------------------------------------------------------------------- */

Test(taxonomy, the_builtin_one_is_bilingual_and_its_labels_lead_back)
{
    struct taxonomy *taxonomy = builtin();
    cr_assert_geq(taxonomy_skill_count(taxonomy), 300);
    for (uint32_t id = 0; id < taxonomy_skill_count(taxonomy); id++) {
        struct str code = taxonomy_skill_code(taxonomy, id);
        struct str labels[] = {code, taxonomy_skill_label(taxonomy, id, "zh"),
                               taxonomy_skill_label(taxonomy, id, "en")};
        for (size_t i = 0; i < 3; i++) {
            char name[256];
            snprintf(name, sizeof name, "%.*s", STR_ARG(labels[i]));
            cr_assert_eq(find(taxonomy, name), id, "%s", name);
            cr_assert(i == 0 || !str_equal(labels[i], code), "%s lacks a label", name);
        }
    }
    taxonomy_free(taxonomy);
}

Test(taxonomy, the_builtin_occupations_have_labels_and_skills)
{
    struct taxonomy *taxonomy = builtin();
    cr_assert_geq(taxonomy_occupation_count(taxonomy), 100);
    for (size_t i = 0; i < taxonomy_occupation_count(taxonomy); i++) {
        const struct occupation_entry *entry = taxonomy_occupation_at(taxonomy, i);
        cr_assert(entry->code.length > 0 && entry->label_zh.length > 0 &&
                  entry->label_en.length > 0 && entry->essential_count > 0);
    }
    taxonomy_free(taxonomy);
}

Test(taxonomy, occupations_keep_the_order_of_file_and_lists)
{
    struct error error;
    struct taxonomy *taxonomy = taxonomy_load(STR("code\na\nb\nc\n"),
                                              STR("code,zh,en,alternative,essential,optional\n"
                                                  "7212,焊工,Welder,电焊工,c|a,b\n2512,软件,,,,\n"),
                                              &error);
    cr_assert(taxonomy, "%s", error.text);
    cr_assert_eq(taxonomy_occupation_count(taxonomy), 2);
    const struct occupation_entry *welder = taxonomy_occupation_at(taxonomy, 0);
    cr_assert(str_equal(welder->code, STR("7212")));
    cr_assert(str_equal(welder->label_zh, STR("焊工")));
    cr_assert(str_equal(welder->label_en, STR("Welder")));
    cr_assert(welder->essential_count == 2 && welder->essential_ids[0] == 2 &&
              welder->essential_ids[1] == 0);
    cr_assert(welder->optional_count == 1 && welder->optional_ids[0] == 1);
    cr_assert_eq(taxonomy_occupation_at(taxonomy, 1)->essential_count, 0);
    taxonomy_free(taxonomy);
}

/* --- Wrong files ---------------------------------------------------------------------------- */

Test(taxonomy, a_wrong_skills_file_is_named_by_line_column_and_value)
{
    static const struct {
        const char *csv, *text, *field, *value;
    } cases[] = {
        {"", "skills: line 1: no header", "", ""},
        {HEADER, "skills: line 2: no skills", "", ""},
        {"code,colour\na,red\n", "skills: line 1: unknown column 'colour' in the header", "", ""},
        {"code,label:\na,\n", "skills: line 1: unknown column 'label:' in the header", "", ""},
        {"code,label:zh\na,\n",
         "skills: line 1: column 'label:zh' is a second one for that language", "", ""},
        {"code\n\"\"\n", "skills: line 2, column 'code' '': must not be empty", "code", ""},
        {"code\nb c\n", "skills: line 2, column 'code' 'b c': must be visible ASCII without '|'",
         "code", "b c"},
        {"code\na|b\n", "skills: line 2, column 'code' 'a|b': must be visible ASCII without '|'",
         "code", "a|b"},
        {"code\nb\na\nb\n", "skills: line 4, column 'code' 'b': stands in line 2 already", "code",
         "b"},
        {"code\na\nA\n", "skills: line 2, column 'code' 'a': names skill 'A' in line 3 already",
         "code", "a"},
        {"code,zh\na,焊接\nb,焊接\n",
         "skills: line 3, column 'zh' '焊接': names skill 'a' in line 2 already", "zh", "焊接"},
        {"code,en,alternative\na,Weld,\nb,,x|ＷＥＬＤ\n",
         "skills: line 3, column 'alternative' 'ＷＥＬＤ': names skill 'a' in line 2 already",
         "alternative", "ＷＥＬＤ"},
        {"code,label:de\na,b\nb,\n",
         "skills: line 2, column 'label:de' 'b': names skill 'b' in line 3 already", "label:de",
         "b"},
        {"code,broader\na,b\n", "skills: line 2, column 'broader' 'b': no skill has this code",
         "broader", "b"},
        {"code,related\na,\nb,a|c\n",
         "skills: line 3, column 'related' 'c': no skill has this code", "related", "c"},
        {"code,broader\na,a\n", "skills: line 2, column 'broader' 'a': the skill names itself",
         "broader", "a"},
        {"code,broader\nx,a\na,b\nb,c\nc,a\n",
         "skills: line 3, column 'broader' 'b': the broader skills of 'a' lead back to it",
         "broader", "b"},
        {"code\na\nb,c\n", "skills: line 3: 2 values where the header has 1 columns", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error;
        cr_assert_null(taxonomy_load(str_of(cases[i].csv), STR(""), &error), "%s", cases[i].csv);
        cr_assert_str_eq(error.text, cases[i].text);
        cr_assert_str_eq(error.field, cases[i].field);
        cr_assert_str_eq(error.value, cases[i].value);
        cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
    }
}

Test(taxonomy, a_long_code_is_refused)
{
    char csv[300] = "code\n";
    memset(csv + 5, 'x', 201);
    struct error error;
    cr_assert_null(taxonomy_load(str_of(csv), STR(""), &error));
    cr_assert(strstr(error.text, "longer than 200 bytes"), "%s", error.text);
    csv[5 + 200] = '\0';
    taxonomy_free(load(csv));
}

Test(taxonomy, too_many_languages_are_refused)
{
    struct buffer csv;
    buffer_init(&csv, 1 << 16);
    buffer_append_str(&csv, STR("code"));
    for (int i = 0; i < 31; i++)
        buffer_printf(&csv, ",label:l%d", i);
    struct error error;
    cr_assert_null(taxonomy_load(buffer_borrow(&csv), STR(""), &error));
    cr_assert_str_eq(error.text, "skills: line 1: more than 32 languages");
    buffer_release(&csv);
}

Test(taxonomy, finds_a_cycle_behind_skills_that_only_lead_to_it)
{
    struct error error;
    cr_assert_null(
        taxonomy_load(STR("code,broader\na,b\nb,c\nc,d\nd,e|top\ne,d\ntop,\n"), STR(""), &error));
    cr_assert(strstr(error.text, "of 'd' lead back") || strstr(error.text, "of 'e' lead back"),
              "%s", error.text);
}

Test(taxonomy, a_wrong_occupations_file_is_named_by_line_column_and_value)
{
    static const struct {
        const char *rows, *text;
    } cases[] = {
        {"2512,,,,x,\n", "occupations: line 2, column 'essential' 'x': no skill has this code"},
        {"2512,,,,a,b|x\n", "occupations: line 2, column 'optional' 'x': no skill has this code"},
        {"2512,,,,a|a,\n", "occupations: line 2, column 'essential' 'a': stands twice in the list"},
        {"2512,,,,,\n2512,,,,,\n",
         "occupations: line 3, column 'code' '2512': a second occupation with this code"},
        {",,,,,\n", "occupations: line 2, column 'code' '': must not be empty"},
        {"123456789012345678901234567890123,,,,,\n",
         "occupations: line 2, column 'code' '123456789012345678901234567890123': longer than 32 "
         "bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char csv[256];
        snprintf(csv, sizeof csv, "code,zh,en,alternative,essential,optional\n%s", cases[i].rows);
        struct error error;
        cr_assert_null(taxonomy_load(STR("code\na\nb\n"), str_of(csv), &error), "%s", csv);
        cr_assert_str_eq(error.text, cases[i].text);
    }
    struct error error;
    cr_assert_null(taxonomy_load(STR("code\na\n"), STR("code,colour\n1,red\n"), &error));
    cr_assert_str_eq(error.text, "occupations: line 1: unknown column 'colour' in the header");
}

Test(taxonomy, short_memory_fails_the_load_and_leaks_nothing)
{
    bool failed = true;
    for (int n = 0; failed; n++) {
        struct error error = {0};
        memory_fail_after(n);
        struct taxonomy *taxonomy = taxonomy_load(
            STR("code,zh,label:de,broader,related\na,甲,A1,,c\nb,乙,B1,a,\nc,丙,,a,\n"),
            STR("code,essential\n1,a|b\n2,c\n"), &error);
        failed = memory_has_failed();
        cr_assert_eq(taxonomy == NULL, failed, "allocation %d", n);
        cr_assert_eq(error.code, failed ? ERROR_RESOURCE_EXHAUSTED : ERROR_OK, "allocation %d: %s",
                     n, error.text);
        taxonomy_free(taxonomy);
    }
}
