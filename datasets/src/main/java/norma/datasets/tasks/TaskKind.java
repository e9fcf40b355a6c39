package norma.datasets.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.metrics.Metric;
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

    /** What is measured where a task does not say otherwise. */
    List<Metric> metrics();

    /**
     * What a model's outputs for one example predict.
     *
     * @param outputs (K)
     */
    Label predicted(float[] outputs);

    /**
     * The probability of each label: of one class the softmax of the outputs, of several labels each one's sigmoid, of
     * a number none.
     *
     * @param outputs (K)
     */
    double[] probabilities(float[] outputs);

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
        public List<Metric> metrics() {
            return List.of(Metric.ACCURACY, Metric.MACRO_F1, Metric.MATTHEWS_CORRELATION);
        }

        @Override
        public Outcomes outcomes(List<LabelledExample> examples, float[] outputs) {
            TaskKind.requireNumbers(this, examples.size(), outputs);
            int[] truth = new int[examples.size()];
            int[] predicted = new int[truth.length];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = ((Label.OneClass) examples.get(i).label()).index();
                predicted[i] = ((Label.OneClass) predicted(TaskKind.of(i, outputs(), outputs))).index();
            }
            return new Outcomes.Classes(truth, predicted);
        }

        @Override
        public Label predicted(float[] outputs) {
            int largest = 0;
            for (int k = 1; k < outputs.length; k++) {
                largest = outputs[k] > outputs[largest] ? k : largest;
            }
            return new Label.OneClass(largest);
        }

        @Override
        public double[] probabilities(float[] outputs) {
            double largest = Double.NEGATIVE_INFINITY;
            for (float output : outputs) {
                largest = Math.max(largest, output);
            }
            double[] probabilities = new double[outputs.length];
            double sum = 0;
            for (int k = 0; k < outputs.length; k++) {
                probabilities[k] = StrictMath.exp(outputs[k] - largest);
                sum += probabilities[k];
            }
            for (int k = 0; k < outputs.length; k++) {
                probabilities[k] /= sum;
            }
            return probabilities;
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
        public List<Metric> metrics() {
            return List.of(
                    Metric.LABEL_MICRO_F1, Metric.LABEL_MACRO_F1, Metric.LABEL_SAMPLES_F1, Metric.SUBSET_ACCURACY);
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
        public Label predicted(float[] outputs) {
            return new Label.Several(IntStream.range(0, outputs.length)
                    .filter(k -> outputs[k] > 0)
                    .boxed()
                    .toList());
        }

        @Override
        public double[] probabilities(float[] outputs) {
            double[] probabilities = new double[outputs.length];
            for (int k = 0; k < outputs.length; k++) {
                probabilities[k] = 1 / (1 + StrictMath.exp(-outputs[k]));
            }
            return probabilities;
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
        public List<Metric> metrics() {
            return List.of(Metric.PEARSON, Metric.SPEARMAN, Metric.MEAN_SQUARED_ERROR);
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
        public Label predicted(float[] outputs) {
            return new Label.Target(outputs[0]);
        }

        @Override
        public double[] probabilities(float[] outputs) {
            return new double[0];
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

    /** The outputs of one example out of those of all. */
    static float[] of(int example, int width, float[] outputs) {
        return Arrays.copyOfRange(outputs, example * width, (example + 1) * width);
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
