package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import norma.cli.options.ConfigOptions;
import norma.cli.options.RunsOptions;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.RunDisplay;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bench.StepBenchmark;
import norma.trainer.bench.TurnsBenchmark;
import norma.trainer.config.ConfigSource;
import norma.trainer.config.RunConfig;
import norma.trainer.run.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Times training steps. */
@Command(
        name = "bench",
        subcommands = {
            BenchDataCommand.class,
            BenchLongCommand.class,
            BenchMonitorCommand.class,
            BenchPaddingCommand.class,
            BenchProbesCommand.class,
            BenchScalingCommand.class,
            BenchWatchedCommand.class
        },
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "Times training steps against this machine's matrix products.",
            "The steps are those of a run with everything on: data, recording, metrics. With several configurations, or several precisions as in --precision bf16,float32, one training of each takes turns, and the first is held against the others."
        },
        footer = {
            "  norma bench configs/bert-mini.yaml --precision bf16,float32",
            "  norma bench configs/bert-tiny.yaml configs/xlnet-tiny.yaml",
            "  norma bench data configs/quickstart.yaml"
        })
public final class BenchCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options;

    @Parameters(paramLabel = "CONFIG", arity = "0..*", description = ConfigOptions.DESCRIPTION)
    private List<Path> files = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Option(names = "--steps", paramLabel = "N", description = "Number of timed steps; default: ${DEFAULT-VALUE}.")
    private int steps = 40;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Number of steps before them; default: ${DEFAULT-VALUE}.")
    private int warmup = 10;

    @Mixin
    private RunsOptions runs;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        if (files.isEmpty()) { // picocli would ask the subcommands for it too
            throw new ParameterException(spec.commandLine(), "Missing required parameter: 'CONFIG'");
        }
        WholeNumber.requireAtLeastOne("--steps", steps);
        WholeNumber.requireAtLeastOne("--warmup", warmup);
        output.startLogging();
        List<Training> trainings = trainings();
        try (RunDisplay display = new RunDisplay(output, new StopRequest())) {
            if (trainings.size() == 1) {
                Training one = trainings.get(0);
                StepBenchmark.Result result = one.source()
                        .located(() -> StepBenchmark.run(one.config(), runs.folder(), warmup, steps, display));
                output.result(json(one, result), text(result));
            } else {
                Map<String, TurnsBenchmark.Result> results = inTurns(trainings, display);
                output.result(TurnsText.json(results), TurnsText.of(results));
            }
        }
        return ExitCode.DONE;
    }

    /**
     * What is timed.
     *
     * @param name what tells it from the others
     */
    private record Training(String name, ConfigSource source, RunConfig config) {}

    /** Each file in each precision. */
    private List<Training> trainings() {
        List<Training> trainings = new ArrayList<>();
        for (Path file : files) {
            List<ConfigSource> each = options.each(file);
            for (ConfigSource source : each) {
                RunConfig config = source.read();
                List<String> name = new ArrayList<>();
                if (files.size() > 1) {
                    name.add(source.name());
                }
                if (each.size() > 1) {
                    name.add(config.training().precision().toString());
                }
                trainings.add(new Training(String.join(" ", name), source, config));
            }
        }
        Training first = trainings.get(0);
        Set<String> names = new HashSet<>();
        for (Training training : trainings) {
            Path file = training.source().file();
            if (!names.add(training.name())) {
                throw new InvalidInputException("CONFIG: found " + file
                        + ", expected a file whose name none of the others has: it names the result");
            }
            String device = training.config().device();
            String others = first.config().device();
            if (!device.equals(others)) {
                throw InvalidInputException.of(
                        file.toString(),
                        "device",
                        device,
                        others + ", as in " + first.source().file() + ": what takes turns is trained on one device");
            }
        }
        return trainings;
    }

    private Map<String, TurnsBenchmark.Result> inTurns(List<Training> trainings, RunDisplay display) {
        try (TurnsBenchmark benchmark = new TurnsBenchmark(runs.folder(), display)) {
            for (Training training : trainings) {
                training.source().located(() -> {
                    benchmark.add(training.name(), training.config());
                    return null;
                });
            }
            return benchmark.measure(warmup, steps);
        }
    }

    private static ObjectNode json(Training training, StepBenchmark.Result result) {
        RunConfig config = training.config();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", training.source().name());
        json.set("model", result.model().toJson());
        json.put("parameters", result.parameters());
        json.put("precision", config.forMachine().training().precision().toString());
        json.put("batch_size", config.training().batchSize());
        json.put("sequence_length", config.data().sequenceLength());
        json.put("predictions_per_step", result.predictionsPerStep());
        json.put("steps", result.steps());
        json.put("fraction_of_peak", result.fractionOfPeak());
        json.put("fraction_of_peak_min", result.fractionOfPeakMin());
        json.put("fraction_of_peak_max", result.fractionOfPeakMax());
        json.put("tokens_per_second", result.tokensPerSecond());
        json.put("recorder_share", result.recorderShare());
        json.put("batch_share", result.batchShare());
        json.put("gigaflops", result.gigaflops());
        json.put("peak_gigaflops_before", result.peakBefore());
        json.put("peak_gigaflops_after", result.peakAfter());
        json.set("step_seconds", SpreadText.json(result.stepSeconds()));
        ObjectNode parts = json.putObject("part_seconds");
        result.partSeconds().forEach((part, mean) -> parts.put(part.name().toLowerCase(Locale.ROOT), mean));
        return json;
    }

    private static String text(StepBenchmark.Result result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "step               %.1f ms (median of %d; %.1f to %.1f), %,.0f tokens/s%n",
                result.stepSeconds().median() * 1e3,
                result.steps(),
                result.stepSeconds().min() * 1e3,
                result.stepSeconds().max() * 1e3,
                result.tokensPerSecond()));
        text.append(String.format(
                Locale.ROOT,
                "useful rate        %.1f GFLOP/s; matrix products %.1f before, %.1f after%n",
                result.gigaflops(),
                result.peakBefore(),
                result.peakAfter()));
        text.append(String.format(
                Locale.ROOT,
                "fraction of peak   %.3f (slowest step %.3f, fastest %.3f)%n",
                result.fractionOfPeak(),
                result.fractionOfPeakMin(),
                result.fractionOfPeakMax()));
        text.append(String.format(Locale.ROOT, "recorder           %.2f %%%n", 100 * result.recorderShare()));
        text.append(String.format(Locale.ROOT, "waiting for batch  %.2f %%%n", 100 * result.batchShare()));
        result.partSeconds()
                .forEach((part, mean) -> text.append(String.format(
                        Locale.ROOT,
                        "  %-16s %8.2f ms%n",
                        part.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        mean * 1e3)));
        return text.toString().stripTrailing();
    }
}
