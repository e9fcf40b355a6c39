package norma.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.cli.CommandLineRun;
import norma.cli.SameRun;
import norma.cli.TinyRunTests;
import norma.datasets.json.JsonFile;
import norma.sweep.folder.SweepFiles;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweptRun;
import norma.trainer.device.Devices;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunStates;

/** Sweeps of tiny runs, held against the same runs made one by one. */
abstract class SweepTests extends TinyRunTests {
    /** Writes a sweep of the tiny configuration, {@code lr.yaml} beside it. */
    Path sweep(int steps, String points, String more) throws IOException {
        return Files.writeString(folder.resolve("lr.yaml"), """
                base: tiny.yaml
                set: {training.steps: %d, checkpoints.every: 20}
                grid: {optimizer.learning_rate: %s}
                %s
                """.formatted(steps, points, more));
    }

    SweepFiles files() {
        return new SweepFiles(runs.resolve("lr"));
    }

    /** Trains every run of the sweep by {@code norma pretrain}, with one thread as the sweep does, and compares. */
    void assertAsOneByOne(int steps) throws IOException {
        SweepPlan plan = SweepPlan.read(files().plan());
        int threads = Devices.threads();
        JniUtils.setNumThreads(1);
        try {
            for (SweptRun run : plan.runs()) {
                Path alone = folder.resolve("alone");
                List<Object> words =
                        new ArrayList<>(List.of("pretrain", config, "--runs", alone, "--run", run.name(), "--quiet"));
                Map<String, String> settings = run.point().values();
                settings.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
                for (String set : List.of("seed=" + run.seed(), "training.steps=" + steps, "checkpoints.every=20")) {
                    words.addAll(List.of("--set", set));
                }
                CommandLineRun trained = CommandLineRun.of(words.toArray());
                assertThat(trained.code()).as(trained.err()).isZero();
                SameRun.assertSame(runs.resolve(run.name()), alone.resolve(run.name()), steps);
            }
        } finally {
            JniUtils.setNumThreads(threads);
        }
    }

    /** The process that trains a run now, or trained it last, as its folder says. */
    Optional<ProcessHandle> trainer(String run) {
        return new RunStates()
                .read(new RunFiles(runs.resolve(run)))
                .process()
                .flatMap(process -> ProcessHandle.of(process.pid()));
    }

    /** Whether a run has a checkpoint that training wrote, and not yet its last. */
    boolean inTheMiddle(String run, int steps) {
        String[] written =
                runs.resolve(run).resolve("checkpoints").toFile().list((in, name) -> name.startsWith("step-"));
        List<String> checkpoints = written == null ? List.of() : List.of(written);
        return checkpoints.stream().anyMatch(name -> !name.equals("step-00000000"))
                && !checkpoints.contains(String.format("step-%08d", steps));
    }

    /** How often a run was resumed. */
    int resumed(String run) {
        return JsonFile.read(runs.resolve(run).resolve("provenance.json"))
                .objects("resumed")
                .size();
    }
}
