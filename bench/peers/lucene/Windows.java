import java.io.IOException;
import java.util.Arrays;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;

/**
 * Of every window of documents: the box of its places, its highest pay (vacancies) or largest
 * radius (applicants). In an index that is sorted by place most windows are out of reach as a
 * whole, and none of their postings is read. Filled once, from doc values.
 */
final class Windows {
    /** Documents; accumulators of so many fit into the first-level cache. */
    static final int SIZE = 2048;

    private final int[] south;
    private final int[] north;
    private final int[] west;
    private final int[] east;
    private final int[] payLimit;
    private final int[] radiusLimitM;

    Windows(LeafReader segment, Direction kind) throws IOException {
        int count = (segment.maxDoc() + SIZE - 1) / SIZE;
        south = filled(count, Integer.MAX_VALUE);
        north = filled(count, Integer.MIN_VALUE);
        west = filled(count, Integer.MAX_VALUE);
        east = filled(count, Integer.MIN_VALUE);
        payLimit = new int[count];
        radiusLimitM = new int[count];
        NumericDocValues place = segment.getNumericDocValues(Index.PLACE);
        NumericDocValues limit = segment.getNumericDocValues(
                kind == Direction.VACANCIES ? Index.PAY : Index.RADIUS);
        int[] limits = kind == Direction.VACANCIES ? payLimit : radiusLimitM;
        for (int document = 0; document < segment.maxDoc(); document++) {
            int window = document / SIZE;
            place.advanceExact(document);
            limit.advanceExact(document);
            south[window] = Math.min(south[window], Index.high(place.longValue()));
            north[window] = Math.max(north[window], Index.high(place.longValue()));
            west[window] = Math.min(west[window], Index.low(place.longValue()));
            east[window] = Math.max(east[window], Index.low(place.longValue()));
            limits[window] = Math.max(limits[window], (int) limit.longValue());
        }
    }

    private static int[] filled(int count, int value) {
        int[] array = new int[count];
        Arrays.fill(array, value);
        return array;
    }

    /** False when no document of the window passes the gates of distance and wage. */
    boolean mayMatch(int window, Row query, Reach reach, Direction direction) {
        int lat = Math.max(south[window], Math.min(north[window], query.latE7));
        int lon = Math.max(west[window], Math.min(east[window], query.lonE7));
        if (direction == Direction.APPLICANTS) {
            return reach.mayHold(lat, lon, radiusLimitM[window]);
        }
        return payLimit[window] >= query.wageLow && reach.mayHold(lat, lon, query.radiusM);
    }
}
