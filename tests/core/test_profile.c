#include <criterion/criterion.h>

#include "core/profile.h"

Test(profile, the_built_in_ones_are_lawful)
{
    struct profile standard = profile_default(), lab = profile_lab();
    const int32_t standard_weights[] = {550, 200, 150, 50, 30, 20};
    const int32_t lab_weights[] = {600, 250, 150, 0, 0, 0};
    struct error error = {0};
    cr_assert(profile_validate(&standard, &error), "%s", error.text);
    cr_assert(profile_validate(&lab, &error), "%s", error.text);
    cr_assert_str_eq(standard.name, "default");
    cr_assert_str_eq(lab.name, "lab");
    cr_assert_arr_eq(standard.weights, standard_weights, sizeof standard_weights);
    cr_assert_arr_eq(lab.weights, lab_weights, sizeof lab_weights);
    cr_assert_eq(lab.wage_reference, WAGE_REFERENCE_MAXIMUM);
}

static void break_name(struct profile *profile)
{
    profile->name[0] = '\0';
}
static void capital_name(struct profile *profile)
{
    profile->name[2] = 'F';
}
static void endless_name(struct profile *profile)
{
    memset(profile->name, 'a', sizeof profile->name);
}
static void weight_below(struct profile *profile)
{
    profile->weights[CRITERION_WAGE] = -1;
}
static void weight_above(struct profile *profile)
{
    profile->weights[CRITERION_EDUCATION] = 1001;
}
static void weights_short(struct profile *profile)
{
    profile->weights[CRITERION_SKILL]--;
}
static void level_below(struct profile *profile)
{
    profile->default_level = 0;
}
static void level_above(struct profile *profile)
{
    profile->default_level = 9;
}
static void reference_unknown(struct profile *profile)
{
    profile->wage_reference = 2;
}
static void no_skills_above(struct profile *profile)
{
    profile->no_skills_bp = 10001;
}
static void location_below(struct profile *profile)
{
    profile->unstated_location_bp = -1;
}
static void wage_unknown_above(struct profile *profile)
{
    profile->unknown_wage_bp = 10001;
}
static void wage_unstated_below(struct profile *profile)
{
    profile->unstated_wage_bp = -2;
}
static void unstated_above(struct profile *profile)
{
    profile->unstated_bp = INT32_MAX;
}

Test(profile, a_wrong_value_names_its_field)
{
    static const struct {
        void (*break_it)(struct profile *profile);
        const char *field, *value, *rule;
    } CASES[] = {
        {break_name, "name", "", "invalid_name"},
        {capital_name, "name", "deFault", "invalid_name"},
        {endless_name, "name", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "invalid_name"},
        {weight_below, "weights.wage", "-1", "out_of_range"},
        {weight_above, "weights.education", "1001", "out_of_range"},
        {weights_short, "weights", "999", "weight_sum"},
        {level_below, "default_level", "0", "out_of_range"},
        {level_above, "default_level", "9", "out_of_range"},
        {reference_unknown, "wage_reference", "2", "out_of_range"},
        {no_skills_above, "no_skills_bp", "10001", "out_of_range"},
        {location_below, "unstated_location_bp", "-1", "out_of_range"},
        {wage_unknown_above, "unknown_wage_bp", "10001", "out_of_range"},
        {wage_unstated_below, "unstated_wage_bp", "-2", "out_of_range"},
        {unstated_above, "unstated_bp", "2147483647", "out_of_range"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct profile profile = profile_default();
        struct error error = {0};
        CASES[i].break_it(&profile);
        cr_assert_not(profile_validate(&profile, &error));
        cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
        cr_assert_str_eq(error.field, CASES[i].field);
        cr_assert_str_eq(error.value, CASES[i].value);
        cr_assert_str_eq(error.rule, CASES[i].rule);
    }
}

Test(profile, the_version_is_the_same_on_every_machine)
{
    struct profile profile = profile_default();
    cr_assert_eq(profile_version(&profile), UINT64_C(0x992facffcb34e1ff), "%#llx",
                 (unsigned long long)profile_version(&profile));
}

Test(profile, the_version_follows_every_field_but_the_name)
{
    struct profile base = profile_default();
    struct profile changed[14];
    uint64_t versions[15] = {profile_version(&base)};
    for (int i = 0; i < 14; i++)
        changed[i] = base;
    for (int i = 0; i < CRITERION_COUNT; i++)
        changed[i].weights[i]++;
    changed[6].default_level++;
    changed[7].wage_reference++;
    changed[8].no_skills_bp++;
    changed[9].unstated_location_bp++;
    changed[10].unknown_wage_bp++;
    changed[11].unstated_wage_bp++;
    changed[12].unstated_bp++;
    changed[13].tie_seed++;
    for (int i = 0; i < 14; i++)
        versions[i + 1] = profile_version(&changed[i]);
    for (int i = 0; i < 15; i++)
        for (int j = 0; j < i; j++)
            cr_assert_neq(versions[i], versions[j], "%d and %d", i, j);
    struct profile renamed = base;
    renamed.name[0] = 'x';
    cr_assert_eq(profile_version(&renamed), versions[0]);
}

Test(profile, criteria_have_names)
{
    cr_assert_str_eq(criterion_name(CRITERION_SKILL), "skill");
    cr_assert_str_eq(criterion_name(CRITERION_EDUCATION), "education");
    cr_assert_str_eq(criterion_name(CRITERION_COUNT), "unknown");
}
