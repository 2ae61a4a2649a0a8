/* Taxonomy, area and minimum wage files; the first byte chooses which. With 3 there are two files,
 * a NUL between them: skills and occupations. */
#include <assert.h>

#include "fuzz/fuzz.h"

static void load_taxonomy(struct str skills, struct str occupations)
{
    struct error error = {0};
    struct taxonomy *taxonomy = taxonomy_load(skills, occupations, &error);
    assert(taxonomy || error.text[0] != '\0');
    for (uint32_t asked = 0; taxonomy && asked < taxonomy_skill_count(taxonomy); asked++) {
        size_t count;
        const struct closeness *near = taxonomy_neighbours(taxonomy, asked, &count);
        assert(count <= CLOSENESS_NEIGHBOUR_LIMIT);
        for (size_t index = 0; index < count; index++)
            assert(near[index].bp >= 1 && near[index].bp <= 9999);
    }
    taxonomy_free(taxonomy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return 0;
    struct str csv = {(const char *)bytes + 1, (uint32_t)size_bytes - 1};
    struct error error = {0};
    const char *nul = memchr(bytes + 1, '\0', size_bytes - 1);
    if (bytes[0] % 4 == 0) {
        load_taxonomy(csv, (struct str){NULL, 0});
    } else if (bytes[0] % 4 == 3 && nul) {
        uint32_t skills_bytes = (uint32_t)(nul - csv.data);
        load_taxonomy((struct str){csv.data, skills_bytes},
                      (struct str){nul + 1, csv.length - skills_bytes - 1});
    } else if (bytes[0] % 4 == 1) {
        struct area_table *areas = area_table_load(csv, &error);
        assert(areas || error.text[0] != '\0');
        area_table_free(areas);
    } else {
        struct minimum_wage_table *wages = minimum_wage_load(csv, &error);
        assert(wages || error.text[0] != '\0');
        minimum_wage_free(wages);
    }
    return 0;
}
