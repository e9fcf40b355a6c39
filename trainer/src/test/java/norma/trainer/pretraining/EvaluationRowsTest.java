package norma.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.datasets.pretraining.ContextFreeLosses;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LossTerm;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.TestSites;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.Learner;
import norma.trainer.step.NetworkTensors;
import norma.trainer.tensorboard.EventWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many sequences the loop puts into memory at once to evaluate. */
@Tag("engine")
class EvaluationRowsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"4, 4", "32, 32", "64, 32"})
    void evaluationBatches_haveTheRowsOfAMicroBatch_andNoMoreThan32(int microBatchSize, int expected)
            throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            text.append("The ").append(i % 7).append(" old ships of number ").append(i * i % 97);
            text.append(" sail to harbour ").append(i % 13).append(" at dawn.\n\n");
        }
        Path corpus = Files.writeString(folder.resolve("ships.txt"), text);
        RunConfig config = RunConfigYaml.parse("""
                data: {corpus: text, paths: ["%s"], sequence_length: 16, validation_fraction: 0.2}
                tokenizer: {vocab_size: 200}
                model: {vocab_size: 200, max_position_embeddings: 16}
                training: {steps: 1, batch_size: 64, micro_batch_size: %d}
                schedule: {warmup_steps: 0}
                evaluation: {examples: 70}
                """.formatted(corpus, microBatchSize), "test", List.of());
        Observed learner = new Observed(new ArrayList<>());
        try (PretrainingData data = PretrainingData.prepare(
                        config.data(),
                        config.tokenizer(),
                        SequenceFormat.BERT,
                        1,
                        folder.resolve("cache"),
                        RunListener.NONE);
                RunFolder run = RunFolder.create(folder.resolve("run"), false);
                LayerNormRecorder recorder = LayerNormRecorder.open(
                        run.files().layerNorms(), new SnapshotLayout(learner.layerNormSites()), 1, true);
                Monitor monitor = new Monitor(
                        new MetricsLog(run.files().metrics()),
                        EventWriter.open(run.files().tensorBoard()),
                        learner.terms(),
                        new ContextFreeLosses(Double.NaN, Double.NaN, Double.NaN),
                        new SnapshotLayout(learner.layerNormSites()))) {
            new TrainingLoop(config, run, data, learner, recorder, monitor, new StopRequest(), RunListener.NONE)
                    .run(-1);
        }
        List<Integer> oneEvaluation = learner.evaluated.subList(0, learner.evaluated.size() / 2); // of steps 0 and 1
        assertThat(oneEvaluation.stream().mapToInt(Integer::intValue).sum()).isEqualTo(70);
        assertThat(oneEvaluation.subList(0, oneEvaluation.size() - 1)).containsOnly(expected);
    }

    /** A model of one site that learns nothing and notes the rows that it is evaluated on. */
    private record Observed(List<Integer> evaluated) implements Learner {
        private static final int HIDDEN = 4;

        @Override
        public StepResult step(long step, List<Batch> microBatches, double learningRate) {
            return () -> new Outcome(1, List.of(1.0), 1, 1, 0, true);
        }

        @Override
        public Evaluation evaluate(Iterable<Batch> batches) {
            batches.forEach(batch -> evaluated.add(batch.rows()));
            return new Evaluation(List.of(new TermScore("mlm", 1, 0, 1)));
        }

        @Override
        public List<LayerNormSite> layerNormSites() {
            return List.of(TestSites.bert("layer.0.output", HIDDEN));
        }

        @Override
        public float[] layerNorms() {
            return new float[2 * HIDDEN];
        }

        @Override
        public void set(DimensionValue value) {}

        @Override
        public void keepLayerNorms() {}

        @Override
        public List<float[]> takeLayerNorms() {
            return List.of(layerNorms());
        }

        @Override
        public long updates() {
            return 0;
        }

        @Override
        public List<LossTerm> terms() {
            return List.of(new LossTerm("mlm", LossTerm.Unit.PREDICTION, 1));
        }

        @Override
        public Map<String, Network> networks() {
            ModelConfig config =
                    Architectures.config(new ObjectMapper().createObjectNode().put("vocab_size", 500), "test");
            return Map.of("", Architectures.of(config).network(config));
        }

        @Override
        public Map<String, NetworkTensors> tensors() {
            Map<String, HostTensor> weights =
                    new LinkedHashMap<>(Map.of("weight", new HostTensor(new long[] {HIDDEN}, new float[HIDDEN])));
            return Map.of("", new NetworkTensors(weights, Map.of()));
        }

        @Override
        public void restore(Map<String, NetworkTensors> networks, long updates) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
