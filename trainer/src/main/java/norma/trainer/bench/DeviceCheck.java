package norma.trainer.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.device.Bf16Support;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.reference.Comparison;
import norma.trainer.reference.ReferenceCheck;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLine;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.run.UnwatchedListener;

/**
 * Whether a device computes what it should: reference outputs if they are at hand, a short training beside the same one
 * on the CPU and on the device again, fine-tuning and probes, what reads leave behind, and how fast its steps are.
 * Everything in float32, and in bf16 where the device has instructions for it.
 */
public final class DeviceCheck {
    /** Small, for it is trained on the CPU too. */
    private static final List<String> COMPARED = List.of(
            "data.sequence_length=64",
            "model.hidden_size=128",
            "model.num_hidden_layers=2",
            "model.num_attention_heads=2",
            "model.intermediate_size=512",
            "training.batch_size=16");
    /** BERT-medium in 16,384 tokens a step: on a GPU a small step would time the launches of its functions. */
    private static final List<String> TIMED_ON_GPU = List.of(
            "data.sequence_length=128",
            "model.hidden_size=512",
            "model.num_hidden_layers=8",
            "model.num_attention_heads=8",
            "model.intermediate_size=2048",
            "training.batch_size=128",
            "logging.every=10");

    private static final int VOCABULARY = 8192;

    private static final String CONFIG = """
            data: {corpus: wordnet}
            tokenizer: {vocab_size: 8192}
            model: {max_position_embeddings: 128}
            optimizer: {learning_rate: 1.0e-3}
            checkpoints: {every: 1000000}
            evaluation: {every: 1000000, examples: 32}
            """;

    private DeviceCheck() {}

    /**
     * What was found, for each precision.
     *
     * @param comparisons with the reference and with the CPU
     * @param steps timed with dropout 0.1, clipping, AdamW and recording
     * @param launch how long the call of one of them takes
     */
    public record Finding(List<Comparison> comparisons, StepBenchmark.Result steps, LaunchTime launch) {
        /** Whether every comparison holds. */
        public boolean passes() {
            return comparisons.stream().allMatch(Comparison::passes);
        }
    }

    /**
     * Checks.
     *
     * @param device as a configuration names it, one or several
     * @param reference folder of a BertForPreTraining's reference outputs, see
     *     {@link norma.trainer.reference.ReferenceFolder}; null if there is none
     * @param runs where prepared data is kept; the runs made there are deleted
     * @param steps of the training
     * @param listener told what happens
     */
    public static Map<Precision, Finding> run(
            String device, Path reference, Path runs, int steps, RunListener listener) {
        Devices.parseAll(device);
        List<Double> expected = losses("cpu", Precision.FLOAT32, runs, steps, listener, checkpoint -> {});
        Map<Precision, Finding> findings = new EnumMap<>(Precision.class);
        for (Precision precision : precisions(device)) {
            List<Comparison> comparisons = new ArrayList<>();
            if (reference != null) {
                comparisons.addAll(
                        ReferenceCheck.run(reference, Devices.parseAll(device).get(0), precision));
            }
            List<Double> losses = losses(device, precision, runs, steps, listener, checkpoint -> {});
            comparisons.add(training("beside the CPU's in float32", expected, losses, precision));
            List<Comparison> others = new ArrayList<>();
            List<Double> again = losses(
                    device,
                    precision,
                    runs,
                    steps,
                    listener,
                    checkpoint -> others.addAll(DeviceComparisons.of(
                            checkpoint, Devices.parseAll(device).get(0), precision)));
            comparisons.add(training("beside the same ones on the device before", losses, again, precision));
            comparisons.addAll(others);
            RunConfig timed = config(device, precision, timedSettings(device));
            StepBenchmark.Result bench = StepBenchmark.run(timed, runs, 10, Math.max(10, steps), listener);
            LaunchTime launch = LaunchTime.of(config(device, precision, withVocabulary(timedSettings(device))));
            findings.put(precision, new Finding(comparisons, bench, launch));
        }
        return findings;
    }

    private static List<String> timedSettings(String device) {
        return device.startsWith("gpu") ? TIMED_ON_GPU : COMPARED;
    }

    private static List<String> withVocabulary(List<String> settings) {
        List<String> all = new ArrayList<>(settings);
        all.add("model.vocab_size=" + VOCABULARY);
        return all;
    }

    private static List<Precision> precisions(String device) {
        return Bf16Support.problem(device).isEmpty()
                ? List.of(Precision.FLOAT32, Precision.BF16)
                : List.of(Precision.FLOAT32);
    }

    private static Comparison training(String beside, List<Double> expected, List<Double> losses, Precision precision) {
        return new Comparison(
                "loss of " + expected.size() + " training steps " + beside + ", the largest relative difference",
                DeviceComparisons.relative(expected, losses),
                tolerance(precision));
    }

    /** How far losses may be from float32's on another device, relative to them. */
    static double tolerance(Precision precision) {
        return precision == Precision.FLOAT32 ? 1e-3 : 2e-2;
    }

    /**
     * The loss of every step of a run without dropout.
     *
     * @param checkpoint shown the last one before the run is deleted
     */
    private static List<Double> losses(
            String device, Precision precision, Path runs, int steps, RunListener listener, Consumer<Path> checkpoint) {
        List<String> settings = new ArrayList<>(COMPARED);
        settings.addAll(List.of(
                "training.steps=" + steps,
                "logging.every=1",
                "model.hidden_dropout_prob=0.0",
                "model.attention_probs_dropout_prob=0.0"));
        RunConfig config = config(device, precision, settings);
        String name = ".check-" + ProcessHandle.current().pid();
        try {
            new Pretraining(new StopRequest(), new UnwatchedListener(listener)).start(config, runs, name, true);
            RunFiles files = new RunFiles(runs.resolve(name));
            List<Double> losses = new ArrayList<>();
            for (MetricsLine line : MetricsLog.read(files.metrics())) {
                if (line.json().has(MetricNames.LOSS)) {
                    losses.add(line.figure(MetricNames.LOSS).orElse(Double.NaN));
                }
            }
            List<Checkpoint> all = new Checkpoints(files.checkpoints()).all();
            checkpoint.accept(all.get(all.size() - 1).folder());
            return losses;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ScratchFolder.delete(runs.resolve(name));
        }
    }

    private static RunConfig config(String device, Precision precision, List<String> settings) {
        List<String> all = new ArrayList<>(List.of("device=" + device, "training.precision=" + precision));
        all.addAll(settings);
        return RunConfigYaml.parse(CONFIG, "check", all);
    }
}
