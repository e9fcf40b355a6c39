package norma.datasets.tasks;

import java.util.List;

/** What is to be predicted of one example. */
public sealed interface Label {

    /** One of the classes, by its number in {@link TaskKind.Classification#labels}. */
    record OneClass(int index) implements Label {}

    /** Those labels that hold, by their numbers in {@link TaskKind.MultiLabel#labels}, ascending; maybe none. */
    record Several(List<Integer> indices) implements Label {
        /** A copy, sorted, each once. */
        public Several {
            indices = indices.stream().distinct().sorted().toList();
        }
    }

    /** A finite number. */
    record Target(double value) implements Label {
        /** Checks that it is one. */
        public Target {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(value + " is not finite");
            }
        }
    }
}
