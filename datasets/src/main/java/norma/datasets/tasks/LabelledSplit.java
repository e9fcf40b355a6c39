package norma.datasets.tasks;

import java.util.List;

/**
 * Examples in the order of their source.
 *
 * @param name such as train, dev or dev_mismatched
 * @param source the file or whatever else they came from, for messages and provenance
 * @param examples at least one
 * @param leftOut numbers of the lines that were left out as damaged, which happens with QQP only
 */
public record LabelledSplit(String name, String source, List<LabelledExample> examples, List<Long> leftOut) {
    /** Copies. */
    public LabelledSplit {
        examples = List.copyOf(examples);
        leftOut = List.copyOf(leftOut);
    }

    /** A whole source. */
    LabelledSplit(String name, String source, List<LabelledExample> examples) {
        this(name, source, examples, List.of());
    }
}
