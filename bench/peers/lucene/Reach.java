/**
 * A cheap test of the distance gate: two subtractions, no cosine, no root. It may say yes to a
 * place that is a little too far, but never no to one that is within the radius.
 */
final class Reach {
    /** A degree of latitude has 111,195.08 m, so a metre has 89.93 units of 1e-7 degrees. */
    private static final long UNITS_PER_METRE = 90;
    /** Two places within this radius differ by less than two degrees of latitude. */
    private static final int RADIUS_LIMIT_M = 200_000;
    private static final double LATITUDE_LIMIT_DEGREES = 80;

    private final int latE7;
    private final int lonE7;
    /** At a latitude that is nearer to the pole than any place in reach. */
    private final long eastUnitsPerMetre;
    private final boolean isUsable;

    Reach(int latE7, int lonE7) {
        this.latE7 = latE7;
        this.lonE7 = lonE7;
        double farthest = Math.abs(latE7) / 1e7 + 2;
        isUsable = farthest < LATITUDE_LIMIT_DEGREES && Math.abs(lonE7) < 1_700_000_000;
        eastUnitsPerMetre =
                1 + (long) (UNITS_PER_METRE / Math.cos(Math.toRadians(farthest)));
    }

    boolean mayHold(int lat, int lon, int radiusM) {
        long ceiling = radiusM + 1L; // distances are floored
        return Math.abs((long) lat - latE7) <= ceiling * UNITS_PER_METRE
                        && Math.abs((long) lon - lonE7) <= ceiling * eastUnitsPerMetre
                || radiusM > RADIUS_LIMIT_M || !isUsable;
    }
}
