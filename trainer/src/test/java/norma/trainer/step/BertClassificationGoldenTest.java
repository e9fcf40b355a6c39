package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hugging Face's BertForSequenceClassification on PyTorch: logits, losses and every gradient. */
@Tag("engine")
class BertClassificationGoldenTest {
    private static final AdamW.Hyperparameters HYPERPARAMETERS = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);

    private static TaskKind kind(ReferenceFolder golden, String name) {
        int outputs = (int) golden.weights().get("classifier.weight").shape()[0];
        return name.equals("regression")
                ? new TaskKind.Regression()
                : new TaskKind.Classification(
                        IntStream.range(0, outputs).mapToObj(i -> "class " + i).toList());
    }

    private static ClassificationLearner learner(ReferenceFolder golden, TaskKind kind, KernelSet.Way way) {
        Replica.Kernels kernels =
                new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), way == KernelSet.Way.FUSED);
        ClassificationLearner learner = Learners.classifier(
                Architectures.config(golden.config(), "config.json"), kind, HYPERPARAMETERS, 1, kernels);
        learner.load(golden.weights());
        return learner;
    }

    private static LabelledBatch batch(ReferenceFolder golden, SafetensorsFile io, TaskKind kind) throws IOException {
        boolean classes = kind instanceof TaskKind.Classification;
        long[] labels = classes ? io.readLongs("input.labels") : new long[0];
        Batch batch = golden.unlabelledBatch();
        return new LabelledBatch(
                batch,
                IntStream.range(0, labels.length).map(i -> (int) labels[i]).toArray(),
                classes ? new float[0] : io.read("input.labels").values(),
                IntStream.range(0, batch.rows()).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "classification, OPERATORS",
        "classification, FUSED",
        "classification, HOST",
        "regression, OPERATORS",
        "regression, FUSED",
        "regression, HOST"
    })
    void logitsAndLoss_equalTheReference(String name, KernelSet.Way way) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert-classification/" + name);
        TaskKind kind = kind(golden, name);
        double expected = golden.expected().at("/loss/total").asDouble();
        try (ClassificationLearner learner = learner(golden, kind, way);
                SafetensorsFile io = golden.io()) {
            LabelledBatch batch = batch(golden, io, kind);
            float[] ours = learner.logits(batch);
            float[] logits = io.read("logits").values();
            assertThat(ours).hasSameSizeAs(logits);
            for (int i = 0; i < logits.length; i++) {
                assertThat((double) ours[i]).isCloseTo(logits[i], within(2e-5));
            }
            assertThat(kind.loss(BatchExamples.of(batch, kind), ours)).isCloseTo(expected, within(5e-6));
            assertThat(Learners.outcome(learner, 0, List.of(batch), 0).loss()).isCloseTo(expected, within(5e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "classification, OPERATORS",
        "classification, FUSED",
        "classification, HOST",
        "regression, OPERATORS",
        "regression, FUSED",
        "regression, HOST"
    })
    void gradients_equalTheReference(String name, KernelSet.Way way) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert-classification/" + name);
        TaskKind kind = kind(golden, name);
        try (ClassificationLearner learner = learner(golden, kind, way);
                SafetensorsFile io = golden.io()) {
            Map<String, HostTensor> gradients = learner.gradients(0, List.of(batch(golden, io, kind)));
            SoftAssertions softly = new SoftAssertions();
            int compared = 0;
            for (String tensor : io.names()) {
                if (tensor.startsWith("grad.")) {
                    HostTensor gradient = gradients.remove(tensor.substring(5));
                    softly.assertThat(gradient).as(tensor).isNotNull();
                    if (gradient != null) {
                        softly.assertThat(largestDifference(
                                        gradient.values(), io.read(tensor).values()))
                                .as(tensor)
                                .isLessThanOrEqualTo(2e-5);
                        compared++;
                    }
                }
            }
            softly.assertThat(compared).isPositive();
            softly.assertThat(gradients.keySet())
                    .as("gradients that the reference lacks")
                    .isEmpty();
            softly.assertAll();
        }
    }

    private static double largestDifference(float[] ours, float[] theirs) {
        assertThat(ours).hasSameSizeAs(theirs);
        double max = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = Math.abs((double) ours[i] - theirs[i]);
            max = Double.isNaN(difference) ? Double.NaN : Math.max(max, difference);
        }
        return max;
    }
}
