package norma.datasets.tasks;

import static norma.datasets.metrics.Metric.ACCURACY;
import static norma.datasets.metrics.Metric.F1;
import static norma.datasets.metrics.Metric.MATTHEWS_CORRELATION;
import static norma.datasets.metrics.Metric.MEAN_SQUARED_ERROR;
import static norma.datasets.metrics.Metric.PEARSON;
import static norma.datasets.metrics.Metric.SPEARMAN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.metrics.Metric;

/**
 * The nine tasks of GLUE (Wang et al. 2018) in the layout of the original files; classes in the order, and with the
 * names, that Hugging Face's {@code glue} data set gives them.
 */
public enum GlueTask {
    /** Corpus of Linguistic Acceptability (Warstadt et al. 2018); its files have no header. */
    COLA("CoLA", "label", "sentence", null),
    /** Stanford Sentiment Treebank (Socher et al. 2013). */
    SST2("SST-2", "label", "sentence", null),
    /** Microsoft Research Paraphrase Corpus (Dolan and Brockett 2005). */
    MRPC("MRPC", "Quality", "#1 String", "#2 String"),
    /** Semantic Textual Similarity Benchmark (Cer et al. 2017); scores from 0 to 5. */
    STSB("STS-B", "score", "sentence1", "sentence2"),
    /** Quora Question Pairs; questions with line breaks have torn some rows of the original files. */
    QQP("QQP", "is_duplicate", "question1", "question2"),
    /** Multi-Genre Natural Language Inference (Williams et al. 2018), with two held-out sets. */
    MNLI("MNLI", "gold_label", "sentence1", "sentence2"),
    /** Question answering of SQuAD (Rajpurkar et al. 2016) as inference. */
    QNLI("QNLI", "label", "question", "sentence"),
    /** Recognizing Textual Entailment 1, 2, 3 and 5. */
    RTE("RTE", "label", "sentence1", "sentence2"),
    /** Winograd schemas (Levesque et al. 2011) as inference. */
    WNLI("WNLI", "label", "sentence1", "sentence2");

    private static final String TRAIN = "train.tsv";
    private static final List<String> COLUMNS_OF_COLA = List.of("source", "label", "author's mark", "sentence");

    private final String title;
    private final String label;
    private final String text;
    private final String textPair; // or null

    GlueTask(String title, String label, String text, String textPair) {
        this.title = title;
        this.label = label;
        this.text = text;
        this.textPair = textPair;
    }

    /** The task's name as GLUE writes it, which is that of its folder. */
    public String title() {
        return title;
    }

    /** What is predicted. */
    public TaskKind kind() {
        return parser().kind();
    }

    /** GLUE's measures of the task, first that which is reported first. */
    public List<Metric> metrics() {
        return switch (this) {
            case COLA -> List.of(MATTHEWS_CORRELATION, ACCURACY);
            case MRPC, QQP -> List.of(ACCURACY, F1);
            case STSB -> List.of(PEARSON, SPEARMAN, MEAN_SQUARED_ERROR);
            case SST2, MNLI, QNLI, RTE, WNLI -> List.of(ACCURACY);
        };
    }

    /** Those measures that make the task's score. */
    public List<Metric> headline() {
        return switch (this) {
            case COLA -> List.of(MATTHEWS_CORRELATION);
            case STSB -> List.of(PEARSON, SPEARMAN);
            case MRPC, QQP, SST2, MNLI, QNLI, RTE, WNLI -> metrics();
        };
    }

    /**
     * Reads the task.
     *
     * @param data GLUE's folder, or the task's own
     * @throws norma.datasets.base.InvalidInputException if a file is missing or not as it should be
     */
    public LabelledTask load(Path data) {
        Path folder = folder(data);
        LabelledSplit train = split(folder.resolve(TRAIN), "train");
        return new LabelledTask(title, kind(), train, held(folder), metrics(), headline());
    }

    /** The held-out splits alone, for a model that is trained already; arguments and errors as of {@link #load}. */
    public List<LabelledSplit> devs(Path data) {
        return held(folder(data));
    }

    private List<LabelledSplit> held(Path folder) {
        List<String> names = this == MNLI ? List.of("dev_matched", "dev_mismatched") : List.of("dev");
        return names.stream()
                .map(name -> split(folder.resolve(name + ".tsv"), name))
                .toList();
    }

    private Path folder(Path data) {
        Path inside = data.resolve(title);
        boolean isOwn = Files.exists(data.resolve(TRAIN)) || data.endsWith(title);
        return isOwn && !Files.isDirectory(inside) ? data : inside;
    }

    private LabelledSplit split(Path file, String name) {
        TaskFile.require(file, name + " file of " + title);
        List<String> wanted = textPair == null ? List.of(label, text) : List.of(label, text, textPair);
        TsvRows.Damage damage = this == QQP ? TsvRows.Damage.MARKED : TsvRows.Damage.SURPLUS_IGNORED;
        Rows rows = this == COLA
                ? TsvRows.withoutHeader(file, COLUMNS_OF_COLA, wanted, damage)
                : TsvRows.withHeader(file, wanted, damage);
        // Hugging Face's reader keeps pairs of QQP with an empty question, and leaves torn rows out
        return RawExamples.read(file.toString(), rows, wanted, this == QQP).labelled(name, parser());
    }

    private LabelParser parser() {
        if (this == STSB) {
            return new LabelParser.OfNumbers(0, 5, "a number from 0 to 5");
        }
        List<String> names = classes();
        boolean spelled = this == MNLI || this == QNLI || this == RTE; // the others write 0 and 1
        return new LabelParser.OfClasses(spelled ? names : List.of("0", "1"), names, ", the classes of " + title);
    }

    private List<String> classes() {
        return switch (this) {
            case COLA -> List.of("unacceptable", "acceptable");
            case SST2 -> List.of("negative", "positive");
            case MRPC -> List.of("not_equivalent", "equivalent");
            case QQP -> List.of("not_duplicate", "duplicate");
            case MNLI -> List.of("entailment", "neutral", "contradiction");
            case QNLI, RTE -> List.of("entailment", "not_entailment");
            case WNLI -> List.of("not_entailment", "entailment");
            case STSB -> List.of();
        };
    }
}
