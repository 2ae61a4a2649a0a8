/* See profile.h. The version hashes the content as bytes in one layout, lowest byte first, so that
 * neither padding nor the machine's byte order enters it. */
#include "core/profile.h"

#include <inttypes.h>
#include <stdio.h>

#include <xxhash.h>

#include "base/banned.h"

struct profile profile_default(void)
{
    return (struct profile){
        .name = "default",
        .weights = {550, 200, 150, 50, 30, 20},
        .default_level = 3,
        .wage_reference = WAGE_REFERENCE_MIDPOINT,
        .no_skills_bp = 5000,
        .unstated_location_bp = 5000,
        .unknown_wage_bp = 5000,
        .unstated_wage_bp = 5000,
        .unstated_bp = 5000,
    };
}

struct profile profile_lab(void)
{
    struct profile profile = profile_default();
    memcpy(profile.name, "lab", sizeof "lab");
    memcpy(profile.weights, (int32_t[CRITERION_COUNT]){600, 250, 150}, sizeof profile.weights);
    profile.wage_reference = WAGE_REFERENCE_MAXIMUM;
    return profile;
}

const char *criterion_name(enum criterion criterion)
{
    static const char *const NAMES[CRITERION_COUNT] = {
        [CRITERION_SKILL] = "skill",
        [CRITERION_LOCATION] = "location",
        [CRITERION_WAGE] = "wage",
        [CRITERION_OCCUPATION] = "occupation",
        [CRITERION_EXPERIENCE] = "experience",
        [CRITERION_EDUCATION] = "education",
    };
    return (unsigned)criterion < CRITERION_COUNT ? NAMES[criterion] : "unknown";
}

static bool check_range(const char *field, int32_t value, int32_t low, int32_t high,
                        struct error *error)
{
    char text[16];
    if (value >= low && value <= high)
        return true;
    snprintf(text, sizeof text, "%" PRId32, value);
    return error_field(error, "out_of_range", field, text, "must be %" PRId32 "..%" PRId32, low,
                       high);
}

static bool check_name(const char name[33], struct error *error)
{
    size_t length = strnlen(name, sizeof((struct profile *)0)->name);
    if (length >= 1 && length <= 32 &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length)
        return true;
    char shown[34] = "";
    memcpy(shown, name, length);
    return error_field(error, "invalid_name", "name", shown,
                       "must be 1..32 characters of a-z, 0-9, '-' and '_'");
}

static bool check_weights(const int32_t weights[CRITERION_COUNT], struct error *error)
{
    int32_t sum = 0; /* of numbers that were checked first: at most 6000 */
    char text[32];
    for (int i = 0; i < CRITERION_COUNT; i++) {
        snprintf(text, sizeof text, "weights.%s", criterion_name(i));
        if (!check_range(text, weights[i], 0, WEIGHT_SUM, error))
            return false;
        sum += weights[i];
    }
    if (sum == WEIGHT_SUM)
        return true;
    snprintf(text, sizeof text, "%" PRId32, sum);
    return error_field(error, "weight_sum", "weights", text, "must sum to %d", WEIGHT_SUM);
}

bool profile_validate(const struct profile *profile, struct error *error)
{
    return check_name(profile->name, error) && check_weights(profile->weights, error) &&
           check_range("default_level", profile->default_level, 1, 8, error) &&
           check_range("wage_reference", profile->wage_reference, WAGE_REFERENCE_MIDPOINT,
                       WAGE_REFERENCE_MAXIMUM, error) &&
           check_range("no_skills_bp", profile->no_skills_bp, 0, POINTS_LIMIT_BP, error) &&
           check_range("unstated_location_bp", profile->unstated_location_bp, 0, POINTS_LIMIT_BP,
                       error) &&
           check_range("unknown_wage_bp", profile->unknown_wage_bp, 0, POINTS_LIMIT_BP, error) &&
           check_range("unstated_wage_bp", profile->unstated_wage_bp, 0, POINTS_LIMIT_BP, error) &&
           check_range("unstated_bp", profile->unstated_bp, 0, POINTS_LIMIT_BP, error);
}

static size_t put(unsigned char *out, size_t at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[at + (size_t)i] = (unsigned char)(value >> 8 * i);
    return at + 8;
}

uint64_t profile_version(const struct profile *profile)
{
    /* Six weights, seven rules, the seed; a new field goes to the end. */
    unsigned char bytes[(CRITERION_COUNT + 8) * 8];
    size_t at = 0;
    for (int i = 0; i < CRITERION_COUNT; i++)
        at = put(bytes, at, (uint64_t)profile->weights[i]);
    at = put(bytes, at, profile->default_level);
    at = put(bytes, at, profile->wage_reference);
    at = put(bytes, at, (uint64_t)profile->no_skills_bp);
    at = put(bytes, at, (uint64_t)profile->unstated_location_bp);
    at = put(bytes, at, (uint64_t)profile->unknown_wage_bp);
    at = put(bytes, at, (uint64_t)profile->unstated_wage_bp);
    at = put(bytes, at, (uint64_t)profile->unstated_bp);
    at = put(bytes, at, profile->tie_seed);
    return XXH3_64bits(bytes, at);
}
