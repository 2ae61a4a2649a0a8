import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.TermFrequencyAttribute;

/**
 * One term per skill. What a search needs to know about it is packed into its frequency, so that
 * reading a posting reads it all:
 *
 * <pre>
 *   of a vacancy     | sum of its importances : 24 | importance : 3 | min_level : 4 |
 *   of an applicant  | 0                           | 0              | level     : 4 |
 * </pre>
 */
final class SkillTokens extends TokenStream {
    static final int LEVEL_BITS = 4;
    static final int CODE_BITS = 7;
    static final int CODE_MASK = (1 << CODE_BITS) - 1;

    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final TermFrequencyAttribute frequency = addAttribute(TermFrequencyAttribute.class);
    private Row row;
    private int next;

    void setRow(Row row) {
        this.row = row;
    }

    @Override
    public void reset() {
        next = 0;
    }

    @Override
    public boolean incrementToken() {
        if (next == row.skills.length) {
            return false;
        }
        clearAttributes();
        term.append(Integer.toString(row.skills[next]));
        int code = row.importances[next] << LEVEL_BITS | row.levels[next];
        frequency.setTermFrequency(row.importanceSum << CODE_BITS | code);
        next++;
        return true;
    }
}
