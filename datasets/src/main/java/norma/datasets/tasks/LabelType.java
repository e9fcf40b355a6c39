package norma.datasets.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the label column of one's own files holds. */
public enum LabelType {
    /** One class. */
    CLASSIFICATION("classification"),
    /** Any number of labels. */
    MULTI_LABEL("multi-label"),
    /** A number. */
    REGRESSION("regression");

    private final String key;

    LabelType(String key) {
        this.key = key;
    }

    /** What options call it. */
    public String key() {
        return key;
    }

    /** The type of a key. */
    public static Optional<LabelType> named(String key) {
        return Arrays.stream(values()).filter(type -> type.key.equals(key)).findFirst();
    }

    /** All keys. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(LabelType::key).toList();
    }
}
