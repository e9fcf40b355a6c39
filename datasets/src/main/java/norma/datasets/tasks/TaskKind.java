package norma.datasets.tasks;

import java.util.List;
import norma.datasets.metrics.Outcomes;

/** What is predicted of each example, and what a model's outputs mean. */
public sealed interface TaskKind {
    /** K, how many numbers a model gives for each example. */
    int outputs();

    /** Names of the outputs, in their order; a number has no name of its own, and takes Hugging Face's LABEL_0. */
    List<String> labels();

    /**
     * Labels beside what outputs predict.
     *
     * @param examples N of this kind of task
     * @param outputs (N*K) as the model gives them, example by example
     * @throws IllegalArgumentException if an output is NaN: it predicts nothing
     */
    Outcomes outcomes(List<LabelledExample> examples, float[] outputs);

    /**
     * The mean loss as Hugging Face's {@code ...ForSequenceClassification} has it: of one class the cross-entropy in
     * nats, of several labels the binary cross-entropy (mean over examples and labels), of a number the squared error.
     *
     * @param examples N of this kind of task
     * @param outputs (N*K) as the model gives them, example by example
     */
    double loss(List<LabelledExample> examples, float[] outputs);

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

        @Override
        public double loss(List<LabelledExample> examples, float[] outputs) {
            double sum = 0;
            for (int i = 0; i < examples.size(); i++) {
                int first = i * outputs();
                double largest = outputs[first];
                for (int k = 1; k < outputs(); k++) {
                    largest = Math.max(largest, outputs[first + k]);
                }
                double exponentials = 0;
                for (int k = 0; k < outputs(); k++) {
                    exponentials += Math.exp(outputs[first + k] - largest);
                }
                int truth = ((Label.OneClass) examples.get(i).label()).index();
                sum += largest + Math.log(exponentials) - outputs[first + truth];
            }
            return sum / examples.size();
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

        @Override
        public double loss(List<LabelledExample> examples, float[] outputs) {
            double sum = 0;
            for (int i = 0; i < outputs.length; i++) {
                sum += Math.max(outputs[i], 0) + Math.log1p(Math.exp(-Math.abs(outputs[i])));
            }
            for (int i = 0; i < examples.size(); i++) {
                for (int label : ((Label.Several) examples.get(i).label()).indices()) {
                    sum -= outputs[i * outputs() + label];
                }
            }
            return sum / outputs.length;
        }
    }

    /** A number, which the output is. */
    record Regression() implements TaskKind {
        @Override
        public List<String> labels() {
            return List.of("LABEL_0");
        }

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

        @Override
        public double loss(List<LabelledExample> examples, float[] outputs) {
            double sum = 0;
            for (int i = 0; i < outputs.length; i++) {
                double difference = outputs[i] - ((Label.Target) examples.get(i).label()).value();
                sum += difference * difference;
            }
            return sum / outputs.length;
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
