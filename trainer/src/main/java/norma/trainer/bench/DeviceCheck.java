package norma.trainer.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.device.Bf16Support;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.reference.Comparison;
import norma.trainer.reference.ReferenceCheck;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;

/**
 * Whether a device computes what it should: reference outputs if they are at hand, a short training beside the same one
 * on the CPU, and how fast its steps are. Everything in float32, and in bf16 where the device has instructions for it.
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
     */
    public record Finding(List<Comparison> comparisons, StepBenchmark.Result steps) {
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
        List<Double> expected = losses("cpu", Precision.FLOAT32, runs, steps, listener);
        Map<Precision, Finding> findings = new EnumMap<>(Precision.class);
        for (Precision precision : precisions(device)) {
            List<Comparison> comparisons = new ArrayList<>();
            if (reference != null) {
                comparisons.addAll(
                        ReferenceCheck.run(reference, Devices.parseAll(device).get(0), precision));
            }
            comparisons.add(training(expected, losses(device, precision, runs, steps, listener), precision));
            RunConfig timed = config(device, precision, device.startsWith("gpu") ? TIMED_ON_GPU : COMPARED);
            findings.put(
                    precision,
                    new Finding(comparisons, StepBenchmark.run(timed, runs, 10, Math.max(10, steps), listener)));
        }
        return findings;
    }

    private static List<Precision> precisions(String device) {
        return Bf16Support.problem(device).isEmpty()
                ? List.of(Precision.FLOAT32, Precision.BF16)
                : List.of(Precision.FLOAT32);
    }

    private static Comparison training(List<Double> expected, List<Double> losses, Precision precision) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = Math.abs(losses.get(i) - expected.get(i)) / expected.get(i);
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
        }
        return new Comparison(
                "loss of " + expected.size() + " training steps beside the CPU's in float32, the largest relative"
                        + " difference",
                largest,
                precision == Precision.FLOAT32 ? 1e-3 : 2e-2);
    }

    /** The loss of every step of a run without dropout. */
    private static List<Double> losses(String device, Precision precision, Path runs, int steps, RunListener listener) {
        List<String> settings = new ArrayList<>(COMPARED);
        settings.addAll(List.of(
                "training.steps=" + steps,
                "logging.every=1",
                "model.hidden_dropout_prob=0.0",
                "model.attention_probs_dropout_prob=0.0"));
        RunConfig config = config(device, precision, settings);
        String name = ".check-" + ProcessHandle.current().pid();
        try {
            new Pretraining(new StopRequest(), listener).start(config, runs, name, true);
            List<Double> losses = new ArrayList<>();
            for (JsonNode line : MetricsLog.read(new RunFiles(runs.resolve(name)).metrics())) {
                if (line.has("loss")) {
                    losses.add(line.get("loss").asDouble(Double.NaN));
                }
            }
            return losses;
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
