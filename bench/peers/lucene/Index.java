import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.MMapDirectory;

/**
 * The Lucene index: one segment, mapped into memory. Fields of a document:
 *
 * <pre>
 *   skill  terms with packed frequencies (SkillTokens), no norms, no positions
 *   place  doc value: latitude : 32 | longitude : 32, in units of 1e-7 degrees
 *   pay    doc value: wage_max of a vacancy; wage_min : 32 | wage_desired : 32 of an applicant
 *   radius doc value, metres; applicants only
 *   id     doc value
 *   group, cell  doc values that the index is sorted by, if it is
 * </pre>
 */
final class Index implements AutoCloseable {
    static final String SKILL = "skill";
    static final String PLACE = "place";
    static final String PAY = "pay";
    static final String RADIUS = "radius";
    static final String ID = "id";
    private static final String GROUP = "group";
    private static final String CELL = "cell";
    /** All of a million records: one flush, then one merge. */
    private static final double BUFFER_MB = 1500;

    private final MMapDirectory directory;
    private final DirectoryReader reader;

    private Index(MMapDirectory directory, DirectoryReader reader) {
        this.directory = directory;
        this.reader = reader;
    }

    static Index build(Path folder, Path rows, Direction kind, boolean isSorted)
            throws IOException {
        MMapDirectory directory = new MMapDirectory(folder);
        directory.setPreload(true);
        IndexWriterConfig config = new IndexWriterConfig(null).setRAMBufferSizeMB(BUFFER_MB);
        if (isSorted) {
            config.setIndexSort(new Sort(new SortField(GROUP, SortField.Type.LONG),
                    new SortField(CELL, SortField.Type.LONG)));
        }
        try (IndexWriter writer = new IndexWriter(directory, config)) {
            SkillTokens tokens = new SkillTokens();
            Row.read(rows, kind, row -> {
                try {
                    writer.addDocument(document(row, kind, tokens, isSorted));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.forceMerge(1);
        }
        return new Index(directory, DirectoryReader.open(directory));
    }

    private static Document document(Row row, Direction kind, SkillTokens tokens,
            boolean isSorted) {
        Document document = new Document();
        tokens.setRow(row);
        document.add(new Field(SKILL, tokens, skillType()));
        document.add(new NumericDocValuesField(ID, row.id));
        document.add(new NumericDocValuesField(PLACE, pack(row.latE7, row.lonE7)));
        if (kind == Direction.VACANCIES) {
            document.add(new NumericDocValuesField(PAY, row.wageHigh));
        } else {
            document.add(new NumericDocValuesField(PAY, pack(row.wageLow, row.wageHigh)));
            document.add(new NumericDocValuesField(RADIUS, row.radiusM));
        }
        if (isSorted) {
            document.add(new NumericDocValuesField(GROUP, radiusClass(row.radiusM)));
            document.add(new NumericDocValuesField(CELL, HilbertCurve.at(row.latE7, row.lonE7)));
        }
        return document;
    }

    private static FieldType skillType() {
        FieldType type = new FieldType();
        type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        type.setOmitNorms(true);
        type.freeze();
        return type;
    }

    /** Records of one class differ less than twofold in radius; vacancies are all of one. */
    private static int radiusClass(int radiusM) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(radiusM / 1000);
    }

    static long pack(int high, int low) {
        return (long) high << 32 | low & 0xffff_ffffL;
    }

    static int high(long packed) {
        return (int) (packed >> 32);
    }

    static int low(long packed) {
        return (int) packed;
    }

    /** The one segment. */
    LeafReader segment() {
        return reader.leaves().get(0).reader();
    }

    @Override
    public void close() throws IOException {
        reader.close();
        directory.close();
    }
}
