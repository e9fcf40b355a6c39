package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import norma.cli.options.ConfigOptions;
import norma.cli.options.NewRunOptions;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.training.RunSession;
import norma.trainer.bench.LongRunBenchmark;
import norma.trainer.config.RunConfig;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Times a whole run's beginning against its end. */
@Command(
        name = "long",
        description = {
            "Tests whether a run's steps become slower towards its end.",
            "The configuration's run is trained to its end. The steps of its first and its last tenth are compared with those of fresh processes (norma bench), which are timed in between while the run waits; so is the resident memory. The run is kept, and is like any other."
        },
        footer = {
            "  norma bench long configs/bert-tiny.yaml",
            "  norma bench long configs/bert-tiny.yaml --comparisons 3 --run long"
        })
final class BenchLongCommand implements Callable<Integer> {
    private static final double GIGABYTE = 1e9;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Spec
    private CommandSpec command;

    @Mixin
    private NewRunOptions run;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--comparisons",
            paramLabel = "N",
            description = "Number of fresh processes in the first tenth, and as many in the last; default:"
                    + " ${DEFAULT-VALUE}.")
    private int comparisons = 10;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Number of timed steps in each of them; default: ${DEFAULT-VALUE}.")
    private int steps = 30;

    @Override
    public Integer call() {
        WholeNumber.requireAtLeastOne("--comparisons", comparisons);
        WholeNumber.requireAtLeastOne("--steps", steps);
        output.startLogging();
        return run.with(file, this::time);
    }

    private int time(RunConfig config) {
        StopRequest stop = new StopRequest();
        Class<?> main = command.root().userObject().getClass();
        LongRunBenchmark benchmark = new LongRunBenchmark(
                config.training().steps(), comparisons, new BenchProcess(main, run.runs(), steps, stop));
        RunSummary summary = RunSession.train(
                output, stop, benchmark::inFrontOf, pretraining -> run.start(pretraining, config, "-long"));
        if (summary.interrupted()) {
            output.say("Stopped, so there is nothing to compare; the run itself can be resumed.");
            return ExitCode.INTERRUPTED;
        }
        output.result(json(benchmark, summary), text(benchmark, summary));
        return ExitCode.DONE;
    }

    private ObjectNode json(LongRunBenchmark benchmark, RunSummary summary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", run.configName());
        json.put("run", summary.folder().toString());
        json.put("steps", summary.steps());
        json.put("drift", benchmark.drift());
        json.set("first_tenth", json(benchmark.first()));
        json.set("last_tenth", json(benchmark.last()));
        return json;
    }

    private static ObjectNode json(LongRunBenchmark.Tenth tenth) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("ratio", SpreadText.json(tenth.ratio()));
        json.set("step_seconds", SpreadText.json(tenth.seconds()));
        json.set("fresh_step_seconds", SpreadText.json(tenth.freshSeconds()));
        tenth.residentBytes().ifPresent(bytes -> json.put("resident_bytes", bytes));
        ArrayNode stretches = json.putArray("stretches");
        for (LongRunBenchmark.Stretch stretch : tenth.stretches()) {
            ObjectNode one = stretches.addObject();
            one.put("from", stretch.from());
            one.put("to", stretch.to());
            one.set("step_seconds", SpreadText.json(stretch.seconds()));
            one.put("fresh_step_seconds", stretch.freshSeconds());
            stretch.residentBytes().ifPresent(bytes -> one.put("resident_bytes", bytes));
        }
        return json;
    }

    private static String text(LongRunBenchmark benchmark, RunSummary summary) {
        int stretches = benchmark.first().stretches().size();
        return String.format(
                Locale.ROOT,
                """
                                   %-25s %-25s %-22s resident memory
                first tenth        %s
                last tenth         %s
                last over first    %+.1f %%, as fresh processes see the machine
                medians of %s of a tenth: min / median / max
                Run folder: %s""",
                "step, ms",
                "fresh process's, ms",
                "ratio",
                line(benchmark.first()),
                line(benchmark.last()),
                100 * benchmark.drift(),
                stretches == 1 ? "1 stretch" : stretches + " stretches",
                summary.folder());
    }

    private static String line(LongRunBenchmark.Tenth tenth) {
        OptionalLong bytes = tenth.residentBytes();
        return String.format(
                Locale.ROOT,
                "%-25s %-25s %-22s %s",
                SpreadText.of(tenth.seconds(), 1e3, 1),
                SpreadText.of(tenth.freshSeconds(), 1e3, 1),
                SpreadText.of(tenth.ratio(), 1, 3),
                bytes.isPresent()
                        ? String.format(Locale.ROOT, "%.2f GB", bytes.getAsLong() / GIGABYTE)
                        : "not told by this system");
    }
}
