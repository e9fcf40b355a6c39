package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code norma pretrain --from RUN@STEP}. */
@Tag("run")
class ForkTest extends TinyRunTests {
    private static final String STEP_3 = "checkpoints/step-00000003";
    private static final String LAST = "checkpoints/step-00000006";

    private static final Pattern DISK = Pattern.compile("disk: about ([\\d.]+) MiB \\(at most (\\d+) checkpoints? of"
            + " ([\\d.]+) MiB at a time, LayerNorm recording ([\\d.]+) MiB, TensorBoard ([\\d.]+) MiB, the rest"
            + " ([\\d.]+) MiB, copied from the parent ([\\d.]+) MiB\\), ");

    private Path parent;

    @BeforeEach
    void trainParent() {
        parent = runs.resolve("tiny");
        assertThat(pretrain(config, "--run", "tiny").code()).isZero();
    }

    private CommandLineRun pretrain(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("pretrain", "--runs", runs));
        all.addAll(List.of(arguments));
        return CommandLineRun.of(all.toArray());
    }

    private CommandLineRun fork(String point, Object... more) {
        List<Object> all = new ArrayList<>(List.of("--from", runs.resolve(point)));
        all.addAll(List.of(more));
        return pretrain(all.toArray());
    }

    @Test
    void withoutAChange_itEqualsItsParentBitForBit() throws IOException {
        CommandLineRun run = fork("tiny@3");

        assertThat(run.code()).as(run.err()).isZero();
        Path fork = runs.resolve("tiny-from-3");
        for (String name : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
            assertThat(fork.resolve(LAST).resolve(name))
                    .hasSameBinaryContentAs(parent.resolve(LAST).resolve(name));
        }
        assertSameRecording(fork, 6);
        assertThat(losses(fork)).isEqualTo(losses(parent));
    }

    @Test
    void whatIsChanged_isTheOnlyDifferenceFromTheForkOn_andNamedInProvenance() throws IOException {
        CommandLineRun run =
                fork("tiny@3", "--run", "faster", "--set", "optimizer.learning_rate=0.01", "--set", "training.steps=8");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("at step 3: optimizer.learning_rate 1.0E-4 → 0.01, training.steps 6 → 8");
        Path fork = runs.resolve("faster");
        assertSameRecording(fork, 3);
        assertThat(recording(fork).size()).isEqualTo(9);
        assertThat(losses(fork).subList(0, 5))
                .as("the loss of step 4 is taken before its update")
                .isEqualTo(losses(parent).subList(0, 5));
        assertThat(losses(fork).get(5)).isNotCloseTo(losses(parent).get(5), within(1e-6));
        JsonNode origin = new ObjectMapper()
                .readTree(fork.resolve("provenance.json").toFile())
                .get("parent");
        assertThat(origin.get("run").asText()).isEqualTo(parent.toString());
        assertThat(origin.get("step").asLong()).isEqualTo(3);
        assertThat(origin.at("/changes/optimizer.learning_rate/before").asText())
                .isEqualTo("1.0E-4");
        assertThat(origin.at("/changes/optimizer.learning_rate/after").asText()).isEqualTo("0.01");
    }

    /** One that copies its parent's checkpoint and writes those of steps 6 and 8, one that writes those of 3 and 6. */
    @Test
    void theDiskThatIsSaid_isTheSumOfItsParts_andWhatIsCopiedIsOneOfThem() {
        for (String setting : List.of("training.steps=8", "optimizer.type=sgd")) {
            CommandLineRun run = fork("tiny@3", "--run", setting.substring(0, 8), "--verbose", "--set", setting);

            assertThat(run.code()).as(run.err()).isZero();
            Matcher disk = DISK.matcher(run.err());
            assertThat(disk.find()).as(run.err()).isTrue();
            double[] parts = IntStream.rangeClosed(1, disk.groupCount())
                    .mapToDouble(group -> Double.parseDouble(disk.group(group)))
                    .toArray();
            assertThat(parts[1]).as("checkpoints").isEqualTo(2);
            assertThat(parts[6]).as("copied").isPositive();
            double sum = parts[1] * parts[2] + parts[3] + parts[4] + parts[5] + parts[6];
            assertThat(parts[0]).isCloseTo(sum, within(7 * 0.05 + 1e-9)); // of each number a half of its last digit
        }
    }

    @Test
    void otherThreadsThanTheParents_areSaid() throws IOException {
        Path other = CommandLineRun.copy(parent, runs.resolve("other"));
        Path file = other.resolve("provenance.json");
        Files.writeString(file, Files.readString(file).replaceFirst("\"threads\" : \\d+", "\"threads\" : 999"));
        CommandLineRun run = fork("other@3", "--run", "fewer");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("not as when the parent began, so the fork may differ from it by more than its settings say:"
                        + " threads: 999, now ");
        assertThat(fork("tiny@3", "--run", "same").err()).doesNotContain("not as when the parent began");
    }

    @Test
    void aForkThatWasStopped_isResumedAsIfItNeverWas() throws IOException {
        fork("tiny@3", "--run", "whole", "--set", "data.sequence_length=8");
        fork("tiny@3", "--run", "stopped", "--set", "data.sequence_length=8");
        Path stopped = runs.resolve("stopped");
        try (Stream<Path> files = Files.walk(stopped.resolve(LAST))) {
            files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(java.io.File::delete);
        }

        CommandLineRun resumed = CommandLineRun.of("resume", stopped);

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("resuming " + stopped + " at step 3 of 6");
        assertThat(stopped.resolve(LAST).resolve("model.safetensors"))
                .hasSameBinaryContentAs(runs.resolve("whole").resolve(LAST).resolve("model.safetensors"));
    }

    @Test
    void aForkWhoseFirstCheckpointIsLost_isNotResumedFromScratch() throws IOException {
        fork("tiny@3", "--run", "lost");
        Path lost = runs.resolve("lost");
        flip(lost.resolve(STEP_3).resolve("model.safetensors"));
        flip(lost.resolve(LAST).resolve("model.safetensors"));

        CommandLineRun.of("resume", lost)
                .assertRefused(lost.resolve("checkpoints")
                        + ": step 3: found no whole checkpoint, expected the one that" + " the run began with");
    }

    @Test
    void anotherOptimizer_beginsWithoutMoments_andIsResumedBitForBit() throws IOException {
        for (String type : List.of("sgd", "rotated-adamw")) {
            CommandLineRun run = fork("tiny@3", "--run", type, "--set", "optimizer.type=" + type);

            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.err())
                    .contains("optimizer.type adamw → " + type, "the optimiser begins anew, without moments");
            Path fork = runs.resolve(type);
            assertSameRecording(fork, 3);
            assertThat(fork.resolve(STEP_3).resolve("model.safetensors"))
                    .hasSameBinaryContentAs(parent.resolve(STEP_3).resolve("model.safetensors"));
            assertThat(Files.readString(fork.resolve(STEP_3).resolve("state.json")))
                    .contains("\"updates\" : 0");
            assertThat(Files.mismatch(
                            fork.resolve(LAST).resolve("model.safetensors"),
                            parent.resolve(LAST).resolve("model.safetensors")))
                    .isNotNegative();
            byte[] weights = Files.readAllBytes(fork.resolve(LAST).resolve("model.safetensors"));
            byte[] state = Files.readAllBytes(fork.resolve(LAST).resolve("optimizer.safetensors"));
            assertThat(new String(state, java.nio.charset.StandardCharsets.ISO_8859_1).contains("momentum_buffer."))
                    .isEqualTo(type.equals("sgd"));
            try (Stream<Path> files = Files.walk(fork.resolve(LAST))) {
                files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(java.io.File::delete);
            }

            CommandLineRun resumed = CommandLineRun.of("resume", fork);

            assertThat(resumed.code()).as(resumed.err()).isZero();
            assertThat(fork.resolve(LAST).resolve("model.safetensors")).hasBinaryContent(weights);
            assertThat(fork.resolve(LAST).resolve("optimizer.safetensors")).hasBinaryContent(state);
        }
    }

    @Test
    void withoutAnOutputBias_theForkKeepsTheRest_andIsResumedBitForBit() throws IOException {
        CommandLineRun run = fork("tiny@3", "--run", "bare", "--set", "model.variant.output_bias=false");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("at step 3: model.variant.output_bias nothing → false");
        Path fork = runs.resolve("bare");
        assertSameRecording(fork, 3);
        Checkpoint begun = new Checkpoint(fork.resolve(STEP_3), 3);
        Checkpoint before = new Checkpoint(parent.resolve(STEP_3), 3);
        for (String name : before.weights().keySet()) {
            boolean bias = name.equals("cls.predictions.bias");
            assertThat(begun.weights().get(name).values())
                    .as(name)
                    .isEqualTo(
                            bias
                                    ? new float[before.weights().get(name).values().length]
                                    : before.weights().get(name).values());
        }
        assertThat(begun.optimizerState()).doesNotContainKey("exp_avg.cls.predictions.bias");
        assertThat(begun.optimizerState()
                        .get("exp_avg.cls.predictions.transform.dense.weight")
                        .values())
                .isEqualTo(before.optimizerState()
                        .get("exp_avg.cls.predictions.transform.dense.weight")
                        .values());
        assertThat(Files.readString(fork.resolve(STEP_3).resolve("config.json")))
                .contains("\"model_type\" : \"bert\"", "\"norma_variant\"", "\"output_bias\" : false");
        byte[] weights = Files.readAllBytes(fork.resolve(LAST).resolve("model.safetensors"));
        try (Stream<Path> files = Files.walk(fork.resolve(LAST))) {
            files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(java.io.File::delete);
        }

        CommandLineRun resumed = CommandLineRun.of("resume", fork);

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(fork.resolve(LAST).resolve("model.safetensors")).hasBinaryContent(weights);
    }

    @Test
    void aKeyOfAnotherOptimizer_isRefused() {
        fork("tiny@3", "--set", "optimizer.type=sgd", "--set", "optimizer.beta1=0.8")
                .assertRefused("--set optimizer.beta1=0.8: found 0.8, expected no such key, for optimizer.type is sgd");
        fork("tiny@3", "--set", "optimizer.momentum=0.5")
                .assertRefused(
                        "--set optimizer.momentum=0.5: found 0.5, expected no such key, for optimizer.type is adamw");
        fork("tiny@3", "--set", "optimizer.type=adam")
                .assertRefused("--set optimizer.type=adam: found adam, expected adamw, sgd or rotated-adamw");
    }

    @Test
    void aForkOfAnotherTokenizer_isRefused() {
        fork("tiny@3", "--set", "tokenizer.vocab_size=70")
                .assertRefused("tokenizer.json: differs from the tokenizer that the fork's settings give"
                        + " (tokenizer.vocab_size), expected the same");
        assertThat(runs.resolve("tiny-from-3")).doesNotExist();
    }

    @Test
    void changedShapes_nameTheKey() {
        fork("tiny@3", "--set", "model.hidden_size=32")
                .assertRefused("--set model.hidden_size=32: found 32, expected 16: a fork keeps its parent's weights");
        fork("tiny@3", "--set", "model.vocab_size=300").assertRefused("--set model.vocab_size=300: found 300");
        fork("tiny@3", "--set", "model.num_hidden_layers=3")
                .assertRefused("--set model.num_hidden_layers=3: found 3, expected 2");
        fork("tiny@3", "--set", "record.every=2").assertRefused("--set record.every=2: found 2, expected 1");
        fork("tiny@3", "--set", "training.steps=2")
                .assertRefused("--set training.steps=2: found 2, expected at least 3, the step of the checkpoint");
    }

    @Test
    void whatIsNoCheckpointOfARun_isRefused() throws IOException {
        fork("tiny@4").assertRefused(parent + ": checkpoints: found none of step 4, expected one of the steps 0, 3, 6");
        fork("tiny").assertRefused("--from: found " + parent + ", expected a run's folder and a step");
        fork("nothing@3").assertRefused("nothing: no such folder, expected the folder of a run");
        pretrain(config, "--from", parent + "@3").assertRefused("either a configuration or --from RUN@STEP");
        pretrain().assertRefused("CONFIG: found nothing, expected either a configuration or --from RUN@STEP");
        fork("tiny@3", "--run", "tiny", "--force").assertRefused("the new run is made from");
        flip(parent.resolve(STEP_3).resolve("model.safetensors"));
        fork("tiny@3").assertRefused("model.safetensors differs from the SHA-256 in the manifest");
        assertThat(runs.resolve("tiny-from-3")).doesNotExist();
    }

    private void assertSameRecording(Path fork, int lastStep) throws IOException {
        LayerNormRecording expected = recording(parent);
        LayerNormRecording found = recording(fork);
        for (int row = 0; row <= lastStep; row++) {
            assertThat(found.snapshot(row)).as("step " + row).isEqualTo(expected.snapshot(row));
        }
    }

    private static LayerNormRecording recording(Path run) throws IOException {
        return LayerNormRecording.open(run.resolve("layernorm.zarr"));
    }

    private static List<Double> losses(Path run) throws IOException {
        return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
                .map(line -> line.figure(MetricNames.LOSS).orElse(0))
                .toList();
    }

    private static void flip(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            long last = channel.size() - 1;
            channel.read(one, last);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), last);
        }
    }
}
