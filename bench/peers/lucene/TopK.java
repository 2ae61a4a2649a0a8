/** The k best documents of a search: a binary heap with the worst on top. */
final class TopK {
    /** Score in the upper half; below it the document, inverted: among equals the first wins. */
    private final long[] heap;
    private int count;

    TopK(int k) {
        heap = new long[k];
    }

    /** A score that is not above this one cannot enter. */
    int threshold() {
        return count == heap.length ? scoreOf(heap[0]) : -1;
    }

    /** The score is above the threshold, and documents come in ascending order. */
    void offer(int score, int document) {
        long item = (long) score << 32 | (Integer.MAX_VALUE - document);
        if (count < heap.length) {
            siftUp(count++, item);
        } else {
            siftDown(item);
        }
    }

    private void siftUp(int at, long item) {
        while (at > 0 && heap[(at - 1) / 2] > item) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = item;
    }

    private void siftDown(long item) {
        int at = 0;
        for (int child = 1; child < count; child = 2 * at + 1) {
            if (child + 1 < count && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= item) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = item;
    }

    /** Best first. */
    long[] sorted() {
        long[] items = java.util.Arrays.copyOf(heap, count);
        java.util.Arrays.sort(items);
        for (int i = 0, j = count - 1; i < j; i++, j--) {
            long item = items[i];
            items[i] = items[j];
            items[j] = item;
        }
        return items;
    }

    static int scoreOf(long item) {
        return (int) (item >> 32);
    }

    static int documentOf(long item) {
        return Integer.MAX_VALUE - (int) item;
    }
}
