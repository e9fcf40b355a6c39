package norma.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.TestSites;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run is expected to write against what it writes. */
class DiskEstimateTest {
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(TestSites.ofBert(2, 16));

    @TempDir
    private Path folder;

    private static RunConfig config(String... settings) {
        return RunConfigYaml.parse("""
                data: {corpus: text, paths: [none], sequence_length: 16}
                model: {vocab_size: 200, hidden_size: 16, num_attention_heads: 2, max_position_embeddings: 16}
                schedule: {warmup_steps: 0}
                """, "test", List.of(settings));
    }

    private static DiskEstimate estimate(RunConfig config, long from, Long... there) {
        return DiskEstimate.of(config, LAYOUT, 1_000_000, 2, from, Set.of(there));
    }

    /** The checkpoints of the steps 0, 10, … 100 and 35, counted by hand. */
    @Test
    @Tag("unit")
    void checkpointsAreThoseThatAreKept_andTheOneBeingWrittenBesideThem() {
        String[] settings = {"training.steps=100", "checkpoints.every=10", "checkpoints.at=[35]"};
        DiskEstimate all = estimate(config(settings), -1);
        assertThat(all.checkpoints()).isEqualTo(12);
        assertThat(all.mostCheckpoints()).isEqualTo(12);

        RunConfig three = config(settings[0], settings[1], settings[2], "checkpoints.keep=3");
        DiskEstimate kept = estimate(three, -1);
        assertThat(kept.checkpoints()).isEqualTo(4); // 35, 80, 90, 100
        assertThat(kept.mostCheckpoints()).isEqualTo(5);
        assertThat(kept.atMost() - kept.atTheEnd()).isEqualTo(kept.checkpointBytes());

        DiskEstimate more = estimate(three, 50, 35L, 40L, 50L);
        assertThat(more.checkpoints()).isEqualTo(1);
        assertThat(more.mostCheckpoints()).isEqualTo(2); // 35, 40, 50, 60 and 70, while that is written
        assertThat(more.tensorBoard()).isLessThan(kept.tensorBoard());
        assertThat(more.recording()).isBetween(kept.recording() * 2 / 5, kept.recording() * 3 / 5);

        DiskEstimate done = estimate(three, 100, 35L, 80L, 90L, 100L);
        assertThat(done.mostCheckpoints()).isZero();
        assertThat(done.recording()).isZero();
    }

    /** At step 50 of 100: one that copies its parent's checkpoint, and one that writes its first one itself. */
    @Test
    @Tag("unit")
    void aForkCounts_theStepsAndCheckpointsThatItMakesItself() {
        String[] settings = {"training.steps=100", "checkpoints.every=10"};
        DiskEstimate copying = estimate(config(settings), 50, 50L);
        assertThat(copying.mostCheckpoints()).isEqualTo(5); // 60, 70, … 100
        assertThat(copying.recording())
                .isLessThan(estimate(config(settings), -1).recording());
        DiskEstimate writing = estimate(config(settings), 50);
        assertThat(writing.mostCheckpoints()).isEqualTo(6); // and 50
        assertThat(writing.atMost() - copying.atMost()).isEqualTo(copying.checkpointBytes());
        assertThat(estimate(config(settings[0], settings[1], "checkpoints.keep=1"), 50, 50L)
                        .parts())
                .startsWith("at most 1 checkpoint of 1.0 MiB at a time, LayerNorm recording ");
    }

    @Test
    @Tag("unit")
    void tensorBoardIsDrawnAtTwentyFiveStepsAtMost_theFirstAndTheLastAmongThem() {
        for (int steps : List.of(1, 7, 100, 999, 1000, 100_000)) {
            for (int every : List.of(1, 3, 10, 200)) {
                DueSteps due = new DueSteps(config("training.steps=" + steps, "evaluation.every=" + every));
                long[] evaluated =
                        LongStream.rangeClosed(0, steps).filter(due::evaluation).toArray();
                long[] drawn =
                        LongStream.rangeClosed(0, steps).filter(due::drawn).toArray();
                assertThat(drawn).startsWith(0).endsWith(steps).hasSizeLessThanOrEqualTo(DueSteps.MOST_DRAWN);
                assertThat(LongStream.of(drawn).allMatch(due::evaluation)).isTrue();
                if (evaluated.length < DueSteps.MOST_DRAWN) {
                    assertThat(drawn).isEqualTo(evaluated);
                } else {
                    assertThat(drawn).hasSizeGreaterThan(DueSteps.MOST_DRAWN / 2);
                }
            }
        }
    }

    @Test
    @Tag("unit")
    void tensorBoardDoesNotGrowWithTheNumberOfEvaluations() {
        long seldom = estimate(config("training.steps=10000", "evaluation.every=500"), -1)
                .tensorBoard();
        long often = estimate(config("training.steps=10000", "evaluation.every=10"), -1)
                .tensorBoard();
        assertThat(often).isLessThan(seldom * 5 / 4);
    }

    /** One run is mostly checkpoints, one mostly pictures, one mostly what each step adds. */
    @ParameterizedTest
    @Tag("run")
    @CsvSource({"64, 40, 4, 20, 10", "16, 60, 1000, 2, 1", "32, 400, 400, 400, 1"})
    void aShortRun_takesBetweenTwoThirdsOfTheEstimateAndAllOfIt(
            int hidden, int steps, int checkpoints, int evaluations, int logging) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("The ").append(i % 7).append(" old ships of number ").append(i * i % 97);
            text.append(" sail to harbour ").append(i % 13).append(" at dawn.\n\n");
        }
        Path corpus = Files.writeString(folder.resolve("ships.txt"), text);
        RunConfig config = RunConfigYaml.parse(
                """
                data: {corpus: text, paths: ["%s"], sequence_length: 16, validation_fraction: 0.2}
                tokenizer: {vocab_size: 200}
                model: {hidden_size: %d, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 16}
                training: {steps: %d, batch_size: 4}
                schedule: {warmup_steps: 2}
                logging: {every: %d}
                evaluation: {every: %d, examples: 8}
                checkpoints: {every: %d, keep: 3}
                """.formatted(corpus, hidden, steps, logging, evaluations, checkpoints), "test", List.of());
        Path run = folder.resolve("runs/run");
        long[] largest = new long[1];
        RunListener listener = new RunListener() {
            @Override
            public void step(long step, long all, Learner.Outcome outcome, int taken, double seconds) {
                largest[0] = Math.max(largest[0], bytes(run));
            }
        };
        new Pretraining(new StopRequest(), listener).start(config, run.getParent(), "run", false);

        Path last = run.resolve(String.format("checkpoints/step-%08d", steps));
        DiskEstimate estimate = DiskEstimate.of(
                RunConfigYaml.read(run.resolve("config.yaml"), List.of()),
                LayerNormRecording.open(run.resolve("layernorm.zarr")).layout(),
                Files.size(last.resolve("model.safetensors")) + Files.size(last.resolve("optimizer.safetensors")),
                Files.size(run.resolve("tokenizer.json")),
                -1,
                Set.of());
        System.out.printf("%,d bytes at the end, %,d estimated: %s%n", bytes(run), estimate.atTheEnd(), estimate);
        assertThat((double) bytes(run) / estimate.atTheEnd()).isBetween(2 / 3.0, 1.0);
        assertThat(largest[0]).isLessThanOrEqualTo(estimate.atMost());
    }

    private static long bytes(Path run) {
        try {
            return DiskSpace.bytesOf(run);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
