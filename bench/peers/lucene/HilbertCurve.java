/** Places in the order of a curve that keeps neighbours together: cells of about 600 m. */
final class HilbertCurve {
    private static final int ORDER = 16;
    private static final int SIDE = 1 << ORDER;

    private HilbertCurve() {}

    static long at(int latE7, int lonE7) {
        int x = (int) ((lonE7 + 1_800_000_000L) * SIDE / 3_600_000_001L);
        int y = (int) ((latE7 + 900_000_000L) * SIDE / 1_800_000_001L);
        long distance = 0;
        for (int half = SIDE / 2; half > 0; half /= 2) {
            int right = (x & half) == 0 ? 0 : 1;
            int upper = (y & half) == 0 ? 0 : 1;
            distance += (long) half * half * (3 * right ^ upper);
            if (upper == 0) { // the lower quarters are turned
                int flip = right == 1 ? SIDE - 1 : 0;
                int turned = x ^ flip;
                x = y ^ flip;
                y = turned;
            }
        }
        return distance;
    }
}
