package norma.cli.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.files.FileProblem;
import norma.probes.damage.ClosingAblation;
import norma.probes.damage.ClosingDamage;
import norma.probes.files.EarlierResult;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelSource;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.device.Devices;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.RunFiles;
import norma.trainer.step.Learner;

/**
 * What a run says at its end of what its costliest dimensions are worth.
 *
 * @param damage what was measured
 * @param missing what is said where there is no damage, a sentence; empty where there is one
 * @param command that makes the same measurement; empty where none can
 */
record Closing(Optional<ClosingDamage> damage, Optional<String> missing, Optional<String> command) {
    private static final String NOT_MEASURED =
            "What the model loses without its costliest dimensions was not measured: ";

    /** Measures a run that has just ended, if it was trained long enough for the question, and keeps the result. */
    static Closing of(OutputOptions output, RunSummary summary) {
        RunConfig config = RunConfigYaml.read(new RunFiles(summary.folder()).config(), List.of());
        Learner.Evaluation evaluation = summary.evaluation();
        if (evaluation != null && evaluation.tokens().predictions() == 0) {
            return new Closing(
                    Optional.empty(),
                    Optional.of(NOT_MEASURED + "the run holds out nothing to predict."),
                    Optional.empty());
        }
        if (summary.interrupted()) {
            return without(NOT_MEASURED + "the run was stopped before its last step.", summary, config);
        }
        if (evaluation == null) {
            return without(NOT_MEASURED + "the run had already ended.", summary, config);
        }
        if (!ClosingAblation.isAffordable(config)) {
            return without(
                    NOT_MEASURED + "it would take more than a tenth of the arithmetic of this short training.",
                    summary,
                    config);
        }
        Optional<ClosingDamage> damage = measure(output, summary, config);
        return damage.isPresent()
                ? new Closing(damage, Optional.empty(), Optional.of(command(summary, config)))
                : without("No single dimension costs the model anything on the held-out text.", summary, config);
    }

    private static Closing without(String sentence, RunSummary summary, RunConfig config) {
        return new Closing(Optional.empty(), Optional.of(sentence), Optional.of(command(summary, config)));
    }

    private static Optional<ClosingDamage> measure(OutputOptions output, RunSummary summary, RunConfig config) {
        Device device = Devices.parseAll(config.device()).get(0);
        ModelSource run = ModelSource.of(summary.folder(), output::warn);
        ClosingAblation ablation;
        try (ProgressDisplay progress = output.progress()) {
            ablation = ClosingAblation.measure(run, config, device, progress);
            progress.finish();
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("command", command(summary, config));
        result.put("measured_by", output.commandLine());
        EarlierResult.note(result, options(config));
        Path folder = run.probesFolder().orElseThrow();
        try {
            ablation.keep(folder, result)
                    .ifPresent(earlier -> output.say("The earlier result, of other options, is kept as "
                            + new ProbeFiles(folder).json(earlier)));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the ablation cannot be written: " + FileProblem.sentence(e), e);
        }
        return ablation.damage();
    }

    /** Those of {@code norma ablate} that ask for the same. */
    private static List<String> options(RunConfig config) {
        return List.of(
                "--dims " + ClosingAblation.DIMENSIONS,
                "--baseline " + ClosingAblation.BASELINE,
                "--eval-rows " + ClosingAblation.sequences(config));
    }

    private static String command(RunSummary summary, RunConfig config) {
        Stream<String> options = options(config).stream().flatMap(option -> Stream.of(option.split(" ", 2)));
        return OutputOptions.quoted(
                Stream.concat(Stream.of("norma", "ablate", summary.folder().toString()), options)
                        .toList());
    }
}
