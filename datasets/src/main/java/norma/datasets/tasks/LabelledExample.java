package norma.datasets.tasks;

/**
 * A text, or two, and what is to be predicted of them.
 *
 * @param text as it stands in the file
 * @param textPair the second text, or null where the task has one text only
 * @param label of the task's kind, or null where nobody has said what it is
 */
public record LabelledExample(String text, String textPair, Label label) {}
