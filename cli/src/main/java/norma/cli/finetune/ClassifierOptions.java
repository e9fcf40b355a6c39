package norma.cli.finetune;

import ai.djl.Device;
import java.util.List;
import norma.cli.options.WholeNumber;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.classification.TextClassifier;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import picocli.CommandLine.Option;

/** How a fine-tuned model is asked about texts. */
public final class ClassifierOptions {
    static final String MODEL =
            "Folder of a fine-tuned model, such as runs/NAME/seed-1/checkpoint, or an imported one with a classifier.";

    static final String FILE = "File of texts: TSV, CSV or JSON Lines with named columns.";

    @Option(
            names = "--labels",
            paramLabel = "LABELS",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description = "Labels of the classifier's outputs in their order, such as contradiction,entailment,neutral,"
                    + " for a model whose config.json names none (LABEL_0), or other ones; default: those of id2label.")
    private List<String> labels = List.of();

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description =
                    "Tokens of a text at most; default: what the tokenizer's settings say (model_max_length), which"
                            + " is what the model was fine-tuned with.")
    private Integer maxLength;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Texts in memory at once; default: ${DEFAULT-VALUE}.")
    private int batchSize = 32;

    List<String> labels() {
        return labels;
    }

    int batchSize() {
        return batchSize;
    }

    /** Refuses sizes that are none. */
    void requireSizes() {
        WholeNumber.requireAtLeastOne("--batch-size", batchSize);
        WholeNumber.requireAtLeastOne("--max-length", maxLength == null ? 1 : maxLength);
    }

    /** Opens the model. */
    TextClassifier open(ModelSource source, Device device) {
        requireSizes();
        return TextClassifier.open(source.last(), device, new TextClassifier.Settings(labels, maxLength, batchSize));
    }

    /** The longest text of a task for a model. */
    int maxLength(ProbedCheckpoint checkpoint, Tokenizer tokenizer) {
        return maxLength == null ? checkpoint.textLength(tokenizer) : maxLength;
    }
}
