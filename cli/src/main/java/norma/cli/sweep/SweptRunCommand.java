package norma.cli.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.cli.options.ConfigOptions;
import norma.cli.options.NewRunOptions;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ParentProcess;
import norma.cli.training.RunSession;
import norma.sweep.folder.SweepFiles;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweptRun;
import norma.trainer.run.RunFolder;
import norma.trainer.run.SweepMembership;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One run of a sweep, in the process that a task of the sweep has started for it. */
@Command(
        name = SweptRunCommand.NAME,
        hidden = true,
        description = {
            "Trains one run of a sweep, or resumes it from its newest intact checkpoint.",
            "norma sweep starts it, and it ends when the process that started it ends."
        })
public final class SweptRunCommand implements Callable<Integer> {
    static final String NAME = "sweep-run";
    private static final String SWEEP = "--sweep";
    private static final String BASE = "--base";
    private static final String POINT = "--point";

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION + " The run is named after it.")
    private Path file;

    @Option(names = SWEEP, paramLabel = "NAME", required = true, description = "Name of the sweep.")
    private String sweep;

    @Option(
            names = BASE,
            paramLabel = "CONFIG",
            required = true,
            description = "Configuration that the sweep begins from.")
    private String base;

    @Option(names = POINT, paramLabel = "KEY=VALUE", description = "A swept key and the run's value of it; repeatable.")
    private Map<String, String> point = new LinkedHashMap<>();

    @Mixin
    private NewRunOptions run;

    @Mixin
    private OutputOptions output;

    /** Its arguments for a run of a sweep. */
    static List<String> arguments(SweepFiles files, SweepPlan plan, SweptRun run) {
        List<String> arguments = new ArrayList<>(List.of(
                NAME,
                files.config(run.name()).toString(),
                "--runs",
                files.runs().toString(),
                SWEEP,
                plan.name(),
                BASE,
                plan.base()));
        run.point().values().forEach((key, value) -> arguments.addAll(List.of(POINT, key + "=" + value)));
        return arguments;
    }

    @Override
    public Integer call() {
        ParentProcess.haltWithIt(System.in);
        output.startLogging();
        return run.with(file, config -> {
            String name = run.configName();
            Path folder = run.runs().resolve(name);
            return RunSession.run(
                    output,
                    pretraining -> RunFolder.isBegun(folder)
                            ? pretraining.resume(folder)
                            : pretraining.start(new SweepMembership(sweep, point, base), config, run.runs(), name));
        });
    }
}
