package norma.datasets.tasks;

import java.util.List;
import norma.datasets.metrics.Outcomes;

/** What is predicted of each example, and what a model's outputs mean. */
public sealed interface TaskKind {
    /** K, how many numbers a model gives for each example. */
    int outputs();

    /**
     * Labels beside what outputs predict.
     *
     * @param examples N of this kind of task
     * @param outputs (N*K) as the model gives them, example by example
     * @throws IllegalArgumentException if an output is NaN: it predicts nothing
     */
    Outcomes outcomes(List<LabelledExample> examples, float[] outputs);

    /**
     * One of several classes; the largest output is the prediction, of equal ones the first.
     *
     * @param labels the classes' names, in the order of the outputs
     */
    record Classification(List<String> labels) implements TaskKind {
        /** A copy. */
        public Classification {
            labels = List.copyOf(labels);
        }

        @Override
        public int outputs() {
            return labels.size();
        }

        @Override
        public Outcomes outcomes(List<LabelledExample> examples, float[] outputs) {
            TaskKind.requireNumbers(this, examples.size(), outputs);
            int[] truth = new int[examples.size()];
            int[] predicted = new int[truth.length];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = ((Label.OneClass) examples.get(i).label()).index();
                int first = i * outputs();
                for (int k = 1; k < outputs(); k++) {
                    predicted[i] = outputs[first + k] > outputs[first + predicted[i]] ? k : predicted[i];
                }
            }
            return new Outcomes.Classes(truth, predicted);
        }
    }

    /**
     * Any number of labels; those with positive outputs, which is a probability above one half, are the prediction.
     *
     * @param labels their names, in the order of the outputs
     */
    record MultiLabel(List<String> labels) implements TaskKind {
        /** A copy. */
        public MultiLabel {
            labels = List.copyOf(labels);
        }

        @Override
        public int outputs() {
            return labels.size();
        }

        @Override
        public Outcomes outcomes(List<LabelledExample> examples, float[] outputs) {
            TaskKind.requireNumbers(this, examples.size(), outputs);
            boolean[] truth = new boolean[outputs.length];
            boolean[] predicted = new boolean[outputs.length];
            for (int i = 0; i < examples.size(); i++) {
                for (int label : ((Label.Several) examples.get(i).label()).indices()) {
                    truth[i * outputs() + label] = true;
                }
            }
            for (int i = 0; i < outputs.length; i++) {
                predicted[i] = outputs[i] > 0;
            }
            return new Outcomes.LabelSets(outputs(), truth, predicted);
        }
    }

    /** A number, which the output is. */
    record Regression() implements TaskKind {
        @Override
        public int outputs() {
            return 1;
        }

        @Override
        public Outcomes outcomes(List<LabelledExample> examples, float[] outputs) {
            TaskKind.requireNumbers(this, examples.size(), outputs);
            double[] truth = new double[examples.size()];
            double[] predicted = new double[truth.length];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = ((Label.Target) examples.get(i).label()).value();
                predicted[i] = outputs[i];
            }
            return new Outcomes.Targets(truth, predicted);
        }
    }

    /** Checks how many outputs there are and that each is a number. */
    private static void requireNumbers(TaskKind kind, int examples, float[] outputs) {
        if (outputs.length != examples * kind.outputs()) {
            throw new IllegalArgumentException(
                    outputs.length + " outputs of " + examples + " examples, expected " + kind.outputs() + " of each");
        }
        for (int i = 0; i < outputs.length; i++) {
            if (Float.isNaN(outputs[i])) {
                throw new IllegalArgumentException("output " + i % kind.outputs() + " of example " + i / kind.outputs()
                        + " is NaN, which predicts nothing");
            }
        }
    }
}
