import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * One line of the yardstick's files, columns divided by tabs:
 *
 * <pre>
 *   vacancy    id lat lon           wage_min wage_max     occupation skills (id:importance:min_level)
 *   applicant  id lat lon radius_km wage_min wage_desired occupation skills (id:level)
 * </pre>
 *
 * Positions are held in units of 1e-7 degrees, wages in yuan a month. A record without skills is
 * refused: an index by skill would never find it.
 */
final class Row {
    /** The profile's level for an applicant who states none. */
    private static final int DEFAULT_LEVEL = 3;

    final long id;
    final int latE7;
    final int lonE7;
    /** 0 for a vacancy. */
    final int radiusM;
    final int wageLow;
    final int wageHigh;
    final int[] skills;
    /** Of an asked skill, 1..5; 0 for a held one. */
    final int[] importances;
    /** Of a held skill 1..8, of an asked one at least 0..8. */
    final int[] levels;
    /** 0 for an applicant. */
    final int importanceSum;

    private Row(String[] columns, Direction kind) {
        boolean isApplicant = kind == Direction.APPLICANTS;
        int at = 0;
        id = Long.parseLong(columns[at++]);
        latE7 = degreesE7(columns[at++]);
        lonE7 = degreesE7(columns[at++]);
        radiusM = isApplicant ? Integer.parseInt(columns[at++]) * 1000 : 0;
        wageLow = Integer.parseInt(columns[at++]);
        wageHigh = Integer.parseInt(columns[at++]);
        at++; // the occupation has no weight in the profile `lab`
        String[] items = columns[at].split(",");
        skills = new int[items.length];
        importances = new int[items.length];
        levels = new int[items.length];
        int sum = 0;
        for (int i = 0; i < items.length; i++) {
            String[] parts = items[i].split(":");
            skills[i] = Integer.parseInt(parts[0]);
            levels[i] = Integer.parseInt(parts[parts.length - 1]);
            if (isApplicant) {
                levels[i] = levels[i] == 0 ? DEFAULT_LEVEL : levels[i];
            } else {
                importances[i] = Integer.parseInt(parts[1]);
                sum += importances[i];
            }
        }
        importanceSum = sum;
    }

    private static int degreesE7(String text) {
        return new BigDecimal(text).movePointRight(7).intValueExact();
    }

    /** Reads a file of vacancies, or of applicants; every row is handed over once, in order. */
    static void read(Path path, Direction kind, Consumer<Row> consumer) throws IOException {
        int columnCount = kind == Direction.VACANCIES ? 7 : 8;
        try (BufferedReader in = Files.newBufferedReader(path)) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                String[] columns = line.split("\t");
                if (columns.length != columnCount) {
                    throw new IOException(path + ":" + number + ": " + columns.length
                            + " columns, not " + columnCount);
                }
                try {
                    consumer.accept(new Row(columns, kind));
                } catch (IllegalArgumentException | ArithmeticException e) {
                    throw new IOException(path + ":" + number + ": " + e.getMessage(), e);
                }
            }
        }
    }
}
