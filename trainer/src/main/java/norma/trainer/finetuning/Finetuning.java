package norma.trainer.finetuning;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.Counted;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.MajorityBaseline;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.config.TaskConfig;
import norma.trainer.pretraining.PrecisionChoice;
import norma.trainer.run.HeartbeatWriter;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFailedException;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;

/**
 * Fine-tuning of a pre-trained BERT on a labelled task (Devlin et al. 2019, section 4.1), with several seeds one after
 * the other, into a folder of its own: {@code finetune.yaml}, {@code provenance.json}, {@code seed-N/},
 * {@code results.json}.
 */
public final class Finetuning {

    private final StopRequest stop;
    private final RunListener listener;

    /**
     * Fine-tuning that can be stopped and watched.
     *
     * @param stop read after every step
     * @param listener told what happens
     */
    public Finetuning(StopRequest stop, RunListener listener) {
        this.stop = stop;
        this.listener = listener;
    }

    /** Whether a folder is that of a fine-tuning. */
    public static boolean isFolder(Path folder) {
        return Files.isRegularFile(new RunFiles(folder).finetuningConfig());
    }

    /** Whether a folder is that of a fine-tuning that has been set up, so that it can be resumed. */
    public static boolean isBegun(Path folder) {
        return isFolder(folder) && RunFolder.isBegun(folder);
    }

    /**
     * Refuses a folder that was fine-tuned with other settings.
     *
     * @throws InvalidInputException if they differ
     */
    public static void requireSettings(Path folder, FinetuneConfig settings) {
        FinetuneConfig there = RunConfigYaml.readFinetune(new RunFiles(folder).finetuningConfig());
        MicroBatchSize asked = settings.microBatchSize();
        FinetuneConfig decided =
                asked == null || asked.isAuto() ? settings.withMicroBatchSize(there.microBatchSize()) : settings;
        if (!there.equals(decided.forMachine()
                .forPositions(settings.maxLength() == null ? there.maxLength() : Integer.MAX_VALUE))) {
            throw new AlreadyExistsException(
                    new RunFiles(folder).finetuningConfig(), "has other settings than those asked for", "the same");
        }
    }

    /**
     * Fine-tunes with every seed, until a stop is asked for.
     *
     * @param asked what and how
     * @param runs the folder of all runs
     * @param name of this one
     * @param force whether a run of that name is replaced
     * @throws InvalidInputException if the configuration, the checkpoint, the task or the folder cannot be used, or the
     *     run to be replaced holds the checkpoint or a file of the task; then nothing is deleted
     * @throws RunFailedException if training cannot go on
     */
    public FinetuningSummary start(FinetuneConfig asked, Path runs, String name, boolean force) {
        FinetuneConfig config = PrecisionChoice.of(asked, listener);
        Path path = runs.resolve(name);
        RunFolder.requireFree(path, force);
        RunFolder.requireOutside(path, inputs(config));
        Device device = config.torchDevice();
        RunFolder.requireWritable(runs);
        try (FinetuningInputs inputs = FinetuningInputs.read(config, device, listener)) {
            memory(inputs, device).require(listener);
            FinetuningDisk.of(inputs).require(runs, seedFolders(path, inputs.config()), listener);
            try (RunFolder folder = RunFolder.create(path, force)) {
                listener.opened(folder);
                inputs.task().reading().choices().forEach(listener::message);
                inputs.task().reading().doubts().forEach(listener::warning);
                String yaml = RunConfigYaml.write(inputs.config());
                DurableFiles.write(folder.files().finetuningConfig(), yaml);
                Provenance provenance = Provenance.start(
                        folder.files().provenance(), config.device(), yaml, config.seed(), inputs.fingerprint());
                folder.begun();
                return train(inputs, folder.files(), device, provenance, 0);
            }
        } catch (IOException e) {
            throw RunFailedException.of(path, e);
        } catch (UncheckedIOException e) {
            throw FileProblem.isDiskFull(e.getCause()) ? RunFailedException.of(path, e.getCause()) : e;
        }
    }

    /** What a fine-tuning reads, the files of the checkpoint too, for each may be a link. */
    private static List<Path> inputs(FinetuneConfig config) {
        CheckpointFiles checkpoint = new CheckpointFiles(Path.of(config.checkpoint()));
        List<Path> inputs = new ArrayList<>(
                List.of(checkpoint.folder(), checkpoint.config(), checkpoint.weights(), checkpoint.tokenizer()));
        TaskConfig task = config.task();
        Stream.of(task.data(), task.train(), task.dev())
                .filter(Objects::nonNull)
                .map(Path::of)
                .forEach(inputs::add);
        return inputs;
    }

    /**
     * Goes on with a fine-tuning; on a CPU it ends as if it had never stopped, see {@link Provenance#doubt}.
     *
     * @param path its folder
     * @throws InvalidInputException if the folder is none, or its configuration, model or data have changed
     * @throws RunFailedException if training cannot go on
     */
    public FinetuningSummary resume(Path path) {
        RunFolder.requireFinetuning(path);
        FinetuneConfig config = RunConfigYaml.readFinetune(new RunFiles(path).finetuningConfig());
        Device device = config.torchDevice();
        try (RunFolder folder = RunFolder.open(path)) {
            listener.opened(folder);
            Provenance provenance = Provenance.read(folder.files().provenance());
            requireSameConfig(folder.files(), provenance); // before anything that it names is looked for
            try (FinetuningInputs inputs = FinetuningInputs.read(config, device, listener)) {
                requireSameInputs(folder.files(), provenance, inputs);
                provenance.doubt().ifPresent(listener::warning);
                long standing = 0;
                for (int i = 0; i < config.seeds(); i++) {
                    standing += SeedRun.standing(seedFolder(path, config, i), inputs.steps());
                }
                if (standing < config.seeds() * inputs.steps()) {
                    memory(inputs, device).require(listener);
                    FinetuningDisk.of(inputs).require(path, unfinished(path, inputs), listener);
                    provenance.resumed(standing);
                }
                return train(inputs, folder.files(), device, provenance, standing);
            }
        } catch (IOException e) {
            throw RunFailedException.of(path, e);
        } catch (UncheckedIOException e) {
            throw FileProblem.isDiskFull(e.getCause()) ? RunFailedException.of(path, e.getCause()) : e;
        }
    }

    private static FinetuningMemory memory(FinetuningInputs inputs, Device device) {
        return new FinetuningMemory(
                inputs.config(), inputs.model(), inputs.task().kind().outputs(), device);
    }

    private static void requireSameConfig(RunFiles files, Provenance provenance) throws IOException {
        Path config = files.finetuningConfig();
        if (!Hashes.sha256(TextFile.read(config, "the settings of a fine-tuning"))
                .equals(provenance.configSha256())) {
            throw new InvalidInputException(
                    config
                            + ": was changed since the run began, expected it as it was: other settings need a run of their own");
        }
    }

    private static void requireSameInputs(RunFiles files, Provenance provenance, FinetuningInputs inputs)
            throws IOException {
        ObjectNode now = inputs.fingerprint();
        for (Map.Entry<String, JsonNode> was : provenance.data().properties()) {
            JsonNode is = now.path(was.getKey());
            if (!was.getValue().equals(is)) {
                throw InvalidInputException.of(
                        files.provenance().toString(),
                        "data." + was.getKey(),
                        was.getValue(),
                        "what the checkpoint and the task now give, " + is);
            }
        }
    }

    private static List<Path> seedFolders(Path path, FinetuneConfig config) {
        return IntStream.range(0, config.seeds())
                .mapToObj(i -> seedFolder(path, config, i))
                .toList();
    }

    private static List<Path> unfinished(Path path, FinetuningInputs inputs) throws IOException {
        List<Path> unfinished = new ArrayList<>();
        for (Path seed : seedFolders(path, inputs.config())) {
            if (SeedRun.standing(seed, inputs.steps()) < inputs.steps()) {
                unfinished.add(seed);
            }
        }
        return unfinished;
    }

    private static Path seedFolder(Path path, FinetuneConfig config, int index) {
        return new RunFiles(path).seed(config.seed() + index).path();
    }

    /** Trains, and says so in the run's folder. */
    private FinetuningSummary train(
            FinetuningInputs inputs, RunFiles files, Device device, Provenance provenance, long standing)
            throws IOException {
        long steps = inputs.config().seeds() * inputs.steps();
        if (standing < steps) {
            listener.starts(files);
        }
        return HeartbeatWriter.during(
                files,
                standing,
                steps,
                listener,
                FinetuningSummary::interrupted,
                watching -> train(inputs, files.path(), device, provenance, watching));
    }

    private FinetuningSummary train(
            FinetuningInputs inputs, Path path, Device device, Provenance provenance, RunListener watching)
            throws IOException {
        FinetuneConfig config = inputs.config();
        Map<String, Map<Metric, Double>> baseline = new LinkedHashMap<>();
        for (LabelledSplit dev : inputs.task().devs()) {
            baseline.put(dev.name(), MajorityBaseline.of(inputs.task(), dev));
        }
        describe(inputs);
        List<SeedResult> results = new ArrayList<>();
        for (int i = 0; i < config.seeds() && !stop.isRequested(); i++) {
            SeedRun run = new SeedRun(inputs, seedFolder(path, config, i), config.seed() + i, device, stop, watching);
            Optional<SeedResult> result = run.run(i * inputs.steps());
            if (result.isEmpty()) {
                break;
            }
            results.add(result.get());
        }
        FinetuningSummary summary = new FinetuningSummary(path, config, inputs.task(), baseline, results);
        if (!summary.interrupted()) {
            JsonFile.write(new RunFiles(path).results(), summary.json());
            provenance.ended();
        }
        return summary;
    }

    private void describe(FinetuningInputs inputs) {
        int truncated = inputs.training().truncated()
                + inputs.devs().stream().mapToInt(DevSet::truncated).sum();
        listener.message(String.format(
                Locale.ROOT,
                "%s: %,d training examples, %s; %s of %d for %s; %s cut to %s",
                inputs.task().name(),
                inputs.training().size(),
                Counted.of(inputs.task().kind().outputs(), "output"),
                Counted.of(inputs.steps(), "step"),
                inputs.config().batchSize(),
                inputs.config().seeds() == 1
                        ? "1 seed"
                        : "each of " + inputs.config().seeds() + " seeds",
                Counted.of(truncated, "example"),
                Counted.of(inputs.config().maxLength(), "token")));
        inputs.notes().forEach(listener::message);
        leftOut(inputs.task().train());
        inputs.task().devs().forEach(this::leftOut);
    }

    private void leftOut(LabelledSplit split) {
        if (!split.leftOut().isEmpty()) {
            listener.message(String.format(
                    Locale.ROOT,
                    "%s: %,d damaged lines left out, the first of them line %,d",
                    split.source(),
                    split.leftOut().size(),
                    split.leftOut().get(0)));
        }
    }
}
