import java.io.IOException;
import org.apache.lucene.index.LeafReader;

/** Vacancies for an applicant: radius and wage wish are the query's. */
final class VacancyJudge extends Judge {
    VacancyJudge(Row applicant, LeafReader segment, TopK best) throws IOException {
        super(applicant, segment, best);
    }

    @Override
    protected void examine(int document, int skillScore) throws IOException {
        place.advanceExact(document);
        long at = place.longValue();
        if (!reach.mayHold(Index.high(at), Index.low(at), query.radiusM)) {
            return;
        }
        pay.advanceExact(document);
        int wageMax = (int) pay.longValue();
        if (wageMax >= query.wageLow) {
            int wageBp = Score.wageBp(wageMax, query.wageLow, query.wageHigh);
            finish(document, skillScore + Score.WAGE_WEIGHT * wageBp, at, query.radiusM);
        }
    }
}
