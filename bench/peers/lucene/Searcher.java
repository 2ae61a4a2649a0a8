import java.io.IOException;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;

/**
 * One thread's searches. Lucene's own bulk scorer for a disjunction, without its floats and its
 * virtual calls for a document: postings are added up term by term in a window of documents that
 * fits into the first-level cache, then the window's documents are judged in order.
 */
final class Searcher {
    private final Index index;
    private final Direction direction;
    private final int k;
    /** Null when the index is not sorted: then every window holds documents from everywhere. */
    private final Windows windows;

    /** Of a window: the credits so far, the sum of importances, a bit for each document met. */
    private final int[] credits = new int[Windows.SIZE];
    private final int[] importanceSums = new int[Windows.SIZE];
    private final long[] met = new long[Windows.SIZE / Long.SIZE];

    Searcher(Index index, Windows windows, Direction direction, int k) {
        this.index = index;
        this.windows = windows;
        this.direction = direction;
        this.k = k;
    }

    /** The postings of one skill, and what each code in them earns for this query. */
    private static final class Term {
        final PostingsEnum postings;
        final int[] earned = new int[1 << SkillTokens.CODE_BITS];

        Term(PostingsEnum postings, Row query, int skillIndex, Direction direction) {
            this.postings = postings;
            int level = query.levels[skillIndex];
            for (int code = 0; code < earned.length; code++) {
                int coded = code & (1 << SkillTokens.LEVEL_BITS) - 1;
                earned[code] = direction == Direction.VACANCIES
                        ? (code >> SkillTokens.LEVEL_BITS) * Score.creditBp(level, coded)
                        : query.importances[skillIndex] * Score.creditBp(coded, level);
            }
        }
    }

    TopK search(Row query) throws IOException {
        LeafReader segment = index.segment();
        TopK best = new TopK(k);
        Judge judge = Judge.of(direction, query, segment, best);
        Reach reach = new Reach(query.latE7, query.lonE7);
        Term[] terms = terms(segment, query);
        int end = segment.maxDoc();
        for (int base = 0; base < end; base += Windows.SIZE) {
            if (windows == null
                    || windows.mayMatch(base / Windows.SIZE, query, reach, direction)) {
                for (Term term : terms) {
                    add(term, base, Math.min(base + Windows.SIZE, end));
                }
                judgeWindow(judge, base, query.importanceSum);
            }
        }
        return best;
    }

    private Term[] terms(LeafReader segment, Row query) throws IOException {
        TermsEnum dictionary = segment.terms(Index.SKILL).iterator();
        Term[] terms = new Term[query.skills.length];
        int count = 0;
        for (int i = 0; i < terms.length; i++) {
            if (dictionary.seekExact(new BytesRef(Integer.toString(query.skills[i])))) {
                PostingsEnum postings = dictionary.postings(null, PostingsEnum.FREQS);
                terms[count++] = new Term(postings, query, i, direction);
            }
        }
        return java.util.Arrays.copyOf(terms, count);
    }

    private void add(Term term, int base, int end) throws IOException {
        PostingsEnum postings = term.postings;
        int[] earned = term.earned;
        int document = postings.docID();
        if (document < base) {
            document = postings.advance(base);
        }
        for (; document < end; document = postings.nextDoc()) {
            int at = document - base;
            int frequency = postings.freq();
            credits[at] += earned[frequency & SkillTokens.CODE_MASK];
            importanceSums[at] = frequency >> SkillTokens.CODE_BITS;
            met[at / Long.SIZE] |= 1L << at;
        }
    }

    /** One of the two sums of importances is 0: the query's or the documents'. */
    private void judgeWindow(Judge judge, int base, int importanceSum) throws IOException {
        for (int word = 0; word < met.length; word++) {
            for (long bits = met[word]; bits != 0; bits &= bits - 1) {
                int at = word * Long.SIZE + Long.numberOfTrailingZeros(bits);
                judge.judge(base + at, credits[at] / (importanceSums[at] + importanceSum));
                credits[at] = 0;
            }
            met[word] = 0;
        }
    }
}
