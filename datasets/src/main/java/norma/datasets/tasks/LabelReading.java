package norma.datasets.tasks;

import java.util.List;

/**
 * What a person should know of how the labels of a task were read, before anything is trained on them.
 *
 * @param choices what was decided by what the labels look like, and the option that decides otherwise
 * @param doubts what is probably a slip in the files
 */
public record LabelReading(List<String> choices, List<String> doubts) {
    /** Of a task whose labels are known. */
    public static final LabelReading PLAIN = new LabelReading(List.of(), List.of());

    /** Copies. */
    public LabelReading {
        choices = List.copyOf(choices);
        doubts = List.copyOf(doubts);
    }
}
