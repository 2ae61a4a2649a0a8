/**
 * Haihe's score with the profile `lab`, in the same integers: 600 * skill + 250 * location +
 * 150 * wage, each 0..10000 basis points, every division floored. See matcher/core/score.c and
 * matcher/model/geo.c, where it is shown that nothing overflows.
 */
final class Score {
    static final int SKILL_WEIGHT = 600;
    static final int LOCATION_WEIGHT = 250;
    static final int WAGE_WEIGHT = 150;
    static final int LIMIT_BP = 10000;

    private static final long HALF_CIRCLE_E7 = 1_800_000_000L;
    private static final int DISTANCE_LIMIT_M = 20_015_114;
    private static final long ONE_Q30 = 1L << 30;

    private Score() {}

    /** What a held level earns where a level is asked. */
    static int creditBp(int held, int asked) {
        return held >= asked ? LIMIT_BP : LIMIT_BP * held / asked;
    }

    /** The vacancy's maximum decides, as the profile says; it is not below the minimum. */
    static int wageBp(int pay, int minimum, int desired) {
        if (pay >= desired) {
            return LIMIT_BP;
        }
        return pay <= minimum ? 0 : (int) ((long) LIMIT_BP * (pay - minimum) / (desired - minimum));
    }

    static int locationBp(int distanceM, int radiusM) {
        return LIMIT_BP - (int) ((long) LIMIT_BP * distanceM / radiusM);
    }

    static int distanceM(int latA, int lonA, int latB, int lonB) {
        long north = Math.abs((long) latA - latB);
        long east = Math.abs((long) lonA - lonB);
        east = Math.min(east, 2 * HALF_CIRCLE_E7 - east);
        east = east * cosineQ30(Math.abs((long) latA + latB)) >> 30;
        return (int) Math.min(metres(integerRoot(north * north + east * east)), DISTANCE_LIMIT_M);
    }

    private static long metres(long unitsE7) {
        return unitsE7 * 111_195_080L / 10_000_000_000L;
    }

    /** Of half the sum of two latitudes. */
    private static long cosineQ30(long latitudeSumE7) {
        long u = (latitudeSumE7 << 30) / HALF_CIRCLE_E7;
        long z = u * u >> 30;
        long bracket = 987_048L - (z * 26_561L >> 30);
        bracket = 22_401_992L - (z * bracket >> 30);
        bracket = 272_375_560L - (z * bracket >> 30);
        bracket = 1_324_675_879L - (z * bracket >> 30);
        return Math.max(ONE_Q30 - (z * bracket >> 30), 0);
    }

    private static long integerRoot(long square) {
        long root = (long) Math.sqrt((double) square);
        while (root * root > square) {
            root--;
        }
        while ((root + 1) * (root + 1) <= square) {
            root++;
        }
        return root;
    }
}
