import java.io.IOException;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;

/** Applicants for a vacancy: every candidate has a radius and a wage wish of its own. */
final class ApplicantJudge extends Judge {
    private final NumericDocValues radius;

    ApplicantJudge(Row vacancy, LeafReader segment, TopK best) throws IOException {
        super(vacancy, segment, best);
        radius = segment.getNumericDocValues(Index.RADIUS);
    }

    @Override
    protected void examine(int document, int skillScore) throws IOException {
        place.advanceExact(document);
        long at = place.longValue();
        radius.advanceExact(document);
        int radiusM = (int) radius.longValue();
        if (!reach.mayHold(Index.high(at), Index.low(at), radiusM)) {
            return;
        }
        pay.advanceExact(document);
        long wish = pay.longValue();
        if (query.wageHigh >= Index.high(wish)) {
            int wageBp = Score.wageBp(query.wageHigh, Index.high(wish), Index.low(wish));
            finish(document, skillScore + Score.WAGE_WEIGHT * wageBp, at, radiusM);
        }
    }
}
