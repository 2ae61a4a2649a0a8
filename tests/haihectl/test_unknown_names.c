/* Skills that the server did not know: counted, sorted, with the labels they may have meant. */
#include <criterion/criterion.h>
#include <jansson.h>

#include "haihectl/unknown_names.h"

static struct taxonomy *small_taxonomy(void)
{
    struct error error = {0};
    struct taxonomy *taxonomy =
        taxonomy_load(STR("code,zh,en,alternative\nweld,焊接,Welding,电焊\ncook,烹饪,Cooking,\n"),
                      STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    return taxonomy;
}

static void fill(struct unknown_names *names)
{
    unknown_names_init(names);
    static const char *const seen[] = {"zzz", "Wlding", "Wlding", "电焊工", "Wlding", "电焊工", ""};
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        unknown_names_add(names, str_of(seen[i]));
    unknown_names_sort(names);
}

Test(unknown_names, are_shown_by_frequency_with_the_nearest_labels)
{
    struct error error = {0};
    struct buffer out;
    struct unknown_names names;
    struct taxonomy *taxonomy = small_taxonomy();
    struct taxonomy_search *search = taxonomy_search_new(taxonomy, true, false, &error);
    cr_assert(search);
    fill(&names);
    cr_assert_eq(names.count, 3);
    buffer_init(&out, 4096);
    unknown_names_show(&names, search, 2, &out);
    cr_expect(strncmp(out.data, "    3 x 'Wlding': 'welding' ", 27) == 0, "%.*s",
              (int)out.length_bytes, out.data);
    const char *second = memchr(out.data, '\n', out.length_bytes);
    cr_expect(
        strncmp(second, "\n    2 x '电焊工': '电焊' ", strlen("\n    2 x '电焊工': '电焊' ")) == 0,
        "%s", second);
    buffer_clear(&out);
    unknown_names_show(&names, search, 3, &out);
    cr_expect(memmem(out.data, out.length_bytes, "1 x 'zzz': no label is like it\n", 31));
    buffer_release(&out);
    unknown_names_release(&names);
    taxonomy_search_free(search);
    taxonomy_free(taxonomy);
}

Test(unknown_names, are_all_written_as_json_lines)
{
    struct error error = {0};
    struct unknown_names names;
    char line[1024];
    struct taxonomy *taxonomy = small_taxonomy();
    struct taxonomy_search *search = taxonomy_search_new(taxonomy, true, false, &error);
    FILE *file = tmpfile();
    cr_assert(search && file);
    fill(&names);
    unknown_names_write(&names, search, file);
    rewind(file);
    cr_assert(fgets(line, sizeof(line), file));
    json_t *first = json_loads(line, 0, NULL);
    cr_assert_str_eq(json_string_value(json_object_get(first, "skill")), "Wlding");
    cr_assert_eq(json_integer_value(json_object_get(first, "count")), 3);
    json_t *nearest = json_array_get(json_object_get(first, "nearest"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(nearest, "code")), "weld");
    cr_assert_str_eq(json_string_value(json_object_get(nearest, "label")), "焊接");
    cr_assert_str_eq(json_string_value(json_object_get(nearest, "name")), "welding");
    json_decref(first);
    cr_assert(fgets(line, sizeof(line), file) && fgets(line, sizeof(line), file));
    cr_assert_not(fgets(line, sizeof(line), file));
    rewind(file);
    unknown_names_write(&names, NULL, file);
    rewind(file);
    cr_assert(fgets(line, sizeof(line), file));
    cr_assert_str_eq(line, "{\"skill\":\"Wlding\",\"count\":3}\n");
    fclose(file);
    unknown_names_release(&names);
    taxonomy_search_free(search);
    taxonomy_free(taxonomy);
}

Test(unknown_names, beyond_the_limit_are_left_out)
{
    struct unknown_names names;
    char text[32];
    unknown_names_init(&names);
    for (size_t i = 0; i < UNKNOWN_NAME_LIMIT + 10; i++) {
        snprintf(text, sizeof(text), "name %zu", i);
        unknown_names_add(&names, str_of(text));
    }
    unknown_names_add(&names, STR("name 7"));
    cr_assert_eq(names.count, UNKNOWN_NAME_LIMIT);
    unknown_names_sort(&names);
    cr_assert(str_equal(names.items[0].name, STR("name 7")));
    cr_assert_eq(names.items[0].count, 2);
    unknown_names_release(&names);
}
