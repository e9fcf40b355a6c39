package norma.cli.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.cli.options.RunsOptions;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.cli.terminal.StopSignals;
import norma.cli.terminal.StoppedEarlyException;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.sweep.folder.SweepFiles;
import norma.sweep.folder.SweepFolder;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.PreparedRuns;
import norma.sweep.plan.SweepFile;
import norma.sweep.plan.SweptRun;
import norma.sweep.report.SweepJson;
import norma.sweep.report.SweepReport;
import norma.sweep.report.SweepResult;
import norma.sweep.report.SweepTable;
import norma.sweep.spark.ClusterSettings;
import norma.sweep.spark.ProcessSettings;
import norma.sweep.spark.RunTask;
import norma.sweep.spark.Sweep;
import norma.trainer.config.RunConfig;
import norma.trainer.pretraining.RunMemory;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.RunFolder;
import norma.trainer.run.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Many runs: seeds, values of settings, interventions. */
@Command(
        name = "sweep",
        description = {
            "Trains, probes and compares many runs, also on a cluster.",
            "Each run is an ordinary one, trained by a process of its own on this machine or on a Spark cluster. A run whose"
                    + " process or machine is lost resumes elsewhere from its newest intact checkpoint, with the same"
                    + " result. The sweep, stopped and started again, continues: finished runs are not trained again.",
            "The folder of the sweep, beside those of its runs, has the result: sweep.json, sweep.csv, and onset and cost"
                    + " against the swept value as PNG and SVG."
        },
        footer = {
            "  norma sweep configs/sweeps/learning-rates.yaml --master local[2]",
            "  norma sweep --report runs/learning-rates"
        })
public final class SweepCommand implements Callable<Integer> {
    private static final String MAIN = "norma.cli.Norma";

    /** What the launcher sets for libtorch and glibc, wherever a run is trained. */
    private static final List<String> ENVIRONMENT = List.of(
            "MALLOC_ARENA_MAX",
            "MALLOC_TRIM_THRESHOLD_",
            "MALLOC_MMAP_THRESHOLD_",
            "PYTORCH_FLAVOR",
            "PYTORCH_LIBRARY_PATH",
            "PYTORCH_CUDA_ALLOC_CONF",
            "OPT_OUT_TRACKING",
            "DJL_OFFLINE",
            "LC_ALL");

    @Parameters(
            paramLabel = "SWEEP",
            arity = "0..1",
            description = "Configuration of a sweep, in YAML, such as configs/sweeps/seeds.yaml.")
    private Path file;

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            description =
                    "Folder of a sweep, in place of SWEEP, whose result is made from what its runs have come to; also"
                            + " while it runs.")
    private Path report;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private RunsOptions runs;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, InterruptedException {
        output.startLogging();
        if (report != null) {
            WithoutEffect.refuse("SWEEP", file, "nothing beside --report");
            SweepResult result = SweepReport.write(SweepFiles.require(report));
            show(SweepFiles.require(report), result);
            return ExitCode.DONE;
        }
        if (file == null) {
            throw InvalidInputException.of(
                    "command line", "SWEEP", "nothing", "a configuration of a sweep or --report FOLDER");
        }
        requireSpark();
        ClusterSettings settings = cluster.settings();
        SweepFile sweep = SweepFile.read(file);
        ProbeCommands.require(
                file.toString(), sweep.plan().probes(), command.root().commandLine());
        Path folder = runs.folder().toAbsolutePath().normalize();
        SweepFolder.requireSame(sweep, folder);
        RunFolder.requireWritable(folder);
        return sweep(sweep, settings, folder);
    }

    private static void requireSpark() {
        try {
            Class.forName("org.apache.spark.SparkConf", false, SweepCommand.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new InvalidInputException("class path: has no Spark, expected it there: ./norma sweep adds it", e);
        }
    }

    @SuppressWarnings("try") // the signals are only held
    private int sweep(SweepFile sweep, ClusterSettings settings, Path folder) throws IOException, InterruptedException {
        StopRequest stop = new StopRequest();
        try (StopSignals signals = output.signals(stop)) {
            PreparedRuns prepared = prepare(sweep, settings, folder, stop);
            Sweep.require(settings, prepared.largest());
            output.say("sweep: " + Counted.of(sweep.plan().runs().size(), "run") + " in " + folder
                    + "; the largest takes about " + MachineMemory.size(prepared.largest()));
            try (SweepFolder opened = SweepFolder.open(sweep, folder);
                    ProgressDisplay progress = output.progress()) {
                List<RunTask> tasks = tasks(sweep, opened.files(), prepared, settings);
                new Sweep(opened, settings, stop, now -> {
                            progress.note(now.toString());
                            progress.update("sweep", now.steps(), now.total(), "steps");
                        })
                        .run(tasks);
                progress.finish();
                SweepResult result = SweepReport.write(opened.files());
                show(opened.files(), result);
                if (!result.complete() && stop.isRequested()) {
                    return ExitCode.INTERRUPTED;
                }
                return result.in(TaskState.FAILED) > 0 ? ExitCode.FAILED : ExitCode.DONE;
            }
        }
    }

    private PreparedRuns prepare(SweepFile sweep, ClusterSettings settings, Path folder, StopRequest stop) {
        double room = settings.localCores().isPresent()
                ? MachineMemory.available()
                        * settings.threads()
                        / settings.localCores().getAsInt()
                : MachineMemory.total();
        try (ProgressDisplay display = output.progress()) {
            Progress progress = (stage, done, total, unit) -> {
                if (stop.isRequested()) {
                    throw new StoppedEarlyException("stopped while " + stage + ", before a run began");
                }
                display.update(stage, done, total, unit);
            };
            return PreparedRuns.of(sweep, folder, room, progress);
        }
    }

    private List<RunTask> tasks(SweepFile sweep, SweepFiles files, PreparedRuns prepared, ClusterSettings settings) {
        List<String> java = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        java.add("-Dnorma.terminal=false");
        Map<String, String> environment = new HashMap<>();
        ENVIRONMENT.forEach(name -> {
            if (System.getenv(name) != null) {
                environment.put(name, System.getenv(name));
            }
        });
        ProcessSettings process =
                new ProcessSettings(MAIN, java, environment, System.getProperty("user.dir"), settings.threads());
        String token = Sweep.token();
        List<RunTask> tasks = new ArrayList<>();
        for (SweptRun run : sweep.plan().runs()) {
            RunConfig config = sweep.configs().get(run.name());
            RunMemory memory = prepared.memories().get(run.name());
            List<String> training = new ArrayList<>(SweptRunCommand.arguments(files, sweep.plan(), run));
            if (config.training().microBatchSize().isAuto()) {
                training.addAll(List.of(
                        "--set",
                        "training.micro_batch_size="
                                + memory.config().training().microBatchSize().rows()));
            }
            tasks.add(new RunTask(
                    run.name(),
                    files.path().toString(),
                    token,
                    config.training().steps(),
                    memory.bytes(),
                    training,
                    ProbeCommands.of(
                            sweep.plan().probes(), files.run(run).path().toString()),
                    process));
        }
        return tasks;
    }

    private void show(SweepFiles files, SweepResult result) {
        output.say("\n" + SweepTable.of(result));
        output.say("Written to " + files.path());
        ObjectNode json = output.startResult();
        json.setAll(SweepJson.of(result));
        output.result(json);
    }
}
