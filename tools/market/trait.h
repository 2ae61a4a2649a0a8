/* What the sample market assumes of an occupation: how many people, what pay, which levels.
 *
 * Our own estimates for a port city, none of them statistics: pay only orders the occupations, the
 * published percentiles are put on top (pay.h). Constant data. Thread: any.
 */
#ifndef HAIHE_TOOLS_MARKET_TRAIT_H
#define HAIHE_TOOLS_MARKET_TRAIT_H

#include "base/str.h"

/* X(name, what an employer of it puts between its own name and "有限公司") */
#define SECTORS(X)                                                                                 \
    X(MACHINERY, "机械制造|精密机械|智能装备|金属制品|模具科技")                                   \
    X(AUTOMOTIVE, "汽车零部件|汽车科技|新能源汽车|汽车服务")                                       \
    X(AVIATION, "航空科技|航空装备|航空技术|飞机维修工程")                                         \
    X(CHEMICAL, "石化|化工|新材料|海洋化工")                                                       \
    X(PORT, "港口物流|集装箱码头|国际货运代理|船务|港务服务")                                      \
    X(LOGISTICS, "物流|供应链管理|仓储|冷链物流|速运")                                             \
    X(BIOMEDICINE, "生物技术|生物医药|制药|医疗器械|基因科技")                                     \
    X(SOFTWARE, "软件|信息技术|网络科技|智能科技|数据科技")                                        \
    X(ELECTRONICS, "电子|半导体|微电子|光电科技|通信技术")                                         \
    X(ENERGY, "新能源|电力工程|储能科技|光伏科技|动力电池")                                        \
    X(CONSTRUCTION, "建设工程|建筑工程|市政工程|装饰工程|工程咨询")                                \
    X(CARE, "养老服务|家政服务|母婴护理|健康管理")                                                 \
    X(HEALTH, "医院管理|中医门诊|口腔门诊|康复医疗|大药房")                                        \
    X(EDUCATION, "教育科技|职业培训|幼儿教育|文化体育")                                            \
    X(CATERING, "餐饮管理|餐饮服务|食品|饮品")                                                     \
    X(HOTEL, "酒店管理|文旅发展|旅行社")                                                           \
    X(RETAIL, "超市|便利店|商贸|百货")                                                             \
    X(COMMERCE, "电子商务|文化传媒|广告传播|直播科技")                                             \
    X(FINANCE, "融资租赁|商业保理|保险代理|投资管理")                                              \
    X(BUSINESS, "人力资源|企业管理咨询|法律咨询|财税服务")                                         \
    X(PROPERTY, "物业服务|房地产经纪|保安服务|环境清洁")                                           \
    X(FARMING, "农业科技|现代农业|养殖|园艺")                                                      \
    X(ENVIRONMENT, "环保科技|水务|再生资源|环境工程")                                              \
    X(TRANSPORT, "公共交通|客运|轨道交通|汽车运输")

enum sector {
#define X(name, words) SECTOR_##name,
    SECTORS(X)
#undef X
        SECTOR_COUNT
};

/* Licences are words that both sides write alike; X(name, text). */
#define LICENCES(X)                                                                                \
    X(NONE, "")                                                                                    \
    X(DRIVE_A1, "机动车驾驶证A1")                                                                  \
    X(DRIVE_A2, "机动车驾驶证A2")                                                                  \
    X(DRIVE_B2, "机动车驾驶证B2")                                                                  \
    X(DRIVE_C1, "机动车驾驶证C1")                                                                  \
    X(FREIGHT, "道路货物运输从业资格证")                                                           \
    X(HAZMAT, "危险货物运输从业资格证")                                                            \
    X(RIDE_HAILING, "网络预约出租汽车驾驶员证")                                                    \
    X(FORKLIFT, "特种设备作业证N1叉车")                                                            \
    X(CRANE, "特种设备作业证Q2起重机")                                                             \
    X(BOILER, "特种设备作业证G1锅炉")                                                              \
    X(LOW_VOLTAGE, "低压电工作业证")                                                               \
    X(HIGH_VOLTAGE, "高压电工作业证")                                                              \
    X(WELDING, "熔化焊接与热切割作业证")                                                           \
    X(HEIGHT, "高处作业证")                                                                        \
    X(REFRIGERATION, "制冷与空调作业证")                                                           \
    X(HAZARDOUS_PROCESS, "危险化工工艺作业证")                                                     \
    X(NURSE, "护士执业证书")                                                                       \
    X(DOCTOR, "医师执业证书")                                                                      \
    X(PHARMACIST, "执业药师注册证")                                                                \
    X(FOOD_HEALTH, "健康证")                                                                       \
    X(TEACHER, "教师资格证")                                                                       \
    X(GUARD, "保安员证")                                                                           \
    X(FIRE_CONTROL, "消防设施操作员证")                                                            \
    X(BUILDER, "建造师注册证书")                                                                   \
    X(SAFETY, "注册安全工程师证")                                                                  \
    X(LAWYER, "律师执业证")                                                                        \
    X(SEAFARER, "船员适任证书")                                                                    \
    X(AIRCRAFT, "航空器维修人员执照")                                                              \
    X(TRAIN, "轨道列车司机职业技能证书")

enum licence {
#define X(name, text) LICENCE_##name,
    LICENCES(X)
#undef X
        LICENCE_COUNT
};

/* Bits of trait.flags: what is typical. */
enum {
    TRAIT_HOURLY = 1,   /* paid by the hour, part-time */
    TRAIT_DAILY = 2,    /* paid by the day, per diem */
    TRAIT_WEEKLY = 4,   /* paid by the week */
    TRAIT_YEARLY = 8,   /* paid by the year */
    TRAIT_REMOTE = 16,  /* can be done from anywhere */
    TRAIT_FOREIGN = 32, /* another language is asked for */
    TRAIT_OFFICE = 64,  /* takes interns; 13 pay a year */
    TRAIT_SHIFTS = 128, /* in shifts */
    TRAIT_CHAIN = 256,  /* employers with many workplaces */
};

struct trait {
    const char *code;              /* of builtin_occupations.csv */
    uint32_t sectors;              /* bit (1 << enum sector); never 0 */
    uint16_t supply;               /* people in it, relative */
    uint16_t demand_percent;       /* vacancies for each applicant, 100 = as many as elsewhere */
    uint16_t month_yuan;           /* typical full-time pay: orders the occupations, see pay.h */
    uint8_t level_low, level_high; /* 1..8: of its people */
    uint8_t education;             /* EducationLevel by number, typical */
    uint16_t flags;
    uint8_t licences[2]; /* enum licence */
};

size_t trait_count(void);
/* index < trait_count; in the order of their codes. */
const struct trait *trait_at(size_t index);
/* NULL when there is none. */
const struct trait *trait_find(struct str code);
/* The licence as records write it; never NULL. */
const char *licence_text(enum licence licence);
/* Words joined by '|'; never NULL. */
const char *sector_words(enum sector sector);

#endif
