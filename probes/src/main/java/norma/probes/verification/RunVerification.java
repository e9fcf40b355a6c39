package norma.probes.verification;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.Slice;
import norma.trainer.run.LearningRateSchedule;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.safetensors.HostTensor;

/**
 * A run's checkpoints, checked: each is whole by its manifest, no two hold the same weights unless the learning rate
 * was 0 from one to the other, their data positions ascend with their steps under one seed, and the LayerNorm values of
 * each are those of the recording at its step, bit for bit; recording and metrics up to each are as they were when it
 * was written. Where the recording holds a norm of a matrix and not values, only the latter is compared.
 *
 * @param checkpoints all of them, by step
 * @param problems a sentence each; empty if the run is as it should be
 */
public record RunVerification(List<VerifiedCheckpoint> checkpoints, List<String> problems) {
    public RunVerification {
        checkpoints = List.copyOf(checkpoints);
        problems = List.copyOf(problems);
    }

    /**
     * Checks a run; reads everything and writes nothing.
     *
     * @throws InvalidInputException if it is no run, has no checkpoint, or its recording cannot be read
     */
    public static RunVerification of(Path run, Progress progress) throws IOException {
        RunFolder.requireRun(run);
        RunFiles files = new RunFiles(run);
        List<Checkpoint> all = new Checkpoints(files.checkpoints()).all();
        if (all.isEmpty()) {
            throw new InvalidInputException(run + ": this run has no checkpoint yet");
        }
        Path store = files.layerNorms();
        RunConfig config = RunConfigYaml.read(files.config(), List.of());
        Pass pass = new Pass(config, files, Files.isDirectory(store) ? LayerNormRecording.whole(store) : null);
        if (pass.recording == null) {
            pass.problems.add(store + " is missing");
        }
        for (Checkpoint checkpoint : all) {
            progress.update("verifying", pass.checkpoints.size(), all.size(), "checkpoints");
            pass.take(checkpoint);
        }
        progress.update("verifying", all.size(), all.size(), "checkpoints");
        return new RunVerification(pass.checkpoints, pass.problems);
    }

    /** How many checkpoints were compared with the recording. */
    public long compared() {
        return checkpoints.stream()
                .filter(checkpoint -> checkpoint.comparedValues() > 0)
                .count();
    }

    /** What is known after some of the checkpoints. */
    private static final class Pass {
        private final RunConfig config;
        private final LayerNormRecording recording; // null if there is none
        private final List<VerifiedCheckpoint> checkpoints = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final Map<String, Checkpoint> byWeights = new HashMap<>();
        private final HistoryCheck history;
        private Checkpoint before;

        Pass(RunConfig config, RunFiles files, LayerNormRecording recording) {
            this.config = config;
            this.history = new HistoryCheck(files);
            this.recording = recording;
        }

        void take(Checkpoint checkpoint) throws IOException {
            Optional<String> damage = checkpoint.damage();
            if (damage.isPresent()) {
                problems.add("damaged checkpoint: " + damage.get());
                checkpoints.add(new VerifiedCheckpoint(checkpoint.step(), null, 0));
                return;
            }
            Map<String, HostTensor> weights = weights(checkpoint);
            String sha256 = sha256(weights);
            Checkpoint same = byWeights.putIfAbsent(sha256, checkpoint);
            if (same != null && learns(same.step(), checkpoint.step())) {
                problems.add(checkpoint.folder() + " holds the same weights as " + same.folder());
            }
            order(checkpoint);
            if (recording != null) {
                history.problem(checkpoint).ifPresent(problems::add);
            }
            checkpoints.add(new VerifiedCheckpoint(checkpoint.step(), sha256, compare(checkpoint, weights)));
        }

        /** The weights of every network that is recorded, the main one's first. */
        private Map<String, HostTensor> weights(Checkpoint checkpoint) {
            Map<String, HostTensor> weights = new LinkedHashMap<>(checkpoint.weights());
            Stream<LayerNormSite> sites = recording == null ? Stream.of() : recording.sites().stream();
            sites.map(LayerNormSite::network)
                    .distinct()
                    .filter(network -> !network.equals(PretrainingModel.MAIN))
                    .forEach(network -> checkpoint
                            .part(network)
                            .weights()
                            .forEach((name, tensor) -> weights.put(Slice.in(network, name), tensor)));
            return weights;
        }

        /** Whether an update from one step to another had a learning rate above 0: the first of a warm-up has not. */
        private boolean learns(long from, long to) {
            LearningRateSchedule schedule =
                    LearningRateSchedule.of(config.schedule(), config.training().steps());
            for (long step = from; step < to; step++) {
                if (config.optimizer().learningRate() * schedule.at(step) > 0) {
                    return true;
                }
            }
            return false;
        }

        private void order(Checkpoint checkpoint) {
            if (before != null) {
                long earlier = before.state().node().path("next_example").asLong(-1);
                long later = checkpoint.state().node().path("next_example").asLong(-1);
                if (later <= earlier) {
                    problems.add(checkpoint.folder() + ": next_example is " + later + ", expected more than the "
                            + earlier + " of step " + before.step());
                }
                String seed = checkpoint.state().node().path("seed").asText();
                if (!seed.equals(before.state().node().path("seed").asText())) {
                    problems.add(checkpoint.folder() + ": seed is " + seed + ", expected that of step " + before.step()
                            + ", " + before.state().node().path("seed").asText());
                }
            }
            before = checkpoint;
        }

        private int compare(Checkpoint checkpoint, Map<String, HostTensor> weights) throws IOException {
            if (recording == null) {
                return 0;
            }
            long row = recording.row(checkpoint.step());
            if (row < 0 || !recording.has(row)) {
                if (checkpoint.step() % recording.every() == 0) {
                    problems.add(checkpoint.folder() + ": layernorm.zarr has no step " + checkpoint.step()
                            + ", expected every step that " + recording.every() + " divides");
                }
                return 0;
            }
            RecordedValues recorded = RecordedValues.compare(recording, row, weights);
            recorded.difference().ifPresent(words -> problems.add(checkpoint.folder() + ": " + words));
            return recorded.compared();
        }
    }

    /** Over names, shapes and bits, whatever the file's header and the order in it. */
    private static String sha256(Map<String, HostTensor> weights) {
        MessageDigest digest = Hashes.sha256();
        new TreeMap<>(weights).forEach((name, tensor) -> {
            digest.update(Hashes.sha256(name + Arrays.toString(tensor.shape())).getBytes(StandardCharsets.US_ASCII));
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * tensor.values().length);
            bytes.asFloatBuffer().put(tensor.values());
            digest.update(bytes.array());
        });
        return HexFormat.of().formatHex(digest.digest());
    }
}
