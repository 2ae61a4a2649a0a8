import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.util.Version;

/**
 * Lucene does the job of bench_search: {@code LucenePeer RECORDS QUERIES DIRECTION K THREADS ORDER
 * FOLDER OUT}. ORDER is `arrival`, or `place` for an index that is sorted by place; FOLDER takes
 * the index. Prints name=value lines and writes the answers: query, rank, id, score.
 */
final class LucenePeer {
    /** By then the compiler has settled: later rounds are no faster. */
    private static final int WARM_UP_ROUNDS = 3;

    private final List<Row> queries = new ArrayList<>();
    private final Direction direction;
    private final int k;
    private final int threads;
    private final String order;

    private LucenePeer(String direction, String k, String threads, String order) {
        this.direction = Direction.of(direction);
        this.k = Integer.parseInt(k);
        this.threads = Integer.parseInt(threads);
        this.order = order;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 8) {
            System.err.println("usage: LucenePeer RECORDS QUERIES DIRECTION K THREADS "
                    + "arrival|place FOLDER OUT");
            System.exit(2);
        }
        LucenePeer peer =
                new LucenePeer(arguments[2], arguments[3], arguments[4], arguments[5]);
        peer.run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[6]),
                Path.of(arguments[7]));
    }

    private void run(Path records, Path queryFile, Path folder, Path out) throws Exception {
        boolean isSorted = order.equals("place");
        long begin = System.nanoTime();
        Row.read(queryFile, direction.other(), queries::add);
        try (Index index = Index.build(folder, records, direction, isSorted)) {
            Windows windows = isSorted ? new Windows(index.segment(), direction) : null;
            System.out.printf(Locale.ROOT, "lucene=%s%norder=%s%nrecords=%d%nqueries=%d%n"
                            + "load_seconds=%.1f%n",
                    Version.LATEST, order, index.segment().maxDoc(), queries.size(),
                    (System.nanoTime() - begin) / 1e9);
            Rounds rounds = new Rounds(queries, threads,
                    () -> new Searcher(index, windows, direction, k)::search);
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                rounds.run();
            }
            rounds.run();
            rounds.print();
            write(index, rounds.answers(), out);
        }
    }

    private void write(Index index, TopK[] answers, Path out) throws IOException {
        try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(out))) {
            for (int i = 0; i < answers.length; i++) {
                int rank = 1;
                for (long item : answers[i].sorted()) {
                    NumericDocValues ids = index.segment().getNumericDocValues(Index.ID);
                    ids.advanceExact(TopK.documentOf(item));
                    writer.printf(Locale.ROOT, "%d\t%d\t%d\t%d%n", queries.get(i).id, rank++,
                            ids.longValue(), TopK.scoreOf(item));
                }
            }
        }
    }
}
