import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Runs all queries once a round, shared among threads, and keeps the last round's times. */
final class Rounds {
    /** One thread's way to answer a query. */
    interface Search {
        TopK search(Row query) throws IOException;
    }

    private final List<Row> queries;
    private final int threads;
    private final Supplier<Search> searches;
    private final TopK[] answers;
    private final long[] spentNs;
    private long wallNs;
    private final AtomicLong cpuNs = new AtomicLong();

    Rounds(List<Row> queries, int threads, Supplier<Search> searches) {
        this.queries = queries;
        this.threads = threads;
        this.searches = searches;
        answers = new TopK[queries.size()];
        spentNs = new long[queries.size()];
    }

    TopK[] answers() {
        return answers;
    }

    void run() throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        Thread[] workers = new Thread[threads];
        cpuNs.set(0);
        long begin = System.nanoTime();
        for (int i = 0; i < threads; i++) {
            workers[i] = new Thread(() -> work(next));
            workers[i].start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        wallNs = System.nanoTime() - begin;
    }

    private void work(AtomicInteger next) {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        Search search = searches.get();
        long cpuBegin = clock.getCurrentThreadCpuTime();
        try {
            for (int i = next.getAndIncrement(); i < answers.length; i = next.getAndIncrement()) {
                long begin = System.nanoTime();
                answers[i] = search.search(queries.get(i));
                spentNs[i] = System.nanoTime() - begin;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cpuNs.addAndGet(clock.getCurrentThreadCpuTime() - cpuBegin);
    }

    /** The same lines as bench_search, and the processor time of a search. */
    void print() {
        long[] sorted = spentNs.clone();
        Arrays.sort(sorted);
        int count = sorted.length;
        System.out.printf(Locale.ROOT, "mean_us=%.1f%np50_us=%.1f%np99_us=%.1f%nmax_us=%.1f%n",
                Arrays.stream(sorted).average().orElse(0) / 1e3, sorted[count / 2] / 1e3,
                sorted[count * 99 / 100] / 1e3, sorted[count - 1] / 1e3);
        System.out.printf(Locale.ROOT, "searches_per_second=%.1f%ncpu_us=%.1f%n",
                count * 1e9 / wallNs, cpuNs.get() / 1e3 / count);
    }
}
