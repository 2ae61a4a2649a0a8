import java.io.IOException;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;

/**
 * Decides about the candidates of one query, the cheapest question first: can the skill points
 * still reach the k-th score, is the place in reach at all, what does the wage add, and only then
 * the exact distance. So doc values are read for documents that can enter only.
 */
abstract class Judge {
    private static final int PLACE_LIMIT = Score.LOCATION_WEIGHT * Score.LIMIT_BP;
    private static final int PLACE_AND_WAGE_LIMIT =
            PLACE_LIMIT + Score.WAGE_WEIGHT * Score.LIMIT_BP;

    protected final Row query;
    protected final Reach reach;
    protected final NumericDocValues place;
    protected final NumericDocValues pay;
    private final TopK best;
    private int threshold = -1;

    protected Judge(Row query, LeafReader segment, TopK best) throws IOException {
        this.query = query;
        this.best = best;
        reach = new Reach(query.latE7, query.lonE7);
        place = segment.getNumericDocValues(Index.PLACE);
        pay = segment.getNumericDocValues(Index.PAY);
    }

    static Judge of(Direction direction, Row query, LeafReader segment, TopK best)
            throws IOException {
        return direction == Direction.VACANCIES
                ? new VacancyJudge(query, segment, best)
                : new ApplicantJudge(query, segment, best);
    }

    /** Documents come in ascending order. */
    final void judge(int document, int skillBp) throws IOException {
        int skillScore = Score.SKILL_WEIGHT * skillBp;
        if (skillScore + PLACE_AND_WAGE_LIMIT > threshold) {
            examine(document, skillScore);
        }
    }

    /** Reads what else it needs, and finishes a document that may pass. */
    protected abstract void examine(int document, int skillScore) throws IOException;

    /** The last question: `score` is complete but for the location. */
    protected final void finish(int document, int score, long at, int radiusM) {
        if (score + PLACE_LIMIT <= threshold) {
            return;
        }
        int distanceM =
                Score.distanceM(query.latE7, query.lonE7, Index.high(at), Index.low(at));
        if (distanceM > radiusM) {
            return;
        }
        int total = score + Score.LOCATION_WEIGHT * Score.locationBp(distanceM, radiusM);
        if (total > threshold) {
            best.offer(total, document);
            threshold = best.threshold();
        }
    }
}
