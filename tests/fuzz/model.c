#include "fuzz/fuzz.h"

#include <assert.h>

const struct model *fuzz_model(void)
{
    static struct model model; /* a fuzz target is one thread and never ends */
    static const struct str GROUPS[] = {{"graduate", 8}};
    if (!model.taxonomy) {
        struct error error = {0};
        model.taxonomy = taxonomy_builtin(&error);
        model.areas = area_table_builtin(&error);
        model.minimum_wages = minimum_wage_builtin(&error);
        memcpy(model.currencies.home, "CNY", 4);
        model.priority_groups = (struct str_list){GROUPS, 1};
        assert(model.taxonomy && model.areas && model.minimum_wages);
    }
    return &model;
}
