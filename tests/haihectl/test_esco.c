/* Small made-up directories of ESCO files: what becomes of names, links and codes, and what is
 * refused with file, line, column and value. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "haihectl/esco_directory.h"
#include "haihectl/taxonomy_files.h"

#define SKILL_HEADER                                                                               \
    "conceptType,conceptUri,skillType,preferredLabel,altLabels,hiddenLabels,status\n"
#define OCCUPATION_HEADER "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,code\n"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static char directory[64];

static void setup(void)
{
    snprintf(directory, sizeof(directory), "/tmp/haihe-esco-XXXXXX");
    cr_assert(mkdtemp(directory));
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    cr_assert_eq(system(command), 0);
}

TestSuite(esco, .init = setup, .fini = teardown);

static void put(const char *name, const char *content)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file);
    cr_assert_eq(fwrite(content, 1, strlen(content), file), strlen(content));
    cr_assert_eq(fclose(file), 0);
}

static struct esco *must_read(unsigned *missing)
{
    struct error error = {0};
    unsigned ignored;
    struct esco *esco = esco_read_directory(directory, missing ? missing : &ignored, &error);
    cr_assert(esco, "%s", error.text);
    return esco;
}

static void expect_refused(const char *text)
{
    struct error error = {0};
    unsigned missing;
    struct esco *esco = esco_read_directory(directory, &missing, &error);
    cr_assert_not(esco, "accepted, not: %s", text);
    cr_expect(strstr(error.text, text), "got: %s\nnot: %s", error.text, text);
}

/* The two files, and that the daemon would load them. */
static void expect_files(const struct esco *esco, const char *skills, const char *occupations)
{
    struct error error = {0};
    struct buffer out[2];
    buffer_init(&out[0], 1 << 20);
    buffer_init(&out[1], 1 << 20);
    cr_assert(esco_write_skills(esco, &out[0]) && esco_write_occupations(esco, &out[1]));
    cr_expect(str_equal(buffer_borrow(&out[0]), str_of(skills)), "got\n%.*s\nexpected\n%s",
              (int)out[0].length_bytes, out[0].data, skills);
    if (occupations)
        cr_expect(str_equal(buffer_borrow(&out[1]), str_of(occupations)), "got\n%.*s\nexpected\n%s",
                  (int)out[1].length_bytes, out[1].data, occupations);
    struct taxonomy *taxonomy =
        taxonomy_load(buffer_borrow(&out[0]), buffer_borrow(&out[1]), &error);
    cr_assert(taxonomy, "%s", error.text);
    taxonomy_free(taxonomy);
    buffer_release(&out[0]);
    buffer_release(&out[1]);
}

/* --- File names ----------------------------------------------------------------------------- */

Test(esco, file_names_say_kind_and_language)
{
    static const struct {
        const char *file_name;
        int kind; /* -1: none */
        const char *language;
    } cases[] = {
        {"skills_en.csv", ESCO_SKILLS, "en"},
        {"skills_ZH.CSV", ESCO_SKILLS, "zh"},
        {"ESCO_v1.2.0_Skills_de.csv", ESCO_SKILLS, "de"},
        {"skills_fr_v1.0.9.csv", ESCO_SKILLS, "fr"},
        {"skills (nb).csv", ESCO_SKILLS, "nb"},
        {"skills.csv", ESCO_SKILLS, "en"},
        {"skillGroups_en.csv", ESCO_SKILL_GROUPS, "en"},
        {"occupations_uk.csv", ESCO_OCCUPATIONS, "uk"},
        {"broaderRelationsSkillPillar.csv", ESCO_BROADER, "en"},
        {"broaderRelationsSkillPillar_en.csv", ESCO_BROADER, "en"},
        {"skillSkillRelations_en.csv", ESCO_SKILL_RELATIONS, "en"},
        {"occupationSkillRelations.csv", ESCO_OCCUPATION_RELATIONS, "en"},
        {"skillsHierarchy_en.csv", -1, ""},
        {"digitalSkillsCollection_en.csv", -1, ""},
        {"broaderRelationsOccPillar.csv", -1, ""},
        {"skills_en.txt", -1, ""},
        {"skills", -1, ""},
        {".csv", -1, ""},
        {"", -1, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct esco_name name;
        bool found = esco_parse_name(cases[i].file_name, &name);
        cr_expect_eq(found, cases[i].kind >= 0, "%s", cases[i].file_name);
        if (!found || cases[i].kind < 0)
            continue;
        cr_expect_eq((int)name.kind, cases[i].kind, "%s", cases[i].file_name);
        cr_expect_str_eq(name.language, cases[i].language, "%s", cases[i].file_name);
    }
}

/* --- Releases ------------------------------------------------------------------------------- */

/* Early releases: no code of occupations, relations without labels. */
Test(esco, reads_the_shape_of_1_0)
{
    put("skills_en.csv", "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,"
                         "description\r\n"
                         "KnowledgeSkillCompetence,u/weld,skill/competence,cross-sector,weld,"
                         "\"join metal\nfuse, metal\",\"Two\nlines, one comma\"\r\n"
                         "KnowledgeSkillCompetence,u/tig,skill/competence,sector,TIG,,\r\n");
    put("occupations_en.csv", "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels\n"
                              "Occupation,u/00aa11bb-22cc-33dd-44ee-55ff66007788,7212,welder,\n");
    put("broaderRelationsSkillPillar.csv", "conceptType,conceptUri,broaderType,broaderUri\n"
                                           "K,u/tig,K,u/weld\n");
    put("skillSkillRelations.csv", "originalSkillUri,originalSkillType,relationType,"
                                   "relatedSkillType,relatedSkillUri\n"
                                   "u/weld,k,optional,k,u/tig\n");
    put("occupationSkillRelations.csv",
        "occupationUri,relationType,skillType,skillUri\n"
        "u/00aa11bb-22cc-33dd-44ee-55ff66007788,essential,k,u/weld\n"
        "u/00aa11bb-22cc-33dd-44ee-55ff66007788,optional,k,u/tig\n");
    unsigned missing;
    struct esco *esco = must_read(&missing);
    cr_expect_eq(missing, 1u << ESCO_SKILL_GROUPS);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related\n"
                 "u/tig,,TIG,,u/weld,\n"
                 "u/weld,,weld,\"join metal|fuse, metal\",,u/tig\n",
                 "code,zh,en,alternative,essential,optional\n"
                 "7212.00aa11bb22cc33dd,,welder,,u/weld,u/tig\n");
    esco_free(esco);
}

/* `_en` behind every name, labels in the relations, one column more in the occupations. */
Test(esco, reads_the_shape_of_1_2)
{
    put("skills_en.csv", "\xef\xbb\xbf" SKILL_HEADER "K,u/a,s,weld,,,released\n");
    put("skillGroups_en.csv", "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,"
                              "code\nSkillGroup,u/g,metalwork,,,released,S8\n");
    put("occupations_en.csv", "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,status,"
                              "description,code,naceCode\n"
                              "Occupation,u/o,7212,welder,\"weld hand\ntorch, hand\",released,x,"
                              "7212.3,C25\n");
    put("broaderRelationsSkillPillar_en.csv",
        "conceptType,conceptUri,conceptLabel,broaderType,broaderUri,broaderLabel\n"
        "K,u/a,weld,SkillGroup,u/g,metalwork\n");
    put("skillSkillRelations_en.csv",
        "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri\n");
    put("occupationSkillRelations_en.csv",
        "occupationUri,occupationLabel,relationType,skillType,skillUri,skillLabel\n"
        "u/o,welder,essential,knowledge,u/a,weld\n");
    unsigned missing;
    struct esco *esco = must_read(&missing);
    cr_expect_eq(missing, 0);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related\n"
                 "u/a,,weld,,u/g,\n"
                 "u/g,,metalwork,,,\n",
                 "code,zh,en,alternative,essential,optional\n"
                 "7212.3,,welder,\"weld hand|torch, hand\",u/a,\n");
    esco_free(esco);
}

Test(esco, labels_of_every_language_have_their_columns)
{
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,weld,,,\nK,u/b,s,cook,,,\n");
    put("skills_zh.csv", SKILL_HEADER "K,u/a,s,焊接,电焊,,\n");
    put("skills_fr.csv", SKILL_HEADER "K,u/b,s,cuisiner,,cuisson,\nK,u/c,s,peindre,,,\n");
    put("skills_de.csv", SKILL_HEADER "K,u/a,s,schweißen,Löten\r\n,,\n");
    put("occupations_it.csv", OCCUPATION_HEADER "O,u/o,5120,cuoco,,5120.1\n");
    /* A line break outside quotes ends the row. */
    expect_refused("skills_de.csv: line 2: 5 values where the header has 7 columns");
    put("skills_de.csv", SKILL_HEADER "K,u/a,s,schweißen,\"Löten\r\n\r\n Fügen \",,\n");
    struct esco *esco = must_read(NULL);
    cr_expect_eq(esco_statistics(esco)->language_count, 5);
    cr_expect_eq(esco_statistics(esco)->skill_count, 3);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related,label:de,label:fr,label:it\n"
                 "u/a,焊接,weld,电焊|Löten|Fügen,,,schweißen,,\n"
                 "u/b,,cook,cuisson,,,,cuisiner,\n"
                 "u/c,,,,,,,peindre,\n",
                 "code,zh,en,alternative,essential,optional,label:de,label:fr,label:it\n"
                 "5120.1,,,,,,,,cuoco\n");
    esco_free(esco);
}

/* --- Names ---------------------------------------------------------------------------------- */

struct drops {
    char text[1024];
};

static void on_drop(void *context, const struct esco_drop *drop)
{
    struct drops *drops = context;
    size_t length = strlen(drops->text);
    snprintf(drops->text + length, sizeof(drops->text) - length, "%.*s %.*s '%.*s' %d %.*s\n",
             STR_ARG(drop->uri), STR_ARG(drop->language), STR_ARG(drop->label), (int)drop->reason,
             STR_ARG(drop->other));
}

Test(esco, a_name_has_one_owner)
{
    put("skillGroups_en.csv", SKILL_HEADER "G,u/g,s,Weld,bonding,,\n");
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,weld,\"join\nWELD\njoin\nbraze\",,\n"
                                      "K,u/b,s,braze,\"ＪＯＩＮ\nsolder\",\"a|b\n\xe2\x80\x8b\",\n"
                                      "K,u/c,s,glue,\"solder\nJoin\npaste\",,\n");
    put("skills_fr.csv", SKILL_HEADER "K,u/b,s,braze,,,\nK,u/c,s,weld,,,\n");
    struct esco *esco = must_read(NULL);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related,label:fr\n"
                 "u/a,,weld,,,,\n"
                 "u/b,,braze,,,,braze\n"
                 "u/c,,glue,paste,,,\n"
                 "u/g,,,bonding,,,\n",
                 NULL);
    struct drops drops = {""};
    esco_each_drop(esco, on_drop, &drops);
    cr_expect_str_eq(drops.text, "u/a en 'join' 0 u/b\n"
                                 "u/a en 'braze' 1 u/b\n"
                                 "u/b en 'ＪＯＩＮ' 0 u/a\n"
                                 "u/b en 'solder' 0 u/c\n"
                                 "u/b en 'a|b' 3 u/b\n"
                                 "u/b en '\xe2\x80\x8b' 3 u/b\n"
                                 "u/c fr 'weld' 1 u/a\n"
                                 "u/c en 'solder' 0 u/b\n"
                                 "u/c en 'Join' 0 u/a\n"
                                 "u/g en 'Weld' 1 u/a\n");
    const struct esco_statistics *statistics = esco_statistics(esco);
    cr_expect_eq(statistics->dropped_count[ESCO_DROP_AMBIGUOUS], 5);
    cr_expect_eq(statistics->dropped_count[ESCO_DROP_TAKEN], 3);
    cr_expect_eq(statistics->dropped_count[ESCO_DROP_REPEATED], 2);
    cr_expect_eq(statistics->dropped_count[ESCO_DROP_UNWRITABLE], 2);
    cr_expect_eq(statistics->preferred_count, 4);
    cr_expect_eq(statistics->alternative_count, 2);
    esco_free(esco);
}

Test(esco, skills_without_any_label_keep_their_codes)
{
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,,,,\n");
    struct esco *esco = must_read(NULL);
    expect_files(esco, "code,zh,en,alternative,broader,related\nu/a,,,,,\n", NULL);
    esco_free(esco);
}

Test(esco, values_that_need_quotes_are_quoted)
{
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,\"say \"\"hi\"\", twice\",\"x \"\"y\"\"\",,\n");
    struct esco *esco = must_read(NULL);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related\n"
                 "u/a,,\"say \"\"hi\"\", twice\",\"x \"\"y\"\"\",,\n",
                 NULL);
    esco_free(esco);
}

/* --- Links and codes ------------------------------------------------------------------------ */

Test(esco, links_that_say_nothing_are_counted)
{
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,a1,,,released\nK,u/b,s,b1,,,released\n"
                                      "K,u/c,s,c1,,,released\n"
                                      "K,u/old,s,d1,,,obsolete\n");
    put("occupations_en.csv", OCCUPATION_HEADER "O,u/o,1,boss,,1.1\n");
    put("broaderRelationsSkillPillar.csv", "conceptUri,broaderUri\nu/a,u/b\nu/a,u/b\nu/a,u/gone\n");
    put("skillSkillRelations.csv", "originalSkillUri,relationType,relatedSkillUri\n"
                                   "u/a,optional,u/a\nu/b,essential,u/a\nu/b,optional,u/a\n"
                                   "u/old,optional,u/a\n");
    put("occupationSkillRelations.csv", "occupationUri,relationType,skillUri\n"
                                        "u/o,optional,u/a\nu/o,essential,u/a\nu/o,essential,u/b\n"
                                        "u/o,optional,u/c\n"
                                        "u/none,optional,u/b\n");
    struct esco *esco = must_read(NULL);
    const struct esco_statistics *statistics = esco_statistics(esco);
    cr_expect_eq(statistics->not_released_count, 1);
    cr_expect_eq(statistics->unknown_count[ESCO_BROADER], 1);
    cr_expect_eq(statistics->unknown_count[ESCO_SKILL_RELATIONS], 1);
    cr_expect_eq(statistics->unknown_count[ESCO_OCCUPATION_RELATIONS], 1);
    cr_expect(str_equal(statistics->first_unknown[ESCO_OCCUPATION_RELATIONS], STR("u/none")));
    cr_expect_eq(statistics->self_count, 1);
    cr_expect_eq(statistics->repeated_count, 3);
    cr_expect_eq(statistics->broader_count, 1);
    cr_expect_eq(statistics->related_count, 1);
    cr_expect_eq(statistics->essential_count, 2);
    cr_expect_eq(statistics->optional_count, 1);
    expect_files(esco,
                 "code,zh,en,alternative,broader,related\n"
                 "u/a,,a1,,u/b,\n"
                 "u/b,,b1,,,u/a\n"
                 "u/c,,c1,,,\n",
                 "code,zh,en,alternative,essential,optional\n"
                 "1.1,,boss,,u/a|u/b,u/c\n");
    esco_free(esco);
}

Test(esco, occupations_without_a_code_of_their_own_are_given_one)
{
    put("skills_en.csv", SKILL_HEADER "K,u/a,s,a1,,,\n");
    put("occupations_en.csv", OCCUPATION_HEADER "O,x/1234-5678-9abc-def0-9999,7,one,,7.1\n"
                                                "O,x/2234-5678-9abc-def0-9999,7,two,,7.1\n"
                                                "O,x/3234-5678,,three,,no code\n");
    struct esco *esco = must_read(NULL);
    expect_files(esco, "code,zh,en,alternative,broader,related\nu/a,,a1,,,\n",
                 "code,zh,en,alternative,essential,optional\n"
                 "7.1,,one,,,\n"
                 "7.223456789abcdef0,,two,,,\n"
                 "32345678,,three,,,\n");
    esco_free(esco);
}

/* --- Wrong directories ---------------------------------------------------------------------- */

Test(esco, what_is_wrong_is_said_by_file_line_column_and_value)
{
    expect_refused("has no skills_<language>.csv");
    put("skills_en.csv", "");
    expect_refused("skills_en.csv: line 1: no header");
    put("skills_en.csv", "conceptUri,altLabels\n");
    expect_refused("skills_en.csv: line 1: column 'preferredLabel' is missing in the header");
    put("skills_en.csv", "conceptUri,preferredLabel\n");
    expect_refused("the files hold no skills");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,a\nu/b b,b\n");
    expect_refused("skills_en.csv: line 3, column 'conceptUri' 'u/b b': must be visible ASCII");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,a\n,b\n");
    expect_refused("skills_en.csv: line 3, column 'conceptUri' '': must have 1..200 bytes");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,a\nu/a,b\n");
    expect_refused("skills_en.csv: line 3, column 'conceptUri' 'u/a': stands twice in the file");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,a\nu/A,b\n");
    expect_refused("conceptUri 'u/a' and 'u/A' differ in nothing but case");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,\"a\n");
    expect_refused("skills_en.csv: line 2: the quote is never closed");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,\xff\n");
    expect_refused("skills_en.csv: line 2: value 2");
    put("skills_en.csv", "conceptUri,preferredLabel\nu/a,a\nu/b,b\nu/c,c\n");
    put("skills_en_v2.csv", "conceptUri,preferredLabel\n");
    expect_refused("'skills_en.csv' and 'skills_en_v2.csv' are both skills");
    put("skills_en_v2.csv.not", "");
    char path[256];
    snprintf(path, sizeof(path), "%s/skills_en_v2.csv", directory);
    cr_assert_eq(unlink(path), 0);
    put("occupations_en.csv", "conceptUri,preferredLabel\nu/a,boss\n");
    expect_refused("occupations_en.csv: line 2, column 'conceptUri' 'u/a': stands in a file of "
                   "another kind already");
    put("occupations_en.csv", "conceptUri,preferredLabel\nu/o,boss\n");
    put("skillSkillRelations.csv",
        "originalSkillUri,relationType,relatedSkillUri\nu/a,maybe,u/b\n");
    expect_refused("skillSkillRelations.csv: line 2, column 'relationType' 'maybe': must be "
                   "essential or optional");
    put("skillSkillRelations.csv",
        "originalSkillUri,relationType,relatedSkillUri\nu/o,optional,u/b\n");
    expect_refused("line 2, column 'originalSkillUri' 'u/o': is an occupation");
    put("skillSkillRelations.csv",
        "originalSkillUri,relationType,relatedSkillUri\nu/a,optional,u/o\n");
    expect_refused("line 2, column 'relatedSkillUri' 'u/o': is an occupation");
    put("skillSkillRelations.csv", "originalSkillUri,relationType,relatedSkillUri\n");
    put("occupationSkillRelations.csv", "occupationUri,relationType,skillUri\nu/a,optional,u/b\n");
    expect_refused("line 2, column 'occupationUri' 'u/a': is no occupation");
    put("occupationSkillRelations.csv", "occupationUri,relationType,skillUri\n");
    put("broaderRelationsSkillPillar.csv", "conceptUri,broaderUri\nu/a,u/b\nu/b,u/c\nu/c,u/a\n");
    expect_refused("broaderRelationsSkillPillar: the broader concepts of 'u/a' lead back to it");
    put("broaderRelationsSkillPillar.csv", "conceptUri,broaderUri\nu/a,u/b\n");
    esco_free(must_read(NULL));
}

Test(esco, a_directory_that_is_none_is_refused)
{
    struct error error = {0};
    unsigned missing;
    cr_assert_not(esco_read_directory("/tmp/haihe-esco-none", &missing, &error));
    cr_assert(strstr(error.text, "directory '/tmp/haihe-esco-none' cannot be read"), "%s",
              error.text);
    esco_free(NULL);
}

/* --- Files of a taxonomy -------------------------------------------------------------------- */

Test(esco, a_directory_or_its_files_are_a_taxonomy)
{
    struct taxonomy_paths paths;
    struct error error = {0};
    char skills[256], occupations[256];
    snprintf(skills, sizeof(skills), "%s/skills.csv", directory);
    snprintf(occupations, sizeof(occupations), "%s/occupations.csv", directory);
    cr_assert(taxonomy_file_write(skills, STR("code\na\n"), &error), "%s", error.text);
    char *folder[] = {directory, occupations}, *files[] = {skills, occupations};
    cr_assert(taxonomy_paths_parse(folder, 1, &paths, &error));
    cr_assert_str_eq(paths.skills, skills);
    cr_assert_str_empty(paths.occupations);
    put("occupations.csv", "code,essential\n1,a\n");
    cr_assert(taxonomy_paths_parse(folder, 1, &paths, &error));
    cr_assert_str_eq(paths.occupations, occupations);
    cr_assert(taxonomy_paths_parse(files, 2, &paths, &error));
    struct taxonomy *taxonomy = taxonomy_paths_load(&paths, &error);
    cr_assert(taxonomy, "%s", error.text);
    cr_assert_eq(taxonomy_occupation_count(taxonomy), 1);
    taxonomy_free(taxonomy);
    cr_assert_not(taxonomy_paths_parse(folder, 2, &paths, &error));
    put("occupations.csv", "code,essential\n1,b\n");
    cr_assert(taxonomy_paths_parse(files, 2, &paths, &error));
    cr_assert_not(taxonomy_paths_load(&paths, &error));
    cr_assert_str_eq(error.text,
                     "occupations: line 2, column 'essential' 'b': no skill has this code");
    cr_assert_not(taxonomy_file_write("/tmp/haihe-esco-none/x", STR(""), &error));
}

Test(esco, a_taxonomy_in_another_encoding_is_refused_by_its_name)
{
    static const struct {
        struct str content;
        const char *expected;
    } cases[] = {
        /* code,zh / a,焊接管道 / b,机械制造 */
        {TEXT("code,zh\na,\xBA\xB8\xBD\xD3\xB9\xDC\xB5\xC0\nb,\xBB\xFA\xD0\xB5\xD6\xC6\xD4\xEC\n"),
         "is not UTF-8 from line 2 on (byte 11: BA B8 BD D3): it looks like GB18030, "
         "'焊接管道': taxonomies are UTF-8; iconv -f GB18030 -t UTF-8 converts it"},
        {TEXT("\xFF\xFE\x63\0\x6F\0"), "is UTF-16LE by its byte order mark: taxonomies are UTF-8; "
                                       "iconv -f UTF-16LE -t UTF-8 converts it"},
        {TEXT("PK\3\4"), "Excel workbook"},
        {TEXT(""), "skills: line 1: no header"},
    };
    struct taxonomy_paths paths = {0};
    snprintf(paths.skills, sizeof(paths.skills), "%s/skills.csv", directory);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0};
        cr_assert(taxonomy_file_write(paths.skills, cases[i].content, &error), "%s", error.text);
        cr_expect_not(taxonomy_paths_load(&paths, &error));
        cr_expect(strstr(error.text, cases[i].expected), "%zu: %s", i, error.text);
    }
}
