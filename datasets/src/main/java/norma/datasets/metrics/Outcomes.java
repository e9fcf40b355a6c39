package norma.datasets.metrics;

/** Labels and predictions of the same N examples, in one order. */
public sealed interface Outcomes {

    /**
     * One class an example.
     *
     * @param truth (N) class numbers from 0
     * @param predicted (N) class numbers from 0
     */
    @SuppressWarnings("ArrayRecordComponent") // made, measured and forgotten
    record Classes(int[] truth, int[] predicted) implements Outcomes {
        /** Checks that they are as many. */
        public Classes {
            requirePaired(truth.length, predicted.length);
        }

        /** One more than the largest class number. */
        int classes() {
            int largest = 0;
            for (int i = 0; i < truth.length; i++) {
                largest = Math.max(largest, Math.max(truth[i], predicted[i]));
            }
            return largest + 1;
        }
    }

    /**
     * Any number of labels an example.
     *
     * @param labels L, how many there are
     * @param truth (N*L) whether the label holds, example by example
     * @param predicted (N*L) whether it was predicted
     */
    @SuppressWarnings("ArrayRecordComponent")
    record LabelSets(int labels, boolean[] truth, boolean[] predicted) implements Outcomes {
        /** Checks that they are as many, and whole examples. */
        public LabelSets {
            requirePaired(truth.length, predicted.length);
            if (labels < 1 || truth.length % labels != 0) {
                throw new IllegalArgumentException(truth.length + " values are no rows of " + labels);
            }
        }
    }

    /**
     * A number an example.
     *
     * @param truth (N)
     * @param predicted (N)
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Targets(double[] truth, double[] predicted) implements Outcomes {
        /** Checks that they are as many. */
        public Targets {
            requirePaired(truth.length, predicted.length);
        }
    }

    private static void requirePaired(int truth, int predicted) {
        if (truth != predicted || truth == 0) {
            throw new IllegalArgumentException(truth + " labels and " + predicted + " predictions");
        }
    }
}
