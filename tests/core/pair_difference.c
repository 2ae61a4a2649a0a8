#include "core/pair_difference.h"

const char *pair_difference(const struct pair_score *a, const struct pair_score *b)
{
    for (int i = 0; i < CRITERION_COUNT; i++) {
        if (a->points_bp[i] != b->points_bp[i])
            return criterion_name(i);
    }
    return a->failed != b->failed               ? "failed"
           : a->softened != b->softened         ? "softened"
           : a->penalty != b->penalty           ? "penalty"
           : a->fit_sum != b->fit_sum           ? "fit_sum"
           : a->appeal_sum != b->appeal_sum     ? "appeal_sum"
           : a->fit_bp != b->fit_bp             ? "fit_bp"
           : a->appeal_bp != b->appeal_bp       ? "appeal_bp"
           : a->score != b->score               ? "score"
           : a->distance_m != b->distance_m     ? "distance_m"
           : a->wage_unknown != b->wage_unknown ? "wage_unknown"
                                                : "";
}
