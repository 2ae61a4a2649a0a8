/* The table behind trait.h, one row an occupation, and its look-ups.
 *
 * Invariant: rows ascend by code, bytewise, and hold exactly the codes of builtin_occupations.csv;
 * market.c checks both at start. Thread: any. Cost: a binary search.
 */
#include "trait.h"

#include <stdlib.h>

#include "base/banned.h"

#define IN(name) (1u << SECTOR_##name)
/* Everybody has clerks, accountants, recruiters. */
#define ANY ((1u << SECTOR_COUNT) - 1)
#define MAKERS                                                                                     \
    (IN(MACHINERY) | IN(AUTOMOTIVE) | IN(AVIATION) | IN(CHEMICAL) | IN(BIOMEDICINE) |              \
     IN(ELECTRONICS) | IN(ENERGY))
#define WORKS (IN(MACHINERY) | IN(AUTOMOTIVE) | IN(ELECTRONICS))
#define TECH  (IN(SOFTWARE) | IN(ELECTRONICS) | IN(COMMERCE) | IN(FINANCE))

/* Flags in one letter each, so that a row stays one line. */
enum {
    H = TRAIT_HOURLY,
    D = TRAIT_DAILY,
    W = TRAIT_WEEKLY,
    Y = TRAIT_YEARLY,
    R = TRAIT_REMOTE,
    F = TRAIT_FOREIGN,
    O = TRAIT_OFFICE,
    S = TRAIT_SHIFTS,
    C = TRAIT_CHAIN,
};
/* EducationLevel by number. */
enum { JUNIOR = 2, SENIOR = 3, COLLEGE = 5, BACHELOR = 6, MASTER = 7, DOCTOR = 8 };

#define L1(a)                                                                                      \
    {                                                                                              \
        LICENCE_##a, LICENCE_NONE                                                                  \
    }
#define L2(a, b)                                                                                   \
    {                                                                                              \
        LICENCE_##a, LICENCE_##b                                                                   \
    }
#define L0 L1(NONE)

/* clang-format off */
static const struct trait traits[] = {
    /* code, sectors, supply, demand %, yuan a month, levels, education, flags, licences */
    {"1120",   ANY,                              12,  60, 26000, 5, 8, BACHELOR, Y | O, L0},
    {"1211",   ANY,                              25,  70, 17000, 5, 8, BACHELOR, Y | O, L0},
    {"1212",   ANY,                              22,  70, 15000, 5, 8, BACHELOR, Y | O, L0},
    {"1221",   ANY,                              45, 110, 15000, 4, 8, COLLEGE,  Y | O, L0},
    {"1223",   TECH | MAKERS,                    18,  90, 27000, 6, 8, MASTER,   Y | O | F, L0},
    {"1321",   MAKERS,                           40,  90, 13500, 4, 8, COLLEGE,  Y | O, L0},
    {"1323",   IN(CONSTRUCTION),                 35,  90, 15000, 4, 8, BACHELOR, Y | O, L1(BUILDER)},
    {"1324",   IN(PORT) | IN(LOGISTICS) | WORKS, 30,  90, 13000, 4, 8, COLLEGE,  Y | O | F, L0},
    {"1411",   IN(HOTEL),                        10,  80, 9500,  4, 8, COLLEGE,  O, L0},
    {"1420",   IN(RETAIL) | IN(CATERING),        60, 110, 6800,  3, 7, SENIOR,   C, L0},
    {"2113",   IN(CHEMICAL) | IN(BIOMEDICINE),   22, 100, 11500, 3, 8, MASTER,   O | F, L0},
    {"2131",   IN(BIOMEDICINE),                  28, 110, 14500, 3, 8, MASTER,   O | F, L0},
    {"2141.1", MAKERS,                           25, 100, 9500,  3, 7, BACHELOR, O, L0},
    {"2141.2", MAKERS,                           40, 110, 9200,  3, 8, BACHELOR, O | F, L0},
    {"2142",   IN(CONSTRUCTION),                 45,  70, 9800,  3, 8, BACHELOR, O, L0},
    {"2143",   IN(ENVIRONMENT) | IN(CHEMICAL),   22, 100, 8800,  3, 8, BACHELOR, O, L0},
    {"2144.1", MAKERS,                           75, 120, 10500, 3, 8, BACHELOR, O | F, L0},
    {"2144.2", IN(AVIATION),                     14, 130, 15500, 4, 8, BACHELOR, O | F, L0},
    {"2145.1", IN(CHEMICAL),                     30, 100, 12000, 3, 8, BACHELOR, O, L0},
    {"2145.2", IN(BIOMEDICINE),                  24, 120, 12500, 3, 8, MASTER,   O | F, L0},
    {"2149.1", MAKERS | IN(PORT) | IN(CONSTRUCTION), 30, 120, 9200, 3, 8, BACHELOR, O, L1(SAFETY)},
    {"2149.2", IN(CONSTRUCTION),                 30,  80, 8800,  3, 8, COLLEGE,  O | R, L0},
    {"2149.3", MAKERS,                            6, 100, 30000, 7, 8, MASTER,   Y | O | F, L0},
    {"2151",   MAKERS,                           70, 130, 10800, 3, 8, BACHELOR, O, L0},
    {"2152.1", IN(ELECTRONICS) | IN(AUTOMOTIVE), 35, 120, 13500, 3, 8, BACHELOR, O | F, L0},
    {"2152.2", IN(ELECTRONICS),                  20, 150, 24000, 3, 8, MASTER,   Y | O | F, L0},
    {"2153",   IN(ELECTRONICS) | IN(SOFTWARE),   30,  90, 9800,  3, 8, BACHELOR, O, L0},
    {"2161",   IN(CONSTRUCTION),                 18,  60, 11000, 3, 8, BACHELOR, O, L0},
    {"2165",   IN(CONSTRUCTION),                 22,  90, 7800,  2, 7, COLLEGE,  O, L0},
    {"2166.1", IN(COMMERCE) | TECH,              60,  80, 6500,  2, 7, COLLEGE,  O | R, L0},
    {"2166.2", TECH,                             25,  80, 10500, 2, 7, BACHELOR, O | R, L0},
    {"2211",   IN(HEALTH),                       30, 120, 12500, 4, 8, MASTER,   Y, L1(DOCTOR)},
    {"2212",   IN(HEALTH),                       40, 120, 19500, 4, 8, DOCTOR,   Y, L1(DOCTOR)},
    {"2221",   IN(HEALTH) | IN(CARE),           130, 110, 8200,  2, 8, COLLEGE,  S, L1(NURSE)},
    {"2230",   IN(HEALTH),                       20, 100, 9800,  3, 8, BACHELOR, 0, L1(DOCTOR)},
    {"2261",   IN(HEALTH),                       18, 110, 16500, 3, 8, BACHELOR, Y, L1(DOCTOR)},
    {"2262",   IN(HEALTH),                       30, 110, 6800,  3, 7, COLLEGE,  C, L1(PHARMACIST)},
    {"2264",   IN(HEALTH) | IN(CARE),            22, 120, 6900,  2, 7, COLLEGE,  0, L0},
    {"2269",   IN(BIOMEDICINE),                  20, 110, 11500, 2, 7, BACHELOR, O | F | R, L0},
    {"2310",   IN(EDUCATION),                    25,  60, 14500, 5, 8, DOCTOR,   Y | F, L1(TEACHER)},
    {"2320",   IN(EDUCATION),                    30, 110, 8500,  4, 8, BACHELOR, 0, L1(TEACHER)},
    {"2330",   IN(EDUCATION),                    60,  70, 10500, 3, 8, BACHELOR, 0, L1(TEACHER)},
    {"2341",   IN(EDUCATION),                    60,  60, 9500,  3, 8, BACHELOR, 0, L1(TEACHER)},
    {"2342",   IN(EDUCATION),                    75,  80, 4600,  2, 6, COLLEGE,  0, L1(TEACHER)},
    {"2411",   ANY,                             110,  80, 7800,  3, 8, BACHELOR, O, L0},
    {"2413",   IN(FINANCE),                      30,  90, 17500, 3, 8, MASTER,   Y | O | F, L0},
    {"2423",   ANY,                              70,  90, 6300,  2, 7, COLLEGE,  O, L0},
    {"2431",   ANY,                              75, 100, 7200,  2, 7, COLLEGE,  O | R, L0},
    {"2433",   IN(BIOMEDICINE) | IN(HEALTH),     35, 130, 9200,  2, 7, COLLEGE,  O, L0},
    {"2511",   TECH,                             40,  90, 15500, 3, 8, BACHELOR, O | R, L0},
    {"2512.1", TECH,                             95, 110, 15500, 2, 8, BACHELOR, O | R, L0},
    {"2512.2", TECH,                             60, 100, 12800, 2, 8, BACHELOR, O | R, L0},
    {"2512.3", IN(ELECTRONICS) | IN(AUTOMOTIVE) | IN(SOFTWARE), 35, 130, 14500, 2, 8, BACHELOR, O | F, L0},
    {"2512.4", TECH,                             35, 130, 22500, 3, 8, MASTER,   Y | O | R | F, L0},
    {"2512.5", TECH,                             30,  90, 13800, 2, 8, BACHELOR, O | R, L0},
    {"2519",   TECH,                             45,  90, 9800,  2, 7, COLLEGE,  O | R, L0},
    {"2521",   TECH,                             25, 100, 14800, 3, 8, BACHELOR, O | R, L0},
    {"2522",   TECH,                             35,  90, 10500, 2, 8, COLLEGE,  O | S | R, L0},
    {"2529",   TECH,                             20, 130, 13800, 3, 8, BACHELOR, O, L0},
    {"2611",   IN(BUSINESS),                     25,  80, 12500, 3, 8, BACHELOR, Y | F, L1(LAWYER)},
    {"2619",   ANY,                              20,  80, 10500, 3, 7, BACHELOR, O | F, L0},
    {"2635",   IN(CARE),                         35, 100, 5200,  2, 6, COLLEGE,  0, L0},
    {"2642",   IN(COMMERCE),                     45,  90, 6300,  2, 6, COLLEGE,  O | R, L0},
    {"2643",   IN(PORT) | IN(BUSINESS) | IN(AVIATION), 20, 80, 8300, 3, 8, BACHELOR, O | R | F, L0},
    {"2654",   IN(COMMERCE),                     40,  90, 6900,  2, 6, COLLEGE,  O | R, L0},
    {"3111",   IN(CHEMICAL) | IN(BIOMEDICINE) | IN(ENVIRONMENT) | IN(CATERING), 50, 110, 5600, 2, 7, COLLEGE, S, L0},
    {"3112",   IN(CONSTRUCTION),                 70,  80, 7200,  2, 7, COLLEGE,  0, L0},
    {"3115",   MAKERS,                           70, 130, 7200,  2, 8, COLLEGE,  S, L0},
    {"3122",   MAKERS,                           60, 100, 8200,  3, 8, SENIOR,   S, L0},
    {"3123",   IN(CONSTRUCTION),                 45,  80, 8800,  4, 8, SENIOR,   0, L0},
    {"3131",   IN(ENERGY),                       35, 120, 8600,  2, 8, COLLEGE,  S, L1(HIGH_VOLTAGE)},
    {"3132",   IN(ENVIRONMENT),                  25, 110, 4700,  1, 6, SENIOR,   S, L0},
    {"3133",   IN(CHEMICAL),                     55, 110, 8500,  2, 8, COLLEGE,  S, L1(HAZARDOUS_PROCESS)},
    {"3134",   IN(CHEMICAL),                     40, 100, 9600,  2, 8, COLLEGE,  S, L1(HAZARDOUS_PROCESS)},
    {"3139",   WORKS,                            45, 160, 8400,  2, 8, COLLEGE,  S, L0},
    {"3141",   IN(BIOMEDICINE),                  45, 130, 6400,  2, 7, COLLEGE,  S, L0},
    {"3151",   IN(PORT),                         12, 120, 16500, 4, 8, COLLEGE,  F, L1(SEAFARER)},
    {"3211",   IN(HEALTH),                       18, 110, 7600,  3, 7, COLLEGE,  S, L0},
    {"3212",   IN(HEALTH) | IN(BIOMEDICINE),     25, 110, 7000,  3, 7, COLLEGE,  S, L0},
    {"3312",   IN(FINANCE),                      35,  90, 11800, 2, 7, BACHELOR, 0, L0},
    {"3313",   ANY,                             130,  80, 4700,  1, 6, COLLEGE,  O, L0},
    {"3321",   IN(FINANCE),                      60, 150, 6200,  1, 6, SENIOR,   0, L0},
    {"3322.1", ANY,                             280, 140, 7400,  1, 7, COLLEGE,  O, L0},
    {"3322.2", IN(PORT) | IN(COMMERCE) | WORKS,  50, 100, 7800,  2, 7, BACHELOR, O | R | F, L0},
    {"3323",   MAKERS | IN(RETAIL),              55,  90, 6900,  2, 7, COLLEGE,  O | F, L0},
    {"3331.1", IN(PORT) | IN(LOGISTICS),         35, 100, 6300,  2, 7, COLLEGE,  O | F, L0},
    {"3331.2", IN(PORT) | IN(LOGISTICS),         60, 110, 6800,  2, 7, COLLEGE,  O | F, L0},
    {"3334",   IN(PROPERTY),                    100, 140, 6700,  1, 6, SENIOR,   C, L0},
    {"3343",   ANY,                              60,  80, 6300,  2, 7, COLLEGE,  O | F, L0},
    {"3422",   IN(EDUCATION),                    30, 100, 6300,  2, 7, COLLEGE,  H | C, L0},
    {"3432",   IN(CONSTRUCTION),                 35,  80, 8400,  2, 7, COLLEGE,  O | R, L0},
    {"3434",   IN(CATERING) | IN(HOTEL),         40, 100, 9300,  5, 8, SENIOR,   0, L1(FOOD_HEALTH)},
    {"3512",   TECH | IN(HEALTH) | IN(EDUCATION), 45, 80, 5900,  1, 6, COLLEGE,  O, L0},
    {"3513",   TECH | IN(BUSINESS),              30,  90, 6900,  2, 7, COLLEGE,  S, L0},
    {"4110",   ANY,                             220,  60, 4300,  1, 5, COLLEGE,  O, L0},
    {"4132",   TECH,                             40, 120, 4100,  1, 5, SENIOR,   H | R, L0},
    {"4211",   IN(FINANCE),                      40,  70, 9500,  2, 6, BACHELOR, 0, L0},
    {"4222",   TECH | IN(LOGISTICS) | IN(BUSINESS), 110, 130, 4600, 1, 5, SENIOR, S | R, L0},
    {"4224",   IN(HOTEL),                        40, 110, 4200,  1, 5, SENIOR,   S | F, L0},
    {"4321",   IN(LOGISTICS) | IN(PORT) | MAKERS | IN(RETAIL), 140, 90, 4900, 1, 6, SENIOR, S, L0},
    {"4323",   IN(LOGISTICS) | IN(PORT),         45, 100, 6200,  2, 7, COLLEGE,  S, L0},
    {"5120",   IN(CATERING) | IN(HOTEL),        150, 120, 5600,  1, 7, JUNIOR,   0, L1(FOOD_HEALTH)},
    {"5131",   IN(CATERING) | IN(HOTEL),        160, 150, 3900,  1, 5, JUNIOR,   H | C, L1(FOOD_HEALTH)},
    {"5132",   IN(CATERING),                     40, 120, 4100,  1, 6, SENIOR,   H | C, L1(FOOD_HEALTH)},
    {"5141",   IN(CARE),                         40, 120, 5000,  1, 7, JUNIOR,   C, L0},
    {"5152",   IN(CARE),                        110, 150, 5400,  1, 6, JUNIOR,   H | W, L1(FOOD_HEALTH)},
    {"5153",   IN(PROPERTY),                     70, 110, 4800,  2, 7, SENIOR,   S, L1(LOW_VOLTAGE)},
    {"5223",   IN(RETAIL) | IN(HEALTH),         220, 120, 3900,  1, 5, SENIOR,   H | C, L0},
    {"5230",   IN(RETAIL) | IN(CATERING),       100,  90, 3600,  1, 4, SENIOR,   H | C, L0},
    {"5242",   IN(COMMERCE),                     50, 150, 8200,  1, 7, SENIOR,   H, L0},
    {"5249",   IN(COMMERCE) | IN(RETAIL),        80, 110, 6400,  1, 7, COLLEGE,  R, L0},
    {"5311",   IN(CARE),                         75, 140, 6300,  1, 7, JUNIOR,   W, L1(FOOD_HEALTH)},
    {"5321",   IN(CARE) | IN(HEALTH),            80, 150, 5000,  1, 5, JUNIOR,   D, L0},
    {"5322",   IN(CARE),                         95, 170, 4800,  1, 7, JUNIOR,   S, L1(FOOD_HEALTH)},
    {"5414",   IN(PROPERTY),                    190, 130, 3600,  1, 5, JUNIOR,   S | C, L1(GUARD)},
    {"6111",   IN(FARMING),                      35,  90, 3900,  1, 6, JUNIOR,   D, L0},
    {"6121",   IN(FARMING),                      20, 100, 4600,  1, 6, JUNIOR,   0, L0},
    {"7112",   IN(CONSTRUCTION),                 60, 100, 7600,  1, 7, JUNIOR,   D, L0},
    {"7114",   IN(CONSTRUCTION),                 70, 100, 7500,  1, 7, JUNIOR,   D, L0},
    {"7115",   IN(CONSTRUCTION),                 55, 100, 7800,  1, 7, JUNIOR,   D, L0},
    {"7127",   IN(PROPERTY) | IN(CONSTRUCTION),  35, 120, 6700,  2, 8, SENIOR,   0, L2(REFRIGERATION, HEIGHT)},
    {"7131",   IN(CONSTRUCTION),                 35, 100, 6900,  1, 6, JUNIOR,   D, L0},
    {"7212",   MAKERS | IN(CONSTRUCTION),       150, 150, 7600,  1, 8, SENIOR,   D, L1(WELDING)},
    {"7213",   WORKS,                            50, 130, 6700,  1, 8, SENIOR,   S, L0},
    {"7222",   WORKS,                            40, 130, 8600,  2, 8, SENIOR,   S, L0},
    {"7223",   WORKS | IN(AVIATION),            130, 150, 6900,  1, 8, SENIOR,   S, L0},
    {"7231",   IN(AUTOMOTIVE),                   85, 110, 6100,  1, 8, SENIOR,   C, L0},
    {"7232",   IN(AVIATION),                     40, 140, 11500, 2, 8, COLLEGE,  S | F, L1(AIRCRAFT)},
    {"7233",   MAKERS,                           95, 130, 6700,  1, 8, SENIOR,   S, L0},
    {"7411",   IN(CONSTRUCTION) | IN(ENERGY),    80, 110, 6900,  1, 8, SENIOR,   D, L1(LOW_VOLTAGE)},
    {"7412",   MAKERS | IN(PORT) | IN(PROPERTY), 110, 130, 6700, 1, 8, SENIOR,   S, L1(LOW_VOLTAGE)},
    {"7512",   IN(CATERING),                     45, 110, 4900,  1, 7, JUNIOR,   0, L1(FOOD_HEALTH)},
    {"7533",   IN(MACHINERY),                    35, 110, 4500,  1, 5, JUNIOR,   0, L0},
    {"7543",   MAKERS,                          100, 110, 5300,  1, 7, SENIOR,   S, L0},
    {"8131",   IN(BIOMEDICINE) | IN(CHEMICAL),   85, 110, 5600,  1, 6, SENIOR,   S, L0},
    {"8142",   IN(MACHINERY) | IN(AUTOMOTIVE),   60, 110, 5400,  1, 6, SENIOR,   S, L0},
    {"8160",   IN(CATERING),                     85, 120, 4400,  1, 5, JUNIOR,   S, L1(FOOD_HEALTH)},
    {"8211",   IN(MACHINERY) | IN(AUTOMOTIVE),  130, 120, 6100,  1, 7, SENIOR,   S, L0},
    {"8212",   IN(ELECTRONICS) | IN(ENERGY),    170, 140, 5500,  1, 6, JUNIOR,   S, L0},
    {"8311",   IN(TRANSPORT),                    15,  80, 9300,  3, 7, COLLEGE,  S, L1(TRAIN)},
    {"8322",   IN(TRANSPORT) | IN(BUSINESS),    130, 110, 5500,  1, 5, JUNIOR,   0, L1(DRIVE_C1)},
    {"8331",   IN(TRANSPORT),                    60, 110, 6300,  2, 6, SENIOR,   S, L1(DRIVE_A1)},
    {"8332.1", IN(PORT) | IN(LOGISTICS),         85, 130, 9300,  2, 6, JUNIOR,   S, L2(DRIVE_A2, FREIGHT)},
    {"8332.2", IN(LOGISTICS),                   100, 120, 6700,  1, 5, JUNIOR,   0, L2(DRIVE_B2, FREIGHT)},
    {"8342",   IN(CONSTRUCTION) | IN(PORT),      40, 100, 7600,  1, 6, JUNIOR,   D, L0},
    {"8343.1", IN(PORT),                         30, 120, 10800, 2, 8, SENIOR,   S, L1(CRANE)},
    {"8343.2", MAKERS | IN(CONSTRUCTION),        50, 110, 6700,  1, 7, SENIOR,   S, L1(CRANE)},
    {"8344",   IN(LOGISTICS) | IN(PORT) | WORKS, 110, 120, 5900, 1, 6, JUNIOR,   S, L1(FORKLIFT)},
    {"8350",   IN(PORT),                         30, 110, 9300,  1, 6, SENIOR,   F, L1(SEAFARER)},
    {"9112",   IN(PROPERTY) | IN(HOTEL),        200, 130, 3100,  1, 4, JUNIOR,   H | C, L0},
    {"9313",   IN(CONSTRUCTION),                 90, 110, 5200,  1, 3, JUNIOR,   D, L0},
    {"9321",   IN(LOGISTICS),                   130, 140, 4700,  1, 3, JUNIOR,   H | D | S, L0},
    {"9329",   MAKERS,                          200, 140, 4900,  1, 4, JUNIOR,   D | W | S, L0},
    {"9333",   IN(PORT) | IN(LOGISTICS),        100, 120, 5600,  1, 4, JUNIOR,   D, L0},
    {"9412",   IN(CATERING),                     90, 130, 3500,  1, 3, JUNIOR,   H, L1(FOOD_HEALTH)},
    {"9613",   IN(ENVIRONMENT) | IN(PROPERTY),   80, 110, 3000,  1, 3, JUNIOR,   0, L0},
    {"9621",   IN(LOGISTICS) | IN(CATERING),    180, 150, 6400,  1, 5, JUNIOR,   H | C, L0},
};
/* clang-format on */

static const char *const licence_texts[] = {
#define X(name, text) text,
    LICENCES(X)
#undef X
};

static const char *const words_of_sectors[] = {
#define X(name, words) words,
    SECTORS(X)
#undef X
};

size_t trait_count(void)
{
    return sizeof traits / sizeof traits[0];
}

const struct trait *trait_at(size_t index)
{
    return &traits[index];
}

static int compare_code(const void *code, const void *trait)
{
    return str_compare(*(const struct str *)code, str_of(((const struct trait *)trait)->code));
}

const struct trait *trait_find(struct str code)
{
    return bsearch(&code, traits, trait_count(), sizeof traits[0], compare_code);
}

const char *licence_text(enum licence licence)
{
    return licence_texts[licence];
}

const char *sector_words(enum sector sector)
{
    return words_of_sectors[sector];
}
